//! Evidence into log-odds, and log-odds into the label that they reach.

use model::Label;

use crate::evidence::{ReportFacts, attestation_nats, first_calls, rate_nats, talk_nats};
use crate::facts::{SampleFacts, Sums};
use crate::numeric::logistic;
use crate::policy::{Family, Level, Policy};

/// What a reason is about. Each code has a heading in `docs/reference/reasons.md`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum ReasonCode {
    /// Many destinations are not in service.
    InvalidDestinations,
    /// Few attempts are answered.
    Unanswered,
    /// Many answered calls are short.
    ShortCalls,
    /// Answered calls are brief on the whole.
    TalkTime,
    /// Most attempts go to people never called before.
    FirstCalls,
    /// People report the number.
    Reports,
    /// The number's neighbours are unwanted, or wanted.
    Block,
    /// How the calls are signed.
    Attestation,
    /// On a do-not-originate list.
    Dno,
    /// No numbering plan has such a number.
    Undialable,
    /// Not allocated.
    Unallocated,
    /// Called traps.
    Honeypot,
    /// Found by a traceback.
    Traceback,
    /// A review upheld the label.
    Determination,
    /// Registered and attested.
    Registered,
    /// An extreme value that convicts by itself.
    Floor,
}

impl ReasonCode {
    /// All codes.
    pub const ALL: [Self; 16] = [
        Self::InvalidDestinations,
        Self::Unanswered,
        Self::ShortCalls,
        Self::TalkTime,
        Self::FirstCalls,
        Self::Reports,
        Self::Block,
        Self::Attestation,
        Self::Dno,
        Self::Undialable,
        Self::Unallocated,
        Self::Honeypot,
        Self::Traceback,
        Self::Determination,
        Self::Registered,
        Self::Floor,
    ];

    /// The stable code used in output and documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidDestinations => "INVALID_DESTINATIONS",
            Self::Unanswered => "UNANSWERED",
            Self::ShortCalls => "SHORT_CALLS",
            Self::TalkTime => "TALK_TIME",
            Self::FirstCalls => "FIRST_CALLS",
            Self::Reports => "REPORTS",
            Self::Block => "BLOCK",
            Self::Attestation => "ATTESTATION",
            Self::Dno => "DNO",
            Self::Undialable => "UNDIALABLE",
            Self::Unallocated => "UNALLOCATED",
            Self::Honeypot => "HONEYPOT",
            Self::Traceback => "TRACEBACK",
            Self::Determination => "DETERMINATION",
            Self::Registered => "REGISTERED",
            Self::Floor => "FLOOR",
        }
    }

    /// The family that a reason speaks in; `None` for context and corrections.
    #[must_use]
    pub const fn family(self, policy: &Policy) -> Option<Family> {
        match self {
            Self::InvalidDestinations => Some(policy.evidence.invalid_destinations.family),
            Self::Unanswered => Some(policy.evidence.unanswered.family),
            Self::ShortCalls => Some(policy.evidence.short_calls.family),
            Self::TalkTime => Some(policy.evidence.talk_time.family),
            Self::FirstCalls => Some(policy.evidence.first_calls.family),
            Self::Reports => Some(Family::Reports),
            Self::Dno | Self::Undialable | Self::Unallocated | Self::Honeypot | Self::Traceback => {
                Some(Family::Trusted)
            }
            Self::Block | Self::Attestation | Self::Determination | Self::Registered | Self::Floor => None,
        }
    }
}

/// Trusted truth about a number at a moment, in nats by kind.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct TruthFacts {
    /// On a do-not-originate list.
    pub dno: f64,
    /// No numbering plan has such a number.
    pub undialable: f64,
    /// Not allocated.
    pub unallocated: f64,
    /// Called traps.
    pub honeypot: f64,
    /// Found by a traceback.
    pub traceback: f64,
}

impl TruthFacts {
    /// Tells whether anything is known.
    #[must_use]
    pub fn any(&self) -> bool {
        self.dno + self.undialable + self.unallocated + self.honeypot + self.traceback > 0.0
    }

    /// Tells whether nobody may call with the number: then no call is its assignee's, and good behaviour speaks for nobody.
    #[must_use]
    pub fn unassigned(&self) -> bool {
        self.dno + self.undialable + self.unallocated > 0.0
    }
}

