//! Reading case files.
//!
//! A case is one file of lines. `#` begins a comment. `given` lines build the number's past, one period of calls after the other;
//! `expect` lines say what must come of it. The forms are listed in `fixtures/cases/README.md`.

use model::{Attestation, Label, Status};
use reputation::assess::ReasonCode;

/// A line that cannot be read, or an expectation that fails.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    /// `file:line`.
    pub(crate) place: String,
    pub(crate) what: String,
}

/// One case.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Case {
    pub(crate) givens: Vec<Given>,
    pub(crate) expects: Vec<(usize, Expect)>,
}

/// What is given.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Given {
    Calls(Period),
    Silence { days: u32 },
    Reports(Reports),
    Registered,
    EmergencyPurpose,
    Cleared { day: u32 },
    Upheld { day: u32 },
    Dno,
    Unallocated,
    Traceback,
    Honeypots(u32),
    BlockNats(f64),
    LabelServed,
}

/// A period of calls, shares from 0 to 1.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Period {
    /// One run of the case for each.
    pub(crate) attempts: Vec<u32>,
    pub(crate) days: u32,
    pub(crate) destinations: Destinations,
    pub(crate) answered: f64,
    pub(crate) short: f64,
    pub(crate) invalid: f64,
    /// Length of calls that are not short.
    pub(crate) talk_s: u32,
    pub(crate) attestation: Option<Attestation>,
}

/// Whom a period's calls go to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Destinations {
    /// So many, all new.
    New(u32),
    /// A new one at this share of attempts.
    FirstCalls(f64),
}

/// Reports, spread over the last period of calls.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Reports {
    pub(crate) count: u32,
    pub(crate) proven: bool,
    pub(crate) clusters: u32,
    pub(crate) not_spam: bool,
}

/// What is expected.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Expect {
    NoOpinion,
    /// One of these, at the end or at the end of a day.
    Label {
        any: Vec<Label>,
        day: Option<u32>,
    },
    AtMost(Label),
    Floor(Label),
    Reason {
        code: ReasonCode,
        present: bool,
    },
    InFavour(ReasonCode),
    /// Whether a better value of this reason alone would take the label down.
    Clears {
        code: ReasonCode,
        alone: bool,
    },
    Status(Status),
    History(Vec<Label>),
    RatingBelow(f64),
    RatingFrom(f64),
}

/// Reads a case.
pub(crate) fn parse(file: &str, text: &str) -> Result<Case, Fault> {
    let mut case = Case::default();
    for (line, number) in text.lines().zip(1..) {
        let fault = |what: String| Fault { place: format!("{file}:{number}"), what };
        let line = line.split('#').next().unwrap_or("").trim();
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            ["given", rest @ ..] => case.givens.push(given(rest).map_err(fault)?),
            ["expect", rest @ ..] => case.expects.push((number, expect(rest).map_err(fault)?)),
            [word, ..] => return Err(fault(format!("a line begins with `given` or `expect`, not `{word}`"))),
        }
    }
    if case.expects.is_empty() {
        return Err(Fault { place: format!("{file}:1"), what: "nothing is expected".to_owned() });
    }
    Ok(case)
}

fn given(words: &[&str]) -> Result<Given, String> {
    Ok(match words {
        ["silence", "for", days, "days"] => Given::Silence { days: number(days)? },
        ["reports", rest @ ..] => Given::Reports(reports(rest)?),
        ["registered"] => Given::Registered,
        ["purpose", "emergency"] => Given::EmergencyPurpose,
        ["cleared", "on", "day", day] => Given::Cleared { day: number(day)? },
        ["upheld", "on", "day", day] => Given::Upheld { day: number(day)? },
        ["dno"] => Given::Dno,
        ["unallocated"] => Given::Unallocated,
        ["traceback"] => Given::Traceback,
        [count, "honeypots"] => Given::Honeypots(number(count)?),
        ["block", nats, "nats"] => Given::BlockNats(number(nats)?),
        ["label", "served"] => Given::LabelServed,
        [count, ..] if number::<u32>(count).is_ok() => Given::Calls(period(words)?),
        _ => return Err(format!("nothing known begins with `given {}`", words.join(" "))),
    })
}

fn period(words: &[&str]) -> Result<Period, String> {
    let text = words.join(" ");
    let mut parts = text.split(',').map(str::trim);
    let head: Vec<&str> = parts.next().unwrap_or("").split(' ').collect();
    let Some(at) = head.iter().position(|&word| word == "attempts") else {
        return Err("expected `N attempts over N days`".to_owned());
    };
    let attempts =
        head.iter().take(at).filter(|&&word| word != "or").map(|word| number(word)).collect::<Result<_, _>>()?;
    let (days, destinations) = match head.get(at + 1..).unwrap_or_default() {
        ["over", days, "days"] => (number(days)?, None),
        ["over", days, "days", "to", count, "destinations"] => (number(days)?, Some(number(count)?)),
        rest => return Err(format!("expected `over N days to N destinations`, not `{}`", rest.join(" "))),
    };
    // An ordinary office, where the line says nothing else.
    let mut period = Period {
        attempts,
        days,
        destinations: destinations.map_or(Destinations::FirstCalls(0.6), Destinations::New),
        answered: 0.5,
        short: 0.13,
        invalid: 0.01,
        talk_s: 62,
        attestation: None,
    };
    for part in parts {
        let words: Vec<&str> = part.split(' ').collect();
        match words.as_slice() {
            ["answered", share, "%"] => period.answered = percent(share)?,
            ["short", share, "%"] => period.short = percent(share)?,
            ["invalid", share, "%"] => period.invalid = percent(share)?,
            ["first", "calls", share, "%"] if destinations.is_none() => {
                period.destinations = Destinations::FirstCalls(percent(share)?);
            }
            ["talk", seconds, "s"] => period.talk_s = number(seconds)?,
            ["attestation", "A"] => period.attestation = Some(Attestation::Full),
            ["attestation", "B"] => period.attestation = Some(Attestation::Partial),
            ["attestation", "C"] => period.attestation = Some(Attestation::Gateway),
            _ => return Err(format!("`{part}` says nothing of calls that is known")),
        }
    }
    if period.days == 0 || period.attempts.contains(&0) {
        return Err("a period has at least one attempt and one day".to_owned());
    }
    Ok(period)
}

