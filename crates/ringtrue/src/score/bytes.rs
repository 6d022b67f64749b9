//! Bytes of a file or of standard input, unpacked, in blocks that end with a record.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use intake::{Framing, MAX_RECORD_BYTES};

use crate::error::ScoreError;
use crate::said::file_name;

/// Bytes of one block, about. Chosen: large enough that taking the reader's lock costs nothing, small enough for the cache.
const BLOCK_BYTES: usize = 1 << 18;
/// The largest document that is read whole, in bytes.
const MAX_DOCUMENT_BYTES: usize = 1 << 30;

/// How many bytes of a file were read, as they lie on disk.
#[derive(Clone, Default, Debug)]
pub(crate) struct Taken(Arc<AtomicU64>);

impl Taken {
    /// The bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Adds what was read.
    pub(crate) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Counts what is read before it is unpacked, so that progress is told in the size that a file has.
struct Counted<R> {
    raw: R,
    taken: Taken,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.raw.read(into)?;
        self.taken.add(got as u64);
        Ok(got)
    }
}

/// Opens a file, or standard input for `-`, and unpacks gzip and zstd by their first bytes.
pub(crate) fn open(path: &Path) -> io::Result<(Box<dyn Read + Send>, Taken)> {
    let taken = Taken::default();
    let raw: Box<dyn Read + Send> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    let mut raw = Counted { raw, taken: taken.clone() };
    let mut magic = [0; 4];
    let mut have = 0;
    while have < magic.len() {
        match raw.read(magic.get_mut(have..).unwrap_or_default())? {
            0 => break,
            n => have += n,
        }
    }
    let start = magic.get(..have).unwrap_or_default().to_vec();
    let packed_gzip = start.starts_with(&[0x1f, 0x8b]);
    let packed_zstd = start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    let whole = Cursor::new(start).chain(raw);
    let unpacked: Box<dyn Read + Send> = if packed_gzip {
        let packed = io::BufReader::with_capacity(1 << 16, whole);
        Box::new(Unpacked { reader: flate2::read::MultiGzDecoder::new(packed), test: "gzip -t" })
    } else if packed_zstd {
        Box::new(Unpacked { reader: zstd::stream::read::Decoder::new(whole)?, test: "zstd -t" })
    } else {
        Box::new(whole)
    };
    Ok((unpacked, taken))
}

/// What a packed file holds; a damaged one says so in words that help.
struct Unpacked<R> {
    reader: R,
    /// The command that tests such a file.
    test: &'static str,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer).map_err(|error| {
            let told = format!("the packed file is cut off or damaged ({error}); `{}` tests it", self.test);
            io::Error::new(error.kind(), told)
        })
    }
}

/// Reads at most `limit` bytes.
pub(crate) fn read_up_to(reader: &mut dyn Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads and unpacks a whole file, or standard input for `-`.
///
/// # Errors
/// A file that cannot be read, or has more than `limit` bytes unpacked.
pub(crate) fn read_whole(path: &Path, limit: usize) -> Result<Vec<u8>, ScoreError> {
    let read = || {
        let bytes = read_up_to(open(path)?.0.as_mut(), limit + 1)?;
        if bytes.len() > limit {
            let told = format!("it has more than {limit} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, told));
        }
        Ok(bytes)
    };
    read().map_err(|source| ScoreError::Unreadable { file: file_name(path), source })
}

/// Where a block stands in its file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// Its place in the order of blocks, from 0 on.
    pub(crate) sequence: u64,
}

/// Cuts a reader into blocks.
pub(crate) struct Blocks {
    reader: Box<dyn Read + Send>,
    framing: Framing,
    /// Bytes of one block, about.
    size: usize,
    carry: Vec<u8>,
    at_end: bool,
    next: Block,
}

impl Blocks {
    /// Cuts what is left of `reader` into blocks.
    pub(crate) fn new(reader: Box<dyn Read + Send>, framing: Framing) -> Self {
        Self::of_size(reader, framing, BLOCK_BYTES)
    }

    /// Cuts what is left of `reader` into blocks of about `size` bytes. The same bytes are always cut alike.
    pub(crate) fn of_size(reader: Box<dyn Read + Send>, framing: Framing, size: usize) -> Self {
        let next = Block { sequence: 0 };
        Self { reader, framing, size, carry: Vec::new(), at_end: false, next }
    }

    /// Reads the next block into `block`; `None` at the end. What `block` held before saves clearing memory for this one.
    pub(crate) fn next(&mut self, block: &mut Vec<u8>) -> io::Result<Option<Block>> {
        let mut filled = self.carry.len();
        block.resize(block.len().max(filled), 0);
        if let Some(begin) = block.get_mut(..filled) {
            begin.copy_from_slice(&self.carry);
        }
        let mut wanted = self.size;
        let cut = loop {
            filled = self.fill(block, filled, wanted)?;
            let cut = self.framing.cut(block, self.at_end);
            if cut > 0 || self.at_end {
                break cut;
            }
            if self.framing == Framing::Document && filled > MAX_DOCUMENT_BYTES {
                return Err(io::Error::other("a JSON document of more than 1 GiB cannot be read whole: split it"));
            }
            if self.framing != Framing::Document && filled > MAX_RECORD_BYTES {
                // One overlong record: give it out as it is, so that it is rejected and the rest goes on.
                break filled;
            }
            wanted = filled * 2;
        };
        if block.is_empty() {
            return Ok(None);
        }
        self.carry.clear();
        self.carry.extend_from_slice(block.get(cut..).unwrap_or_default());
        block.truncate(cut);
        let this = self.next;
        self.next.sequence += 1;
        Ok(Some(this))
    }

    /// Reads on until `block`, of which `filled` bytes are filled, holds `wanted` bytes or the end is reached. Tells how many
    /// are filled then; `block` ends with them.
    fn fill(&mut self, block: &mut Vec<u8>, mut filled: usize, wanted: usize) -> io::Result<usize> {
        block.resize(wanted.max(filled), 0);
        while !self.at_end
            && let Some(room) = block.get_mut(filled..)
            && !room.is_empty()
        {
            match self.reader.read(room) {
                Ok(0) => self.at_end = true,
                Ok(got) => filled += got,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        block.truncate(filled);
        Ok(filled)
    }
}
