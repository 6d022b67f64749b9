//! People's reports as evidence: who says it, whether a call is proven, and how many speak independently.

use std::collections::BTreeMap;

use model::{Report, ReportCategory, Timestamp};

use crate::numeric::ln;
use crate::policy::ReportsPolicy;

/// One report as facts keep it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ReportFact {
    /// When the reported call happened.
    pub at: Timestamp,
    /// When we learned of the report.
    pub known: Timestamp,
    /// What it says.
    pub category: ReportCategory,
    /// Stands for the person; `None` makes it a person of its own.
    pub reporter: Option<u64>,
    /// Reports with the same value are not independent: same account age, network, device, area code and quarter of an hour.
    pub cluster: u64,
    /// A call from the number to the reporter is on record, within the days that the policy states.
    pub proven: bool,
    /// Comes from a regulator's file, which covers no carrier in particular.
    pub regulator: bool,
    /// The reporter's carrier plus one; 0 when unknown.
    pub carrier: u8,
}

impl ReportFact {
    /// The fact that a report is.
    #[must_use]
    pub fn of(report: &Report, proven: bool) -> Self {
        Self {
            at: report.at,
            known: report.known(),
            category: report.category,
            reporter: report.reporter,
            cluster: cluster(report),
            proven: proven || report.proven,
            regulator: report.regulator,
            carrier: report.carrier.map_or(0, |carrier| (carrier.0 + 1).min(63)),
        }
    }
}

/// Milliseconds of the burst within which reports are not independent.
const BURST_MS: i64 = 15 * 60_000;

fn cluster(report: &Report) -> u64 {
    let age_bucket = report.reporter_since.map(|since| {
        let days = (report.at.as_ms() - since.as_ms()).max(0) / model::time::DAY_MS;
        match days {
            0..7 => 1,
            7..30 => 2,
            30..365 => 3,
            _ => 4u64,
        }
    });
    let parts = [
        age_bucket.unwrap_or(0),
        report.network.unwrap_or(0),
        report.device.unwrap_or(0),
        u64::from(report.area_code.unwrap_or(0)),
        u64::try_from(report.at.as_ms().div_euclid(BURST_MS)).unwrap_or(0),
    ];
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |hash, &part| {
        let x = (hash ^ part).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x ^ (x >> 29)
    })
}

/// What a number's reports say at a moment.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct ReportFacts {
    /// The weighted count of all reports, "not spam" taken off.
    pub weighted: f64,
    /// Of that, the proven ones.
    pub proven: f64,
    /// Clusters with a proven report.
    pub proven_clusters: u32,
    /// Reports that count, of any weight.
    pub live: u32,
    /// "My own number is being spoofed".
    pub shields: u32,
}

/// What weighing reports needs besides them.
pub struct ReportRules<'a> {
    /// The policy.
    pub policy: &'a ReportsPolicy,
    /// Half-life in days.
    pub half_life_d: f64,
    /// Reports of calls before this do not count.
    pub evidence_from: Timestamp,
    /// Credibility of a reporter, 0 to 1.
    pub credibility: &'a dyn Fn(Option<u64>) -> f64,
}

