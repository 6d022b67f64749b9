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

/// The comment of a learned score: data, command, seed, date and what was measured. Files are named without their folders.
pub(super) fn of_score(args: &FitArgs, date: &str, report: &Report<'_>) -> String {
    let mut out = String::from(
        "# A score learned from a labelled table by `ringtrue fit`. P is the probability that a row is unwanted.\n#\n",
    );
    let table = &args.table;
    let mut command = Command::new();
    command.file("--features", table.features.as_deref());
    command.word("--label", table.label.as_deref());
    command.word("--split", table.split.as_deref());
    let join = |fractions: &Vec<f64>| fractions.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
    command.word("--split-fractions", table.split_fractions.as_ref().map(join).as_deref());
    command.word("--folds", table.folds.map(|folds| folds.to_string()).as_deref());
    command.word("--seed", Some(&args.seed.to_string()));
    command.file("--spec", table.spec.as_deref());
    command.file("--out", table.out.as_deref());
    origin(&mut out, report, &command, [&args.seed.to_string(), date]);
    out.push_str("#\n# Each evidence says its nats for or against; weighted and clipped they add up with the prior's log-odds to L.\n");
    out.push_str(
        "# A shape looks its rate up as (s + kappa * mean) / (n + kappa), and takes off the nats of its mean.\n\n",
    );
    out
}

/// The comment of learned policy settings.
pub(super) fn of_policy(args: &FitArgs, date: &str, report: &Report<'_>) -> String {
    let mut out = String::from(
        "# Evidence learned from traffic with known truth by `ringtrue fit`: lay it over the shipped reputation.toml.\n#\n",
    );
    let traffic = &args.traffic;
    let mut command = Command::new();
    let known = &traffic.known;
    traffic.calls.iter().for_each(|file| command.file("--calls", Some(file)));
    traffic.worlds.iter().for_each(|folder| command.file("--worlds", Some(folder)));
    command.file("--truth", traffic.truth.as_deref());
    known.reports.iter().for_each(|file| command.file("--reports", Some(file)));
    if known.reports_cover {
        command.flag("--reports-cover");
    }
    command.file("--standing", known.standing.as_deref());
    command.file("--trusted", known.trusted.as_deref());
    command.file("--carrier-map", known.carrier_map.as_deref());
    command.word("--region", known.region.as_deref());
    command.word("--at", known.at.as_deref());
    command.file("--policy", traffic.policy.as_deref());
    command.word("--prior", traffic.prior.map(|share| share.to_string()).as_deref());
    let form = clap::ValueEnum::to_possible_value(&traffic.form);
    command.word("--form", form.as_ref().map(clap::builder::PossibleValue::get_name));
    command.word("--seed", Some(&args.seed.to_string()));
    command.file("--policy-out", traffic.policy_out.as_deref());
    origin(&mut out, report, &command, [&args.seed.to_string(), date]);
    out
}

/// Where it comes from, line by line.
fn origin(out: &mut String, report: &Report<'_>, command: &Command, [seed, date]: [&str; 2]) {
    let mut line = |key: &str, value: &str| {
        let _ = writeln!(out, "# {key}: {}", value.replace(['\n', '\r'], " "));
    };
    line("data", &format!("{}, {} rows", report.features, report.table.len()));
    line("command", &command.0);
    line("seed", seed);
    line("date", date);
    for (part, metrics) in report.measured.iter().filter(|(part, _)| *part == Part::Test) {
        let auc = metrics.auc.map_or_else(|| "–".to_owned(), |auc| format!("{auc:.4}"));
        line(part.name(), &format!("{} rows, {} unwanted, AUC {auc}", metrics.n, metrics.positives));
    }
    if let Some(auc) = report.whole.and_then(|metrics| metrics.auc) {
        line("test, all that the policy adds up", &format!("AUC {auc:.4}"));
    }
}

/// The command, as it would be typed beside its files.
struct Command(String);

impl Command {
    fn new() -> Self {
        Self("ringtrue fit".to_owned())
    }

    fn flag(&mut self, option: &str) {
        let _ = write!(self.0, " {option}");
    }

    fn word(&mut self, option: &str, value: Option<&str>) {
        if let Some(value) = value {
            let _ = write!(self.0, " {option} {}", word(value));
        }
    }

    fn file(&mut self, option: &str, value: Option<&Path>) {
        if let Some(path) = value {
            let _ = write!(self.0, " {option} {}", name(path));
        }
    }
}

fn name(path: &Path) -> String {
    word(&crate::said::short_name(path))
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
