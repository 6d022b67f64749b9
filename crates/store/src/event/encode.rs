//! Events as bytes, in batches.
//!
//! A batch is its schema version (one byte), the length of its rows, the rows, and the keys. Keys are random bytes that no
//! compressor shortens, so they stand apart from rows that look alike. Origins, and texts that come again and again, are spelt
//! out where they first appear in the batch and numbered from then on. Times are distances from the event before or from the
//! event's own.

use std::collections::HashMap;
use std::sync::Arc;

use model::{RecordKey, Timestamp};

use super::bytes::{put, put_bytes, put_signed};
use super::{Event, LabelChange, Origin, Payload, ReporterStanding, SourceRole, call, piece, report};

/// The version of the encoding that is written. Every version up to this one is read.
pub const SCHEMA_VERSION: u8 = 1;

/// Longer texts are spelt out each time. Chosen: longer than names and codes are, and short enough that a batch never unfolds to
/// more than some eighty times its size, whoever wrote it.
pub(super) const MAX_WORD_BYTES: usize = 64;

/// The kinds of payload, in the low four bits of an event's first byte.
pub(super) mod kind {
    pub(in crate::event) const CALL: u8 = 0;
    pub(in crate::event) const CALL_BACK: u8 = 1;
    pub(in crate::event) const PIECE: u8 = 2;
    pub(in crate::event) const REPORT: u8 = 3;
    pub(in crate::event) const TICK: u8 = 4;
    pub(in crate::event) const POLICY_ACTIVATED: u8 = 5;
    pub(in crate::event) const FORGET: u8 = 6;
    pub(in crate::event) const LABEL_CHANGED: u8 = 7;
    pub(in crate::event) const REPORTER_STANDING: u8 = 8;
    /// The bits that hold the kind.
    pub(in crate::event) const MASK: u8 = 0x0f;
}
/// The event's key is not its payload's.
pub(super) const OWN_KEY: u8 = 0x10;
/// The event's `known_at` is not what its payload says.
pub(super) const OWN_KNOWN_AT: u8 = 0x20;
/// The origin is that of the event before.
pub(super) const SAME_ORIGIN: u8 = 0x40;

/// Appends events to `out` as one batch, in the newest version of the encoding.
pub fn encode<'a>(events: impl IntoIterator<Item = &'a Event>, out: &mut Vec<u8>) {
    let mut scribe = Scribe::default();
    for event in events {
        scribe.event(event);
    }
    out.reserve(scribe.rows.len() + scribe.keys.len() + 11);
    out.push(SCHEMA_VERSION);
    put_bytes(out, &scribe.rows);
    out.extend_from_slice(&scribe.keys);
}

/// What is known of a batch while it is written.
#[derive(Default)]
pub(super) struct Scribe<'a> {
    pub(super) rows: Vec<u8>,
    pub(super) keys: Vec<u8>,
    words: HashMap<&'a str, u64>,
    origins: HashMap<&'a Origin, u64>,
    last_origin: Option<&'a Arc<Origin>>,
    last_at: Timestamp,
}

impl<'a> Scribe<'a> {
    fn event(&mut self, event: &'a Event) {
        let (known_at, key) = told(&event.payload, event.at);
        let same_origin = self.last_origin.is_some_and(|last| Arc::ptr_eq(last, &event.origin));
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        self.rows.push(
            kind_of(&event.payload)
                | flag(event.key != key, OWN_KEY)
                | flag(event.known_at != known_at, OWN_KNOWN_AT)
                | flag(same_origin, SAME_ORIGIN),
        );
        if !same_origin {
            self.origin(&event.origin);
        }
        put_signed(&mut self.rows, event.at.as_ms() - self.last_at.as_ms());
        self.last_at = event.at;
        self.payload(&event.payload, event.at);
        if event.known_at != known_at {
            put_signed(&mut self.rows, event.known_at.as_ms() - event.at.as_ms());
        }
        if event.key != key {
            self.rows.push(u8::from(event.key.is_some()));
            self.key(event.key);
        }
    }

