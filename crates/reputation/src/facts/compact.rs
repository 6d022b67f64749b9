//! Making a number's cells small: alike calls are counted together, destinations that no sample needs are dropped.

use super::SAMPLE_SIZE;
use super::sample::epoch_of;
use super::word::{Cell, DestCell, MAX_DEST_COUNT, read};

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

/// Drops each destination's cell that no sample can need: when it became known, 65 destinations with smaller hashes had become
/// known in the same epoch. One more than a sample holds, for the smallest hash left out is the sample's limit. `dests` is sorted
/// by the hour in which the calls became known.
///
/// A smaller hash counts from its own hour to the end of the epoch, so what is needed depends on the set of calls alone; and a
/// cell that is dropped once is never needed again, however the set grows.
fn prune(dests: &mut Vec<DestCell>) {
    // The smallest distinct hashes of the epoch so far, in rising order.
    let mut smallest: Vec<u32> = Vec::with_capacity(SAMPLE_SIZE + 2);
    let mut epoch = None;
    let mut kept = Vec::with_capacity(dests.len());
    for group in dests.chunk_by(|a, b| a.known == b.known) {
        let own = group.first().map(|dest| epoch_of(dest.known));
        if own != epoch {
            smallest.clear();
            epoch = own;
        }
        for dest in group {
            if let Err(at) = smallest.binary_search(&dest.hash)
                && at <= SAMPLE_SIZE
            {
                smallest.insert(at, dest.hash);
                smallest.truncate(SAMPLE_SIZE + 1);
            }
        }
        let limit = smallest.get(SAMPLE_SIZE).copied().unwrap_or(u32::MAX);
        kept.extend(group.iter().filter(|dest| dest.hash <= limit));
    }
    *dests = kept;
}
