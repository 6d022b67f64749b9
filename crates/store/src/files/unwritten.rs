//! Files that are read, and never changed: what is written stays in memory.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Disk, FileReader, FileWriter, Files};

/// The machine's files as they would be after what was done to them, while they stay as they are: so that a log can be opened
/// to be looked at, on a disk that cannot be written as well. New files live in memory; a file that is there takes writes and
/// cuts without effect.
#[derive(Clone, Debug, Default)]
pub struct Unwritten {
    made: Made,
}

type Made = Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>;

impl Unwritten {
    fn made(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Vec<u8>>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files for Unwritten {
    fn create_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        Disk.list(folder)
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn FileWriter>> {
        self.made().insert(file.to_owned(), Vec::new());
        self.append(file)
    }

    fn append(&self, file: &Path) -> io::Result<Box<dyn FileWriter>> {
        Ok(Box::new(Writer { made: Arc::clone(&self.made), file: file.to_owned() }))
    }

    fn open(&self, file: &Path) -> io::Result<Box<dyn FileReader>> {
        match self.made().get(file) {
            Some(bytes) => Ok(Box::new(Bytes(bytes.clone()))),
            None => Disk.open(file),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut made = self.made();
        if let Some(bytes) = made.remove(from) {
            made.insert(to.to_owned(), bytes);
        }
        Ok(())
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        self.made().remove(file);
        Ok(())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, file: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        let file = match File::open(file) {
            Ok(file) => file,
            // Nobody ever worked here.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(Box::new(()))),
            Err(error) => return Err(error),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Writes to a file that lives in memory; to one on disk, nowhere.
struct Writer {
    made: Made,
    file: PathBuf,
}

impl Writer {
    fn change(&self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = made.get_mut(&self.file) {
            change(bytes);
        }
    }
}

impl FileWriter for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.change(|file| file.extend_from_slice(bytes));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn write_again(&mut self, _: u64, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.change(|file| file.truncate(usize::try_from(len).unwrap_or(usize::MAX)));
        Ok(())
    }
}

/// A file that lives in memory.
struct Bytes(Vec<u8>);

impl FileReader for Bytes {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.0.get(offset..)).unwrap_or_default();
        let read = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..read), rest.get(..read)) {
            to.copy_from_slice(from);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::replace;

    #[test]
    fn what_is_written_stays_in_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let (there, new) = (folder.path().join("there"), folder.path().join("new"));
        std::fs::write(&there, "as it was").expect("written");
        let files = Unwritten::default();
        files.append(&there).and_then(|mut file| file.cut(2)).expect("told to be cut");
        files.remove(&there).expect("told to be removed");
        replace(&files, &new, &[b"to be ", b"seen"]).expect("told to be written");
        let mut read = [0; 16];
        let count = files.open(&new).and_then(|mut file| file.read_at(3, &mut read)).expect("read");
        assert_eq!(read.get(..count), Some(b"be seen".as_slice()));
        assert_eq!(std::fs::read_to_string(&there).expect("still there"), "as it was");
        assert_eq!(files.list(folder.path()).expect("listed"), ["there"]);
    }

    #[test]
    fn a_folder_in_use_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let lock = folder.path().join("lock");
        assert!(Unwritten::default().lock(&lock).expect("told").is_some(), "nobody ever worked here");
        assert!(!lock.exists());
        let held = Disk.lock(&lock).expect("locked");
        assert!(Unwritten::default().lock(&lock).expect("told").is_none());
        drop(held);
        assert!(Unwritten::default().lock(&lock).expect("told").is_some());
    }
}
