//! One row for each number and engine, for spreadsheets. The columns and their order are a contract; new ones come last.

use reputation::verdict::{Opinion, Reason, Verdict};
use service::number::{ScoredNumber, WindowFacts};

use super::Context;
use service::output::digits::{push_hundredths, push_measure, push_u64};

/// The names of the columns.
pub(crate) const HEADER: &str = "tn,engine,label,display,status,rating_bp,confidence,sample_size,rating_decibans,\
    attempts_24h,attempts_7d,answered_7d,short_7d,invalid_7d,unanswered_7d,distinct_dest_7d,reports_7d,blocked_7d,unwanted_7d,\
    talk_s_7d,attempts_35d,reason_1,decibans_1,text_1,reason_2,decibans_2,text_2,reason_3,decibans_3,text_3,symptoms,\
    advice_broken,totals_attempts";

/// How many of the strongest reasons a row names, whichever way they speak.
const REASONS: usize = 3;

/// Appends the rows of one number, one for each engine. Lines end as RFC 4180 §2 says.
pub(crate) fn push(rows: &mut Vec<u8>, number: &ScoredNumber, ctx: Context<'_>) {
    for verdict in &number.verdicts {
        push_row(rows, number, verdict, ctx);
    }
}

fn push_row(row: &mut Vec<u8>, number: &ScoredNumber, verdict: &Verdict, ctx: Context<'_>) {
    row.push(b'+');
    push_u64(row, number.tn.digits());
    push_field(row, ctx.engine_key(verdict.engine));
    push_field(row, verdict.opinion.as_str());
    push_field(row, ctx.display(verdict.engine, verdict.opinion.label()).unwrap_or(""));
    push_field(row, verdict.status.as_str());
    let (rating_bp, confidence_bp) = match verdict.opinion {
        Opinion::NoOpinion => (None, None),
        Opinion::Rated { rating_bp, confidence_bp, .. } => (Some(rating_bp), confidence_bp),
    };
    push_known(row, rating_bp.map(u64::from));
    push_known(row, confidence_bp.map(u64::from));
    row.push(b',');
    push_measure(row, verdict.sample_size);
    row.push(b',');
    if rating_bp.is_some() {
        push_hundredths(row, super::rating_decibans(verdict));
    }
    push_facts(row, number, ctx.policy.facts.short_call_s);
    for nth in 0..REASONS {
        push_reason(row, verdict.reasons.get(nth), ctx);
    }
    let symptoms: Vec<&str> = number.symptoms.iter().map(|symptom| symptom.code.as_str()).collect();
    push_field(row, &symptoms.join(" "));
    let broken = number.advice.iter().filter(|advice| advice.state == reputation::advice::AdviceState::Broken);
    let broken: Vec<&str> = broken.map(|advice| advice.code.as_str()).collect();
    push_field(row, &broken.join(" "));
    push_known(row, number.totals.as_ref().map(|totals| totals.attempts));
    row.extend_from_slice(b"\r\n");
}

fn push_facts(row: &mut Vec<u8>, number: &ScoredNumber, short_call_s: u32) {
    let WindowFacts { tally, distinct_dest, reports } = &number.d7;
    let counts = [
        number.h24.tally.attempts,
        tally.attempts,
        tally.answered,
        tally.answered_within(short_call_s),
        tally.invalid(),
        tally.unanswered(),
        distinct_dest.round() as u64,
        *reports,
        tally.blocked,
        tally.unwanted,
        (tally.talk_ds + 5) / 10,
        number.d35.tally.attempts,
    ];
    // A source of totals tells no single call: unknown, not zero.
    let known = number.totals.is_none();
    for count in counts {
        push_known(row, known.then_some(count));
    }
}

fn push_reason(row: &mut Vec<u8>, reason: Option<&Reason>, ctx: Context<'_>) {
    let Some(reason) = reason else {
        row.extend_from_slice(b",,,");
        return;
    };
    push_field(row, reason.code.as_str());
    row.push(b',');
    push_hundredths(row, reason.decibans);
    push_field(row, &ctx.words.reason_text(reason));
}

