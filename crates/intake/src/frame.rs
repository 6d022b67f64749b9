//! Telling records apart in a stream of bytes.

mod json;

/// The longest record that is read, in bytes. Chosen: a JSON document of one call with all its switch variables stays below
/// 100 kB; a page of 1,000 calls of an API below 2 MB.
pub const MAX_RECORD_BYTES: usize = 16 * 1024 * 1024;

/// How records are told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Framing {
    /// One record a line.
    Lines,
    /// One record a line, except that a line feed inside double quotes belongs to its field (RFC 4180 §2.6).
    Csv,
    /// JSON objects one after another, on one line or many, with or without an array around them.
    Json,
    /// The whole file is one document.
    Document,
}

impl Framing {
    /// How many of the first bytes of `bytes` form whole records. With `at_end` everything is whole.
    ///
    /// Zero means that no record ends in these bytes: more must be read first.
    #[must_use]
    pub fn cut(self, bytes: &[u8], at_end: bool) -> usize {
        if at_end {
            return bytes.len();
        }
        match self {
            Self::Lines => memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1),
            Self::Csv if memchr::memchr(b'"', bytes).is_none() => Self::Lines.cut(bytes, at_end),
            Self::Csv => CsvRecords { rest: bytes, line: 1 }.whole(),
            Self::Json => json::whole(bytes),
            Self::Document => 0,
        }
    }

    /// The records of a block that [`Framing::cut`] cut, each with the line on which it begins, counted from 1.
    ///
    /// A record is given without its line end.
    pub fn records(self, block: &[u8]) -> Box<dyn Iterator<Item = (u64, &[u8])> + '_> {
        match self {
            Self::Lines => {
                let whole = block.strip_suffix(b"\n").unwrap_or(block);
                Box::new(whole.split(|&b| b == b'\n').enumerate().map(|(at, line)| (at as u64 + 1, trim_cr(line))))
            }
            Self::Csv => Box::new(CsvRecords { rest: block, line: 1 }),
            Self::Json => Box::new(JsonRecords { rest: block, line: 1 }),
            Self::Document => Box::new(std::iter::once((1, block))),
        }
    }
}

fn trim_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

struct CsvRecords<'a> {
    rest: &'a [u8],
    line: u64,
}

/// The longest quoted record that may span lines, in bytes: a lone quote must not swallow the rest of a file.
const MAX_QUOTED_BYTES: usize = 64 * 1024;

impl CsvRecords<'_> {
    /// The bytes up to the end of the last record that certainly ends in `rest`.
    fn whole(mut self) -> usize {
        let total = self.rest.len();
        loop {
            let before = self.rest.len();
            match end_of_record(self.rest) {
                Some(len) if len < before || self.rest.last() == Some(&b'\n') => {
                    self.rest = self.rest.get(len..).unwrap_or_default();
                    if self.rest.is_empty() {
                        return total;
                    }
                }
                Some(_) | None => return total - before,
            }
        }
    }
}

/// The length of the first record with its line feed; `None` when it does not end in these bytes.
fn end_of_record(bytes: &[u8]) -> Option<usize> {
    let first_line = memchr::memchr(b'\n', bytes);
    let mut quoted = false;
    for at in memchr::memchr2_iter(b'"', b'\n', bytes) {
        match bytes.get(at) {
            Some(b'"') => quoted = !quoted,
            Some(_) if !quoted => return Some(at + 1),
            Some(_) if at > MAX_QUOTED_BYTES => return first_line.map(|end| end + 1),
            Some(_) | None => {}
        }
    }
    None
}

impl<'a> Iterator for CsvRecords<'a> {
    type Item = (u64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        // At the end of the input a record whose quote never closes ends with its first line, so that the rest is still read.
        let len = end_of_record(self.rest)
            .or_else(|| quote_is_open(self.rest).then(|| memchr::memchr(b'\n', self.rest).map(|at| at + 1)).flatten())
            .unwrap_or(self.rest.len());
        let (record, rest) = self.rest.split_at_checked(len)?;
        let line = self.line;
        self.line += memchr::memchr_iter(b'\n', record).count() as u64;
        self.rest = rest;
        Some((line, trim_cr(record.strip_suffix(b"\n").unwrap_or(record))))
    }
}

struct JsonRecords<'a> {
    rest: &'a [u8],
    line: u64,
}

impl<'a> Iterator for JsonRecords<'a> {
    type Item = (u64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let found = json::first(self.rest)?;
        let (before, at) = self.rest.split_at_checked(found.from)?;
        let (record, rest) = at.split_at_checked(found.to - found.from)?;
        let line = self.line + feeds(before);
        self.line = line + feeds(record);
        self.rest = rest;
        Some((line, trim_cr(record)))
    }
}

fn feeds(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

fn quote_is_open(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'"', bytes).count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(framing: Framing, text: &str, expect: &[(u64, &str)]) {
        let got: Vec<_> =
            framing.records(text.as_bytes()).map(|(n, r)| (n, std::str::from_utf8(r).expect("text"))).collect();
        assert_eq!(got, expect, "{text:?}");
    }

    #[test]
    fn lines() {
        check(Framing::Lines, "a\r\nb\n", &[(1, "a"), (2, "b")]);
        check(Framing::Lines, "a\n\nb", &[(1, "a"), (2, ""), (3, "b")]);
        assert_eq!(Framing::Lines.cut(b"a\nb", false), 2);
        assert_eq!(Framing::Lines.cut(b"ab", false), 0);
        assert_eq!(Framing::Lines.cut(b"ab", true), 2);
    }

    #[test]
    fn quoted_line_feeds_stay_inside() {
        check(Framing::Csv, "a,\"x\ny\"\nb,1\r\n", &[(1, "a,\"x\ny\""), (3, "b,1")]);
        assert_eq!(Framing::Csv.cut(b"a,\"x\ny\"\nb,\"1\n", false), 8);
        assert_eq!(Framing::Csv.cut(b"a\nb\n", false), 4);
    }

    #[test]
    fn a_lone_quote_costs_one_line() {
        check(Framing::Csv, "a,\"x\nb,1\nc,2\n", &[(1, "a,\"x"), (2, "b,1"), (3, "c,2")]);
    }
}
