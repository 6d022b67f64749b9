//! The server that is killed: started, found, killed, started again.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;

/// Small files and frequent snapshots, so that kills hit their edges.
const CONFIG: &str = "[keep]\nsegment_bytes = 20000\nsnapshot_events = 4000\n[log]\nlevel = 'warn'\n";

/// A server's program and where it keeps everything.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) program: PathBuf,
    /// The data directory.
    pub(crate) data: PathBuf,
    /// What it says on standard error.
    pub(crate) said: PathBuf,
    config: PathBuf,
}

impl Place {
    /// A data directory `name` in a folder.
    ///
    /// # Errors
    /// When the configuration cannot be written.
    pub(crate) fn new(program: &Path, folder: &Path, name: &str) -> anyhow::Result<Self> {
        let config = folder.join("config.toml");
        std::fs::write(&config, CONFIG).context("writing the configuration")?;
        let said = folder.join(format!("{name}.err"));
        File::create(&said).context("making a file")?;
        Ok(Self { program: program.to_owned(), data: folder.join(name), said, config })
    }

    /// Makes a key, with the server running or not.
    ///
    /// # Errors
    /// When the program does not.
    pub(crate) fn key(&self, name: &str, role: &str) -> anyhow::Result<String> {
        let made = Command::new(&self.program)
            .args(["key", "create", "--name", name, "--source", name, "--role", role, "--data"])
            .arg(&self.data)
            .args(["ingest", "lookup", "read", "read:facts"].iter().flat_map(|scope| ["--scope", scope]))
            .output()
            .context("running the program")?;
        anyhow::ensure!(made.status.success(), "no key: {}", String::from_utf8_lossy(&made.stderr));
        Ok(String::from_utf8(made.stdout)?.trim().to_owned())
    }

    /// Starts a server on a free port. Its address comes by the receiver, once it takes records in.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(&self) -> anyhow::Result<Server> {
        let said = OpenOptions::new().append(true).open(&self.said).context("opening a file")?;
        let mut child = Command::new(&self.program)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&self.data)
            .arg("--config")
            .arg(&self.config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(said)
            .spawn()
            .context("starting the server")?;
        let out = child.stdout.take().context("no pipe")?;
        let (sender, ready) = channel();
        std::thread::spawn(move || read_address(BufReader::new(out), &sender));
        Ok(Server { child, ready })
    }
}

fn read_address(mut out: BufReader<std::process::ChildStdout>, sender: &Sender<String>) {
    let mut line = String::new();
    // A server that was killed before it was ready says nothing.
    if out.read_line(&mut line).is_ok()
        && let Some(address) = line.trim().strip_prefix("ringtrue listens on http://")
    {
        let _gone = sender.send(address.to_owned());
    }
}

/// A process. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    ready: Receiver<String>,
}

impl Server {
    /// Waits until it says where it is; `None` when that takes longer than `most`.
    ///
    /// # Errors
    /// When it ended instead.
    pub(crate) fn address(&mut self, most: Duration) -> anyhow::Result<Option<String>> {
        match self.ready.recv_timeout(most) {
            Ok(address) => Ok(Some(address)),
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => Ok(None),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => {
                anyhow::bail!("the server ended by itself: {}", self.child.wait()?)
            }
        }
    }

    /// Ends the process at once, as a failing machine would.
    ///
    /// # Errors
    /// When it had ended before.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        anyhow::ensure!(self.child.try_wait()?.is_none(), "the server ended by itself");
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that ended cannot be killed.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Where the server is now, for all who talk to it.
#[derive(Default, Debug)]
pub(crate) struct Whereabouts {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default, Debug)]
struct State {
    address: Option<String>,
    ended: bool,
}

impl Whereabouts {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server is there, or gone.
    pub(crate) fn set(&self, address: Option<String>) {
        self.lock().address = address;
        self.changed.notify_all();
    }

    /// No server comes any more.
    pub(crate) fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// Where the server is, as soon as it is there; `None` when none comes any more.
    pub(crate) fn wait(&self) -> Option<String> {
        let mut state = self.lock();
        loop {
            if state.ended {
                return None;
            }
            if let Some(address) = &state.address {
                return Some(address.clone());
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until the server is no longer where it was, at most so long.
    pub(crate) fn wait_gone(&self, address: &str, most: Duration) {
        let state = self.lock();
        let is_there = |state: &mut State| !state.ended && state.address.as_deref() == Some(address);
        let _waited = self.changed.wait_timeout_while(state, most, is_there);
    }

    /// Waits so long, or until no server comes any more.
    pub(crate) fn pause(&self, most: Duration) {
        let _waited = self.changed.wait_timeout(self.lock(), most);
    }
}
