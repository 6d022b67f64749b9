//! The team's calls.

use std::collections::BTreeMap;

use super::random::Random;
use super::team::{AREAS, Line, TEAM, Twist};

/// What the sample is drawn from. Chosen: the first day, as a number.
const SEED: u64 = 20_261_107;
/// Two weeks, from Saturday, 2026-11-07, to a Friday.
const DAYS: u32 = 14;
/// The day of November that is day 0.
const FIRST_DAY: u32 = 7;
/// Seconds of a day.
const DAY_S: u32 = 86_400;
/// What a block says of itself (ATIS-1000099). The name under `.example` belongs to nobody (RFC 2606).
const BLOCK: &str =
    r#"SIP;cause=603;text="v=analytics1;url=https://redress.carrier.example/contest;tel=+12025550199";location=TN"#;

/// One call.
pub(super) struct Call {
    /// Seconds since the first midnight.
    pub(super) at_s: u32,
    pub(super) orig: String,
    pub(super) dest: String,
    /// The carrier of the called person; empty for calls back.
    pub(super) carrier: &'static str,
    /// A person calls back.
    pub(super) inbound: bool,
    pub(super) end: End,
    ring_s: u32,
    talk_s: u32,
    by_dest: bool,
    attestation: &'static str,
}

/// How a call ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Answered,
    RangOut,
    Cancelled,
    Busy,
    Declined,
    Invalid,
    Unreachable,
    Blocked,
    Unwanted,
}

impl End {
    /// SIP code and Q.850 cause.
    const fn codes(self) -> (&'static str, &'static str) {
        match self {
            Self::Answered => ("200", "16"),
            Self::RangOut => ("480", "19"),
            Self::Cancelled => ("487", "16"),
            Self::Busy => ("486", "17"),
            Self::Declined => ("603", "21"),
            Self::Invalid => ("404", "1"),
            Self::Unreachable => ("503", "34"),
            Self::Blocked => ("603", ""),
            Self::Unwanted => ("607", ""),
        }
    }
}

/// A person on a list.
#[derive(Clone)]
struct Person {
    tn: String,
    behind_utc_h: u32,
    carrier: &'static str,
    in_service: bool,
}

/// All calls in the order of their time.
pub(super) fn calls() -> Vec<Call> {
    let mut random = Random::new(SEED);
    let mut everybody = people(&mut random);
    let mut calls = Vec::new();
    for line in &TEAM {
        let rest = everybody.split_off(usize::try_from(line.list).unwrap_or(0).min(everybody.len()));
        let list = std::mem::replace(&mut everybody, rest);
        LineOfCalls::new(line, list, &mut random).call_all(&mut calls);
    }
    calls.sort_by(|a, b| (a.at_s, &a.orig, &a.dest).cmp(&(b.at_s, &b.orig, &b.dest)));
    calls
}

/// Everybody who may be on a list, in random order.
fn people(random: &mut Random) -> Vec<Person> {
    let mut people = Vec::new();
    for (area, behind_utc_h) in AREAS {
        for subscriber in 100..200 {
            let carrier = match random.within(0, 100) {
                0..36 => "att",
                36..66 => "tmobile",
                66..94 => "verizon",
                94..97 => "uscellular",
                _ => "comcast",
            };
            let tn = format!("+1{area}5550{subscriber}");
            people.push(Person { tn, behind_utc_h, carrier, in_service: true });
        }
    }
    random.shuffle(&mut people);
    people
}

/// One number at work.
struct LineOfCalls<'a> {
    line: &'a Line,
    /// People not called yet; the next one last.
    fresh: Vec<Person>,
    /// People called before who are in service.
    known: Vec<Person>,
    random: &'a mut Random,
}

impl<'a> LineOfCalls<'a> {
    fn new(line: &'a Line, mut list: Vec<Person>, random: &'a mut Random) -> Self {
        for person in &mut list {
            let invalid = match line.twist {
                Twist::OldList { carrier, invalid } if carrier == person.carrier => invalid,
                Twist::OldList { .. } | Twist::None | Twist::Blocked { .. } | Twist::AnswersFall { .. } => line.invalid,
            };
            person.in_service = !random.chance(invalid);
        }
        Self { line, fresh: list, known: Vec::new(), random }
    }

    fn call_all(&mut self, calls: &mut Vec<Call>) {
        let [silent_from, silent_to] = self.line.silent;
        for day in (self.line.from_day..DAYS).filter(|day| !(silent_from..silent_to).contains(day)) {
            let [working, weekend] = self.line.calls_a_day;
            let usual = if day % 7 < 2 { weekend } else { working };
            let spread = usual / 8;
            for _ in 0..self.random.within(usual - spread, usual + spread + 1) {
                self.call(day, calls);
            }
        }
    }

