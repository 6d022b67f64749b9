//! The history of labels, number by number.

use std::fmt;

use model::{TelephoneNumber, Timestamp};

use super::{Limit, Listing, Page, RegistryError};
use crate::{LabelChange, TenantId};

/// Who sees a label.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Audience {
    /// Everybody who may ask: it rests on terminating sources and reports.
    Shared,
    /// One tenant: it rests on that tenant's own records.
    Tenant(TenantId),
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shared => f.write_str("shared"),
            Self::Tenant(id) => id.fmt(f),
        }
    }
}

/// A change of a label to be kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewHistoryEntry {
    /// Who sees it.
    pub audience: Audience,
    /// The position in the event log of what brought it about.
    pub position: u64,
    /// The change.
    pub change: LabelChange,
}

/// A change of a label, as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryEntry {
    /// Its place in the history; later entries have later places.
    pub place: u64,
    /// Who sees it.
    pub audience: Audience,
    /// The position in the event log of what brought it about.
    pub position: u64,
    /// The change.
    pub change: LabelChange,
}

/// The history of labels.
pub trait History {
    /// Adds entries, all at once; returns how many were new. One of the same number, engine, audience and position as one that
    /// is kept is that one: after a crash the log is read again and tells the same changes again.
    ///
    /// # Errors
    ///
    /// When the registry cannot be written.
    fn add_history(&self, entries: &[NewHistoryEntry]) -> Result<u64, RegistryError>;

    /// A number's entries of one audience, the newest first.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn history(
        &self,
        tn: TelephoneNumber,
        audience: Audience,
        page: &Page<u64>,
    ) -> Result<Listing<HistoryEntry, u64>, RegistryError>;

    /// Entries that everybody sees, and those that only the tenant `own` sees, from a place on, the oldest first: for events that
    /// are resumed.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn history_since(
        &self,
        own: Option<TenantId>,
        page: &Page<u64>,
    ) -> Result<Listing<HistoryEntry, u64>, RegistryError>;

    /// Removes entries that were decided before `before`, at most `limit` of them; returns how many.
    ///
    /// # Errors
    ///
    /// When the registry cannot be written.
    fn trim_history(&self, before: Timestamp, limit: Limit) -> Result<u64, RegistryError>;
}
