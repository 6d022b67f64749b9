//! How numbers stand in the registry.

use model::{CallPurpose, Determination, Standing};

use crate::format::OpenError;
use crate::options::Options;
use crate::reject::Fault;

use super::Table;
use super::table::{Row, read_table};
use super::value::{DayEnd, number, time_or_date, unknown_word, yes};

const COLUMNS: [&str; 7] =
    ["tn", "registrant", "purpose", "registered_at", "attested", "determination", "evidence_from"];

/// Reads registry standing: CSV with `tn` and, as far as known, `registrant`, `purpose`, `registered_at`, `attested`,
/// `determination`, `evidence_from`. Later rows for one number stand after earlier ones.
///
/// # Errors
/// `Empty`, or `MissingColumn` when there is no `tn` column.
pub fn standing(bytes: &[u8], options: &Options) -> Result<Table<Standing>, OpenError> {
    read_table(bytes, "standing", &["tn"], &COLUMNS, |row| row_standing(row, options))
}

fn row_standing(row: &Row<'_>, options: &Options) -> Result<Standing, Fault> {
    let text = |name: &str| Some(row.get(name)).filter(|text| !text.is_empty());
    Ok(Standing {
        tn: number(row.get("tn"), "tn", options)?,
        registrant: text("registrant").map(Into::into),
        purpose: text("purpose").map(CallPurpose::from_word),
        registered_at: time_or_date(row.get("registered_at"), "registered_at", DayEnd::Begin, options)?,
        attested: yes(row.get("attested"), "attested")?,
        determination: determination(row.get("determination"))?,
        evidence_from: time_or_date(row.get("evidence_from"), "evidence_from", DayEnd::Begin, options)?,
    })
}

fn determination(word: &str) -> Result<Determination, Fault> {
    match word {
        "" | "none" => Ok(Determination::None),
        "cleared" => Ok(Determination::Cleared),
        "upheld" => Ok(Determination::Upheld),
        other => Err(unknown_word(other, "determination", ["none", "cleared", "upheld"].into_iter())),
    }
}
