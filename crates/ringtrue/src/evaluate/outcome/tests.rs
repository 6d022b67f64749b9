use model::{
    CallOutcome, CallRecord, CarrierId, Direction, HangupBy, Observable, Outcome as CallEnd, Party, Strength, Timestamp,
};
use reputation::engines::{Directory, View};
use reputation::facts::{CallFact, hour_start};

use super::*;
use crate::score::follow::Look;

const H: u32 = 100_000;

fn tn() -> TelephoneNumber {
    TelephoneNumber::from_digits(12_155_550_112).expect("a number")
}

fn policy() -> Policy {
    Policy::load(&[]).expect("the shipped policy")
}

/// So many calls in hour `H + hour`, known within it, to a carrier by its place plus one.
fn calls(hour: u32, count: u32, carrier: u8) -> Cell {
    let call = CallRecord {
        key: None,
        at: hour_start(H + hour),
        known_at: None,
        orig: Party::Number(tn()),
        dest: Party::Number(TelephoneNumber::from_digits(12_155_550_113).expect("a number")),
        direction: None,
        carrier: carrier.checked_sub(1).map(CarrierId),
        outcome: CallEnd::new(CallOutcome::Answered, Strength::Strong),
        observable: Observable::ALL,
        ring_ms: Some(5000),
        talk_ms: Some(60_000),
        hangup_by: Some(HangupBy::Dest),
        attestation: None,
        redress: None,
    };
    let fact = CallFact::of(&call, Direction::Outbound, None).expect("a fact");
    let talk_ds = u64::from(fact.talk_ds) * u64::from(count);
    Cell { known: fact.known, hour: fact.hour, carrier: fact.carrier, kind: fact.kind, count, talk_ds }
}

/// A history that begins without a label.
fn history(changes: &[(u32, Label)]) -> Vec<LabelChanged> {
    let mut from = Label::None;
    let change = |&(hour, to): &(u32, Label)| {
        let changed = LabelChanged { from, to, at: hour_start(H + hour) };
        from = to;
        changed
    };
    changes.iter().map(change).collect()
}

fn known() -> Known {
    Known { class: 0, unwanted: true, registered: false, attacked: false }
}

fn end(hour: u32) -> End {
    End::at(hour_start(H + hour)).expect("an end")
}

#[test]
fn calls_labels_and_time_of_one_number() {
    let view = View::any();
    let changes =
        [(2, Label::PotentialSpam), (5, Label::SpamLikely), (30, Label::PotentialSpam), (40, Label::SpamLikely)];
    let look = Some(Look { p: 0.912_34, label: Label::SpamLikely });
    let views = [FollowedView { engine: None, view: &view, history: history(&changes), last_look: look }];
    let cells = [calls(0, 30, 0), calls(1, 30, 0), calls(5, 10, 0)];
    let found =
        Outcome::of(known(), &Followed { tn: tn(), calls: &cells, attested: false, views: &views }, &policy(), end(60));
    assert_eq!((found.calls, found.looked_up, found.span_h, found.busy), (70, 70, 5, true));
    // Only the ten calls of hour 5 were placed under a label, which by then was Spam Likely.
    assert_eq!(found.shown, [10, 10, 0]);
    // Ten and thirty calls are known from hour 1 on, fifty from hour 2 on.
    assert_eq!(found.reachable_calls, [40, 40, 10]);
    assert_eq!(found.reachable, [true; 3]);
    let first = |calls, hours| Some(FirstLabel { calls, hours });
    assert_eq!(found.first, [first(60, 2), first(60, 5), None]);
    let expect = ViewOutcome {
        engine: None,
        rating: Some((9123, Label::SpamLikely)),
        reached: [true, true, false],
        returns: [0, 1, 0],
        // Potential Spam or higher from 2 to 60, Spam Likely from 5 to 30 and from 40 to 60.
        labelled_min: [58 * 60, 45 * 60, 0],
    };
    assert_eq!(found.views, [expect]);
}

#[test]
fn a_call_shows_the_label_of_its_own_carriers_engine() {
    let directory = Directory::parse("engines.toml", Directory::SHIPPED).expect("the shipped directory");
    let place = |key: &str| directory.carriers.iter().position(|one| one.key == key).expect("a carrier") as u8 + 1;
    let (hiya, tns) = (directory.view(0), directory.view(2));
    let views = [
        FollowedView { engine: Some(0), view: &hiya, history: history(&[(3, Label::Spam)]), last_look: None },
        FollowedView { engine: Some(2), view: &tns, history: Vec::new(), last_look: None },
    ];
    // Of an unknown carrier's calls the highest label counts; Cox has no listed engine and shows none.
    let mut cells =
        [calls(4, 7, place("att")), calls(4, 20, place("verizon")), calls(4, 5, 0), calls(4, 11, place("cox"))];
    cells.sort_unstable();
    let followed = Followed { tn: tn(), calls: &cells, attested: false, views: &views };
    let found = Outcome::of(known(), &followed, &policy(), end(10));
    assert_eq!((found.calls, found.looked_up), (43, 32));
    assert_eq!(found.shown, [12, 12, 12]);
    // TNS sees 25 of them and Hiya 12: enough for Potential Spam alone.
    assert_eq!(found.reachable, [true, false, false]);
    assert_eq!(found.reachable_calls, [0, 0, 0]);
}

#[test]
fn fifty_calls_within_seven_days_are_busy() {
    let busy = |cells: &[Cell]| is_busy(&cells.iter().collect::<Vec<_>>());
    assert!(!busy(&[calls(0, 49, 0)]));
    assert!(busy(&[calls(0, 25, 0), calls(BUSY_HOURS - 1, 25, 0)]));
    assert!(!busy(&[calls(0, 25, 0), calls(BUSY_HOURS, 25, 0)]));
    assert!(busy(&[calls(0, 40, 0), calls(BUSY_HOURS, 25, 0), calls(BUSY_HOURS + 20, 25, 0)]));
}

#[test]
fn what_becomes_known_after_the_end_is_not_counted() {
    let view = View::any();
    let views = [FollowedView { engine: None, view: &view, history: Vec::new(), last_look: None }];
    let cells = [calls(0, 3, 0), calls(9, 4, 0)];
    let end = End::at(Timestamp::from_ms(hour_start(H + 1).as_ms()).expect("an instant")).expect("an end");
    let found =
        Outcome::of(known(), &Followed { tn: tn(), calls: &cells, attested: false, views: &views }, &policy(), end);
    assert_eq!((found.calls, found.span_h), (3, 0));
    assert_eq!(found.first, [None; 3]);
}
