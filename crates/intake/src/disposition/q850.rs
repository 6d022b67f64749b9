//! The Q.850 causes (ITU-T Q.850 table 1) and what each says of a call.

use model::{CallOutcome, Observable, Outcome, Strength};

use super::ANSWERED;

/// What a cause says of a call that was not answered.
#[derive(Clone, Copy)]
enum Rule {
    /// Always the same.
    Fixed(CallOutcome, Strength),
    /// The number is not in service: strong from the public network, medium from the called side's own exchange.
    Invalid,
    /// 21, call rejected: who rejected it is told by the location.
    Rejected,
    /// 16, normal clearing: an unanswered call that was cleared normally was given up by its caller.
    Cleared,
    /// 31, normal, unspecified: the source tells causes, and this time there was nothing to tell.
    Unspecified,
    /// No cause was recorded, or it was lost where networks meet.
    Lost,
}

/// Where a cause arose (ITU-T Q.850 §2.2.3; tokens of RFC 8606).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Location {
    /// The called user: `U`.
    User,
    /// A public network: `LN`, `TN`, `RLN`, `INTL`.
    PublicNetwork,
    /// A private network (`LPN`, `RPN`), beyond an interworking point (`BI`), or a reserved location.
    Elsewhere,
    /// Not told.
    Unsaid,
}

/// The rules of the causes 0 to 127.
static RULES: [Rule; 128] = rules();

const fn rules() -> [Rule; 128] {
    let mut rules = [Rule::Lost; 128];
    let mut cause = 0;
    while cause < rules.len() {
        rules[cause] = rule(cause);
        cause += 1;
    }
    rules
}

const fn rule(cause: usize) -> Rule {
    use CallOutcome::{Busy, Invalid, NoAnswer, Unreachable};
    use Strength::{Strong, Weak};
    match cause {
        1 | 22 | 28 => Rule::Invalid,
        4 | 5 | 23 => Rule::Fixed(Invalid, Weak),
        16 => Rule::Cleared,
        17 => Rule::Fixed(Busy, Strong),
        18..=20 => Rule::Fixed(NoAnswer, Strong),
        21 => Rule::Rejected,
        31 => Rule::Unspecified,
        2 | 25 | 26 | 29 | 32..=111 => Rule::Fixed(Unreachable, Strong),
        3 | 6..=15 | 24 | 27 | 30 => Rule::Fixed(Unreachable, Weak),
        _ => Rule::Lost,
    }
}

/// The outcome of a Q.850 cause alone; `None` when the cause is outside 0 to 127.
///
/// A call that was answered stays answered, whatever ended it. `location` is an RFC 8606 token or the number that Q.850 gives
/// it; anything else counts as not told.
#[must_use]
pub fn q850_outcome(cause: u16, location: Option<&str>, answered: Option<bool>) -> Option<(Outcome, Observable)> {
    let rule = *RULES.get(usize::from(cause))?;
    if answered == Some(true) {
        return Some((ANSWERED, Observable::ALL));
    }
    let failed = Outcome::new(CallOutcome::Failed, Strength::Weak);
    Some(match rule {
        Rule::Fixed(class, strength) => (Outcome::new(class, strength), Observable::ALL),
        Rule::Invalid => {
            let strength = match Location::read(location) {
                Location::PublicNetwork | Location::Unsaid => Strength::Strong,
                Location::User | Location::Elsewhere => Strength::Medium,
            };
            (Outcome::new(CallOutcome::Invalid, strength), Observable::ALL)
        }
        Rule::Rejected => {
            let outcome = match Location::read(location) {
                Location::User => Outcome::new(CallOutcome::Declined, Strength::Medium),
                Location::PublicNetwork | Location::Elsewhere => {
                    Outcome::new(CallOutcome::Unreachable, Strength::Medium)
                }
                Location::Unsaid => Outcome::new(CallOutcome::Declined, Strength::Weak),
            };
            (outcome, Observable { blocked: false, ..Observable::ALL })
        }
        Rule::Cleared if answered == Some(false) => {
            (Outcome::new(CallOutcome::Cancelled, Strength::Strong), Observable::ALL)
        }
        Rule::Cleared => (failed, Observable { answer: false, ..Observable::ALL }),
        Rule::Unspecified => (failed, Observable { answer: answered.is_some(), ..Observable::ALL }),
        Rule::Lost => (failed, Observable { answer: answered.is_some(), ..Observable::default() }),
    })
}

/// Tells whether a cause says more than that the call ended.
pub(super) fn is_telling(cause: u16) -> bool {
    match RULES.get(usize::from(cause)) {
        Some(Rule::Fixed(..) | Rule::Invalid | Rule::Rejected) => true,
        Some(Rule::Cleared | Rule::Unspecified | Rule::Lost) | None => false,
    }
}

impl Location {
    fn read(text: Option<&str>) -> Self {
        const NAMED: [(&str, &str, Location); 8] = [
            ("U", "0", Location::User),
            ("LPN", "1", Location::Elsewhere),
            ("LN", "2", Location::PublicNetwork),
            ("TN", "3", Location::PublicNetwork),
            ("RLN", "4", Location::PublicNetwork),
            ("RPN", "5", Location::Elsewhere),
            ("INTL", "7", Location::PublicNetwork),
            ("BI", "10", Location::Elsewhere),
        ];
        let Some(text) = text else {
            return Self::Unsaid;
        };
        let text = text.trim();
        let named = NAMED.iter().find(|(token, number, _)| token.eq_ignore_ascii_case(text) || *number == text);
        match named {
            Some(&(_, _, location)) => location,
            None if is_reserved(text) => Self::Elsewhere,
            None => Self::Unsaid,
        }
    }
}

/// The reserved locations 6, 8, 9 and 11 to 15, as a number or as `LOC-6`.
fn is_reserved(text: &str) -> bool {
    let number = match text.get(..4) {
        Some(head) if head.eq_ignore_ascii_case("LOC-") => text.get(4..).unwrap_or_default(),
        _ => text,
    };
    matches!(number, "6" | "8" | "9" | "11" | "12" | "13" | "14" | "15")
}
