//! What every event log must do.

use std::collections::BTreeSet;
use std::ops::Range;

use model::{TelephoneNumber, Timestamp};

use super::Sampler;
use crate::event::{Event, Payload};
use crate::log::{EventLog, LogError, LogReader, Position};

/// When the battery's first events are appended; each append comes an hour later than the one before.
const START: i64 = 1_795_478_400_000;

fn hour(number: usize) -> Timestamp {
    Timestamp::EPOCH.saturating_add_ms(START + i64::try_from(number).unwrap_or(0) * model::time::HOUR_MS)
}

/// Everything that a reader gives from a place on.
fn read(reader: &dyn LogReader, from: Position) -> Vec<(Position, Event)> {
    let reading = reader.read(from).expect("a place that is held can be read");
    reading.flat_map(|logged| logged.expect("nothing is damaged").events).collect()
}

fn placed(events: &[Event], first: Position) -> Vec<(Position, Event)> {
    (first.0..).map(Position).zip(events.iter().cloned()).collect()
}

/// Appends groups of events of growing size, and gives all with their places.
fn fill(log: &mut dyn EventLog, sampler: &mut Sampler, groups: usize) -> Vec<(Position, Event)> {
    let mut all = Vec::new();
    for number in 0..groups {
        let events = sampler.events(1 + number * 7 % 50);
        let places = log.append(&events, hour(number)).expect("an append to a sound log succeeds");
        assert_eq!(places.end.0 - places.start.0, events.len() as u64, "a place for each event");
        all.extend(placed(&events, places.start));
    }
    all
}

/// Tries everything that a log must do. `fresh` makes an empty one, each time it is called.
///
/// # Panics
/// When the log does something else.
pub fn event_log(fresh: &mut dyn FnMut() -> Box<dyn EventLog>) {
    is_empty_at_first(fresh().as_mut());
    gives_places_in_order(fresh().as_mut());
    reads_from_any_place(fresh().as_mut());
    shows_readers_what_was_there_when_they_began(fresh().as_mut());
    trims_by_place(fresh().as_mut());
    trims_by_size(fresh().as_mut());
    forgets(fresh().as_mut());
    refuses_what_is_too_large(fresh().as_mut());
    is_read_while_it_grows(fresh().as_mut());
    is_opened_again_in_place(fresh().as_mut());
}

/// Tries that a log's events outlast it. `open` opens the same log each time, after the one before was dropped.
///
/// # Panics
/// When the log does something else.
pub fn event_log_reopened(open: &mut dyn FnMut() -> Box<dyn EventLog>) {
    let mut sampler = Sampler::new(11);
    let mut all = Vec::new();
    for round in 0..4 {
        let mut log = open();
        let end = Position(all.len() as u64);
        assert_eq!(log.reader().held(), Position::ZERO..end, "what was appended is there in round {round}");
        assert_eq!(read(log.reader().as_ref(), Position::ZERO), all, "as it was, in round {round}");
        assert!(log.verify().expect("it can be read").is_empty(), "a log that was closed is sound");
        all.extend(fill(log.as_mut(), &mut sampler, 9));
    }
    let some: BTreeSet<TelephoneNumber> = all.iter().filter_map(|(_, event)| event.payload.tn()).take(5).collect();
    open().forget(&some).expect("numbers can be forgotten");
    all.retain(|(_, event)| !event.payload.names(&some));
    assert_eq!(read(open().reader().as_ref(), Position::ZERO), all, "what was forgotten stays so");
}

fn is_empty_at_first(log: &mut dyn EventLog) {
    let reader = log.reader();
    assert_eq!(reader.held(), Position::ZERO..Position::ZERO, "a new log holds nothing");
    assert!(read(reader.as_ref(), Position::ZERO).is_empty(), "and gives nothing");
    assert!(matches!(reader.read(Position(1)), Err(LogError::OutOfRange { .. })), "and nothing lies beyond its end");
    assert!(log.verify().expect("it can be read").is_empty(), "and it is sound");
}

