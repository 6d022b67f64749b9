//! Calls written down for filing, and their sorting by number.

use model::TelephoneNumber;

use super::store::CallFact;
use super::word::{Cell, DestCell, DestClass};

/// Slips to each bucket of the first step of sorting, about. Chosen by measuring: few are sorted by mere insertion.
const BUCKET: usize = 2;
/// Buckets at most. Chosen: their counters stay in the second cache.
const MAX_BUCKETS: usize = 1 << 17;
/// Slips in one chunk: 96 KiB, which is not worth a mapping of its own.
const CHUNK: usize = 1 << 12;
/// Stands in the place of a second word that a slip does not have. No word has all its bits set.
const NO_WORD: u64 = u64::MAX;

/// One or two words of a number, side by side in a list: a call and its destination, or what takes two words. A bare array,
/// since memory for those comes zeroed without work.
pub(super) type Slip = [u64; 3];

/// Calls written down as slips.
#[derive(Default)]
pub(super) struct Slips {
    chunks: Vec<Vec<Slip>>,
    len: usize,
    range: Option<(u64, u64)>,
}

impl Slips {
    /// How many slips there are.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Writes calls down.
    pub(super) fn add(&mut self, facts: &[CallFact]) {
        for part in facts.chunks(CHUNK / 2) {
            // A call takes two slips at most.
            if self.chunks.last().is_none_or(|chunk| chunk.capacity() - chunk.len() < part.len() * 2) {
                self.chunks.push(Vec::with_capacity(CHUNK));
            }
            let Some(chunk) = self.chunks.last_mut() else { return };
            let before = chunk.len();
            let (mut low, mut high) = self.range.unwrap_or((u64::MAX, 0));
            for fact in part {
                let tn = fact.tn.digits();
                (low, high) = (low.min(tn), high.max(tn));
                write_down(fact, chunk);
            }
            self.range = Some((low, high));
            self.len += chunk.len() - before;
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Hands over each number's slips, in rising order of numbers: spread over buckets by the leading bits, then sorted within
    /// each.
    pub(super) fn for_each_number(&self, mut each: impl FnMut(TelephoneNumber, &[Slip])) {
        let (low, high) = self.range.unwrap_or((0, 0));
        let buckets = (self.len / BUCKET).clamp(1, MAX_BUCKETS);
        let shift = ((high - low) / buckets as u64 + 1).next_power_of_two().trailing_zeros();
        let bucket = |&[tn, ..]: &Slip| ((tn - low) >> shift) as usize;
        let all = || self.chunks.iter().flatten();
        let mut places = vec![0u32; buckets + 1];
        for slip in all() {
            if let Some(count) = places.get_mut(bucket(slip) + 1) {
                *count += 1;
            }
        }
        let mut before = 0;
        for place in &mut places {
            before += *place;
            *place = before;
        }
        let mut sorted = vec![[0; 3]; self.len];
        for slip in all() {
            if let Some(place) = places.get_mut(bucket(slip)) {
                if let Some(target) = sorted.get_mut(*place as usize) {
                    *target = *slip;
                }
                *place += 1;
            }
        }
        // Each place now tells where its bucket ends.
        let mut rest = sorted.as_mut_slice();
        let mut from = 0;
        for end in places {
            let Some((own, after)) = rest.split_at_mut_checked((end - from) as usize) else { return };
            own.sort_unstable_by_key(|&[tn, ..]| tn);
            for group in own.chunk_by(|[a, ..], [b, ..]| a == b) {
                if let Some(tn) = group.first().and_then(|&[tn, ..]| TelephoneNumber::from_digits(tn)) {
                    each(tn, group);
                }
            }
            (rest, from) = (after, end);
        }
    }
}

/// Appends the words of slips.
pub(super) fn write(slips: &[Slip], words: &mut Vec<u64>) {
    for &[_, first, second] in slips {
        if second == NO_WORD {
            words.push(first);
        } else {
            words.extend_from_slice(&[first, second]);
        }
    }
}

#[inline]
fn write_down(fact: &CallFact, slips: &mut Vec<Slip>) {
    let tn = fact.tn.digits();
    let cell = Cell {
        known: fact.known,
        hour: fact.hour,
        carrier: fact.carrier,
        kind: fact.kind,
        count: 1,
        talk_ds: u64::from(fact.talk_ds),
    };
    let ([cell, cell_more], cell_len) = cell.words();
    let dest = (fact.dest != 0).then(|| DestCell {
        known: fact.known,
        hash: fact.dest,
        hour: fact.hour,
        carrier: fact.carrier,
        class: DestClass::of(fact.kind),
        count: 1,
    });
    let dest = dest.map(|dest| dest.words());
    if let (Some(([dest, _], 1)), 1) = (dest, cell_len) {
        slips.push([tn, cell, dest]);
        return;
    }
    let second = |word, len| if len == 2 { word } else { NO_WORD };
    slips.push([tn, cell, second(cell_more, cell_len)]);
    if let Some(([dest, dest_more], dest_len)) = dest {
        slips.push([tn, dest, second(dest_more, dest_len)]);
    }
}
