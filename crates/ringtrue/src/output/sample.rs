//! Made-up results that the tests of every form write.

mod owned;

pub(super) use owned::owned;

use model::{Label, Status, TelephoneNumber, Timestamp};
use reputation::advice::AdvicePolicy;
use reputation::assess::ReasonCode;
use reputation::engines::Directory;
use reputation::facts::Tally;
use reputation::policy::Policy;
use reputation::verdict::{Clearing, Opinion, Reason, Verdict};
use reputation::words::Words;

use super::Context;
use service::number::{ScoredNumber, WindowFacts};

use crate::score::result::{RunFacts, Summary};

/// Owns what a context borrows.
pub(super) struct Shelf {
    directory: Directory,
    words: Words,
    advice: AdvicePolicy,
    policy: Policy,
}

impl Shelf {
    pub(super) fn new() -> Self {
        let policy = Policy::load(&[]).expect("the shipped policy");
        Self {
            directory: Directory::parse("engines.toml", Directory::SHIPPED).expect("the shipped directory"),
            words: Words::load(&[], &policy).expect("the shipped words"),
            advice: AdvicePolicy::load(&[]).expect("the shipped advice"),
            policy,
        }
    }

    pub(super) fn ctx(&self) -> Context<'_> {
        Context { directory: &self.directory, words: &self.words, advice: &self.advice, policy: &self.policy }
    }
}

pub(super) fn tn(last_two: u64) -> TelephoneNumber {
    TelephoneNumber::from_digits(12_155_550_100 + last_two).expect("a number")
}

pub(super) fn at(text_ms: i64) -> Timestamp {
    Timestamp::from_ms(text_ms).expect("in range")
}

/// 2026-11-25T00:00:00Z.
pub(super) const MIDNIGHT_MS: i64 = 1_795_564_800_000;

/// `per_cent` of the attempts answered, most of them briefly, some to numbers not in service.
pub(super) fn window(attempts: u64) -> WindowFacts {
    let answered = attempts / 4;
    let short = answered * 62 / 100;
    let invalid = attempts * 14 / 100;
    let lengths = [short / 2, short - short / 2, answered / 20, 0, answered / 20, 0, answered / 10, 0, 0, 0];
    let long = answered - lengths.iter().sum::<u64>();
    let lengths = [
        lengths[0],
        lengths[1],
        lengths[2],
        lengths[3],
        lengths[4],
        lengths[5],
        lengths[6],
        long / 2,
        long - long / 2,
        0,
    ];
    WindowFacts {
        tally: Tally {
            attempts,
            answered,
            lengths,
            talk_ds: answered * 110,
            no_answer: attempts - answered - invalid - attempts / 20,
            busy: attempts / 20,
            invalid_strong: invalid,
            shows_answer: attempts,
            shows_invalid: attempts,
            shows_blocked: attempts,
            ..Tally::default()
        },
        distinct_dest: attempts as f64 * 0.93,
        reports: attempts / 100,
    }
}

pub(super) fn reason(code: ReasonCode, value: f64, sample_size: f64, decibans: f64) -> Reason {
    Reason { code, value, sample_size, window: "35d", decibans }
}

fn spam(engine: Option<usize>, label: Label) -> Verdict {
    Verdict {
        engine,
        opinion: Opinion::Rated { label, rating_bp: 9998, confidence_bp: Some(9730) },
        status: Status::Flagged,
        sample_size: 412.304,
        prior_decibans: -16.902,
        reasons: vec![
            reason(ReasonCode::ShortCalls, 0.62, 103.2, 17.372),
            reason(ReasonCode::FirstCalls, 0.91, 64.0, 15.204),
            reason(ReasonCode::InvalidDestinations, 0.1406, 64.0, 12.158),
            reason(ReasonCode::Unanswered, 0.75, 412.3, 9.414),
            reason(ReasonCode::TalkTime, 11.2, 103.2, 1.918),
            reason(ReasonCode::Attestation, 0.98, 412.3, -0.434),
        ],
        clears_when: vec![
            Clearing { code: ReasonCode::ShortCalls, value: 0.62, target: 0.284, alone: false },
            Clearing { code: ReasonCode::InvalidDestinations, value: 0.1406, target: 0.0312, alone: false },
            Clearing { code: ReasonCode::FirstCalls, value: 0.91, target: 0.79, alone: true },
        ],
    }
}

