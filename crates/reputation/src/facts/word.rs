//! One call, or some calls of one kind, in one or two 64-bit words; one destination's calls of one hour in one word.

use model::Timestamp;

use super::kind::{Ended, Kind};

/// The hour that facts count from: 2012-01-01T00:00:00Z, in hours since the Unix epoch. A midnight, so that hour / 24 is a day.
const BASE_HOUR: u64 = 368_160;
/// The last hour that facts can hold, counted from the base: in the year 2041.
const MAX_HOUR: u64 = (1 << 18) - 1;

/// The hour of an instant, counted from 2012-01-01T00:00Z; `None` before that and after 2041.
#[must_use]
#[inline]
pub fn hour_index(at: Timestamp) -> Option<u32> {
    // No instant lies before the epoch, and dividing unsigned takes fewer steps.
    let hour = (at.as_ms().unsigned_abs() / model::time::HOUR_MS.unsigned_abs()).checked_sub(BASE_HOUR)?;
    if hour > MAX_HOUR { None } else { u32::try_from(hour).ok() }
}

/// The start of an hour that [`hour_index`] counted.
#[must_use]
pub fn hour_start(hour: u32) -> Timestamp {
    Timestamp::from_ms((i64::from(hour) + BASE_HOUR as i64) * model::time::HOUR_MS).unwrap_or(Timestamp::MAX)
}

/// Calls of one number in one hour that are alike in kind, carrier and the hour in which they became known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cell {
    /// The hour in which the calls became known, counted from the base.
    pub known: u32,
    /// The hour in which they were placed.
    pub hour: u32,
    /// The terminating carrier plus one; 0 when unknown.
    pub carrier: u8,
    /// The kind.
    pub kind: Kind,
    /// How many calls.
    pub count: u32,
    /// Their talk time, in tenths of a second.
    pub talk_ds: u64,
}

/// What one destination's call says of that destination.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum DestClass {
    /// Nothing: the source could not have shown it, or the call never got there.
    Silent,
    /// It answered or rang, at a source that could have shown an invalid number.
    Alive,
    /// It answered, at a source that could not have shown an invalid number.
    AliveUnseen,
    /// Probably not in service.
    InvalidMedium,
    /// Not in service.
    InvalidStrong,
}

impl DestClass {
    const ALL: [Self; 5] = [Self::Silent, Self::Alive, Self::AliveUnseen, Self::InvalidMedium, Self::InvalidStrong];

    /// What a call of this kind says of its destination.
    #[must_use]
    #[inline]
    pub fn of(kind: Kind) -> Self {
        let by_shown = CLASSES.get(kind.ended() as usize);
        by_shown.and_then(|classes| classes.get(usize::from(kind.shows_invalid()))).copied().unwrap_or(Self::Silent)
    }

    const fn of_ended(ended: Ended, shows_invalid: bool) -> Self {
        match ended {
            Ended::InvalidStrong => Self::InvalidStrong,
            Ended::InvalidMedium => Self::InvalidMedium,
            Ended::Answered | Ended::AnsweredUnwanted if !shows_invalid => Self::AliveUnseen,
            Ended::NoAnswer | Ended::Busy | Ended::Declined | Ended::Unwanted if !shows_invalid => Self::Silent,
            Ended::Answered
            | Ended::AnsweredUnwanted
            | Ended::NoAnswer
            | Ended::Busy
            | Ended::Declined
            | Ended::Unwanted => Self::Alive,
            Ended::Cancelled
            | Ended::Unreachable
            | Ended::Blocked
            | Ended::Failed
            | Ended::CalledBack
            | Ended::CalledBackBriefly
            | Ended::CalledBackUnanswered => Self::Silent,
        }
    }
}

/// What a call says of its destination, by how it ended and whether its source shows invalid numbers: from a table, where a
/// branch would be a matter of chance.
static CLASSES: [[DestClass; 2]; Ended::ALL.len()] = {
    let mut table = [[DestClass::Silent; 2]; Ended::ALL.len()];
    let mut at = 0;
    while at < table.len() {
        let ended = Ended::ALL[at];
        table[ended as usize] = [DestClass::of_ended(ended, false), DestClass::of_ended(ended, true)];
        at += 1;
    }
    table
};

/// Calls of one number to one destination in one hour that say the same of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DestCell {
    /// The hour in which the calls became known.
    pub known: u32,
    /// The top 32 bits of the destination's hash.
    pub hash: u32,
    /// The hour in which the calls were placed.
    pub hour: u32,
    /// The terminating carrier plus one; 0 when unknown.
    pub carrier: u8,
    /// What they say.
    pub class: DestClass,
    /// How many calls, at most 7.
    pub count: u8,
}

