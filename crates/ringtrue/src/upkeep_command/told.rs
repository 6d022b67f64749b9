//! What was found in a data directory, for people and as JSON.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

use indicatif::BinaryBytes;
use model::Timestamp;
use serde_json::{Value, json};
use service::Position;
use service::upkeep::{Checked, Inspected, LogHeld, SnapshotInfo, SnapshotsHeld};
use store::Damage;
use store::registry::Holdings;
use store::segments::{SegmentInfo, TornTail};

use crate::output::text::{count, counted};
use crate::said::{printable, short_name};

/// The most segments that are listed for people: the first and the last ones.
const LISTED: usize = 10;

/// Bytes as people read them.
pub(super) fn size(bytes: u64) -> String {
    BinaryBytes(bytes).to_string()
}

/// How many events, and their places.
pub(super) fn events(places: &Range<Position>) -> String {
    match places.end.0.saturating_sub(places.start.0) {
        0 => "no events".to_owned(),
        1 => format!("1 event ({})", places.start),
        many => format!("{} events ({} to {})", count(many), places.start, places.end.0.saturating_sub(1)),
    }
}

/// What a check found: a line for each part, its faults below it.
pub(super) fn checked(checked: &Checked) -> String {
    let segments = counted(checked.segments as u64, "segment", "segments");
    let mut text = String::new();
    let damage: Vec<String> = checked.log.iter().map(Damage::to_string).collect();
    part(&mut text, "log", &format!("{segments}, {}", events(&checked.events)), &damage);
    let files = counted(checked.snapshot_files as u64, "file", "files");
    part(&mut text, "snapshots", &files, &checked.snapshots);
    part(&mut text, "registry", "every page and every reference", &checked.registry);
    if let Some(files) = checked.backup_files {
        let files = counted(files as u64, "file", "files");
        part(&mut text, "backup", &format!("{files} as they were written"), &checked.files);
    } else if !checked.files.is_empty() {
        part(&mut text, "files", "", &checked.files);
    }
    for note in &checked.notes {
        line(&mut text, "note", note);
    }
    if checked.is_well() {
        text.push_str("all is well\n");
    }
    text
}

/// A part that was checked: what of it was read when all is well, else what is wrong.
fn part(text: &mut String, name: &str, read: &str, wrong: &[String]) {
    if wrong.is_empty() {
        return line(text, name, &format!("well: {read}"));
    }
    line(text, name, &format!("DAMAGED: {}", counted(wrong.len() as u64, "fault", "faults")));
    for wrong in wrong {
        line(text, "", wrong);
    }
}

fn line(text: &mut String, name: &str, said: &str) {
    let _written = writeln!(text, "{name:<10} {}", printable(said));
}

/// What a check found, as one document.
pub(super) fn checked_json(checked: &Checked) -> String {
    let Checked { events, segments, log, snapshot_files, snapshots, registry, backup_files, files, notes } = checked;
    let document = json!({
        "well": checked.is_well(),
        "log": { "events": places(events), "segments": segments, "damage": log.iter().map(damage).collect::<Vec<_>>() },
        "snapshots": { "files": snapshot_files, "faults": snapshots },
        "registry": { "faults": registry },
        "backup_files": backup_files,
        "file_faults": files,
        "notes": notes,
    });
    format!("{document:#}\n")
}

fn places(places: &Range<Position>) -> Value {
    json!({ "from": places.start.0, "before": places.end.0 })
}

fn damage(damage: &Damage) -> Value {
    let Damage { file, offset, bytes, lost, found } = damage;
    json!({ "file": file.display().to_string(), "offset": offset, "bytes": bytes, "lost": places(lost), "found": found })
}

/// What a data directory holds, for people.
pub(super) fn inspected(held: &Inspected) -> String {
    let mut text = String::new();
    line(&mut text, "data", &format!("{}, begun {}", held.identity.id, held.identity.created_at));
    if let Some(at) = held.backup_made_at {
        line(&mut text, "backup", &format!("made {at}"));
    }
    log(&mut text, &held.log);
    snapshots(&mut text, &held.snapshots);
    let Holdings { schema, schema_known, rows, bytes } = &held.registry;
    line(&mut text, "registry", &format!("schema {schema} of {schema_known} known, {}", size(*bytes)));
    for (table, rows) in rows.iter().filter(|(_, rows)| *rows > 0) {
        line(&mut text, "", &format!("{table:<20} {:>12}", count(*rows)));
    }
    line(&mut text, "carriers", &count(held.carriers as u64));
    text
}

