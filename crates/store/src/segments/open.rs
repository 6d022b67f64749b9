//! Opening a log: what is there, and what the last stop left behind.

use std::fmt;
use std::path::{Path, PathBuf};

use super::frame::{FORMAT, SEGMENT_HEAD_BYTES, SegmentHead};
use super::index::{Index, Segment, segment_first, segment_path};
use super::scan::{Bad, Fault, Found, Frames};
use super::{io_error, kept_aside};
use crate::files::{FileWriter, Files, replace};
use crate::log::{Damage, LogError, Position};
use crate::partition::PARTITIONS;

/// A disk writes so many bytes as one.
const SECTOR_BYTES: u64 = 512;
/// The most events of a frame whose head is lost. Chosen: more than the packer ever puts into one.
const LOST_MAX: u64 = 1 << 20;

/// Stands for no key where the id of one is expected.
pub(super) const NO_KEY: [u8; 8] = [0; 8];

/// What was found when the log was opened.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Opening {
    /// What the last write left, when it was cut short: it was never acknowledged, and is gone from the log.
    pub torn: Option<TornTail>,
    /// Damage in the last segment. Older segments are read by [`crate::EventLog::verify`] only.
    pub damage: Vec<Damage>,
}

/// The end of the last segment, cut off because the last append was never written in full.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TornTail {
    /// The file.
    pub file: PathBuf,
    /// Where it was cut.
    pub offset: u64,
    /// How many bytes were cut off.
    pub bytes: u64,
    /// Where these bytes are kept; `None` when the file simply ended early. A frame that has its whole length but not its
    /// content is most likely torn as well, but a disk may also have lost it later.
    pub kept: Option<PathBuf>,
}

impl fmt::Display for TornTail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, offset, bytes, kept } = self;
        let file = file.display();
        write!(f, "{file}: the last append was cut short at {offset}, {bytes} bytes of it, never acknowledged")?;
        kept.as_ref().map_or(Ok(()), |kept| write!(f, "; they are kept in {}", kept.display()))
    }
}

/// A log that is ready to be written.
pub(super) struct Opened {
    pub(super) index: Index,
    pub(super) opening: Opening,
    pub(super) writer: Box<dyn FileWriter>,
}

/// Opens what is in a folder; an empty one becomes a log that begins with the first event ever.
///
/// `key_id` is that of the key at hand, nought where there is none. A segment of another key is refused; what is written from now on
/// goes to a segment of this one.
pub(super) fn open(files: &dyn Files, folder: &Path, key_id: [u8; 8]) -> Result<Opened, LogError> {
    let mut index = Index::default();
    let mut opening = Opening::default();
    // A segment may be there whose name is not durable yet: what is written to it must not vanish with it.
    files.sync_folder(folder).map_err(|source| io_error("sync", folder, source))?;
    let names = files.list(folder).map_err(|source| io_error("list", folder, source))?;
    for name in names {
        let path = folder.join(&name);
        if name.ends_with(".tmp") {
            files.remove(&path).map_err(|source| io_error("remove", &path, source))?;
        } else if let Some(first) = segment_first(&name) {
            let segment = look(files, path, first)?;
            if key_id != NO_KEY && segment.key_id != NO_KEY && segment.key_id != key_id {
                return Err(LogError::Key { file: segment.path });
            }
            index.segments.push(segment);
        }
    }
    let Some(last) = index.segments.last_mut() else {
        let (segment, writer) = create(files, folder, Position::ZERO, key_id)?;
        index.segments.push(segment);
        return Ok(Opened { index, opening, writer });
    };
    let tail = walk(files, last, &mut opening.damage)?;
    index.end = tail.end;
    let mut writer = files.append(&last.path).map_err(|source| io_error("open", &last.path, source))?;
    let mut append = tail.append.0;
    if let Some((torn, end)) = torn(files, last, &tail)? {
        writer.cut(torn.offset).map_err(|source| io_error("cut", &last.path, source))?;
        last.bytes = torn.offset;
        append = append.min(torn.offset);
        opening.torn = Some(torn);
        index.end = end;
    } else if let Some(bad) = &tail.bad {
        // Lost or not, the places of these events are never given again.
        let end = bad.head.map_or_else(|| tail.end.plus(unknown_places(bad)), |head| head.end());
        index.end = end.max(tail.end).max(last.first.plus(1));
        opening.damage.push(bad.damage(&last.path, index.end));
        let (segment, fresh) = create(files, folder, index.end, key_id)?;
        index.segments.push(segment);
        return Ok(Opened { index, opening, writer: fresh });
    }
    again(files, last, append, writer.as_mut())?;
    writer.sync().map_err(|source| io_error("sync", &last.path, source))?;
    if key_id != NO_KEY && last.key_id == NO_KEY {
        if last.first == index.end {
            index.segments.pop();
        }
        let (segment, fresh) = create(files, folder, index.end, key_id)?;
        index.segments.push(segment);
        return Ok(Opened { index, opening, writer: fresh });
    }
    Ok(Opened { index, opening, writer })
}

