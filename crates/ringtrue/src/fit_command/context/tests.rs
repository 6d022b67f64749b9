use model::TelephoneNumber;
use reputation::assess::Inputs;

use super::*;

/// A row of a number of no matter.
fn row(unwanted: bool) -> Row {
    let tn = TelephoneNumber::from_digits(12_155_550_112).expect("a number");
    Row { tn, inputs: Inputs::default(), unwanted, registered: false }
}

#[test]
fn the_share_of_a_world_is_not_the_prior() {
    // Two worlds with the same evidence: in one every second number is unwanted, in the other every twelfth.
    let world = |wanted_each: usize| {
        let (mut rows, mut nats) = (Vec::new(), Vec::new());
        for place in 0..180 * (1 + wanted_each) {
            // Of nine unwanted numbers eight have evidence against them, and one of nine wanted ones has.
            let unwanted = place < 180;
            let against = (place % 9 != 0) == unwanted;
            rows.push(row(unwanted));
            nats.push(if against { ln(8.0) } else { -ln(8.0) });
        }
        let parts = vec![Part::Validation; rows.len()];
        Calibrated::on(&nats, &rows, &parts).under(logit(0.02))
    };
    for wanted_each in [1, 11] {
        let [alpha, beta] = world(wanted_each);
        assert!(alpha.abs() < 0.1 && (beta - 1.0).abs() < 0.05, "{wanted_each}: {alpha} {beta}");
    }
}

#[test]
fn nothing_signed_says_nothing() {
    let rows: Vec<Row> = (0..40).map(|place| row(place % 4 == 0)).collect();
    assert!(attestation(rows.iter()).is_none());
    let policy = Policy::load(&[]).expect("the shipped policy");
    let parts: Vec<Part> = (0..40).map(|place| [Part::Train, Part::Validation, Part::Test][place % 3]).collect();
    let found = learn(&rows, &parts, &policy);
    assert_eq!((found.block_weight, found.attestation.is_none()), (None, true));
    assert!(found.measured.is_some_and(|metrics| metrics.n == 13));
}
