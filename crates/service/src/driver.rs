//! The one thread that folds the log.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use model::TelephoneNumber;
use store::{Event, LabelChange, LogError, LogReader, Origin, Payload, Position};

use crate::clock::Clock;
use crate::committer::{Order, order};
use crate::condition::{BROKEN, Counters, FAILED, FOLDED, Switchboard, count};
use crate::feed::{Feed, Told};
use crate::handoff::{Ask, Group, Handoff, Next};
use crate::history::LabelHistory;
use crate::keeper::Keeper;
use crate::machine::Machine;
use crate::policy_store::PolicyStore;
use crate::readable::readable;
use crate::refusal::ForgetError;
use crate::sequencer::is_overtaken;

/// Told changes that wait for the history at most, while it cannot be written.
const WAITING_MAX: usize = 100_000;

/// Folds the log, and sees to it that what follows from it is done once.
pub(crate) struct Driver {
    pub(crate) machine: Box<dyn Machine>,
    pub(crate) log: Arc<dyn LogReader>,
    pub(crate) handoff: Arc<Handoff>,
    pub(crate) orders: Sender<Order>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) history: Arc<dyn LabelHistory>,
    pub(crate) board: Arc<Switchboard>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) keeper: Keeper,
    pub(crate) clock: Arc<dyn Clock>,
    /// Everything before is folded.
    pub(crate) place: Position,
    /// The log's end at the start: up to there it was folded before, and what was decided then may be in the log.
    pub(crate) replay_until: Position,
    /// Changes that were decided and not yet seen in the log.
    pub(crate) outstanding: VecDeque<Event>,
    /// Changes that the history has not kept yet.
    pub(crate) untold: Vec<Told>,
    /// The version of the policy that judges from the start.
    pub(crate) policy: Arc<str>,
    /// Where policies are kept; `None` in memory.
    pub(crate) policies: Option<PolicyStore>,
    /// What was asked while something that was decided was not logged yet.
    pub(crate) waiting: Vec<Ask>,
    /// Numbers that were to be forgotten, and may be named by the log still, with the places where that was said.
    pub(crate) to_erase: BTreeMap<TelephoneNumber, Position>,
}

impl Driver {
    /// Works until the log ends for good.
    pub(crate) fn run(mut self) {
        self.caught_up();
        loop {
            match self.handoff.take(self.place) {
                Next::Asked(ask) => self.answer(ask),
                Next::Group(group) => self.fold_group(&group),
                Next::Behind => {
                    if let Err(error) = self.read() {
                        tracing::error!(%error, "the log cannot be read; what it holds is folded at the next start");
                        self.board.set(BROKEN);
                        self.handoff.close();
                        return;
                    }
                }
                Next::End => break,
            }
            self.caught_up();
        }
    }

    fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Offer(policy) => self.machine.offer(policy),
            Ask::Watch(shadow) => {
                self.machine.watch(shadow);
                if self.board.is_set(FOLDED) {
                    self.machine.step_shadow();
                }
            }
            // Without the log what was decided never comes back.
            Ask::Keep(_) if self.board.is_set(FAILED) => {}
            // What was decided and is not logged yet comes back soon, and then it is the time.
            ask if !self.is_settled() => self.waiting.push(ask),
            Ask::Keep(reply) => {
                self.keeper.keep_all(self.machine.as_mut(), self.place, self.clock.now());
                let _gone = reply.send(self.place);
            }
            Ask::Erased { numbers, through, reply } => {
                self.feed.forget(&numbers);
                let now = self.clock.now();
                let parts: BTreeSet<usize> = numbers.iter().map(|&tn| self.machine.part_of(tn)).collect();
                let mut kept = true;
                for part in parts {
                    kept &= self.keeper.keep_alone(self.machine.as_mut(), part, self.place, now);
                }
                if kept {
                    self.to_erase.retain(|tn, place| !numbers.contains(tn) || *place >= through);
                    // Others that were to be forgotten earlier may wait to be tried again.
                    let through = self.to_erase.values().min().map_or(through, |&place| place.min(through));
                    self.keeper.erased(through, self.place, now);
                }
                if let Some((reply, events)) = reply {
                    let _gone = reply.send(if kept { Ok(events) } else { Err(ForgetError::Keep) });
                }
            }
        }
    }

    /// Everything that was decided is logged and told.
    fn is_settled(&self) -> bool {
        self.outstanding.is_empty() && self.untold.is_empty() && self.board.is_set(FOLDED)
    }

    /// Once everything that was there at the start is folded, what was decided and never logged is logged.
    fn caught_up(&mut self) {
        if self.place < self.replay_until || self.board.is_set(FOLDED) {
            return;
        }
        self.machine.step_shadow();
        let mut decided = Vec::new();
        self.machine.pause(&mut decided);
        self.decide(decided);
        if self.keeper.active() != Some(&*self.policy) {
            // The program or its policy files were changed while the service stood still. What follows was decided by this one.
            let activated = Payload::PolicyActivated { version: (*self.policy).into() };
            order(&self.orders, Order::Own(vec![Event::service(Origin::service(), self.clock.now(), activated)]));
        }
        if !self.outstanding.is_empty() {
            order(&self.orders, Order::Own(self.outstanding.iter().cloned().collect()));
        }
        self.tell_history();
        self.erase();
        self.handoff.folded(self.place);
        self.board.set(FOLDED);
    }

    /// Has erased what a start, or a failure since, left to be erased.
    fn erase(&self) {
        let numbers: BTreeSet<TelephoneNumber> = self.to_erase.keys().copied().collect();
        if !numbers.is_empty() {
            order(&self.orders, Order::Erase { numbers, through: self.place, reply: None });
        }
    }

    fn fold_group(&mut self, group: &Group) {
        let events = group.batches.iter().flatten();
        let mut place = group.start;
        for event in events {
            self.fold(place, event);
            place = place.plus(1);
        }
        self.pause(place);
    }

    /// Reads from the log what did not wait in memory.
    fn read(&mut self) -> Result<(), LogError> {
        let end = self.log.held().end;
        let log = Arc::clone(&self.log);
        for logged in readable(log.as_ref(), self.place)? {
            let logged = logged?;
            let mut through = self.place;
            for (place, event) in &logged.events {
                self.fold(*place, event);
                through = place.plus(1);
            }
            self.pause(through);
        }
        // Places at the end may be empty, where a number was forgotten.
        self.pause(self.place.max(end));
        Ok(())
    }

    fn fold(&mut self, place: Position, event: &Event) {
        let mut decided = Vec::new();
        self.machine.apply(place, event, &mut decided);
        self.decide(decided);
        match &event.payload {
            Payload::LabelChanged(change) => {
                self.settle(event, change);
                self.untold.push(Told::new(place, &event.origin, change));
            }
            Payload::Tick { hour } => {
                self.keeper.mark(*hour, place);
                if self.board.is_set(FOLDED) {
                    self.erase();
                }
                self.overtake(*hour, None);
            }
            Payload::PolicyActivated { version } => {
                self.activated(place, version);
                self.overtake(0, Some(version));
            }
            Payload::Forget { tn } if self.keeper.must_erase(place) => {
                self.to_erase.insert(*tn, place);
            }
            Payload::Forget { .. }
            | Payload::Call(_)
            | Payload::CallBack(_)
            | Payload::Piece(_)
            | Payload::Report(_)
            | Payload::ReporterStanding(_) => {}
        }
    }

    /// A policy judges from here on. One that is not known cannot be folded by, and the one before goes on.
    fn activated(&mut self, place: Position, version: &str) {
        self.keeper.activated(version);
        if !self.machine.knows_policy(version) {
            count(&self.counters.missing_policies, 1);
            tracing::warn!(
                version,
                place = place.0,
                "a policy that was in force is not kept; the one before stands in"
            );
        }
        let start = self.log.held().start;
        if let Some(Err(error)) = self.policies.as_ref().map(|store| store.note(place, version, start)) {
            tracing::error!(version, %error, "it cannot be noted when a policy was activated");
        }
    }

    /// Something was decided: it is awaited in the log. While the log is folded again it may be there already, and is logged once that
    /// is known.
    fn decide(&mut self, decided: Vec<Event>) {
        if !decided.is_empty() {
            self.outstanding.extend(decided.iter().cloned());
            if self.board.is_set(FOLDED) {
                order(&self.orders, Order::Own(decided));
            }
        }
    }

    /// Rises that were decided before a tick, or by another policy, and are not in the log before it, are not logged any more.
    fn overtake(&mut self, hour: u32, policy: Option<&str>) {
        self.outstanding.retain(|event| !is_overtaken(event, hour, policy));
    }

    /// A change that was decided is in the log now.
    fn settle(&mut self, event: &Event, change: &LabelChange) {
        let is_this = |waiting: &Event| match &waiting.payload {
            Payload::LabelChanged(other) => {
                waiting.origin == event.origin
                    && (other.tn, &other.engine, other.to) == (change.tn, &change.engine, change.to)
                    && (other.effective_at, other.provisional) == (change.effective_at, change.provisional)
            }
            Payload::Call(_)
            | Payload::CallBack(_)
            | Payload::Piece(_)
            | Payload::Report(_)
            | Payload::Tick { .. }
            | Payload::PolicyActivated { .. }
            | Payload::Forget { .. }
            | Payload::ReporterStanding(_) => waiting == event,
        };
        if let Some(at) = self.outstanding.iter().position(is_this) {
            self.outstanding.remove(at);
        }
    }

    /// Some events were folded, up to `place`.
    fn pause(&mut self, place: Position) {
        self.keeper.folded(place.0.saturating_sub(self.place.0));
        self.place = place;
        let live = self.board.is_set(FOLDED);
        if live {
            let mut decided = Vec::new();
            self.machine.pause(&mut decided);
            self.decide(decided);
        }
        if !self.untold.is_empty() {
            self.tell_listeners();
        }
        if live {
            if self.to_erase.is_empty() {
                self.keeper.none_to_erase(place);
            }
            self.tell_history();
            if self.is_settled() {
                self.keeper.keep(self.machine.as_mut(), place, self.clock.now());
                std::mem::take(&mut self.waiting).into_iter().for_each(|ask| self.answer(ask));
            }
            if let Some(trim) = self.keeper.trim() {
                order(&self.orders, trim);
            }
        }
        self.handoff.folded(place);
    }

    /// The feed passes over what it was told before.
    fn tell_listeners(&self) {
        self.feed.tell(self.untold.iter().cloned());
    }

    fn tell_history(&mut self) {
        if self.untold.is_empty() {
            return;
        }
        match self.history.keep(&self.untold) {
            Ok(()) => {
                count(&self.counters.label_changes, self.untold.len() as u64);
                self.untold.clear();
            }
            Err(error) => {
                count(&self.counters.history_failures, 1);
                tracing::error!(error, waiting = self.untold.len(), "the history of labels cannot be kept");
                // The log has them all; those let go here are missing in the history until the state is folded anew.
                let excess = self.untold.len().saturating_sub(WAITING_MAX);
                self.untold.drain(..excess);
            }
        }
    }
}
