//! `ringtrue import`: records of files into a running server, or into the data directory of a stopped one.

mod args;
pub(crate) mod batches;
pub(crate) mod local;
pub(crate) mod rejects;
mod remote;
pub(crate) mod run;
pub(crate) mod sink;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use intake::Options;
use service::{Clock as _, Service, SystemClock};
use store::LogError;

pub(crate) use args::ImportArgs;
pub(crate) use remote::Remote;

use crate::error::ScoreError;
use crate::key_command::{WantedSource, source_in};
use crate::output::text::{count, counted};
use crate::said::{file_name, print, say};
use crate::score::progress::Progress;
use crate::score::setup::mappings;
use crate::serve::config::Config;
use crate::serve::opened::{self, Opened};
use batches::Kind;
use local::Local;
use rejects::Rejects;
use run::{Import, Imported, Input, total_bytes};
use sink::{Sink, Tally};

/// Imports files.
pub(crate) fn import(args: &ImportArgs) -> Result<(), ScoreError> {
    let Some(url) = &args.url else { return import_locally(args) };
    let mut remote = Remote::new(url, args.key.as_deref())?;
    let options = Options { mappings: mappings(&args.mapping)?, ..Options::default() };
    import_into(args, &mut remote, &options)
}

/// Opens the service on a data directory, and imports into it.
fn import_locally(args: &ImportArgs) -> Result<(), ScoreError> {
    let (service, mut local) = open(args)?;
    let options = service.config().reading.clone();
    let imported = import_into(args, &mut local, &options);
    opened::stop(&service);
    imported
}

fn open(args: &ImportArgs) -> Result<(Service, Local), ScoreError> {
    let mut config = Config::load(args.config.as_deref())?;
    config.data = args.data.clone().or(config.data);
    config.region = args.region.clone().or(config.region);
    config.tz = args.tz.clone().or(config.tz);
    config.mappings.extend(args.mapping.iter().cloned());
    let folder = config.data.clone().ok_or_else(|| ScoreError::Argument {
        argument: "--data",
        detail: "name the data directory, here or in the configuration, or a server with --url".to_owned(),
    })?;
    let Opened { service, registry, .. } = open_stopped(&config, &folder)?;
    let wanted = WantedSource { source: args.source.as_ref(), role: args.role, carrier: None };
    let source = source_in(&folder, args.tenant.as_ref(), &wanted, SystemClock.now())?;
    let local = Local::new(service.clone(), registry, source, true);
    Ok((service, local))
}

/// Opens the service on a data directory on which no server works, and waits until it takes records in.
pub(crate) fn open_stopped(config: &Config, folder: &Path) -> Result<Opened, ScoreError> {
    crate::serve::log::begin(config.log);
    let opened = opened::open(config, folder, Arc::new(SystemClock)).map_err(|error| match error {
        ScoreError::Log { folder, source: LogError::Locked { .. } } => ScoreError::Serving { folder },
        other => other,
    })?;
    let _condition = opened.service.wait_until_started();
    Ok(opened)
}

fn import_into(args: &ImportArgs, sink: &mut dyn Sink, options: &Options) -> Result<(), ScoreError> {
    let mut rejects = Rejects::new(args.rejects.clone());
    let inputs: Vec<(&PathBuf, Kind)> = args.inputs().collect();
    let progress = Progress::new(total_bytes(inputs.iter().map(|(path, _)| *path)));
    let pause = |time: Duration| {
        std::thread::sleep(time);
        true
    };
    let mut all = Tally::default();
    let mut one = |(path, kind): (&PathBuf, Kind)| {
        let format = args.format.as_deref();
        let mut import = Import { sink, options, rejects: &mut rejects, pause: &pause, progress: Some(&progress) };
        let imported = import.file(&Input { path, kind, format })?;
        progress.hide(|| tell(path, kind, &imported))?;
        all.add(&imported.tally);
        all.duplicate += imported.before;
        Ok(())
    };
    let ended: Result<(), ScoreError> = inputs.into_iter().try_for_each(&mut one);
    progress.finish();
    // Also of an import that was broken off.
    tell_rejects(&rejects, args.rejects.as_deref());
    ended?;
    if all.rejected > 0 && all.accepted + all.duplicate + all.skipped == 0 {
        Err(ScoreError::NoneTaken)
    } else {
        Ok(())
    }
}

/// Says what became of a file: a line on standard output.
fn tell(path: &Path, kind: Kind, imported: &Imported) -> Result<(), ScoreError> {
    imported.notes.iter().for_each(|note| say(note));
    let Imported { tally, before, was_finished, .. } = imported;
    let name = file_name(path);
    if *was_finished {
        return print(&format!("{name}: imported before, {} {}\n", count(*before), kind.as_str()));
    }
    let mut parts = vec![format!("{} accepted", count(tally.accepted))];
    for (records, what) in [
        (tally.duplicate, "taken before"),
        (tally.skipped, "no call to be judged"),
        (tally.rejected, "rejected"),
        (tally.late, "accepted too late for any fact"),
        (tally.unchecked, "accepted unchecked for repeats"),
    ] {
        if records > 0 {
            parts.push(format!("{} {what}", count(records)));
        }
    }
    let begun = if *before > 0 { format!(" after {} of an earlier run", count(*before)) } else { String::new() };
    print(&format!("{name}: {} {}{begun}: {}\n", count(tally.records()), kind.as_str(), parts.join(", ")))
}

/// Says what was rejected, on standard error.
fn tell_rejects(rejects: &Rejects, kept: Option<&Path>) {
    let rejected = rejects.count;
    rejects.shown.iter().for_each(|line| say(line));
    let more = rejected.saturating_sub(rejects.shown.len() as u64);
    match kept {
        _ if rejected == 0 => {}
        Some(file) => say(&format!("{} in {}", counted(rejected, "reject is", "rejects are"), file_name(file))),
        None if more > 0 => say(&format!("{} more; --rejects FILE keeps them", counted(more, "reject", "rejects"))),
        None => {}
    }
    if rejects.untold > 0 {
        say(&format!(
            "{} beyond 1,000 in a batch are counted, and not told",
            counted(rejects.untold, "reject", "rejects")
        ));
    }
}
