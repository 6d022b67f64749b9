//! Cargo and its subcommands.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;

/// A subcommand of cargo that is a package of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    /// The word after `cargo`.
    pub(crate) subcommand: &'static str,
    /// The package that brings it.
    pub(crate) package: &'static str,
}

pub(crate) const NEXTEST: Tool = Tool { subcommand: "nextest", package: "cargo-nextest" };
pub(crate) const DENY: Tool = Tool { subcommand: "deny", package: "cargo-deny" };
pub(crate) const FUZZ: Tool = Tool { subcommand: "fuzz", package: "cargo-fuzz" };

impl Tool {
    /// Installs the tool if it is missing, and says so. False when it could not be installed.
    pub(crate) fn ensure(self, root: &Path) -> anyhow::Result<bool> {
        let probe = cargo(root, &[self.subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if probe.context("starting cargo")?.success() {
            return Ok(true);
        }
        println!("{} is not installed; installing it (once, some minutes): {}", self.package, self.install_command());
        run(root, &["install", self.package, "--locked"])
    }

    /// The command by which a person installs the tool.
    pub(crate) fn install_command(self) -> String {
        format!("cargo install {} --locked", self.package)
    }
}

/// Adds a component of the toolchain (`rustfmt`, `clippy`) if its subcommand is missing. False when that failed.
pub(crate) fn ensure_component(root: &Path, subcommand: &str, component: &str) -> anyhow::Result<bool> {
    let probe = cargo(root, &[subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if probe.context("starting cargo")?.success() {
        return Ok(true);
    }
    println!("{component} is not installed; adding it: rustup component add {component}");
    let added = Command::new("rustup").args(["component", "add", component]).stdin(Stdio::null()).status();
    Ok(added.is_ok_and(|status| status.success()))
}

/// Runs cargo in the workspace, its output shown. True when it succeeded.
pub(crate) fn run(root: &Path, args: &[&str]) -> anyhow::Result<bool> {
    let status = cargo(root, args).status().with_context(|| format!("starting cargo {}", args.join(" ")))?;
    Ok(status.success())
}

fn cargo(root: &Path, args: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    // Snapshots are compared, never written: a test that differs must fail.
    command.args(args).current_dir(root).stdin(Stdio::null()).env("INSTA_UPDATE", "no");
    // Set by the `cargo run` that started us; a cargo inside would take them for its own.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(name);
    }
    command
}
