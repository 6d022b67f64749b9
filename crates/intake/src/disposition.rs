//! What became of a call: from SIP code, Reason header, Q.850 cause and the platform's own words to an outcome.
//!
//! The tables behind this module are docs/reference/dispositions.md; a test walks every row of that page.

pub mod platform;
mod q850;
pub mod reason;
mod sip;
#[cfg(test)]
mod tables;

use model::{CallOutcome, Observable, Outcome, Strength};

pub use q850::q850_outcome;

use reason::{Protocol, Reason};

/// The reason phrase of a block by analytics (ATIS-1000099 §4.1.1).
const BLOCKED_PHRASE: &str = "Network Blocked";
/// The call was up.
const ANSWERED: Outcome = Outcome::new(CallOutcome::Answered, Strength::Strong);

/// What a record says of a call's end, as far as it says it. Empty text is the same as `None`.
#[derive(Clone, Copy, Debug)]
pub struct Signals<'a> {
    /// The final SIP status code; provisional ones and anything else outside 200 to 699 are passed over.
    pub sip_code: Option<u16>,
    /// The final answer's reason phrase; only trusted where the source passes on the network's own phrase.
    pub sip_phrase: Option<&'a str>,
    /// The Reason header's value (RFC 3326), of the final answer or of the BYE.
    pub reason: Option<&'a str>,
    /// The Q.850 cause.
    pub q850: Option<u16>,
    /// The Q.850 location, as an RFC 8606 token (`U`, `LN`, `RLN`, …) or Q.850's own number for it.
    pub q850_location: Option<&'a str>,
    /// The cause in the words of a platform, already looked up in that platform's table (see [`platform`]).
    pub platform: Option<Outcome>,
    /// What that platform's records can show; only read where `platform` is told, [`Observable::ANSWER`] by default.
    pub platform_shows: Observable,
    /// The call was answered (an answer time is known, or the talk time is above zero); `None` when the source does not say.
    pub answered: Option<bool>,
    /// The called party's phone was heard ringing (an 18x was seen); `None` when the source does not say.
    pub rang: Option<bool>,
}

impl Default for Signals<'_> {
    /// Nothing is told.
    fn default() -> Self {
        Self {
            sip_code: None,
            sip_phrase: None,
            reason: None,
            q850: None,
            q850_location: None,
            platform: None,
            platform_shows: Observable::ANSWER,
            answered: None,
            rang: None,
        }
    }
}

/// What the signals say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disposition {
    /// The outcome.
    pub outcome: Outcome,
    /// What the record could have shown.
    pub observable: Observable,
    /// The value of `url=`, `tel=` or `email=` in a 603+ Reason header; `None` when there is none.
    pub redress: Option<Box<str>>,
}

/// Weighs the signals, best evidence first: a 607, 603+ or 608 signature; the Reason header's Q.850 cause; the SIP code; the
/// platform's word; and last whether the call was answered. A call that was up stays answered, whatever ended it.
#[must_use]
pub fn classify(signals: &Signals<'_>) -> Disposition {
    let reasons = match signals.reason {
        None | Some("") => Vec::new(),
        Some(header) => reason::parse(header),
    };
    let code = final_code(signals, &reasons);
    let cause = cause(signals, &reasons);
    let unwanted = code == Some(607) || reasons.iter().any(|r| is_sip(r, 607));
    let shown = shown(signals, &reasons, code, cause);

    if signals.answered == Some(true) || code.is_some_and(|code| code < 300) {
        let unwanted = unwanted || signals.platform.is_some_and(|outcome| outcome.unwanted);
        return Disposition { outcome: Outcome { unwanted, ..ANSWERED }, observable: shown, redress: None };
    }
    if unwanted {
        let outcome = Outcome::new(CallOutcome::Unwanted, Strength::Strong);
        return Disposition { outcome, observable: Observable::ALL, redress: None };
    }
    if is_blocked(signals, &reasons, code) {
        let outcome = Outcome::new(CallOutcome::Blocked, Strength::Strong);
        let redress = reasons.iter().find_map(Reason::redress).map(Box::from);
        return Disposition { outcome, observable: Observable::ALL, redress };
    }
    let (outcome, observable) = unanswered(signals, code, cause, shown);
    Disposition { outcome, observable, redress: None }
}

/// A Q.850 cause with its location.
type Cause<'a> = (u16, Option<&'a str>);

