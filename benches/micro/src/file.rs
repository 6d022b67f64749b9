//! From a file's bytes to facts, stage by stage.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use intake::{Opened, Options, Output, detect, open, read_block};
use model::Direction;
use reputation::facts::{CallFact, Cells, Desk, FactStore, Parcel, Tray};

/// Bytes of one block, as the command line reads them.
const BLOCK_BYTES: usize = 1 << 18;
/// The file is read so often; the fastest time of each stage counts.
const ROUNDS: usize = 3;
/// Numbers are spread over so many stores.
const STORES: usize = 256;
/// So many calls of one store travel together.
const PARCEL: usize = 32;

/// What each stage took.
#[derive(Clone, Copy)]
pub(crate) struct Stages {
    pub(crate) calls: u64,
    pub(crate) numbers: usize,
    /// Cutting the bytes into blocks of whole records, and reading the calls.
    pub(crate) read: Duration,
    /// Making facts of the calls, and spreading them over the stores.
    pub(crate) facts: Duration,
    /// Handing them over, and adding them to the stores.
    pub(crate) add: Duration,
    /// Reading every number's cells once, in order.
    pub(crate) cells: Duration,
}

/// Reads a file of plain calls on this thread.
pub(crate) fn time(path: &Path) -> io::Result<Stages> {
    let bytes = std::fs::read(path)?;
    let options = Options::default();
    let format = detect(&bytes, &options).map_err(io::Error::other)?;
    let mut best: Option<Stages> = None;
    for _ in 0..ROUNDS {
        let opened = open(&format, &bytes, &options).map_err(io::Error::other)?;
        let round = stages(&opened, bytes.get(opened.skip..).unwrap_or_default());
        best = Some(best.map_or(round, |best| Stages {
            read: best.read.min(round.read),
            facts: best.facts.min(round.facts),
            add: best.add.min(round.add),
            cells: best.cells.min(round.cells),
            ..round
        }));
    }
    best.ok_or_else(|| io::Error::other("no round"))
}

fn stages(opened: &Opened, bytes: &[u8]) -> Stages {
    let mut all = Stages {
        calls: 0,
        numbers: 0,
        read: Duration::ZERO,
        facts: Duration::ZERO,
        add: Duration::ZERO,
        cells: Duration::ZERO,
    };
    let mut trays: Vec<Tray> = (0..STORES).map(|_| Tray::default()).collect();
    let mut parcels: Vec<Parcel> = (0..STORES).map(|_| Parcel::with_room(PARCEL)).collect();
    let mut desk = Desk::default();
    let mut out = Output::with_plain();
    let mut rest = bytes;
    while !rest.is_empty() {
        let begin = Instant::now();
        let block = rest.get(..BLOCK_BYTES).unwrap_or(rest);
        let cut = opened.dialect.framing().cut(block, block.len() == rest.len());
        let (block, after) = rest.split_at(cut);
        out.clear();
        read_block(opened.dialect.as_ref(), block, &mut out);
        rest = after;
        all.read += lap(begin);

        let begin = Instant::now();
        let mut adding = Duration::ZERO;
        all.calls += out.plain.len() as u64;
        for call in &out.plain {
            let Some(fact) = CallFact::of(&call.record(), Direction::Outbound, None) else { continue };
            let place = store_of(&fact);
            let Some(parcel) = parcels.get_mut(place) else { continue };
            parcel.add(&fact);
            if parcel.len() >= PARCEL
                && let Some(tray) = trays.get_mut(place)
            {
                let begin = Instant::now();
                tray.add(parcel, &mut desk);
                parcel.clear();
                adding += lap(begin);
            }
        }
        all.facts += lap(begin) - adding;
        all.add += adding;
    }
    let begin = Instant::now();
    for (tray, parcel) in trays.iter_mut().zip(parcels) {
        tray.add(&parcel, &mut desk);
    }
    let stores: Vec<FactStore> = trays.into_iter().map(|tray| tray.into_store(&mut desk)).collect();
    all.add += lap(begin);

    let begin = Instant::now();
    let mut cells = Cells::default();
    for store in &stores {
        for (_, place) in store.numbers() {
            store.read(place, &mut cells);
        }
    }
    all.cells = lap(begin);
    all.numbers = stores.iter().map(FactStore::len).sum();
    all
}

fn lap(begin: Instant) -> Duration {
    begin.elapsed()
}

/// Neighbouring numbers share a store, as on the command line.
fn store_of(fact: &CallFact) -> usize {
    let leading = (fact.tn.digits() / 1_000_000).saturating_sub(12_000) as usize;
    (leading * STORES / 8000).min(STORES - 1)
}
