//! Putting what arrives in order: duplicates, pieces, times. What is decided here rests on the log alone, so that a restart
//! that reads the log again decides alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{RecordKey, Timestamp};
use reputation::facts::HORIZON_D;
use store::{Event, Logged, Origin, Payload, TenantId};

use crate::carrier_map::{self, Carriers};
use crate::config::Limits;
use crate::dedupe::{Dedupe, Kind, Seen, Space};
use crate::ingest::{Prepared, is_judged};
use crate::joining::{Joined, Joining};
use crate::receipt::Receipt;

/// Decides what of a body is new, and when it became known.
pub(crate) struct Sequencer {
    dedupe: Dedupe,
    joining: Joining,
    origin: Arc<Origin>,
    /// The latest arrival; none is ever earlier than one before it.
    arrival: Timestamp,
    /// The hour that began last; `None` before the first.
    hour: Option<u32>,
    hours_max: u32,
    carriers: Carriers,
    /// The version of the policy that was activated last; `None` before the first.
    policy: Option<Box<str>>,
    /// Calls that became whole while the log was read again, and that the log does not hold as such: the end of what was
    /// written may be missing.
    unlogged: BTreeMap<(TenantId, RecordKey), Event>,
}

impl Sequencer {
    pub(crate) fn new(limits: &Limits, carriers: Carriers) -> Self {
        Self {
            dedupe: Dedupe::new(limits.dedupe_hours, limits.dedupe_records),
            joining: Joining::new(limits.join_calls, limits.join_hours),
            origin: Origin::service(),
            arrival: Timestamp::EPOCH,
            hour: None,
            hours_max: limits.log_days.saturating_mul(24),
            carriers,
            policy: None,
            unlogged: BTreeMap::new(),
        }
    }

    /// One that has learned nothing yet.
    pub(crate) fn anew(&self, limits: &Limits) -> Self {
        Self::new(limits, self.carriers.clone())
    }

    /// Records remembered, calls that wait for pieces, and calls closed without an outcome.
    pub(crate) fn held(&self) -> (usize, usize, u64) {
        (self.dedupe.len(), self.joining.len(), self.joining.incomplete())
    }

    /// When the next events arrive, by a clock that may have jumped back.
    pub(crate) fn arrive(&mut self, now: Timestamp) -> Timestamp {
        self.arrival = self.arrival.max(now);
        self.arrival
    }

    /// The hours that began since the last: a tick for each, and the calls that it closes. After a long stop each missed hour
    /// has its tick, as if the service had run, up to the horizon: labels are stepped at ticks, and what decays or clears by
    /// the hour then ends as in a run without the stop. Before the horizon no fact reaches.
    pub(crate) fn begin_hours(&mut self, arrival: Timestamp) -> Vec<Event> {
        let now = u32::try_from(arrival.hour()).unwrap_or(u32::MAX);
        let first = self.hour.map_or(now, |last| (last + 1).max(now.saturating_sub(self.hours_max)));
        let mut events = Vec::new();
        for hour in first..=now {
            let at = Timestamp::EPOCH.saturating_add_ms(i64::from(hour) * model::time::HOUR_MS);
            events.push(Event::service(Arc::clone(&self.origin), at, Payload::Tick { hour }));
            for (origin, call) in self.begin_hour(hour) {
                events.extend(self.joined(&origin, call, Some(arrival)));
            }
        }
        events
    }

    /// Takes the service's own events: those that are to be logged. A rise that was decided before the hour began, or by another
    /// policy, is not: all numbers were looked at since, and who is told of changes would be told what does not hold.
    pub(crate) fn own(&mut self, mut events: Vec<Event>) -> Vec<Event> {
        for event in &events {
            if let Payload::PolicyActivated { version } = &event.payload {
                self.policy = Some(version.clone());
            }
        }
        let hour = self.hour.unwrap_or(0);
        events.retain(|event| !is_overtaken(event, hour, self.policy.as_deref()));
        events
    }

    fn begin_hour(&mut self, hour: u32) -> Vec<(Arc<Origin>, model::CallRecord)> {
        self.hour = Some(hour);
        self.dedupe.begin_hour(hour);
        self.joining.begin_hour(hour)
    }

    /// A call that became whole; `None` when it had been told before, or judges nobody. `arrival` is when it became known,
    /// unless the call's end is.
    fn joined(
        &mut self,
        origin: &Arc<Origin>,
        mut call: model::CallRecord,
        arrival: Option<Timestamp>,
    ) -> Option<Event> {
        if !is_judged(&call) {
            return None;
        }
        let space = Space::new(origin.tenant, Kind::Call);
        if call.key.is_some_and(|key| self.dedupe.check(space, key) == Seen::Duplicate) {
            return None;
        }
        carrier_map::settle(&mut call, None, &self.carriers.load());
        let known_at = arrival.unwrap_or_else(|| call.known().min(self.arrival));
        call.known_at = Some(known_at.max(call.at));
        Some(Event::call(Arc::clone(origin), call))
    }

