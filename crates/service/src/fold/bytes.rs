//! A shard as bytes and back: one part of a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Report, TelephoneNumber, Timestamp};
use reputation::bytes::{Reader, put, put_bytes, put_option};
use reputation::facts::{Desk, FactStore};
use reputation::fleet::{Counted, Standings};
use reputation::state::LabelState;
use store::{Event, Origin, Payload, Position, TenantId};

use super::reached::Reached;
use super::scope::{Live, Scope, ScopeState};
use super::shard::{Judged, Kept, LiveShard, Touch};
use super::{Fold, SHARDS};
use crate::facts::{CarrierSources, Extra, InvalidSeen};
use crate::slots::Published;

/// The version of what a part of a snapshot holds. Parts of another version are not restored.
pub const SNAPSHOT_VERSION: u32 = 2;

/// Why a part of a snapshot was not restored.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is no such part.
    #[error("part {part} of a snapshot: there are {SHARDS} parts")]
    Part {
        /// The part.
        part: usize,
    },
    /// The bytes are of another version.
    #[error("part {part} of a snapshot has version {found}, where {SNAPSHOT_VERSION} was expected")]
    Version {
        /// The part.
        part: usize,
        /// Its version.
        found: u64,
    },
    /// The bytes hold no part.
    #[error("part {part} of a snapshot is damaged")]
    Damaged {
        /// The part.
        part: usize,
    },
}

impl Fold {
    /// How many parts a snapshot has. Each holds one shard of every scope, and stands for itself.
    #[must_use]
    pub const fn parts(&self) -> usize {
        SHARDS
    }

    /// The bytes of one part; empty where nothing is known.
    pub fn snapshot(&mut self, part: usize) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, u64::from(SNAPSHOT_VERSION));
        let mut desk = Desk::default();
        for (scope, state) in self.live.scopes() {
            let Some(mut shard) = state.shard(part).filter(|shard| !shard.is_idle()) else { continue };
            shard.file(&mut desk);
            out.push(1);
            put_option(
                &mut out,
                match scope {
                    Scope::Shared => None,
                    Scope::Tenant(TenantId(tenant)) => Some(tenant.into()),
                },
            );
            put(&mut out, state.first_known().into());
            put(&mut out, ms(state.slots.data_through()));
            shard.write(&mut out);
            let slots = state.slots.of_shard(part);
            put(&mut out, slots.len() as u64);
            for (tn, view_place, word) in slots {
                put(&mut out, tn.digits());
                out.push(view_place);
                out.extend_from_slice(&word.to_le_bytes());
            }
        }
        out.push(0);
        out
    }

    /// Restores one part as it was before the event at `place`; events before that place leave it alone from then on.
    ///
    /// # Errors
    /// When the bytes hold no part of this version; the part is then as before.
    pub fn restore(&mut self, part: usize, place: Position, bytes: &[u8]) -> Result<(), RestoreError> {
        if part >= SHARDS {
            return Err(RestoreError::Part { part });
        }
        let damaged = RestoreError::Damaged { part };
        let mut reader = Reader::new(bytes);
        let found = reader.get().ok_or(damaged.clone())?;
        if found != u64::from(SNAPSHOT_VERSION) {
            return Err(RestoreError::Version { part, found });
        }
        let mut read = Vec::new();
        while reader.byte().ok_or(damaged.clone())? == 1 {
            read.push(ScopePart::read_back(&mut reader).ok_or(damaged.clone())?);
        }
        if !reader.is_at_end() {
            return Err(damaged);
        }
        for scoped in read {
            if self.hour == 0 || (scoped.shard.stepped > 0 && scoped.shard.stepped < self.hour) {
                self.hour = scoped.shard.stepped;
            }
            self.judged_by(place, &scoped.shard.policy);
            self.now = self.now.max(scoped.data_through);
            let state = self.live.scope_or_new(scoped.scope);
            scoped.settle(&state, part, &self.live);
        }
        if let Some(restored) = self.restored.get_mut(part) {
            *restored = place;
        }
        self.unmerged = true;
        Ok(())
    }

    /// The policy of the part that lies furthest back judges until the log says otherwise.
    fn judged_by(&mut self, place: Position, version: &str) {
        if version.is_empty() || self.earliest.is_some_and(|earliest| earliest <= place) {
            return;
        }
        self.earliest = Some(place);
        let judges = self.live.judges();
        if let Some(policy) = self.offered.get(version).filter(|_| **judges.live.version() != *version) {
            let (live, shadow) = (Arc::clone(policy), judges.shadow.clone());
            self.live.set_judges(super::Judges { live, number: judges.number, shadow });
        }
    }
}