/// Everything that one assessment weighs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inputs {
    /// Decayed sums of the panes.
    pub sums: Sums,
    /// The sample of destinations.
    pub sample: SampleFacts,
    /// Days from first to last attempt.
    pub span_d: f64,
    /// What people report.
    pub reports: ReportFacts,
    /// A feed of reports covers the carriers of this view, so that silence speaks for the caller.
    pub reports_cover: bool,
    /// The block's evidence, in nats, clipped but not weighted.
    pub block_nats: f64,
    /// Trusted truth.
    pub truth: TruthFacts,
    /// Registered and attested at this moment.
    pub registered: bool,
    /// A review upheld the label recently.
    pub upheld: bool,
    /// Never labelled: an emergency number.
    pub emergency: bool,
    /// What totals leave out.
    pub untold: Untold,
}

/// What a source of totals does not tell of answered calls. Single calls each say for themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Untold {
    /// How many were short.
    pub short: bool,
    /// How long they lasted.
    pub talk: bool,
}

/// Ten-thousandths of a nat: evidence is rounded to them so that sums are exact.
pub const NATS_SCALE: f64 = 1e4;

/// How the evidence adds up.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Assessment {
    /// Weighted evidence by [`ReasonCode`], in ten-thousandths of a nat.
    pub nats: [i32; ReasonCode::ALL.len()],
    /// Log-odds without the floor: prior and evidence.
    pub log_odds: f64,
    /// Probability without the floor.
    pub p: f64,
    /// Probability without block and attestation.
    pub p0: f64,
    /// Decayed attempts.
    pub attempts: f64,
    /// Families that speak against the caller.
    pub families: u32,
    /// One of them is proven reports or trusted truth.
    pub has_proof: bool,
    /// How many of the three published behaviours convict by themselves.
    pub floors: u32,
    /// The label that the floor alone gives.
    pub floor: Label,
    /// The label that all conditions together give.
    pub reached: Label,
    /// There is enough to have an opinion.
    pub opinion: bool,
}

impl Assessment {
    /// The log-odds with the floor: raised to the entry of the label that the floor gives.
    #[must_use]
    pub fn rating_log_odds(&self, policy: &Policy) -> f64 {
        let calibrated = policy.calibration.alpha + policy.calibration.beta * self.log_odds;
        calibrated.max(policy.entry_log_odds(self.floor.min(self.reached)))
    }

    /// The same with the block's evidence of `inputs`, all else as it was weighed: the block is no family and moves no floor.
    #[must_use]
    pub fn with_block(mut self, policy: &Policy, prior: f64, inputs: &Inputs) -> Self {
        if let Some(place) = self.nats.get_mut(ReasonCode::Block as usize) {
            *place = ten_thousandths(policy.block.weight * inputs.block_nats);
        }
        self.conclude(policy, prior, inputs);
        self
    }

    /// Adds the evidence up, and finds the label that it reaches.
    fn conclude(&mut self, policy: &Policy, prior: f64, inputs: &Inputs) {
        let (all, context) = sums(&self.nats);
        self.log_odds = prior + all as f64 / NATS_SCALE;
        self.p = probability(policy, self.log_odds);
        self.p0 = probability(policy, prior + (all - context) as f64 / NATS_SCALE);
        self.reached = reach(policy, self, inputs);
    }

    /// Weighted evidence of one reason, in nats.
    #[must_use]
    pub fn nats_of(&self, code: ReasonCode) -> f64 {
        self.nats.get(code as usize).map_or(0.0, |&n| f64::from(n) / NATS_SCALE)
    }
}

/// All evidence, and that of block and attestation alone, in ten-thousandths of a nat.
fn sums(nats: &[i32; ReasonCode::ALL.len()]) -> (i64, i64) {
    let of = |code: ReasonCode| nats.get(code as usize).map_or(0, |&nats| i64::from(nats));
    (nats.iter().map(|&nats| i64::from(nats)).sum(), of(ReasonCode::Block) + of(ReasonCode::Attestation))
}

fn probability(policy: &Policy, log_odds: f64) -> f64 {
    logistic(policy.calibration.alpha + policy.calibration.beta * log_odds)
}

/// The probability without block and attestation, and nothing else: what a block asks of each of its numbers.
#[must_use]
pub fn p0(policy: &Policy, prior: f64, inputs: &Inputs) -> f64 {
    let (all, context) = sums(&weigh(policy, inputs));
    probability(policy, prior + (all - context) as f64 / NATS_SCALE)
}

