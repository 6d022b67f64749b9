//! Cisco Unified Communications Manager: flat files with a line of column names and a line of column types.

use model::{CallOutcome, HangupBy, Party};

use crate::disposition::Signals;
use crate::frame::Framing;
use crate::leg::{self, Leg, lossy};
use crate::options::Options;
use crate::output::{Dialect, Output, SkipKind};
use crate::own::split;
use crate::reject::{Fault, RejectCode};

/// The columns that are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Column {
    RecordType,
    ManagerId,
    CallId,
    LegId,
    Pkid,
    Origination,
    Connect,
    Disconnect,
    Duration,
    Calling,
    CallingSent,
    Final,
    Original,
    CalledSent,
    OrigCause,
    DestCause,
}

/// The columns' names. Releases add columns and move them: only the names are fixed.
const COLUMNS: [(&str, Column); 16] = [
    ("cdrRecordType", Column::RecordType),
    ("globalCallID_callManagerId", Column::ManagerId),
    ("globalCallID_callId", Column::CallId),
    ("origLegCallIdentifier", Column::LegId),
    ("pkid", Column::Pkid),
    ("dateTimeOrigination", Column::Origination),
    ("dateTimeConnect", Column::Connect),
    ("dateTimeDisconnect", Column::Disconnect),
    ("duration", Column::Duration),
    ("callingPartyNumber", Column::Calling),
    ("outpulsedCallingPartyNumber", Column::CallingSent),
    ("finalCalledPartyNumber", Column::Final),
    ("originalCalledPartyNumber", Column::Original),
    ("outpulsedCalledPartyNumber", Column::CalledSent),
    ("origCause_value", Column::OrigCause),
    ("destCause_value", Column::DestCause),
];

/// The columns that a file must have.
pub(crate) const NEEDED: [&str; 6] = [
    "dateTimeOrigination",
    "dateTimeConnect",
    "callingPartyNumber",
    "finalCalledPartyNumber",
    "origCause_value",
    "destCause_value",
];

/// A cause that says: the call was split by a transfer or conference, another record goes on (126 in old releases).
const SPLIT: [u32; 2] = [126, 393_216];

/// Cisco's flat file.
pub(crate) struct Cucm {
    columns: Vec<Option<Column>>,
    options: Options,
}

impl Cucm {
    /// Makes the dialect from the header's column names.
    pub(crate) fn new(header: &[String], options: Options) -> Self {
        let find = |name: &String| COLUMNS.iter().find(|(known, _)| known == name).map(|&(_, column)| column);
        Self { columns: header.iter().map(find).collect(), options }
    }
}

impl Dialect for Cucm {
    fn framing(&self) -> Framing {
        Framing::Csv
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        let text = lossy(record);
        let row = split(text.as_bytes())?;
        if row.len() < self.columns.len() {
            let detail = format!("the header has {} columns, this line has {}", self.columns.len(), row.len());
            return Err(Fault::new(RejectCode::BadCsv, "", detail));
        }
        let mut texts = [""; COLUMNS.len()];
        for (column, text) in self.columns.iter().zip(&row) {
            if let Some(place) = column.and_then(|column| texts.get_mut(column as usize)) {
                *place = text.trim();
            }
        }
        Row { texts }.read(&self.options, out)
    }
}

/// Whether a line is the second header line, `INTEGER,INTEGER,…,VARCHAR(50)`.
pub(crate) fn is_types(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    line.strip_prefix(b"\"").unwrap_or(line).starts_with(b"INTEGER")
}

struct Row<'a> {
    texts: [&'a str; COLUMNS.len()],
}

