//! `ringtrue policy`.

use crate::run::{CALLS, Desk, labels, ringtrue};

#[test]
fn check() {
    let told = ringtrue("policy check").done();
    assert!(told.starts_with("ok: policy ") && told.contains("as shipped"), "{told}");
    assert!(told.contains("3 engines"), "{told}");
}

#[test]
fn show_names_the_file_of_each_value() {
    let desk = Desk::new();
    desk.file("reputation.toml", "version = \"ours.7\"\n[facts]\nhalf_life_d = 14.0\n");
    let told = ringtrue(&format!("policy show --policy {}", desk.path(""))).done();
    let line = told.lines().find(|line| line.starts_with("facts.half_life_d")).expect("the half-life");
    assert!(line.contains("14") && line.contains("reputation.toml"), "{line}");
    let value: toml::Table = toml::from_str(&told).expect("what is shown is TOML");
    assert!(!value.is_empty());
}

#[test]
fn explain() {
    let told = ringtrue("policy explain SHORT_CALLS").done();
    assert!(told.contains("SHORT_CALLS") && told.contains('6'), "{told}");
    let told = ringtrue("policy explain NO_SUCH_REASON").refused(2);
    assert!(told.contains("NO_SUCH_REASON"), "{told}");
    assert_eq!(ringtrue("policy explain BLOCKED_BY_ANALYTICS").code, 0);
    assert_eq!(ringtrue("policy explain OUT_OF_HOURS").code, 0);
}

#[test]
fn an_overlay_changes_verdicts_and_their_version() {
    let desk = Desk::new();
    desk.file("reputation.toml", "version = \"ours.7\"\n[floor]\nattempts = 100000.0\n");
    let folder = desk.path("");
    assert!(ringtrue(&format!("policy check --policy {folder}")).done().starts_with("ok: policy ours.7"));
    let ours = ringtrue(&format!("score {CALLS} --policy {folder} --output json")).json();
    assert_eq!(ours["policy_version"], "ours.7");
    let shipped = ringtrue(&format!("score {CALLS} --output json")).json();
    assert_ne!(labels(&ours), labels(&shipped), "without a floor an old list alone earns no label");
}

#[test]
fn a_file_of_another_name_is_refused() {
    let desk = Desk::new();
    desk.file("reputatoin.toml", "");
    let told = ringtrue(&format!("policy check --policy {}", desk.path(""))).refused(2);
    assert!(told.contains("reputatoin.toml") && told.contains("reputation.toml"), "{told}");
}

#[test]
fn help_and_version() {
    assert!(ringtrue("--version").done().starts_with("ringtrue "));
    let help = ringtrue("score --help").done();
    for words in ["--reports", "--explain", "--own", "--carrier-map", "--rejects"] {
        assert!(help.contains(words), "{words}");
    }
}
