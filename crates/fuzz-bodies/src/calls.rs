//! Files of call records, in every format.

use intake::{Dialect, Format, Framing, Join, Opened, Options, Output, detect, open, read_block};
use model::CallRecord;

use crate::Choice;

/// Calls that a join buffer may hold; small, so that it overflows.
const JOIN_LIMIT: usize = 8;

/// Reads a file of call records.
///
/// Invariants: a file cut in two at a record's end yields the same calls as the whole; so do the fast way of reading and
/// the slow one; no call ends or becomes known before it starts.
pub fn calls(bytes: &[u8]) {
    let (choice, file) = Choice::split(bytes);
    let options = choice.options();
    let named = choice.of(&Format::NAMED).map(|(_, format)| format.clone());
    if let Some(format) = named.or_else(|| detect(file, &options).ok()) {
        read_in_every_way(&format, file, &options);
    }
}

/// Reads a file whole, cut in two and record by record, and holds the outcomes against each other.
pub(crate) fn read_in_every_way(format: &Format, file: &[u8], options: &Options) {
    let Ok(Opened { dialect, skip, .. }) = open(format, file, options) else {
        return;
    };
    assert!(skip <= file.len(), "the header is longer than the file");
    let records = file.get(skip..).unwrap_or_default();
    let whole = read(dialect.as_ref(), &[records]);
    assert_sane(&whole.calls);
    assert_same(&whole, &read(dialect.as_ref(), &halves(dialect.framing(), records)), "cut in two");
    assert_same(&whole, &read_slowly(dialect.as_ref(), records), "read record by record");
    join(whole);
}

/// The block cut at the last record's end of its first half.
pub(crate) fn halves(framing: Framing, block: &[u8]) -> [&[u8]; 2] {
    let (head, _) = block.split_at(block.len() / 2);
    let cut = framing.cut(head, false);
    assert!(cut <= head.len(), "cut beyond the bytes");
    let (head, tail) = block.split_at(cut);
    [head, tail]
}

fn read(dialect: &dyn Dialect, blocks: &[&[u8]]) -> Output {
    let mut out = Output::default();
    for block in blocks {
        read_block(dialect, block, &mut out);
    }
    out
}

fn read_slowly(dialect: &dyn Dialect, block: &[u8]) -> Output {
    let mut out = Output::default();
    for (_, record) in dialect.framing().records(block) {
        if record.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if let Err(fault) = dialect.read(record, &mut out) {
            out.reject(fault);
        }
    }
    out
}

fn assert_same(whole: &Output, other: &Output, how: &str) {
    assert_eq!(whole.calls, other.calls, "other calls when {how}");
    assert_eq!(whole.aggregates, other.aggregates, "other totals when {how}");
    assert_eq!(whole.pieces.len(), other.pieces.len(), "other pieces when {how}");
    assert_eq!(whole.skipped, other.skipped, "other skips when {how}");
    let codes = |out: &Output| out.rejects.iter().map(|reject| reject.fault.clone()).collect::<Vec<_>>();
    assert_eq!(codes(whole), codes(other), "other rejects when {how}");
}

fn assert_sane(calls: &[CallRecord]) {
    for call in calls {
        assert!(call.end() >= call.at, "{call:?} ends before it starts");
        assert!(call.known() >= call.at, "{call:?} is known before it starts");
    }
}

/// Joins the pieces; when all is over, none may be left waiting.
fn join(mut out: Output) {
    let mut join = Join::new(JOIN_LIMIT);
    for piece in std::mem::take(&mut out.pieces) {
        join.push(piece, &mut out);
        assert!(join.len() <= JOIN_LIMIT, "the join buffer exceeds its limit");
    }
    join.finish(&mut out);
    assert!(join.is_empty(), "calls are left waiting");
    assert_sane(&out.calls);
}
