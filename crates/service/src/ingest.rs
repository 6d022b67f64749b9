//! Reading a body of records: what a sender's own thread does before anything is queued.

use std::sync::Arc;

use intake::report::{ReportFormat, ReportOutput, detect_report, open_reports, read_report_block, read_reports};
use intake::{
    Fault, Format, Opened, Options, Output, Reject, RejectCode, SourceName, detect, open, read_block, record_key,
};
use model::{CallRecord, CarrierId, Party, Piece, RecordKey, Report, Timestamp};
use store::{Event, Origin};

use crate::admit::AHEAD_MS;
use crate::carrier_map::{self, Carriers};
use crate::config::Limits;
use crate::receipt::{IngestError, Receipt, Rejected};

/// Bytes of all texts of one record that are kept, at most. Chosen: many times what an id and an address take, and far below
/// what an event may take.
const TEXT_BYTES_MAX: usize = 32 << 10;

/// A body of records, unpacked.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// The format's name, such as `ndjson`, `csv`, `twilio`; `None` tells it from the first bytes.
    pub format: Option<&'a str>,
    /// A name that the sender gives this body, so that the same body sent again is taken once even where its records have no
    /// ids.
    pub idempotency_key: Option<&'a str>,
    /// The records tell history: what does not say when it became known became known when its call ended. Else it became known
    /// when it arrived, whatever the format.
    pub history: bool,
    /// The terminating carrier whose own traffic the source is: where calls ended whose records name no carrier. `None` when the
    /// source is of several carriers, or it is not known.
    pub carrier: Option<CarrierId>,
}

impl<'a> Body<'a> {
    /// A body whose format is told from its first bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, format: None, idempotency_key: None, history: false, carrier: None }
    }
}

/// A body that was read, to be committed.
pub(crate) struct Prepared {
    pub(crate) origin: Arc<Origin>,
    /// Calls and reports, in the order of the body. `known_at` is what the record says, or the end of time.
    pub(crate) events: Vec<Event>,
    pub(crate) pieces: Vec<Piece>,
    /// Pieces became known when their calls ended.
    pub(crate) history: bool,
    /// What is told already: rejects and skipped ones.
    pub(crate) receipt: Receipt,
}

/// By what bodies are read.
pub(crate) struct Reader<'a> {
    pub(crate) options: &'a Options,
    pub(crate) limits: &'a Limits,
    pub(crate) carriers: &'a Carriers,
    pub(crate) origin: &'a Arc<Origin>,
    pub(crate) now: Timestamp,
}

