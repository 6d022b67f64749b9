//! Requests made ready before anything is measured: what sends them then costs next to nothing.

use std::fmt::Write as _;

use bench_generator::numbers::Numbers;
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
    /// Whether each call has an id.
    pub(crate) ids: bool,
    /// Whether each call says when it became known; else it becomes known as it arrives.
    pub(crate) known: bool,
}

/// Level of zstd that a sender would take.
const ZSTD_LEVEL: i32 = 1;
const DAY_S: u64 = 86_400;

/// Makes calls as a carrier's traffic has them and hands each request, whole, to `each`, with the calls that it holds.
pub(crate) fn write(
    wanted: &Wanted,
    key: &str,
    each: impl FnMut(Vec<u8>, u64) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut writer = Writer::new(wanted, key, each);
    traffic::generate(&writer.plan(), |call| writer.push(call))?;
    writer.end()
}

/// Makes as many calls, each of another number, evenly over the time.
pub(crate) fn write_each_once(
    wanted: &Wanted,
    key: &str,
    each: impl FnMut(Vec<u8>, u64) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut writer = Writer::new(wanted, key, each);
    let (numbers, span_s) = (Numbers::default(), writer.plan().days * DAY_S);
    for rank in 0..wanted.calls {
        let draw = mix(wanted.seed ^ mix(rank));
        writer.push(&Call {
            start: GENERATED_FROM_S as u64 + rank * span_s / wanted.calls,
            orig: numbers.caller(rank),
            dest: numbers.hashed(draw),
            talk_s: Some(draw % 90),
            q850: 16,
        })?;
    }
    writer.end()
}

/// Collects calls to requests.
struct Writer<'a, F> {
    wanted: &'a Wanted,
    key: &'a str,
    times: Times,
    text: String,
    held: u64,
    made: u64,
    each: F,
}

impl<'a, F: FnMut(Vec<u8>, u64) -> anyhow::Result<()>> Writer<'a, F> {
    fn new(wanted: &'a Wanted, key: &'a str, each: F) -> Self {
        let times = Times::new(wanted.span_s, days(wanted));
        Self { wanted, key, times, text: begin(wanted), held: 0, made: 0, each }
    }

    fn plan(&self) -> Plan {
        let Wanted { calls, numbers, seed, .. } = *self.wanted;
        Plan { calls, callers: numbers.max(4), days: days(self.wanted), seed }
    }

    fn push(&mut self, call: &Call) -> anyhow::Result<()> {
        push(&mut self.text, call, &self.times, (self.wanted, mix(mix(self.wanted.seed) ^ self.made)));
        self.held += 1;
        self.made += 1;
        if self.held == self.wanted.batch { self.end() } else { Ok(()) }
    }

    fn end(&mut self) -> anyhow::Result<()> {
        if self.held == 0 {
            return Ok(());
        }
        let request = request(self.wanted.form, self.key, self.text.as_bytes())?;
        self.text = begin(self.wanted);
        (self.each)(request, std::mem::take(&mut self.held))
    }
}

fn days(wanted: &Wanted) -> u64 {
    wanted.span_s.div_ceil(DAY_S).clamp(1, 35)
}

fn begin(wanted: &Wanted) -> String {
    let mut text = String::with_capacity(wanted.batch as usize * 160);
    if wanted.form.is_csv() {
        text.push_str(if wanted.ids { "id," } else { "" });
        text.push_str("start,orig,dest,talk_s,q850");
        text.push_str(if wanted.known { ",known_at\n" } else { "\n" });
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

/// Seconds from a call's end until it is known: what a carrier's collector takes.
const KNOWN_AFTER_S: i64 = 60;

fn push(text: &mut String, call: &Call, times: &Times, (wanted, id): (&Wanted, u64)) {
    let start_s = times.moved(call.start);
    let time = |at_s| Timestamp::from_second(at_s).unwrap_or_default();
    let Call { orig, dest, q850, .. } = call;
    let (start, talk) = (time(start_s), call.talk_s.map(|talk_s| talk_s.to_string()));
    let told = if wanted.form.is_csv() {
        let id = if wanted.ids { format!("{id:016x},") } else { String::new() };
        let known = time(start_s + call.talk_s.unwrap_or(0) as i64 + KNOWN_AFTER_S);
        let known = if wanted.known { format!(",{known}") } else { String::new() };
        let talk = talk.unwrap_or_default();
        writeln!(text, "{id}{start},+{orig},+{dest},{talk},{q850}{known}")
    } else {
        let talk = talk.as_deref().unwrap_or("null");
        writeln!(
            text,
            r#"{{"id":"{id:016x}","start":"{start}","orig":"+{orig}","dest":"+{dest}","talk_s":{talk},"q850":{q850}}}"#
        )
    };
    told.expect("a string takes everything");
}
