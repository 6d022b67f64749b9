//! Copying a log while it grows.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::index::{Segment, Shared, segment_path};
use super::io_error;
use crate::files::{FileReader, FileWriter, Files};
use crate::log::{LogError, Position};

/// How much is copied at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// Copies a log, from any thread, while another appends.
#[derive(Clone)]
pub struct SegmentCopier {
    files: Arc<dyn Files>,
    shared: Arc<Shared>,
}

impl SegmentCopier {
    pub(super) const fn new(files: Arc<dyn Files>, shared: Arc<Shared>) -> Self {
        Self { files, shared }
    }

    /// Copies what is held now into a folder, which then is a log of its own, and tells which places it holds. Damage is copied as
    /// it is. The copy is durable when this returns.
    ///
    /// # Errors
    /// When the folder holds a log already, or a file cannot be read or written.
    pub fn copy_to(&self, folder: &Path) -> Result<Range<Position>, LogError> {
        let files = self.files.as_ref();
        files.create_folder(folder).map_err(|source| io_error("create", folder, source))?;
        let there = files.list(folder).map_err(|source| io_error("list", folder, source))?;
        if there.iter().any(|name| name.ends_with(".log")) {
            let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(io_error("copy a log to", folder, source));
        }
        // Opened together, so that no segment is trimmed or rewritten between two of them.
        let (opened, held) = {
            let index = self.shared.read();
            let opened: Result<Vec<_>, _> = index.segments.iter().map(|segment| open(files, segment)).collect();
            (opened?, index.held())
        };
        for (segment, mut reader) in opened {
            let path = segment_path(folder, segment.first);
            let mut writer = files.create(&path).map_err(|source| io_error("create", &path, source))?;
            copy(reader.as_mut(), &segment, writer.as_mut(), &path)?;
        }
        files.sync_folder(folder).map_err(|source| io_error("sync", folder, source))?;
        Ok(held)
    }
}

fn open(files: &dyn Files, segment: &Segment) -> Result<(Segment, Box<dyn FileReader>), LogError> {
    let reader = files.open(&segment.path).map_err(|source| io_error("open", &segment.path, source))?;
    Ok((segment.clone(), reader))
}

/// Copies a segment as far as it is durable.
fn copy(
    reader: &mut dyn FileReader,
    segment: &Segment,
    writer: &mut dyn FileWriter,
    path: &Path,
) -> Result<(), LogError> {
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut offset = 0;
    while offset < segment.bytes {
        let want = (segment.bytes - offset).min(CHUNK_BYTES as u64) as usize;
        buffer.resize(want, 0);
        let read = reader.read_at(offset, &mut buffer).map_err(|source| io_error("read", &segment.path, source))?;
        if read == 0 {
            let source = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
            return Err(io_error("read", &segment.path, source));
        }
        let bytes = buffer.get(..read).unwrap_or_default();
        writer.write(bytes).map_err(|source| io_error("write", path, source))?;
        offset += read as u64;
    }
    writer.sync().map_err(|source| io_error("sync", path, source))
}
