//! The list of a backup's files, by which it is known to be whole.
//!
//! It is a text: `ringtrue backup 1`; `made` with a time; `events` with the first place of the log and the one behind its last;
//! for each file its CRC-32C in hexadecimal digits, its bytes and its path below the backup, with `/`; and last `end` with the CRC-32C
//! of everything before.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use model::Timestamp;
use store::Position;
use store::files::{Disk, replace};

use super::{UpkeepError, failed};

/// What the list is called in a backup.
pub const MANIFEST: &str = "backup.manifest";
const BEGIN: &str = "ringtrue backup 1";
/// How much of a file is read at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// The list of a backup's files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    /// When the backup was made.
    pub made_at: Timestamp,
    /// The places of its events.
    pub events: Range<Position>,
    /// Its files, without the list itself.
    pub files: Vec<ManifestFile>,
}

/// A file of a backup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ManifestFile {
    /// Its path below the backup, with `/`.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// The CRC-32C of its bytes.
    pub crc: u32,
}

impl ManifestFile {
    /// Where it is in a folder.
    #[must_use]
    pub fn below(&self, folder: &Path) -> PathBuf {
        self.path.split('/').fold(folder.to_owned(), |path, part| path.join(part))
    }

    /// Tells in which way a file of so many bytes and this checksum is not this one; `None` where it is.
    pub(super) fn difference(&self, bytes: u64, crc: u32) -> Option<String> {
        if bytes != self.bytes {
            return Some(format!("it has {bytes} bytes, {} were written", self.bytes));
        }
        (crc != self.crc).then(|| format!("its {bytes} bytes are not those that were written: the checksum differs"))
    }
}

impl Manifest {
    /// Reads the list of a backup; `None` when there is none.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, UpkeepError> {
        let file = folder.join(MANIFEST);
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("read", &file)(error)),
        };
        let whole = Self::from_text(&text);
        whole.map(Some).map_err(|detail| UpkeepError::Manifest { file, detail: detail.to_owned() })
    }

    /// Writes the list, durably.
    pub(super) fn write(&self, folder: &Path) -> Result<(), UpkeepError> {
        let file = folder.join(MANIFEST);
        replace(&Disk, &file, &[self.text().as_bytes()]).map_err(failed("write", &file))
    }

    fn text(&self) -> String {
        let Self { made_at, events, files } = self;
        let mut text = format!("{BEGIN}\nmade {made_at}\nevents {} {}\n", events.start, events.end);
        for ManifestFile { path, bytes, crc } in files {
            let _written = writeln!(text, "{crc:08x} {bytes} {path}");
        }
        let crc = crc32c::crc32c(text.as_bytes());
        text + &format!("end {crc:08x}\n")
    }

    fn from_text(text: &str) -> Result<Self, &'static str> {
        let cut_off = "it is cut off or was changed";
        let (rest, end) = text.trim_end().rsplit_once("\nend ").ok_or(cut_off)?;
        let listed = text.get(..=rest.len()).ok_or(cut_off)?;
        let mut lines = rest.lines();
        if lines.next() != Some(BEGIN) {
            return Err("`ringtrue backup 1` was expected in its first line");
        }
        if u32::from_str_radix(end, 16) != Ok(crc32c::crc32c(listed.as_bytes())) {
            return Err(cut_off);
        }
        let head = |line: Option<&str>, word: &str| line.and_then(|line| line.strip_prefix(word)).map(str::to_owned);
        let made = head(lines.next(), "made ").ok_or("`made` and a time were expected in line 2")?;
        let made_at =
            intake::time::parse_time(made.as_bytes(), "made", None).map_err(|_| "a time was expected in line 2")?;
        let places = head(lines.next(), "events ").ok_or("`events` and two places were expected in line 3")?;
        let place = |text: &str| text.parse().ok().map(Position);
        let events = places.split_once(' ').and_then(|(start, end)| Some(place(start)?..place(end)?));
        let files: Option<Vec<_>> = lines.map(file_of).collect();
        Ok(Self {
            made_at,
            events: events.ok_or("two places were expected in line 3")?,
            files: files.ok_or("checksum, bytes and path of a file were expected in each line")?,
        })
    }
}

fn file_of(line: &str) -> Option<ManifestFile> {
    let mut parts = line.splitn(3, ' ');
    let crc = u32::from_str_radix(parts.next()?, 16).ok()?;
    let bytes = parts.next()?.parse().ok()?;
    let path = parts.next()?;
    // A path leads nowhere but below the backup.
    let is_name = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\\');
    path.split('/').all(is_name).then(|| ManifestFile { path: path.to_owned(), bytes, crc })
}

/// Reads a file to its end, hands on what was read, and tells its length and checksum.
pub(super) fn read_through(file: &mut File, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<(u64, u32)> {
    let (mut buffer, mut bytes, mut crc) = (vec![0; CHUNK_BYTES], 0, 0);
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => return Ok((bytes, crc)),
            Ok(read) => buffer.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        crc = crc32c::crc32c_append(crc, read);
        bytes += read.len() as u64;
        take(read)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            made_at: Timestamp::from_s(1_795_478_400).expect("a time"),
            events: Position(3)..Position(90),
            files: vec![ManifestFile { path: "log/0003.log".to_owned(), bytes: 12, crc: 0xa1 }],
        }
    }

    #[test]
    fn a_list_is_read_as_it_was_written() {
        assert_eq!(Manifest::from_text(&manifest().text()), Ok(manifest()));
    }

    #[test]
    fn a_list_that_was_changed_is_refused() {
        let text = manifest().text();
        for (from, to) in [("12", "13"), ("\nend", "\nen"), ("backup 1", "backup 2"), ("000000a1", "000000a2")] {
            assert!(Manifest::from_text(&text.replace(from, to)).is_err(), "{from} as {to}");
        }
        for cut in 0..text.len() - 1 {
            assert!(Manifest::from_text(text.get(..cut).expect("ASCII")).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_path_never_leads_out_of_the_backup() {
        for path in ["../x", "/x", "log//x", "log/..", "", "a\\b"] {
            let mut manifest = manifest();
            manifest.files = vec![ManifestFile { path: path.to_owned(), bytes: 1, crc: 1 }];
            assert!(Manifest::from_text(&manifest.text()).is_err(), "{path}");
        }
    }
}
