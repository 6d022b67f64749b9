//! How far reporters are to be believed: by how the numbers that they report behave.

use std::collections::BTreeMap;

use model::{ReportCategory, TelephoneNumber, Timestamp};

use super::{Fleet, Neighbours};
use crate::bytes::{Reader, put, put_signed};
use crate::engines::View;
use crate::evidence::ReportFact;
use crate::facts::{Moment, hour_start};
use crate::policy::Policy;
use crate::timeline::{Circumstances, Hours};

/// How many of each reporter's reports are borne out, and how many contradicted, from day to day.
#[derive(Clone, Debug, Default)]
pub struct Standings {
    by_reporter: BTreeMap<u64, Vec<Change>>,
}

/// What changed at the 00:00 UTC that begins a day.
#[derive(Clone, Copy, Debug)]
struct Change {
    day: u32,
    ok: i32,
    bad: i32,
}

impl Standings {
    /// Counts one report from the 00:00 UTC that begins `day` on: borne out by its target's behaviour, or contradicted.
    pub fn count(&mut self, reporter: u64, day: u32, ok: bool) {
        self.change(reporter, Change { day, ok: i32::from(ok), bad: i32::from(!ok) });
    }

    /// Counts one report no longer from the 00:00 UTC that begins `day` on: its target's behaviour does not say so any more.
    pub fn uncount(&mut self, reporter: u64, day: u32, ok: bool) {
        self.change(reporter, Change { day, ok: -i32::from(ok), bad: -i32::from(!ok) });
    }

    fn change(&mut self, reporter: u64, change: Change) {
        let days = self.by_reporter.entry(reporter).or_default();
        let place = days.partition_point(|other| other.day < change.day);
        match days.get_mut(place) {
            Some(same) if same.day == change.day => {
                same.ok += change.ok;
                same.bad += change.bad;
            }
            Some(_) | None => days.insert(place, change),
        }
    }

    /// How far a reporter is believed on `day`: (ok + 1)/(ok + bad + 4) with the policy's constants.
    #[must_use]
    pub fn credibility(&self, policy: &Policy, reporter: Option<u64>, day: u32) -> f64 {
        let changes = reporter.and_then(|reporter| self.by_reporter.get(&reporter)).map_or(&[][..], Vec::as_slice);
        let (mut ok, mut bad) = (0, 0);
        for change in changes.iter().take_while(|change| change.day <= day) {
            ok += change.ok;
            bad += change.bad;
        }
        (f64::from(ok) + policy.reports.cred_prior_ok) / (f64::from(ok + bad) + policy.reports.cred_prior_all)
    }

    /// Joins what changed up to the 00:00 UTC that begins `day` into one change: earlier days are not asked for any more.
    pub fn age(&mut self, day: u32) {
        for changes in self.by_reporter.values_mut() {
            let old = changes.partition_point(|change| change.day <= day);
            let sum = changes.drain(..old).reduce(|a, b| Change { day: b.day, ok: a.ok + b.ok, bad: a.bad + b.bad });
            if let Some(sum) = sum.filter(|sum| sum.ok != 0 || sum.bad != 0) {
                changes.insert(0, sum);
            }
        }
        self.by_reporter.retain(|_, changes| !changes.is_empty());
    }

    /// Appends the standings as bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        put(out, self.by_reporter.len() as u64);
        for (reporter, changes) in &self.by_reporter {
            out.extend_from_slice(&reporter.to_le_bytes());
            put(out, changes.len() as u64);
            for change in changes {
                put(out, u64::from(change.day));
                put_signed(out, change.ok.into());
                put_signed(out, change.bad.into());
            }
        }
    }

    /// Reads standings back; `None` where the bytes hold none.
    #[must_use]
    pub fn read_back(bytes: &mut Reader<'_>) -> Option<Self> {
        let mut standings = Self::default();
        for _ in 0..bytes.count(9)? {
            let reporter = u64::from_le_bytes(bytes.take(8)?.try_into().ok()?);
            for _ in 0..bytes.count(3)? {
                let day = bytes.get_as()?;
                let (ok, bad) = (i32::try_from(bytes.signed()?).ok()?, i32::try_from(bytes.signed()?).ok()?);
                standings.change(reporter, Change { day, ok, bad });
            }
        }
        Some(standings)
    }

    /// Tells whether no reporter was ever borne out or contradicted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_reporter.is_empty()
    }

    /// Takes over what another holds.
    pub fn merge(&mut self, other: Self) {
        for (reporter, changes) in other.by_reporter {
            for change in changes {
                self.change(reporter, change);
            }
        }
    }
}

