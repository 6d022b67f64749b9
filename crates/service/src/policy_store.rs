//! Every policy that was activated, so that the log folds again as it was judged then.
//!
//! A folder of the data directory holds one file a version, named by a hash of it, and the file `activated`: a line for each
//! activation, with its place in the log and the version. Entries go with the part of the log that they judged.

use std::io;
use std::path::{Path, PathBuf};

use store::Position;
use store::files::{Disk, Files as _, replace};

/// The folder of policies in a data directory.
pub const POLICY_FOLDER: &str = "policies";
/// The file that tells when each was activated.
const ACTIVATED: &str = "activated";
/// The first line of a policy's file, which tells its format.
const MAGIC: &str = "ringtrue-policy-1";
/// The largest file that is read. Chosen: several times what the shipped policy takes.
const BYTES_MAX: u64 = 16 << 20;

/// What a version of the policy was made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyText {
    /// The version's name.
    pub version: Box<str>,
    /// Files, each a name and its text. Of several of one name a later one lies over those before.
    pub files: Vec<(Box<str>, Box<str>)>,
}

impl PolicyText {
    fn to_text(&self) -> String {
        let mut out = format!("{MAGIC}\n{}\n{}\n", self.version.len(), self.version);
        for (name, text) in &self.files {
            out.push_str(&format!("{} {}\n{name}{text}\n", name.len(), text.len()));
        }
        out
    }

    fn from_text(text: &str) -> Option<Self> {
        let (length, rest) = text.strip_prefix(MAGIC)?.strip_prefix('\n')?.split_once('\n')?;
        let (version, rest) = rest.split_at_checked(length.parse().ok()?)?;
        let mut rest = rest.strip_prefix('\n')?;
        let mut files = Vec::new();
        while !rest.is_empty() {
            let (lengths, behind) = rest.split_once('\n')?;
            let (name_len, text_len) = lengths.split_once(' ')?;
            let (name, behind) = behind.split_at_checked(name_len.parse().ok()?)?;
            let (text, behind) = behind.split_at_checked(text_len.parse().ok()?)?;
            rest = behind.strip_prefix('\n')?;
            files.push((name.into(), text.into()));
        }
        Some(Self { version: version.into(), files })
    }
}

/// Keeps what policies were made of, and when each was activated.
#[derive(Clone, Debug)]
pub struct PolicyStore {
    folder: PathBuf,
}

