//! Watched folders: files that appear in them complete are imported once and put away.
//!
//! A folder is looked at once a second; [`Watch::step`] does all of it and is told what the time is. What was imported is known
//! by its content in the registry, so a file that could not be put away, or comes again under another name, is not sent again.

pub(crate) mod config;

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, UNIX_EPOCH};

use intake::Options;
use model::Timestamp;
use serde_json::json;
use service::{Clock, Service};

use crate::error::ScoreError;
use crate::import::batches::Kind;
use crate::import::rejects::Rejects;
use crate::import::run::{Import, Imported, Input};
use crate::import::sink::Sink;

/// Where files go of which records were taken.
const DONE: &str = "done";
/// Where files go of which none could be.
const FAILED: &str = "failed";
/// How often folders are looked at. Chosen: it costs a listing, and adds little to the time that a file rests.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A folder that is watched.
pub(super) struct Watch {
    folder: PathBuf,
    kind: Kind,
    /// The format of its files; `None` leaves it to the content.
    format: Option<String>,
    /// How long a file rests before it counts as complete.
    settle_ms: i64,
    sink: Box<dyn Sink + Send>,
    options: Options,
    seen: BTreeMap<String, Seen>,
}

/// A file as it was seen last.
#[derive(Clone, Copy)]
struct Seen {
    bytes: u64,
    modified_ms: i64,
    /// Since when it is as it is.
    since: Timestamp,
}

/// How the files of a folder are taken.
pub(super) struct Taking {
    /// What the records are.
    pub(super) kind: Kind,
    /// The format; `None` leaves it to the content.
    pub(super) format: Option<String>,
    /// Seconds that a file rests before it counts as complete.
    pub(super) settle_s: u32,
    /// By what formats are recognised.
    pub(super) options: Options,
}

impl Watch {
    /// Watches a folder that is there. Folders for files that were taken are made in it.
    pub(super) fn new(folder: &Path, sink: Box<dyn Sink + Send>, taking: Taking) -> io::Result<Self> {
        fs::read_dir(folder)?;
        for name in [DONE, FAILED] {
            fs::create_dir_all(folder.join(name))?;
        }
        let Taking { kind, format, settle_s, options } = taking;
        let settle_ms = i64::from(settle_s) * 1_000;
        Ok(Self { folder: folder.to_owned(), kind, format, settle_ms, sink, options, seen: BTreeMap::new() })
    }

    /// Looks at the folder once, and imports what is complete, in the order of names. `pause` waits before another try at a busy
    /// service; false ends the work.
    pub(super) fn step(&mut self, now: Timestamp, pause: &dyn Fn(Duration) -> bool) {
        let found = match self.list() {
            Ok(found) => found,
            Err(error) => return tracing::error!(folder = %self.folder.display(), %error, "a folder cannot be watched"),
        };
        self.seen.retain(|name, _| found.contains_key(name));
        for (name, (bytes, modified_ms)) in found {
            if self.is_complete(&name, Seen { bytes, modified_ms, since: now }) && !self.take(&name, now, pause) {
                return;
            }
        }
    }

