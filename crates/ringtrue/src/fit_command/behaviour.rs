//! How a number behaves, as a table that evidence is learned from.

use fit::spec::{EvidenceSpec, Form, Monotone, Scale, Source, Spec};
use fit::table::{Observed, Skips, Table};
use model::TelephoneNumber;
use reputation::assess::{Inputs, ReasonCode};
use reputation::evidence::first_calls;
use reputation::policy::Policy;

use super::args::PolicyForm;

/// First calls are learned from numbers with so many days of traffic: in less, everybody's share is high. Chosen: a working day and
/// the next morning.
const FIRST_CALLS_SPAN_D: f64 = 1.0;

/// What is learned about behaviour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Behaviour {
    Invalid,
    Unanswered,
    Short,
    First,
    Talk,
}

impl Behaviour {
    /// In the order of the policy's file.
    pub(super) const ALL: [Self; 5] = [Self::Invalid, Self::Unanswered, Self::Short, Self::First, Self::Talk];

    const fn code(self) -> ReasonCode {
        match self {
            Self::Invalid => ReasonCode::InvalidDestinations,
            Self::Unanswered => ReasonCode::Unanswered,
            Self::Short => ReasonCode::ShortCalls,
            Self::First => ReasonCode::FirstCalls,
            Self::Talk => ReasonCode::TalkTime,
        }
    }

    /// `s` and `n` of the evidence; of talk time, seconds and answered calls.
    pub(super) fn counts(self, inputs: &Inputs) -> [f64; 2] {
        let (sums, sample) = (&inputs.sums, &inputs.sample);
        match self {
            Self::Invalid => [sample.invalid, f64::from(sample.observable)],
            Self::Unanswered => [sums.unanswered(), sums.answerable()],
            Self::Short => [sums.short(), sums.answered_known()],
            Self::First if inputs.span_d < FIRST_CALLS_SPAN_D => [0.0, 0.0],
            Self::First => {
                let (share, n) = first_calls(sums, sample);
                [share * n, n]
            }
            Self::Talk => [sums.talk_ds() / 10.0, sums.answered_known()],
        }
    }
}

/// A number's facts at a moment and the truth about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) tn: TelephoneNumber,
    pub(super) inputs: Inputs,
    pub(super) unwanted: bool,
    pub(super) registered: bool,
}

/// What is to be learned, inside the policy's own bounds.
pub(super) fn spec(policy: &Policy, form: PolicyForm) -> Spec {
    let of = |behaviour: Behaviour| {
        let rates = &policy.evidence;
        let (s, n, clip, weight) = match behaviour {
            Behaviour::Invalid => {
                ("invalid", "destinations", rates.invalid_destinations.clip, rates.invalid_destinations.weight)
            }
            Behaviour::Unanswered => ("unanswered", "answerable", rates.unanswered.clip, rates.unanswered.weight),
            Behaviour::Short => ("short", "answered", rates.short_calls.clip, rates.short_calls.weight),
            Behaviour::First => ("first calls", "attempts", rates.first_calls.clip, rates.first_calls.weight),
            Behaviour::Talk => ("talk seconds", "answered", rates.talk_time.clip, rates.talk_time.weight),
        };
        let (code, is_talk) = (behaviour.code(), behaviour == Behaviour::Talk);
        let source = if is_talk && form != PolicyForm::Shape {
            Source::Value { value: s.to_owned(), scale: Scale::Log }
        } else {
            Source::Counts { s: s.to_owned(), n: n.to_owned() }
        };
        EvidenceSpec {
            name: code.as_str().to_owned(),
            family: code.family(policy).map(|family| format!("{family:?}").to_lowercase()),
            source,
            form: match form {
                PolicyForm::Shape => Form::Shape,
                PolicyForm::Beta | PolicyForm::Mixture if is_talk => Form::Gaussian,
                PolicyForm::Beta => Form::Beta,
                PolicyForm::Mixture => Form::Mixture,
            },
            monotone: if is_talk { Monotone::Down } else { Monotone::Up },
            clip,
            weight: (form != PolicyForm::Shape).then_some(weight),
        }
    };
    Spec { evidence: Behaviour::ALL.map(of).to_vec() }
}

/// The rows as the columns that [`spec`] names.
pub(super) fn table(rows: &[Row], form: PolicyForm) -> Table {
    let observed = Behaviour::ALL.map(|behaviour| {
        let counts = rows.iter().map(|row| behaviour.counts(&row.inputs));
        if behaviour == Behaviour::Talk && form != PolicyForm::Shape {
            let mean = |[talk, answered]: [f64; 2]| if answered > 0.0 { talk.max(1.0) / answered } else { f64::NAN };
            Observed::Value(counts.map(mean).collect())
        } else {
            let (s, n) = counts.map(|[s, n]| (s, n)).unzip();
            Observed::Rate { s, n }
        }
    });
    Table {
        observed: observed.to_vec(),
        positive: rows.iter().map(|row| row.unwanted).collect(),
        part: None,
        skips: Skips { rows_read: rows.len() as u64, ..Skips::default() },
    }
}
