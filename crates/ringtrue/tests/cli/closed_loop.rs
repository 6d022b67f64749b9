//! `ringtrue evaluate --closed-loop`: simulated people who see the labels.

use serde_json::Value;

use crate::run::{Desk, ringtrue};

#[test]
fn an_open_loop_is_what_files_tell() {
    let desk = Desk::new();
    let world = desk.path("world");
    let line = "--days 6 --numbers 400 --seed 3";
    let told = ringtrue(&format!("simulate {line} --format csv --out {world}"));
    assert_eq!(told.code, 0, "{}", told.err);
    let files = ringtrue(&format!(
        "evaluate --calls {world}/calls.csv --reports {world}/reports.ndjson --standing {world}/standing.csv \
         --truth {world}/truth.csv --at 2026-03-08T00:00:00Z --output json"
    ))
    .json();
    let closed = ringtrue(&format!("evaluate --closed-loop {line} --output json --threads 1"));
    assert!(closed.err.contains("truth about 400 numbers"), "{}", closed.err);
    let again = ringtrue(&format!("evaluate --closed-loop {line} --output json --threads 3"));
    assert_eq!(closed.out, again.out, "threads change nothing");
    let closed = closed.json();
    let figures = closed["against_open_loop"].as_object().expect("figures");
    assert_eq!(figures.len(), 6);
    for (place, levels) in figures {
        for (level, change) in levels.as_object().expect("levels") {
            let of_files = files.pointer(&format!("/{}/{level}", place.replace('.', "/"))).expect("the figure");
            assert_eq!(&change["baseline"], of_files, "{place} {level}");
        }
    }
    assert!(files["capture_calls"]["potential_spam"].as_f64().is_some_and(|share| share > 0.0));
}

#[test]
fn a_closed_loop_tells_who_cannot_get_out_of_a_label() {
    let desk = Desk::new();
    let page = desk.path("page.html");
    let line = "evaluate --closed-loop --days 20 --numbers 150 --seed 2 --adversary lock_in";
    let found = ringtrue(&format!("{line} --output json --html {page}")).json();
    let lock_in = &found["lock_in"];
    let count = |key: &str| lock_in[key].as_u64().expect("a count");
    assert!(count("labelled") > 0, "{lock_in}");
    assert!(count("still_labelled") <= count("labelled"), "{lock_in}");
    assert!(count("labelled_anyway") <= count("still_labelled"), "{lock_in}");
    assert_eq!((count("behaving_well_d"), &lock_in["wanted"]), (14, &found["numbers"]["wanted"]));
    // A world without an adversary is asked about the same numbers in a second one.
    let plain = line.replace("--adversary lock_in", "--output json");
    let mut plain = ringtrue(&plain).json()["lock_in"].clone();
    // Whom a label holds at the end is told of the first.
    plain["held_by_shown_label"] = lock_in["held_by_shown_label"].clone();
    assert_eq!(plain, *lock_in);
    // Fewer people pick up where a label is shown, which shows in no figure before the first label.
    assert_eq!(found["against_open_loop"]["capture_numbers"]["potential_spam"]["difference"], 0.0);
    assert!(desk.read("page.html").contains("Who cannot get out of a label"));
}

#[test]
fn a_closed_loop_reads_no_files() {
    let desk = Desk::new();
    let truth = desk.file("truth.csv", "tn,class,unwanted,registered\n");
    let told = ringtrue(&format!("evaluate --closed-loop --days 2 --numbers 20 --truth {truth}")).refused(2);
    assert!(told.contains("--truth"), "{told}");
    let told = ringtrue("evaluate --closed-loop --days 2").refused(2);
    assert!(told.contains("--numbers"), "{told}");
    let told = ringtrue("evaluate --closed-loop --days 2 --numbers 20 --adversary nobody").refused(2);
    assert!(told.contains("--adversary: `nobody` is none of"), "{told}");
}

#[test]
fn two_policies_are_played_live_side_by_side() {
    let desk = Desk::new();
    let line = "evaluate --closed-loop --days 6 --numbers 300 --seed 3 --output json";
    for (folder, toml) in [("same", ""), ("strict", "[prior]\nunwanted_share = 0.2\n")] {
        std::fs::create_dir(desk.path(folder)).expect("a folder");
        desk.file(&format!("{folder}/reputation.toml"), toml);
    }
    let (same, strict) = (desk.path("same"), desk.path("strict"));
    let alone = ringtrue(line).done();
    let compared = ringtrue(&format!("{line} --compare {same} {strict}")).json();
    assert_eq!(compared["policies"][0]["figures"], serde_json::from_str::<Value>(&alone).expect("JSON"));
    let differences = compared["differences"].as_array().expect("differences");
    let wronged = differences.iter().find(|one| one["measure"] == "false_positive").expect("the figure");
    assert!(wronged["difference"].as_f64().is_some_and(|off| off > 0.0), "{wronged}");
    let table = ringtrue(&format!("{} --compare {same} {strict}", line.replace(" --output json", ""))).done();
    // Each policy tells who cannot get out of its labels.
    let told = table.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(told.matches("are labelled at the end only where their label was shown").count(), 2, "{table}");
    // Another run is a baseline as it is for files.
    let baseline = desk.file("alone.json", &alone);
    let told = ringtrue(&format!("{line} --policy {strict} --baseline {baseline}")).json();
    let change = &told["against_baseline"]["false_positive.overall"]["potential_spam"];
    assert_eq!(change["difference"], wronged["difference"]);
    assert!(told["against_open_loop"].is_object());
    let told = ringtrue(&format!("{line} --trade-off")).refused(2);
    assert!(told.contains("--trade-off"), "{told}");
}
