//! Batches of events from bytes, of every version that was ever written.

use std::sync::Arc;

use model::{RecordKey, TelephoneNumber, Timestamp};

use super::bytes::Reader;
use super::encode::{MAX_WORD_BYTES, OWN_KEY, OWN_KNOWN_AT, SAME_ORIGIN, SCHEMA_VERSION, kind, told};
use super::{Event, LabelChange, Origin, Payload, ReporterStanding, SourceRole, TenantId, call, piece, report};

/// Why bytes are no batch of events.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecodeError {
    /// The batch was written by a newer program.
    #[error("the batch has schema version {found}, at most {SCHEMA_VERSION} is read")]
    Version {
        /// The version that it has.
        found: u8,
    },
    /// The bytes end within an event.
    #[error("the batch ends within an event")]
    Short,
    /// Bytes are left after the last event.
    #[error("{count} bytes are left after the last event")]
    Left {
        /// How many.
        count: usize,
    },
    /// A field has a value that it cannot have.
    #[error("{field} is out of range")]
    Range {
        /// Its name.
        field: &'static str,
    },
    /// A text is not UTF-8.
    #[error("{field} is not UTF-8")]
    Text {
        /// Its name.
        field: &'static str,
    },
    /// The bytes are sealed, and no key is at hand that opens them.
    #[error("the events are sealed, and the key at hand does not open them")]
    Sealed,
    /// The bytes cannot be unpacked.
    #[error("the events cannot be unpacked")]
    Packed,
    /// A number stands for an origin or a text that was never spelt out.
    #[error("{field} refers to what was not told")]
    Reference {
        /// The field's name.
        field: &'static str,
    },
}

/// Reads one batch.
///
/// # Errors
/// When the bytes are no batch, or one of a newer version; nothing is taken from such a batch.
pub fn decode(bytes: &[u8]) -> Result<Vec<Event>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let version = reader.byte()?;
    if version != SCHEMA_VERSION {
        return Err(DecodeError::Version { found: version });
    }
    let rows = Reader::new(reader.bytes()?);
    let mut clerk = Clerk { rows, keys: reader, words: Vec::new(), origins: Vec::new(), last: None };
    // Chosen: calls have about 40 bytes each. Growth is bounded by the bytes that are there, not by what they say.
    let mut events = Vec::with_capacity(bytes.len() / 32);
    while clerk.rows.len() > 0 {
        events.push(clerk.event()?);
    }
    match clerk.keys.len() {
        0 => Ok(events),
        count => Err(DecodeError::Left { count }),
    }
}

/// What is known of a batch while it is read.
pub(super) struct Clerk<'a> {
    pub(super) rows: Reader<'a>,
    keys: Reader<'a>,
    words: Vec<&'a str>,
    origins: Vec<Arc<Origin>>,
    last: Option<(Arc<Origin>, Timestamp)>,
}

impl<'a> Clerk<'a> {
    fn event(&mut self) -> Result<Event, DecodeError> {
        let head = self.rows.byte()?;
        if head & !(kind::MASK | OWN_KEY | OWN_KNOWN_AT | SAME_ORIGIN) != 0 {
            return Err(DecodeError::Range { field: "kind of event" });
        }
        let origin = if head & SAME_ORIGIN == 0 { Some(self.origin()?) } else { None };
        let (origin, last_at) = match (origin, self.last.take()) {
            (Some(origin), last) => (origin, last.map_or(Timestamp::EPOCH, |(_, at)| at)),
            (None, Some(last)) => last,
            (None, None) => return Err(DecodeError::Reference { field: "origin" }),
        };
        let at = self.time(last_at)?;
        self.last = Some((Arc::clone(&origin), at));
        let payload = self.payload(head & kind::MASK, at)?;
        let (mut known_at, mut key) = told(&payload, at);
        if head & OWN_KNOWN_AT != 0 {
            known_at = self.time(at)?;
        }
        if head & OWN_KEY != 0 {
            let present = self.rows.byte()? != 0;
            key = self.key(present)?;
        }
        Ok(Event { origin, at, known_at, key, payload })
    }

