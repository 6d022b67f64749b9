//! The closing summary of a run.

use intake::SkipKind;
use model::{Label, Timestamp};
use reputation::verdict::Opinion;
use service::number::ScoredNumber;

use super::counts::Counts;
use super::rejects::Rejects;
use super::result::Summary;
use super::setup::Setup;
use crate::output::text::{count as grouped, counted};

/// Numbers by engine and label, and how many there were.
#[derive(Clone, Default)]
pub(super) struct LabelCounts {
    /// By engine; `None` first.
    by_engine: std::collections::BTreeMap<Option<usize>, [u64; 5]>,
    /// Numbers judged.
    pub(super) numbers: u64,
}

impl LabelCounts {
    /// Counts one number.
    pub(super) fn add(&mut self, number: &ScoredNumber) {
        self.numbers += 1;
        for verdict in &number.verdicts {
            let place = match verdict.opinion {
                Opinion::NoOpinion => Label::ALL.len(),
                Opinion::Rated { label, .. } => label as usize,
            };
            if let Some(count) = self.by_engine.entry(verdict.engine).or_default().get_mut(place) {
                *count += 1;
            }
        }
    }

    /// Takes over what another counted.
    pub(super) fn merge(&mut self, other: &Self) {
        self.numbers += other.numbers;
        for (&engine, counts) in &other.by_engine {
            for (sum, part) in self.by_engine.entry(engine).or_default().iter_mut().zip(counts) {
                *sum += part;
            }
        }
    }

    pub(super) fn named(&self, setup: &Setup) -> Vec<(String, [u64; 5])> {
        let name = |engine: Option<usize>| {
            let engine = engine.and_then(|place| setup.directory.engines.get(place));
            engine.map_or_else(|| crate::output::ANY_ENGINE.to_owned(), |engine| engine.key.clone())
        };
        self.by_engine.iter().map(|(&engine, &counts)| (name(engine), counts)).collect()
    }
}

/// Sums up a run.
pub(super) fn summary(setup: &Setup, counts: &Counts, rejects: &Rejects, labels: &LabelCounts) -> Summary {
    let mut skipped: Vec<(&'static str, u64)> =
        SkipKind::ALL.into_iter().zip(counts.skipped).map(|(kind, count)| (kind.words(), count)).collect();
    let reports = &setup.reports;
    skipped.extend([
        ("not your numbers", counts.not_own),
        ("extension without a number", counts.unmapped),
        ("more than 5 minutes in the future", counts.in_the_future),
        ("outside the years 2012 to 2041", counts.outside_years),
        ("report of a number fragment", reports.fragments),
        ("report of a stand-in number", reports.sentinels),
        ("report without a number", reports.blanks),
        ("report of a withheld number", reports.withheld),
        ("report of a malformed number", reports.malformed),
        ("report not about a call", reports.not_calls),
        ("totals of a number whose calls are known", counts.totals_of_calls),
        ("report of a number that is not yours", counts.not_own_reports),
        ("regulator's report of a number that places no call here", counts.strangers),
    ]);
    skipped.retain(|&(_, count)| count > 0);
    Summary {
        lines: counts.lines,
        calls: counts.calls,
        totals: counts.totals,
        rejected: rejects.count,
        duplicates: counts.duplicates,
        unchecked: counts.unchecked,
        without_id: counts.without_id,
        unknown_carriers: counts.unknown_carriers + reports.unknown_carriers,
        carriers_by_prefix: counts.carriers_by_prefix,
        unknown_carriers_mapped: setup.carriers.unknown_carriers,
        late: counts.late,
        after_at: counts.after_at,
        skipped,
        reports: reports.reports.len() as u64,
        numbers: labels.numbers,
        labels: labels.named(setup),
        data_from: counts.from,
        data_through: counts.through,
    }
}

/// The closing summary in words, a line each.
pub(super) fn lines(summary: &Summary, at: Timestamp, kept: bool, shown: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for reject in shown {
        lines.push(format!("rejected {reject}"));
    }
    if summary.rejected > shown.len() as u64 {
        lines.push(format!("rejected {} more", summary.rejected - shown.len() as u64));
    }
    if summary.rejected > 0 && !kept {
        lines.push("keep all rejected records with --rejects FILE".to_owned());
    }
    let mut counts = vec![counted(summary.calls, "call", "calls")];
    for (count, words) in [
        (summary.totals, "totals of numbers"),
        (summary.rejected, "rejected"),
        (summary.duplicates, "duplicate"),
        (summary.unchecked, "not checked for duplicates"),
        (summary.late, "learned of later than 35 days"),
        (summary.after_at, "after the moment of judgement"),
    ] {
        if count > 0 {
            counts.push(format!("{} {words}", grouped(count)));
        }
    }
    if summary.reports > 0 {
        counts.push(counted(summary.reports, "report", "reports"));
    }
    counts.extend(summary.skipped.iter().map(|(words, count)| format!("{} skipped: {words}", grouped(*count))));
    lines.push(counts.join(", "));
    if summary.without_id > 0 {
        lines.push(format!(
            "{} no id: a repeat of them is kept (--dedupe content compares what they say)",
            counted(summary.without_id, "call has", "calls have")
        ));
    }
    if summary.unknown_carriers > 0 {
        lines.push(format!(
            "{} a carrier that engines.toml does not list: every engine is taken to see it",
            counted(summary.unknown_carriers, "call or report names", "calls or reports name")
        ));
    }
    if summary.unknown_carriers_mapped > 0 {
        lines.push(format!(
            "{} a carrier that engines.toml does not list: passed over",
            counted(summary.unknown_carriers_mapped, "row of --carrier-map names", "rows of --carrier-map name")
        ));
    }
    if summary.carriers_by_prefix > 0 {
        lines.push(format!(
            "carrier of {} taken from a prefix: numbers move between carriers, so this is uncertain",
            counted(summary.carriers_by_prefix, "call", "calls")
        ));
    }
    for (engine, [none, potential, likely, spam, no_opinion]) in &summary.labels {
        let engine = if engine == crate::output::ANY_ENGINE { "any engine (carriers unknown)" } else { engine };
        lines.push(format!(
            "{engine}: {} spam, {} spam likely, {} potential spam, {} no label, {} no opinion",
            grouped(*spam),
            grouped(*likely),
            grouped(*potential),
            grouped(*none),
            grouped(*no_opinion)
        ));
    }
    if let (Some(from), Some(through)) = (summary.data_from, summary.data_through) {
        let numbers = counted(summary.numbers, "number", "numbers");
        lines.push(format!("{numbers}, data from {from} to {through}, judged as of {at}"));
    }
    lines
}
