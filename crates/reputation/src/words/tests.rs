use super::*;

fn words() -> Words {
    Words::load(&[], &policy()).expect("the shipped words")
}

fn policy() -> Policy {
    Policy::load(&[]).expect("the shipped policy")
}

fn reason(code: ReasonCode, value: f64, sample_size: f64, decibans: f64) -> Reason {
    Reason { code, value, sample_size, window: "35d", decibans }
}

#[test]
fn a_reason_reads_as_a_sentence() {
    let words = words();
    let text = |code, value, n, decibans| words.reason_text(&reason(code, value, n, decibans));
    assert_eq!(
        text(ReasonCode::ShortCalls, 0.6199, 1234.4, 12.0),
        "62 % of 1,234 answered calls lasted at most 6 seconds: people hang up at once"
    );
    assert_eq!(
        text(ReasonCode::InvalidDestinations, 0.0104, 64.0, -2.0),
        "1.0 % of 64 destinations are not in service: the list is clean"
    );
    assert_eq!(text(ReasonCode::Reports, 3.37, 5.0, 6.0), "people report this number: 5 reports, together worth 3.4");
    assert!(text(ReasonCode::TalkTime, 8.04, 40.0, 1.0).contains("last 8.0 s on average"));
    assert_eq!(words.short_text(&reason(ReasonCode::TalkTime, 35.2, 40.0, 1.0)), "talk 35 s");
    assert_eq!(words.title(ReasonCode::FirstCalls), "First calls");
}

#[test]
fn every_reason_has_words_for_its_own_direction() {
    let words = words();
    for code in ReasonCode::ALL {
        let [against, favour, _] = words.patterns(code);
        assert!(!against.is_empty() || !favour.is_empty(), "{code:?}");
        assert!(!words.short_text(&reason(code, 1.0, 1.0, 1.0)).is_empty(), "{code:?}");
    }
}

#[test]
fn values_round_without_a_jump() {
    let write = |form: Form, value| {
        let mut out = String::new();
        form.write(&mut out, value);
        out
    };
    for (value, expect) in
        [(0.0, "0 %"), (0.0004, "0 %"), (0.001, "0.1 %"), (0.0994, "9.9 %"), (0.0997, "10 %"), (1.0, "100 %")]
    {
        assert_eq!(write(Form::Percent, value), expect);
    }
    assert_eq!(write(Form::Count, 3.0), "3");
    assert_eq!(write(Form::Count, 12_345.25), "12,345.3");
    assert_eq!(write(Form::Seconds, 1500.0), "1,500 s");
}

#[test]
fn what_clears_names_both_values() {
    let clearing = Clearing { code: ReasonCode::ShortCalls, value: 0.62, target: 0.24, alone: false };
    assert!(words().clearing_text(&clearing).starts_with("bring short calls from 62 % to 24 % of answered calls"));
}

#[test]
fn an_overlay_changes_one_text_and_nothing_unknown() {
    let load = |text: &str| {
        Words::load(&[Overlay { file: "mine.toml".to_owned(), text: text.to_owned() }], &policy())
            .map_err(|error| error.to_string())
    };
    let mine = load("[SHORT_CALLS]\nshort = \"{value} kurz\"").expect("a known key");
    assert_eq!(mine.short_text(&reason(ReasonCode::ShortCalls, 0.5, 9.0, 1.0)), "50 % kurz");
    for (text, expect) in [
        ("[SHORT]\nshort = \"x\"", "SHORT"),
        ("[SHORT_CALLS]\nshorter = \"x\"", "shorter"),
        ("[SHORT_CALLS]\nshort = \"{worth}\"", "{worth}"),
        ("[SHORT_CALLS]\nform = \"roman\"", "roman"),
        ("SHORT_CALLS = 3", "SHORT_CALLS"),
        ("[SHORT_CALLS", "mine.toml"),
        ("[evidence.SHORT_CALLS]\nshort = \"x\"", "evidence"),
    ] {
        let error = load(text).expect_err(text);
        assert!(error.contains(expect), "{text}: {error}");
    }
}

#[test]
fn a_code_without_words_is_refused() {
    let mut table: toml::Table = Words::SHIPPED.parse().expect("TOML");
    table.remove("BLOCK");
    let error = read(&mut table, ReasonCode::Block, &policy()).expect_err("no words").to_string();
    assert!(error.contains("BLOCK"), "{error}");
}
