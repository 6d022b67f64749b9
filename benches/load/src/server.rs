//! A server of our own making: started, asked, killed.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail, ensure};

use crate::process::Process;

/// A running `ringtrue serve`. Killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// A key that may send and look up.
    pub(crate) key: String,
}

/// The program, its data directory, and beside it the operator's configuration.
pub(crate) struct Installed {
    /// The program.
    pub(crate) ringtrue: PathBuf,
    /// The data directory.
    pub(crate) data: PathBuf,
    /// A key that may send and look up.
    pub(crate) key: String,
}

impl Installed {
    /// Makes a key in a data directory, which is made where it is not there.
    pub(crate) fn new(ringtrue: &Path, data: &Path) -> anyhow::Result<Self> {
        // A data directory that is used again has one key for each use.
        let name = format!("load-{}", std::process::id());
        let mut command = Command::new(ringtrue);
        command.args(["key", "create", "--name", &name, "--scope", "ingest", "--scope", "lookup"]);
        command.args(["--source", "load", "--role", "terminating", "--data"]).arg(data);
        let made = command.stderr(Stdio::null()).output().context("making a key")?;
        if !made.status.success() {
            bail!("no key could be made in {}", data.display());
        }
        let key = String::from_utf8(made.stdout)?.trim().to_owned();
        let this = Self { ringtrue: ringtrue.to_owned(), data: data.to_owned(), key };
        fs::create_dir_all(this.policy())?;
        fs::write(this.config(), format!("policy = {:?}\n[log]\nlevel = \"warn\"\n", this.policy()))?;
        Ok(this)
    }

    fn policy(&self) -> PathBuf {
        self.data.with_extension("policy")
    }

    fn config(&self) -> PathBuf {
        self.data.with_extension("toml")
    }

    /// Lays a policy over the shipped one that differs in what judges nobody otherwise: with it, a server that reads its policy
    /// again judges every number anew. Equal `turn`s give equal policies.
    pub(crate) fn change_policy(&self, turn: u32) -> anyhow::Result<()> {
        let text = format!("[status]\ncleared_d = {}\n", 7 + turn);
        Ok(fs::write(self.policy().join("reputation.toml"), text)?)
    }

    /// Bytes of the files in a folder of the data directory.
    pub(crate) fn bytes(&self, folder: &str) -> u64 {
        let Ok(files) = fs::read_dir(self.data.join(folder)) else { return 0 };
        files.filter_map(|file| file.ok()?.metadata().ok()).map(|file| file.len()).sum()
    }

    /// Removes the data directory and what lies beside it.
    pub(crate) fn remove(self) -> anyhow::Result<()> {
        fs::remove_file(self.config())?;
        fs::remove_dir_all(self.policy())?;
        Ok(fs::remove_dir_all(&self.data)?)
    }

    /// Starts the server, and returns at once.
    pub(crate) fn start(&self) -> anyhow::Result<Server> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(&self.ringtrue);
        command
            .arg("serve")
            .arg("--config")
            .arg(self.config())
            .arg("--data")
            .arg(&self.data)
            .arg("--listen")
            .arg(address.to_string());
        let child = command.stdout(Stdio::piped()).spawn().context("starting the server")?;
        Ok(Server { child, address, key: self.key.clone() })
    }

    /// Starts the server, and returns once it takes records.
    pub(crate) fn start_ready(&self) -> anyhow::Result<Server> {
        let mut server = self.start()?;
        server.wait_until_ready()?;
        Ok(server)
    }
}

impl Server {
    /// Waits for the line with which the server says that it takes records.
    pub(crate) fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let out = self.child.stdout.take().context("the server's output is read already")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        if line.is_empty() {
            bail!("the server ended before it was ready");
        }
        Ok(())
    }

    /// Sends a signal, such as `HUP`.
    pub(crate) fn signal(&self, name: &str) -> anyhow::Result<()> {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status()?;
        ensure!(sent.success(), "the signal {name} could not be sent");
        Ok(())
    }

    /// Stops it as an operator does, and waits for its end.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        self.signal("TERM")?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }

    /// The process.
    pub(crate) fn process(&self) -> Process {
        Process(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself is gone all the same.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}
