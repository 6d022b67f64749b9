//! What every keeper of snapshots must do.

use model::Timestamp;

use crate::log::Position;
use crate::snapshot::{Loaded, PassedWhy, Snapshot, SnapshotHead, SnapshotName, Snapshots};

/// The fold of the battery.
const FOLD: u32 = 7;

fn name(text: &str) -> SnapshotName {
    SnapshotName::new(text).expect("a name that is allowed")
}

fn head(position: u64) -> SnapshotHead {
    SnapshotHead { fold_version: FOLD, position: Position(position), taken_at: Timestamp::EPOCH }
}

fn save(snapshots: &dyn Snapshots, of: &str, head: SnapshotHead, bytes: &[u8]) {
    snapshots.save(&name(of), head, bytes).expect("a snapshot can be kept");
}

fn load(snapshots: &dyn Snapshots, of: &str) -> Loaded {
    snapshots.load(&name(of), FOLD).expect("snapshots can be looked for")
}

fn is(head: SnapshotHead, bytes: &[u8]) -> Loaded {
    Loaded { snapshot: Some(Snapshot { head, bytes: bytes.to_vec() }), passed: Vec::new() }
}

fn places(snapshots: &dyn Snapshots) -> Vec<(String, u64)> {
    let all = snapshots.list().expect("snapshots can be listed");
    all.into_iter().map(|(name, place)| (name.as_str().to_owned(), place.0)).collect()
}

/// Tries everything that a keeper of snapshots must do. `fresh` makes an empty one, each time it is called.
///
/// # Panics
/// When it does something else.
pub fn snapshots(fresh: &mut dyn FnMut() -> Box<dyn Snapshots>) {
    keeps_the_last_two(fresh().as_ref());
    passes_over_other_folds(fresh().as_ref());
    keeps_names_apart(fresh().as_ref());
}

/// Tries that snapshots outlast their keeper. `open` opens the same each time, after the one before was dropped.
///
/// # Panics
/// When it does something else.
pub fn snapshots_reopened(open: &mut dyn FnMut() -> Box<dyn Snapshots>) {
    save(open().as_ref(), "a", head(1), b"one");
    assert_eq!(load(open().as_ref(), "a"), is(head(1), b"one"), "a snapshot outlasts its keeper");
    save(open().as_ref(), "a", head(2), b"two");
    assert_eq!(load(open().as_ref(), "a"), is(head(2), b"two"));
    open().remove(&name("a")).expect("snapshots can be removed");
    assert_eq!(load(open().as_ref(), "a"), Loaded::default(), "what was removed stays so");
}

fn keeps_the_last_two(snapshots: &dyn Snapshots) {
    assert_eq!(load(snapshots, "a"), Loaded::default(), "at first there is none");
    assert_eq!(places(snapshots), []);
    for place in 1..5_u8 {
        let bytes = vec![place; usize::from(place) * 1000];
        save(snapshots, "a", head(place.into()), &bytes);
        assert_eq!(load(snapshots, "a"), is(head(place.into()), &bytes), "the newest is found");
    }
    assert_eq!(places(snapshots), [("a".to_owned(), 3), ("a".to_owned(), 4)], "the last two are kept");
    save(snapshots, "a", head(4), b"");
    assert_eq!(load(snapshots, "a"), is(head(4), b""), "one of the same place is replaced");
    assert_eq!(places(snapshots).len(), 2);
    save(snapshots, "a", head(1), b"again");
    assert_eq!(places(snapshots), [("a".to_owned(), 1), ("a".to_owned(), 4)], "what was saved last is kept");
}

fn passes_over_other_folds(snapshots: &dyn Snapshots) {
    save(snapshots, "a", head(1), b"ours");
    save(snapshots, "a", SnapshotHead { fold_version: FOLD + 1, ..head(2) }, b"another's");
    let loaded = load(snapshots, "a");
    assert_eq!(loaded.snapshot, is(head(1), b"ours").snapshot, "an older one of ours is found");
    let why: Vec<_> = loaded.passed.into_iter().map(|passed| passed.why).collect();
    assert_eq!(why, [PassedWhy::FoldVersion { found: FOLD + 1 }], "and the other is told");
}

fn keeps_names_apart(snapshots: &dyn Snapshots) {
    for of in ["a", "a_b", "a1"] {
        save(snapshots, of, head(1), of.as_bytes());
    }
    for of in ["a", "a_b", "a1"] {
        assert_eq!(load(snapshots, of), is(head(1), of.as_bytes()));
    }
    let expected = ["a", "a1", "a_b"].map(|of| (of.to_owned(), 1));
    assert_eq!(places(snapshots), expected, "they are listed by name");
    save(snapshots, "a", head(3), b"three");
    snapshots.keep_only(&name("a"), Position(3)).expect("snapshots can be removed");
    snapshots.keep_only(&name("a"), Position(3)).expect("twice is no error");
    let expected = [("a", 3), ("a1", 1), ("a_b", 1)].map(|(of, place)| (of.to_owned(), place));
    assert_eq!(places(snapshots), expected, "one is kept, and those of others");
    assert_eq!(load(snapshots, "a"), is(head(3), b"three"));
    snapshots.remove(&name("a")).expect("snapshots can be removed");
    snapshots.remove(&name("a")).expect("twice is no error");
    assert_eq!(places(snapshots).len(), 2, "others stay");
}
