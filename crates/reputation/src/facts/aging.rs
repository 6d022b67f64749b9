//! What a store gives up with time, and a store as bytes.

use model::TelephoneNumber;

use super::HORIZON_D;
use super::sample::epoch_of;
use super::store::FactStore;
use super::word::retain;
use crate::bytes::{Reader, put};

/// The least bytes that a number takes: one for its distance to the one before, one for the count of its words.
const NUMBER_BYTES_MIN: usize = 2;

impl FactStore {
    /// Gives up what no verdict at hour `now` or later can ask for: calls placed before the horizon, and destinations that became
    /// known in an epoch which the horizon does not touch. A number of which nothing is left goes, unless `stays` says otherwise.
    pub fn age(&mut self, now: u32, stays: impl Fn(TelephoneNumber) -> bool) {
        let oldest_hour = (now / 24 + 1).saturating_sub(HORIZON_D) * 24;
        let oldest_epoch = epoch_of(now).saturating_sub(1);
        let mut kept = Vec::new();
        self.rebuild(|tn, words| {
            kept.clear();
            retain(words, |hour| hour >= oldest_hour, |known| epoch_of(known) >= oldest_epoch, &mut kept);
            std::mem::swap(words, &mut kept);
            !words.is_empty() || stays(tn)
        });
    }

    /// Forgets a number.
    pub fn forget(&mut self, tn: TelephoneNumber) {
        if self.find(tn).is_some() {
            self.rebuild(|other, _| other != tn);
        }
    }

    /// Builds the store anew of the numbers that `keeps` says, each with the words that it leaves, in no more room than they take.
    fn rebuild(&mut self, mut keeps: impl FnMut(TelephoneNumber, &mut Vec<u64>) -> bool) {
        let mut rest = Self::with_room(self.len());
        let mut words = Vec::new();
        for (tn, place) in self.tns.iter().copied().zip(0..) {
            words.clear();
            self.words_at(place, &mut words);
            if keeps(tn, &mut words) {
                rest.words.extend(&words);
                rest.close(tn);
            }
        }
        rest.tns.shrink_to_fit();
        rest.ends.shrink_to_fit();
        rest.words.shrink_to_fit();
        *self = rest;
    }

    /// Appends the store as bytes: its numbers, how many words each has, and the words as they are.
    pub fn write(&self, out: &mut Vec<u8>) {
        put(out, self.len() as u64);
        let mut before = 0;
        for (tn, place) in self.tns.iter().zip(0..) {
            put(out, tn.digits() - before);
            before = tn.digits();
            put(out, self.words_of(place) as u64);
        }
        put(out, self.words.len() as u64);
        for words in self.words.slices(0..self.words.len()) {
            words.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
        }
    }

