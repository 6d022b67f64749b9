//! Facts that an operator trusts outright.

use model::{TrustedFact, TrustedKind};

use crate::format::OpenError;
use crate::options::{Options, text_hash};
use crate::reject::{Fault, RejectCode};

use super::Table;
use super::table::{Row, read_table};
use super::value::{DayEnd, subject, time_or_date, unknown_word};

const COLUMNS: [&str; 6] = ["tn", "prefix", "kind", "trap", "at", "known_at"];

/// Reads trusted truth: CSV with `tn` or `prefix`, `kind` (`dno`, `unallocated`, `honeypot`, `traceback`), and as far as
/// known `trap`, `at`, `known_at`. A honeypot names its trap.
///
/// # Errors
/// `Empty`, or `MissingColumn` when there is no `kind` column.
pub fn trusted(bytes: &[u8], options: &Options) -> Result<Table<TrustedFact>, OpenError> {
    read_table(bytes, "trusted", &["kind"], &COLUMNS, |row| row_fact(row, options))
}

fn row_fact(row: &Row<'_>, options: &Options) -> Result<TrustedFact, Fault> {
    let word = row.get("kind");
    let kind = TrustedKind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| match word {
        "" => Fault::missing("kind"),
        _ => unknown_word(word, "kind", TrustedKind::ALL.iter().map(|kind| kind.as_str())),
    })?;
    let trap = match (kind, row.get("trap")) {
        (TrustedKind::Honeypot, "") => {
            let detail = "a honeypot row names its trap, so that distinct traps count apart";
            return Err(Fault::new(RejectCode::MissingField, "trap", detail));
        }
        (TrustedKind::Honeypot, trap) => Some(text_hash(trap)),
        (TrustedKind::Dno | TrustedKind::Unallocated | TrustedKind::Traceback, _) => None,
    };
    Ok(TrustedFact {
        subject: subject(row.get("tn"), row.get("prefix"), options)?,
        kind,
        trap,
        at: time_or_date(row.get("at"), "at", DayEnd::Begin, options)?,
        known_at: time_or_date(row.get("known_at"), "known_at", DayEnd::Begin, options)?,
    })
}
