//! Making a number's cells small: alike calls are counted together, destinations that no sample needs are dropped.

use super::word::{Cell, DestCell, MAX_DEST_COUNT, read};
use super::{HORIZON_D, SAMPLE_SIZE};

/// Hours of the facts' horizon less a day.
const WINDOW_H: u32 = (HORIZON_D - 1) * 24;

/// Working memory, kept between calls.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) cells: Vec<Cell>,
    pub(super) dests: Vec<DestCell>,
    pub(super) words: Vec<u64>,
}

impl Scratch {
    /// Reads `words`, merges and prunes them, and leaves the result in the working memory, sorted.
    pub(super) fn load(&mut self, words: &[u64]) {
        self.cells.clear();
        self.dests.clear();
        read(words, &mut self.cells, &mut self.dests);
        self.cells.sort_unstable();
        merge_cells(&mut self.cells);
        self.dests.sort_unstable();
        merge_dests(&mut self.dests);
        if self.dests.len() > SAMPLE_SIZE {
            prune_by_carrier(&mut self.dests);
        }
    }

    /// Writes the working memory as words.
    pub(super) fn store(&mut self) -> &[u64] {
        self.words.clear();
        for cell in &self.cells {
            cell.write(&mut self.words);
        }
        for dest in &self.dests {
            dest.write(&mut self.words);
        }
        &self.words
    }
}

fn merge_cells(cells: &mut Vec<Cell>) {
    cells.dedup_by(|next, kept| {
        let alike =
            (next.known, next.hour, next.carrier, next.kind) == (kept.known, kept.hour, kept.carrier, kept.kind);
        if alike {
            kept.count += next.count;
            kept.talk_ds += next.talk_ds;
        }
        alike
    });
}

fn merge_dests(dests: &mut Vec<DestCell>) {
    dests.dedup_by(|next, kept| {
        let key = |cell: &DestCell| (cell.known, cell.hash, cell.hour, cell.carrier, cell.class);
        let alike = key(next) == key(kept);
        if alike {
            kept.count = kept.count.saturating_add(next.count).min(MAX_DEST_COUNT);
        }
        alike
    });
}

/// Prunes each carrier's destinations apart: an engine reads those of its own carriers, and the smallest hashes of a union are
/// among the smallest of its parts.
fn prune_by_carrier(dests: &mut Vec<DestCell>) {
    let mut carriers: Vec<u8> = dests.iter().map(|dest| dest.carrier).collect();
    carriers.sort_unstable();
    carriers.dedup();
    if carriers.len() <= 1 {
        prune(dests);
        return;
    }
    let all = std::mem::take(dests);
    for carrier in carriers {
        let mut own: Vec<DestCell> = all.iter().filter(|dest| dest.carrier == carrier).copied().collect();
        if own.len() > SAMPLE_SIZE {
            prune(&mut own);
        }
        dests.append(&mut own);
    }
    dests.sort_unstable();
}

/// Drops each destination's cell that no sample can need: when it became known, 64 destinations with smaller hashes had been
/// known within the horizon. `dests` is sorted by the hour in which the calls became known.
///
/// A smaller hash counts from its own hour on, so what is needed depends on the set of calls alone; and a cell that is
/// dropped once is never needed again, however the set grows. The window is a day short of the horizon, so that whole-day
/// expiry can never miss a cell.
fn prune(dests: &mut Vec<DestCell>) {
    // The smallest distinct hashes of the window, in rising order, each with the hour in which it was last known.
    let mut members: Vec<(u32, u32)> = Vec::with_capacity(SAMPLE_SIZE + 1);
    let mut kept = Vec::with_capacity(dests.len());
    for group in dests.chunk_by(|a, b| a.known == b.known) {
        let known = group.first().map_or(0, |dest| dest.known);
        members.retain(|&(_, last)| last + WINDOW_H > known);
        for dest in group {
            match members.binary_search_by_key(&dest.hash, |&(hash, _)| hash) {
                Ok(at) => {
                    if let Some(member) = members.get_mut(at) {
                        member.1 = known;
                    }
                }
                Err(at) if at < SAMPLE_SIZE => {
                    members.insert(at, (dest.hash, known));
                    members.truncate(SAMPLE_SIZE);
                }
                Err(_) => {}
            }
        }
        let full = members.len() >= SAMPLE_SIZE;
        let limit = members.last().filter(|_| full).map_or(u32::MAX, |&(hash, _)| hash);
        kept.extend(group.iter().filter(|dest| dest.hash <= limit));
    }
    *dests = kept;
}
