use std::fs::File;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use tempfile::TempDir;

use super::*;
use crate::import::batches::Batch;
use crate::import::sink::{Came, Reject, Reply, Tally};

const HEADER: &str = "start,orig,dest\n";
const ROW: &str = "1795429800,+12155550112,+13125550199\n";

/// Takes every record but those that say `bad`, and remembers files.
#[derive(Clone, Default)]
struct Memory {
    bodies: Arc<Mutex<Vec<String>>>,
    came: Arc<Mutex<BTreeMap<[u8; 32], Came>>>,
    is_busy: Arc<Mutex<bool>>,
}

impl Sink for Memory {
    fn came(&mut self, file: &[u8; 32]) -> Result<Reply<Option<Came>>, ScoreError> {
        Ok(Reply::Done(self.came.lock().expect("free").get(file).cloned()))
    }

    fn note(&mut self, file: &[u8; 32], came: &Came) -> Result<(), ScoreError> {
        self.came.lock().expect("free").insert(*file, came.clone());
        Ok(())
    }

    fn send(&mut self, _: Kind, _: &str, batch: &Batch) -> Result<Reply<Tally>, ScoreError> {
        if *self.is_busy.lock().expect("free") {
            return Ok(Reply::Later { after: None, why: "busy".to_owned() });
        }
        let body = String::from_utf8(batch.body.clone()).expect("text");
        let mut tally = Tally::default();
        for (line, at) in body.lines().zip(1..).skip(1) {
            let reject = || Reject { line: at, code: "BAD".to_owned(), field: String::new(), detail: String::new() };
            if line.starts_with("bad") {
                tally.rejects.push(reject());
            } else {
                tally.accepted += 1;
            }
        }
        tally.rejected = tally.rejects.len() as u64;
        self.bodies.lock().expect("free").push(body);
        Ok(Reply::Done(tally))
    }
}

/// A watched folder whose files rest for ten seconds.
struct Spool {
    folder: TempDir,
    memory: Memory,
    watch: Watch,
    now: Timestamp,
}

impl Spool {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let memory = Memory::default();
        let watch = watch(folder.path(), &memory);
        Self { folder, memory, watch, now: Timestamp::from_s(1_795_429_800).expect("a time") }
    }

    /// Writes a file that was last written so many seconds ago.
    fn write(&self, name: &str, text: &str, age_s: i64) {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("written");
        let seconds = u64::try_from(self.now.as_ms() / 1_000 - age_s).expect("after 1970");
        let at: SystemTime = UNIX_EPOCH + Duration::from_secs(seconds);
        File::options().write(true).open(path).and_then(|file| file.set_modified(at)).expect("a time");
    }

    fn step(&mut self) {
        self.watch.step(self.now, &|_| true);
    }

    fn later(&mut self, seconds: i64) {
        self.now = self.now.saturating_add_ms(seconds * 1_000);
        self.step();
    }

    /// The files of a folder in the watched one, sorted; `.` for itself.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join(folder)).expect("a folder");
        let files = entries.map(|entry| entry.expect("an entry")).filter(|entry| entry.path().is_file());
        let mut names: Vec<String> = files.map(|file| file.file_name().into_string().expect("text")).collect();
        names.sort();
        names
    }

    fn sent(&self) -> usize {
        self.memory.bodies.lock().expect("free").len()
    }
}

fn watch(folder: &Path, memory: &Memory) -> Watch {
    let taking = Taking { kind: Kind::Calls, format: None, settle_s: 10, options: Options::default() };
    Watch::new(folder, Box::new(memory.clone()), taking).expect("a folder")
}

#[test]
fn a_file_is_taken_when_it_rests() {
    let mut spool = Spool::new();
    let text = format!("{HEADER}{ROW}");
    spool.write("renamed.csv", &text, 60);
    spool.write("fresh.csv", &text, 0);
    spool.write(".on-its-way.csv", &text, 60);
    spool.step();
    assert_eq!(
        (spool.names(DONE), spool.names(".")),
        (vec!["renamed.csv".into()], vec![".on-its-way.csv".into(), "fresh.csv".into()])
    );
    spool.later(9);
    // It grows: it rests anew.
    spool.write("fresh.csv", &format!("{text}{ROW}"), 0);
    spool.later(9);
    assert_eq!(spool.names(DONE).len(), 1);
    spool.later(1);
    assert_eq!(spool.names(DONE), ["fresh.csv", "renamed.csv"]);
    assert_eq!(spool.sent(), 2);
}

#[test]
fn a_time_ahead_of_the_clock_only_makes_it_wait() {
    let mut spool = Spool::new();
    spool.write("ahead.csv", &format!("{HEADER}{ROW}"), -3_600);
    spool.step();
    spool.later(9);
    assert!(spool.names(DONE).is_empty());
    spool.later(1);
    assert_eq!(spool.names(DONE), ["ahead.csv"]);
}

#[test]
fn what_was_rejected_lies_beside() {
    let mut spool = Spool::new();
    spool.write("a.csv", &format!("{HEADER}{ROW}bad,1,2\n"), 60);
    spool.write("b.csv", &format!("{HEADER}bad,3,4\n"), 60);
    spool.write("c.csv", "neither calls nor a header\n", 60);
    spool.step();
    assert_eq!(spool.names(DONE), ["a.csv", "a.csv.rejects"]);
    assert_eq!(spool.names(FAILED), ["b.csv", "b.csv.rejects", "c.csv", "c.csv.rejects"]);
    assert!(spool.names(".").is_empty());
    let read = |name: &str| fs::read_to_string(spool.folder.path().join(name)).expect("a file");
    assert!(read("done/a.csv.rejects").contains("\"line\":3,\"record\":\"bad,1,2\""), "{}", read("done/a.csv.rejects"));
    assert!(read("failed/c.csv.rejects").contains("no known format"), "{}", read("failed/c.csv.rejects"));
}

#[test]
fn the_same_content_is_imported_once_and_no_file_is_lost() {
    let mut spool = Spool::new();
    let text = format!("{HEADER}{ROW}");
    for name in ["a.csv", "b.csv"] {
        spool.write(name, &text, 60);
    }
    spool.step();
    spool.write("a.csv", &text, 60);
    // Another process goes on with the same registry.
    spool.watch = watch(spool.folder.path(), &spool.memory);
    spool.step();
    assert_eq!(spool.sent(), 1);
    assert_eq!(spool.names(DONE), ["a.csv", "a.csv.1", "b.csv"]);
}

#[test]
fn a_busy_service_gets_it_later() {
    let mut spool = Spool::new();
    spool.write("a.csv", &format!("{HEADER}{ROW}"), 60);
    *spool.memory.is_busy.lock().expect("free") = true;
    spool.watch.step(spool.now, &|time| time.is_zero());
    assert_eq!(spool.names("."), ["a.csv"], "told to stop while it waited");
    spool.step();
    assert_eq!(spool.names("."), ["a.csv"], "patience ended");
    *spool.memory.is_busy.lock().expect("free") = false;
    spool.later(10);
    assert_eq!(spool.names(DONE), ["a.csv"]);
}

#[test]
fn a_folder_that_is_not_there_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let taking = Taking { kind: Kind::Calls, format: None, settle_s: 10, options: Options::default() };
    assert!(Watch::new(&folder.path().join("none"), Box::new(Memory::default()), taking).is_err());
}
