//! Bytes in, the nouns of call reputation out.
//!
//! Every dialect of call records, every feed of reports and every side table is read here. Nothing here opens a file or
//! asks the clock: bytes are pushed in, records, rejects and counts come out, so that the command line, a server and a test
//! read alike. Memory is bounded by the block that is being read and by the join buffer.
//!
//! The way through: [`detect`] names the [`Format`] from the first bytes, [`open`] makes its [`Dialect`], [`Framing::cut`]
//! cuts blocks at record boundaries, [`read_block`] reads a block into an [`Output`]. Blocks of one file may be read in
//! parallel; dialects that tell a call in pieces hand them on as [`model::Piece`]s for one [`Join`].

mod aggregate;
mod asterisk;
mod cucm;
pub mod disposition;
mod flat;
mod format;
mod frame;
mod freeswitch;
mod join;
mod kamailio;
mod leg;
pub mod mapping;
mod options;
mod output;
mod own;
mod recognise;
mod reject;
pub mod report;
pub mod side;
mod telnyx;
pub mod time;
mod twilio;
mod value;

pub use format::{Format, OpenError, Opened, detect, open};
pub use frame::{Framing, MAX_RECORD_BYTES};
pub use join::Join;
pub use mapping::Mapping;
pub use options::{Options, SourceName, record_key, text_hash};
pub use output::{Dialect, Output, PlainCall, SkipKind, read_block};
pub use own::call_columns;
pub use reject::{Fault, Reject, RejectCode};