/// Weighs everything.
#[must_use]
pub fn assess(policy: &Policy, prior: f64, inputs: &Inputs) -> Assessment {
    let evidence = weigh(policy, inputs);
    let (families, has_proof) = families(policy, &evidence, inputs);
    let floors = floors(policy, &evidence, inputs);
    let attempts = inputs.sums.attempts();
    let mut found = Assessment {
        nats: evidence,
        log_odds: prior,
        p: 0.0,
        p0: 0.0,
        attempts,
        families,
        has_proof,
        floors,
        floor: floor_label(floors),
        reached: Label::None,
        opinion: has_opinion(policy, inputs),
    };
    found.conclude(policy, prior, inputs);
    found
}

/// Tells whether there is enough to have an opinion: calls, reports, or trusted truth.
pub(crate) fn has_opinion(policy: &Policy, inputs: &Inputs) -> bool {
    inputs.sums.attempts() >= policy.opinion.min_attempts
        || inputs.reports.weighted >= policy.reports.opinion_from
        || inputs.truth.any()
}

fn of(evidence: &[i32; ReasonCode::ALL.len()], code: ReasonCode) -> f64 {
    evidence.get(code as usize).map_or(0.0, |&n| f64::from(n) / NATS_SCALE)
}

/// Each piece of evidence, weighted and clipped, in ten-thousandths of a nat.
fn weigh(policy: &Policy, inputs: &Inputs) -> [i32; ReasonCode::ALL.len()] {
    let Inputs { sums, sample, .. } = inputs;
    let rates = &policy.evidence;
    let favour =
        if inputs.truth.unassigned() { 0.0 } else { (sample.distinct / policy.favour.full_destinations).min(1.0) };
    let behaviour = |weight: f64, nats: f64| weight * nats * if nats < 0.0 { favour } else { 1.0 };
    let invalid = behaviour(
        rates.invalid_destinations.weight,
        rate_nats(&rates.invalid_destinations, sample.invalid, f64::from(sample.observable)),
    );
    let unanswered =
        behaviour(rates.unanswered.weight, rate_nats(&rates.unanswered, sums.unanswered(), sums.answerable()));
    let talk = if inputs.untold.talk { 0.0 } else { talk_nats(&rates.talk_time, sums) };
    let talk = behaviour(rates.talk_time.weight, talk);
    let short = behaviour(rates.short_calls.weight, short_nats(policy, inputs));
    // The engagement family has a cap of its own; what is cut off is taken from the short calls.
    let short = short - (short + talk - policy.families.engagement_max).max(0.0);
    let (share, n) = first_calls(sums, sample);
    let span = rates.first_calls.full_span_d.map_or(1.0, |full| (inputs.span_d / full).min(1.0));
    let first = behaviour(rates.first_calls.weight * span, rate_nats(&rates.first_calls, share * n, n));
    let (proven, unproven) = inputs.reports.nats(&policy.reports, sums.attempts(), inputs.reports_cover);
    let values = [
        (ReasonCode::InvalidDestinations, invalid),
        (ReasonCode::Unanswered, unanswered),
        (ReasonCode::ShortCalls, short),
        (ReasonCode::TalkTime, talk),
        (ReasonCode::FirstCalls, first),
        (ReasonCode::Reports, behaviour(1.0, proven + unproven)),
        (ReasonCode::Block, policy.block.weight * inputs.block_nats),
        (ReasonCode::Attestation, attestation_nats(&policy.attestation, sums)),
        (ReasonCode::Dno, inputs.truth.dno),
        (ReasonCode::Undialable, inputs.truth.undialable),
        (ReasonCode::Unallocated, inputs.truth.unallocated),
        (ReasonCode::Honeypot, inputs.truth.honeypot),
        (ReasonCode::Traceback, inputs.truth.traceback),
        (ReasonCode::Determination, if inputs.upheld { policy.trusted.upheld } else { 0.0 }),
        (ReasonCode::Registered, if inputs.registered { policy.registered.nats } else { 0.0 }),
    ];
    let mut evidence = [0; ReasonCode::ALL.len()];
    for (code, nats) in values {
        if let Some(place) = evidence.get_mut(code as usize) {
            *place = ten_thousandths(nats);
        }
    }
    evidence
}

/// The evidence of short calls, clipped but not weighted.
fn short_nats(policy: &Policy, inputs: &Inputs) -> f64 {
    let n = if inputs.untold.short { 0.0 } else { inputs.sums.answered_known() };
    rate_nats(&policy.evidence.short_calls, inputs.sums.short(), n)
}

/// Evidence is bounded by its clips, far inside the range of the integer.
fn ten_thousandths(nats: f64) -> i32 {
    (nats * NATS_SCALE + 0.5f64.copysign(nats)) as i32
}

