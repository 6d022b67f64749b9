//! The files of a run: opening them, and settling whose numbers are judged.

use std::collections::BTreeSet;

use intake::Format;

use super::counts::Counts;
use super::open::{OpenFile, guess_owners, open_file};
use super::owners::Owners;
use super::setup::Setup;
use super::shards::{ReporterPairs, Shards};
use crate::cli::ScoreArgs;
use crate::error::ScoreError;

/// Opens every file, and settles whose numbers are judged.
pub(super) fn open_all(
    args: &ScoreArgs,
    setup: &Setup,
    notes: &mut Vec<String>,
) -> Result<(Owners, Vec<OpenFile>), ScoreError> {
    let format = format(args, setup)?;
    let guessing = setup.own.is_none() && !args.all_callers;
    let mut files = Vec::new();
    for path in &args.files {
        files.push(open_file(setup, path, format.as_ref(), guessing, notes)?);
    }
    let owners = match &setup.own {
        Some(own) => Owners::Named(own.clone()),
        None if guessing && !files.is_empty() => guess_owners(&files, setup),
        None => Owners::EveryCaller,
    };
    notes.extend(guessed(&owners));
    Ok((owners, files))
}

/// What is said about a guess; `None` when nothing was guessed.
fn guessed(owners: &Owners) -> Option<String> {
    let whose = match owners {
        Owners::EveryCaller | Owners::Named(_) => return None,
        Owners::EveryCallerOwn => "every calling number is yours".to_owned(),
        Owners::Guessed(own) if own.len() == 1 => format!("{} is your number", own.first()?),
        Owners::Guessed(own) => {
            let first: Vec<String> = own.iter().take(3).map(ToString::to_string).collect();
            let more = if own.len() > first.len() { ", …" } else { "" };
            format!("{} numbers are yours ({}{more})", own.len(), first.join(", "))
        }
    };
    Some(format!("guessing that {whose}: name them with --own FILE, or judge every caller with --all-callers"))
}

/// The dialect or mapping that the arguments name. A single mapping of the operator's own needs no name: it is meant for these
/// files. `None` leaves it to the files' content.
fn format(args: &ScoreArgs, setup: &Setup) -> Result<Option<Format>, ScoreError> {
    let Some(name) = &args.format else {
        let own = setup.options.mappings.last().filter(|_| args.mapping.len() == 1);
        return Ok(own.and_then(|mapping| Format::named(mapping.name(), &setup.options)));
    };
    Format::named(name, &setup.options).map(Some).ok_or_else(|| {
        let dialects = Format::NAMED.iter().map(|(name, _)| *name);
        let known: Vec<&str> = dialects.chain(setup.options.mappings.iter().map(|mapping| mapping.name())).collect();
        ScoreError::Argument {
            argument: "--format",
            detail: format!("`{name}` is no format; known are {}", known.join(", ")),
        }
    })
}

/// The packed size of all files together; `None` when one of them has none (standard input).
pub(super) fn total_bytes(args: &ScoreArgs) -> Option<u64> {
    args.files
        .iter()
        .map(|path| std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|found| found.len()))
        .sum()
}

/// Hands reports to the shards of the numbers that they are about, but for those about others' numbers. For an owner with
/// calls a regulator's report, whose file is about everybody's numbers, makes no number known that places no call.
pub(super) fn admit_reports(setup: &Setup, shards: &Shards, owners: &Owners, counts: &mut Counts) -> ReporterPairs {
    let mut pairs = BTreeSet::new();
    let callers_only = matches!(owners, Owners::EveryCallerOwn);
    for report in &setup.reports.reports {
        if !owners.own(report.tn) {
            counts.not_own_reports += 1;
            continue;
        }
        if let Some(reporter) = report.reporter_tn {
            pairs.insert((report.tn, reporter));
        }
        shards.with(report.tn, |shard| {
            if !(callers_only && report.regulator) {
                shard.tray.know(report.tn);
            }
            shard.extras.entry(report.tn).or_default().reports.push(report.clone());
        });
    }
    pairs
}