    /// Reads a store back; `None` where the bytes hold none.
    #[must_use]
    pub fn read_back(bytes: &mut Reader<'_>) -> Option<Self> {
        let count = bytes.count(NUMBER_BYTES_MIN)?;
        let mut store = Self::with_room(count);
        let (mut digits, mut end) = (0u64, 0u32);
        for _ in 0..count {
            let step = bytes.get().filter(|&step| step > 0)?;
            digits = digits.checked_add(step)?;
            store.tns.push(TelephoneNumber::from_digits(digits)?);
            end = end.checked_add(bytes.get_as()?)?;
            store.ends.push(end);
        }
        let words = bytes.count(size_of::<u64>())?;
        if words != end as usize {
            return None;
        }
        let raw = bytes.take(words * size_of::<u64>())?;
        let mut piece = Vec::with_capacity(1024);
        for part in raw.chunks(1024 * size_of::<u64>()) {
            piece.clear();
            piece.extend(
                part.chunks_exact(size_of::<u64>()).filter_map(|word| word.try_into().ok().map(u64::from_le_bytes)),
            );
            store.words.extend(&piece);
        }
        store.words.shrink_to_fit();
        Some(store)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::facts::{CallFact, Cells, Desk, Kind, Waiting, dest_hash};

    fn tn(line: u64) -> TelephoneNumber {
        TelephoneNumber::from_digits(12_155_550_100 + line).expect("a number")
    }

    fn fact(line: u64, dest: u64, hour: u32, lag: u32) -> CallFact {
        let dest = dest_hash(TelephoneNumber::from_digits(12_125_550_100 + dest).expect("a number"));
        CallFact {
            tn: tn(line),
            dest,
            hour,
            known: hour + lag,
            kind: Kind::from_bits(0),
            talk_ds: 70,
            carrier: (line % 3) as u8,
        }
    }

    fn facts() -> impl Strategy<Value = Vec<CallFact>> {
        let one = (0..9u64, 0..90u64, 100_000..102_000u32, prop_oneof![Just(0u32), 0..9u32, 100..900u32]);
        prop::collection::vec(one.prop_map(|(line, dest, hour, lag)| fact(line, dest, hour, lag)), 0..400)
    }

    fn cells(store: &FactStore, line: u64) -> Option<(Vec<crate::facts::Cell>, Vec<crate::facts::DestCell>)> {
        let mut cells = Cells::default();
        store.read(store.find(tn(line))?, &mut cells);
        Some((cells.calls().to_vec(), cells.dests().to_vec()))
    }

    proptest! {
        #[test]
        fn a_store_goes_there_and_back(facts in facts(), cut in 0..100usize) {
            let mut store = FactStore::default();
            store.add(&facts);
            store.know(&[tn(50)]);
            let mut bytes = Vec::new();
            store.write(&mut bytes);
            let back = FactStore::read_back(&mut Reader::new(&bytes)).expect("a store");
            let mut again = Vec::new();
            back.write(&mut again);
            prop_assert_eq!(&bytes, &again);
            for line in 0..60 {
                prop_assert_eq!(cells(&store, line), cells(&back, line));
            }
            if let Some(short) = bytes.len().checked_sub(cut + 1) {
                prop_assert!(FactStore::read_back(&mut Reader::new(bytes.get(..short).unwrap_or_default())).is_none());
            }
        }

        #[test]
        fn what_waits_is_read_as_if_it_were_filed(facts in facts(), filed in 0..400usize) {
            let (early, late) = facts.split_at(filed.min(facts.len()));
            let (mut all, mut store, mut waiting) = (FactStore::default(), FactStore::default(), Waiting::default());
            all.add(&facts);
            store.add(early);
            late.iter().for_each(|fact| waiting.add(fact));
            let mut read = Cells::default();
            for line in 0..9 {
                let known = waiting.read(&store, tn(line), &mut read);
                let expected = cells(&all, line);
                prop_assert_eq!(known, expected.is_some());
                if let Some((calls, dests)) = expected {
                    prop_assert_eq!((read.calls(), read.dests()), (&calls[..], &dests[..]));
                }
            }
            waiting.file(&mut store, &mut Desk::default());
            prop_assert!(waiting.is_empty());
            for line in 0..9 {
                prop_assert_eq!(cells(&all, line), cells(&store, line));
            }
        }

        #[test]
        fn a_forgotten_number_is_gone_and_no_other(facts in facts(), filed in 0..400usize) {
            let (early, late) = facts.split_at(filed.min(facts.len()));
            let (mut all, mut store, mut waiting) = (FactStore::default(), FactStore::default(), Waiting::default());
            all.add(&facts);
            store.add(early);
            late.iter().for_each(|fact| waiting.add(fact));
            store.forget(tn(3));
            waiting.forget(tn(3));
            let mut read = Cells::default();
            for line in 0..9 {
                let known = waiting.read(&store, tn(line), &mut read);
                prop_assert_eq!(known, line != 3 && cells(&all, line).is_some());
                if known {
                    prop_assert_eq!(Some((read.calls().to_vec(), read.dests().to_vec())), cells(&all, line));
                }
            }
        }
    }

    #[test]
    fn calls_beyond_the_horizon_go_and_their_numbers_with_them() {
        let now = 24 * 5000;
        let oldest = now - 34 * 24;
        let mut store = FactStore::default();
        store.add(&[
            fact(1, 1, oldest - 1, 0),
            fact(2, 1, oldest, 0),
            fact(3, 1, now - 24 * 80, 0),
            fact(4, 1, now - 24 * 80, 0),
        ]);
        store.age(now, |number| number == tn(4));
        assert!(store.find(tn(3)).is_none() && store.find(tn(4)).is_some());
        let calls = |line| cells(&store, line).map_or(0, |(calls, _)| calls.len());
        assert_eq!([calls(1), calls(2), calls(4)], [0, 1, 0]);
    }
}
