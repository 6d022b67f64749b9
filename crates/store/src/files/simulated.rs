//! A disk in memory that fails when it is told to, and forgets at a crash what was not synced.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{FileReader, FileWriter, Files};

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The operation fails and does nothing.
    Fail,
    /// A write takes only so many bytes, then fails; any other operation fails and does nothing.
    Short(usize),
    /// The operation fails after it was done; of a sync, the bytes are forgotten at the next crash whatever later syncs say.
    FailAfter,
}

/// A disk in memory.
///
/// What is written can be read at once, but outlasts [`SimulatedDisk::crash`] for certain only when it was synced: files by
/// [`FileWriter::sync`], and new names, renames and removals by [`Files::sync_folder`].
#[derive(Clone, Default)]
pub struct SimulatedDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// What each name stands for, now and after a crash.
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    /// What became of names since the folder was synced, in order.
    renamed: Vec<Renamed>,
    inodes: Vec<Inode>,
    locked: BTreeSet<PathBuf>,
    operations: u64,
    faults: BTreeMap<u64, Fault>,
    /// From this operation on everything fails; `None` while nothing does.
    halts_at: Option<u64>,
    capacity: Option<usize>,
}

#[derive(Clone)]
enum Renamed {
    To(PathBuf, usize),
    Gone(PathBuf),
}

#[derive(Clone, Default)]
struct Inode {
    bytes: Vec<u8>,
    durable: Vec<u8>,
    /// A sync failed: what was not durable then never will be, whatever later syncs say.
    stuck: bool,
}

