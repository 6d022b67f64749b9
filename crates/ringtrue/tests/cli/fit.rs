//! `ringtrue fit`, and `ringtrue evaluate` on labelled tables.

use std::fmt::Write as _;

use serde_json::Value;
use tempfile::TempDir;

use crate::run::{Told, ringtrue};

const SPEC: &str = "[[evidence]]\nname = \"short\"\nfamily = \"engagement\"\nform = \"rate\"\ns = \"short_calls\"\nn = \"answered\"\nfit = \"shape\"\nmonotone = \"up\"\n\
[[evidence]]\nname = \"talk\"\nform = \"value\"\nvalue = \"mean_talk_s\"\nfit = \"gaussian\"\nscale = \"log\"\n\
[[evidence]]\nname = \"new\"\nform = \"rate\"\nshare = \"new_share\"\nn = \"calls\"\nfit = \"beta\"\nmonotone = \"up\"\n";

/// A table of callers, a quarter of them unwanted. A linear congruence stands in for chance.
fn table(rows: u32) -> String {
    let mut out = String::from("tn,answered,short_calls,mean_talk_s,calls,new_share,unwanted,split\n");
    let mut state = 12_345_u64;
    let mut fraction = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    for row in 0..rows {
        let unwanted = fraction() < 0.25;
        let answered = 5 + (fraction() * 40.0) as u32;
        let rate = if unwanted { 0.2 + 0.7 * fraction() } else { 0.4 * fraction() };
        let short = (0..answered).filter(|_| fraction() < rate).count();
        let talk = if unwanted { 5.0 + 50.0 * fraction() } else { 20.0 + 150.0 * fraction() };
        let new = if unwanted { 0.5 + 0.5 * fraction() } else { 0.9 * fraction() };
        let split = ["train", "train", "train", "validation", "test"][row as usize % 5];
        let missing = row % 50 == 7;
        let talk = if missing { String::new() } else { format!("{talk:.1}") };
        let (calls, label) = (answered * 2, u8::from(unwanted));
        let _ = writeln!(out, "+1215555{row:04},{answered},{short},{talk},{calls},{new:.4},{label},{split}");
    }
    out
}

/// A folder with a table and a specification.
struct Folder(TempDir);

impl Folder {
    fn new(table: &str, spec: &str) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        std::fs::write(folder.path("t.csv"), table).expect("a table");
        std::fs::write(folder.path("s.toml"), spec).expect("a specification");
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect(name)
    }

    fn fit(&self, more: &str) -> Told {
        let [table, spec, out] = ["t.csv", "s.toml", "m.toml"].map(|name| self.path(name));
        ringtrue(&format!("fit --features {table} --label unwanted --spec {spec} --out {out} {more}"))
    }

    fn evaluate(&self, more: &str) -> Told {
        let [table, model] = ["t.csv", "m.toml"].map(|name| self.path(name));
        ringtrue(&format!("evaluate --features {table} --label unwanted --model {model} {more}"))
    }
}

const METRICS: [&str; 9] =
    ["auc", "average_precision", "macro_f1", "recall_at_1pct_fpr", "brier", "ece", "threshold", "n", "positives"];