/// How reports about one number count for their reporters: who is borne out by the number's conduct, and who is contradicted.
/// Reporters of whom conduct says nothing are not there.
pub type Counted = BTreeMap<u64, bool>;

/// Scores the reporters of one number's reports by that number's behaviour alone, at each 00:00 UTC after a report became
/// known: each reporter once, by what it said last.
pub fn score_reporters(
    fleet: &Fleet<'_>,
    neighbours: &mut Neighbours,
    number: (TelephoneNumber, u32),
    reports: &[ReportFact],
    into: &mut Standings,
) {
    score_reporters_from(0, fleet, neighbours, number, (reports, &mut Counted::new()), into);
}

/// The same at each 00:00 UTC from `day` on; `counted` holds how reports counted before, and then how they count.
pub fn score_reporters_from(
    day: u32,
    fleet: &Fleet<'_>,
    neighbours: &mut Neighbours,
    (tn, place): (TelephoneNumber, u32),
    (reports, counted): (&[ReportFact], &mut Counted),
    into: &mut Standings,
) {
    let from = day;
    let mut said: Vec<Said> = reports.iter().filter_map(Said::of).collect();
    said.sort_unstable();
    let Some(first) = said.iter().filter_map(|said| crate::facts::hour_index(said.known)).min() else {
        return;
    };
    // Neither reports nor their lack may bear out a report.
    let about =
        Circumstances { reports: &[], standing: None, truth: &[], reports_cover: false, ..fleet.about.about(tn) };
    fleet.store.read(place, &mut neighbours.cells);
    let timeline = &mut neighbours.timeline;
    timeline.clear(&about);
    let view = View::any();
    let mut hours = Hours::new(neighbours.cells.calls(), neighbours.cells.dests(), &view);
    let policy = &fleet.rules.policy;
    for day in from.max(first / 24 + 1)..=fleet.end.moment.hour / 24 {
        let midnight = hour_start(day * 24);
        hours.feed(day * 24 - 1, fleet.rules, timeline);
        let found = timeline.read(fleet.rules, &about, &|_| 0.0, Moment::tick(day * 24), midnight).found;
        let is_unwanted = found.p0 >= policy.reports.standing_ok_p;
        let is_wanted =
            found.attempts >= policy.reports.standing_min_attempts && found.p0 <= policy.reports.standing_bad_p;
        let conduct = (is_unwanted || is_wanted).then_some(is_unwanted);
        for of_one in said.chunk_by(|a, b| a.reporter == b.reporter) {
            let Some(reporter) = of_one.first().map(|said| said.reporter) else { continue };
            let last = of_one.iter().rfind(|said| said.known < midnight);
            let now = last.and_then(|said| conduct.map(|unwanted| said.unwanted == unwanted));
            let before = counted.get(&reporter).copied();
            if now == before {
                continue;
            }
            if let Some(ok) = before {
                into.uncount(reporter, day, ok);
                counted.remove(&reporter);
            }
            if let Some(ok) = now {
                into.count(reporter, day, ok);
                counted.insert(reporter, ok);
            }
        }
    }
}

/// What one reporter said of a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    reporter: u64,
    known: Timestamp,
    unwanted: bool,
}

impl Said {
    /// `None` for reports that name nobody or say nothing of the number's conduct.
    fn of(report: &ReportFact) -> Option<Self> {
        let unwanted = match report.category {
            ReportCategory::Unwanted | ReportCategory::Fraud => true,
            ReportCategory::NotSpam => false,
            ReportCategory::WrongNumber | ReportCategory::SpoofedMe => return None,
        };
        let reporter = report.reporter.filter(|_| !report.regulator)?;
        Some(Self { reporter, known: report.known, unwanted })
    }
}