impl SimulatedDisk {
    /// An empty disk without faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many operations that change something were asked for so far: creating, writing, cutting, syncing, renaming,
    /// removing.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.lock_state().operations
    }

    /// Lets the operation that comes `after` so many others go wrong.
    pub fn fail_after(&self, after: u64, fault: Fault) {
        let mut state = self.lock_state();
        let at = state.operations + after;
        state.faults.insert(at, fault);
    }

    /// Lets every operation fail from now on, as if the disk were gone.
    pub fn halt(&self) {
        self.halt_after(0);
    }

    /// Lets every operation fail that comes `after` so many others.
    pub fn halt_after(&self, after: u64) {
        let mut state = self.lock_state();
        state.halts_at = Some(state.operations + after);
    }

    /// Tells whether operations fail by now that were to fail from some point on.
    #[must_use]
    pub fn has_halted(&self) -> bool {
        let state = self.lock_state();
        state.halts_at.is_some_and(|at| state.operations > at)
    }

    /// Forgets the faults that were to come.
    pub fn repair(&self) {
        let mut state = self.lock_state();
        state.faults.clear();
        state.halts_at = None;
    }

    /// Lets all files together hold at most so many bytes; `None` for any number.
    pub fn set_capacity(&self, bytes: Option<usize>) {
        self.lock_state().capacity = bytes;
    }

    /// Takes the power away. Of what was not synced, `choose(n)` tells how much outlasts it, from none (0) to all (n).
    /// Every lock is free again.
    pub fn crash(&self, choose: &mut dyn FnMut(usize) -> usize) {
        let mut state = self.lock_state();
        let kept = choose(state.renamed.len()).min(state.renamed.len());
        let renamed: Vec<Renamed> = state.renamed.drain(..).take(kept).collect();
        renamed.into_iter().for_each(|renamed| apply(&mut state.durable_names, renamed));
        state.names = state.durable_names.clone();
        for inode in &mut state.inodes {
            match inode.bytes.strip_prefix(inode.durable.as_slice()) {
                Some(unsynced) if !inode.stuck => {
                    let kept = choose(unsynced.len()).min(unsynced.len());
                    inode.bytes.truncate(inode.durable.len() + kept);
                }
                Some(_) => inode.bytes.clone_from(&inode.durable),
                // The file was cut: the cut is on disk, or it is not.
                None if choose(1) == 0 => inode.bytes.clone_from(&inode.durable),
                None => {}
            }
            inode.durable.clone_from(&inode.bytes);
            inode.stuck = false;
        }
        state.locked.clear();
        state.faults.clear();
        state.halts_at = None;
    }

    /// Another disk that is as this one is now, without faults and locks.
    #[must_use]
    pub fn copy(&self) -> Self {
        let state = self.lock_state();
        let copy = State {
            names: state.names.clone(),
            durable_names: state.durable_names.clone(),
            renamed: state.renamed.clone(),
            inodes: state.inodes.clone(),
            ..State::default()
        };
        Self { state: Arc::new(Mutex::new(copy)) }
    }

    /// The bytes of a file as they are now; `None` when there is none.
    #[must_use]
    pub fn bytes(&self, file: &Path) -> Option<Vec<u8>> {
        let state = self.lock_state();
        state.names.get(file).and_then(|&inode| state.inodes.get(inode)).map(|inode| inode.bytes.clone())
    }

    /// Changes the bytes of a file behind everybody's back, as a failing disk does. A file that is not there is made.
    pub fn set_bytes(&self, file: &Path, bytes: Vec<u8>) {
        let mut state = self.lock_state();
        let inode = Inode { durable: bytes.clone(), bytes, stuck: false };
        let place = state.add(inode);
        state.names.insert(file.to_owned(), place);
        state.durable_names.insert(file.to_owned(), place);
    }

    /// The names of all files, sorted.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        self.lock_state().names.keys().cloned().collect()
    }

    fn lock_state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, inode: Inode) -> usize {
        self.inodes.push(inode);
        self.inodes.len() - 1
    }

    /// The fault of the next operation, which is counted.
    fn next(&mut self) -> Option<Fault> {
        self.operations += 1;
        let at = self.operations - 1;
        if self.halts_at.is_some_and(|halts_at| at >= halts_at) {
            return Some(Fault::Fail);
        }
        self.faults.remove(&at)
    }

    /// Does something, unless its fault forbids it.
    fn simple(&mut self, act: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        match self.next() {
            None => act(self),
            Some(Fault::Fail | Fault::Short(_)) => Err(broken()),
            Some(Fault::FailAfter) => act(self).and_then(|()| Err(broken())),
        }
    }

    fn rename(&mut self, renamed: Vec<Renamed>) {
        for renamed in renamed {
            match &renamed {
                Renamed::To(name, inode) => self.names.insert(name.clone(), *inode),
                Renamed::Gone(name) => self.names.remove(name),
            };
            self.renamed.push(renamed);
        }
    }

    fn find(&self, file: &Path) -> io::Result<usize> {
        self.names.get(file).copied().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn inode(&mut self, place: usize) -> io::Result<&mut Inode> {
        self.inodes.get_mut(place).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn room(&self) -> usize {
        let taken: usize = self.names.values().filter_map(|&place| self.inodes.get(place)).map(|i| i.bytes.len()).sum();
        self.capacity.map_or(usize::MAX, |capacity| capacity.saturating_sub(taken))
    }
}

fn apply(names: &mut BTreeMap<PathBuf, usize>, renamed: Renamed) {
    match renamed {
        Renamed::To(name, inode) => names.insert(name, inode),
        Renamed::Gone(name) => names.remove(&name),
    };
}

fn broken() -> io::Error {
    io::Error::other("the simulated disk failed")
}

impl Files for SimulatedDisk {
    fn create_folder(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let state = self.lock_state();
        let inside = state.names.keys().filter(|name| name.parent() == Some(folder));
        Ok(inside.filter_map(|name| name.file_name()?.to_str()).map(str::to_owned).collect())
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn FileWriter>> {
        let mut made = None;
        self.lock_state().simple(|state| {
            let place = state.add(Inode::default());
            state.rename(vec![Renamed::To(file.to_owned(), place)]);
            made = Some(place);
            Ok(())
        })?;
        let place = made.ok_or_else(broken)?;
        Ok(Box::new(SimulatedFile { disk: self.clone(), place }))
    }

    fn append(&self, file: &Path) -> io::Result<Box<dyn FileWriter>> {
        let place = self.lock_state().find(file)?;
        Ok(Box::new(SimulatedFile { disk: self.clone(), place }))
    }

    fn open(&self, file: &Path) -> io::Result<Box<dyn FileReader>> {
        let place = self.lock_state().find(file)?;
        Ok(Box::new(SimulatedFile { disk: self.clone(), place }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.lock_state().simple(|state| {
            let place = state.find(from)?;
            // One step: at no moment does a name stand for nothing that stood for something.
            state.rename(vec![Renamed::To(to.to_owned(), place), Renamed::Gone(from.to_owned())]);
            Ok(())
        })
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        self.lock_state().simple(|state| {
            state.find(file)?;
            state.rename(vec![Renamed::Gone(file.to_owned())]);
            Ok(())
        })
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.lock_state().simple(|state| {
            let (synced, rest) = state.renamed.drain(..).partition(|renamed| match renamed {
                Renamed::To(name, _) | Renamed::Gone(name) => name.parent() == Some(folder),
            });
            state.renamed = rest;
            let synced: Vec<Renamed> = synced;
            synced.into_iter().for_each(|renamed| apply(&mut state.durable_names, renamed));
            Ok(())
        })
    }

    fn lock(&self, file: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        let is_free = self.lock_state().locked.insert(file.to_owned());
        let disk = self.clone();
        Ok(is_free.then(|| Box::new(Unlock { disk, file: file.to_owned() }) as Box<dyn Send + Sync>))
    }
}

struct Unlock {
    disk: SimulatedDisk,
    file: PathBuf,
}

impl Drop for Unlock {
    fn drop(&mut self) {
        self.disk.lock_state().locked.remove(&self.file);
    }
}

struct SimulatedFile {
    disk: SimulatedDisk,
    place: usize,
}

impl FileWriter for SimulatedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.lock_state();
        let room = state.room();
        let (taken, failure) = match state.next() {
            None if bytes.len() > room => (room, Some(io::Error::from(io::ErrorKind::StorageFull))),
            None => (bytes.len(), None),
            Some(Fault::Fail) => (0, Some(broken())),
            Some(Fault::Short(taken)) => (taken.min(bytes.len()).min(room), Some(broken())),
            Some(Fault::FailAfter) => (bytes.len().min(room), Some(broken())),
        };
        let inode = state.inode(self.place)?;
        inode.bytes.extend(bytes.iter().take(taken));
        failure.map_or(Ok(()), Err)
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.lock_state();
        let fault = state.next();
        let inode = state.inode(self.place)?;
        match fault {
            Some(Fault::Fail | Fault::Short(_)) => Err(broken()),
            Some(Fault::FailAfter) => {
                inode.stuck = inode.bytes.len() > inode.durable.len();
                Err(broken())
            }
            None => {
                if !inode.stuck {
                    inode.durable.clone_from(&inode.bytes);
                }
                Ok(())
            }
        }
    }

    fn write_again(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.disk.lock_state().simple(|state| {
            let inode = state.inode(self.place)?;
            let from = usize::try_from(offset).unwrap_or(usize::MAX);
            if inode.bytes.get(from..) != Some(bytes) {
                return Err(io::Error::other("other bytes are written than stand there"));
            }
            inode.stuck &= from > inode.durable.len();
            Ok(())
        })
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.disk.lock_state().simple(|state| {
            let inode = state.inode(self.place)?;
            inode.bytes.truncate(usize::try_from(len).unwrap_or(usize::MAX));
            inode.stuck &= inode.bytes.len() > inode.durable.len();
            Ok(())
        })
    }
}

impl FileReader for SimulatedFile {
    fn len(&self) -> io::Result<u64> {
        self.disk.lock_state().inode(self.place).map(|inode| inode.bytes.len() as u64)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.disk.lock_state();
        let inode = state.inode(self.place)?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = inode.bytes.get(from..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(bytes)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(bytes);
        }
        Ok(count)
    }
}
