use anstream::StripStream;
use insta::assert_snapshot;

use super::*;
use crate::output::sample::{self, Shelf};

fn drawn(numbers: &[ScoredNumber], top: usize) -> String {
    let shelf = Shelf::new();
    let mut plain = StripStream::new(Vec::new());
    let shown = Shown { numbers, left_out: 0 };
    write(&mut plain, &sample::run(numbers), shown, top, shelf.ctx()).expect("a buffer takes everything");
    let text = String::from_utf8(plain.into_inner()).expect("text");
    for line in text.lines() {
        assert!(text::width(line) <= text::WIDTH, "{} columns: {line}", text::width(line));
        assert_eq!(line, line.trim_end());
    }
    text
}

#[test]
fn one_column_where_no_call_names_a_carrier() {
    insta::with_settings!({snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false}, {
        assert_snapshot!("table_any_engine", drawn(&sample::any_engine(), 50));
    });
}

#[test]
fn one_column_an_engine_where_calls_name_carriers() {
    insta::with_settings!({snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false}, {
        assert_snapshot!("table_three_engines", drawn(&sample::three_engines(), 50));
    });
}

#[test]
fn symptoms_come_before_any_estimate() {
    let numbers = [sample::owned()];
    insta::with_settings!({snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false}, {
        assert_snapshot!("table_symptoms", drawn(&numbers, 50));
    });
}

#[test]
fn what_is_left_out_is_said() {
    let text = drawn(&sample::any_engine(), 1);
    assert!(text.contains("… and 3 more; --output csv shows all"), "{text}");
    assert!(text.contains("+12155550112") && !text.contains("+12155550123"), "{text}");
}

#[test]
fn nothing_to_show_is_said_calmly() {
    let text = drawn(&[], 50);
    assert!(text.contains("Labels as of 2026-11-25 00:00 UTC"), "{text}");
}

#[test]
fn colours_are_there_for_a_terminal() {
    let shelf = Shelf::new();
    let numbers = sample::any_engine();
    let mut out = Vec::new();
    let shown = Shown { numbers: &numbers, left_out: 0 };
    write(&mut out, &sample::run(&numbers), shown, 50, shelf.ctx()).expect("a buffer takes everything");
    let text = String::from_utf8(out).expect("text");
    assert!(text.contains("\u{1b}[31m●\u{1b}["), "{text}");
}

#[test]
fn the_busier_of_two_equals_comes_first() {
    let mut numbers = sample::any_engine();
    let mut other = numbers[0].clone();
    other.tn = sample::tn(1);
    other.d7 = sample::window(900);
    numbers.push(other);
    let order: Vec<_> = worst_first(&numbers, 50).iter().map(|number| number.tn).collect();
    assert_eq!(order[..2], [sample::tn(1), sample::tn(12)]);
    assert_eq!(order.last(), Some(&sample::tn(31)));
}

#[test]
fn letting_go_changes_nothing_but_memory() {
    let mut numbers = sample::any_engine();
    numbers.push(ScoredNumber { tn: sample::tn(70), ..sample::owned() });
    let whole = drawn(&numbers, 1);
    let mut kept = numbers.clone();
    let left_out = keep_shown(&mut kept, 1);
    assert_eq!((kept.len(), left_out), (2, 3));
    let shelf = Shelf::new();
    let mut plain = StripStream::new(Vec::new());
    let shown = Shown { numbers: &kept, left_out };
    write(&mut plain, &sample::run(&numbers), shown, 1, shelf.ctx()).expect("a buffer takes everything");
    assert_eq!(String::from_utf8(plain.into_inner()).expect("text"), whole);
    assert_eq!(keep_shown(&mut kept, 2), 0);
}

#[test]
fn totals_count_as_calls() {
    let mut numbers = sample::any_engine();
    numbers[1].totals = Some(Box::new(model::Aggregate::new(numbers[1].tn, 12_345)));
    let text = drawn(&numbers, 50);
    assert!(text.contains("  Calls  ") && text.contains("12,345") && !text.contains("7 d"), "{text}");
}