    fn payload(&mut self, kind: u8, at: Timestamp) -> Result<Payload, DecodeError> {
        Ok(match kind {
            kind::CALL => Payload::Call(call::read(at, self)?),
            kind::CALL_BACK => Payload::CallBack(call::read(at, self)?),
            kind::PIECE => Payload::Piece(piece::read(at, self)?),
            kind::REPORT => Payload::Report(report::read(at, self)?),
            kind::TICK => Payload::Tick { hour: self.rows.fit("hour")? },
            kind::POLICY_ACTIVATED => Payload::PolicyActivated { version: self.word()?.into() },
            kind::FORGET => Payload::Forget { tn: self.tn()? },
            kind::LABEL_CHANGED => Payload::LabelChanged(self.label(at)?),
            kind::REPORTER_STANDING => Payload::ReporterStanding(self.standing(at)?),
            _ => return Err(DecodeError::Range { field: "kind of event" }),
        })
    }

    fn label(&mut self, at: Timestamp) -> Result<LabelChange, DecodeError> {
        let tn = self.tn()?;
        let engine = self.word()?.into();
        let bits = u32::from(self.rows.byte()?);
        if bits >> 5 != 0 {
            return Err(DecodeError::Range { field: "label" });
        }
        let (from, to) = (call::label_of(bits & 3)?, call::label_of(bits >> 2 & 3)?);
        let (effective_at, decided_at) = (self.time(at)?, self.time(at)?);
        let policy_version = self.word()?.into();
        let count: usize = self.rows.fit("reasons")?;
        // A reason takes at least a byte, so a count beyond what is left is refused before room is made for it.
        if count > self.rows.len() {
            return Err(DecodeError::Short);
        }
        let reasons = (0..count).map(|_| self.word().map(Into::into)).collect::<Result<_, _>>()?;
        let provisional = bits & 16 != 0;
        Ok(LabelChange { tn, engine, from, to, effective_at, decided_at, policy_version, provisional, reasons })
    }

    fn standing(&mut self, at: Timestamp) -> Result<ReporterStanding, DecodeError> {
        let small = |value: i64| i32::try_from(value).map_err(|_| DecodeError::Range { field: "reports" });
        Ok(ReporterStanding {
            reporter: u64::from_le_bytes(self.rows.array()?),
            as_of: self.time(at)?,
            borne_out: small(self.rows.signed()?)?,
            contradicted: small(self.rows.signed()?)?,
            policy_version: self.word()?.into(),
        })
    }

    /// The next key, when the row says that there is one.
    #[inline]
    pub(super) fn key(&mut self, present: bool) -> Result<Option<RecordKey>, DecodeError> {
        if !present {
            return Ok(None);
        }
        self.keys.array().map(|bytes| Some(RecordKey(u128::from_le_bytes(bytes))))
    }

    /// An instant from its distance to `from`.
    #[inline]
    pub(super) fn time(&mut self, from: Timestamp) -> Result<Timestamp, DecodeError> {
        let distance = self.rows.signed()?;
        from.as_ms().checked_add(distance).and_then(Timestamp::from_ms).ok_or(DecodeError::Range { field: "time" })
    }

    #[inline]
    pub(super) fn tn(&mut self) -> Result<TelephoneNumber, DecodeError> {
        TelephoneNumber::from_digits(self.rows.uint()?).ok_or(DecodeError::Range { field: "telephone number" })
    }

    pub(super) fn word(&mut self) -> Result<&'a str, DecodeError> {
        let number: usize = self.rows.fit("text")?;
        match number.checked_sub(1) {
            Some(place) => self.words.get(place).copied().ok_or(DecodeError::Reference { field: "text" }),
            None => {
                let word = self.rows.text("text")?;
                if word.len() <= MAX_WORD_BYTES {
                    self.words.push(word);
                }
                Ok(word)
            }
        }
    }

    fn origin(&mut self) -> Result<Arc<Origin>, DecodeError> {
        let number: usize = self.rows.fit("origin")?;
        if let Some(place) = number.checked_sub(1) {
            return self.origins.get(place).cloned().ok_or(DecodeError::Reference { field: "origin" });
        }
        let tenant = TenantId(self.rows.fit("tenant")?);
        let role = match self.rows.byte()? {
            0 => SourceRole::Terminating,
            1 => SourceRole::Originating,
            _ => return Err(DecodeError::Range { field: "role" }),
        };
        let origin = Arc::new(Origin { tenant, source: self.rows.text("source")?.into(), role });
        self.origins.push(Arc::clone(&origin));
        Ok(origin)
    }
}