/// How many families speak against the caller, and whether one of them is proven reports or trusted truth.
fn families(policy: &Policy, evidence: &[i32; ReasonCode::ALL.len()], inputs: &Inputs) -> (u32, bool) {
    let mut sums = [0.0; 5];
    for code in ReasonCode::ALL {
        if code == ReasonCode::Reports {
            continue;
        }
        if let Some(family) = code.family(policy)
            && let Some(sum) = sums.get_mut(family as usize)
        {
            *sum += of(evidence, code);
        }
    }
    // Reports without proof are no family.
    let (proven, _) = inputs.reports.nats(&policy.reports, inputs.sums.attempts(), inputs.reports_cover);
    if let Some(sum) = sums.get_mut(Family::Reports as usize) {
        *sum = proven;
    }
    let speaks = |family: Family| sums.get(family as usize).is_some_and(|&sum| sum >= policy.families.entry_nats);
    let all = [Family::Reachability, Family::Engagement, Family::Targeting, Family::Reports, Family::Trusted];
    let count = all.into_iter().filter(|&family| speaks(family)).count();
    (u32::try_from(count).unwrap_or(0), speaks(Family::Reports) || speaks(Family::Trusted))
}

/// The three published behaviours that convict by themselves when they are extreme.
const FLOORS: [ReasonCode; 3] = [ReasonCode::ShortCalls, ReasonCode::InvalidDestinations, ReasonCode::Reports];

/// How many of the three published behaviours are so extreme that they convict by themselves.
fn floors(policy: &Policy, evidence: &[i32; ReasonCode::ALL.len()], inputs: &Inputs) -> u32 {
    let holding = FLOORS.into_iter().filter(|&code| is_floor(policy, evidence, inputs, code));
    u32::try_from(holding.count()).unwrap_or(0)
}

/// Tells whether one behaviour is so extreme that it convicts by itself.
pub(crate) fn is_floor(
    policy: &Policy,
    evidence: &[i32; ReasonCode::ALL.len()],
    inputs: &Inputs,
    code: ReasonCode,
) -> bool {
    let floor = &policy.floor;
    if inputs.sums.attempts() < floor.attempts || inputs.sample.distinct < floor.destinations {
        return false;
    }
    if code == ReasonCode::ShortCalls {
        return short_nats(policy, inputs) >= floor.short_nats && inputs.sums.answered_known() >= floor.short_answered;
    }
    if code == ReasonCode::InvalidDestinations {
        return of(evidence, code) >= floor.invalid_nats;
    }
    let (proven, _) = inputs.reports.nats(&policy.reports, inputs.sums.attempts(), inputs.reports_cover);
    let [_, cap] = policy.reports.clip;
    code == ReasonCode::Reports && proven >= cap - 1e-9 && inputs.reports.proven_clusters >= floor.report_clusters
}

/// The label that so many extreme behaviours give.
pub(crate) fn floor_label(floors: u32) -> Label {
    Label::ALL.get(floors as usize).copied().unwrap_or(Label::Spam)
}

/// The label whose conditions all hold.
fn reach(policy: &Policy, found: &Assessment, inputs: &Inputs) -> Label {
    if inputs.emergency || !found.opinion {
        return Label::None;
    }
    let by_evidence = [Label::Spam, Label::SpamLikely, Label::PotentialSpam]
        .into_iter()
        .find(|&label| policy.level(label).is_some_and(|level| holds(level, found, inputs.truth.any())))
        .unwrap_or(Label::None);
    let reached = by_evidence.max(found.floor);
    // Behaviour alone, the floor included, brings a registered and attested caller no further than the policy says.
    if inputs.registered && !found.has_proof { reached.min(policy.registered.behaviour_max) } else { reached }
}

/// Trusted truth needs no number of attempts.
fn holds(level: &Level, found: &Assessment, trusted: bool) -> bool {
    let enough_families = found.families >= level.families
        || level.families_with_proof.is_some_and(|few| found.has_proof && found.families >= few);
    let enough_attempts = trusted || found.attempts >= level.attempts;
    let few = !trusted && level.few_attempts.is_some_and(|few| found.attempts < few);
    let few_holds =
        !few || (level.few_p.is_none_or(|p| found.p >= p) && level.few_families.is_none_or(|n| found.families >= n));
    found.p >= level.p && found.p0 >= level.p0 && enough_families && enough_attempts && few_holds
}
