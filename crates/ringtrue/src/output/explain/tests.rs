use anstream::StripStream;
use insta::assert_snapshot;
use model::Aggregate;

use super::*;
use crate::output::sample::{self, Shelf};

fn told(number: &ScoredNumber) -> String {
    let shelf = Shelf::new();
    let mut plain = StripStream::new(Vec::new());
    let run = sample::run(std::slice::from_ref(number));
    write(&mut plain, &run, number, shelf.ctx()).expect("a buffer takes everything");
    let page = String::from_utf8(plain.into_inner()).expect("text");
    for line in page.lines() {
        assert!(text::width(line) <= text::WIDTH, "{} columns: {line}", text::width(line));
        assert_eq!(line, line.trim_end());
    }
    assert_eq!(page.matches("estimate from published behaviour").count(), 1, "{page}");
    page
}

#[test]
fn an_owner_gets_everything() {
    insta::with_settings!({snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false}, {
        assert_snapshot!("explain_owned", told(&sample::owned()));
    });
}

#[test]
fn a_clean_number_of_any_engine_is_short() {
    insta::with_settings!({snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false}, {
        assert_snapshot!("explain_clean", told(&sample::any_engine().remove(1)));
    });
}

#[test]
fn too_few_calls_are_said_plainly() {
    let page = told(&sample::any_engine().remove(2));
    assert!(page.contains("Too little is known for an opinion at any engine."), "{page}");
    assert!(page.contains("An opinion takes 10 calls"), "{page}");
}

#[test]
fn totals_stand_in_for_calls() {
    let mut number = sample::any_engine().remove(0);
    number.totals = Some(Box::new(Aggregate { answered: Some(30), ..Aggregate::new(number.tn, 120) }));
    let page = told(&number);
    assert!(page.contains("Judged by totals"), "{page}");
    assert!(page.contains("not told"), "{page}");
}

#[test]
fn the_same_calls_are_explained_once() {
    let mut number = sample::three_engines().remove(0);
    number.verdicts[2] = Verdict { engine: Some(2), ..number.verdicts[0].clone() };
    let page = told(&number);
    assert!(page.contains("those of Hiya: both see the same calls"), "{page}");
    assert_eq!(page.matches("Numbers not in service ").count(), 1, "{page}");
}

#[test]
fn lists_read_as_sentences() {
    let list = |items: &[&str]| listed(&items.iter().map(|&item| item.to_owned()).collect::<Vec<_>>());
    assert_eq!(list(&["a"]), "a");
    assert_eq!(list(&["a", "b", "c"]), "a, b and c");
}
