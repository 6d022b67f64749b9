use super::*;

const DAY_MS: i64 = model::time::DAY_MS;

fn day(days: i64) -> Timestamp {
    Timestamp::from_s(1_795_000_000).expect("a time").saturating_add_ms(days * DAY_MS)
}

/// Labelled from day 0 to a day; turns good on day 5, and is watched to another day.
#[track_caller]
fn check(labelled_to: i64, end: i64, expect: [u64; 2]) {
    let mut turned = Turned::default();
    let tn = TelephoneNumber::from_digits(12_155_550_112).expect("a number");
    let label = |at: Timestamp| if at < day(labelled_to) { Label::PotentialSpam } else { Label::None };
    turned.add(tn, label, day(5), day(end));
    assert_eq!(turned.counts(), expect);
}

#[test]
fn fourteen_good_days_must_clear_a_label() {
    check(4, 30, [0, 0]);
    check(12, 30, [1, 0]);
    check(19, 30, [1, 0]);
    check(20, 30, [1, 1]);
    // Nobody can tell before the fourteen days are over.
    check(20, 18, [0, 0]);
}

#[test]
fn it_is_said_in_words_and_by_name() {
    let found = LockIn { labelled: 1200, still: 3, anyway: 2, not_shown: [1190, 1], held: 7, wanted: 20_000 };
    let words = found.words();
    for part in ["Of 1,200 wanted", "3 had one after 14 days", "2 of these", "1 of 1,190", "7 are labelled at the end"]
    {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert_eq!((&found.value()["still_labelled"], &found.value()["labelled_anyway"]), (&json!(3), &json!(2)));
    assert!(LockIn::default().words().starts_with("No wanted number turned"));
}
