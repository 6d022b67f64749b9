//! The calls that end within a slice of time, put in order and written as bytes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use sim::{Encoder, SimCall};

/// Into how many parts of equal time a slice is cut, so that threads can share the sorting.
const PARTS: usize = 32;

/// A span of time, in milliseconds since the epoch.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) from_ms: i64,
    pub(super) to_ms: i64,
}

/// Calls that one thread made, by the part of the slice in which they end.
pub(super) struct Batch {
    parts: Vec<Vec<SimCall>>,
    /// Calls that end after the slice.
    pub(super) later: Vec<SimCall>,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self { parts: (0..PARTS).map(|_| Vec::new()).collect(), later: Vec::new() }
    }

    /// Takes a call.
    #[inline]
    pub(super) fn push(&mut self, span: Span, call: SimCall) {
        let end_ms = call.end().as_ms();
        if end_ms >= span.to_ms {
            self.later.push(call);
            return;
        }
        let part = (end_ms - span.from_ms).max(0) as usize * PARTS / (span.to_ms - span.from_ms).max(1) as usize;
        if let Some(part) = self.parts.get_mut(part.min(PARTS - 1)) {
            part.push(call);
        }
    }

    /// How many of its calls end within the slice.
    pub(super) fn len(&self) -> u64 {
        self.parts.iter().map(|part| part.len() as u64).sum()
    }

    pub(super) fn clear(&mut self) {
        self.parts.iter_mut().for_each(Vec::clear);
        self.later.clear();
    }
}

/// The bytes of all calls of the batches that end within the slice, in order of their ends. Calls that end at the same moment
/// are told apart by their ends' numbers and ids, so the order is the same on any number of threads.
pub(super) fn encode(batches: &[Batch], encoder: &Encoder<'_>, threads: usize, pages: &mut [Vec<u8>; PARTS]) {
    let next = AtomicUsize::new(0);
    let slots: Vec<Mutex<&mut Vec<u8>>> = pages.iter_mut().map(Mutex::new).collect();
    let work = || {
        let mut keys = Vec::new();
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            let Some(slot) = slots.get(part) else { break };
            let Ok(mut page) = slot.lock() else { break };
            page.clear();
            encode_part(batches, part, encoder, &mut keys, &mut page);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
}

/// Pages for [`encode`].
pub(super) fn pages() -> [Vec<u8>; PARTS] {
    std::array::from_fn(|_| Vec::new())
}

fn encode_part<'a>(
    batches: &'a [Batch],
    part: usize,
    encoder: &Encoder<'_>,
    keys: &mut Vec<(i64, u64, &'a SimCall)>,
    page: &mut Vec<u8>,
) {
    keys.clear();
    let calls = batches.iter().filter_map(|batch| batch.parts.get(part)).flatten();
    keys.extend(calls.map(|call| (call.end().as_ms(), call.id, call)));
    keys.sort_unstable_by_key(|(end_ms, id, call)| (*end_ms, *id, call.orig));
    for (_, _, call) in keys.iter() {
        encoder.call(call, page);
    }
}
