//! Measures the event log on one thread: how fast it encodes, packs and appends calls and reads them back, and how long a
//! durable append of 1,000 records of 64 bytes takes beside SQLite and beside the bare file system.
//!
//! `cargo run --release -p bench-store [-- FOLDER]`; the files are made in FOLDER, or where temporary files go.

mod appends;
mod calls;
mod clock;

use std::path::PathBuf;

fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    calls::measure(&folder)?;
    appends::measure(&folder)
}
