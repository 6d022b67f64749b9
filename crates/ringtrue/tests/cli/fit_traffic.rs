//! `ringtrue fit` on traffic with known truth: an overlay that holds all that such traffic tells.

use serde_json::Value;
use toml::Table;

use crate::run::{Desk, Told, ringtrue};

/// Simulates a world into a folder of the desk.
fn world(desk: &Desk, name: &str, seed: u32) {
    let line = format!("simulate --days 3 --numbers 1500 --seed {seed} --format csv --out {}", desk.path(name));
    ringtrue(&line).done();
}

/// The arguments that name the files of a world.
fn files(desk: &Desk, name: &str) -> String {
    let path = |file: &str| desk.path(&format!("{name}/{file}"));
    let [calls, truth, reports, standing] = ["calls.csv", "truth.csv", "reports.ndjson", "standing.csv"].map(path);
    format!("--calls {calls} --truth {truth} --reports {reports} --standing {standing}")
}

/// Fits into `NAME/reputation.toml` of the desk, and gives what was told and written.
fn fit(desk: &Desk, name: &str, line: &str) -> (Told, String) {
    let policy = desk.path(name);
    std::fs::create_dir_all(&policy).expect("a folder");
    let out = format!("{policy}/reputation.toml");
    let told = ringtrue(&format!("fit {line} --policy-out {out} --date 2026-03-02 --output json"));
    let text = std::fs::read_to_string(&out).unwrap_or_default();
    (told, text)
}

fn number(table: &Table, path: [&str; 2]) -> f64 {
    let [table, key] = [&table[path[0]], &toml::Value::from(path[1])];
    table[key.as_str().expect("a key")].as_float().unwrap_or_else(|| panic!("{path:?} is a number"))
}

#[test]
fn the_policys_evidence_is_learned_from_traffic() {
    let desk = Desk::new();
    world(&desk, "world", 3);
    let files = files(&desk, "world");
    for form in ["mixture", "beta", "shape"] {
        let (told, text) = fit(&desk, form, &format!("{files} --form {form} --threads 1"));
        let told = told.json();
        let auc = |value: &Value| value["auc"].as_f64().expect("an area");
        assert!(auc(&told) > 0.9, "{form}: {}", told["auc"]);
        assert!(auc(&told["policy"]) > 0.9, "{form}: {}", told["policy"]);
        assert!(text.contains("# date: 2026-03-02\n") && text.contains("[evidence.SHORT_CALLS]\n"), "{text}");
        assert!(text.contains("--standing standing.csv") && !text.contains(&desk.path("")), "{text}");
        assert_eq!(text.contains("form = \"shape\""), form == "shape");
        let policy = desk.path(form);
        let checked = ringtrue(&format!("policy check --policy {policy}")).done();
        assert!(checked.starts_with("ok: policy "), "{checked}");
        // In builds with assertions every hour that the bounds rule out is assessed, and compared.
        let evaluated = ringtrue(&format!("evaluate {files} --policy {policy} --output json")).json();
        let brier = evaluated["brier"]["overall"].as_f64().expect("a score");
        assert!(brier < 0.05, "{form}: {brier}");
    }
}

#[test]
fn block_attestation_and_calibration_are_learned() {
    let desk = Desk::new();
    world(&desk, "world", 3);
    let (told, text) = fit(&desk, "own", &files(&desk, "world"));
    told.json();
    let overlay: Table = text.parse().expect("TOML");
    let weight = number(&overlay, ["block", "weight"]);
    assert!((0.0..=1.0).contains(&weight), "{weight}");
    let [weight, full, partial, gateway, unsigned] =
        ["weight", "full", "partial", "gateway", "unsigned"].map(|key| number(&overlay, ["attestation", key]));
    // Unwanted callers sign in part or through a gateway more often than others do.
    assert!(weight > 0.0 && weight <= 1.0 && full < 0.0 && full < partial && full < gateway, "{text}");
    assert!(unsigned.abs() <= 2.5);
    assert!(number(&overlay, ["calibration", "beta"]) > 0.3, "{text}");
    assert!(number(&overlay, ["reports", "rate_unwanted"]) > number(&overlay, ["reports", "rate_legitimate"]));
    // What simulated traffic cannot tell stays out.
    for table in ["trusted", "registered", "levels", "families", "prior"] {
        assert!(!overlay.contains_key(table), "{table}");
    }
}

