//! How much may be in work at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::receipt::IngestError;

/// Counts bodies in work and their bytes, and lets no more in than memory allows.
#[derive(Debug)]
pub(crate) struct Gate {
    bytes: AtomicUsize,
    bodies: AtomicUsize,
    bytes_max: usize,
    bodies_max: usize,
}

/// Leave for one body to be in work; given back when it is dropped.
#[derive(Debug)]
pub struct Admitted {
    gate: Arc<Gate>,
    bytes: usize,
}

impl Gate {
    pub(crate) fn new(bytes_max: usize, bodies_max: usize) -> Arc<Self> {
        Arc::new(Self { bytes: AtomicUsize::new(0), bodies: AtomicUsize::new(0), bytes_max, bodies_max })
    }

    /// Lets a body in. An empty gate lets in any.
    pub(crate) fn admit(self: &Arc<Self>, bytes: usize) -> Result<Admitted, IngestError> {
        let waiting_bytes = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let waiting_bodies = self.bodies.fetch_add(1, Ordering::Relaxed);
        let admitted = Admitted { gate: Arc::clone(self), bytes };
        let full = waiting_bytes.saturating_add(bytes) > self.bytes_max || waiting_bodies >= self.bodies_max;
        if full && waiting_bodies > 0 {
            // What was added goes with `admitted`.
            return Err(IngestError::Busy { retry_after_s: 1, waiting_bytes, waiting_bodies });
        }
        Ok(admitted)
    }

    /// Bodies in work, and their bytes.
    pub(crate) fn waiting(&self) -> (usize, usize) {
        (self.bodies.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.gate.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        self.gate.bodies.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lets_in_what_fits_and_gives_back() {
        let gate = Gate::new(100, 2);
        let first = gate.admit(60).expect("room");
        assert!(matches!(gate.admit(60), Err(IngestError::Busy { retry_after_s: 1, waiting_bytes: 60, .. })));
        let second = gate.admit(40).expect("room");
        assert!(gate.admit(0).is_err(), "two bodies are in work");
        drop((first, second));
        assert_eq!(gate.waiting(), (0, 0));
        let _large = gate.admit(1000).expect("an empty gate lets in any");
    }
}
