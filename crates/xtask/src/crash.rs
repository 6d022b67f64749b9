//! `cargo xtask crash`: kills a server under load for as long as one likes. The tests do so a few times on every change.

use crate::{tools, workspace};

/// Builds the server and the harness, debug assertions in both, and runs it. True when nothing was lost.
pub(crate) fn run(args: &[String]) -> anyhow::Result<bool> {
    let root = workspace::root()?;
    if !tools::run(&root, &["build", "--quiet", "-p", "ringtrue", "-p", "crash"])? {
        return Ok(false);
    }
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let server = format!("{target}/debug/ringtrue");
    let mut run = vec!["run", "--quiet", "-p", "crash", "--", server.as_str()];
    run.extend(args.iter().map(String::as_str));
    tools::run(&root, &run)
}
