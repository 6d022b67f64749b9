//! The whole result as one document: a header, then one number a line.

use std::io::{self, Write};

use model::{Label, Timestamp};
use service::number::ScoredNumber;
use service::output::digits::{push_text, push_u64};
use service::output::ndjson::NumberWriter;

use super::Context;
use crate::score::result::{RunFacts, Summary};

/// The version of the layout. Keys may be added within one version, never renamed or removed.
pub(crate) const SCHEMA_VERSION: u64 = 1;

/// Writes the document.
///
/// # Errors
/// Those of the writer.
pub(crate) fn write<'n>(
    mut out: impl Write,
    run: &RunFacts,
    numbers: impl IntoIterator<Item = &'n ScoredNumber>,
    ctx: Context<'_>,
) -> io::Result<()> {
    let mut text = Vec::new();
    push_header(&mut text, run);
    out.write_all(&text)?;
    let mut writer = NumberWriter::new(ctx);
    let mut separator: &[u8] = b"\n";
    for number in numbers {
        text.clear();
        text.extend_from_slice(separator);
        separator = b",\n";
        writer.push(&mut text, number);
        out.write_all(&text)?;
    }
    out.write_all(b"\n]}\n")?;
    out.flush()
}

fn push_header(out: &mut Vec<u8>, run: &RunFacts) {
    out.extend_from_slice(b"{\n\"schema_version\":");
    push_u64(out, SCHEMA_VERSION);
    push_time(out, b",\n\"generated_at\":", Some(run.at));
    push_time(out, b",\n\"data_from\":", run.summary.data_from);
    push_time(out, b",\n\"data_through\":", run.summary.data_through);
    out.extend_from_slice(b",\n\"policy_version\":");
    push_text(out, &run.policy_version);
    out.extend_from_slice(b",\n\"summary\":");
    push_summary(out, &run.summary);
    out.extend_from_slice(b",\n\"numbers\":[");
}

fn push_time(out: &mut Vec<u8>, key: &[u8], at: Option<Timestamp>) {
    out.extend_from_slice(key);
    match at {
        Some(at) => push_text(out, &at.to_string()),
        None => out.extend_from_slice(b"null"),
    }
}

fn push_summary(out: &mut Vec<u8>, summary: &Summary) {
    let counts: [(&[u8], u64); 13] = [
        (b"{\"lines\":", summary.lines),
        (b",\"calls\":", summary.calls),
        (b",\"totals\":", summary.totals),
        (b",\"rejected\":", summary.rejected),
        (b",\"duplicate\":", summary.duplicates),
        (b",\"unchecked\":", summary.unchecked),
        (b",\"without_id\":", summary.without_id),
        (b",\"unknown_carriers\":", summary.unknown_carriers),
        (b",\"carriers_by_prefix\":", summary.carriers_by_prefix),
        (b",\"late\":", summary.late),
        (b",\"after_at\":", summary.after_at),
        (b",\"reports\":", summary.reports),
        (b",\"numbers\":", summary.numbers),
    ];
    for (key, count) in counts {
        out.extend_from_slice(key);
        push_u64(out, count);
    }
    out.extend_from_slice(b",\"skipped\":{");
    for (at, (kind, count)) in summary.skipped.iter().enumerate() {
        push_entry(out, at, kind, *count);
    }
    out.extend_from_slice(b"},\"labels\":{");
    for (at, (engine, counts)) in summary.labels.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        push_text(out, engine);
        out.extend_from_slice(b":{");
        let words = Label::ALL.map(Label::as_str).into_iter().chain(["no_opinion"]);
        for (at, (word, count)) in words.zip(counts).enumerate() {
            push_entry(out, at, word, *count);
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"}}");
}

fn push_entry(out: &mut Vec<u8>, at: usize, key: &str, count: u64) {
    if at > 0 {
        out.push(b',');
    }
    push_text(out, key);
    out.push(b':');
    push_u64(out, count);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::Aggregate;
    use serde_json::Value;

    use super::*;
    use crate::output::sample::{Shelf, any_engine, owned, run};

    fn written(numbers: &[ScoredNumber], run: &RunFacts) -> String {
        let shelf = Shelf::new();
        let mut out = Vec::new();
        write(&mut out, run, numbers, shelf.ctx()).expect("a buffer takes everything");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_document_has_a_header_and_one_number_a_line() {
        let numbers = any_engine();
        let text = written(&numbers, &run(&numbers));
        let document: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["schema_version"], 1);
        assert_eq!(document["generated_at"], "2026-11-25T00:00:00Z");
        assert_eq!(document["data_from"], "2026-11-17T00:00:00Z");
        assert_eq!(document["policy_version"], "2026-11-25.1");
        assert_eq!(document["summary"]["skipped"]["internal legs"], 2);
        assert_eq!(document["summary"]["labels"]["any"]["spam"], 1);
        assert_eq!(document["summary"]["labels"]["any"]["no_opinion"], 1);
        assert_eq!(document["numbers"].as_array().expect("a list").len(), 4);
        assert_eq!(text.lines().filter(|line| line.starts_with("{\"tn\"")).count(), 4);
        assert_eq!(text, written(&numbers, &run(&numbers)));
    }

    /// The keys of objects, at any depth; what `skipped` and `labels` count by are no keys of the layout.
    fn keys(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => object.iter().for_each(|(key, inner)| {
                found.insert(key.clone());
                if key != "skipped" && key != "labels" {
                    keys(inner, found);
                }
            }),
            Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn every_key_is_documented() {
        let mut numbers = vec![owned()];
        numbers[0].totals = Some(Box::new(Aggregate::new(numbers[0].tn, 1)));
        let document: Value = serde_json::from_str(&written(&numbers, &run(&numbers))).expect("JSON");
        let mut found = BTreeSet::new();
        keys(&document, &mut found);
        assert!(found.len() > 70, "{found:?}");
        let page = include_str!("../../../../docs/reference/output.md");
        let missing: Vec<&String> = found.iter().filter(|key| !page.contains(&format!("`{key}`"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn nothing_scored_is_still_a_document() {
        let text = written(&[], &RunFacts { summary: Summary::default(), ..run(&[]) });
        let document: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["data_through"], Value::Null);
        assert_eq!(document["numbers"], Value::Array(Vec::new()));
    }
}