    fn call(&mut self, day: u32, calls: &mut Vec<Call>) {
        let Some(person) = self.person() else {
            return;
        };
        let local_s = self.hour_of_call() * 3600 + self.random.within(0, 3600);
        let at_s = day * DAY_S + person.behind_utc_h * 3600 + local_s;
        let end = self.end(day, &person);
        let short = self.random.chance(self.line.short);
        let talk_s = match end {
            End::Answered if short => self.random.within(1, 7),
            End::Answered => self.talk_s(),
            End::RangOut
            | End::Cancelled
            | End::Busy
            | End::Declined
            | End::Invalid
            | End::Unreachable
            | End::Blocked
            | End::Unwanted => 0,
        };
        let ring_s = match end {
            End::Answered | End::Declined | End::Unwanted => self.random.within(4, 24),
            End::RangOut => self.random.within(31, 46),
            End::Cancelled => self.random.within(28, 40),
            End::Busy | End::Invalid | End::Unreachable | End::Blocked => 0,
        };
        let by_dest = (end == End::Answered && (short || self.random.chance(550)))
            || matches!(end, End::Declined | End::Unwanted);
        let missed = matches!(end, End::RangOut | End::Cancelled);
        calls.push(Call {
            at_s,
            orig: self.line.tn.to_owned(),
            dest: person.tn.clone(),
            carrier: person.carrier,
            inbound: false,
            end,
            ring_s,
            talk_s,
            by_dest,
            attestation: self.line.attestation,
        });
        if missed && self.random.chance(self.line.called_back) {
            calls.push(self.back_from(&person, at_s));
        }
    }

    /// Whom to call next.
    fn person(&mut self) -> Option<Person> {
        if (self.known.is_empty() || self.random.chance(self.line.first_calls))
            && let Some(person) = self.fresh.pop()
        {
            if person.in_service {
                self.known.push(person.clone());
            }
            return Some(person);
        }
        self.random.pick(&self.known).cloned()
    }

    /// The hour of the call by the called person's clock.
    fn hour_of_call(&mut self) -> u32 {
        if self.random.chance(self.line.off_hours) {
            return 7;
        }
        const HOURS: [u32; 16] = [9, 9, 10, 10, 11, 11, 12, 13, 13, 14, 14, 15, 16, 16, 17, 18];
        self.random.pick(&HOURS).copied().unwrap_or(12)
    }

    fn end(&mut self, day: u32, person: &Person) -> End {
        let mut answered = self.line.answered;
        match self.line.twist {
            Twist::Blocked { carrier, from_day, share }
                if carrier == person.carrier && day >= from_day && self.random.chance(share) =>
            {
                return End::Blocked;
            }
            Twist::Blocked { .. } if self.random.chance(6) => return End::Unwanted,
            Twist::AnswersFall { carrier, from_day, answered: fallen }
                if carrier == person.carrier && day >= from_day =>
            {
                answered = fallen;
            }
            Twist::None | Twist::Blocked { .. } | Twist::AnswersFall { .. } | Twist::OldList { .. } => {}
        }
        if !person.in_service {
            return End::Invalid;
        }
        if self.random.chance(10) {
            return End::Unreachable;
        }
        if self.random.chance(answered) {
            return End::Answered;
        }
        match self.random.within(0, 100) {
            0..70 => End::RangOut,
            70..80 => End::Cancelled,
            80..92 => End::Busy,
            _ => End::Declined,
        }
    }

    /// The length of a call that is not short: around the middle length, with a long tail.
    fn talk_s(&mut self) -> u32 {
        const PARTS: [u32; 12] = [25, 40, 55, 70, 85, 100, 100, 120, 150, 200, 280, 450];
        let part = self.random.pick(&PARTS).copied().unwrap_or(100);
        (self.line.talk_s * part / 100 + self.random.within(0, 9)).max(7)
    }

    /// A person calls back within the hour.
    fn back_from(&mut self, person: &Person, at_s: u32) -> Call {
        Call {
            at_s: at_s + self.random.within(180, 3600),
            orig: person.tn.clone(),
            dest: self.line.tn.to_owned(),
            carrier: "",
            inbound: true,
            end: End::Answered,
            ring_s: self.random.within(3, 15),
            talk_s: self.talk_s() + 30,
            by_dest: false,
            attestation: "",
        }
    }
}

/// The calls as our own CSV.
pub(super) fn csv(calls: &[Call]) -> String {
    let header = "id,start,orig,dest,direction,carrier,sip_code,q850,reason,ring_s,talk_s,hangup_by,attestation\n";
    let mut text = header.to_owned();
    // A repeated id would make two calls one.
    let mut ids: BTreeMap<u32, u32> = BTreeMap::new();
    for call in calls {
        let day = call.at_s / DAY_S + FIRST_DAY;
        let of_day = ids.entry(day).or_default();
        *of_day += 1;
        let (sip, q850) = call.end.codes();
        let reason =
            if call.end == End::Blocked { format!("\"{}\"", BLOCK.replace('"', "\"\"")) } else { String::new() };
        let talk = if call.end == End::Answered { call.talk_s.to_string() } else { String::new() };
        let hangup = match call.end {
            End::Answered | End::Declined | End::Unwanted if call.by_dest => "dest",
            End::Answered | End::Cancelled => "orig",
            End::RangOut
            | End::Busy
            | End::Declined
            | End::Invalid
            | End::Unreachable
            | End::Blocked
            | End::Unwanted => "network",
        };
        let direction = if call.inbound { "inbound" } else { "outbound" };
        text.push_str(&format!(
            "{day:02}-{of_day:03},{},{},{},{direction},{},{sip},{q850},{reason},{},{talk},{hangup},{}\n",
            time(call.at_s),
            call.orig,
            call.dest,
            call.carrier,
            call.ring_s,
            call.attestation,
        ));
    }
    text
}

/// Seconds since the first midnight as RFC 3339.
pub(super) fn time(at_s: u32) -> String {
    let of_day = at_s % DAY_S;
    format!("2026-11-{:02}T{:02}:{:02}:{:02}Z", FIRST_DAY + at_s / DAY_S, of_day / 3600, of_day / 60 % 60, of_day % 60)
}
