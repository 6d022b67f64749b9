//! What reading a block yields.

use model::{Aggregate, CallRecord, Observable, Outcome, Party, Piece, TelephoneNumber, Timestamp};

use crate::frame::{Framing, MAX_RECORD_BYTES};
use crate::reject::{Fault, KEPT_BYTES, Reject, RejectCode};

/// Why a well-formed record is no call to be judged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SkipKind {
    /// Both ends belong to the owner's exchange.
    Internal,
    /// The calling number is withheld.
    Anonymous,
    /// The record is of another kind (a text message, a message leg, a page footer, a call still in progress).
    NotACall,
    /// A leg of a call that another record tells in full, or a repeat of what was told.
    OtherLeg,
}

impl SkipKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Internal, Self::Anonymous, Self::NotACall, Self::OtherLeg];

    /// The kind in words, for the closing summary.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Anonymous => "withheld caller",
            Self::NotACall => "not a call",
            Self::OtherLeg => "other leg of a call",
        }
    }
}

/// A call between two public numbers of which nothing is told but this: what a plain file holds, without room for the rest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlainCall {
    /// When the call was placed.
    pub at: Timestamp,
    /// The calling number.
    pub orig: TelephoneNumber,
    /// The called number.
    pub dest: TelephoneNumber,
    /// Milliseconds from the placing of the call to its answer or end; `None` when unknown.
    pub ring_ms: Option<u32>,
    /// Milliseconds from answer to end; `None` when unknown or not answered.
    pub talk_ms: Option<u32>,
    /// What became of the call.
    pub outcome: Outcome,
    /// What this source could have shown.
    pub observable: Observable,
}

impl PlainCall {
    /// The call as a record.
    #[must_use]
    #[inline]
    pub const fn record(self) -> CallRecord {
        CallRecord {
            key: None,
            at: self.at,
            known_at: None,
            orig: Party::Number(self.orig),
            dest: Party::Number(self.dest),
            direction: None,
            carrier: None,
            outcome: self.outcome,
            observable: self.observable,
            ring_ms: self.ring_ms,
            talk_ms: self.talk_ms,
            hangup_by: None,
            attestation: None,
            redress: None,
        }
    }
}

/// What reading yields. Vectors keep the order of the input.
#[derive(Default)]
pub struct Output {
    /// Finished calls.
    pub calls: Vec<CallRecord>,
    /// Finished calls of plain files; none unless [`Output::with_plain`] asked for them, all are in `calls` then.
    pub plain: Vec<PlainCall>,
    /// Pieces of calls, for a [`crate::Join`].
    pub pieces: Vec<Piece>,
    /// Totals of numbers, from sources that keep no single calls.
    pub aggregates: Vec<Aggregate>,
    /// Records that could not be taken.
    pub rejects: Vec<Reject>,
    /// Well-formed records that are no call to be judged, by [`SkipKind`] in the order of [`SkipKind::ALL`].
    pub skipped: [u64; SkipKind::ALL.len()],
    /// Lines gone through, headers and blanks included.
    pub lines: u64,
    /// Carrier names that the directory does not know, counted.
    pub unknown_carriers: u64,
    wants_plain: bool,
    line: u64,
    record: Box<[u8]>,
}

impl Output {
    /// An output whose reader takes plain calls as such.
    #[must_use]
    pub fn with_plain() -> Self {
        Self { wants_plain: true, ..Self::default() }
    }

    /// Takes a plain call.
    #[inline]
    pub(crate) fn take_plain(&mut self, call: PlainCall) {
        if self.wants_plain {
            self.plain.push(call);
        } else {
            self.calls.push(call.record());
        }
    }

    /// How many calls were taken so far, plain and other.
    pub(crate) const fn taken(&self) -> (usize, usize) {
        (self.plain.len(), self.calls.len())
    }

    /// Gives back the calls that were taken since then.
    pub(crate) fn untake(&mut self, (plain, calls): (usize, usize)) {
        self.plain.truncate(plain);
        self.calls.truncate(calls);
    }

