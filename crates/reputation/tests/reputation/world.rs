//! A small world for tests: one judged number, its calls, and what it takes from other numbers.

use std::sync::LazyLock;

use model::{CallOutcome, CallRecord, Observable, Outcome, Party, Strength, TelephoneNumber, Timestamp};
use proptest::prelude::ProptestConfig;
use reputation::engines::{Directory, View};
use reputation::facts::{CallFact, Cells, FactStore, hour_index, hour_start};
use reputation::policy::{Overlay, Policy};
use reputation::replay::{End, Others, Replayed, replay};
use reputation::timeline::{Circumstances, Hours, Rules, Timeline};

/// The number that is judged: a fictional one.
pub(crate) fn judged() -> TelephoneNumber {
    TelephoneNumber::from_digits(12_155_550_112).expect("a number")
}

/// The shipped policy's rules.
pub(crate) fn shipped() -> &'static Rules {
    static SHIPPED: LazyLock<Rules> = LazyLock::new(|| Rules::new(Policy::load(&[]).expect("the shipped policy")));
    &SHIPPED
}

/// The rules with the densities that the formulas were first stated with.
pub(crate) fn starting() -> &'static Rules {
    static STARTING: LazyLock<Rules> = LazyLock::new(|| {
        let text = include_str!("../../../../fixtures/starting/reputation.toml").to_owned();
        let overlay = Overlay { file: "starting/reputation.toml".to_owned(), text };
        Rules::new(Policy::load(&[overlay]).expect("a policy"))
    });
    &STARTING
}

/// An operator's rules: a shorter memory, other edges.
pub(crate) fn hasty() -> &'static Rules {
    static HASTY: LazyLock<Rules> = LazyLock::new(|| {
        let text = "[facts]\nhalf_life_d = 20.0\nhorizon_d = 5\nhourly_for_h = 24\nshort_call_s = 10\n\
                    [label]\nbelow_for_h = 6\nstep_down_h = 2\nsilent_d = 3\nsilent_step_d = 1\n";
        let overlay = Overlay { file: "hasty.toml".to_owned(), text: text.to_owned() };
        Rules::new(Policy::load(&[overlay]).expect("a policy"))
    });
    &HASTY
}

/// The hour index of Monday, 2026-11-02T00:00Z.
pub(crate) fn monday() -> u32 {
    hour_index(Timestamp::from_s(1_793_577_600).expect("an instant")).expect("an hour of facts")
}

/// The `place`-th fictional number: 555-01XX in area code after area code. There are 63,000.
pub(crate) fn fictional(place: u32) -> TelephoneNumber {
    let (line, area) = (place % 100, place / 100);
    // Area codes have no 9 in the middle: those are kept for when the plan grows.
    let area = 200 + area / 90 * 100 + area % 90;
    TelephoneNumber::from_national_10(u64::from(area) * 10_000_000 + 5_550_100 + u64::from(line)).expect("a number")
}

/// An answered call at the start of an hour, at a source that shows everything.
pub(crate) fn record(hour: u32, dest: TelephoneNumber) -> CallRecord {
    CallRecord {
        key: None,
        at: hour_start(hour),
        known_at: Some(hour_start(hour)),
        orig: Party::Number(judged()),
        dest: Party::Number(dest),
        direction: None,
        carrier: None,
        outcome: Outcome::new(CallOutcome::Answered, Strength::Strong),
        observable: Observable::ALL,
        ring_ms: None,
        talk_ms: None,
        hangup_by: None,
        attestation: None,
        redress: None,
    }
}

/// Other numbers that say the same every day.
pub(crate) struct Constant {
    pub(crate) block_nats: f64,
    pub(crate) credibility: f64,
}

impl Others for Constant {
    fn block_nats(&mut self, _hour: u32, _at_end: bool) -> f64 {
        self.block_nats
    }

    fn credibility(&self, _reporter: Option<u64>, _hour: u32) -> f64 {
        self.credibility
    }
}

/// The judged number's cells after `facts` were added in the given order.
pub(crate) fn cells_of(facts: &[CallFact]) -> Cells {
    let mut store = FactStore::default();
    store.add(facts);
    let mut cells = Cells::default();
    if let Some(place) = store.find(judged()) {
        store.read(place, &mut cells);
    }
    cells
}

/// Replays the judged number's calls.
pub(crate) fn replay_of(
    rules: &Rules,
    facts: &[CallFact],
    about: &Circumstances<'_>,
    (view, others): (&View, &mut dyn Others),
    end: End,
) -> Replayed {
    let cells = cells_of(facts);
    let hours = Hours::new(cells.calls(), cells.dests(), view);
    replay(rules, about, hours, others, end, &mut Timeline::default())
}

/// Settings of properties: so many cases, or as many as `PROPTEST_CASES` asks for.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() { default } else { ProptestConfig { cases, ..default } }
}

/// Three engines and four carriers, some of which change engines in the days of the tests.
pub(crate) fn directory() -> Directory {
    let engine = |key: &str| {
        format!(
            "[[engine]]\nkey = \"{key}\"\nname = \"{key}\"\nredress = \"\"\nsource = \"\"\n[engine.phrasebook]\n\
             potential_spam = \"a\"\nspam_likely = \"b\"\nspam = \"c\"\n"
        )
    };
    let carrier = |key: &str, served: &[&str]| {
        let served: String = served.iter().map(|row| format!("[[carrier.served]]\nsource = \"\"\n{row}\n")).collect();
        format!("[[carrier]]\nkey = \"{key}\"\nname = \"{key}\"\n{served}")
    };
    let text = [
        engine("one"),
        engine("two"),
        engine("three"),
        carrier("steady", &["engine = \"one\""]),
        carrier("moves", &["engine = \"one\"\nto = \"2026-11-10\"", "engine = \"two\"\nfrom = \"2026-11-10\""]),
        carrier(
            "returns",
            &[
                "engine = \"two\"\nto = \"2026-11-06\"",
                "engine = \"three\"\nfrom = \"2026-11-06\"\nto = \"2026-12-20\"",
                "engine = \"two\"\nfrom = \"2026-12-20\"",
            ],
        ),
        carrier("late", &["engine = \"three\"\nfrom = \"2026-11-25\""]),
    ];
    Directory::parse("test.toml", &text.concat()).expect("a directory")
}

/// The end at an hour boundary.
pub(crate) fn end_at(hour: u32) -> End {
    End::at(hour_start(hour)).expect("an hour of facts")
}
