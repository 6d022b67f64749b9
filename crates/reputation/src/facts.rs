//! What is known of a number, free of any policy: calls by hour and kind, a sample of its destinations.
//!
//! A *pane* is the set of one number's calls of one hour (or, once old, one day). It is kept as counts of calls by [`Kind`]:
//! everything that a verdict may ask is a sum over kinds, so no counter can be missing and panes merge by addition.
//!
//! The *destination sample* of a number holds the 64 destinations with the smallest hashes. A file may be in any order, and
//! labels are stepped in event time, so for each destination we keep what every past moment's sample needs: a destination
//! is dropped only when 65 smaller ones had become known before it (Cohen's all-distances sketch). The result depends on the
//! set of calls alone, never on their order.

mod aging;
mod compact;
mod hash_key;
mod kind;
mod panes;
mod pieces;
mod sample;
mod slip;
mod store;
mod tally;
mod tray;
mod waiting;
mod word;

pub use hash_key::HashKey;
pub use kind::{Ended, Kind, LENGTH_EDGES_S, RingClass};
pub(crate) use panes::sums_of_cells;
pub use panes::{Moment, PaneRules, Panes, RolledPanes, Sums, TotalSums};
pub use sample::{Sample, SampleFacts};
pub use slip::Parcel;
pub use store::{CallFact, Cells, Desk, FactStore, dest_hash, folded_product};
pub use tally::Tally;
pub use tray::Tray;
pub use waiting::Waiting;
pub(crate) use word::MAX_LAG;
pub use word::{Cell, DestCell, DestClass, hour_index, hour_start};

/// How many destinations a sample holds.
pub const SAMPLE_SIZE: usize = 64;
/// How many days facts are kept.
pub const HORIZON_D: u32 = 35;