    /// The files of the folder with their sizes and times. Names that begin with a dot are those of files on their way.
    fn list(&self) -> io::Result<BTreeMap<String, (u64, i64)>> {
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // What is no file, has no text for a name, or vanished meanwhile is nothing to import.
            let (Ok(metadata), Ok(name)) = (entry.metadata(), entry.file_name().into_string()) else { continue };
            if !metadata.is_file() || name.starts_with('.') {
                continue;
            }
            let since_epoch = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
            let modified_ms = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
            found.insert(name, (metadata.len(), modified_ms));
        }
        Ok(found)
    }

    /// Tells whether a file is complete: it was last written long enough ago, by its own time (as one that was renamed into the
    /// folder) or by what was seen of it.
    fn is_complete(&mut self, name: &str, now: Seen) -> bool {
        let seen = self.seen.entry(name.to_owned()).or_insert(now);
        if (seen.bytes, seen.modified_ms) != (now.bytes, now.modified_ms) {
            *seen = now;
        }
        let at_ms = now.since.as_ms();
        at_ms.saturating_sub(now.modified_ms) >= self.settle_ms || at_ms - seen.since.as_ms() >= self.settle_ms
    }

    /// Imports a file and puts it away; false when the work is to end.
    fn take(&mut self, name: &str, now: Timestamp, pause: &dyn Fn(Duration) -> bool) -> bool {
        let (path, kept) = (self.folder.join(name), self.folder.join(format!(".{name}.rejects")));
        let mut rejects = Rejects::new(Some(kept.clone()));
        let sink = self.sink.as_mut();
        let mut import = Import { sink, options: &self.options, rejects: &mut rejects, pause, progress: None };
        let input = Input { path: &path, kind: self.kind, format: self.format.as_deref() };
        let ended = import.file(&input);
        drop(rejects);
        let file = path.display();
        let folder = match ended {
            Ok(imported) => tell(&path, &imported),
            Err(ScoreError::Interrupted) => return false,
            Err(error) if is_of_file(&error) => {
                let detail = with_causes(&error);
                tracing::warn!(%file, detail, "a file cannot be imported");
                if let Err(error) = note(&kept, name, &detail) {
                    tracing::error!(%file, %error, "why a file was not imported cannot be noted");
                }
                FAILED
            }
            Err(error) => {
                tracing::error!(%file, detail = with_causes(&error), "a file is not imported yet");
                // It rests again before the next try.
                self.seen.entry(name.to_owned()).and_modify(|seen| seen.since = now);
                return true;
            }
        };
        if let Err(error) = self.put_away(name, &kept, folder) {
            tracing::error!(%file, %error, "an imported file cannot be put away");
        }
        true
    }

    /// Moves a file, and what was rejected of it, into a folder; beside one of its name with a number behind it.
    fn put_away(&self, name: &str, kept: &Path, folder: &str) -> io::Result<()> {
        let folder = self.folder.join(folder);
        let numbered = |n: u32| if n == 0 { name.to_owned() } else { format!("{name}.{n}") };
        let is_free = |name: &String| !folder.join(name).exists() && !folder.join(format!("{name}.rejects")).exists();
        let free = (0..u32::MAX).map(numbered).find(is_free).unwrap_or_default();
        if kept.exists() {
            fs::rename(kept, folder.join(format!("{free}.rejects")))?;
        }
        fs::rename(self.folder.join(name), folder.join(free))
    }
}

/// Logs what became of a file, and tells the folder that it belongs to.
fn tell(path: &Path, imported: &Imported) -> &'static str {
    let Imported { tally, before, was_finished, .. } = imported;
    let (file, records, accepted) = (path.display(), tally.records(), tally.accepted);
    let (duplicate, rejected) = (tally.duplicate, tally.rejected);
    if *was_finished {
        tracing::info!(%file, records = before, "a file was imported before");
    } else if rejected > 0 {
        tracing::warn!(%file, records, accepted, duplicate, rejected, "a file is imported, not all of it");
    } else {
        tracing::info!(%file, records, accepted, duplicate, "a file is imported");
    }
    let is_none_taken = !was_finished && rejected > 0 && rejected == tally.records() && *before == 0;
    if is_none_taken { FAILED } else { DONE }
}

/// Writes why a file was not imported where its rejects are.
fn note(kept: &Path, name: &str, detail: &str) -> io::Result<()> {
    let mut writer = OpenOptions::new().create(true).append(true).open(kept)?;
    writeln!(writer, "{}", json!({ "file": name, "detail": detail }))
}

/// Tells whether a file itself is at fault, so that another try would end alike.
const fn is_of_file(error: &ScoreError) -> bool {
    matches!(
        error,
        ScoreError::Unreadable { .. } | ScoreError::Open { .. } | ScoreError::NotTaken(_) | ScoreError::Argument { .. }
    )
}

fn with_causes(error: &ScoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// A thread that watches folders until it is told to stop.
pub(super) struct Watching {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Watching {
    /// Watches from when the service takes records in.
    pub(super) fn start(mut watches: Vec<Watch>, service: Service, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let (stop, told) = channel();
        let work = move || {
            let _condition = service.wait_until_started();
            while waits(&told, LOOK_EVERY) {
                for watch in &mut watches {
                    watch.step(clock.now(), &|time| waits(&told, time));
                }
            }
        };
        let thread = thread::Builder::new().name("watch".to_owned()).spawn(work)?;
        Ok(Self { stop, thread })
    }

    /// Ends the watching, behind the batch that is being sent.
    pub(super) fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the watching of folders ended by a fault of the program");
        }
    }
}

/// Waits; false when the watching is to end.
fn waits(told: &Receiver<()>, time: Duration) -> bool {
    matches!(told.recv_timeout(time), Err(RecvTimeoutError::Timeout))
}

#[cfg(test)]
mod tests;
