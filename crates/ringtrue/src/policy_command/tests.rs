use reputation::assess::ReasonCode;

use super::*;

/// A policy folder with the given files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).expect("a file");
    }
    dir
}

fn shown(dir: Option<&Path>) -> String {
    let mut page = String::new();
    show(&mut page, dir).expect("a policy");
    page
}

/// The error with its cause, as a person reads it.
fn refusal(files: &[(&str, &str)]) -> String {
    let dir = folder(files);
    let error = check(&mut String::new(), Some(dir.path())).expect_err("refused");
    assert_eq!(error.exit_code(), 2);
    let cause = std::error::Error::source(&error).map_or_else(String::new, ToString::to_string);
    format!("{error} {cause}")
}

#[test]
fn the_shipped_policy_holds() {
    let mut page = String::new();
    check(&mut page, None).expect("the shipped policy");
    assert!(page.starts_with("ok: policy ") && page.contains("as shipped"), "{page}");
}

#[test]
fn every_file_is_checked() {
    for (name, text, expect) in [
        ("reputation.toml", "[facts]\nhalf_live_d = 7.0", "half_live_d"),
        ("reasons.toml", "[SHORT_CALL]\nshort = \"x\"", "SHORT_CALL"),
        ("advice.toml", "[advice.SHORT_CALL_SHARE]\ntarget = -1.0", "target"),
        ("engines.toml", "engine = 3", "engine"),
        ("area_codes.toml", "zones = 3", "area_codes.toml"),
        ("reputaton.toml", "", "no policy file has this name"),
    ] {
        let said = refusal(&[(name, text)]);
        assert!(said.contains(expect), "{name}: {said}");
    }
}

#[test]
fn a_value_is_shown_with_the_file_that_it_comes_from() {
    let page = shown(None);
    assert!(page.contains("facts.half_life_d = 7.0  # reputation.toml (shipped)\n"), "{page}");
    assert!(page.contains("engine.hiya.phrasebook.spam = \"Spam Risk\"  # engines.toml (shipped)\n"), "{page}");
    assert!(page.contains("engine.hiya.treatment.spam = \"label\"  # engines.toml (shipped)\n"), "{page}");
    assert!(page.contains("carrier.sprint = [\"tns until 2020-04-01\", \"first_orion from 2020-04-01\"]"), "{page}");
    let dir = folder(&[("reputation.toml", "[facts]\nhalf_life_d = 14.0")]);
    let page = shown(Some(dir.path()));
    assert!(page.contains("facts.half_life_d = 14.0  # /") && page.contains("reputation.toml\n"), "{page}");
    assert!(page.contains("facts.horizon_d = 35  # reputation.toml (shipped)\n"), "{page}");
}

#[test]
fn what_is_shown_is_toml() {
    let parsed: toml::Table = shown(None).parse().expect("TOML");
    assert!(parsed.get("levels").is_some() && parsed.get("mapping").is_some());
}

#[test]
fn every_reason_is_explained_with_its_numbers() {
    for code in ReasonCode::ALL {
        let mut page = String::new();
        explain::explain(&mut page, code.as_str(), None).expect("a heading");
        assert!(page.contains("In force"), "{page}");
        assert!(page.contains(&format!("docs/reference/reasons.md#{}", code.as_str().to_ascii_lowercase())), "{page}");
        assert!(!page.contains("**") && !page.contains("]("), "{page}");
    }
    for (code, expect) in [
        ("calls_back", "a reason"),
        ("VOLUME_SPIKE", "advice.VOLUME_SPIKE.target"),
        ("ANSWER_RATE_BREAK", "symptoms.break_test.alpha"),
    ] {
        let mut page = String::new();
        explain::explain(&mut page, code, None).expect("a heading");
        assert!(page.contains(expect), "{page}");
    }
}

#[test]
fn an_unknown_code_names_the_known_ones() {
    let error = explain::explain(&mut String::new(), "SHORTCALLS", None).expect_err("unknown");
    assert!(error.to_string().contains("SHORT_CALLS"), "{error}");
    assert_eq!(error.exit_code(), 2);
}