/// A word that holds a destination has its top bit set.
const DEST: u64 = 1 << 63;
const HOUR_BITS: u32 = 18;
/// Lags of up to this many hours between a call and our learning of it fit in the first word.
const SHORT_LAG: u32 = 6;
/// Stands in the lag's place when it is in the second word.
const LAG_EXTENDED: u64 = 7;
const PAYLOAD_BITS: u32 = 17;
/// The talk time that marks a cell of two words.
const EXTENDED: u64 = (1 << PAYLOAD_BITS) - 1;
/// The longest lag that is kept, in hours; a longer one is as good as never.
pub(crate) const MAX_LAG: u32 = (1 << 12) - 1;
/// The most calls that one cell counts.
const MAX_COUNT: u32 = (1 << 18) - 1;
/// The most talk time that one cell holds, in tenths of a second.
const MAX_TALK_DS: u64 = mask(34);
/// The most calls that one destination's cell counts.
pub(super) const MAX_DEST_COUNT: u8 = 7;
/// Lags of up to this many hours fit in a destination's first word.
const SHORT_DEST_LAG: u32 = (1 << 7) - 1;
/// Stands in the class's place when class, carrier and lag are in the second word.
const CLASS_EXTENDED: u64 = 7;

const fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}

impl Cell {
    /// The cell as one or two words, and how many. Layout of the first, from the lowest bit: payload 17, kind 19, carrier 6,
    /// lag 3, hour 18, then 0. Of the second: talk 34, count 18, lag 12.
    pub(super) fn words(&self) -> ([u64; 2], usize) {
        let lag = self.known.saturating_sub(self.hour).min(MAX_LAG);
        let single = self.count == 1 && self.talk_ds < EXTENDED && lag <= SHORT_LAG;
        let (payload, short_lag) = if single { (self.talk_ds, u64::from(lag)) } else { (EXTENDED, LAG_EXTENDED) };
        let first = payload
            | u64::from(self.kind.bits()) << PAYLOAD_BITS
            | u64::from(self.carrier & 63) << (PAYLOAD_BITS + Kind::BITS)
            | short_lag << 42
            | (u64::from(self.hour) & mask(HOUR_BITS)) << 45;
        let second = self.talk_ds.min(MAX_TALK_DS) | u64::from(self.count.min(MAX_COUNT)) << 34 | u64::from(lag) << 52;
        ([first, second], if single { 1 } else { 2 })
    }

    /// Appends the cell's words; more than one cell's when its counts need it.
    pub(super) fn write(&self, words: &mut Vec<u64>) {
        let mut rest = *self;
        loop {
            let (own, len) = rest.words();
            words.extend(own.iter().take(len));
            rest.count -= rest.count.min(MAX_COUNT);
            rest.talk_ds -= rest.talk_ds.min(MAX_TALK_DS);
            if rest.count == 0 && rest.talk_ds == 0 {
                return;
            }
        }
    }
}

impl DestCell {
    /// The cell as one or two words, and how many. Layout of the first, from the lowest bit: hash 32, class 3, count 3, lag 7,
    /// hour 18, then 1. Of the second, which carriers and long lags need: class 3, carrier 6, lag 12.
    pub(super) fn words(&self) -> ([u64; 2], usize) {
        let lag = self.known.saturating_sub(self.hour).min(MAX_LAG);
        let single = self.carrier == 0 && lag <= SHORT_DEST_LAG;
        let (class, short_lag) = if single { (self.class as u64, u64::from(lag)) } else { (CLASS_EXTENDED, 0) };
        let first = u64::from(self.hash)
            | class << 32
            | u64::from(self.count.min(MAX_DEST_COUNT)) << 35
            | short_lag << 38
            | (u64::from(self.hour) & mask(HOUR_BITS)) << 45
            | DEST;
        let second = self.class as u64 | u64::from(self.carrier & 63) << 3 | u64::from(lag) << 9;
        ([first, second], if single { 1 } else { 2 })
    }

    /// Appends the cell's words.
    pub(super) fn write(&self, words: &mut Vec<u64>) {
        let (own, len) = self.words();
        words.extend(own.iter().take(len));
    }

    fn read(word: u64, words: &mut impl Iterator<Item = u64>) -> Self {
        let hour = part(word, 45, HOUR_BITS);
        let (class, carrier, lag) = match part(word, 32, 3) {
            7 => {
                let second = words.next().unwrap_or(0);
                (part(second, 0, 3), part(second, 3, 6), part(second, 9, 12))
            }
            class => (class, 0, part(word, 38, 7)),
        };
        Self {
            known: hour + lag,
            hash: part(word, 0, 32),
            hour,
            carrier: u8::try_from(carrier).unwrap_or(0),
            class: DestClass::ALL.get(class as usize).copied().unwrap_or(DestClass::Silent),
            count: u8::try_from(part(word, 35, 3)).unwrap_or(1),
        }
    }
}

