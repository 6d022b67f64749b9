//! The facts of many numbers.

use std::ops::Range;

use model::{CallRecord, Direction, TelephoneNumber};

use super::compact::Scratch;
use super::hash_key::HashKey;
use super::kind::Kind;
use super::pieces::Pieces;
use super::slip::{self, Parcel, Slips, Sorter};
use super::word::{Cell, DestCell, hour_index};

/// One call as facts take it: 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallFact {
    /// The number that is judged.
    pub tn: TelephoneNumber,
    /// The hash of the destination; 0 stands for none (a call-back).
    pub dest: u32,
    /// The hour in which the call was placed, as [`hour_index`] counts.
    pub hour: u32,
    /// The hour in which it became known.
    pub known: u32,
    /// The kind.
    pub kind: Kind,
    /// Talk time in tenths of a second.
    pub talk_ds: u32,
    /// The terminating carrier plus one; 0 when unknown.
    pub carrier: u8,
}

impl CallFact {
    /// The fact that a call is for the number at its judged end; `None` when that end has no public number or the call lies
    /// outside the years that facts can hold. Destinations are hashed under the fixed key.
    #[must_use]
    #[inline(always)] // So that what a caller knows of the call beforehand is not asked again.
    pub fn of(call: &CallRecord, direction: Direction, off_hours: Option<bool>) -> Option<Self> {
        Self::keyed(call, direction, off_hours, HashKey::FIXED)
    }

    /// As [`CallFact::of`], with destinations hashed under `key`.
    #[must_use]
    #[inline(always)] // As above.
    pub fn keyed(call: &CallRecord, direction: Direction, off_hours: Option<bool>, key: HashKey) -> Option<Self> {
        let (judged, other) = match direction {
            Direction::Outbound => (call.orig, call.dest),
            Direction::Inbound => (call.dest, call.orig),
            Direction::Internal => return None,
        };
        let hour = hour_index(call.at)?;
        Some(Self {
            tn: judged.number()?,
            dest: match (direction, other.number()) {
                (Direction::Outbound, Some(tn)) => key.dest(tn),
                _ => 0,
            },
            hour,
            known: hour_index(call.known())?.max(hour),
            kind: Kind::of(call, direction, off_hours),
            // Opaque, or it becomes a branch again: whether a call was answered is a matter of chance.
            talk_ds: std::hint::black_box(call.talk_ms.unwrap_or(0)).saturating_add(50) / 100,
            carrier: call.carrier.map_or(0, |carrier| (carrier.0 + 1).min(63)),
        })
    }
}

/// The hash that stands for a destination: never 0.
///
/// Fixed, so that the same calls always give the same facts.
#[must_use]
#[inline]
pub fn dest_hash(tn: TelephoneNumber) -> u32 {
    let mixed = mix(tn.digits() ^ 0x9e37_79b9_7f4a_7c15);
    u32::try_from(mixed >> 32).unwrap_or(1).max(1)
}