impl Reader<'_> {
    /// Reads calls.
    pub(crate) fn calls(&self, body: Body<'_>) -> Result<Prepared, IngestError> {
        self.fits(body.bytes)?;
        let options = self.options();
        let format = match body.format {
            Some(name) => Format::named(name, &options).ok_or_else(|| unknown_format(name))?,
            None => detect(body.bytes, &options).map_err(|error| unreadable(&error))?,
        };
        let opened = open(&format, body.bytes, &options).map_err(|error| unreadable(&error))?;
        let mut out = Output::default();
        read_block(opened.dialect.as_ref(), body.bytes.get(opened.skip..).unwrap_or_default(), &mut out);
        if !out.aggregates.is_empty() {
            return Err(IngestError::Totals);
        }
        self.counts_fit(out.calls.len() + out.pieces.len() + out.rejects.len())?;
        let latest = self.latest();
        let is_bad = |call: &CallRecord| call.at > latest || text_bytes(call) > TEXT_BYTES_MAX;
        if out.calls.iter().any(is_bad) {
            out = self.without_bad(&opened, body.bytes, is_bad);
        }
        let mut receipt = Receipt { skipped: out.skipped.iter().sum(), ..Receipt::default() };
        self.tell(&mut receipt, &out.rejects, opened.skip_lines);
        let told = matches!(format, Format::Csv | Format::Json | Format::Mapping(_));
        let key_of = self.keys_of(body);
        let map = self.carriers.load();
        let mut events = Vec::with_capacity(out.calls.len());
        for (place, mut call) in out.calls.into_iter().enumerate() {
            call.known_at = match (body.history, told) {
                (true, _) => Some(call.known()),
                (false, true) => call.known_at.map(|at| at.max(call.at)),
                (false, false) => None,
            };
            call.key = call.key.or_else(|| key_of(place));
            carrier_map::settle(&mut call, body.carrier, &map);
            let known_at = call.known_at.unwrap_or(Timestamp::MAX);
            let (at, key) = (call.at, call.key);
            let payload = store::Payload::Call(call);
            events.push(Event { origin: Arc::clone(self.origin), at, known_at, key, payload });
        }
        let (mut pieces, too_long): (Vec<_>, Vec<_>) =
            out.pieces.into_iter().partition(|piece| piece_bytes(piece) <= TEXT_BYTES_MAX);
        for piece in too_long {
            self.tell_one(&mut receipt, rejected(piece.line + opened.skip_lines, too_long_text()));
        }
        pieces.iter_mut().for_each(|piece| carrier_map::settle_piece(piece, body.carrier));
        Ok(Prepared { origin: Arc::clone(self.origin), events, pieces, history: body.history, receipt })
    }

    /// Reads reports.
    pub(crate) fn reports(&self, body: Body<'_>) -> Result<Prepared, IngestError> {
        self.fits(body.bytes)?;
        let options = self.options();
        let format = match body.format {
            Some(name) => report_format(name)?,
            None => detect_report(body.bytes).map_err(|error| unreadable(&error))?,
        };
        let mut out = ReportOutput::default();
        read_reports(format, body.bytes, &options, &mut out).map_err(|error| unreadable(&error))?;
        let latest = self.latest();
        if out.reports.iter().any(|report| report.at > latest) {
            out = self.without_future(format, body.bytes, &options)?;
        }
        self.counts_fit(out.reports.len() + out.rejects.len())?;
        let withheld = out.fragments + out.sentinels + out.blanks + out.withheld + out.malformed + out.not_calls;
        let mut receipt = Receipt { skipped: withheld, ..Receipt::default() };
        self.tell(&mut receipt, &out.rejects, 0);
        let key_of = self.keys_of(body);
        let mut events = Vec::with_capacity(out.reports.len());
        for (place, mut report) in out.reports.into_iter().enumerate() {
            report.key = report.key.or_else(|| key_of(place));
            if !body.history {
                report.known_at = report.known_at.map(|at| at.max(report.at));
            }
            let known_at = if body.history { report.known() } else { report.known_at.unwrap_or(Timestamp::MAX) };
            events.push(self.report_event(report, known_at));
        }
        Ok(Prepared { origin: Arc::clone(self.origin), events, pieces: Vec::new(), history: body.history, receipt })
    }

    fn report_event(&self, report: Report, known_at: Timestamp) -> Event {
        let (at, key) = (report.at, report.key);
        Event { origin: Arc::clone(self.origin), at, known_at, key, payload: store::Payload::Report(report) }
    }

    /// Reads record by record, which tells the lines of calls that are read well and cannot be taken.
    fn without_bad(&self, opened: &Opened, bytes: &[u8], is_bad: impl Fn(&CallRecord) -> bool) -> Output {
        let mut all = Output::default();
        let block = bytes.get(opened.skip..).unwrap_or_default();
        for (line, record) in opened.dialect.framing().records(block) {
            let mut one = Output::default();
            read_block(opened.dialect.as_ref(), record, &mut one);
            for call in &one.calls {
                if is_bad(call) {
                    all.rejects.push(Reject { line, fault: self.fault(call), record: Box::default() });
                }
            }
            all.calls.extend(one.calls.into_iter().filter(|call| !is_bad(call)));
            all.pieces.append(&mut one.pieces);
            for mut reject in one.rejects {
                reject.line += line.saturating_sub(1);
                all.rejects.push(reject);
            }
            for (sum, part) in all.skipped.iter_mut().zip(one.skipped) {
                *sum += part;
            }
        }
        all
    }

    /// Reads reports record by record, which tells the lines of those of the future.
    fn without_future(
        &self,
        format: ReportFormat,
        bytes: &[u8],
        options: &Options,
    ) -> Result<ReportOutput, IngestError> {
        let opened = open_reports(format, bytes, options).map_err(|error| unreadable(&error))?;
        let latest = self.latest();
        let mut all = ReportOutput::default();
        for (line, record) in opened.dialect.framing().records(bytes.get(opened.skip..).unwrap_or_default()) {
            let (reports, rejects) = (all.reports.len(), all.rejects.len());
            read_report_block(opened.dialect.as_ref(), record, &mut all);
            let line = line + opened.skip_lines;
            for reject in all.rejects.iter_mut().skip(rejects) {
                reject.line += line.saturating_sub(1);
            }
            while all.reports.len() > reports
                && let Some(report) = all.reports.pop_if(|report| report.at > latest)
            {
                let detail = format!("the report is of {}, and now is {}", report.at, self.now);
                let fault = Fault::new(RejectCode::InTheFuture, "at", detail);
                all.rejects.push(Reject { line, fault, record: Box::default() });
            }
        }
        Ok(all)
    }

    fn fault(&self, call: &CallRecord) -> Fault {
        if call.at > self.latest() {
            let detail = format!("the call starts at {}, and now is {}", call.at, self.now);
            return Fault::new(RejectCode::InTheFuture, "start", detail);
        }
        too_long_text()
    }

    /// What lies behind is of the future.
    fn latest(&self) -> Timestamp {
        self.now.saturating_add_ms(AHEAD_MS)
    }

    /// Keys for records without ids, by their places in a body that its sender names; none where it does not.
    fn keys_of(&self, body: Body<'_>) -> impl Fn(usize) -> Option<RecordKey> {
        let named = body.idempotency_key.map(|key| format!("{}\n{key}", self.origin.source));
        move |place| named.as_ref().map(|named| record_key(named, &place.to_le_bytes()))
    }

    fn options(&self) -> Options {
        Options { source: SourceName(Arc::from(&*self.origin.source)), ..self.options.clone() }
    }

    const fn fits(&self, bytes: &[u8]) -> Result<(), IngestError> {
        let limit = self.limits.body_bytes;
        if bytes.len() > limit {
            return Err(IngestError::TooLarge { bytes: bytes.len(), limit });
        }
        Ok(())
    }

    const fn counts_fit(&self, records: usize) -> Result<(), IngestError> {
        let limit = self.limits.batch_records;
        if records > limit {
            return Err(IngestError::TooMany { records, limit });
        }
        Ok(())
    }

    fn tell(&self, receipt: &mut Receipt, rejects: &[Reject], skip_lines: u64) {
        for reject in rejects {
            self.tell_one(receipt, rejected(reject.line + skip_lines, reject.fault.clone()));
        }
    }

    fn tell_one(&self, receipt: &mut Receipt, told: Rejected) {
        if receipt.rejected.len() < self.limits.told_rejects {
            receipt.rejected.push(told);
        } else {
            receipt.rejected_more += 1;
        }
    }
}

