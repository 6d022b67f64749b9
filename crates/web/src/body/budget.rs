//! The memory that all bodies in hand may take together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes all bodies in hand may have. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: usize,
    taken: AtomicUsize,
}

/// The bytes of one body, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    budget: Budget,
    bytes: usize,
}

/// All memory set aside for bodies is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Full;

impl Budget {
    /// A budget of `most` bytes.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Inner { most, taken: AtomicUsize::new(0) }))
    }

    /// How many bytes are taken now.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.0.taken.load(Ordering::Relaxed)
    }

    pub(super) fn hold(&self) -> Held {
        Held { budget: self.clone(), bytes: 0 }
    }
}

impl Held {
    /// Takes `bytes` more.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), Full> {
        let inner = &self.budget.0;
        let add = |taken: usize| taken.checked_add(bytes).filter(|sum| *sum <= inner.most);
        match inner.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add) {
            Ok(_) => {
                self.bytes += bytes;
                Ok(())
            }
            Err(_) => Err(Full),
        }
    }

    /// Gives `bytes` of those taken back.
    pub(super) fn give_back(&mut self, bytes: usize) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        self.budget.0.taken.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_given_back() {
        let budget = Budget::new(100);
        let mut first = budget.hold();
        assert_eq!(first.take(60), Ok(()));
        let mut second = budget.hold();
        assert_eq!(second.take(41), Err(Full));
        assert_eq!(second.take(40), Ok(()));
        first.give_back(20);
        assert_eq!(budget.taken(), 80);
        drop(first);
        drop(second);
        assert_eq!(budget.taken(), 0);
    }
}