/// `bits` bits of a word, from bit `at` on; at most 32.
fn part(word: u64, at: u32, bits: u32) -> u32 {
    u32::try_from(word >> at & mask(bits)).unwrap_or(0)
}

/// Reads words back into cells and destinations.
pub(super) fn read(words: &[u64], cells: &mut Vec<Cell>, dests: &mut Vec<DestCell>) {
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        if word & DEST != 0 {
            dests.push(DestCell::read(word, &mut words));
            continue;
        }
        let hour = part(word, 45, HOUR_BITS);
        let payload = word & EXTENDED;
        let (count, talk_ds, lag) = if payload == EXTENDED {
            let second = words.next().unwrap_or(1 << 34);
            (part(second, 34, 18), second & mask(34), part(second, 52, 12))
        } else {
            (1, payload, part(word, 42, 3))
        };
        let carrier = u8::try_from(part(word, PAYLOAD_BITS + Kind::BITS, 6)).unwrap_or(0);
        let kind = Kind::from_bits(part(word, PAYLOAD_BITS, Kind::BITS));
        cells.push(Cell { known: hour + lag, hour, carrier, kind, count, talk_ds });
    }
}

/// Copies the words of calls whose hour is kept, and of destinations for which the hour in which they became known is kept.
pub(super) fn retain(words: &[u64], call: impl Fn(u32) -> bool, dest: impl Fn(u32) -> bool, into: &mut Vec<u64>) {
    let mut words = words.iter().copied().peekable();
    while let Some(word) = words.next() {
        let hour = part(word, 45, HOUR_BITS);
        let is_dest = word & DEST != 0;
        let has_more =
            if is_dest { u64::from(part(word, 32, 3)) == CLASS_EXTENDED } else { word & EXTENDED == EXTENDED };
        let more = if has_more { words.next() } else { None };
        let kept =
            if is_dest { dest(hour + more.map_or(part(word, 38, 7), |more| part(more, 9, 12))) } else { call(hour) };
        if kept {
            into.push(word);
            into.extend(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(cell: Cell) {
        let mut words = Vec::new();
        cell.write(&mut words);
        let (mut cells, mut dests) = (Vec::new(), Vec::new());
        read(&words, &mut cells, &mut dests);
        assert_eq!(cells, [cell]);
        assert!(dests.is_empty());
    }

    #[test]
    fn cells_go_there_and_back() {
        let cell =
            Cell { known: 235_001, hour: 235_000, carrier: 3, kind: Kind::from_bits(0x5_4321), count: 1, talk_ds: 64 };
        there_and_back(cell);
        there_and_back(Cell { count: 900, talk_ds: 1 << 33, ..cell });
        there_and_back(Cell { talk_ds: EXTENDED - 1, ..cell });
        there_and_back(Cell { talk_ds: EXTENDED, ..cell });
        there_and_back(Cell { known: 235_000 + 700, ..cell });
        there_and_back(Cell { hour: (1 << 18) - 1, known: (1 << 18) + 5, carrier: 63, ..cell });
    }

    #[test]
    fn large_counts_take_more_cells() {
        let kind = Kind::from_bits(0);
        let cell = Cell { known: 9, hour: 9, carrier: 0, kind, count: MAX_COUNT * 2 + 5, talk_ds: MAX_TALK_DS * 4 + 1 };
        let mut words = Vec::new();
        cell.write(&mut words);
        let (mut cells, mut dests) = (Vec::new(), Vec::new());
        read(&words, &mut cells, &mut dests);
        assert_eq!(cells.iter().map(|cell| cell.count).sum::<u32>(), cell.count);
        assert_eq!(cells.iter().map(|cell| cell.talk_ds).sum::<u64>(), cell.talk_ds);
    }

    #[test]
    fn destinations_go_there_and_back() {
        let dest = DestCell {
            known: 235_002,
            hash: 0xdead_beef,
            hour: 235_000,
            carrier: 0,
            class: DestClass::InvalidStrong,
            count: 7,
        };
        for dest in [dest, DestCell { carrier: 9, ..dest }, DestCell { known: 235_900, ..dest }] {
            let mut words = Vec::new();
            dest.write(&mut words);
            let (mut cells, mut dests) = (Vec::new(), Vec::new());
            read(&words, &mut cells, &mut dests);
            assert_eq!(dests, [dest]);
        }
    }

    #[test]
    fn hours_count_from_2012() {
        let base = Timestamp::from_s(1_325_376_000).expect("2012-01-01");
        assert_eq!(hour_index(base), Some(0));
        assert_eq!(hour_start(0), base);
        assert_eq!(hour_index(Timestamp::EPOCH), None);
    }
}