    /// Counts a well-formed record that is no call to be judged.
    pub fn skip(&mut self, kind: SkipKind) {
        if let Some(count) = self.skipped.get_mut(kind as usize) {
            *count += 1;
        }
    }

    /// Takes a finished call, or counts why nobody is judged by it.
    pub(crate) fn take(&mut self, call: CallRecord) {
        match (call.orig, call.dest) {
            (Party::Anonymous, _) => self.skip(SkipKind::Anonymous),
            (Party::Extension(_), Party::Extension(_)) => self.skip(SkipKind::Internal),
            (Party::Number(_) | Party::Extension(_), _) => self.calls.push(call),
        }
    }

    /// Rejects the record at hand (or one of several calls that it holds).
    pub fn reject(&mut self, fault: Fault) {
        self.rejects.push(Reject { line: self.line, fault, record: self.record.clone() });
    }

    /// Rejects one part of the record at hand; the part is a slice of `record`, so that its line can be told.
    pub(crate) fn reject_part(&mut self, record: &[u8], part: &[u8], fault: Fault) {
        let offset = (part.as_ptr() as usize).wrapping_sub(record.as_ptr() as usize);
        let before = record.get(..offset).unwrap_or_default();
        let line = self.line + memchr::memchr_iter(b'\n', before).count() as u64;
        let kept = part.get(..part.len().min(KEPT_BYTES)).unwrap_or_default();
        self.rejects.push(Reject { line, fault, record: kept.into() });
    }

    /// The line on which the record at hand begins, counted from 1 within its block.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    /// Empties the vectors and counts, keeping their memory.
    pub fn clear(&mut self) {
        self.calls.clear();
        self.plain.clear();
        self.pieces.clear();
        self.aggregates.clear();
        self.rejects.clear();
        self.skipped = Default::default();
        self.lines = 0;
        self.unknown_carriers = 0;
    }

    fn at(&mut self, line: u64, record: &[u8]) {
        self.line = line;
        self.record = record.get(..record.len().min(KEPT_BYTES)).unwrap_or_default().into();
    }
}

/// Reads the framed records of one opened file. Holds nothing that one record leaves to the next, so that blocks of a file
/// may be read in any order and in parallel.
pub trait Dialect: Send + Sync {
    /// How records are told apart.
    fn framing(&self) -> Framing;

    /// Reads one record into `out`. A record may hold several calls; each that fails is rejected by itself.
    ///
    /// # Errors
    /// The record as a whole cannot be taken.
    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault>;

    /// Reads a whole block, when the dialect has a faster way than record by record. Returns false when it has not; nothing
    /// is then written to `out`.
    fn read_fast(&self, block: &[u8], out: &mut Output) -> bool {
        let _ = (block, out);
        false
    }
}

/// Reads one block that was cut at record boundaries. Lines count from 1 at the block's start.
pub fn read_block(dialect: &dyn Dialect, block: &[u8], out: &mut Output) {
    if dialect.read_fast(block, out) {
        return;
    }
    for (line, record) in dialect.framing().records(block) {
        read_record(dialect, line, record, out);
    }
    out.lines += bytecount(block);
}

/// Reads one framed record, and rejects it when it cannot be taken.
pub(crate) fn read_record(dialect: &dyn Dialect, line: u64, record: &[u8], out: &mut Output) {
    if record.iter().all(u8::is_ascii_whitespace) {
        return;
    }
    out.line = line;
    if record.len() > MAX_RECORD_BYTES {
        out.at(line, record);
        out.reject(Fault::new(RejectCode::TooLong, "", format!("a record has at most {MAX_RECORD_BYTES} bytes")));
        return;
    }
    // A dialect that rejects single calls of a record needs the record kept beforehand; it is cheap only for documents.
    if dialect.framing() == Framing::Document {
        out.at(line, record);
    }
    let taken = dialect.read(record, out);
    if let Err(fault) = taken {
        out.at(line, record);
        out.reject(fault);
    }
}

fn bytecount(block: &[u8]) -> u64 {
    let newlines = memchr::memchr_iter(b'\n', block).count() as u64;
    newlines + u64::from(!block.is_empty() && block.last() != Some(&b'\n'))
}
