//! Running the program.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The sample's calls, from the top of the project.
pub(crate) const CALLS: &str = "fixtures/sample/calls.csv";
/// Its reports.
pub(crate) const REPORTS: &str = "fixtures/sample/reports.ndjson";
/// Its standing.
pub(crate) const STANDING: &str = "fixtures/sample/standing.csv";

/// How a run ended and what it wrote.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Told {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Told {
    /// Standard output of a run that went well.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, 0, "{}", self.err);
        self.out
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.done()).expect("one JSON document")
    }

    /// Standard error of a run that ended with this code and wrote no result.
    #[track_caller]
    pub(crate) fn refused(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self.err
    }
}

/// The top of the project, from where the program is run.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs the program with arguments set apart by blanks.
pub(crate) fn ringtrue(line: &str) -> Told {
    run(&line.split_whitespace().collect::<Vec<_>>(), b"")
}

/// Runs `ringtrue score` on the sample with its reports and standing.
pub(crate) fn sample(line: &str) -> Told {
    ringtrue(&format!("score {CALLS} --reports {REPORTS} --standing {STANDING} {line}"))
}

/// Runs the program with arguments and standard input.
pub(crate) fn run(args: &[&str], stdin: &[u8]) -> Told {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ringtrue"))
        .args(args)
        .current_dir(root())
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    let stdin = stdin.to_vec();
    // A program that ends early closes the pipe: that is no fault here.
    let feeding = std::thread::spawn(move || drop(pipe.write_all(&stdin)));
    let output = child.wait_with_output().expect("the program ends");
    feeding.join().expect("the pipe was fed");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Told { code: output.status.code().expect("no signal"), out: text(output.stdout), err: text(output.stderr) }
}

/// A folder with files, gone when the test ends.
pub(crate) struct Desk(TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// Writes a file and tells its path.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), bytes).expect("a file");
        self.path(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file that the program wrote")
    }
}

/// The sample's calls as text.
pub(crate) fn sample_calls() -> String {
    std::fs::read_to_string(root().join(CALLS)).expect("the sample")
}

/// A file of five columns: `count` answered calls of a minute by one number, each to another destination.
pub(crate) fn five_columns(orig: &str, count: u32) -> String {
    let mut text = "start,orig,dest,talk_s,q850\n".to_owned();
    for at in 0..count {
        let (area, line) = (302 + at / 100, 100 + at % 100);
        text.push_str(&format!("2026-11-{:02}T15:{:02}:00Z,{orig},+1{area}5550{line},60,16\n", 9 + at % 5, at % 60));
    }
    text
}

/// The numbers of a result.
pub(crate) fn numbers(result: &Value) -> &[Value] {
    result["numbers"].as_array().expect("numbers")
}

/// The numbers of a result by themselves.
pub(crate) fn tns(result: &Value) -> Vec<&str> {
    numbers(result).iter().map(|number| number["tn"].as_str().expect("a number")).collect()
}

/// The labels of each number, engine by engine: `tn engine=label …`.
pub(crate) fn labels(result: &Value) -> Vec<String> {
    let one = |number: &Value| {
        let mut line = number["tn"].as_str().expect("a number").to_owned();
        for verdict in number["engines"].as_array().expect("engines") {
            let text = |key: &str| verdict[key].as_str().expect("text").to_owned();
            line.push_str(&format!(" {}={}", text("engine"), text("label")));
        }
        line
    };
    numbers(result).iter().map(one).collect()
}
