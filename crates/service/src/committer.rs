//! The one thread that writes the log.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::time::{Duration, Instant};

use model::TelephoneNumber;
use store::{Event, EventLog, Forgotten, LogError, Position};
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::condition::{BROKEN, Counters, FAILED, SEQUENCED, STOPPING, Switchboard, count};
use crate::config::Limits;
use crate::gate::Admitted;
use crate::handoff::{Ask, Group, Handoff};
use crate::ingest::Prepared;
use crate::readable::readable;
use crate::receipt::{IngestError, Receipt};
use crate::recovery::Recovery;
use crate::refusal::ForgetError;
use crate::sequencer::Sequencer;

/// Where a sender waits for its answer.
pub(crate) type Reply = oneshot::Sender<Result<Receipt, IngestError>>;

/// Where somebody waits for numbers to be erased.
pub(crate) type ErasedReply = oneshot::Sender<Result<u64, ForgetError>>;

/// Seconds after which a sender may ask again once a write has failed. Chosen: the log is opened again after one second, later less
/// often.
pub(crate) const FAILED_RETRY_S: u32 = 5;
/// While nothing can be written, the clock is asked so often whether it is time to try again.
const LOOK: Duration = Duration::from_millis(200);

/// What the committer is asked to do.
pub(crate) enum Order {
    /// Log a body of records.
    Body {
        prepared: Prepared,
        /// Given back once the sender has its answer.
        admitted: Admitted,
        reply: Reply,
    },
    /// Log the service's own events. Nobody waits for them.
    Own(Vec<Event>),
    /// Log the service's own events, and tell whether they are.
    Decree { events: Vec<Event>, reply: oneshot::Sender<Result<Position, IngestError>> },
    /// An hour may have begun.
    Tick,
    /// Remove what the log holds about numbers.
    Erase {
        numbers: BTreeSet<TelephoneNumber>,
        /// With them, all that were to be forgotten before this place are erased.
        through: Position,
        /// Where somebody waits for it to be done.
        reply: Option<ErasedReply>,
    },
    /// Give up what is old.
    Trim {
        /// What lies before is older than is kept.
        aged: Position,
        /// From here on nothing is given up.
        keep: Position,
    },
    /// Nothing more comes.
    Stop,
}

/// Writes the log.
pub(crate) struct Committer {
    pub(crate) log: Box<dyn EventLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sequencer: Sequencer,
    pub(crate) handoff: Arc<Handoff>,
    pub(crate) board: Arc<Switchboard>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) limits: Limits,
    /// From here on the log tells what was taken within the window of repeats.
    pub(crate) learn_from: Position,
    pub(crate) recovery: Recovery,
    /// Numbers that are being erased, file by file.
    pub(crate) erasing: VecDeque<Erasing>,
}

/// Numbers that are being erased.
pub(crate) struct Erasing {
    numbers: BTreeSet<TelephoneNumber>,
    through: Position,
    reply: Option<ErasedReply>,
    /// Where events are still to be looked at.
    places: Range<Position>,
    /// Events removed so far.
    events: u64,
}

/// What is written with one sync.
#[derive(Default)]
pub(crate) struct Writing {
    batches: Vec<Vec<Event>>,
    events: usize,
    answers: Vec<(Reply, Receipt, Admitted)>,
    /// Which batches are the service's own, and written again should this fail.
    own: Vec<usize>,
    /// Decrees, with the batch that holds each.
    decrees: Vec<(oneshot::Sender<Result<Position, IngestError>>, usize)>,
}

impl Writing {
    /// Adds the service's own events.
    pub(crate) fn add_own(&mut self, events: Vec<Event>) {
        self.own.push(self.batches.len());
        self.add(events);
    }

    pub(crate) fn add(&mut self, events: Vec<Event>) {
        self.events += events.len();
        if !events.is_empty() {
            self.batches.push(events);
        }
    }
}

impl Committer {
    /// Learns from the log what was taken before.
    ///
    /// # Errors
    /// When the log cannot be read.
    fn learn(&mut self) -> Result<(), LogError> {
        for logged in readable(self.log.reader().as_ref(), self.learn_from)? {
            self.sequencer.replay(&logged?);
        }
        Ok(())
    }

    /// Learns from the log, then works until it is told to stop, or nobody is left to ask it.
    pub(crate) fn start(mut self, orders: &Receiver<Order>) {
        if let Err(error) = self.learn() {
            tracing::error!(%error, "the log cannot be read; nothing is taken in");
            self.recovery.fail(self.clock.now());
            self.board.set(FAILED);
        }
        self.run(orders);
    }