fn gives_places_in_order(log: &mut dyn EventLog) {
    let mut sampler = Sampler::new(1);
    let (a, b, c) = (sampler.events(3), sampler.events(1), sampler.events(2));
    let range = |from, to| Position(from)..Position(to);
    let append = |log: &mut dyn EventLog, batches: &[&[Event]]| {
        log.append_group(batches, hour(0)).expect("an append to a sound log succeeds")
    };
    assert_eq!(append(log, &[&a]), range(0, 3));
    assert_eq!(append(log, &[]), range(3, 3), "no batch takes no place");
    assert_eq!(append(log, &[&[], &[]]), range(3, 3), "nor do empty ones");
    assert_eq!(append(log, &[&b, &[], &c]), range(3, 6), "the batches of a group follow one another");
    assert_eq!(read(log.reader().as_ref(), Position::ZERO), placed(&[a, b, c].concat(), Position::ZERO));
}

fn reads_from_any_place(log: &mut dyn EventLog) {
    let all = fill(log, &mut Sampler::new(2), 30);
    let reader = log.reader();
    for from in (0..=all.len()).step_by(3).chain([all.len()]) {
        let rest = all.get(from..).unwrap_or_default();
        assert_eq!(read(reader.as_ref(), Position(from as u64)), rest, "from place {from} on");
    }
    let appended: Vec<_> =
        reader.read(Position::ZERO).expect("held").flatten().map(|logged| logged.appended_at).collect();
    assert!(appended.is_sorted(), "groups come in the order in which they were appended");
    assert!(appended.first() == Some(&hour(0)), "with the time that the appender told");
}

fn shows_readers_what_was_there_when_they_began(log: &mut dyn EventLog) {
    let mut sampler = Sampler::new(3);
    let before = fill(log, &mut sampler, 5);
    let reading = log.reader().read(Position::ZERO).expect("held");
    let held: Range<Position> = log.reader().held();
    fill(log, &mut sampler, 5);
    let seen: Vec<_> = reading.flatten().flat_map(|logged| logged.events).collect();
    assert_eq!(seen, before, "a reading ends where the log ended when it began");
    assert!(log.reader().held().end > held.end, "a reader sees the log grow");
}

fn trims_by_place(log: &mut dyn EventLog) {
    let all = fill(log, &mut Sampler::new(4), 40);
    let before = Position(all.len() as u64 / 2);
    log.trim(before).expect("a sound log can be trimmed");
    expect_rest(log, &all);
    assert!(log.reader().held().start <= before, "nothing from the place on is trimmed");
    log.trim(Position::ZERO).expect("to trim nothing is no error");
    expect_rest(log, &all);
}

fn trims_by_size(log: &mut dyn EventLog) {
    let all = fill(log, &mut Sampler::new(6), 40);
    let size = log.size_bytes();
    let end = log.reader().held().end;
    log.trim_to_size(size, end).expect("a sound log can be trimmed");
    assert_eq!(log.size_bytes(), size, "a log that fits is left as it is");
    let keep = Position(end.0 / 3);
    log.trim_to_size(0, keep).expect("a sound log can be trimmed");
    expect_rest(log, &all);
    assert!(log.reader().held().start <= keep, "nothing from the place on is trimmed");
    log.trim_to_size(0, end).expect("a sound log can be trimmed");
    expect_rest(log, &all);
    assert!(log.size_bytes() < size, "the size falls");
    assert!(!read(log.reader().as_ref(), log.reader().held().start).is_empty(), "the newest events stay");
}

/// What the log holds is the rest of what was appended, and what was trimmed is told.
fn expect_rest(log: &dyn EventLog, all: &[(Position, Event)]) {
    let reader = log.reader();
    let held = reader.held();
    assert_eq!(held.end.0, all.len() as u64, "the end stays");
    let rest: Vec<_> = all.iter().filter(|(place, _)| *place >= held.start).cloned().collect();
    assert_eq!(read(reader.as_ref(), held.start), rest, "what is held is the rest");
    if let Some(before) = held.start.0.checked_sub(1) {
        let refused = reader.read(Position(before));
        assert!(matches!(refused, Err(LogError::OutOfRange { .. })), "what was trimmed cannot be read");
    }
}