fn reports(words: &[&str]) -> Result<Reports, String> {
    let (words, not_spam) = match words {
        [rest @ .., "not", "spam"] => (rest, true),
        rest => (rest, false),
    };
    match words {
        [count, proof @ ("proven" | "unproven"), "in", clusters, "cluster" | "clusters"] => Ok(Reports {
            count: number(count)?,
            proven: *proof == "proven",
            clusters: number(clusters).and_then(|n: u32| if n > 0 { Ok(n) } else { Err("no cluster".to_owned()) })?,
            not_spam,
        }),
        _ => Err("expected `reports N proven|unproven in N clusters`, with `not spam` at the end or not".to_owned()),
    }
}

fn expect(words: &[&str]) -> Result<Expect, String> {
    Ok(match words {
        ["no_opinion"] => Expect::NoOpinion,
        ["never", "labelled"] => Expect::History(vec![Label::None]),
        ["label", rest @ .., "on", "day", day] => Expect::Label { any: labels(rest)?, day: Some(number(day)?) },
        ["label", rest @ ..] => Expect::Label { any: labels(rest)?, day: None },
        ["at", "most", word] => Expect::AtMost(label(word)?),
        ["floor", word] => Expect::Floor(label(word)?),
        ["reason", word] => Expect::Reason { code: code(word)?, present: true },
        ["no", "reason", word] => Expect::Reason { code: code(word)?, present: false },
        ["favour", word] => Expect::InFavour(code(word)?),
        ["clears", "alone", word] => Expect::Clears { code: code(word)?, alone: true },
        ["clears", "not", "alone", word] => Expect::Clears { code: code(word)?, alone: false },
        ["status", word] => Expect::Status(status(word)?),
        ["history", rest @ ..] => Expect::History(labels(rest)?),
        ["rating", "below", share, "%"] => Expect::RatingBelow(percent(share)?),
        ["rating", "from", share, "%"] => Expect::RatingFrom(percent(share)?),
        _ => return Err(format!("nothing known is `expect {}`", words.join(" "))),
    })
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("`{word}` is not a number that fits here"))
}

fn percent(word: &str) -> Result<f64, String> {
    let share = number::<f64>(word)? / 100.0;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err(format!("{word} % is no share")) }
}

fn label(word: &str) -> Result<Label, String> {
    let known = Label::ALL.into_iter().find(|label| label.as_str() == word);
    known.ok_or_else(|| format!("`{word}` is no label"))
}

fn labels(words: &[&str]) -> Result<Vec<Label>, String> {
    let labels: Vec<Label> =
        words.iter().filter(|&&word| word != "or").map(|word| label(word)).collect::<Result<_, _>>()?;
    if labels.is_empty() { Err("no label is named".to_owned()) } else { Ok(labels) }
}

fn code(word: &str) -> Result<ReasonCode, String> {
    let known = ReasonCode::ALL.into_iter().find(|code| code.as_str() == word);
    known.ok_or_else(|| format!("`{word}` is no reason"))
}

fn status(word: &str) -> Result<Status, String> {
    let all = [Status::Flagged, Status::MixedHigh, Status::MixedLow, Status::Unflagged, Status::Unknown];
    all.into_iter().find(|status| status.as_str() == word).ok_or_else(|| format!("`{word}` is no status"))
}

#[test]
fn broken_lines_are_named() {
    let broken = |text: &str| parse("mine.case", text).expect_err("refused");
    for (text, place, what) in [
        ("given 400 attempts over 5 days\n\nexpects label spam", "mine.case:3", "begins with"),
        ("# a note\ngiven many attempts", "mine.case:2", "given many attempts"),
        ("given 400 attempts over 5 days, shrt 6 %\nexpect label none", "mine.case:1", "shrt"),
        ("given 400 attempts over 5 days, short 160 %", "mine.case:1", "no share"),
        ("given 400 attempts within 5 days", "mine.case:1", "over N days"),
        ("given 0 attempts over 5 days", "mine.case:1", "at least one"),
        ("given reports 4 of 3", "mine.case:1", "proven|unproven"),
        ("expect label spammy", "mine.case:1", "spammy"),
        ("expect reason SHORT", "mine.case:1", "SHORT"),
        ("expect label", "mine.case:1", "no label"),
        ("given registered", "mine.case:1", "nothing is expected"),
    ] {
        let fault = broken(text);
        assert_eq!(fault.place, place, "{text}");
        assert!(fault.what.contains(what), "{text}: {}", fault.what);
    }
}