    /// Works until it is told to stop, or nobody is left to ask it.
    fn run(mut self, orders: &Receiver<Order>) {
        let unlogged = self.sequencer.take_unlogged();
        let mut writing = Writing::default();
        writing.add(unlogged);
        self.write(writing);
        self.board.set(SEQUENCED);
        loop {
            let order = self.next_order(orders);
            self.recover();
            let goes_on = match order {
                Ok(order) => self.work(order, orders),
                Err(RecvTimeoutError::Timeout) => true,
                Err(RecvTimeoutError::Disconnected) => false,
            };
            if !goes_on {
                break;
            }
            self.erase_some();
        }
        self.board.set(STOPPING);
        self.handoff.close();
    }

    /// Waits for an order, unless there is something to do without.
    fn next_order(&self, orders: &Receiver<Order>) -> Result<Order, RecvTimeoutError> {
        if !self.erasing.is_empty() {
            return orders.try_recv().map_err(|none| match none {
                TryRecvError::Empty => RecvTimeoutError::Timeout,
                TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
            });
        }
        if self.board.is_set(FAILED) {
            return orders.recv_timeout(LOOK);
        }
        orders.recv().map_err(|_| RecvTimeoutError::Disconnected)
    }

    /// Does one order and, in the same write, those that wait behind it. False when that was the end.
    fn work(&mut self, first: Order, orders: &Receiver<Order>) -> bool {
        let mut writing = Writing::default();
        let mut next = Some(first);
        let arrival = self.sequencer.arrive(self.clock.now());
        if !self.board.is_set(FAILED | BROKEN) {
            writing.add(self.sequencer.begin_hours(arrival));
        }
        while let Some(order) = next.take() {
            match order {
                Order::Body { prepared, admitted, reply } => self.take(&mut writing, prepared, admitted, reply),
                Order::Own(events) => self.add_own(&mut writing, events),
                Order::Decree { events, reply } => {
                    writing.decrees.push((reply, writing.batches.len()));
                    writing.add(self.sequencer.own(events));
                }
                Order::Tick => {}
                Order::Erase { numbers, through, reply } => {
                    self.write(std::mem::take(&mut writing));
                    self.erase(numbers, through, reply);
                }
                Order::Trim { aged, keep } => self.trim(aged, keep),
                Order::Stop => {
                    self.write(writing);
                    return false;
                }
            }
            if writing.events < self.limits.group_events {
                next = orders.try_recv().ok();
            }
        }
        self.write(writing);
        true
    }

    /// The service's own events wait while nothing can be written.
    fn add_own(&mut self, writing: &mut Writing, events: Vec<Event>) {
        if self.board.is_set(FAILED | BROKEN) {
            self.recovery.keep(events);
        } else {
            writing.add_own(self.sequencer.own(events));
        }
    }

    fn take(&mut self, writing: &mut Writing, prepared: Prepared, admitted: Admitted, reply: Reply) {
        if self.board.is_set(FAILED | BROKEN) {
            let _gone = reply.send(Err(IngestError::Failed { retry_after_s: FAILED_RETRY_S }));
            return;
        }
        let (events, receipt) = self.sequencer.take(prepared);
        writing.add(events);
        writing.answers.push((reply, receipt, admitted));
    }

    /// Writes with one sync, then answers.
    pub(crate) fn write(&mut self, writing: Writing) {
        let Writing { batches, events, answers, own, decrees } = writing;
        if events > 0 {
            let slices: Vec<&[Event]> = batches.iter().map(Vec::as_slice).collect();
            let begun = Instant::now();
            let now = self.sequencer.arrive(self.clock.now());
            let result = if self.board.is_set(FAILED | BROKEN) {
                Err(LogError::Refused)
            } else {
                // A trace of its own: one write serves many requests.
                let span = tracing::trace_span!("append", events = i64::try_from(events).unwrap_or(i64::MAX));
                span.in_scope(|| self.log.append_group(&slices, now))
            };
            match result {
                Ok(places) => {
                    let ns = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
                    count(&self.counters.sync_ns, ns);
                    self.recovery.succeed();
                    let sizes: Vec<u64> = batches.iter().map(|batch| batch.len() as u64).collect();
                    // Handed over before anybody is answered: who waits for an answer and then for the fold waits for this.
                    self.handoff.push(Group { start: places.start, batches }, places.end);
                    self.wrote(answers, decrees, &sizes, places.start);
                }
                Err(error) => {
                    self.fail(&error, answers, decrees);
                    let lost = batches.into_iter().enumerate().filter(|(batch, _)| own.contains(batch));
                    self.recovery.keep_uncertain(lost.flat_map(|(_, events)| events));
                }
            }
        } else {
            self.wrote(answers, decrees, &[], self.log.reader().held().end);
        }
        let (remembered, joining, incomplete) = self.sequencer.held();
        self.counters.remembered.store(remembered as u64, Ordering::Relaxed);
        self.counters.joining.store(joining as u64, Ordering::Relaxed);
        self.counters.incomplete.store(incomplete, Ordering::Relaxed);
    }