fn forgets(log: &mut dyn EventLog) {
    let mut sampler = Sampler::new(7);
    let mut all = fill(log, &mut sampler, 30);
    let some: BTreeSet<TelephoneNumber> = all.iter().filter_map(|(_, event)| event.payload.tn()).step_by(9).collect();
    let tombstones: Vec<Event> =
        some.iter().map(|&tn| Event { payload: Payload::Forget { tn }, ..sampler.event() }).collect();
    let places = log.append(&tombstones, hour(31)).expect("an append to a sound log succeeds");
    all.extend(placed(&tombstones, places.start));
    let is_named = |(place, event): &(Position, Event), places: &Range<Position>| {
        places.contains(place) && event.payload.names(&some)
    };
    let (early, every) = (Position(4)..Position(40), Position::ZERO..places.end);
    let count = |places: &Range<Position>| all.iter().filter(|event| is_named(event, places)).count() as u64;
    let (first, named) = (count(&early), count(&every));
    assert!(first > 0 && first < named, "the battery has something to forget");
    let (mut removed, mut from) = (0, Some(early.start));
    while let Some(start) = from {
        let step = log.forget_some(&some, start..early.end).expect("numbers can be forgotten");
        assert!(step.next.is_none_or(|next| next > start && next < early.end), "each step gets further");
        (removed, from) = (removed + step.events, step.next);
    }
    assert_eq!(removed, first, "events of some places are counted");
    let rest: Vec<_> = all.iter().filter(|event| !is_named(event, &early)).cloned().collect();
    assert_eq!(read(log.reader().as_ref(), Position::ZERO), rest, "those at other places stay");
    assert_eq!(log.forget(&some).expect("numbers can be forgotten"), named - first, "events are counted");
    all.retain(|(_, event)| !event.payload.names(&some));
    assert_eq!(read(log.reader().as_ref(), Position::ZERO), all, "others and tombstones stay at their places");
    for (from, _) in all.iter().step_by(11) {
        let rest: Vec<_> = all.iter().filter(|(place, _)| place >= from).cloned().collect();
        assert_eq!(read(log.reader().as_ref(), *from), rest, "from place {from} on");
    }
    assert_eq!(log.forget(&some).expect("twice is no error"), 0, "nothing is left to forget");
    assert!(log.verify().expect("it can be read").is_empty(), "the log is sound");
    let end = log.reader().held().end;
    assert_eq!(end, places.end, "the end stays");
    let more = sampler.events(5);
    assert_eq!(log.append(&more, hour(32)).expect("the log goes on").start, end, "places go on");
    all.extend(placed(&more, end));
    assert_eq!(read(log.reader().as_ref(), Position::ZERO), all);
}

fn refuses_what_is_too_large(log: &mut dyn EventLog) {
    let mut sampler = Sampler::new(8);
    let all = fill(log, &mut sampler, 3);
    let version = "v".repeat(crate::log::MAX_EVENT_BYTES).into();
    let large = Event { payload: Payload::PolicyActivated { version }, ..sampler.event() };
    let refused = log.append(&[sampler.event(), large], hour(4));
    assert!(matches!(refused, Err(LogError::TooLarge { .. })), "an event may be too large");
    assert_eq!(read(log.reader().as_ref(), Position::ZERO), all, "then the log is as it was");
    let version = "v".repeat(crate::log::MAX_EVENT_BYTES / 2).into();
    let half = Event { payload: Payload::PolicyActivated { version }, ..sampler.event() };
    let many = vec![half; 40];
    let places = log.append(&many, hour(5)).expect("many events may be larger than a frame");
    assert_eq!(read(log.reader().as_ref(), places.start), placed(&many, places.start));
}

fn is_read_while_it_grows(log: &mut dyn EventLog) {
    let reader = log.reader();
    std::thread::scope(|scope| {
        let follower = scope.spawn(move || {
            let mut next = Position::ZERO;
            while next < Position(500) {
                for (place, _) in read(reader.as_ref(), next) {
                    assert_eq!(place, next, "events come in order, each once");
                    next = next.plus(1);
                }
            }
        });
        let mut sampler = Sampler::new(9);
        for number in 0..100 {
            log.append(&sampler.events(5), hour(number)).expect("an append to a sound log succeeds");
        }
        follower.join().expect("the follower saw all");
    });
}

fn is_opened_again_in_place(log: &mut dyn EventLog) {
    let mut sampler = Sampler::new(10);
    let mut all = fill(log, &mut sampler, 9);
    let reader = log.reader();
    log.reopen().expect("a sound log can be opened again");
    assert_eq!(read(reader.as_ref(), Position::ZERO), all, "what was there is there, to readers of before as well");
    let more = sampler.events(2);
    let places = log.append(&more, hour(9)).expect("the log goes on");
    all.extend(placed(&more, places.start));
    assert_eq!(read(reader.as_ref(), Position::ZERO), all, "and so is what comes");
}