/// Makes a new segment and opens it to write.
pub(super) fn create(
    files: &dyn Files,
    folder: &Path,
    first: Position,
    key_id: [u8; 8],
) -> Result<(Segment, Box<dyn FileWriter>), LogError> {
    let path = segment_path(folder, first);
    let head = SegmentHead::new(first, key_id).to_bytes();
    replace(files, &path, &[&head]).map_err(|source| io_error("create", &path, source))?;
    let writer = files.append(&path).map_err(|source| io_error("open", &path, source))?;
    let mut segment = Segment::new(path, first, SEGMENT_HEAD_BYTES as u64);
    segment.key_id = key_id;
    segment.format = Some(FORMAT);
    Ok((segment, writer))
}

/// Tells whether some segment in a folder is sealed.
pub(super) fn is_sealed(files: &dyn Files, folder: &Path) -> Result<bool, LogError> {
    let names = match files.list(folder) {
        Ok(names) => names,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(io_error("list", folder, source)),
    };
    for (name, first) in names.iter().filter_map(|name| Some((name, segment_first(name)?))) {
        if look(files, folder.join(name), first)?.key_id != NO_KEY {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What the head of a segment's file says, and when its first frame was appended.
fn look(files: &dyn Files, path: PathBuf, first: Position) -> Result<Segment, LogError> {
    let file = files.open(&path).map_err(|source| io_error("open", &path, source))?;
    let bytes = file.len().map_err(|source| io_error("measure", &path, source))?;
    let mut frames = Frames::from_start(file, &path, first, bytes);
    // A segment's file is there with its whole head or not at all. One whose head is damaged is read nonetheless: its name tells
    // the place of its first event, and frames stand for themselves. `verify` tells the damage.
    let (mut key_id, mut format) = (NO_KEY, None);
    if let Some(head) = SegmentHead::from_bytes(frames.view(0, SEGMENT_HEAD_BYTES)?) {
        let refuse = |what, found: u64, read: u64| Err(LogError::Format { file: path.clone(), what, found, read });
        (key_id, format) = (head.key_id, Some(head.format));
        if !(1..=FORMAT).contains(&head.format) {
            return refuse("format", u64::from(head.format), u64::from(FORMAT));
        }
        if head.partitions != PARTITIONS {
            return refuse("a count of partitions of", u64::from(head.partitions), u64::from(PARTITIONS));
        }
    }
    let mut segment = Segment::new(path, first, bytes);
    segment.key_id = key_id;
    segment.format = format;
    while let Some(found) = frames.next()? {
        if let Found::Frame { offset, head, .. } = found {
            segment.note(offset, &head);
            break;
        }
    }
    Ok(segment)
}

/// The end of a segment.
struct Tail {
    /// Where the last append begins, as far as it could be read: its offset, and the place of its first event.
    append: (u64, Position),
    /// The last frame that could be read is not the last of its append, which could be read from its first frame on.
    is_unfinished: bool,
    /// The place behind the last whole frame.
    end: Position,
    /// Bytes behind it.
    bad: Option<Bad>,
}

/// Reads the last segment: notes its frames, and tells damage between them.
fn walk(files: &dyn Files, segment: &mut Segment, damage: &mut Vec<Damage>) -> Result<Tail, LogError> {
    let mut frames = Frames::of(files, segment)?;
    let mut tail = Tail { append: (segment.bytes, segment.first), is_unfinished: false, end: segment.first, bad: None };
    while let Some(found) = frames.next()? {
        match found {
            Found::Frame { offset, head, .. } => {
                segment.note(offset, &head);
                let begins = offset.saturating_sub(u64::from(head.before_bytes)).max(SEGMENT_HEAD_BYTES as u64);
                let is_whole_so_far = begins == tail.append.0 || begins == offset;
                if !is_whole_so_far || begins == offset {
                    tail.append = (begins, head.first);
                }
                tail.is_unfinished = is_whole_so_far && head.behind_bytes > 0;
            }
            Found::Bad(bad) if bad.to.is_none() => tail.bad = Some(bad),
            Found::Bad(bad) => damage.push(bad.damage(&segment.path, bad.from)),
        }
    }
    tail.end = frames.expected();
    Ok(tail)
}

/// Tells whether the log ends with an append that was never written in full, and if so where it is cut and the place that the
/// next event gets. Bytes that have their whole length are kept aside.
fn torn(files: &dyn Files, segment: &Segment, tail: &Tail) -> Result<Option<(TornTail, Position)>, LogError> {
    let (offset, end) = match &tail.bad {
        _ if tail.is_unfinished => tail.append,
        Some(bad) => (bad.offset, tail.end),
        None => return Ok(None),
    };
    let path = &segment.path;
    let mut torn = TornTail { file: path.clone(), offset, bytes: segment.bytes.saturating_sub(offset), kept: None };
    let Some(bad) = &tail.bad else {
        return Ok(Some((torn, end)));
    };
    match bad.fault {
        Fault::CutOff => return Ok(Some((torn, end))),
        Fault::Again | Fault::Missing => return Ok(None),
        Fault::Head | Fault::Body => {}
    }
    let mut frames = Frames::at(files, segment, (offset, segment.first))?;
    if !has_empty_sector(bad.offset, frames.view(bad.offset, bad.bytes as usize)?) {
        return Ok(None);
    }
    let kept = kept_aside(path);
    let bytes = frames.view(offset, torn.bytes as usize)?;
    replace(files, &kept, &[bytes]).map_err(|source| io_error("create", &kept, source))?;
    torn.kept = Some(kept);
    Ok(Some((torn, end)))
}

/// Writes the last append again. A process that was stopped may have written it and not synced it, or its sync may have failed:
/// the frames look whole then, and a sync alone would not make them durable.
fn again(files: &dyn Files, segment: &Segment, append: u64, writer: &mut dyn FileWriter) -> Result<(), LogError> {
    let mut frames = Frames::at(files, segment, (append, segment.first))?;
    let bytes = frames.view(append, segment.bytes.saturating_sub(append) as usize)?;
    if bytes.is_empty() {
        return Ok(());
    }
    writer.write_again(append, bytes).map_err(|source| io_error("write", &segment.path, source))
}

/// Tells whether some whole sector's share of these bytes is nought: a file may grow before its content is written, and packed
/// bytes have no such runs.
fn has_empty_sector(offset: u64, bytes: &[u8]) -> bool {
    let to_first = (SECTOR_BYTES - offset % SECTOR_BYTES) as usize;
    let (first, rest) = bytes.split_at_checked(to_first).unwrap_or((bytes, &[]));
    let is_empty = |sector: &[u8]| !sector.is_empty() && sector.iter().all(|&byte| byte == 0);
    is_empty(first) || rest.chunks(SECTOR_BYTES as usize).any(is_empty)
}

/// How many events bytes without a readable head may have held at the most.
const fn unknown_places(bad: &Bad) -> u64 {
    LOST_MAX * (bad.bytes / super::frame::FRAME_HEAD_BYTES as u64 + 1)
}
