//! A wall around the Parquet reader, which panics on some files that were damaged or forged.

use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use parquet::errors::ParquetError;

thread_local! {
    /// This thread is behind the wall: its panics are errors of the file and are told as such.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`. A panic of it is an error of the file; nothing that it worked on may be used any more.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, ParquetError>) -> io::Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                usual(panic);
            }
        }));
    });
    GUARDED.set(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(false);
    match done {
        Ok(done) => done.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
        Err(_) => Err(broken("it is damaged: its structure contradicts itself")),
    }
}

/// An error of the file.
pub(super) fn broken(detail: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, detail.into())
}
