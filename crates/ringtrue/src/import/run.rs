//! Sending a file's batches one after the other, until each is acknowledged.

use std::path::{Path, PathBuf};
use std::time::Duration;

use intake::Options;

use super::batches::{Batches, Kind, digest_of};
use super::rejects::Rejects;
use super::sink::{Came, Reply, Sink, Tally};
use crate::error::ScoreError;
use crate::said::{file_name, short_name};
use crate::score::progress::Progress;

/// How long nothing may be taken. Chosen: longer than a server takes to start again.
const PATIENCE: Duration = Duration::from_secs(600);
/// The longest pause between two tries where the server names none.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// A file that is imported.
pub(crate) struct Input<'a> {
    /// Its path; `-` for standard input.
    pub(crate) path: &'a Path,
    /// What its records are.
    pub(crate) kind: Kind,
    /// Its format; `None` leaves it to the content.
    pub(crate) format: Option<&'a str>,
}

/// Everything that an import works with.
pub(crate) struct Import<'a> {
    /// Where batches go.
    pub(crate) sink: &'a mut dyn Sink,
    /// By what formats are recognised.
    pub(crate) options: &'a Options,
    /// Where rejects go.
    pub(crate) rejects: &'a mut Rejects,
    /// Waits so long before another try, and for no time before each batch; false ends the import instead.
    pub(crate) pause: &'a dyn Fn(Duration) -> bool,
    /// How far it came, on a terminal.
    pub(crate) progress: Option<&'a Progress>,
}

/// What became of a file.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Imported {
    /// What became of the records that this run sent.
    pub(crate) tally: Tally,
    /// Records that earlier runs had sent.
    pub(crate) before: u64,
    /// All of it had been imported before.
    pub(crate) was_finished: bool,
    /// What is worth knowing.
    pub(crate) notes: Vec<String>,
}

impl Import<'_> {
    /// Imports a file, from where an earlier run ended.
    pub(crate) fn file(&mut self, input: &Input<'_>) -> Result<Imported, ScoreError> {
        let Input { path, kind, format } = input;
        let unreadable = |source| ScoreError::Unreadable { file: file_name(path), source };
        let digest = digest_of(path).map_err(unreadable)?;
        let came = match &digest {
            Some(digest) => self.patiently(|sink| sink.came(digest))?,
            None => None,
        };
        let mut imported = Imported::default();
        let mut at = came.unwrap_or_else(|| Came {
            file_name: short_name(path),
            position_bytes: 0,
            records: 0,
            finished: false,
        });
        (imported.before, imported.was_finished) = (at.records, at.finished);
        if at.finished {
            return Ok(imported);
        }
        let from = at.position_bytes;
        let mut batches = Batches::open(path, (*kind, *format), self.options, &mut imported.notes)?;
        let taken = batches.taken.clone();
        while let Some(batch) = batches.next().map_err(unreadable)? {
            if batch.end > from {
                if !(self.pause)(Duration::ZERO) {
                    return Err(ScoreError::Interrupted);
                }
                let tally = self.patiently(|sink| sink.send(*kind, &batches.format, &batch))?;
                self.rejects.take(path, &batch, &tally)?;
                imported.tally.add(&tally);
                at.position_bytes = batch.end;
                at.records += tally.records();
                self.note(digest.as_ref(), &at)?;
            }
            if let Some(progress) = self.progress {
                progress.at(taken.bytes());
            }
        }
        if let Some(progress) = self.progress {
            progress.end_file(taken.bytes());
        }
        at.finished = true;
        self.note(digest.as_ref(), &at)?;
        Ok(imported)
    }

    fn note(&mut self, digest: Option<&[u8; 32]>, came: &Came) -> Result<(), ScoreError> {
        digest.map_or(Ok(()), |digest| self.sink.note(digest, came))
    }

    /// Asks until there is an answer.
    fn patiently<T>(
        &mut self,
        mut ask: impl FnMut(&mut dyn Sink) -> Result<Reply<T>, ScoreError>,
    ) -> Result<T, ScoreError> {
        let (mut waited, mut next) = (Duration::ZERO, Duration::from_secs(1));
        loop {
            let (after, why) = match ask(self.sink)? {
                Reply::Done(done) => return Ok(done),
                Reply::Later { after, why } => (after.unwrap_or(next), why),
            };
            if waited >= PATIENCE {
                return Err(ScoreError::GaveUp { minutes: waited.as_secs() / 60, why });
            }
            if !(self.pause)(after) {
                return Err(ScoreError::Interrupted);
            }
            waited += after;
            next = (next * 2).min(PAUSE_MAX);
        }
    }
}

