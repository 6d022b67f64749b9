//! The facts of many numbers.

use hashbrown::HashTable;
use model::{CallRecord, Direction, TelephoneNumber};

use super::arena::{Arena, List};
use super::compact::Scratch;
use super::kind::Kind;
use super::word::{Cell, DestCell, DestClass, hour_index};

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
    /// outside the years that facts can hold.
    #[must_use]
    pub fn of(call: &CallRecord, direction: Direction, off_hours: Option<bool>) -> Option<Self> {
        let (judged, other) = match direction {
            Direction::Outbound => (call.orig, call.dest),
            Direction::Inbound => (call.dest, call.orig),
            Direction::Internal => return None,
        };
        let hour = hour_index(call.at)?;
        Some(Self {
            tn: judged.number()?,
            dest: match (direction, other.number()) {
                (Direction::Outbound, Some(tn)) => dest_hash(tn),
                _ => 0,
            },
            hour,
            known: hour_index(call.known())?.max(hour),
            kind: Kind::of(call, direction, off_hours),
            talk_ds: call.talk_ms.map_or(0, |ms| ms.saturating_add(50) / 100),
            carrier: call.carrier.map_or(0, |carrier| (carrier.0 + 1).min(63)),
        })
    }
}

/// The hash that stands for a destination: never 0.
///
/// Fixed, so that the same calls always give the same facts.
#[must_use]
pub fn dest_hash(tn: TelephoneNumber) -> u32 {
    let mixed = mix(tn.digits() ^ 0x9e37_79b9_7f4a_7c15);
    u32::try_from(mixed >> 32).unwrap_or(1).max(1)
}

/// The finalizer of SplitMix64.
const fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

struct Slot {
    tn: TelephoneNumber,
    list: List,
}

/// The facts of many numbers. Adding calls in any order gives the same facts.
#[derive(Default)]
pub struct FactStore {
    index: HashTable<u32>,
    slots: Vec<Slot>,
    arena: Arena,
    scratch: Scratch,
}

/// How many facts are looked up at a time, so that their cache misses overlap.
const LOOK_AHEAD: usize = 32;
/// Lists are compacted from this length on, when they are full.
const COMPACT_FROM: usize = 24;

impl FactStore {
    /// How many numbers the store knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Tells whether the store knows no number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.index.capacity() * 5 + self.slots.capacity() * std::mem::size_of::<Slot>() + self.arena.bytes()
    }

    /// Adds calls.
    pub fn add(&mut self, facts: &[CallFact]) {
        let mut places = [0u32; LOOK_AHEAD];
        for batch in facts.chunks(LOOK_AHEAD) {
            for (fact, place) in batch.iter().zip(&mut places) {
                *place = self.place(fact.tn);
            }
            for (fact, &place) in batch.iter().zip(&places) {
                self.add_at(place, fact);
            }
        }
    }

    /// Makes a number known, without any call.
    pub fn know(&mut self, tn: TelephoneNumber) {
        self.place(tn);
    }

    /// The place of a number, made when it is new.
    fn place(&mut self, tn: TelephoneNumber) -> u32 {
        let slots = &self.slots;
        let is_tn = |&place: &u32| slots.get(place as usize).is_some_and(|slot| slot.tn == tn);
        if let Some(&place) = self.index.find(mix(tn.digits()), is_tn) {
            return place;
        }
        let place = u32::try_from(self.slots.len()).expect("a store holds less than 2^32 numbers");
        self.slots.push(Slot { tn, list: self.arena.list() });
        let slots = &self.slots;
        self.index.insert_unique(mix(tn.digits()), place, |&other| {
            slots.get(other as usize).map_or(0, |slot| mix(slot.tn.digits()))
        });
        place
    }

    fn add_at(&mut self, place: u32, fact: &CallFact) {
        let Some(slot) = self.slots.get_mut(place as usize) else {
            return;
        };
        let list = slot.list;
        if list.len() >= COMPACT_FROM && self.arena.room(list) < 4 {
            self.scratch.load(self.arena.words(list));
            let words = self.scratch.store();
            self.arena.replace(&mut slot.list, words);
        }
        let cell = Cell {
            known: fact.known,
            hour: fact.hour,
            carrier: fact.carrier,
            kind: fact.kind,
            count: 1,
            talk_ds: u64::from(fact.talk_ds),
        };
        let dest = (fact.dest != 0).then(|| DestCell {
            known: fact.known,
            hash: fact.dest,
            hour: fact.hour,
            carrier: fact.carrier,
            class: DestClass::of(fact.kind),
            count: 1,
        });
        let (words, len) = cell.words();
        self.arena.push(&mut slot.list, words.get(..len).unwrap_or_default());
        if let Some(dest) = dest {
            let (words, len) = dest.words();
            self.arena.push(&mut slot.list, words.get(..len).unwrap_or_default());
        }
    }

    /// The numbers that the store knows, in rising order, each with its place.
    #[must_use]
    pub fn numbers(&self) -> Vec<(TelephoneNumber, u32)> {
        let mut numbers: Vec<_> = self.slots.iter().zip(0u32..).map(|(slot, place)| (slot.tn, place)).collect();
        numbers.sort_unstable();
        numbers
    }

    /// The place of a number; `None` when the store does not know it.
    #[must_use]
    pub fn find(&self, tn: TelephoneNumber) -> Option<u32> {
        self.index
            .find(mix(tn.digits()), |&place| self.slots.get(place as usize).is_some_and(|slot| slot.tn == tn))
            .copied()
    }

    /// Reads the cells of the number at `place` into `into`, merged and sorted.
    pub fn read(&self, place: u32, into: &mut Cells) {
        let words = self.slots.get(place as usize).map_or(&[][..], |slot| self.arena.words(slot.list));
        into.scratch.load(words);
    }
}

/// A number's cells, read out of a store; reused from number to number.
#[derive(Default)]
pub struct Cells {
    scratch: Scratch,
}

impl Cells {
    /// The calls, sorted by the hour in which they became known.
    #[must_use]
    pub fn calls(&self) -> &[Cell] {
        &self.scratch.cells
    }

    /// What past moments' samples need of the destinations, sorted by the hour in which the calls became known.
    #[must_use]
    pub fn dests(&self) -> &[DestCell] {
        &self.scratch.dests
    }
}
