//! Whose numbers are judged, and which way each call went.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use intake::side::{ExtensionMap, OwnNumbers};
use model::{CallRecord, Direction, Party, TelephoneNumber};

/// Whose numbers are judged.
pub(super) enum Owners {
    /// Every calling number.
    EveryCaller,
    /// Every calling number, and all of them seem to be the owner's.
    EveryCallerOwn,
    /// The numbers that the owner named.
    Named(OwnNumbers),
    /// The numbers that seem to be the owner's.
    Guessed(BTreeSet<TelephoneNumber>),
}

/// What a call is for its owner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Leg {
    /// A call that is judged.
    Judged(Direction),
    /// Both ends belong to the owner.
    Internal,
    /// Neither end is the owner's.
    NotOwn,
    /// The owner's end is an extension that shows no known number.
    UnmappedExtension,
}

impl Owners {
    /// Tells whether a number belongs to the owner, as far as that is known.
    pub(super) fn own(&self, tn: TelephoneNumber) -> bool {
        match self {
            Self::EveryCaller | Self::EveryCallerOwn => true,
            Self::Named(numbers) => numbers.contains(tn),
            Self::Guessed(numbers) => numbers.contains(&tn),
        }
    }

    /// Which way a call went; its extensions are replaced by the numbers that they show.
    pub(super) fn leg(&self, call: &mut CallRecord, extensions: &ExtensionMap) -> Leg {
        let mut unmapped = [false; 2];
        for (end, unmapped) in [&mut call.orig, &mut call.dest].into_iter().zip(&mut unmapped) {
            if let Party::Extension(extension) = *end {
                match extensions.lookup(extension) {
                    Some(tn) => *end = Party::Number(tn),
                    None => *unmapped = true,
                }
            }
        }
        match unmapped {
            [true, true] => return Leg::Internal,
            [true, false] | [false, true] => return Leg::UnmappedExtension,
            [false, false] => {}
        }
        if call.direction == Some(Direction::Internal) {
            return Leg::Internal;
        }
        let own = |party: Party| party.number().is_some_and(|tn| self.own(tn));
        match self {
            Self::EveryCaller | Self::EveryCallerOwn => Leg::Judged(call.direction.unwrap_or(Direction::Outbound)),
            Self::Named(_) | Self::Guessed(_) => match (own(call.orig), own(call.dest), call.direction) {
                (true, true, _) => Leg::Internal,
                (true, false, _) => Leg::Judged(Direction::Outbound),
                (false, true, _) => Leg::Judged(Direction::Inbound),
                (false, false, stated) => match self {
                    Self::Guessed(_) => Leg::Judged(stated.unwrap_or(Direction::Outbound)),
                    Self::Named(_) | Self::EveryCaller | Self::EveryCallerOwn => Leg::NotOwn,
                },
            },
        }
    }
}

/// Guesses the owner's numbers from the first calls of a file; `None` when every caller seems to be the owner's: no number both
/// calls and is called.
///
/// A call always joins an owner's number and somebody else's, so the numbers fall into two sides; the owner's is the smaller
/// one. Where the source states a direction, that decides.
pub(super) fn guess(calls: &[CallRecord]) -> Option<BTreeSet<TelephoneNumber>> {
    let mut own = BTreeSet::new();
    let mut unstated: Vec<(TelephoneNumber, TelephoneNumber)> = Vec::new();
    for call in calls {
        let (Some(orig), Some(dest)) = (call.orig.number(), call.dest.number()) else {
            continue;
        };
        match call.direction {
            Some(Direction::Outbound) => {
                own.insert(orig);
            }
            Some(Direction::Inbound) => {
                own.insert(dest);
            }
            Some(Direction::Internal) => {}
            None => unstated.push((orig, dest)),
        }
    }
    let callers: BTreeSet<_> = unstated.iter().map(|&(orig, _)| orig).collect();
    let called: BTreeSet<_> = unstated.iter().map(|&(_, dest)| dest).collect();
    if own.is_empty() && callers.is_disjoint(&called) {
        return None;
    }
    if callers.is_disjoint(&called) {
        own.extend(callers);
    } else {
        own.extend(smaller_sides(&unstated, &callers));
    }
    Some(own)
}