impl PolicyStore {
    /// The policies of a data directory.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join(POLICY_FOLDER) }
    }

    /// Keeps a policy, durably. One of that version is written over: a version names what it is made of.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, policy: &PolicyText) -> io::Result<()> {
        Disk.create_folder(&self.folder)?;
        replace(&Disk, &self.path(&policy.version), &[policy.to_text().as_bytes()])
    }

    /// Every policy that is kept, in the order of their files' names, and the files that hold none.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn all(&self) -> io::Result<(Vec<PolicyText>, Vec<PathBuf>)> {
        let (mut policies, mut broken) = (Vec::new(), Vec::new());
        for name in self.names()?.into_iter().filter(|name| name.ends_with(".policy")) {
            let path = self.folder.join(name);
            let small = std::fs::metadata(&path).is_ok_and(|found| found.len() <= BYTES_MAX);
            let text = small.then(|| std::fs::read_to_string(&path).ok()).flatten();
            match text.as_deref().and_then(PolicyText::from_text) {
                Some(policy) => policies.push(policy),
                None => broken.push(path),
            }
        }
        Ok((policies, broken))
    }

    /// Removes policies that judged no part of the log that is still there, but for `present`.
    ///
    /// # Errors
    /// When a file cannot be read or removed.
    pub fn prune(&self, present: &str) -> io::Result<()> {
        let activated = self.activated()?;
        let named = activated.iter().map(|(_, version)| &**version).chain([present]);
        let kept: Vec<PathBuf> = named.map(|version| self.path(version)).collect();
        for name in self.names()?.into_iter().filter(|name| name.ends_with(".policy")) {
            let path = self.folder.join(name);
            if !kept.contains(&path) {
                Disk.remove(&path)?;
            }
        }
        Ok(())
    }

    /// Forgets what was noted from a place on: the log ends there.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn cut(&self, log_end: Position) -> io::Result<()> {
        let mut activated = self.activated()?;
        let before = activated.len();
        activated.retain(|(place, _)| *place < log_end);
        if activated.len() == before { Ok(()) } else { self.write(&activated) }
    }

    /// Notes that a policy judges from a place of the log on. One noted before, as when the log is folded again, stays as it is.
    /// What ended before `log_start` is forgotten.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&self, place: Position, version: &str, log_start: Position) -> io::Result<()> {
        let mut activated = self.activated()?;
        if activated.last().is_some_and(|(last, _)| *last >= place) {
            return Ok(());
        }
        activated.push((place, version.into()));
        while activated.get(1).is_some_and(|(next, _)| *next <= log_start) {
            activated.remove(0);
        }
        self.write(&activated)
    }

    /// The version that judges the event at a place, unless that event activates another; `None` where nobody noted any.
    ///
    /// # Errors
    /// When the notes cannot be read.
    pub fn active_at(&self, place: Position) -> io::Result<Option<Box<str>>> {
        let activated = self.activated()?;
        Ok(activated.into_iter().rev().find(|(from, _)| *from < place).map(|(_, version)| version))
    }

    fn write(&self, activated: &[(Position, Box<str>)]) -> io::Result<()> {
        let lines: String = activated.iter().map(|(place, version)| format!("{} {version}\n", place.0)).collect();
        Disk.create_folder(&self.folder)?;
        replace(&Disk, &self.folder.join(ACTIVATED), &[lines.as_bytes()])
    }

    fn activated(&self) -> io::Result<Vec<(Position, Box<str>)>> {
        let text = match std::fs::read_to_string(self.folder.join(ACTIVATED)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let line = |line: &str| {
            let (place, version) = line.split_once(' ')?;
            Some((Position(place.parse().ok()?), Box::from(version)))
        };
        Ok(text.lines().filter_map(line).collect())
    }

    fn names(&self) -> io::Result<Vec<String>> {
        match Disk.list(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            listed => listed,
        }
    }

    /// A version may have any letters, so a hash of it names its file.
    fn path(&self, version: &str) -> PathBuf {
        self.folder.join(format!("{:016x}.policy", intake::text_hash(version)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(version: &str) -> PolicyText {
        PolicyText {
            version: version.into(),
            files: vec![("reputation.toml".into(), "a = 1\n\nb = \"ü\"".into()), ("advice.toml".into(), "".into())],
        }
    }

    fn versions(store: &PolicyStore) -> Vec<Box<str>> {
        let mut found: Vec<_> = store.all().expect("readable").0.into_iter().map(|policy| policy.version).collect();
        found.sort();
        found
    }

    #[test]
    fn policies_outlive_a_process_and_go_with_the_log() {
        let data = tempfile::tempdir().expect("a folder");
        let store = PolicyStore::new(data.path());
        assert_eq!((store.all().expect("readable").0, store.active_at(Position(9)).expect("readable")), (vec![], None));
        for (place, version) in [(3, "one"), (10, "two/../x y"), (20, "three")] {
            store.keep(&policy(version)).expect("written");
            store.note(Position(place), version, Position(0)).expect("written");
            store.note(Position(place), version, Position(0)).expect("noted before");
        }
        let mut found = store.all().expect("readable").0;
        found.sort_by(|one, other| one.version.cmp(&other.version));
        assert_eq!(found, [policy("one"), policy("three"), policy("two/../x y")]);
        let at = |place| store.active_at(Position(place)).expect("readable");
        assert_eq!(
            [at(3), at(4), at(10), at(11), at(99)],
            [None, Some("one".into()), Some("one".into()), Some("two/../x y".into()), Some("three".into())]
        );
        // The log begins at 15: what judged before is of no use, but the one in force there is.
        store.note(Position(30), "four", Position(15)).expect("written");
        assert_eq!((at(4), at(15)), (None, Some("two/../x y".into())));
        store.cut(Position(30)).expect("written");
        assert_eq!(at(99), Some("three".into()), "the log ends before the fourth");
        store.prune("present").expect("removed");
        assert_eq!(versions(&store), ["three".into(), Box::from("two/../x y")]);
        std::fs::write(data.path().join("policies/0.policy"), "ringtrue-policy-1\n99\nx").expect("written");
        assert_eq!(store.all().expect("readable").1.len(), 1, "a broken one is told");
    }
}