/// What became of a call that was neither answered nor refused with a signature.
fn unanswered(
    signals: &Signals<'_>,
    code: Option<u16>,
    cause: Option<Cause<'_>>,
    shown: Observable,
) -> (Outcome, Observable) {
    let by_cause = cause.and_then(|(cause, location)| {
        let (outcome, _) = q850_outcome(cause, location, signals.answered)?;
        decides(cause, outcome, code).then_some(outcome)
    });
    // A timer that ran out (408, or cause 102 of itself) after ringing is a phone that nobody took up.
    let rang_out = code.is_none() && signals.rang == Some(true) && matches!(cause, Some((102, _)));
    if rang_out {
        return (Outcome::new(CallOutcome::NoAnswer, Strength::Medium), shown);
    }
    if let Some(outcome) = by_cause.or_else(|| sip::outcome(code?, signals.rang)) {
        return (outcome, shown);
    }
    if let Some(outcome) = signals.platform {
        return (outcome, shown);
    }
    if let Some(found) = cause.and_then(|(cause, location)| q850_outcome(cause, location, signals.answered)) {
        return found;
    }
    let class = if signals.rang == Some(true) { CallOutcome::NoAnswer } else { CallOutcome::Failed };
    let class = if signals.answered == Some(false) { class } else { CallOutcome::Failed };
    (Outcome::new(class, Strength::Weak), shown)
}

/// Tells whether a cause speaks before the SIP code beside it.
fn decides(cause: u16, outcome: Outcome, code: Option<u16>) -> bool {
    if !q850::is_telling(cause) {
        return false;
    }
    match code {
        None => true,
        // RFC 3398 §7.2.4.1 sends the causes 1, 2, 3 and 26 all as 404, so that there even a 3 tells them apart.
        Some(404) if cause == 3 => true,
        Some(408) if cause == 102 => false,
        // A subscriber who is away: only a number that does not exist any more says otherwise.
        Some(480) if outcome.class == CallOutcome::Invalid => matches!(cause, 1 | 22),
        Some(_) => outcome.strength > Strength::Weak,
    }
}

/// What the record could have shown.
fn shown(signals: &Signals<'_>, reasons: &[Reason<'_>], code: Option<u16>, cause: Option<Cause<'_>>) -> Observable {
    let by_code =
        code.map(|code| Observable { blocked: code != 603 || tells_kind(signals, reasons), ..Observable::ALL });
    let by_cause = cause.and_then(|(cause, location)| {
        let (_, shown) = q850_outcome(cause, location, signals.answered)?;
        Some(Observable { blocked: shown.blocked || cause == 21 && tells_kind(signals, reasons), ..shown })
    });
    let by_platform = signals.platform.map(|outcome| Observable {
        invalid: signals.platform_shows.invalid || outcome.class == CallOutcome::Invalid,
        answer: signals.platform_shows.answer,
        blocked: signals.platform_shows.blocked || outcome.class == CallOutcome::Blocked,
    });
    let by_talk = signals.answered.map(|_| Observable::ANSWER);
    match by_code {
        Some(shown) => shown,
        None => [by_cause, by_platform, by_talk].into_iter().flatten().fold(Observable::default(), union),
    }
}

const fn union(a: Observable, b: Observable) -> Observable {
    Observable { invalid: a.invalid || b.invalid, answer: a.answer || b.answer, blocked: a.blocked || b.blocked }
}

/// A refusal (603, cause 21) that comes with its phrase or its reasons would have said that analytics refused it.
fn tells_kind(signals: &Signals<'_>, reasons: &[Reason<'_>]) -> bool {
    !reasons.is_empty() || signals.sip_phrase.is_some_and(|phrase| !phrase.trim().is_empty())
}

fn is_blocked(signals: &Signals<'_>, reasons: &[Reason<'_>], code: Option<u16>) -> bool {
    let phrase = signals.sip_phrase.unwrap_or_default().trim();
    code == Some(608)
        || matches!(code, None | Some(603)) && phrase.eq_ignore_ascii_case(BLOCKED_PHRASE)
        || reasons.iter().any(|r| is_sip(r, 608) || r.is_analytics_block())
}

fn is_sip(reason: &Reason<'_>, cause: u16) -> bool {
    reason.protocol == Protocol::Sip && reason.cause == Some(cause)
}

/// The final SIP code; where the record has none, that of the Reason header, if it tells of a failure (a 200 there says that
/// the call was completed elsewhere, RFC 3326 §3.1).
fn final_code(signals: &Signals<'_>, reasons: &[Reason<'_>]) -> Option<u16> {
    let told = signals.sip_code.filter(|code| (200..=699).contains(code));
    told.or_else(|| {
        let sip = reasons.iter().filter(|r| r.protocol == Protocol::Sip).filter_map(|r| r.cause);
        sip.into_iter().find(|cause| (300..=699).contains(cause))
    })
}

/// The Q.850 cause that says most: of the Reason header, then of the record's own field; one that only says "normal" or
/// "unknown" gives way.
fn cause<'a>(signals: &Signals<'a>, reasons: &'a [Reason<'_>]) -> Option<Cause<'a>> {
    let headed = reasons.iter().filter(|r| r.protocol == Protocol::Q850).filter_map(|r| {
        let cause = r.cause.filter(|&cause| cause <= 127)?;
        Some((cause, r.location.as_deref().or(signals.q850_location)))
    });
    let told = signals.q850.filter(|&cause| cause <= 127).map(|cause| (cause, signals.q850_location));
    let all = headed.chain(told);
    all.clone().find(|&(cause, _)| q850::is_telling(cause)).or_else(|| all.clone().next())
}
