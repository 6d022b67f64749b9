//! The order of the input changes nothing, nor does the way in which it is cut into pieces.

use proptest::prelude::*;
use reputation::engines::View;
use reputation::facts::{CallFact, Cells, FactStore, dest_hash};
use reputation::timeline::Rules;
use reputation::verdict::{Verdict, verdict};

use super::stream::Daily;
use super::traffic::{Besides, Lot, Placed, Shape, shape};
use super::world::{config, end_at, fictional, judged, monday, replay_of, shipped};

fn verdict_of(rules: &Rules, facts: &[CallFact], besides: &Besides, shape: &Shape) -> Verdict {
    let end = end_at(shape.end_hour());
    besides.with(|about| {
        let replayed = replay_of(rules, facts, about, (&View::any(), &mut Daily(shape.seed)), end);
        verdict(rules, None, &replayed, end)
    })
}

/// The same calls as those of several numbers.
fn spread(facts: &[CallFact], numbers: u32) -> Vec<CallFact> {
    facts.iter().zip(0u32..).map(|(fact, at)| CallFact { tn: fictional(at % numbers), ..*fact }).collect()
}

fn same_cells(left: &FactStore, right: &FactStore) -> Result<(), TestCaseError> {
    let (mut a, mut b) = (Cells::default(), Cells::default());
    prop_assert_eq!(left.len(), right.len());
    for ((tn, left_place), (other, right_place)) in left.numbers().into_iter().zip(right.numbers()) {
        prop_assert_eq!(tn, other);
        left.read(left_place, &mut a);
        right.read(right_place, &mut b);
        prop_assert_eq!(a.calls(), b.calls());
        prop_assert_eq!(a.dests(), b.dests());
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn order_changes_no_cell(shape in shape(), numbers in 1..9u32, pieces in 1..40usize) {
        let mut facts = spread(&shape.calls().iter().map(Placed::fact).collect::<Vec<_>>(), numbers);
        let (mut whole, mut cut) = (FactStore::default(), FactStore::default());
        whole.add(&facts);
        Lot(shape.seed ^ 3).shuffle(&mut facts);
        for piece in facts.chunks(facts.len().div_ceil(pieces)) {
            cut.add(piece);
        }
        same_cells(&whole, &cut)?;
        // Reading thins nothing that a later call could need.
        facts.sort_by_key(|fact| std::cmp::Reverse((fact.known, fact.dest)));
        let mut backwards = FactStore::default();
        facts.iter().for_each(|fact| backwards.add(std::slice::from_ref(fact)));
        same_cells(&whole, &backwards)?;
    }

    #[test]
    fn order_changes_no_verdict(shape in shape()) {
        let rules = shipped();
        let mut facts: Vec<CallFact> = shape.calls().iter().map(Placed::fact).collect();
        let besides = Besides::drawn(&shape);
        let first = verdict_of(rules, &facts, &besides, &shape);
        let mut lot = Lot(shape.seed ^ 5);
        lot.shuffle(&mut facts);
        prop_assert_eq!(first, verdict_of(rules, &facts, &besides.shuffled(&mut lot), &shape));
    }
}

#[test]
fn a_long_list_stays_small_and_exact() {
    let call = Shape { seed: 1, days: 1, calls: 1, destinations: 1, lateness: 0, carriers: 0, bursts: false }.calls();
    let fact = call[0].fact();
    let mut store = FactStore::default();
    let calls: u32 = 400_000;
    let facts: Vec<CallFact> = (0..calls)
        .map(|at| CallFact {
            dest: dest_hash(fictional(at % 60_000)),
            hour: monday(),
            known: monday(),
            talk_ds: at % 500,
            ..fact
        })
        .collect();
    facts.chunks(1000).for_each(|piece| store.add(piece));
    let mut cells = Cells::default();
    store.read(store.find(judged()).expect("the number"), &mut cells);
    assert_eq!(cells.calls().iter().map(|cell| cell.count).sum::<u32>(), calls);
    assert_eq!(
        cells.calls().iter().map(|cell| cell.talk_ds).sum::<u64>(),
        (0..u64::from(calls)).map(|at| at % 500).sum()
    );
    assert!(store.bytes() < 16 << 20, "{} bytes", store.bytes());
}