/// One multiplication, and its high half folded over the low one: spreads numbers over tables and bits, at little cost.
#[must_use]
#[inline]
pub fn folded_product(x: u64) -> u64 {
    let product = u128::from(x ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93_u128;
    (product >> 64) as u64 ^ product as u64
}

/// The finalizer of SplitMix64.
const fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The facts of many numbers, in rising order of numbers. Adding calls in any order gives the same facts.
///
/// Numbers and words lie one behind another, so that reading all numbers in order never leaves the cache, and a number takes
/// little more than its calls do. The price is that adding goes through the whole store: add many calls at a time, or leave
/// that to a [`super::Tray`].
#[derive(Default)]
pub struct FactStore {
    pub(super) tns: Vec<TelephoneNumber>,
    /// Where each number's words end; they begin where those of the number before end.
    pub(super) ends: Vec<u32>,
    pub(super) words: Pieces,
}

/// Lists of so many words or more are compacted when calls are added to them. Chosen: a sample's 64 destinations and their calls
/// take 128 words, so that shorter lists have nothing to drop and little to merge.
const COMPACT_FROM: usize = 192;

impl FactStore {
    /// How many numbers the store knows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.tns.len()
    }

    /// Tells whether the store knows no number.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.tns.is_empty()
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.tns.capacity() * 8 + self.ends.capacity() * 4 + self.words.bytes()
    }

    /// Adds calls. Takes time for the store's size besides that for the calls.
    pub fn add(&mut self, facts: &[CallFact]) {
        let mut parcel = Parcel::with_room(facts.len());
        facts.iter().for_each(|fact| parcel.add(fact));
        let mut slips = Slips::default();
        slips.add(&parcel);
        self.file(&mut slips, &mut Desk::default(), Thrift::Compact);
    }

    /// Adds what slips hold, and empties them.
    pub(super) fn file(&mut self, slips: &mut Slips, desk: &mut Desk, thrift: Thrift) {
        let old = std::mem::replace(self, Self::with_room(self.len()));
        let Desk { sorter, scratch, gathered } = desk;
        let mut place = 0;
        slips.drain(sorter, &mut |tn, slips| {
            let before = old.tns.get(place..).unwrap_or_default().iter().take_while(|&&known| known < tn).count();
            if before > 0 {
                self.copy(&old, place..place + before);
                place += before;
            }
            let known = old.tns.get(place) == Some(&tn);
            let own = if known { old.range(place) } else { 0..0 };
            place += usize::from(known);
            gathered.clear();
            if thrift == Thrift::Compact && own.len() + slips.len() * 2 >= COMPACT_FROM {
                old.words.slices(own).for_each(|words| gathered.extend_from_slice(words));
                slip::write(slips, gathered);
                scratch.load(gathered);
                self.words.extend(scratch.store());
            } else {
                old.words.slices(own).for_each(|words| self.words.extend(words));
                if let Some(piece) = self.words.with_room(slips.len() * 2) {
                    slip::write(slips, piece);
                } else {
                    slip::write(slips, gathered);
                    self.words.extend(gathered);
                }
            }
            self.close(tn);
        });
        self.copy(&old, place..old.len());
        self.tns.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.words.shrink_to_fit();
    }

    /// Makes numbers known, without any call.
    pub fn know(&mut self, numbers: &[TelephoneNumber]) {
        let mut new: Vec<_> = numbers.iter().copied().filter(|&tn| self.find(tn).is_none()).collect();
        new.sort_unstable();
        new.dedup();
        let old = std::mem::replace(self, Self::with_room(self.len() + new.len()));
        let mut place = 0;
        for tn in new {
            let before = old.tns.partition_point(|&known| known < tn);
            self.copy(&old, place..before);
            self.close(tn);
            place = before;
        }
        self.copy(&old, place..old.len());
    }

    pub(super) fn with_room(numbers: usize) -> Self {
        Self { tns: Vec::with_capacity(numbers), ends: Vec::with_capacity(numbers), words: Pieces::default() }
    }

    /// Takes over numbers of another store, which lie behind all that this one has.
    fn copy(&mut self, from: &Self, places: Range<usize>) {
        let (Some(tns), Some(ends)) = (from.tns.get(places.clone()), from.ends.get(places.clone())) else {
            return;
        };
        let (Some(&last), begin) = (ends.last(), from.begin(places.start)) else {
            return;
        };
        let shift = end_of(&self.words).wrapping_sub(begin);
        self.tns.extend_from_slice(tns);
        self.ends.extend(ends.iter().map(|end| end.wrapping_add(shift)));
        from.words.slices(begin as usize..last as usize).for_each(|words| self.words.extend(words));
    }

    /// Ends the list of words of `tn`, the next number in order.
    pub(super) fn close(&mut self, tn: TelephoneNumber) {
        self.tns.push(tn);
        self.ends.push(end_of(&self.words));
    }

    /// Where the words of the number at `place` begin.
    fn begin(&self, place: usize) -> u32 {
        place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0)
    }

    /// Where the words of the number at `place` lie.
    pub(super) fn range(&self, place: usize) -> Range<usize> {
        let end = self.ends.get(place).copied().unwrap_or(0);
        self.begin(place).min(end) as usize..end as usize
    }

    /// The numbers that the store knows, in rising order, each with its place.
    #[must_use]
    pub fn numbers(&self) -> Vec<(TelephoneNumber, u32)> {
        self.tns.iter().copied().zip(0..).collect()
    }

    /// The place of a number; `None` when the store does not know it.
    #[must_use]
    pub fn find(&self, tn: TelephoneNumber) -> Option<u32> {
        self.tns.binary_search(&tn).ok().and_then(|place| u32::try_from(place).ok())
    }

    /// How many words the number at `place` takes: one or two for a call, and as many for its destination.
    #[must_use]
    pub fn words_of(&self, place: u32) -> usize {
        self.range(place as usize).len()
    }

    /// How many words all numbers take.
    #[must_use]
    pub fn words(&self) -> usize {
        self.words.len()
    }

    /// Appends the words of the number at `place`.
    pub(super) fn words_at(&self, place: u32, into: &mut Vec<u64>) {
        self.words.slices(self.range(place as usize)).for_each(|words| into.extend_from_slice(words));
    }

    /// Reads the cells of the number at `place` into `into`, merged and sorted.
    pub fn read(&self, place: u32, into: &mut Cells) {
        let range = self.range(place as usize);
        if let Some(words) = self.words.within(range.clone()) {
            into.scratch.load(words);
        } else {
            into.gathered.clear();
            self.words.slices(range).for_each(|words| into.gathered.extend_from_slice(words));
            into.scratch.load(&into.gathered);
        }
    }
}

/// Where calls are sorted and lists compacted: a thread's working memory, kept from filing to filing.
#[derive(Default)]
pub struct Desk {
    sorter: Sorter,
    scratch: Scratch,
    /// The words of one number.
    gathered: Vec<u64>,
}

/// Whether lists are compacted when calls are added to them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Thrift {
    /// Long lists are.
    Compact,
    /// None is: reading compacts once more anyway.
    AsIs,
}

fn end_of(words: &Pieces) -> u32 {
    u32::try_from(words.len()).expect("a store holds less than 32 GiB of words: spread numbers over more stores")
}

/// A number's cells, read out of a store; reused from number to number.
#[derive(Default)]
pub struct Cells {
    scratch: Scratch,
    /// The words of a number that lie in more than one piece.
    gathered: Vec<u64>,
}

impl Cells {
    /// The calls, sorted by the hour in which they became known.
    #[must_use]
    pub fn calls(&self) -> &[Cell] {
        &self.scratch.cells
    }

    /// Forgets them.
    pub fn clear(&mut self) {
        self.scratch.load(&[]);
    }

    /// Reads words that are gathered.
    pub(super) fn gather(&mut self, gather: impl FnOnce(&mut Vec<u64>)) {
        self.gathered.clear();
        gather(&mut self.gathered);
        self.scratch.load(&self.gathered);
    }

    /// What past moments' samples need of the destinations, sorted by the hour in which the calls became known.
    #[must_use]
    pub fn dests(&self) -> &[DestCell] {
        &self.scratch.dests
    }
}