fn rejected(line: u64, fault: Fault) -> Rejected {
    let Fault { code, field, detail } = fault;
    Rejected { line, code: code.as_str(), field, detail }
}

fn too_long_text() -> Fault {
    Fault::new(RejectCode::TooLong, "", format!("texts of a record have at most {TEXT_BYTES_MAX} bytes"))
}

fn unknown_format(name: &str) -> IngestError {
    IngestError::UnknownFormat { name: name.chars().take(80).collect() }
}

fn report_format(name: &str) -> Result<ReportFormat, IngestError> {
    let own = matches!(name, "ndjson" | "csv").then_some(ReportFormat::Own);
    own.or_else(|| ReportFormat::from_name(name)).ok_or_else(|| unknown_format(name))
}

fn unreadable(error: &intake::OpenError) -> IngestError {
    IngestError::Unreadable { detail: error.to_string() }
}

fn text_bytes(call: &CallRecord) -> usize {
    call.redress.as_deref().map_or(0, str::len)
}

fn piece_bytes(piece: &Piece) -> usize {
    piece.call.len() + piece.source.len() + piece.part.redress.as_deref().map_or(0, str::len)
}

/// Tells whether a call is between ends of which at least one can be judged.
pub(crate) const fn is_judged(call: &CallRecord) -> bool {
    !matches!((call.orig, call.dest), (Party::Anonymous, _))
}
