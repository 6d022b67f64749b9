//! A server of our own making: started, asked, killed.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};

use crate::process::Process;

/// A running `ringtrue serve`. Killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// A key that may send and look up.
    pub(crate) key: String,
}

/// The program and its data directory.
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
        let mut command = Command::new(ringtrue);
        command.args(["key", "create", "--name", "load", "--scope", "ingest", "--scope", "lookup"]);
        command.args(["--source", "load", "--role", "terminating", "--data"]).arg(data);
        let made = command.stderr(Stdio::null()).output().context("making a key")?;
        if !made.status.success() {
            bail!("no key could be made in {}", data.display());
        }
        let key = String::from_utf8(made.stdout)?.trim().to_owned();
        Ok(Self { ringtrue: ringtrue.to_owned(), data: data.to_owned(), key })
    }

    /// Starts the server, and returns at once.
    pub(crate) fn start(&self) -> anyhow::Result<Server> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(&self.ringtrue);
        command.arg("serve").arg("--data").arg(&self.data).arg("--listen").arg(address.to_string());
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
