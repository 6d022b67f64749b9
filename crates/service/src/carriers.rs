//! Which carrier each number of a carrier in the log means.

use std::io;
use std::path::Path;

use store::files::Disk;

/// The file in the data directory that holds the carriers' keys, one a line, in the order of their numbers.
pub(crate) const FILE: &str = "carriers";

/// Tells where a directory of carriers is not the one of before with more behind it; `None` where it is. Events name a carrier
/// by its place, so a place must mean the same for ever.
pub(crate) fn moved(before: &[Box<str>], now: &[Box<str>]) -> Option<Box<str>> {
    let mut now = now.iter();
    before.iter().find(|key| now.next() != Some(key)).cloned()
}

/// The keys of the carriers that a data directory was filled with, in the order of their numbers; empty before its first start.
///
/// # Errors
/// When the file cannot be read.
pub fn carriers_of(data: &Path) -> io::Result<Vec<Box<str>>> {
    match std::fs::read_to_string(data.join(FILE)) {
        Ok(text) => Ok(text.lines().map(Box::from).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Compares the carriers with those that the data directory was filled with, and notes new ones. Tells the first that moved.
pub(crate) fn settle(data: &Path, now: &[Box<str>]) -> io::Result<Option<Box<str>>> {
    let file = data.join(FILE);
    let before = carriers_of(data)?;
    let moved = moved(&before, now);
    if moved.is_none() && now.len() > before.len() {
        std::fs::create_dir_all(data)?;
        let text: String = now.iter().flat_map(|key| [&**key, "\n"]).collect();
        store::files::replace(&Disk, &file, &[text.as_bytes()])?;
    }
    Ok(moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Box<str>> {
        text.split(' ').map(Box::from).collect()
    }

    #[test]
    fn carriers_may_come_and_not_move() {
        assert_eq!(moved(&keys("a b"), &keys("a b c")), None);
        assert_eq!(moved(&keys("a b"), &keys("b a")), Some("a".into()));
        assert_eq!(moved(&keys("a b"), &keys("a")), Some("b".into()));
    }

    #[test]
    fn a_data_directory_remembers_its_carriers() {
        let dir = tempfile::tempdir().expect("a folder");
        assert_eq!(settle(dir.path(), &keys("a b")).expect("written"), None);
        assert_eq!(settle(dir.path(), &keys("a b c")).expect("written"), None);
        assert_eq!(settle(dir.path(), &keys("a b")).expect("read"), Some("c".into()));
        assert_eq!(settle(dir.path(), &keys("a b c")).expect("read"), None);
    }
}
