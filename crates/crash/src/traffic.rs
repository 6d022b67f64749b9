//! What senders send: calls and reports in bodies of several forms, some of them told before, some in pieces.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;

use crate::fact::{Fact, PIECED};
use crate::random::Random;

/// The area code of numbers that terminating sources tell of.
const SHARED: u64 = 215;
/// The area code of numbers that the tenant's own records tell of.
const OWN: u64 = 312;
const AREAS: [u64; 8] = [202, 303, 404, 503, 602, 702, 804, 907];
const CARRIERS: [&str; 4] = ["att", "tmobile", "verizon", ""];
/// Numbers of each kind, all of them fictional: 555-0100 to 555-0199.
const NUMBERS: u64 = 100;
/// Lines that are kept to be told again.
const TOLD: usize = 64;

/// One body, as it is sent until it is acknowledged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Batch {
    /// Method and path.
    pub(crate) what: &'static str,
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
    /// What is told for the first time.
    pub(crate) facts: Vec<Fact>,
    /// Records that were told before.
    pub(crate) repeats: usize,
    /// Whether these are pieces of calls: how many are accepted follows from what came before.
    pub(crate) pieces: bool,
}

/// Makes one sender's bodies.
#[derive(Debug)]
pub(crate) struct Traffic {
    random: Random,
    stream: u64,
    area: u64,
    /// The start of the first call.
    from_ms: i64,
    sent: u64,
    told: Vec<String>,
    /// A call whose first piece was sent.
    begun: Option<u64>,
    pieced: u64,
}

impl Traffic {
    /// Traffic of one sender; even streams are terminating sources. Calls start at `from_ms` and later, a millisecond apart.
    pub(crate) const fn new(seed: u64, stream: u64, from_ms: i64) -> Self {
        let area = if stream.is_multiple_of(2) { SHARED } else { OWN };
        Self {
            random: Random::new(seed, stream + 1),
            stream,
            area,
            from_ms,
            sent: 0,
            told: Vec::new(),
            begun: None,
            pieced: 0,
        }
    }

    /// All numbers whose calls may be told, with the view that tells of them.
    pub(crate) fn numbers() -> impl Iterator<Item = (u64, &'static str)> {
        let of = |area| (0..NUMBERS).map(move |place| number(area, place));
        let shared = of(SHARED).chain(of(PIECED)).map(|tn| (tn, "shared"));
        shared.chain(of(OWN).map(|tn| (tn, "own")))
    }

    /// Tells whether a call was begun whose last piece is not sent.
    pub(crate) const fn is_begun(&self) -> bool {
        self.begun.is_some()
    }

    /// The next body.
    pub(crate) fn next(&mut self) -> Batch {
        if let Some(call) = self.begun.take() {
            return self.pieces(call, true);
        }
        match self.random.below(10) {
            0 if self.area == SHARED => {
                self.begun = Some(self.pieced);
                self.pieced += 1;
                self.pieces(self.pieced - 1, false)
            }
            1 if self.area == SHARED => self.reports(),
            2 => self.unnamed(),
            3 => self.csv(),
            _ => self.lines(),
        }
    }

    /// Calls with ids, some told before; some packed.
    fn lines(&mut self) -> Batch {
        let (mut body, mut facts, mut repeats) = (String::new(), Vec::new(), 0);
        for _ in 0..=self.random.below(120) {
            if self.random.one_in(8) && !self.told.is_empty() {
                let place = self.random.below(self.told.len() as u64) as usize;
                body.push_str(self.told.get(place).map(String::as_str).unwrap_or_default());
                repeats += 1;
                continue;
            }
            let id = format!("\"id\":\"{}-{}\",", self.stream, self.sent);
            let (line, fact) = self.call(&id);
            body.push_str(&line);
            facts.push(fact);
            if self.told.len() < TOLD {
                self.told.push(line);
            } else {
                let place = self.random.below(TOLD as u64) as usize;
                self.told.get_mut(place).into_iter().for_each(|old| old.clone_from(&line));
            }
        }
        let mut headers = "content-type: application/x-ndjson\r\n".to_owned();
        let mut body = body.into_bytes();
        if self.random.one_in(3) {
            headers.push_str("content-encoding: gzip\r\n");
            body = packed(&body);
        }
        Batch { what: "POST /v1/calls", headers, body, facts, repeats, pieces: false }
    }

    /// Calls without ids, in a body with a name.
    fn unnamed(&mut self) -> Batch {
        let headers = format!("idempotency-key: {}-{}\r\n", self.stream, self.sent);
        let calls: Vec<(String, Fact)> = (0..=self.random.below(40)).map(|_| self.call("")).collect();
        let body = calls.iter().map(|(line, _)| line.as_str()).collect::<String>().into_bytes();
        let facts = calls.into_iter().map(|(_, fact)| fact).collect();
        Batch { what: "POST /v1/calls", headers, body, facts, repeats: 0, pieces: false }
    }

