//! The comment that heads a learned score: where it comes from, so that it can be had again.

use std::fmt::Write as _;
use std::path::Path;

use fit::table::Part;
use jiff::civil::Date;

use super::args::FitArgs;
use crate::error::ScoreError;
use crate::labelled::Report;

/// The date that the comment states: as asked for, else today in UTC.
pub(super) fn date(asked: Option<&str>) -> Result<String, ScoreError> {
    let Some(text) = asked else {
        return Ok(jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date().to_string());
    };
    let refuse =
        |_| ScoreError::Argument { argument: "--date", detail: format!("{text} is no date such as 2026-11-25") };
    text.parse::<Date>().map(|date| date.to_string()).map_err(refuse)
}

/// The comment: data, command, seed, date and what was measured. Files are named without their folders.
pub(super) fn comment(args: &FitArgs, date: &str, report: &Report<'_>) -> String {
    let mut out = String::from(
        "# A score learned from a labelled table by `ringtrue fit`. P is the probability that a row is unwanted.\n#\n",
    );
    let mut line = |key: &str, value: &str| {
        let _ = writeln!(out, "# {key}: {}", value.replace(['\n', '\r'], " "));
    };
    line("data", &format!("{}, {} rows", name(&args.features), report.table.len()));
    line("command", &command(args));
    line("seed", &args.seed.to_string());
    line("date", date);
    for (part, metrics) in report.measured.iter().filter(|(part, _)| *part == Part::Test) {
        let auc = metrics.auc.map_or_else(|| "–".to_owned(), |auc| format!("{auc:.4}"));
        line(part.name(), &format!("{} rows, {} unwanted, AUC {auc}", metrics.n, metrics.positives));
    }
    out.push_str("#\n# Each evidence says its nats for or against; weighted and clipped they add up with the prior's log-odds to L.\n");
    out.push_str(
        "# A shape looks its rate up as (s + kappa * mean) / (n + kappa), and takes off the nats of its mean.\n\n",
    );
    out
}

/// The command, as it would be typed beside its files.
fn command(args: &FitArgs) -> String {
    let mut out = format!("ringtrue fit --features {} --label {}", name(&args.features), word(&args.label));
    if let Some(split) = &args.split {
        let _ = write!(out, " --split {}", word(split));
    }
    if let Some(fractions) = &args.split_fractions {
        let fractions: Vec<String> = fractions.iter().map(f64::to_string).collect();
        let _ = write!(out, " --split-fractions {}", fractions.join(","));
    }
    if let Some(folds) = args.folds {
        let _ = write!(out, " --folds {folds}");
    }
    let _ = write!(out, " --seed {} --spec {} --out {}", args.seed, name(&args.spec), name(&args.out));
    out
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| crate::said::file_name(path), |name| word(&name.to_string_lossy()))
}

/// A word of a command line, in quotes where it needs them.
fn word(text: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:,+=@%".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
