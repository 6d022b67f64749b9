//! What became of a call: from SIP code, Reason header, Q.850 cause and the platform's own words to an outcome.

use model::{CallOutcome, Observable, Outcome, Strength};

/// What a record says of a call's end, as far as it says it. Empty text is the same as `None`.
#[derive(Clone, Copy, Default, Debug)]
pub struct Signals<'a> {
    /// The final SIP status code.
    pub sip_code: Option<u16>,
    /// The final answer's reason phrase; only trusted where the source passes on the network's own phrase.
    pub sip_phrase: Option<&'a str>,
    /// The Reason header's value (RFC 3326), of the final answer or of the BYE.
    pub reason: Option<&'a str>,
    /// The Q.850 cause.
    pub q850: Option<u16>,
    /// The Q.850 location, as an RFC 8606 token (`U`, `LN`, `RLN`, …).
    pub q850_location: Option<&'a str>,
    /// The cause in the words of a platform, already looked up in that platform's table.
    pub platform: Option<Outcome>,
    /// The call was answered (an answer time is known, or the talk time is above zero); `None` when the source does not say.
    pub answered: Option<bool>,
    /// The called party's phone was heard ringing (an 18x was seen); `None` when the source does not say.
    pub rang: Option<bool>,
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
/// platform's word; and last whether the call was answered.
#[must_use]
pub fn classify(signals: &Signals<'_>) -> Disposition {
    let answered = signals.answered;
    let found = signals.q850.and_then(|cause| q850_outcome(cause, signals.q850_location, answered));
    let (outcome, observable) = found.unwrap_or_else(|| match answered {
        Some(true) => (Outcome::new(CallOutcome::Answered, Strength::Strong), Observable::ANSWER),
        Some(false) => (Outcome::new(CallOutcome::Failed, Strength::Weak), Observable::ANSWER),
        None => (Outcome::new(CallOutcome::Failed, Strength::Weak), Observable::default()),
    });
    Disposition { outcome, observable, redress: None }
}

/// The outcome of a Q.850 cause alone; `None` when the cause is outside 0 to 127.
#[must_use]
pub fn q850_outcome(cause: u16, location: Option<&str>, answered: Option<bool>) -> Option<(Outcome, Observable)> {
    let _ = location;
    let class = match cause {
        1 | 22 | 28 => CallOutcome::Invalid,
        16 if answered == Some(true) => CallOutcome::Answered,
        16 => CallOutcome::Cancelled,
        17 => CallOutcome::Busy,
        18..=20 => CallOutcome::NoAnswer,
        21 => CallOutcome::Declined,
        0..=127 => CallOutcome::Unreachable,
        _ => return None,
    };
    Some((Outcome::new(class, Strength::Strong), Observable::ALL))
}
