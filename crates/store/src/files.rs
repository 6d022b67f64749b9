//! What the adapters on disk need of a file system, as a small hook: [`Disk`] is the machine's, [`Unwritten`] the same and never
//! changed, `SimulatedDisk`, of the feature `battery`, fails when a test says so.

mod disk;
#[cfg(any(test, feature = "battery"))]
mod simulated;
mod unwritten;

use std::io;
use std::path::Path;

pub use disk::Disk;
#[cfg(any(test, feature = "battery"))]
pub use simulated::{Fault, SimulatedDisk};
pub use unwritten::Unwritten;

/// Files and folders. All calls may come from any thread.
pub trait Files: Send + Sync {
    /// Makes a folder with those above it; it may be there already.
    ///
    /// # Errors
    /// When it cannot be made.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;

    /// The names of the files in a folder, sorted.
    ///
    /// # Errors
    /// When the folder cannot be read.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Makes a new file, in place of one of that name.
    ///
    /// # Errors
    /// When it cannot be made.
    fn create(&self, file: &Path) -> io::Result<Box<dyn FileWriter>>;

    /// Opens a file to write at its end.
    ///
    /// # Errors
    /// When it is not there or cannot be written.
    fn append(&self, file: &Path) -> io::Result<Box<dyn FileWriter>>;

    /// Opens a file to read.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    fn open(&self, file: &Path) -> io::Result<Box<dyn FileReader>>;

    /// Gives a file another name, in place of one of that name.
    ///
    /// # Errors
    /// When it cannot be renamed; it then has its old name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn remove(&self, file: &Path) -> io::Result<()>;

    /// Makes durable which files a folder has.
    ///
    /// # Errors
    /// When that is not certain.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Locks a file, which is made if need be, until what is returned is dropped; `None` when another holds it.
    ///
    /// # Errors
    /// When it cannot be told.
    fn lock(&self, file: &Path) -> io::Result<Option<Box<dyn Send + Sync>>>;
}

/// A file that is written at its end.
pub trait FileWriter: Send {
    /// Writes all bytes.
    ///
    /// # Errors
    /// When not all could be written; some may have been.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes durable what was written. After a failure it is uncertain what is on disk, and a second call that succeeds makes
    /// it no more certain: the system may have forgotten that it failed.
    ///
    /// # Errors
    /// When it may not be durable.
    fn sync(&mut self) -> io::Result<()>;

    /// Writes bytes once more that stand at `offset` already, so that the next sync covers them even if an earlier one failed.
    ///
    /// # Errors
    /// When not all could be written; the bytes are as they were.
    fn write_again(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file to a length.
    ///
    /// # Errors
    /// When it cannot be cut.
    fn cut(&mut self, len: u64) -> io::Result<()>;
}

/// A file that is read at any place.
pub trait FileReader: Send {
    /// The length of the file.
    ///
    /// # Errors
    /// When it cannot be told.
    fn len(&self) -> io::Result<u64>;

    /// Tells whether the file is empty.
    ///
    /// # Errors
    /// As [`FileReader::len`].
    fn is_empty(&self) -> io::Result<bool> {
        self.len().map(|len| len == 0)
    }

    /// Reads into `buffer` from `offset` on, and tells how many bytes; fewer than asked only at the end of the file.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// Writes a whole file so that it is there with all of its bytes or not at all, and takes the place of one of its name only when
/// it is durable.
///
/// # Errors
/// When it cannot be written. What was there is as it was; a file that ends in `.tmp` may be left.
pub fn replace(files: &dyn Files, file: &Path, bytes: &[&[u8]]) -> io::Result<()> {
    let temporary = file.with_extension("tmp");
    let mut writer = files.create(&temporary)?;
    for bytes in bytes {
        writer.write(bytes)?;
    }
    writer.sync()?;
    drop(writer);
    files.rename(&temporary, file)?;
    file.parent().map_or(Ok(()), |folder| files.sync_folder(folder))
}
