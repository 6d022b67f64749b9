//! What only the owner of a number gets: symptoms, advice, and the totals that stand in for single calls. There are few such
//! numbers, so texts are made as they come.

use model::{Aggregate, CarrierId, Timestamp};
use reputation::advice::Advice;
use reputation::symptom::{BreakTest, Rate, Siblings, Symptom};

use super::push_list;
use crate::output::Context;
use crate::output::digits::{push_measure, push_text, push_u64};

/// Appends a symptom.
pub(super) fn push_symptom(out: &mut Vec<u8>, symptom: &Symptom, ctx: Context<'_>) {
    out.extend_from_slice(b"{\"code\":");
    push_text(out, symptom.code.as_str());
    out.extend_from_slice(b",\"value\":");
    push_measure(out, symptom.value);
    push_count(out, b",\"count\":", symptom.count);
    push_count(out, b",\"sample_size\":", symptom.sample);
    push_time(out, b",\"first_seen\":", Some(symptom.first_seen));
    push_time(out, b",\"last_seen\":", Some(symptom.last_seen));
    push_carrier(out, b",\"carrier\":", symptom.carrier, ctx);
    out.extend_from_slice(b",\"by_carrier\":[");
    push_list(out, &symptom.by_carrier, |out, blocks| {
        push_carrier(out, b"{\"carrier\":", blocks.carrier, ctx);
        push_count(out, b",\"count\":", blocks.count);
        push_count(out, b",\"sample_size\":", blocks.sample);
        push_time(out, b",\"first_seen\":", Some(blocks.first_seen));
        out.push(b'}');
    });
    out.extend_from_slice(b"],\"redress\":[");
    push_list(out, &symptom.redress, |out, redress| {
        out.extend_from_slice(b"{\"address\":");
        push_text(out, &redress.address);
        push_count(out, b",\"count\":", redress.count);
        push_time(out, b",\"first_seen\":", Some(redress.first_seen));
        out.push(b'}');
    });
    out.extend_from_slice(b"],\"test\":");
    match &symptom.test {
        Some(test) => push_test(out, test),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"text\":");
    push_text(out, &ctx.advice.symptoms.text(symptom, ctx.directory));
    out.extend_from_slice(b",\"what_to_do\":");
    push_text(out, ctx.advice.symptoms.what_to_do(symptom.code));
    out.push(b'}');
}

fn push_test(out: &mut Vec<u8>, test: &BreakTest) {
    push_rate(out, b"{\"before\":", test.before);
    push_rate(out, b",\"after\":", test.after);
    out.extend_from_slice(b",\"statistic\":");
    push_measure(out, test.statistic);
    // A chance spans many powers of ten: three digits of each.
    out.extend_from_slice(format!(",\"p\":{:.2e}", test.p).as_bytes());
    let (state, rates) = match test.siblings {
        Siblings::Hold { before, after } => ("hold", Some((before, after))),
        Siblings::Fall { before, after } => ("fall", Some((before, after))),
        Siblings::Unknown => ("unknown", None),
    };
    out.extend_from_slice(b",\"siblings\":{\"state\":");
    push_text(out, state);
    if let Some((before, after)) = rates {
        push_rate(out, b",\"before\":", before);
        push_rate(out, b",\"after\":", after);
    }
    out.extend_from_slice(b"}}");
}

/// Appends one rule's result.
pub(super) fn push_advice(out: &mut Vec<u8>, advice: &Advice, ctx: Context<'_>) {
    let rule = ctx.advice.rule(advice.code);
    out.extend_from_slice(b"{\"code\":");
    push_text(out, advice.code.as_str());
    out.extend_from_slice(b",\"state\":");
    push_text(out, advice.state.as_str());
    push_known(out, b",\"value\":", advice.value);
    push_known(out, b",\"target\":", Some(advice.target));
    push_known(out, b",\"sample_size\":", Some(advice.sample));
    push_known(out, b",\"usual\":", advice.usual);
    out.extend_from_slice(b",\"text\":");
    push_text(out, &ctx.advice.text(advice));
    out.extend_from_slice(b",\"what_to_do\":");
    push_text(out, &rule.what_to_do);
    out.extend_from_slice(b",\"source\":");
    push_text(out, &rule.source);
    out.extend_from_slice(b",\"numbers\":[");
    push_list(out, &advice.numbers, |out, number| {
        out.extend_from_slice(b"{\"tn\":\"+");
        push_u64(out, number.tn.digits());
        out.push(b'"');
        push_time(out, b",\"last_seen\":", Some(number.last_seen));
        out.extend_from_slice(b",\"strength\":");
        push_text(out, if number.strong { "strong" } else { "medium" });
        push_count(out, b",\"calls\":", u64::from(number.calls));
        out.push(b'}');
    });
    out.extend_from_slice(b"]}");
}

/// Appends the key `totals` with what a source counted; `null` is what it does not tell.
pub(super) fn push_totals(out: &mut Vec<u8>, totals: &Aggregate) {
    push_time(out, b",\"totals\":{\"from\":", totals.from);
    push_time(out, b",\"to\":", totals.to);
    push_count(out, b",\"attempts\":", totals.attempts);
    let counts: [(&[u8], Option<u64>); 12] = [
        (b",\"answered\":", totals.answered),
        (b",\"short\":", totals.short),
        (b",\"invalid\":", totals.invalid),
        (b",\"unanswered\":", totals.unanswered),
        (b",\"busy\":", totals.busy),
        (b",\"declined\":", totals.declined),
        (b",\"distinct_dest\":", totals.distinct_dest),
        (b",\"first_calls\":", totals.first_calls),
        (b",\"talk_s\":", totals.talk_ms.map(|ms| (ms + 500) / 1000)),
        (b",\"reports\":", totals.reports),
        (b",\"blocked\":", totals.blocked),
        (b",\"unwanted\":", totals.unwanted),
    ];
    for (key, count) in counts {
        out.extend_from_slice(key);
        match count {
            Some(count) => push_u64(out, count),
            None => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
}

fn push_count(out: &mut Vec<u8>, key: &[u8], count: u64) {
    out.extend_from_slice(key);
    push_u64(out, count);
}

fn push_known(out: &mut Vec<u8>, key: &[u8], value: Option<f64>) {
    out.extend_from_slice(key);
    match value {
        Some(value) => push_measure(out, value),
        None => out.extend_from_slice(b"null"),
    }
}

fn push_rate(out: &mut Vec<u8>, key: &[u8], rate: Rate) {
    out.extend_from_slice(key);
    push_count(out, b"{\"answered\":", rate.answered);
    push_count(out, b",\"answerable\":", rate.answerable);
    out.push(b'}');
}

fn push_time(out: &mut Vec<u8>, key: &[u8], at: Option<Timestamp>) {
    out.extend_from_slice(key);
    match at {
        Some(at) => push_text(out, &at.to_string()),
        None => out.extend_from_slice(b"null"),
    }
}

fn push_carrier(out: &mut Vec<u8>, key: &[u8], carrier: Option<CarrierId>, ctx: Context<'_>) {
    out.extend_from_slice(key);
    match carrier.and_then(|carrier| ctx.directory.carrier(carrier)) {
        Some(carrier) => push_text(out, &carrier.key),
        None => out.extend_from_slice(b"null"),
    }
}
