//! `ringtrue simulate`: traffic with known truth, written as files.

mod args;
mod folder;
mod progress;
pub(crate) mod settings;
mod slice;
mod stream;
mod summary;

use std::num::NonZeroUsize;

pub(crate) use args::SimulateArgs;

use folder::Folder;
use settings::Settings;

use crate::error::ScoreError;

/// Runs the command.
pub(crate) fn simulate(args: &SimulateArgs) -> Result<(), ScoreError> {
    let settings = Settings::read(args)?;
    let threads = args.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let mut folder = Folder::create(&args.out, settings.encoding, args.force)?;
    folder.scenario(&settings)?;
    let told = stream::write(&settings, &mut folder, threads)?;
    for line in summary::lines(&settings, &told, &folder) {
        crate::said::say(&line);
    }
    Ok(())
}