/// The smaller side of each connected part of the graph of calls; on a tie the side that places more calls.
fn smaller_sides(
    calls: &[(TelephoneNumber, TelephoneNumber)],
    callers: &BTreeSet<TelephoneNumber>,
) -> BTreeSet<TelephoneNumber> {
    let mut partners: BTreeMap<TelephoneNumber, BTreeSet<TelephoneNumber>> = BTreeMap::new();
    for &(a, b) in calls {
        partners.entry(a).or_default().insert(b);
        partners.entry(b).or_default().insert(a);
    }
    let mut side: BTreeMap<TelephoneNumber, bool> = BTreeMap::new();
    let mut own = BTreeSet::new();
    for &start in partners.keys() {
        if side.contains_key(&start) {
            continue;
        }
        let mut sides: [Vec<TelephoneNumber>; 2] = [Vec::new(), Vec::new()];
        let mut queue = VecDeque::from([(start, false)]);
        side.insert(start, false);
        while let Some((number, which)) = queue.pop_front() {
            let [left, right] = &mut sides;
            if which { right } else { left }.push(number);
            for &partner in partners.get(&number).into_iter().flatten() {
                side.entry(partner).or_insert_with(|| {
                    queue.push_back((partner, !which));
                    !which
                });
            }
        }
        let placed = |numbers: &[TelephoneNumber]| numbers.iter().filter(|tn| callers.contains(tn)).count();
        let [left, right] = sides;
        let left_owns = left.len() < right.len() || (left.len() == right.len() && placed(&left) >= placed(&right));
        own.extend(if left_owns { left } else { right });
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{CallOutcome, Observable, Outcome, Strength, Timestamp};

    fn tn(line: u64) -> TelephoneNumber {
        TelephoneNumber::from_digits(12_155_550_100 + line).expect("a number")
    }

    fn call(orig: u64, dest: u64, direction: Option<Direction>) -> CallRecord {
        CallRecord {
            key: None,
            at: Timestamp::EPOCH,
            known_at: None,
            orig: Party::Number(tn(orig)),
            dest: Party::Number(tn(dest)),
            direction,
            carrier: None,
            outcome: Outcome::new(CallOutcome::Answered, Strength::Strong),
            observable: Observable::ALL,
            ring_ms: None,
            talk_ms: None,
            hangup_by: None,
            attestation: None,
            redress: None,
        }
    }

    #[test]
    fn outbound_files_judge_every_caller() {
        assert_eq!(guess(&[call(1, 50, None), call(1, 51, None), call(2, 50, None)]), None);
    }

    #[test]
    fn the_smaller_side_is_the_owners() {
        let mixed = [call(1, 50, None), call(1, 51, None), call(52, 1, None), call(2, 51, None), call(53, 2, None)];
        assert_eq!(guess(&mixed), Some(BTreeSet::from([tn(1), tn(2)])));
    }

    #[test]
    fn a_stated_direction_decides() {
        let stated = [call(1, 50, Some(Direction::Outbound)), call(60, 2, Some(Direction::Inbound))];
        assert_eq!(guess(&stated), Some(BTreeSet::from([tn(1), tn(2)])));
    }

    #[test]
    fn legs() {
        let owners = Owners::Guessed(BTreeSet::from([tn(1), tn(2)]));
        let leg = |orig, dest| owners.leg(&mut call(orig, dest, None), &ExtensionMap::default());
        assert_eq!(leg(1, 50), Leg::Judged(Direction::Outbound));
        assert_eq!(leg(50, 1), Leg::Judged(Direction::Inbound));
        assert_eq!(leg(1, 2), Leg::Internal);
    }
}