/// The packed size of all files together; `None` when one of them has none.
pub(crate) fn total_bytes<'a>(files: impl Iterator<Item = &'a PathBuf>) -> Option<u64> {
    let size =
        |path: &PathBuf| std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|found| found.len());
    files.map(size).sum()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::import::batches::Batch;

    /// Takes every batch at the try of this number, from 0; notes how far an import came.
    struct Busy {
        tries: usize,
        asked: usize,
        after: Option<Duration>,
        noted: Option<Came>,
    }

    impl Sink for Busy {
        fn came(&mut self, _: &[u8; 32]) -> Result<Reply<Option<Came>>, ScoreError> {
            Ok(Reply::Done(self.noted.clone()))
        }

        fn note(&mut self, _: &[u8; 32], came: &Came) -> Result<(), ScoreError> {
            self.noted = Some(came.clone());
            Ok(())
        }

        fn send(&mut self, _: Kind, _: &str, _: &Batch) -> Result<Reply<Tally>, ScoreError> {
            self.asked += 1;
            if self.asked > self.tries {
                return Ok(Reply::Done(Tally { accepted: 1, ..Tally::default() }));
            }
            Ok(Reply::Later { after: self.after, why: "busy".to_owned() })
        }
    }

    /// Imports a file with one call, and gives how it ended and the seconds that it paused.
    fn import(sink: &mut Busy, goes_on: bool) -> (Result<Imported, ScoreError>, Vec<u64>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "start,orig,dest\n1795429800,+12155550112,+13125550199\n").expect("written");
        let (paused, options) = (RefCell::new(Vec::new()), Options::default());
        let pause = |time: Duration| {
            paused.borrow_mut().extend((!time.is_zero()).then_some(time.as_secs()));
            goes_on || time.is_zero()
        };
        let mut rejects = Rejects::new(None);
        let mut import = Import { sink, options: &options, rejects: &mut rejects, pause: &pause, progress: None };
        let ended = import.file(&Input { path: &path, kind: Kind::Calls, format: None });
        (ended, paused.take())
    }

    #[test]
    fn pauses_grow_unless_the_server_says_how_long() {
        let mut sink = Busy { tries: 7, asked: 0, after: None, noted: None };
        let (ended, paused) = import(&mut sink, true);
        assert_eq!(ended.expect("imported").tally.accepted, 1);
        assert_eq!(paused, [1, 2, 4, 8, 16, 30, 30]);
        let (ended, paused) = import(&mut sink, true);
        assert!(ended.expect("known").was_finished && paused.is_empty());
        let mut sink = Busy { tries: 2, asked: 0, after: Some(Duration::from_secs(7)), noted: None };
        assert_eq!(import(&mut sink, true).1, [7, 7]);
    }

    #[test]
    fn patience_ends() {
        let mut sink = Busy { tries: usize::MAX, asked: 0, after: Some(Duration::from_secs(60)), noted: None };
        let (ended, paused) = import(&mut sink, true);
        assert!(matches!(ended, Err(ScoreError::GaveUp { minutes: 10, .. })), "{ended:?}");
        assert_eq!(paused.len(), 10);
        let (ended, paused) = import(&mut sink, false);
        assert!(matches!(ended, Err(ScoreError::Interrupted)));
        assert_eq!(paused.len(), 1);
    }
}