impl Row<'_> {
    fn get(&self, column: Column) -> &str {
        self.texts.get(column as usize).copied().unwrap_or_default()
    }

    fn read(&self, options: &Options, out: &mut Output) -> Result<(), Fault> {
        // 2 is a quality record; files put together repeat the two header lines.
        if !matches!(self.get(Column::RecordType), "1" | "") {
            out.skip(SkipKind::NotACall);
            return Ok(());
        }
        let time = |column, field| leg::time_if_any(self.get(column), field, options);
        let at = time(Column::Origination, "dateTimeOrigination")?;
        let at = at.ok_or_else(|| Fault::missing("dateTimeOrigination"))?;
        let answered_at = time(Column::Connect, "dateTimeConnect")?;
        let ended_at = time(Column::Disconnect, "dateTimeDisconnect")?;
        let orig_cause = cause(self.get(Column::OrigCause), "origCause_value")?;
        let dest_cause = cause(self.get(Column::DestCause), "destCause_value")?;
        let signals = Signals {
            q850: deciding_cause(orig_cause, dest_cause),
            answered: Some(answered_at.is_some()),
            ..Signals::default()
        };
        let disposition = leg::dispose(signals, None, leg::SHOWS_CAUSE);
        let answered = disposition.outcome.class == CallOutcome::Answered;
        let split = SPLIT.contains(&orig_cause) || SPLIT.contains(&dest_cause);
        let seconds = leg::seconds(self.get(Column::Duration), "duration")?;
        let id = match self.get(Column::Pkid) {
            "" => [Column::ManagerId, Column::CallId, Column::LegId].map(|column| self.get(column)).join("-"),
            pkid => pkid.to_owned(),
        };
        let record = Leg {
            id: &id,
            at,
            ended_at,
            orig: self.orig(options)?,
            dest: self.dest(options)?,
            direction: None,
            ring_ms: leg::span_ms(Some(at), if answered { answered_at } else { ended_at }),
            // The talk of a split call goes on in another record: its length is unknown, not short.
            talk_ms: seconds.filter(|_| !split),
            hangup_by: match (orig_cause, dest_cause) {
                (0, 1..=127) if !split => Some(HangupBy::Dest),
                (1..=127, 0) if !split => Some(HangupBy::Orig),
                _ => None,
            },
            attestation: None,
            disposition,
        };
        record.take(options, out);
        Ok(())
    }

    /// What was sent to the network comes before what the phone dialled or is called inside.
    fn orig(&self, options: &Options) -> Result<Party, Fault> {
        let fields = [
            (self.get(Column::CallingSent), "outpulsedCallingPartyNumber"),
            (self.get(Column::Calling), "callingPartyNumber"),
        ];
        leg::first_party(&fields, "callingPartyNumber", options)
    }

    fn dest(&self, options: &Options) -> Result<Party, Fault> {
        let fields = [
            (self.get(Column::CalledSent), "outpulsedCalledPartyNumber"),
            (self.get(Column::Final), "finalCalledPartyNumber"),
            (self.get(Column::Original), "originalCalledPartyNumber"),
        ];
        leg::first_dest(&fields, "finalCalledPartyNumber", options)
    }
}

fn cause(text: &str, field: &'static str) -> Result<u32, Fault> {
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| Fault::new(RejectCode::BadValue, field, format!("`{text}` is not a cause")))
}

/// The called side's cause, unless it is 0 or 16 (it did not clear the call, or cleared it in order); then the calling
/// side's by the same rule; then 16 if either has it. 126 and values above 127 are the manager's own and no Q.850 cause.
fn deciding_cause(orig: u32, dest: u32) -> Option<u16> {
    let known = [dest, orig].map(|cause| {
        u16::try_from(cause).ok().filter(|&cause| matches!(cause, 1..=127) && !SPLIT.contains(&cause.into()))
    });
    let telling = known.into_iter().flatten().find(|&cause| cause != 16);
    telling.or_else(|| known.into_iter().flatten().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telling_cause_decides() {
        assert_eq!(deciding_cause(16, 0), Some(16));
        assert_eq!(deciding_cause(0, 1), Some(1));
        assert_eq!(deciding_cause(1, 16), Some(1));
        assert_eq!(deciding_cause(0, 0), None);
        assert_eq!(deciding_cause(393_216, 393_216), None);
        assert_eq!(deciding_cause(393_216, 16), Some(16));
    }

    #[test]
    fn columns_are_in_order() {
        for (at, (name, column)) in COLUMNS.iter().enumerate() {
            assert_eq!(*column as usize, at, "{name}");
        }
    }
}
