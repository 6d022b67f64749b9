//! Reading everything in a data directory or a backup, and checking it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use store::registry::RegistryError;
use store::snapshot::PassedWhy;
use store::{Damage, EventLog as _, Position, SnapshotFolder, Snapshots as _};

use super::manifest::{Manifest, read_through};
use super::{UpkeepError, failed, has_data, key_in, look_at_log, look_at_registry, look_at_snapshots};
use crate::carriers;
use crate::fold::SNAPSHOT_VERSION;
use crate::keeper::{MARKS, MARKS_VERSION};

/// What a check of a data directory found. Each finding is a sentence that begins with the file.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Checked {
    /// The places of the log's events.
    pub events: Range<Position>,
    /// Segments of the log.
    pub segments: usize,
    /// Damage of the log, oldest first.
    pub log: Vec<Damage>,
    /// Snapshots that were read.
    pub snapshot_files: usize,
    /// Snapshots that cannot be used, or do not fit the log.
    pub snapshots: Vec<String>,
    /// What is wrong with the registry.
    pub registry: Vec<String>,
    /// Files of a backup, none in a data directory.
    pub backup_files: Option<usize>,
    /// Other files that are missing or are not what a backup says of them.
    pub files: Vec<String>,
    /// What is no damage, and worth knowing.
    pub notes: Vec<String>,
}

impl Checked {
    /// Tells whether nothing is damaged.
    #[must_use]
    pub const fn is_well(&self) -> bool {
        self.log.is_empty() && self.snapshots.is_empty() && self.registry.is_empty() && self.files.is_empty()
    }
}

/// Reads everything in a data directory on which no server works, or in a backup, and checks it. Nothing is changed.
///
/// # Errors
/// When something cannot be read at all.
pub fn verify(data: &Path) -> Result<Checked, UpkeepError> {
    has_data(data)?;
    let mut checked = Checked::default();
    let log = look_at_log(data)?;
    checked.log = log.verify().map_err(UpkeepError::Log)?;
    checked.events = log.reader().held();
    checked.segments = log.segments().len();
    if let Some(torn) = &log.opening().torn {
        checked.notes.push(torn.to_string());
    }
    if !checked.events.is_empty() && !data.join(carriers::FILE).is_file() {
        let file = data.join(carriers::FILE);
        checked.files.push(format!("{}: it is missing: what events say of carriers cannot be told", file.display()));
    }
    if let Some(snapshots) = look_at_snapshots(data)? {
        check_snapshots(&snapshots, key_in(data)?.is_some(), &mut checked)?;
    }
    checked.registry = match look_at_registry(data)
        .and_then(|registry| registry.verify().map_err(UpkeepError::Registry))
    {
        Ok(wrong) => wrong,
        Err(UpkeepError::Registry(error @ (RegistryError::NotARegistry { .. } | RegistryError::Damaged { .. }))) => {
            vec![error.to_string()]
        }
        Err(error) => return Err(error),
    };
    if let Some(manifest) = Manifest::read(data)? {
        checked.backup_files = Some(manifest.files.len());
        compare(&manifest, data, &mut checked.files)?;
    }
    Ok(checked)
}

/// Reads each snapshot, and compares the newest of each name with what the log holds.
fn check_snapshots(snapshots: &SnapshotFolder, has_key: bool, checked: &mut Checked) -> Result<(), UpkeepError> {
    let held = checked.events.clone();
    let mut usable = BTreeMap::new();
    let (mut others, mut sealed) = (0, 0);
    for (name, place) in snapshots.list().map_err(UpkeepError::Snapshots)? {
        checked.snapshot_files += 1;
        let file = snapshots.path(&name, place);
        let is_marks = name.as_str() == MARKS;
        let version = if is_marks { MARKS_VERSION } else { SNAPSHOT_VERSION };
        match snapshots.read(&name, place) {
            // The checksum holds, or it would be told.
            Err(PassedWhy::Sealed) if !has_key => sealed += 1,
            Err(why) => checked.snapshots.push(format!("{}: {why}", file.display())),
            Ok(_) if place > held.end => {
                let text = format!("it reaches to event {place}, the log ends at {}: segments are missing", held.end);
                checked.snapshots.push(format!("{}: {text}", file.display()));
            }
            Ok(snapshot) if snapshot.head.fold_version != version => others += 1,
            Ok(_) if is_marks => {}
            Ok(_) => drop(usable.insert(name, (place, file))),
        }
    }
    for (place, file) in usable.into_values().filter(|(place, _)| *place < held.start) {
        let text = format!("it reaches to event {place}, the log begins at {}: segments are missing", held.start);
        checked.snapshots.push(format!("{}: {text}", file.display()));
    }
    if sealed > 0 {
        let text =
            format!("{sealed} snapshots are sealed, and the key is not here: their checksums alone were checked");
        checked.notes.push(text);
    }
    if others > 0 {
        let text =
            format!("{others} snapshots were made by another version of the program: a start reads the log instead");
        checked.notes.push(text);
    }
    Ok(())
}

/// Compares the files of a backup with its list.
fn compare(manifest: &Manifest, folder: &Path, wrong: &mut Vec<String>) -> Result<(), UpkeepError> {
    for file in &manifest.files {
        let path = file.below(folder);
        let difference = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some("it is missing".to_owned()),
            Err(error) => return Err(failed("open", &path)(error)),
            Ok(mut opened) => {
                let (bytes, crc) = read_through(&mut opened, |_| Ok(())).map_err(failed("read", &path))?;
                file.difference(bytes, crc)
            }
        };
        wrong.extend(difference.map(|detail| format!("{}: {detail}", path.display())));
    }
    Ok(())
}