/// One scope's share of a part.
struct ScopePart {
    scope: Scope,
    first_known: u32,
    data_through: Timestamp,
    shard: LiveShard,
    slots: Vec<(TelephoneNumber, u8, Published)>,
}

impl ScopePart {
    fn read_back(bytes: &mut Reader<'_>) -> Option<Self> {
        let scope = match bytes.option()? {
            None => Scope::Shared,
            Some(tenant) => Scope::Tenant(TenantId(tenant.try_into().ok()?)),
        };
        let (first_known, data_through) = (bytes.get_as()?, instant(bytes.get()?)?);
        let shard = LiveShard::read_back(bytes)?;
        let mut slots = Vec::new();
        for _ in 0..bytes.count(10)? {
            let tn = TelephoneNumber::from_digits(bytes.get()?)?;
            let view_place = bytes.byte()?;
            slots.push((tn, view_place, Published::from_word(u64::from_le_bytes(bytes.take(8)?.try_into().ok()?))?));
        }
        Some(Self { scope, first_known, data_through, shard, slots })
    }

    fn settle(self, state: &ScopeState, part: usize, live: &Live) {
        state.knows_from(self.first_known);
        state.slots.known_through(self.data_through);
        state.slots.clear(part);
        for (tn, view_place, slot) in self.slots {
            state.slots.set(tn, view_place, Some(slot));
        }
        if let Some(mut shard) = state.shard(part) {
            *shard = self.shard;
            shard.shadow = live.judges().shadow.is_some().then(Judged::fresh);
        }
    }
}

impl LiveShard {
    /// Appends the shard. Everything must be filed.
    fn write(&self, out: &mut Vec<u8>) {
        let Self { shard, waiting: _, touched, reached, live, shadow: _, stepped, policy } = self;
        put(out, u64::from(*stepped));
        put_bytes(out, policy.as_bytes());
        shard.store.write(out);
        put(out, touched.len() as u64);
        let mut touched: Vec<_> = touched.iter().collect();
        touched.sort_unstable_by_key(|&(&tn, _)| tn);
        for (tn, touch) in touched {
            put(out, tn.digits());
            put(out, touch.last_known.into());
            out.push(touch.late.into());
        }
        put(out, shard.extras.len() as u64);
        for (tn, extra) in &shard.extras {
            put(out, tn.digits());
            extra.write(out);
        }
        put(out, shard.carriers.len() as u64);
        for (tn, sources) in &shard.carriers {
            put(out, tn.digits());
            put(out, sources.by_prefix.into());
            put(out, sources.calls.into());
        }
        reached.write(out);
        live.write(out);
    }

    fn read_back(bytes: &mut Reader<'_>) -> Option<Self> {
        let stepped = bytes.get_as()?;
        let policy = std::str::from_utf8(bytes.bytes()?).ok()?.into();
        let mut read = Self { stepped, policy, ..Self::default() };
        read.shard.store = FactStore::read_back(bytes)?;
        for _ in 0..bytes.count(3)? {
            let tn = TelephoneNumber::from_digits(bytes.get()?)?;
            let (last_known, late) = (bytes.get_as()?, bytes.byte()? != 0);
            let touch = read.touch(tn);
            *touch = Touch { last_known, late, ..*touch };
        }
        for _ in 0..bytes.count(7)? {
            let tn = TelephoneNumber::from_digits(bytes.get()?)?;
            read.shard.extras.insert(tn, Extra::read_back(bytes)?);
        }
        for _ in 0..bytes.count(3)? {
            let tn = TelephoneNumber::from_digits(bytes.get()?)?;
            let sources = CarrierSources { by_prefix: bytes.get_as()?, calls: bytes.get_as()? };
            read.shard.carriers.insert(tn, sources);
        }
        read.reached = Reached::read_back(bytes)?;
        read.live = Judged::read_back(bytes)?;
        Some(read)
    }
}

impl Judged {
    fn write(&self, out: &mut Vec<u8>) {
        let Self { kept, labelled: _, counted, standings, priors: _, fresh } = self;
        out.push(u8::from(*fresh));
        put(out, kept.len() as u64);
        for (&(tn, view_place), kept) in kept {
            put(out, tn.digits());
            out.push(view_place);
            kept.state.write(out);
            put_option(out, kept.last_attempt.map(u64::from));
        }
        put(out, counted.len() as u64);
        for (tn, counted) in counted {
            put(out, tn.digits());
            put(out, counted.len() as u64);
            for (reporter, &ok) in counted {
                out.extend_from_slice(&reporter.to_le_bytes());
                out.push(ok.into());
            }
        }
        standings.write(out);
    }

