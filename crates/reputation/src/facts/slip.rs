//! Calls written down for filing, and their sorting by number.

use model::TelephoneNumber;

use super::pieces::PIECE_WORDS;
use super::store::CallFact;
use super::word::{Cell, DestCell, DestClass};

/// Slips in one chunk, which takes the memory of a piece of words.
const CHUNK: usize = PIECE_WORDS / 3;
/// So many slips are sorted at once; more are first parted by their leading bits. Chosen by measuring: twice these stay in the
/// second cache.
const SORTED_AT_ONCE: usize = 1 << 16;
/// Bits by which slips are parted.
const PART_BITS: u32 = 6;
/// The most bits that one pass sorts by. Chosen: its counters stay in the first cache.
const DIGIT_BITS_MAX: u32 = 13;
/// The fewest. Chosen: a pass over few slips is soon done, clearing many counters is not.
const DIGIT_BITS_MIN: u32 = 4;
/// Stands in the place of a second word that a slip does not have. No word has all its bits set.
const NO_WORD: u64 = u64::MAX;

/// One or two words of a number, side by side in a list: a call and its destination, or what takes two words. A bare array,
/// since memory for those comes zeroed without work.
pub(super) type Slip = [u64; 3];

/// Calls written down, on their way to a [`super::Tray`].
#[derive(Default)]
pub struct Parcel {
    slips: Vec<Slip>,
}

impl Parcel {
    /// An empty parcel with room for so many calls.
    #[must_use]
    pub fn with_room(calls: usize) -> Self {
        Self { slips: Vec::with_capacity(calls) }
    }

    /// Writes a call down.
    #[inline]
    pub fn add(&mut self, fact: &CallFact) {
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
            self.slips.push([tn, cell, dest]);
            return;
        }
        let second = |word, len| if len == 2 { word } else { NO_WORD };
        self.slips.push([tn, cell, second(cell_more, cell_len)]);
        if let Some(([dest, dest_more], dest_len)) = dest {
            self.slips.push([tn, dest, second(dest_more, dest_len)]);
        }
    }

    /// How much was written down: a slip for a call, two for one with a carrier or out of the common otherwise.
    #[must_use]
    #[inline]
    pub const fn len(&self) -> usize {
        self.slips.len()
    }

    /// Tells whether nothing was written down.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.slips.is_empty()
    }

    /// Forgets everything, but keeps the room.
    pub fn clear(&mut self) {
        self.slips.clear();
    }

    /// Bytes held.
    pub(super) const fn bytes(&self) -> usize {
        self.slips.capacity() * size_of::<Slip>()
    }

    /// Appends the words of the slip at a place.
    pub(super) fn write(&self, place: usize, words: &mut Vec<u64>) {
        write(self.slips.get(place..).and_then(|rest| rest.get(..1)).unwrap_or_default(), words);
    }

    /// The slips of all numbers but one.
    pub(super) fn others(self, but: TelephoneNumber) -> impl Iterator<Item = (TelephoneNumber, Slip)> {
        let numbered = self.slips.into_iter().filter_map(|slip| {
            let [tn, ..] = slip;
            Some((TelephoneNumber::from_digits(tn)?, slip))
        });
        numbered.filter(move |&(tn, _)| tn != but)
    }

    /// Takes a slip over.
    pub(super) fn push(&mut self, slip: Slip) {
        self.slips.push(slip);
    }
}

/// The slips that wait for filing.
#[derive(Default)]
pub(super) struct Slips {
    chunks: Vec<Vec<Slip>>,
    /// Emptied chunks, to be filled again.
    spare: Vec<Vec<Slip>>,
    len: usize,
}

impl Slips {
    /// What a parcel holds.
    pub(super) fn of(parcel: Parcel) -> Self {
        let len = parcel.slips.len();
        Self { chunks: vec![parcel.slips], spare: Vec::new(), len }
    }

    /// How many slips there are.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Takes what a parcel holds.
    pub(super) fn add(&mut self, parcel: &Parcel) {
        let mut rest = parcel.slips.as_slice();
        while !rest.is_empty() {
            let Some(chunk) = self.open_chunk() else { return };
            let Some((now, later)) = rest.split_at_checked(rest.len().min(chunk.capacity() - chunk.len())) else {
                return;
            };
            chunk.extend_from_slice(now);
            rest = later;
        }
        self.len += parcel.slips.len();
    }

    /// A chunk with room for one more.
    #[inline]
    fn open_chunk(&mut self) -> Option<&mut Vec<Slip>> {
        if self.chunks.last().is_none_or(|chunk| chunk.len() == chunk.capacity()) {
            self.chunks.push(self.spare.pop().unwrap_or_else(|| Vec::with_capacity(CHUNK)));
        }
        self.chunks.last_mut()
    }