#[test]
fn a_score_is_learned_and_measured_again() {
    let folder = Folder::new(&table(1500), SPEC);
    let html = folder.path("p.html");
    let fitted = folder.fit(&format!("--split split --output json --date 2026-03-02 --html {html}")).json();
    let evaluated = folder.evaluate("--split split --output json").json();
    for key in METRICS {
        assert!(fitted[key].is_number(), "{key}: {}", fitted[key]);
        assert_eq!(fitted[key], evaluated[key], "{key}");
        assert_eq!(fitted[key], fitted["parts"]["test"][key], "{key}");
    }
    assert_eq!((&fitted["part"], &fitted["n"]), (&Value::from("test"), &Value::from(300)));
    assert!(fitted["auc"].as_f64().is_some_and(|auc| auc > 0.95), "{}", fitted["auc"]);
    assert!(fitted["ece"].as_f64().is_some_and(|ece| ece < 0.06), "{}", fitted["ece"]);
    let model = folder.read("m.toml");
    assert!(model.contains("# date: 2026-03-02\n") && model.contains("# seed: 1\n"), "{model}");
    assert!(model.contains("# data: t.csv, 1500 rows\n") && !model.contains(&folder.0.path().display().to_string()));
    let forms: Vec<&str> = model.lines().filter(|line| line.starts_with("form")).collect();
    assert_eq!(forms, ["form = \"shape\"", "form = \"gaussian\"", "form = \"beta\""]);
    let page = folder.read("p.html");
    assert!(page.contains("ROC curve") && page.contains("Reliability") && page.matches("<svg").count() == 6);
    let people = folder.evaluate("").done();
    assert!(people.contains("area under the ROC curve") && people.contains("short"), "{people}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let folder = Folder::new(&table(600), SPEC);
    let run = |more: &str| {
        let told = folder.fit(&format!("--split-fractions .6,.2,.2 --date 2026-03-02 {more}")).done();
        (told, folder.read("m.toml"))
    };
    let one = run("--seed 5 --threads 1");
    assert_eq!(one, run("--seed 5 --threads 3"));
    assert_ne!(one.1, run("--seed 6").1);
}

#[test]
fn folds_measure_every_row_once() {
    let folder = Folder::new(&table(600), SPEC);
    let told = folder.fit("--folds 3 --output json").json();
    assert_eq!((&told["part"], &told["n"]), (&Value::from("folds"), &Value::from(600)));
    assert_eq!(told["folds"].as_array().map(Vec::len), Some(3));
    assert!(told["auc"].as_f64().is_some_and(|auc| auc > 0.94), "{}", told["auc"]);
}

#[test]
fn wrong_rows_are_counted_and_told() {
    let mut text = table(600);
    let copy = text.lines().nth(3).unwrap_or_default().to_owned();
    text.push_str("+12155559001,10,11,30,20,0.5,1,train\n+12155559002,ten,1,30,20,0.5,1,train\n");
    text.push_str("+12155559003,10,1,-30,20,0.5,1,train\n+12155559004,10,1,30,20,0.5,maybe,train\n");
    let _ = writeln!(text, "{copy}");
    let folder = Folder::new(&text, SPEC);
    let told = folder.fit("--split split --output json");
    for part in [
        "1 row left out: s above n, or a share above 1 (s_above_n, column short_calls; the first in line 602)",
        "(not_a_number, column answered; the first in line 603)",
        "(negative, column mean_talk_s; the first in line 604)",
        "(bad_label, column unwanted; the first in line 605)",
        "a copy of an earlier row (duplicate; the first in line 606)",
    ] {
        assert!(told.err.contains(part), "{part}: {}", told.err);
    }
    let told = told.json();
    assert_eq!((&told["rows_read"], &told["n"]), (&Value::from(605), &Value::from(120)));
    assert_eq!(told["rows_skipped"].as_array().map(Vec::len), Some(5));
}

#[test]
fn tables_that_cannot_be_learned_from_are_refused() {
    let check = |text: &str, spec: &str, more: &str, expect: &str| {
        let error = Folder::new(text, spec).fit(more).refused(2);
        assert!(error.contains(expect), "{expect}: {error}");
    };
    let good = table(200);
    check(&good.replace("answered", "picked_up"), SPEC, "", "no column \"answered\"");
    check("", SPEC, "", "it is empty");
    check(good.lines().next().unwrap_or_default(), SPEC, "", "no row of it can be taken");
    let one_class: String = good
        .lines()
        .filter(|line| !line.contains(",1,t") && !line.contains(",1,v"))
        .fold(String::new(), |all, line| all + line + "\n");
    check(&one_class, SPEC, "--split split", "one class only: 0 of its");
    check(&good, &SPEC.replace("monotone", "monoton"), "", "unknown field `monoton`");
    check(&good, SPEC, "--split-fractions .6,.2", "three fractions");
    check(&good, SPEC, "--split-fractions .6,.3,.3", "add up to 1");
    check(&good, SPEC, "--date yesterday", "no date");
    check(&good, SPEC, "--split tn", "bad_split");
    let constant = "x,unwanted\n1,0\n1,1\n".to_owned() + &"1,0\n1,1\n".repeat(50);
    check(&constant, "[[evidence]]\nname = 'x'\nform = 'value'\nvalue = 'x'\n", "", "no evidence can be learned");
}

#[test]
fn a_constant_column_is_left_out_and_told() {
    let text: String = table(600)
        .lines()
        .enumerate()
        .fold(String::new(), |all, (place, line)| all + line + if place == 0 { ",still\n" } else { ",7\n" });
    let spec = format!("[[evidence]]\nname = \"still\"\nform = \"value\"\nvalue = \"still\"\n{SPEC}");
    let folder = Folder::new(&text, &spec);
    let told = folder.fit("--split split --output json");
    assert!(told.err.contains("evidence still is left out"), "{}", told.err);
    let told = told.json();
    assert_eq!(told["left_out"][0]["name"], "still");
    assert_eq!(told["auc"], folder.evaluate("--split split --output json").json()["auc"]);
}

#[test]
fn a_model_that_does_not_hold_is_refused() {
    let folder = Folder::new(&table(300), SPEC);
    folder.fit("").done();
    let model = folder.read("m.toml").replace("[decision]", "colour = 3\n[decision]");
    std::fs::write(folder.path("m.toml"), model).expect("a model");
    let error = folder.evaluate("").refused(2);
    assert!(error.contains("is refused as a learned score") && error.contains("colour"), "{error}");
}