fn log(text: &mut String, log: &LogHeld) {
    let LogHeld { format, events: held, bytes, segments, opening } = log;
    let found: BTreeSet<u16> = segments.iter().filter_map(|segment| segment.format).collect();
    let found = found.iter().map(u16::to_string).collect::<Vec<_>>().join(" and ");
    let many = counted(segments.len() as u64, "segment", "segments");
    line(text, "log", &format!("format {found} of {format} known, {many}, {}, {}", size(*bytes), events(held)));
    let oldest = segments.iter().find_map(|segment| segment.oldest);
    let newest = segments.iter().rev().find_map(|segment| segment.newest.or(segment.oldest));
    if let (Some(oldest), Some(newest)) = (oldest, newest) {
        line(text, "", &format!("appended from {oldest} to {newest}"));
    }
    let left_out = segments.len().saturating_sub(LISTED);
    for (at, info) in segments.iter().enumerate() {
        if at == LISTED / 2 && left_out > 0 {
            line(text, "", &format!("… {left_out} more; --json lists all"));
        }
        if at < LISTED / 2 || at >= LISTED / 2 + left_out {
            segment(text, info);
        }
    }
    if let Some(torn) = &opening.torn {
        line(text, "", &format!("{torn}; the next start cuts it off"));
    }
    for damage in &opening.damage {
        line(text, "", &format!("DAMAGED: {damage}"));
    }
}

fn segment(text: &mut String, info: &SegmentInfo) {
    let since = info.oldest.map_or_else(String::new, |oldest| format!(" from {oldest}"));
    let (name, bytes) = (short_name(&info.file), size(info.bytes));
    let sealed = if info.is_sealed { "sealed" } else { "in clear" };
    line(text, "", &format!("{name} {bytes:>11}  {sealed}  {}{since}", events(&info.places)));
}

fn snapshots(text: &mut String, held: &SnapshotsHeld) {
    let SnapshotsHeld { format, version, files, bytes, parts, read_from, reaches_to, newest, unusable, all: _ } = held;
    let files = counted(*files as u64, "file", "files");
    line(text, "snapshots", &format!("format {format}, state version {version}, {files}, {}", size(*bytes)));
    match (read_from, reaches_to, newest) {
        (Some(place), Some(to), Some(newest)) => {
            let parts = counted(*parts as u64, "part", "parts");
            line(text, "", &format!("{parts}, at events {place} to {to}, the newest of {newest}"));
            line(text, "", &format!("a start reads the log from event {place} on"));
        }
        (None, _, _) | (_, None, _) | (_, _, None) => line(text, "", "none of use: a start reads the whole log"),
    }
    for why in unusable {
        line(text, "", &format!("not used: {why}"));
    }
}

/// What a data directory holds, as one document.
pub(super) fn inspected_json(held: &Inspected) -> String {
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let LogHeld { format, events, bytes, segments, opening } = &held.log;
    let segment = |info: &SegmentInfo| {
        json!({
            "file": info.file.display().to_string(), "events": places(&info.places), "bytes": info.bytes,
            "format": info.format, "sealed": info.is_sealed,
            "oldest": at(info.oldest), "newest": at(info.newest),
        })
    };
    let torn = |torn: &TornTail| json!({ "file": torn.file.display().to_string(), "offset": torn.offset, "bytes": torn.bytes });
    let snapshot = |info: &SnapshotInfo| {
        json!({
            "name": info.name.as_str(), "before": info.head.position.0, "state_version": info.head.fold_version,
            "taken_at": info.head.taken_at.to_string(), "bytes": info.bytes,
        })
    };
    let shots = &held.snapshots;
    let document = json!({
        "data": { "id": held.identity.id.to_string(), "begun": held.identity.created_at.to_string() },
        "backup_made_at": at(held.backup_made_at),
        "log": {
            "format": format, "events": places(events), "bytes": bytes,
            "segments": segments.iter().map(segment).collect::<Vec<_>>(),
            "torn": opening.torn.as_ref().map(torn),
            "damage": opening.damage.iter().map(damage).collect::<Vec<_>>(),
        },
        "snapshots": {
            "format": shots.format, "state_version": shots.version, "files": shots.files, "bytes": shots.bytes,
            "parts": shots.parts, "read_from": shots.read_from.map(|place| place.0), "newest": at(shots.newest),
            "unusable": shots.unusable, "all": shots.all.iter().map(snapshot).collect::<Vec<_>>(),
        },
        "registry": {
            "schema": held.registry.schema, "schema_known": held.registry.schema_known, "bytes": held.registry.bytes,
            "rows": held.registry.rows.iter().map(|(name, rows)| (name.clone(), json!(rows))).collect::<serde_json::Map<_, _>>(),
        },
        "carriers": held.carriers,
    });
    format!("{document:#}\n")
}
