//! Facts that are kept ready call by call give the verdict that the stored calls give.

use model::Label;
use proptest::prelude::*;
use reputation::engines::View;
use reputation::facts::{CallFact, FactStore, hour_start};
use reputation::live::{LiveReader, Question};
use reputation::ready::ReadyFacts;
use reputation::replay::{End, Others};
use reputation::state::LabelState;
use reputation::timeline::Rules;

use super::stream::Daily;
use super::traffic::{Besides, Lot, Placed, Shape, shape};
use super::world::{config, directory, hasty, judged, shipped};

/// Takes calls in a few goes as they become known, and compares after each; tells how often the facts were ready.
fn compare(rules: &Rules, shape: &Shape, view: &View) -> Result<usize, TestCaseError> {
    let mut lot = Lot(shape.seed ^ 11);
    let besides = Besides::drawn(shape);
    let mut facts: Vec<CallFact> = shape.calls().iter().map(Placed::fact).collect();
    lot.shuffle(&mut facts);
    facts.sort_by_key(|fact| fact.known);
    let (mut store, mut ready) = (FactStore::default(), ReadyFacts::new(view.clone(), rules.panes.clone()));
    let (mut reader, mut others) = (LiveReader::default(), Daily(shape.seed));
    let (mut rest, mut seen) = (facts.as_slice(), 0);
    while let Some(first) = rest.first() {
        let days = lot.below(10);
        let upto = rest.partition_point(|fact| fact.known / 24 <= first.known / 24 + days);
        let (now, later) = rest.split_at(upto);
        rest = later;
        // Within a day the order does not matter.
        let mut now = now.to_vec();
        now.chunk_by_mut(|a, b| a.known / 24 == b.known / 24).for_each(|day| lot.shuffle(day));
        store.add(&now);
        now.iter().for_each(|fact| ready.add(fact));
        if lot.percent(70) {
            ready.catch_up(&store);
        }
        let known = now.iter().map(|fact| fact.known).max().unwrap_or(0);
        // Moments rise: what is read later may not be read at an earlier one.
        let hour = known + 1 + later.first().map_or(lot.below(2000), |next| lot.below(next.known - known));
        let part_ms = i64::from(if lot.percent(50) { lot.below(3_600_000) } else { 0 });
        let end = End::at(hour_start(hour).saturating_add_ms(part_ms)).expect("an hour of facts");
        let mut state = LabelState::default();
        state.label = Label::ALL[lot.below(4) as usize];
        let block_nats = others.block_nats(hour, true);
        let place = store.find(judged()).expect("a number with calls");
        let (verdict, of_cells) = besides.with(|about| {
            let credibility = |reporter| others.credibility(reporter, hour);
            let asked = Question { rules, end, about, credibility: &credibility, block_nats, state: &state };
            let verdict = reader.verdict((&store, &mut ready), (judged(), place), &asked);
            (verdict, reader.of_cells(&store, place, view, &asked))
        });
        prop_assert_eq!(verdict, of_cells);
        seen += usize::from(ready.get(judged()).is_some());
    }
    Ok(seen)
}

#[test]
fn ready_facts_give_the_verdict_of_the_stored_calls() {
    let directory = directory();
    let mut runner = proptest::test_runner::TestRunner::new(config(48));
    let ready = std::cell::Cell::new(0);
    let outcome = runner.run(&(shape(), 0..4usize, any::<bool>()), |(shape, engine, in_haste)| {
        let view = if engine < 3 { directory.view(engine) } else { View::any() };
        let rules = if in_haste { hasty() } else { shipped() };
        ready.set(ready.get() + compare(rules, &shape, &view)?);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(ready.get() > 100, "too few readings were of ready facts: {}", ready.get());
}