    fn read_back(bytes: &mut Reader<'_>) -> Option<Self> {
        let mut read = Self { fresh: bytes.byte()? != 0, ..Self::default() };
        for _ in 0..bytes.count(9)? {
            let tn = TelephoneNumber::from_digits(bytes.get()?)?;
            let view_place = bytes.byte()?;
            let state = LabelState::read_back(bytes)?;
            let last_attempt = bytes.option()?.map(u32::try_from).transpose().ok()?;
            read.kept.insert((tn, view_place), Kept { state, last_attempt });
            read.mark(tn);
        }
        for _ in 0..bytes.count(2)? {
            let tn = TelephoneNumber::from_digits(bytes.get()?)?;
            let mut counted = Counted::new();
            for _ in 0..bytes.count(9)? {
                counted.insert(u64::from_le_bytes(bytes.take(8)?.try_into().ok()?), bytes.byte()? != 0);
            }
            read.counted.insert(tn, counted);
        }
        read.standings = Standings::read_back(bytes)?;
        Some(read)
    }
}

impl Extra {
    fn write(&self, out: &mut Vec<u8>) {
        let Self { reports, refusals, refusals_dropped, calls_to_reporters, redress, invalid, invalid_dropped } = self;
        write_reports(out, reports);
        write_reports(out, refusals);
        put(out, *refusals_dropped);
        put(out, calls_to_reporters.len() as u64);
        for (reporter, calls) in calls_to_reporters {
            out.extend_from_slice(&reporter.to_le_bytes());
            put(out, calls.len() as u64);
            calls.iter().for_each(|&call| put(out, ms(call)));
        }
        put(out, redress.len() as u64);
        for (address, &(count, first)) in redress {
            put_bytes(out, address.as_bytes());
            put(out, count);
            put(out, ms(first));
        }
        put(out, invalid.len() as u64);
        for (tn, seen) in invalid {
            put(out, tn.digits());
            put(out, ms(seen.last));
            out.push(seen.strong.into());
            put(out, seen.calls.into());
        }
        put(out, *invalid_dropped);
    }

    fn read_back(bytes: &mut Reader<'_>) -> Option<Self> {
        let mut read = Self { reports: read_reports(bytes)?, refusals: read_reports(bytes)?, ..Self::default() };
        read.refusals_dropped = bytes.get()?;
        for _ in 0..bytes.count(9)? {
            let reporter = u64::from_le_bytes(bytes.take(8)?.try_into().ok()?);
            let count = bytes.count(1)?;
            let calls: Option<Vec<Timestamp>> = (0..count).map(|_| instant(bytes.get()?)).collect();
            read.calls_to_reporters.insert(reporter, calls?);
        }
        let mut redress = BTreeMap::new();
        for _ in 0..bytes.count(3)? {
            let address = std::str::from_utf8(bytes.bytes()?).ok()?.into();
            redress.insert(address, (bytes.get()?, instant(bytes.get()?)?));
        }
        read.redress = redress;
        for _ in 0..bytes.count(4)? {
            let tn = TelephoneNumber::from_digits(bytes.get()?)?;
            let (last, strong, calls) = (instant(bytes.get()?)?, bytes.byte()? != 0, bytes.get_as()?);
            read.invalid.insert(tn, InvalidSeen { last, strong, calls });
        }
        read.invalid_dropped = bytes.get()?;
        Some(read)
    }
}

/// Reports are written as the log writes them.
fn write_reports(out: &mut Vec<u8>, reports: &[Report]) {
    let mut bytes = Vec::new();
    if !reports.is_empty() {
        let origin = Origin::service();
        let events: Vec<Event> =
            reports.iter().map(|report| Event::report(Arc::clone(&origin), report.clone())).collect();
        store::event::encode(&events, &mut bytes);
    }
    put_bytes(out, &bytes);
}

fn read_reports(bytes: &mut Reader<'_>) -> Option<Vec<Report>> {
    let bytes = bytes.bytes()?;
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let events = store::event::decode(bytes).ok()?;
    events
        .into_iter()
        .map(|event| if let Payload::Report(report) = event.payload { Some(report) } else { None })
        .collect()
}

fn ms(at: Timestamp) -> u64 {
    at.as_ms().unsigned_abs()
}

fn instant(ms: u64) -> Option<Timestamp> {
    Timestamp::from_ms(i64::try_from(ms).ok()?)
}
