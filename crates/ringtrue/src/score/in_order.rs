//! Writing in order what threads make in pieces.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Takes numbered pieces from many threads and writes them one after another, from 0 on.
///
/// Whoever brings the next piece writes it, and those that wait behind it; nobody else waits for the writing. A piece that comes
/// too early is laid aside, unless many are: then its thread waits, so that few are in memory.
pub(super) struct InOrder<W> {
    state: Mutex<State<W>>,
    went_on: Condvar,
    ahead_max: usize,
}

struct State<W> {
    /// The piece that is written next.
    next: usize,
    /// `None` while a thread writes.
    out: Option<W>,
    /// Pieces that came before their turn.
    early: BTreeMap<usize, Vec<u8>>,
    /// Emptied buffers.
    spare: Vec<Vec<u8>>,
    /// The first failure, after which nothing is written.
    result: io::Result<()>,
}

impl<W: Write> InOrder<W> {
    /// Writes to `out`. A thread may be at most `ahead_max` pieces ahead, at least 1.
    pub(super) fn new(out: W, ahead_max: usize) -> Self {
        let state = State { next: 0, out: Some(out), early: BTreeMap::new(), spare: Vec::new(), result: Ok(()) };
        Self { state: Mutex::new(state), went_on: Condvar::new(), ahead_max: ahead_max.max(1) }
    }

    /// Takes over the piece at `place` and leaves an empty buffer. Every place must be given once, by a thread that gives its
    /// pieces in rising order.
    pub(super) fn put(&self, place: usize, piece: &mut Vec<u8>) {
        let mut state = self.lock();
        while place >= state.next.saturating_add(self.ahead_max) {
            state = self.went_on.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if place != state.next || state.out.is_none() {
            let empty = state.spare.pop().unwrap_or_default();
            state.early.insert(place, std::mem::replace(piece, empty));
            return;
        }
        let Some(mut out) = state.out.take() else { return };
        let mut failed = state.result.is_err();
        let mut wrote = self.write(state, &mut out, piece, &mut failed);
        loop {
            let next = wrote.next;
            let Some(mut early) = wrote.early.remove(&next) else { break };
            wrote = self.write(wrote, &mut out, &mut early, &mut failed);
            wrote.spare.push(early);
        }
        wrote.out = Some(out);
    }

    /// Writes one piece without holding the lock, and empties it.
    fn write<'a>(
        &'a self,
        state: MutexGuard<'a, State<W>>,
        out: &mut W,
        piece: &mut Vec<u8>,
        failed: &mut bool,
    ) -> MutexGuard<'a, State<W>> {
        drop(state);
        let result = if *failed { Ok(()) } else { out.write_all(piece) };
        piece.clear();
        let mut state = self.lock();
        if result.is_err() {
            *failed = true;
            state.result = result;
        }
        state.next += 1;
        self.went_on.notify_all();
        state
    }

    /// The writer, once every piece is written.
    ///
    /// # Errors
    /// The first failure of the writer.
    pub(super) fn into_inner(self) -> io::Result<W> {
        let State { out, result, .. } = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        result?;
        out.ok_or_else(|| io::Error::other("a thread ended while it wrote"))
    }

    fn lock(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Fails from a given byte on.
    struct Full {
        taken: Vec<u8>,
        most: usize,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.taken.len() + bytes.len() > self.most {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.taken.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const PIECES: usize = 500;

    fn written(threads: usize, ahead_max: usize, most: usize) -> io::Result<Full> {
        let out = InOrder::new(Full { taken: Vec::new(), most }, ahead_max);
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let mut piece = Vec::new();
                    loop {
                        let place = next.fetch_add(1, Ordering::Relaxed);
                        if place >= PIECES {
                            return;
                        }
                        // Pieces of very different lengths take very different times to make.
                        let lines = if place.is_multiple_of(7) { 2000 } else { 1 };
                        piece.extend((0..lines).flat_map(|_| format!("{place}\n").into_bytes()));
                        out.put(place, &mut piece);
                        assert!(piece.is_empty());
                    }
                });
            }
        });
        out.into_inner()
    }

    #[test]
    fn pieces_come_out_in_order() {
        for (threads, ahead_max) in [(1, 1), (2, 1), (2, 4), (5, 3)] {
            let out = written(threads, ahead_max, usize::MAX).expect("nothing fails");
            let text = String::from_utf8(out.taken).expect("text");
            let mut places: Vec<usize> = text.lines().map(|line| line.parse().expect("a place")).collect();
            assert!(places.is_sorted());
            places.dedup();
            assert_eq!(places.len(), PIECES);
        }
    }

    #[test]
    fn a_failure_ends_the_writing_and_is_told() {
        let failed = written(3, 4, 10_000).err().map(|error| error.kind());
        assert_eq!(failed, Some(io::ErrorKind::StorageFull));
    }
}