    /// Calls as a table.
    fn csv(&mut self) -> Batch {
        let (mut body, mut facts) = ("id,start,orig,dest,talk_s,q850\n".to_owned(), Vec::new());
        for _ in 0..=self.random.below(60) {
            let (stream, id, (at_ms, orig, dest)) = (self.stream, self.sent, self.ends());
            let talk_s = self.talk_s(orig);
            let _infallible = writeln!(body, "{stream}-{id},{at_ms},+{orig},+{dest},{talk_s},16");
            facts.push(Fact::Call { at_ms, orig, dest });
        }
        let headers = "content-type: text/csv\r\n".to_owned();
        Batch { what: "POST /v1/calls", headers, body: body.into_bytes(), facts, repeats: 0, pieces: false }
    }

    fn reports(&mut self) -> Batch {
        let (mut body, mut facts) = (String::new(), Vec::new());
        for _ in 0..=self.random.below(10) {
            let (id, (at_ms, tn, _)) = (self.sent, self.ends());
            let stream = self.stream;
            let _infallible = writeln!(
                body,
                "{{\"id\":\"{stream}-{id}\",\"at\":{at_ms},\"tn\":\"+{tn}\",\"category\":\"unwanted\",\"reporter\":\"r{id}\"}}"
            );
            facts.push(Fact::Report { at_ms, tn });
        }
        let headers = "content-type: application/x-ndjson\r\n".to_owned();
        Batch { what: "POST /v1/reports", headers, body: body.into_bytes(), facts, repeats: 0, pieces: false }
    }

    /// The first piece of a call, or the last.
    fn pieces(&self, call: u64, last: bool) -> Batch {
        // Streams take turns, so that no two have the same ends.
        let of_all = call * 16 + self.stream;
        let (orig, dest) = (number(PIECED, of_all % NUMBERS), called(of_all / NUMBERS));
        let seconds = self.from_ms / 1000 + i64::try_from(call % 600).unwrap_or(0) + i64::from(last) * 60;
        let at = Timestamp::from_second(seconds).unwrap_or_default().strftime("%a, %d %b %Y %H:%M:%S +0000");
        let encoded = at.to_string().replace(' ', "+").replace(',', "%2C").replace(':', "%3A").replace("++0", "+%2B0");
        let state = if last { "completed&SequenceNumber=2&CallDuration=30" } else { "ringing&SequenceNumber=1" };
        let body = format!(
            "CallSid=CA{of_all:032}&AccountSid=AC1&From=%2B{orig}&To=%2B{dest}&Direction=outbound-api&Timestamp={encoded}\
             &CallStatus={state}\n"
        );
        let facts = last.then_some(Fact::Joined { orig, dest }).into_iter().collect();
        let headers = "content-type: application/x-www-form-urlencoded; format=twilio-callback\r\n".to_owned();
        Batch { what: "POST /v1/calls", headers, body: body.into_bytes(), facts, repeats: 0, pieces: true }
    }

    fn call(&mut self, id: &str) -> (String, Fact) {
        let (at_ms, orig, dest) = self.ends();
        let carrier = CARRIERS.get(self.random.below(4) as usize).copied().unwrap_or_default();
        let carrier = if carrier.is_empty() { String::new() } else { format!(",\"carrier\":\"{carrier}\"") };
        let line = format!(
            "{{{id}\"start\":{at_ms},\"orig\":\"+{orig}\",\"dest\":\"+{dest}\",\"outcome\":\"answered\",\"ring_s\":4,\
             \"talk_s\":{}{carrier}}}\n",
            self.talk_s(orig)
        );
        (line, Fact::Call { at_ms, orig, dest })
    }

    /// When the next call starts, and its ends. Callers come one after the other, so that labels change as long as bodies come.
    fn ends(&mut self) -> (i64, u64, u64) {
        let at_ms = self.from_ms + i64::try_from(self.sent * 16 + self.stream).unwrap_or(0);
        let orig = number(self.area, self.sent / 400 + self.random.below(6));
        let dest = called(self.random.below(AREAS.len() as u64 * NUMBERS));
        self.sent += 1;
        (at_ms, orig, dest)
    }

    /// Three numbers of four make short calls and earn labels.
    const fn talk_s(&mut self, orig: u64) -> u64 {
        if orig.is_multiple_of(4) { 40 + self.random.below(90) } else { 1 + self.random.below(4) }
    }
}

/// One of the numbers of an area.
pub(crate) const fn number(area: u64, place: u64) -> u64 {
    10_000_000_000 + area * 10_000_000 + 5_550_100 + place % NUMBERS
}

/// One of the numbers that are called.
pub(crate) fn called(place: u64) -> u64 {
    let area = AREAS.get((place / NUMBERS % AREAS.len() as u64) as usize).copied().unwrap_or(SHARED);
    number(area, place)
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all that is written")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_gives_the_same_bodies_and_no_fact_twice() {
        let mut seen = BTreeSet::new();
        for stream in 0..3 {
            let mut both = [(); 2].map(|()| Traffic::new(7, stream, 1_795_429_800_000));
            for _ in 0..300 {
                let [a, b] = both.each_mut().map(Traffic::next);
                assert_eq!(a, b);
                for fact in a.facts {
                    assert!(seen.insert(fact), "{fact:?} is told twice");
                }
            }
        }
        assert!(seen.len() > 20_000, "{}", seen.len());
    }
}