fn clean(engine: Option<usize>) -> Verdict {
    Verdict {
        engine,
        opinion: Opinion::Rated { label: Label::None, rating_bp: 31, confidence_bp: Some(9985) },
        status: Status::Unflagged,
        sample_size: 88.0,
        prior_decibans: -16.902,
        reasons: vec![
            reason(ReasonCode::ShortCalls, 0.125, 41.0, -4.343),
            reason(ReasonCode::Unanswered, 0.53, 88.0, -3.81),
        ],
        clears_when: Vec::new(),
    }
}

fn no_opinion(engine: Option<usize>) -> Verdict {
    Verdict {
        engine,
        opinion: Opinion::NoOpinion,
        status: Status::Unknown,
        sample_size: 4.0,
        prior_decibans: -16.902,
        reasons: Vec::new(),
        clears_when: Vec::new(),
    }
}

fn number(last_two: u64, weekly: u64, verdicts: Vec<Verdict>) -> ScoredNumber {
    let daily = u32::try_from(weekly / 7).expect("few calls");
    let mut daily_attempts = [daily; 14];
    daily_attempts[..7].fill(0);
    daily_attempts[9] = daily * 2;
    daily_attempts[11] = daily / 3;
    ScoredNumber {
        tn: tn(last_two),
        h24: window(weekly / 7),
        d7: window(weekly),
        d35: window(weekly),
        verdicts,
        daily_attempts,
        symptoms: Vec::new(),
        advice: Vec::new(),
        totals: None,
    }
}

/// Four numbers of a run where no call names a carrier: spam, clean, no opinion, and one that never called in the last week.
pub(super) fn any_engine() -> Vec<ScoredNumber> {
    let mut silent = number(44, 350, vec![clean(None)]);
    silent.h24 = WindowFacts::default();
    silent.d7 = WindowFacts::default();
    silent.daily_attempts = [0; 14];
    vec![
        number(12, 400, vec![spam(None, Label::Spam)]),
        number(23, 90, vec![clean(None)]),
        number(31, 4, vec![no_opinion(None)]),
        silent,
    ]
}

/// Three numbers of a run with carriers, each seen by three engines.
pub(super) fn three_engines() -> Vec<ScoredNumber> {
    vec![
        number(12, 1400, vec![spam(Some(0), Label::SpamLikely), clean(Some(1)), spam(Some(2), Label::PotentialSpam)]),
        number(23, 90, vec![clean(Some(0)), clean(Some(1)), no_opinion(Some(2))]),
        number(31, 4, vec![no_opinion(Some(0)), no_opinion(Some(1)), no_opinion(Some(2))]),
    ]
}

pub(super) fn run(numbers: &[ScoredNumber]) -> RunFacts {
    RunFacts {
        at: at(MIDNIGHT_MS),
        policy_version: "2026-11-25.1".to_owned(),
        summary: Summary {
            lines: 1002,
            calls: 998,
            rejected: 2,
            skipped: vec![("internal legs", 2)],
            numbers: numbers.len() as u64,
            labels: labels(numbers),
            data_from: Some(at(MIDNIGHT_MS - 8 * 86_400_000)),
            data_through: Some(at(MIDNIGHT_MS)),
            ..Summary::default()
        },
    }
}

fn labels(numbers: &[ScoredNumber]) -> Vec<(String, [u64; 5])> {
    let shelf = Shelf::new();
    let mut labels: Vec<(String, [u64; 5])> = Vec::new();
    for verdict in numbers.iter().flat_map(|number| &number.verdicts) {
        let key = shelf.ctx().engine_key(verdict.engine);
        if !labels.iter().any(|(known, _)| known == key) {
            labels.push((key.to_owned(), [0; 5]));
        }
        let (_, counts) = labels.iter_mut().find(|(known, _)| known == key).expect("just added");
        match verdict.opinion {
            Opinion::NoOpinion => counts[4] += 1,
            Opinion::Rated { label, .. } => counts[label as usize] += 1,
        }
    }
    labels
}
