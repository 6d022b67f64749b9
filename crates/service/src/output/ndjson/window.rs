//! The counts of one window. Most numbers of a large run have few calls, so most counts are one digit: these are laid into
//! text that is there already.

use super::push_list;
use crate::number::WindowFacts;
use crate::output::digits::push_u64;
use reputation::facts::LENGTH_EDGES_S;

/// Text whose zeros are places for counts of one digit.
struct Slots<const LEN: usize, const N: usize> {
    text: [u8; LEN],
    places: [usize; N],
}

impl<const LEN: usize, const N: usize> Slots<LEN, N> {
    /// Finds the places; the text must have as many.
    const fn new(text: &[u8; LEN]) -> Self {
        let (mut places, mut found, mut at) = ([0; N], 0, 0);
        while at < LEN {
            if text[at] == b'0' {
                places[found] = at;
                found += 1;
            }
            at += 1;
        }
        assert!(found == N, "each count has its place");
        Self { text: *text, places }
    }

    /// Appends the text with these counts; `false`, and nothing appended, when one takes more than a digit.
    #[inline(always)]
    fn push(&self, out: &mut Vec<u8>, counts: &[u64; N]) -> bool {
        if counts.iter().fold(false, |large, &count| large | (count > 9)) {
            return false;
        }
        let mut text = self.text;
        for (&place, &count) in self.places.iter().zip(counts) {
            if let Some(digit) = text.get_mut(place) {
                *digit += count as u8;
            }
        }
        out.extend_from_slice(&text);
        true
    }
}

const ALWAYS_TEXT: &[u8; 93] =
    b"{\"attempts\":0,\"answered\":0,\"short\":0,\"invalid\":0,\"unanswered\":0,\"distinct_dest\":0,\"reports\":0";
const LENGTHS_TEXT: &[u8; 32] = b",\"lengths\":[0,0,0,0,0,0,0,0,0,0]";
const ALWAYS: Slots<93, 7> = Slots::new(ALWAYS_TEXT);
const LENGTHS: Slots<32, { LENGTH_EDGES_S.len() + 1 }> = Slots::new(LENGTHS_TEXT);

/// Appends the counts of one window: the seven that are always there, then those that are not 0.
pub(super) fn push(out: &mut Vec<u8>, facts: &WindowFacts, short_call_s: u32) {
    let tally = &facts.tally;
    let distinct_dest = facts.distinct_dest.round() as u64;
    let (short, invalid, unanswered) = (tally.answered_within(short_call_s), tally.invalid(), tally.unanswered());
    let always = [tally.attempts, tally.answered, short, invalid, unanswered, distinct_dest, facts.reports];
    if !ALWAYS.push(out, &always) {
        push_always(out, &always);
    }
    push_some(out, b",\"no_answer\":", tally.no_answer);
    let rare = tally.declined | tally.cancelled | tally.failed | tally.unreachable | tally.blocked | tally.unwanted;
    if tally.busy | rare != 0 {
        push_some(out, b",\"busy\":", tally.busy);
        push_some(out, b",\"declined\":", tally.declined);
        push_some(out, b",\"cancelled\":", tally.cancelled);
        push_some(out, b",\"failed\":", tally.failed);
        push_some(out, b",\"unreachable\":", tally.unreachable);
        push_some(out, b",\"blocked\":", tally.blocked);
        push_some(out, b",\"unwanted\":", tally.unwanted);
    }
    push_some(out, b",\"talk_s\":", (tally.talk_ds + 5) / 10);
    push_some(out, b",\"called_back\":", tally.called_back);
    let shows: [(&[u8], u64); 3] = [
        (b",\"shows_answer\":", tally.shows_answer),
        (b",\"shows_invalid\":", tally.shows_invalid),
        (b",\"shows_blocked\":", tally.shows_blocked),
    ];
    for (key, count) in shows {
        if count != tally.attempts {
            out.extend_from_slice(key);
            push_u64(out, count);
        }
    }
    if tally.answered > 0 && !LENGTHS.push(out, &tally.lengths) {
        out.extend_from_slice(b",\"lengths\":[");
        push_list(out, &tally.lengths, |out, &count| push_u64(out, count));
        out.push(b']');
    }
    out.push(b'}');
}

fn push_always(out: &mut Vec<u8>, &[attempts, answered, short, invalid, unanswered, distinct, reports]: &[u64; 7]) {
    push_count(out, b"{\"attempts\":", attempts);
    push_count(out, b",\"answered\":", answered);
    push_count(out, b",\"short\":", short);
    push_count(out, b",\"invalid\":", invalid);
    push_count(out, b",\"unanswered\":", unanswered);
    push_count(out, b",\"distinct_dest\":", distinct);
    push_count(out, b",\"reports\":", reports);
}

/// Appends a key and its count, unless it is 0.
#[inline(always)]
fn push_some<const N: usize>(out: &mut Vec<u8>, key: &[u8; N], count: u64) {
    if count > 0 {
        push_count(out, key, count);
    }
}

/// Appends a key and its count. The key's length is a constant at each use, which makes the copy a few moves.
#[inline(always)]
fn push_count<const N: usize>(out: &mut Vec<u8>, key: &[u8; N], count: u64) {
    out.extend_from_slice(key);
    push_u64(out, count);
}

#[cfg(test)]
mod tests {
    use reputation::facts::Tally;

    use super::*;

    fn check(count: u64, long: u64) {
        let tally = Tally {
            attempts: 2 * count,
            answered: count,
            lengths: [0, count, 0, 0, 0, 0, 0, 0, 0, long],
            shows_answer: 2 * count,
            shows_invalid: 2 * count,
            shows_blocked: 0,
            busy: count,
            ..Tally::default()
        };
        let facts = WindowFacts { tally, distinct_dest: 0.4 + count as f64, reports: 1 };
        let mut out = Vec::new();
        push(&mut out, &facts, 6);
        let read: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        let mut expect = serde_json::json!({
            "attempts": 2 * count, "answered": count, "short": count, "invalid": 0, "unanswered": count,
            "distinct_dest": count, "reports": 1,
        });
        if count > 0 {
            expect["busy"] = count.into();
            expect["shows_blocked"] = 0.into();
            expect["lengths"] = serde_json::json!([0, count, 0, 0, 0, 0, 0, 0, 0, long]);
        }
        assert_eq!(read, expect);
    }

    #[test]
    fn counts_of_any_length_are_read_back() {
        for (count, long) in [(0, 0), (1, 0), (4, 9), (5, 0), (9, 10), (10, 9), (5_000_000_000, 1)] {
            check(count, long);
        }
    }
}
