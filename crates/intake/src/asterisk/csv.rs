//! Asterisk's call detail records as CSV. There is no header: the place of the start time tells the order of the columns,
//! their number tells which optional ones were logged.

use std::borrow::Cow;

use crate::frame::Framing;
use crate::leg::lossy;
use crate::options::Options;
use crate::output::{Dialect, Output};
use crate::own::split;
use crate::reject::{Fault, RejectCode};

use super::cdr::Cdr;

/// Columns of `cdr_csv` before the optional ones.
const FIXED: usize = 16;
/// All columns: `uniqueid`, `userfield`, `peeraccount`, `linkedid`, `sequence`, and a hang-up cause behind them.
const MOST: usize = FIXED + 6;

/// `Master.csv` in the order of `cdr_csv`, or in the order that `cdr_custom.conf` shows.
pub(crate) struct AsteriskCsv {
    options: Options,
}

impl AsteriskCsv {
    /// Makes the dialect.
    pub(crate) fn new(options: Options) -> Self {
        Self { options }
    }
}

impl Dialect for AsteriskCsv {
    fn framing(&self) -> Framing {
        Framing::Csv
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        let text = lossy(record);
        let row = split(text.as_bytes())?;
        let cdr = place(&row).ok_or_else(|| {
            let detail = format!(
                "16 to 22 columns with a start time in the 9th or 10th were expected, {} were found",
                row.len()
            );
            Fault::new(RejectCode::BadCsv, "", detail)
        })?;
        cdr.read(&self.options, out)
    }
}

/// Whether a line looks like a record of Asterisk.
pub(crate) fn is_asterisk(row: &[Cow<'_, str>]) -> bool {
    const WORDS: [&str; 6] = ["ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION", "CANCEL"];
    place(row).is_some_and(|cdr| WORDS.contains(&cdr.disposition))
}

fn place<'a>(row: &'a [Cow<'a, str>]) -> Option<Cdr<'a>> {
    if !(FIXED..=MOST).contains(&row.len()) {
        return None;
    }
    let at = |place: usize| row.get(place).map_or("", |text| text.trim());
    if is_time(at(8)) {
        return Some(custom(at));
    }
    is_time(at(9)).then(|| standard(row.len(), at))
}

/// `YYYY-MM-DD HH:MM:SS`, with or without decimals.
pub(crate) fn is_time(text: &str) -> bool {
    let shape = |text: &[u8]| {
        text.iter().enumerate().all(|(at, b)| match at {
            4 | 7 => *b == b'-',
            10 => matches!(b, b' ' | b'T'),
            13 | 16 => *b == b':',
            _ => b.is_ascii_digit(),
        })
    };
    text.as_bytes().get(..19).is_some_and(shape)
}

/// The order of `cdr_csv`: `accountcode,src,dst,…`.
fn standard<'a>(len: usize, at: impl Fn(usize) -> &'a str) -> Cdr<'a> {
    let mut cdr = Cdr {
        src: at(1),
        dst: at(2),
        clid: at(4),
        start: at(9),
        answer: at(10),
        end: at(11),
        duration: at(12),
        billsec: at(13),
        disposition: at(14),
        ..Cdr::default()
    };
    // `linkedid` has the form of a unique id, and only `uniqueid` and `userfield` can come before `peeraccount`: so its
    // place, second behind whichever of the two were logged, tells the layout. A hang-up cause is only looked for behind
    // `userfield` with `uniqueid`, or behind `sequence`: elsewhere a bare number might be a user field.
    let tail = len - FIXED;
    let is_linked = |place: usize| {
        let sequence = at(FIXED + place + 1);
        (tail == place + 2 || tail == place + 3) && is_unique_id(at(FIXED + place)) && is_integer(sequence)
    };
    let linked = (1..=3).rev().find(|&place| is_linked(place));
    match linked {
        Some(place) => {
            set_ids(&mut cdr, place - 1, &at);
            cdr.sequence = at(FIXED + place + 1);
            cdr.hangupcause = at(FIXED + place + 2);
        }
        None => {
            set_ids(&mut cdr, tail.min(2), &at);
            cdr.hangupcause = if tail == 3 { at(FIXED + 2) } else { "" };
        }
    }
    cdr
}

/// Takes none, one or both of `uniqueid` and `userfield`; one alone is told by its form.
fn set_ids<'a>(cdr: &mut Cdr<'a>, count: usize, at: &impl Fn(usize) -> &'a str) {
    match count {
        0 => {}
        1 if is_unique_id(at(FIXED)) => cdr.uniqueid = at(FIXED),
        1 => cdr.userfield = at(FIXED),
        _ => {
            cdr.uniqueid = at(FIXED);
            cdr.userfield = at(FIXED + 1);
        }
    }
}

/// The order that `cdr_custom.conf` shows: `clid,src,dst,…`; a cause and a SIP code may follow.
fn custom<'a>(at: impl Fn(usize) -> &'a str) -> Cdr<'a> {
    Cdr {
        clid: at(0),
        src: at(1),
        dst: at(2),
        start: at(8),
        answer: at(9),
        end: at(10),
        duration: at(11),
        billsec: at(12),
        disposition: at(13),
        uniqueid: at(16),
        userfield: at(17),
        hangupcause: at(18),
        sipcode: at(19),
        ..Cdr::default()
    }
}

/// Epoch seconds, a point and a counter, with or without the system's name before them.
fn is_unique_id(text: &str) -> bool {
    let Some((seconds, counter)) = text.rsplit_once('.') else {
        return false;
    };
    let seconds = seconds.rsplit('-').next().unwrap_or_default();
    seconds.len() >= 9 && is_integer(seconds) && is_integer(counter)
}

fn is_integer(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tail: &str, expect: [&str; 4]) {
        let line = format!(
            "acc,2155550112,2155550113,in,clid,c,d,Dial,x,2026-11-20 14:02:11,,2026-11-20 14:02:13,2,0,FAILED,DOC{tail}"
        );
        let row = split(line.as_bytes()).expect("a row");
        let cdr = place(&row).expect("a record");
        assert_eq!([cdr.uniqueid, cdr.userfield, cdr.sequence, cdr.hangupcause], expect, "{tail}");
    }

    #[test]
    fn optional_columns_by_count_and_form() {
        check("", ["", "", "", ""]);
        check(",1795183331.18", ["1795183331.18", "", "", ""]);
        check(",hangupcause=1", ["", "hangupcause=1", "", ""]);
        check(",1795183331.18,12", ["1795183331.18", "12", "", ""]);
        check(",1795183331.18,note,1", ["1795183331.18", "note", "", "1"]);
        check(",1795183331.18,,1", ["1795183331.18", "", "", "1"]);
        check(",peer,1795183331.18,7", ["", "", "7", ""]);
        check(",,1795183331.18,7", ["", "", "7", ""]);
        check(",,1795183331.18,7,1", ["", "", "7", "1"]);
        check(",sw-1795183331.19,,1795183331.18,7", ["sw-1795183331.19", "", "7", ""]);
        check(",note,,1795183331.18,7", ["", "note", "7", ""]);
        check(",1795183331.19,,1795183331.18,7,1", ["1795183331.19", "", "7", "1"]);
        check(",1795183331.19,note,,1795183331.18,7", ["1795183331.19", "note", "7", ""]);
        check(",1795183331.19,note,,1795183331.18,7,1", ["1795183331.19", "note", "7", "1"]);
    }
}
