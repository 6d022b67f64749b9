//! The closing summary of a run.

use super::folder::Folder;
use super::settings::Settings;
use super::stream::Told;
use crate::output::text::count;

/// The lines of the summary.
pub(super) fn lines(settings: &Settings, told: &Told, folder: &Folder) -> Vec<String> {
    let world = &settings.world;
    let calls: u64 = told.classes.iter().map(|[_, calls]| calls).sum();
    let mut lines = vec![format!(
        "{} calls by {} numbers, {} calls back, {} reports, {} numbers registered; scenario {}",
        count(calls),
        count(world.len()),
        count(told.call_backs),
        count(told.reports),
        count(told.registered),
        world.scenario().version,
    )];
    if let Some((adversary, strength)) = world.options().adversary {
        lines.push(format!("  adversary {} at strength {strength}", adversary.as_str()));
    }
    for (name, [numbers, calls]) in
        world.class_names().iter().zip(&told.classes).filter(|(_, [numbers, _])| *numbers > 0)
    {
        lines.push(format!("  {name:<22} {:>11} numbers {:>14} calls", count(*numbers), count(*calls)));
    }
    for file in folder.files() {
        lines.push(format!("  wrote {} ({} bytes)", file.name(), count(file.bytes)));
    }
    lines
}
