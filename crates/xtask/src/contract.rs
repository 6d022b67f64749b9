//! The API against its own description: a server of its own, asked by schemathesis, and stopped again.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

use crate::tools;

/// What the tool is told, and what it needs.
const FOLDER: &str = "tests/contract";
/// What the tool and the server write, below the target folder.
const WORK: &str = "contract";
/// Everything that a key may do.
const SCOPES: [&str; 7] = ["ingest", "lookup", "report", "read", "read:facts", "review", "admin"];
/// What the server says before its address.
const LISTENS: &str = "ringtrue listens on ";

/// Starts the server on a free port and asks for everything that its description tells. True when nothing was found.
pub(crate) fn check(root: &Path) -> anyhow::Result<bool> {
    // The same features as the tests have, so that nothing is compiled twice.
    if !tools::run(root, &["build", "--quiet", "--workspace", "--all-features", "--bins"])? {
        return Ok(false);
    }
    let target = target_folder()?;
    let work = target.join(WORK);
    let Some(python) = ensure_python(root, &work)? else { return Ok(false) };
    let server = Server::start(&target.join("ringtrue"), root, &work.join("data"))?;
    let found = ask(root, &python, &server)?;
    Ok(server.stop()? && found)
}

/// The folder of the programs that were built beside this one.
fn target_folder() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("finding this program")?;
    own.parent().map(Path::to_owned).context("this program lies in no folder")
}

/// The Python that has the tool, made anew when what it needs has changed; `None` when it cannot be had, which is told.
fn ensure_python(root: &Path, work: &Path) -> anyhow::Result<Option<PathBuf>> {
    let (needed, folder) = (root.join(FOLDER).join("requirements.txt"), work.join("python"));
    let (python, stamp) = (folder.join("bin/python"), folder.join("requirements.txt"));
    let wanted = std::fs::read(&needed).with_context(|| format!("reading {}", needed.display()))?;
    if std::fs::read(&stamp).is_ok_and(|had| had == wanted) && python.exists() {
        return Ok(Some(python));
    }
    println!("installing what {FOLDER}/requirements.txt names (once, about 100 MB below the target folder)");
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder).stdin(Stdio::null()).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("asking the server needs Python 3.10 or later with venv (Debian: apt-get install python3-venv)");
        return Ok(None);
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&needed);
    if !pip.stdin(Stdio::null()).status().context("starting pip")?.success() {
        println!("pip could not install what {FOLDER}/requirements.txt names");
        return Ok(None);
    }
    std::fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))?;
    Ok(Some(python))
}

/// Asks the server. True when every answer was as the description tells.
fn ask(root: &Path, python: &Path, server: &Server) -> anyhow::Result<bool> {
    let tool = python.with_file_name("schemathesis");
    let status = Command::new(tool)
        .args(["--config-file", "schemathesis.toml", "run", "--no-color", "--header"])
        .arg(format!("Authorization: Bearer {}", server.key))
        .arg(format!("{}/openapi.json", server.url))
        .current_dir(root.join(FOLDER))
        // Compiled hooks would lie beside their source.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .status()
        .context("starting schemathesis")?;
    Ok(status.success())
}

/// A server that runs until it is stopped or dropped.
struct Server {
    child: Child,
    url: String,
    key: String,
}

impl Server {
    /// Starts `program` on a free port with the sample's calls and a fresh data directory, and makes a key for everything.
    fn start(program: &Path, root: &Path, data: &Path) -> anyhow::Result<Self> {
        if data.exists() {
            std::fs::remove_dir_all(data).with_context(|| format!("removing {}", data.display()))?;
        }
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--demo", "--config"]);
        command.arg(root.join(FOLDER).join("ringtrue.toml")).arg("--data").arg(data);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("starting the server")?;
        let mut server = Self { child, url: String::new(), key: String::new() };
        let out = server.child.stdout.take().context("the server has no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).context("reading the server's address")?;
        let url = line.trim().strip_prefix(LISTENS).context("the server did not become ready")?;
        server.url = url.to_owned();
        server.key = make_key(program, data)?;
        Ok(server)
    }

    /// Asks the server to stop. True when it did so without a fault.
    fn stop(mut self) -> anyhow::Result<bool> {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().context("starting kill")?;
        if !told.success() {
            println!("the server was gone before it was stopped");
            return Ok(false);
        }
        let status = self.child.wait().context("waiting for the server")?;
        if !status.success() {
            println!("the server ended with {status}");
        }
        Ok(status.success())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After an orderly stop there is nothing left to end.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn make_key(program: &Path, data: &Path) -> anyhow::Result<String> {
    let mut command = Command::new(program);
    command.args(["key", "create", "--name", "contract", "--source", "demo", "--data"]).arg(data);
    for scope in SCOPES {
        command.args(["--scope", scope]);
    }
    let made = command.stdin(Stdio::null()).output().context("making a key")?;
    anyhow::ensure!(made.status.success(), "no key was made: {}", String::from_utf8_lossy(&made.stderr).trim());
    Ok(String::from_utf8_lossy(&made.stdout).trim().to_owned())
}
