//! Telling JSON objects apart that follow one another: one a line, pretty-printed, or as the items of one array.
//!
//! An array around the objects is passed over, so that an export of any length is read object by object. What breaks off
//! costs only itself: a string never spans lines (RFC 8259 §7), and an object that begins where none may stand is a new
//! record.

/// The first record of some bytes.
pub(super) struct Found {
    /// Where it begins, after the separators.
    pub(super) from: usize,
    /// Where it ends.
    pub(super) to: usize,
    /// It ends there whatever follows.
    pub(super) whole: bool,
}

/// Finds the first record: an object, or else the text up to the line's end; `None` when only separators are left.
pub(super) fn first(bytes: &[u8]) -> Option<Found> {
    let from = bytes.iter().position(|&b| !is_separator(b))?;
    let rest = bytes.get(from..)?;
    if rest.first() == Some(&b'{') {
        let (len, whole) = object(rest);
        return Some(Found { from, to: from + len, whole });
    }
    let (len, whole) = memchr::memchr(b'\n', rest).map_or((rest.len(), false), |end| (end, true));
    Some(Found { from, to: from + len, whole })
}

/// The longest line that is kept whole, in bytes. Chosen: longer ones are exports written on one line, where a line's number
/// tells nothing.
const MAX_LINE_BYTES: usize = 1024 * 1024;

/// How many bytes hold whole records. They end behind a line feed, so that lines stay countable; only in a very long line
/// behind a record.
pub(super) fn whole(bytes: &[u8]) -> usize {
    let mut at = 0;
    let mut behind_record = 0;
    let mut behind_line = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let found = first(rest);
        let gap = found.as_ref().map_or(rest, |found| rest.get(..found.from).unwrap_or_default());
        if let Some(feed) = memchr::memrchr(b'\n', gap) {
            behind_line = at + feed + 1;
        }
        match found {
            Some(Found { to, whole: true, .. }) => at += to,
            Some(_) | None => break,
        }
        behind_record = at;
    }
    if behind_line == 0 && behind_record > MAX_LINE_BYTES { behind_record } else { behind_line }
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']')
}

/// The length of the object that `bytes` begin with, and whether its end was seen.
fn object(bytes: &[u8]) -> (usize, bool) {
    let mut open: Vec<u8> = Vec::with_capacity(8);
    let mut in_string = false;
    let mut escaped = false;
    let mut before = b'[';
    let mut content = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if in_string {
            if byte != b'\n' {
                content = at + 1;
            }
            match byte {
                b'\n' => in_string = false,
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' if !may_hold_object(open.last(), before) => return (content, true),
            b'{' | b'[' => open.push(byte),
            b'}' | b']' => {
                open.pop();
                if open.is_empty() {
                    return (at + 1, true);
                }
            }
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            _ => {}
        }
        before = byte;
        content = at + 1;
    }
    (content.max(1), false)
}

/// Whether an object may begin here: as the first record, as a member's value, or as an array's item.
fn may_hold_object(inside: Option<&u8>, before: u8) -> bool {
    match inside {
        None => true,
        Some(b'[') => matches!(before, b'[' | b','),
        Some(_) => before == b':',
    }
}

#[cfg(test)]
mod tests {
    use super::super::Framing;
    use super::*;

    fn check(text: &str, expect: &[(u64, &str)]) {
        let got: Vec<_> =
            Framing::Json.records(text.as_bytes()).map(|(n, r)| (n, std::str::from_utf8(r).expect("text"))).collect();
        assert_eq!(got, expect, "{text:?}");
    }

    #[test]
    fn objects_in_every_arrangement() {
        check("{\"a\":1}\n{\"b\":2}\r\n", &[(1, "{\"a\":1}"), (2, "{\"b\":2}")]);
        check("[\n{\"a\":[{}]},\n{\"b\":\"}{\"}\n]\n", &[(2, "{\"a\":[{}]}"), (3, "{\"b\":\"}{\"}")]);
        check("{\n \"a\": {\n }\n}{\"b\":\"\\\"{\"}", &[(1, "{\n \"a\": {\n }\n}"), (4, "{\"b\":\"\\\"{\"}")]);
        check("cdr=%7B\n\ncdr=x", &[(1, "cdr=%7B"), (3, "cdr=x")]);
    }

    #[test]
    fn a_broken_object_costs_itself() {
        check("{\"a\":\"x\n{\"b\":2}\n", &[(1, "{\"a\":\"x"), (2, "{\"b\":2}")]);
        check("{\"a\":{\"c\":1,\n{\"b\":2}\n", &[(1, "{\"a\":{\"c\":1,"), (2, "{\"b\":2}")]);
        check("{\"a\":[1\n{\"b\":2}\n", &[(1, "{\"a\":[1"), (2, "{\"b\":2}")]);
        check("{\"a\":1}\n{\"b\":", &[(1, "{\"a\":1}"), (2, "{\"b\":")]);
    }

    #[test]
    fn cuts_behind_whole_records() {
        let cut = |text: &str| whole(text.as_bytes());
        assert_eq!(cut("{\"a\":1}\n{\"b\""), 8);
        assert_eq!(cut("{\"a\":1}\n{\"b\":1}"), 8);
        assert_eq!(cut("{\"a\":1}{\"b\""), 0);
        assert_eq!(cut("{\"a\":1},\n"), 9);
        assert_eq!(cut("{\"a\""), 0);
        assert_eq!(cut("[\n{\"a\""), 2);
    }
}