    fn payload(&mut self, payload: &'a Payload, at: Timestamp) {
        match payload {
            Payload::Call(record) | Payload::CallBack(record) => call::write(record, at, self),
            Payload::Piece(piece) => piece::write(piece, at, self),
            Payload::Report(report) => report::write(report, at, self),
            Payload::Tick { hour } => put(&mut self.rows, u64::from(*hour)),
            Payload::PolicyActivated { version } => self.word(version),
            Payload::Forget { tn } => put(&mut self.rows, tn.digits()),
            Payload::LabelChanged(change) => self.label(change, at),
            Payload::ReporterStanding(standing) => self.standing(standing, at),
        }
    }

    fn label(&mut self, change: &'a LabelChange, at: Timestamp) {
        put(&mut self.rows, change.tn.digits());
        self.word(&change.engine);
        let (from, to) = (call::label_code(change.from), call::label_code(change.to));
        self.rows.push((from | to << 2) as u8 | u8::from(change.provisional) << 4);
        self.time(change.effective_at, at);
        self.time(change.decided_at, at);
        self.word(&change.policy_version);
        put(&mut self.rows, change.reasons.len() as u64);
        for reason in &change.reasons {
            self.word(reason);
        }
    }

    fn standing(&mut self, standing: &'a ReporterStanding, at: Timestamp) {
        self.rows.extend_from_slice(&standing.reporter.to_le_bytes());
        self.time(standing.as_of, at);
        put_signed(&mut self.rows, i64::from(standing.borne_out));
        put_signed(&mut self.rows, i64::from(standing.contradicted));
        self.word(&standing.policy_version);
    }

    /// Puts a key, if there is one, among the keys; that there is one is told in the row.
    #[inline]
    pub(super) fn key(&mut self, key: Option<RecordKey>) {
        if let Some(RecordKey(key)) = key {
            self.keys.extend_from_slice(&key.to_le_bytes());
        }
    }

    /// Puts an instant as its distance from the event's.
    #[inline]
    pub(super) fn time(&mut self, time: Timestamp, at: Timestamp) {
        put_signed(&mut self.rows, time.as_ms() - at.as_ms());
    }

    /// Puts a text that is likely to come again: its number from 1 on, or 0 and the text itself.
    pub(super) fn word(&mut self, word: &'a str) {
        if let Some(&number) = self.words.get(word) {
            put(&mut self.rows, number);
            return;
        }
        if word.len() <= MAX_WORD_BYTES {
            self.words.insert(word, self.words.len() as u64 + 1);
        }
        self.rows.push(0);
        put_bytes(&mut self.rows, word.as_bytes());
    }

    fn origin(&mut self, origin: &'a Arc<Origin>) {
        self.last_origin = Some(origin);
        if let Some(&number) = self.origins.get(origin.as_ref()) {
            put(&mut self.rows, number);
            return;
        }
        self.origins.insert(origin, self.origins.len() as u64 + 1);
        self.rows.push(0);
        put(&mut self.rows, u64::from(origin.tenant.0));
        self.rows.push(match origin.role {
            SourceRole::Terminating => 0,
            SourceRole::Originating => 1,
        });
        put_bytes(&mut self.rows, origin.source.as_bytes());
    }
}

const fn kind_of(payload: &Payload) -> u8 {
    match payload {
        Payload::Call(_) => kind::CALL,
        Payload::CallBack(_) => kind::CALL_BACK,
        Payload::Piece(_) => kind::PIECE,
        Payload::Report(_) => kind::REPORT,
        Payload::Tick { .. } => kind::TICK,
        Payload::PolicyActivated { .. } => kind::POLICY_ACTIVATED,
        Payload::Forget { .. } => kind::FORGET,
        Payload::LabelChanged(_) => kind::LABEL_CHANGED,
        Payload::ReporterStanding(_) => kind::REPORTER_STANDING,
    }
}

/// When a payload that happened at `at` says that it became known, and its key. An event that agrees does not say so again.
#[inline]
pub(super) fn told(payload: &Payload, at: Timestamp) -> (Timestamp, Option<RecordKey>) {
    match payload {
        Payload::Call(call) | Payload::CallBack(call) => (call.known(), call.key),
        Payload::Report(report) => (report.known(), report.key),
        Payload::Piece(_)
        | Payload::Tick { .. }
        | Payload::PolicyActivated { .. }
        | Payload::Forget { .. }
        | Payload::LabelChanged(_)
        | Payload::ReporterStanding(_) => (at, None),
    }
}