    fn wrote(
        &self,
        answers: Vec<(Reply, Receipt, Admitted)>,
        decrees: Vec<(oneshot::Sender<Result<Position, IngestError>>, usize)>,
        sizes: &[u64],
        start: Position,
    ) {
        let counters = &self.counters;
        if !sizes.is_empty() {
            count(&counters.groups, 1);
            count(&counters.events, sizes.iter().sum());
            counters.log_bytes.store(self.log.size_bytes(), Ordering::Relaxed);
        }
        for (reply, receipt, admitted) in answers {
            count(&counters.accepted, receipt.accepted);
            count(&counters.duplicate, receipt.duplicate);
            count(&counters.late, receipt.late);
            count(&counters.unchecked, receipt.unchecked);
            count(&counters.skipped, receipt.skipped);
            count(&counters.rejected, receipt.rejected.len() as u64 + receipt.rejected_more);
            drop(admitted);
            // The sender may have gone. What it sent is logged, and its repeat will be recognised.
            let _gone = reply.send(Ok(receipt));
        }
        for (reply, batch) in decrees {
            let before: u64 = sizes.iter().take(batch).sum();
            let _gone = reply.send(Ok(start.plus(before)));
        }
    }

    /// Nothing of the group counts as taken. What of it reached the disk is told when the log is opened again.
    fn fail(
        &mut self,
        error: &LogError,
        answers: Vec<(Reply, Receipt, Admitted)>,
        decrees: Vec<(oneshot::Sender<Result<Position, IngestError>>, usize)>,
    ) {
        if !self.board.is_set(FAILED) {
            let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            tracing::error!(%error, cause, "events cannot be written; nothing is taken in until the log is open again");
            count(&self.counters.log_failures, 1);
            self.recovery.fail(self.clock.now());
        }
        self.board.set(FAILED);
        let failed = IngestError::Failed { retry_after_s: FAILED_RETRY_S };
        for (reply, ..) in answers {
            let _gone = reply.send(Err(failed.clone()));
        }
        for (reply, _) in decrees {
            let _gone = reply.send(Err(failed.clone()));
        }
    }

    /// Begins to erase numbers. What is logged from now on is none of it.
    fn erase(&mut self, numbers: BTreeSet<TelephoneNumber>, through: Position, reply: Option<ErasedReply>) {
        let places = self.log.reader().held();
        self.erasing.push_back(Erasing { numbers, through, reply, places, events: 0 });
    }

    /// Erases from one more file of the log: who sends waits no longer than that.
    fn erase_some(&mut self) {
        let Some(mut erasing) = self.erasing.pop_front() else { return };
        match self.log.forget_some(&erasing.numbers, erasing.places.clone()) {
            Ok(Forgotten { events, next }) => {
                erasing.events += events;
                if let Some(next) = next {
                    erasing.places.start = next;
                    self.erasing.push_front(erasing);
                    return;
                }
                self.counters.log_bytes.store(self.log.size_bytes(), Ordering::Relaxed);
                let Erasing { numbers, through, reply, events, .. } = erasing;
                self.handoff.ask(Ask::Erased { numbers, through, reply: reply.map(|reply| (reply, events)) });
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                tracing::error!(%error, cause, "numbers that are to be forgotten cannot be erased yet");
                // Who asked may have gone. The driver asks again when the next hour begins.
                if let Some(reply) = erasing.reply {
                    let _gone = reply.send(Err(ForgetError::Erase(error)));
                }
            }
        }
    }

    /// Gives up events before `aged`, and beyond the size that is granted, but none from `keep` on: what no snapshot holds yet
    /// must stay, whatever it takes.
    fn trim(&mut self, aged: Position, keep: Position) {
        let limit = self.limits.log_bytes.unwrap_or(u64::MAX);
        let done = self.log.trim(aged.min(keep)).and_then(|()| self.log.trim_to_size(limit, keep));
        if let Err(error) = done {
            tracing::warn!(%error, "old events cannot be given up");
        }
        self.counters.log_bytes.store(self.log.size_bytes(), Ordering::Relaxed);
    }
}

/// Sends an order; false when the committer has gone.
pub(crate) fn order(orders: &Sender<Order>, order: Order) -> bool {
    orders.send(order).is_ok()
}
