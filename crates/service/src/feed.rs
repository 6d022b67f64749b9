//! Changes of labels, for those who listen.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::TelephoneNumber;
use store::{LabelChange, LogReader, Origin, Payload, Position, SourceRole, TenantId};
use tokio::sync::watch;

/// One change of a label, as it stands in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// Its place in the log, which is its id.
    pub id: Position,
    /// The tenant whose own view it is; `None` when everybody sees it.
    pub tenant: Option<TenantId>,
    /// The change.
    pub change: LabelChange,
}

impl Told {
    pub(crate) fn new(id: Position, origin: &Origin, change: &LabelChange) -> Self {
        let tenant = match origin.role {
            SourceRole::Terminating => None,
            SourceRole::Originating => Some(origin.tenant),
        };
        Self { id, tenant, change: change.clone() }
    }

    /// Tells whether a listener of this tenant may see it.
    #[must_use]
    pub fn is_for(&self, tenant: TenantId) -> bool {
        self.tenant.is_none_or(|own| own == tenant)
    }
}

/// The latest changes, and a bell that rings when one is added.
pub(crate) struct Feed {
    ring: Mutex<Ring>,
    bell: watch::Sender<Position>,
    changes_max: usize,
    closed: AtomicBool,
}

#[derive(Default)]
struct Ring {
    told: VecDeque<Arc<Told>>,
    /// All changes from this place on are in the ring.
    from: Position,
}

impl Feed {
    pub(crate) fn new(changes_max: usize) -> Self {
        Self {
            ring: Mutex::default(),
            bell: watch::Sender::new(Position::ZERO),
            changes_max: changes_max.max(1),
            closed: AtomicBool::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes before this place are not in the ring.
    pub(crate) fn begin(&self, from: Position) {
        let mut ring = self.lock();
        ring.told.clear();
        ring.from = from;
        drop(ring);
        self.bell.send_replace(from);
    }

    /// Tells changes, in the order of the log; those told already are passed over.
    pub(crate) fn tell(&self, changes: impl IntoIterator<Item = Told>) {
        let mut ring = self.lock();
        for told in changes {
            if ring.told.back().is_some_and(|last| last.id >= told.id) || told.id < ring.from {
                continue;
            }
            if ring.told.len() >= self.changes_max
                && let Some(oldest) = ring.told.pop_front()
            {
                ring.from = oldest.id.plus(1);
            }
            ring.told.push_back(Arc::new(told));
        }
        let end = ring.told.back().map_or(ring.from, |last| last.id.plus(1));
        drop(ring);
        self.bell.send_if_modified(|at| {
            let later = end > *at;
            *at = end.max(*at);
            later
        });
    }

    /// Forgets what was told of numbers.
    pub(crate) fn forget(&self, numbers: &BTreeSet<TelephoneNumber>) {
        self.lock().told.retain(|told| !numbers.contains(&told.change.tn));
    }

    /// No change will be told any more.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.bell.send_modify(|_| {});
    }

    /// Changes from a place on, at most `most`; `Err` tells from where the ring has them all.
    fn since(&self, from: Position, most: usize) -> Result<Vec<Arc<Told>>, Position> {
        let ring = self.lock();
        if from < ring.from {
            return Err(ring.from);
        }
        let start = ring.told.partition_point(|told| told.id < from);
        Ok(ring.told.iter().skip(start).take(most).cloned().collect())
    }
}

/// One listener. It is told every change since it began, or since the one that it names, in order, once each; it holds none of
/// them in memory, however slowly it listens.
pub struct Subscription {
    feed: Arc<Feed>,
    log: Arc<dyn LogReader>,
    bell: watch::Receiver<Position>,
    next: Position,
    tenant: TenantId,
}

/// What a listener is told next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// Changes, in order.
    Changes(Vec<Arc<Told>>),
    /// Changes that the listener has missed are no longer kept; it goes on from this place.
    Missed(Position),
    /// The listener is far behind: [`Subscription::catch_up`] reads the log, which waits for the disk.
    Behind,
}

impl Subscription {
    /// Listens to what a tenant may see, from `after` on, or from now.
    pub(crate) fn new(feed: &Arc<Feed>, log: Arc<dyn LogReader>, tenant: TenantId, after: Option<Position>) -> Self {
        let bell = feed.bell.subscribe();
        let now = *bell.borrow();
        let next = after.map_or(now, |last| last.plus(1).min(now));
        Self { feed: Arc::clone(feed), log, bell, next, tenant }
    }

    /// Waits for changes. `None` when the service has stopped. May be dropped while it waits.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            self.bell.borrow_and_update();
            match self.feed.since(self.next, 256) {
                Err(_) => return Some(Heard::Behind),
                Ok(told) if !told.is_empty() => {
                    if let Some(heard) = self.pass(told) {
                        return Some(heard);
                    }
                }
                Ok(_) if self.feed.closed.load(Ordering::Acquire) => return None,
                Ok(_) => self.bell.changed().await.ok()?,
            }
        }
    }

    fn pass(&mut self, told: Vec<Arc<Told>>) -> Option<Heard> {
        if let Some(last) = told.last() {
            self.next = last.id.plus(1);
        }
        let told: Vec<_> = told.into_iter().filter(|told| told.is_for(self.tenant)).collect();
        (!told.is_empty()).then_some(Heard::Changes(told))
    }

    /// Reads changes that are no longer in memory, at most about `most`, from the log. Waits for the disk.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn catch_up(&mut self, most: usize) -> Result<Heard, store::LogError> {
        let held = self.log.held();
        if self.next < held.start {
            self.next = held.start;
            return Ok(Heard::Missed(held.start));
        }
        let Err(until) = self.feed.since(self.next, 1) else {
            return Ok(Heard::Changes(Vec::new()));
        };
        let mut told = Vec::new();
        for logged in self.log.read(self.next)? {
            for (place, event) in logged?.events {
                if told.len() >= most {
                    return Ok(Heard::Changes(told));
                }
                if place >= until {
                    self.next = until;
                    return Ok(Heard::Changes(told));
                }
                self.next = place.plus(1);
                if let Payload::LabelChanged(change) = &event.payload {
                    let change = Told::new(place, &event.origin, change);
                    told.extend(change.is_for(self.tenant).then(|| Arc::new(change)));
                }
            }
        }
        self.next = self.next.max(until);
        Ok(Heard::Changes(told))
    }
}