#[test]
fn several_worlds_are_learned_from_together() {
    let desk = Desk::new();
    world(&desk, "one", 3);
    world(&desk, "two", 4);
    let [one, two] = ["one", "two"].map(|name| desk.path(name));
    let (told, alone) = fit(&desk, "alone", &format!("--worlds {one} --threads 1"));
    let rows = |told: &Value| told["rows_read"].as_u64().expect("a count");
    let first = rows(&told.json());
    // A folder is read as its files are, and threads change nothing.
    let (_, by_files) = fit(&desk, "files", &format!("{} --threads 3", files(&desk, "one")));
    let without_comments =
        |text: &str| text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    assert_eq!(without_comments(&alone), without_comments(&by_files));
    let (told, both) = fit(&desk, "both", &format!("--worlds {one} {two}"));
    assert!(rows(&told.json()) > first + first / 2);
    assert!(both.contains("# data: one, two, ") && both.contains("--worlds one --worlds two"), "{both}");
    assert_ne!(without_comments(&alone), without_comments(&both));
}

#[test]
fn traffic_that_cannot_be_learned_from_is_refused() {
    let desk = Desk::new();
    world(&desk, "world", 3);
    let dir = desk.path("world");
    let refused = |line: &str| fit(&desk, "none", line).0.refused(2);
    let error = refused(&format!("--calls {dir}/calls.csv --truth {dir}/calls.csv"));
    assert!(error.contains("truth") || error.contains("tn"), "{error}");
    let error = refused(&format!("--worlds {dir} --truth {dir}/truth.csv"));
    assert!(error.contains("--truth"), "{error}");
    let error = refused(&format!("--calls {dir}/calls.csv"));
    assert!(error.contains("--truth"), "{error}");
    std::fs::copy(desk.path("world/calls.csv"), desk.path("world/calls.ndjson")).expect("a copy");
    let error = refused(&format!("--worlds {dir}"));
    assert!(error.contains("2 files called calls.*"), "{error}");
}

#[test]
fn the_derived_table_is_written_and_can_be_learned_from() {
    let desk = Desk::new();
    world(&desk, "world", 3);
    let table = desk.path("table.csv");
    let (told, _) = fit(&desk, "own", &format!("{} --table-out {table}", files(&desk, "world")));
    let told = told.json();
    let text = std::fs::read_to_string(&table).expect("a table");
    assert_eq!(text.lines().count() as u64, told["rows_read"].as_u64().expect("a count") + 1);
    // What the score says of the part test gives the area that the report tells.
    let mut scored: Vec<(f64, bool)> = Vec::new();
    for line in text.lines().skip(1).filter(|line| line.contains(",test,")) {
        let cells: Vec<&str> = line.split(',').collect();
        scored.push((cells[cells.len() - 1].parse().expect("a probability"), cells[1] == "true"));
    }
    let of = |wanted: bool| scored.iter().filter(move |(_, unwanted)| *unwanted != wanted).map(|(p, _)| *p);
    let worth = |(bad, good): (f64, f64)| {
        if bad > good {
            1.0
        } else if bad < good {
            0.0
        } else {
            0.5
        }
    };
    let wins: f64 = of(false).flat_map(|bad| of(true).map(move |good| worth((bad, good)))).sum();
    let auc = wins / (of(false).count() * of(true).count()) as f64;
    assert!((auc - told["policy"]["auc"].as_f64().expect("an area")).abs() < 1e-4, "{auc}");
    let spec =
        desk.file("spec.toml", "[[evidence]]\nname = \"short\"\nform = \"rate\"\ns = \"short\"\nn = \"answered\"\n");
    let out = desk.path("score.toml");
    let line = format!("fit --features {table} --label unwanted --split part --spec {spec} --out {out} --output json");
    assert!(ringtrue(&line).json()["auc"].as_f64().expect("an area") > 0.5);
}