    /// Takes a body that arrives now. Gives what is to be logged, and what its sender is told once it is.
    pub(crate) fn take(&mut self, prepared: Prepared) -> (Vec<Event>, Receipt) {
        let Prepared { origin, mut events, pieces, history, mut receipt } = prepared;
        events.retain_mut(|event| self.keep(event, &mut receipt));
        receipt.accepted += events.len() as u64;
        for piece in pieces {
            let known_at = self.arrival;
            let at = piece.part.at.or(piece.part.ended_at).unwrap_or(known_at).min(known_at);
            match self.joining.push(&origin, piece.clone()) {
                Joined::Dropped => receipt.skipped += 1,
                Joined::Waits(calls) => {
                    receipt.accepted += 1;
                    let payload = Payload::Piece(piece);
                    events.push(Event { origin: Arc::clone(&origin), at, known_at, key: None, payload });
                    let known_at = (!history).then_some(known_at);
                    for call in calls {
                        events.extend(self.joined(&origin, call, known_at));
                    }
                }
            }
        }
        (events, receipt)
    }

    /// Settles the times of an event; false for one that was told before.
    fn keep(&mut self, event: &mut Event, receipt: &mut Receipt) -> bool {
        let Some(kind) = kind(&event.payload) else { return true };
        event.known_at = event.known_at.min(self.arrival).max(event.at);
        if let Payload::Call(call) = &mut event.payload {
            call.known_at = Some(event.known_at);
        } else if let Payload::Report(report) = &mut event.payload {
            report.known_at = Some(event.known_at);
        }
        let seen = event.key.map(|key| self.dedupe.check(Space::new(event.origin.tenant, kind), key));
        if seen == Some(Seen::Duplicate) {
            receipt.duplicate += 1;
            return false;
        }
        receipt.unchecked += u64::from(seen == Some(Seen::Unchecked));
        receipt.late += u64::from(event.known_at.hour() - event.at.hour() > i64::from(HORIZON_D) * 24);
        true
    }

    /// Learns from what the log holds.
    pub(crate) fn replay(&mut self, logged: &Logged) {
        self.arrival = self.arrival.max(logged.appended_at);
        for (_, event) in &logged.events {
            self.replay_event(event);
        }
    }

    fn replay_event(&mut self, event: &Event) {
        let tenant = event.origin.tenant;
        if let (Some(key), Some(kind)) = (event.key, kind(&event.payload)) {
            self.dedupe.check(Space::new(tenant, kind), key);
            if kind == Kind::Call {
                self.unlogged.remove(&(tenant, key));
            }
        }
        match &event.payload {
            Payload::Tick { hour } => {
                for (origin, call) in self.begin_hour(*hour) {
                    self.expect(&origin, call);
                }
            }
            Payload::Piece(piece) => {
                if let Joined::Waits(calls) = self.joining.push(&event.origin, piece.clone()) {
                    for call in calls {
                        self.expect(&event.origin, call);
                    }
                }
            }
            Payload::PolicyActivated { version } => self.policy = Some(version.clone()),
            Payload::Call(_)
            | Payload::CallBack(_)
            | Payload::Report(_)
            | Payload::Forget { .. }
            | Payload::LabelChanged(_)
            | Payload::ReporterStanding(_) => {}
        }
    }

    /// Expects a call that became whole to follow in the log.
    fn expect(&mut self, origin: &Arc<Origin>, call: model::CallRecord) {
        let arrival = self.arrival;
        if let Some(event) = self.joined(origin, call, Some(arrival))
            && let Some(key) = event.key
        {
            self.unlogged.insert((origin.tenant, key), event);
        }
    }

    /// Calls that became whole and are missing at the log's end.
    pub(crate) fn take_unlogged(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.unlogged).into_values().collect()
    }
}

/// Tells whether an event is a rise that was decided before the tick of an hour, or by another policy than the one that judges. Both
/// the committer and the driver ask this, at the same place of the log.
pub(crate) fn is_overtaken(event: &Event, hour: u32, policy: Option<&str>) -> bool {
    let Payload::LabelChanged(change) = &event.payload else { return false };
    let begin_ms = i64::from(hour) * model::time::HOUR_MS;
    let is_older = change.decided_at.as_ms() < begin_ms;
    change.provisional && (is_older || policy.is_some_and(|policy| *policy != *change.policy_version))
}

const fn kind(payload: &Payload) -> Option<Kind> {
    match payload {
        Payload::Call(_) => Some(Kind::Call),
        Payload::Report(_) => Some(Kind::Report),
        Payload::CallBack(_)
        | Payload::Piece(_)
        | Payload::Tick { .. }
        | Payload::PolicyActivated { .. }
        | Payload::Forget { .. }
        | Payload::LabelChanged(_)
        | Payload::ReporterStanding(_) => None,
    }
}