/// Weighs the reports that were known at `now`. `reports` may be in any order.
#[must_use]
pub fn report_facts(reports: &[ReportFact], rules: &ReportRules<'_>, now: Timestamp) -> ReportFacts {
    let mut facts = ReportFacts::default();
    if reports.is_empty() {
        return facts;
    }
    let counts = |report: &&ReportFact| report.known <= now && report.at >= rules.evidence_from;
    let mut kept: Vec<&ReportFact> = reports.iter().filter(counts).collect();
    keep_most(&mut kept, rules.policy.kept_per_number);
    let mut latest: BTreeMap<u64, &ReportFact> = BTreeMap::new();
    let mut single = Vec::new();
    for report in kept {
        match report.reporter {
            Some(reporter) => {
                let kept = latest.entry(reporter).or_insert(report);
                if rank(report) > rank(kept) {
                    *kept = report;
                }
            }
            None => single.push(report),
        }
    }
    // Sums of fractions depend on their order.
    single.sort_unstable_by_key(|report| rank(report));
    let mut clusters: BTreeMap<u64, Cluster> = BTreeMap::new();
    for report in latest.into_values().chain(single) {
        let sign = match report.category {
            ReportCategory::Unwanted | ReportCategory::Fraud => 1.0,
            ReportCategory::NotSpam => -1.0,
            ReportCategory::WrongNumber => continue,
            ReportCategory::SpoofedMe => {
                facts.shields += 1;
                continue;
            }
        };
        facts.live += 1;
        let age_d = (now.as_ms() - report.at.as_ms()).max(0) as f64 / model::time::DAY_MS as f64;
        let proof = if report.proven { 1.0 } else { rules.policy.unproven_proof };
        let decay = libm::exp2(-age_d / rules.half_life_d);
        let weight = ((rules.credibility)(report.reporter) * proof * decay).min(1.0);
        let cluster = clusters.entry(report.cluster).or_default();
        if sign > 0.0 {
            cluster.against += weight;
            cluster.proven += if report.proven { weight } else { 0.0 };
            cluster.has_proof |= report.proven;
        } else {
            cluster.favour += weight;
            cluster.favour_proven += if report.proven { weight } else { 0.0 };
        }
    }
    let cap = rules.policy.cluster_cap;
    let capped = |sum: f64| cap * (1.0 - libm::exp(-sum / cap));
    for cluster in clusters.values() {
        facts.weighted += capped(cluster.against) - capped(cluster.favour);
        facts.proven += capped(cluster.proven) - capped(cluster.favour_proven);
        facts.proven_clusters += u32::from(cluster.has_proof);
    }
    facts
}

/// Leaves the reports that count most when there are more than a number keeps: proven ones before the rest, so that a flood of
/// unproven ones crowds none of them out, and newer ones before older.
fn keep_most(reports: &mut Vec<&ReportFact>, most: usize) {
    if reports.len() > most {
        reports.select_nth_unstable_by_key(most, |report| {
            std::cmp::Reverse((report.proven, rank(report), report.reporter))
        });
        reports.truncate(most);
    }
}

/// The order of one reporter's reports, of which the last one counts; the later parts settle ties in any input's order.
const fn rank(report: &ReportFact) -> (Timestamp, Timestamp, ReportCategory, bool, u64) {
    (report.at, report.known, report.category, report.proven, report.cluster)
}

#[derive(Default)]
struct Cluster {
    against: f64,
    proven: f64,
    favour: f64,
    favour_proven: f64,
    has_proof: bool,
}

impl ReportFacts {
    /// The evidence, in nats: what proven reports say, and what unproven ones add.
    ///
    /// `attempts` is the decayed number of attempts; with `covered` (a feed that covers the carriers of this view) the lack
    /// of reports speaks for the caller.
    #[must_use]
    pub fn nats(&self, policy: &ReportsPolicy, attempts: f64, covered: bool) -> (f64, f64) {
        if self.weighted == 0.0 && self.proven == 0.0 && !covered {
            return (0.0, 0.0);
        }
        let [_, high] = policy.clip;
        let proven_max =
            if self.proven_clusters < policy.full_clusters { policy.proven_max_below_clusters } else { high };
        let proven = count_nats(policy, self.proven, attempts, covered).min(proven_max);
        let all = count_nats(policy, self.weighted, attempts, covered);
        (proven, (all - proven).clamp(0.0, policy.unproven_max))
    }
}

/// The evidence of a weighted count `c`: the ratio of two negative binomials when there are enough attempts, else a slope. What is
/// below 0 ("not spam" outweighs) takes off by the slope.
fn count_nats(policy: &ReportsPolicy, c: f64, attempts: f64, covered: bool) -> f64 {
    let [low, high] = policy.clip;
    let against = c.max(0.0);
    let nats = if attempts >= policy.min_attempts {
        let r = policy.dispersion;
        let (bad, good) = (policy.rate_unwanted * attempts, policy.rate_legitimate * attempts);
        r * ln((r + good) / (r + bad)) + against * (ln(bad / (r + bad)) - ln(good / (r + good)))
    } else {
        policy.slope * libm::log1p(against)
    };
    let nats = nats - policy.slope * libm::log1p((-c).max(0.0));
    nats.clamp(if covered { low } else { 0.0 }, high)
}