    /// Hands over each number's slips, in rising order of numbers, and forgets them.
    pub(super) fn drain(&mut self, sorter: &mut Sorter, each: &mut impl FnMut(TelephoneNumber, &[Slip])) {
        let numbers = || self.chunks.iter().flatten().map(|&[tn, ..]| tn);
        let (low, high) = numbers().fold((u64::MAX, 0), |(low, high), tn| (low.min(tn), high.max(tn)));
        let bits = u64::BITS - high.saturating_sub(low).leading_zeros();
        if self.len > SORTED_AT_ONCE && bits > 0 {
            for mut part in self.part(low, bits) {
                part.drain(sorter, each);
            }
            return;
        }
        for group in sorter.sort(&self.chunks, self.len, low, bits).chunk_by(|[a, ..], [b, ..]| a == b) {
            if let Some(tn) = group.first().and_then(|&[tn, ..]| TelephoneNumber::from_digits(tn)) {
                each(tn, group);
            }
        }
        self.chunks.iter_mut().for_each(Vec::clear);
        self.spare.append(&mut self.chunks);
        self.len = 0;
    }

    /// Parts the slips by the leading ones of those `bits` by which their numbers differ from `low`. Each chunk is given back
    /// when it is done, so that all of them are never held twice.
    fn part(&mut self, low: u64, bits: u32) -> Vec<Self> {
        let shift = bits.saturating_sub(PART_BITS);
        let mut parts: Vec<Self> = (0..1 << PART_BITS).map(|_| Self::default()).collect();
        self.spare = Vec::new();
        self.len = 0;
        for chunk in std::mem::take(&mut self.chunks) {
            for slip in chunk {
                let [tn, ..] = slip;
                let Some(part) = parts.get_mut(((tn - low) >> shift) as usize) else { continue };
                part.len += 1;
                if let Some(chunk) = part.open_chunk() {
                    chunk.push(slip);
                }
            }
        }
        parts
    }
}

/// Room for sorting.
#[derive(Default)]
pub(super) struct Sorter {
    sorted: Vec<Slip>,
    other: Vec<Slip>,
    places: Vec<u32>,
}

impl Sorter {
    /// Sorts slips by their numbers, which differ from `low` in the lowest `bits` bits: by some bits in each pass, the lowest
    /// first. Takes no branch that depends on the numbers.
    fn sort(&mut self, chunks: &[Vec<Slip>], len: usize, low: u64, bits: u32) -> &[Slip] {
        let at_once = len.checked_ilog2().unwrap_or(0).clamp(DIGIT_BITS_MIN, DIGIT_BITS_MAX);
        let passes = bits.div_ceil(at_once).max(1);
        let width = bits.div_ceil(passes);
        if self.sorted.len() < len {
            self.sorted.resize(len, [0; 3]);
            self.other.resize(len, [0; 3]);
        }
        spread(chunks.iter().flatten(), &mut self.sorted, &mut self.places, Digit { low, shift: 0, width });
        for pass in 1..passes {
            let digit = Digit { low, shift: pass * width, width };
            spread(self.sorted.iter().take(len), &mut self.other, &mut self.places, digit);
            std::mem::swap(&mut self.sorted, &mut self.other);
        }
        self.sorted.get(..len).unwrap_or_default()
    }
}

/// Some bits of how far a number lies above `low`.
#[derive(Clone, Copy)]
struct Digit {
    low: u64,
    shift: u32,
    width: u32,
}

impl Digit {
    #[inline]
    const fn of(self, &[tn, ..]: &Slip) -> usize {
        ((tn - self.low) >> self.shift) as usize & ((1 << self.width) - 1)
    }
}

/// Copies slips in the order of a digit; those with equal ones stay in their order.
fn spread<'a>(slips: impl Iterator<Item = &'a Slip> + Clone, into: &mut [Slip], places: &mut Vec<u32>, digit: Digit) {
    places.clear();
    places.resize(1 << digit.width, 0);
    for slip in slips.clone() {
        if let Some(count) = places.get_mut(digit.of(slip)) {
            *count += 1;
        }
    }
    let mut before = 0;
    for place in places.iter_mut() {
        before += std::mem::replace(place, before);
    }
    for slip in slips {
        if let Some(place) = places.get_mut(digit.of(slip)) {
            if let Some(target) = into.get_mut(*place as usize) {
                *target = *slip;
            }
            *place += 1;
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
