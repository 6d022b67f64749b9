//! Requests made ready before anything is measured: what sends them then costs next to nothing.

use std::fmt::Write as _;

use bench_generator::random::mix;
use bench_generator::traffic::{self, Call, Plan};
use clap::ValueEnum;
use jiff::Timestamp;

use crate::http::post;

/// What a body is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Form {
    /// Our CSV.
    Csv,
    /// Our CSV, packed.
    CsvZstd,
    /// Our NDJSON.
    Ndjson,
    /// Our NDJSON, packed.
    NdjsonZstd,
}

impl Form {
    /// Its name as it is told.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::CsvZstd => "CSV, zstd",
            Self::Ndjson => "NDJSON",
            Self::NdjsonZstd => "NDJSON, zstd",
        }
    }

    const fn is_csv(self) -> bool {
        matches!(self, Self::Csv | Self::CsvZstd)
    }

    const fn is_packed(self) -> bool {
        matches!(self, Self::CsvZstd | Self::NdjsonZstd)
    }
}

/// Which calls are made, and how they are told.
pub(crate) struct Wanted {
    /// What bodies are written in.
    pub(crate) form: Form,
    /// Calls in all.
    pub(crate) calls: u64,
    /// Calls of one body.
    pub(crate) batch: u64,
    /// Numbers that call.
    pub(crate) numbers: u64,
    /// Equal seeds give equal calls but for their times; unequal ones give other ids.
    pub(crate) seed: u64,
    /// Seconds over which the calls began, up to now.
    pub(crate) span_s: u64,
    /// Whether each call says when it became known; else it becomes known as it arrives.
    pub(crate) known: bool,
}

/// Level of zstd that a sender would take.
const ZSTD_LEVEL: i32 = 1;
const DAY_S: u64 = 86_400;

/// Makes the calls and hands each request, whole, to `each`, with the calls that it holds.
pub(crate) fn write(
    wanted: &Wanted,
    key: &str,
    mut each: impl FnMut(Vec<u8>, u64) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let days = wanted.span_s.div_ceil(DAY_S).clamp(1, 35);
    let plan = Plan { calls: wanted.calls, callers: wanted.numbers.max(4), days, seed: wanted.seed };
    let times = Times::new(wanted.span_s, days);
    let mut text = begin(wanted);
    let (mut held, mut made) = (0, 0);
    traffic::generate(&plan, |call| -> anyhow::Result<()> {
        push(&mut text, call, &times, (wanted, mix(wanted.seed ^ mix(made))));
        (held, made) = (held + 1, made + 1);
        if held == wanted.batch {
            each(request(wanted.form, key, text.as_bytes())?, held)?;
            text = begin(wanted);
            held = 0;
        }
        Ok(())
    })?;
    if held > 0 {
        each(request(wanted.form, key, text.as_bytes())?, held)?;
    }
    Ok(())
}

fn begin(wanted: &Wanted) -> String {
    let mut text = String::with_capacity(wanted.batch as usize * 160);
    if wanted.form.is_csv() {
        text.push_str(if wanted.known {
            "id,start,orig,dest,talk_s,q850,known_at\n"
        } else {
            "id,start,orig,dest,talk_s,q850\n"
        });
    }
    text
}

fn request(form: Form, key: &str, text: &[u8]) -> anyhow::Result<Vec<u8>> {
    let kind = if form.is_csv() { "text/csv" } else { "application/x-ndjson" };
    if form.is_packed() {
        let body = zstd::bulk::compress(text, ZSTD_LEVEL)?;
        return Ok(post("/v1/calls", key, &format!("content-type: {kind}\r\ncontent-encoding: zstd\r\n"), &body));
    }
    Ok(post("/v1/calls", key, &format!("content-type: {kind}\r\n"), text))
}

/// Moves the generator's days to the seconds before now.
struct Times {
    begin_s: i64,
    span_s: i64,
    days_s: i64,
}

/// The generator's first moment: 2024-03-04 00:00 UTC.
const GENERATED_FROM_S: i64 = 1_709_510_400;

impl Times {
    fn new(span_s: u64, days: u64) -> Self {
        let span_s = span_s as i64;
        Self { begin_s: Timestamp::now().as_second() - span_s - 1, span_s, days_s: (days * DAY_S) as i64 }
    }

    fn moved(&self, start_s: u64) -> i64 {
        self.begin_s + (start_s as i64 - GENERATED_FROM_S) * self.span_s / self.days_s
    }
}

fn push(text: &mut String, call: &Call, times: &Times, (wanted, id): (&Wanted, u64)) {
    let start_s = times.moved(call.start);
    let start = Timestamp::from_second(start_s).unwrap_or_default();
    let Call { orig, dest, q850, .. } = call;
    let talk = call.talk_s.map(|talk_s| talk_s.to_string()).unwrap_or_default();
    // Known a minute after the call's end: what a carrier's collector takes.
    let known = wanted
        .known
        .then(|| Timestamp::from_second(start_s + call.talk_s.unwrap_or(0) as i64 + 60).unwrap_or_default());
    let told = if wanted.form.is_csv() {
        match known {
            Some(known) => writeln!(text, "{id:016x},{start},+{orig},+{dest},{talk},{q850},{known}"),
            None => writeln!(text, "{id:016x},{start},+{orig},+{dest},{talk},{q850}"),
        }
    } else {
        let talk = if talk.is_empty() { "null".to_owned() } else { talk };
        writeln!(
            text,
            r#"{{"id":"{id:016x}","start":"{start}","orig":"+{orig}","dest":"+{dest}","talk_s":{talk},"q850":{q850}}}"#
        )
    };
    told.expect("a string takes everything");
}