fn push_known(row: &mut Vec<u8>, count: Option<u64>) {
    row.push(b',');
    if let Some(count) = count {
        push_u64(row, count);
    }
}

/// A comma and a text, in quotes where it holds a comma, a quote or a line end.
fn push_field(row: &mut Vec<u8>, text: &str) {
    row.push(b',');
    if !text.contains([',', '"', '\r', '\n']) {
        row.extend_from_slice(text.as_bytes());
        return;
    }
    row.push(b'"');
    row.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    row.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::sample::{Shelf, any_engine, owned, three_engines};

    fn rows(numbers: &[ScoredNumber]) -> Vec<Vec<String>> {
        let shelf = Shelf::new();
        let mut out = HEADER.as_bytes().to_vec();
        out.extend_from_slice(b"\r\n");
        numbers.iter().for_each(|number| push(&mut out, number, shelf.ctx()));
        let text = String::from_utf8(out).expect("text");
        assert!(text.ends_with("\r\n"));
        text.split_terminator("\r\n").map(fields).collect()
    }

    /// A reader of its own, so that the writer is not checked by itself.
    fn fields(row: &str) -> Vec<String> {
        let mut fields = vec![String::new()];
        let mut quoted = false;
        for letter in row.chars() {
            match letter {
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                _ => fields.last_mut().expect("one at least").push(letter),
            }
        }
        fields
    }

    #[test]
    fn every_row_has_the_columns_of_the_header() {
        let mut numbers = three_engines();
        numbers.extend(any_engine());
        numbers.push(owned());
        let rows = rows(&numbers);
        assert_eq!(rows.len(), 1 + 9 + 4 + 3);
        assert_eq!(rows[0].join(","), HEADER);
        for row in &rows {
            assert_eq!(row.len(), rows[0].len(), "{row:?}");
        }
    }

    #[test]
    fn a_row_says_what_is_known_and_leaves_the_rest_empty() {
        let rows = rows(&three_engines());
        let column = |name: &str| rows[0].iter().position(|known| known == name).expect("a column");
        assert_eq!(rows[1][column("display")], "Spam Risk");
        assert_eq!(rows[1][column("reason_1")], "SHORT_CALLS");
        assert_eq!(rows[1][column("decibans_1")], "17.37");
        assert!(rows[1][column("text_1")].starts_with("62 % of 103 answered calls"));
        let last = rows.last().expect("a row");
        assert_eq!(last[column("label")], "no_opinion");
        assert!(last[column("rating_bp")].is_empty() && last[column("text_3")].is_empty());
    }

    #[test]
    fn totals_leave_single_calls_unknown() {
        let mut number = any_engine().remove(0);
        number.totals = Some(Box::new(model::Aggregate::new(number.tn, 120)));
        let rows = rows(&[number]);
        let column = |name: &str| rows[0].iter().position(|known| known == name).expect("a column");
        assert_eq!(rows[1][column("totals_attempts")], "120");
        assert!(rows[1][column("attempts_7d")].is_empty());
    }

    #[test]
    fn every_column_is_documented() {
        let page = include_str!("../../../../docs/reference/output.md");
        for column in HEADER.split(',').filter(|column| !column.ends_with("_2") && !column.ends_with("_3")) {
            assert!(page.contains(&format!("`{column}`")), "{column}");
        }
    }

    #[test]
    fn symptoms_and_broken_rules_are_named() {
        let rows = rows(&[owned()]);
        let [.., symptoms, broken, _] = rows[1].as_slice() else { panic!("columns") };
        assert_eq!(symptoms, "BLOCKED_BY_ANALYTICS ANSWER_RATE_BREAK");
        assert_eq!(broken, "SHORT_CALL_SHARE INVALID_DESTINATIONS");
    }
}
