//! The rows of a Parquet file as lines of our own NDJSON, some hundred at a time.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use intake::{OpenError, call_columns};
use parquet::column::reader::ColumnReader;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::column::{Cells, Kind};
use super::guard::{broken, guarded};
use crate::error::ScoreError;
use crate::score::bytes::Taken;

/// The largest file that is read, in bytes. Chosen: far above what one export holds, and a bound on what a forged directory
/// can ask for.
const MAX_FILE_BYTES: u64 = 8 << 30;
/// The largest directory at a file's end, in bytes. Chosen: those of real exports stay below a megabyte.
const MAX_FOOTER_BYTES: u64 = 64 << 20;
/// Rows that are made lines at once. Chosen: about as many bytes as one block.
const BATCH_ROWS: usize = 1024;
/// What a call cannot do without.
const NEEDED: [&str; 3] = ["start", "orig", "dest"];

/// A column that is read.
struct Column {
    /// Its place in the file.
    place: usize,
    kind: Kind,
    /// What stands before its cell in a line.
    key: String,
    /// Its cells in the rows at hand.
    cells: Cells,
}

/// Lines of NDJSON, one a row.
pub(super) struct Rows {
    reader: SerializedFileReader<File>,
    columns: Vec<Column>,
    /// The next row group.
    group: usize,
    /// The readers of the open row group, in the order of the columns.
    open: Vec<ColumnReader>,
    /// Rows of it that are still to be read.
    left: usize,
    lines: Vec<u8>,
    /// How much of the lines was given out.
    given: usize,
    failed: bool,
    taken: Taken,
}

impl Rows {
    /// Opens a file; tells also the names of columns that are not used. Row groups are counted in `taken` when they begin.
    ///
    /// # Errors
    /// `Unreadable` when it is no whole Parquet file or one of its columns has a type that a call record has no use for,
    /// `Open` when a column is missing that every call needs.
    pub(super) fn open(path: &Path, taken: Taken) -> Result<(Self, Vec<String>), ScoreError> {
        let file = || crate::said::file_name(path);
        let unreadable = |source| ScoreError::Unreadable { file: file(), source };
        let reader =
            checked(path).and_then(|opened| guarded(|| SerializedFileReader::new(opened))).map_err(unreadable)?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let (mut columns, mut found): (Vec<Column>, Vec<String>) = (Vec::new(), Vec::new());
        let mut ignored = Vec::new();
        for (place, column) in schema.columns().iter().enumerate() {
            let name = column.path().string();
            let root = column.path().parts().first().map_or("", String::as_str);
            found.push(name.clone());
            if !call_columns().any(|known| known == root) || columns.iter().any(|other| other.is(root)) {
                ignored.push(name);
                continue;
            }
            let Some(kind) = Kind::of(column).filter(|_| name == root) else {
                let detail = format!(
                    "column `{name}` is of a type that is not read here: expected text, a number, true or false, or a \
                     timestamp"
                );
                return Err(unreadable(io::Error::new(io::ErrorKind::Unsupported, detail)));
            };
            columns.push(Column { place, kind, key: format!("\"{name}\":\""), cells: Cells::default() });
        }
        if let Some(missing) = NEEDED.into_iter().find(|name| !columns.iter().any(|column| column.is(name))) {
            let (column, format) = (missing.to_owned(), "parquet".to_owned());
            let source = OpenError::MissingColumn { column, format, found: found.join(", ") };
            return Err(ScoreError::Open { file: file(), source });
        }
        let (open, lines) = (Vec::new(), Vec::new());
        Ok((Self { reader, columns, group: 0, open, left: 0, lines, given: 0, failed: false, taken }, ignored))
    }

    /// Makes lines of the next rows; none are left at the end.
    fn refill(&mut self) -> io::Result<()> {
        self.lines.clear();
        self.given = 0;
        while self.left == 0 {
            if self.group >= self.reader.num_row_groups() {
                return Ok(());
            }
            self.open_group()?;
        }
        let rows = self.left.min(BATCH_ROWS);
        let Self { columns, open, .. } = self;
        guarded(|| {
            columns.iter_mut().zip(open).try_for_each(|(column, reader)| column.cells.read(reader, column.kind, rows))
        })?;
        self.left -= rows;
        for row in 0..rows {
            for (at, column) in self.columns.iter().enumerate() {
                self.lines.push(if at == 0 { b'{' } else { b',' });
                self.lines.extend_from_slice(column.key.as_bytes());
                self.lines.extend_from_slice(column.cells.get(row));
                self.lines.push(b'"');
            }
            self.lines.extend_from_slice(b"}\n");
        }
        Ok(())
    }

    fn open_group(&mut self) -> io::Result<()> {
        let Self { reader, columns, group, .. } = self;
        let (rows, size, open) = guarded(|| {
            let opened = reader.get_row_group(*group)?;
            let readers = columns.iter().map(|column| opened.get_column_reader(column.place));
            let group = opened.metadata();
            Ok((group.num_rows(), group.compressed_size(), readers.collect::<parquet::errors::Result<Vec<_>>>()?))
        })?;
        self.left = usize::try_from(rows).map_err(|_| broken("a row group has fewer than no rows"))?;
        self.taken.add(size.try_into().unwrap_or(0));
        self.open = open;
        self.group += 1;
        Ok(())
    }
}

impl Column {
    fn is(&self, name: &str) -> bool {
        self.key.strip_prefix('"').and_then(|key| key.strip_suffix("\":\"")) == Some(name)
    }
}

impl Read for Rows {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given >= self.lines.len() && !self.failed {
            // After an error the readers may stand anywhere: there is no more.
            self.failed = true;
            self.refill().inspect_err(|_| self.lines.clear())?;
            self.failed = false;
        }
        let given = self.lines.get(self.given..).unwrap_or_default().read(into)?;
        self.given += given;
        Ok(given)
    }
}

/// Opens the file and looks at both ends, before anything believes what it says of itself.
fn checked(path: &Path) -> io::Result<File> {
    let plain = std::fs::metadata(path).is_ok_and(|found| found.is_file());
    if !plain {
        return Err(broken("a Parquet file has its directory at its end: give it as a file, not as a stream"));
    }
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > MAX_FILE_BYTES {
        return Err(broken("it is a Parquet file of more than 8 GiB: split it"));
    }
    let mut magic = [0; 4];
    file.read_exact(&mut magic)?;
    if !super::is_parquet(&magic) {
        return Err(broken("it is a packed Parquet file: unpack it, since Parquet packs its columns itself"));
    }
    let mut end = [0; 8];
    let at = size.checked_sub(end.len() as u64).ok_or_else(|| broken("it is a Parquet file that was cut off"))?;
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut end)?;
    let [a, b, c, d, magic @ ..] = end;
    let footer = u64::from(u32::from_le_bytes([a, b, c, d]));
    match &magic {
        b"PAR1" if footer > at => Err(broken("it is a Parquet file that was cut off")),
        b"PAR1" if footer > MAX_FOOTER_BYTES => Err(broken("its directory is larger than 64 MiB: split it")),
        b"PAR1" => Ok(file),
        _ => Err(broken("it is a Parquet file that was cut off")),
    }
}
