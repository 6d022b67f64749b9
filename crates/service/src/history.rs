//! The history of labels, where people look it up.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use model::TelephoneNumber;
use store::{LabelChange, Position, TenantId};

use crate::feed::Told;

/// Keeps the history of labels.
pub trait LabelHistory: Send + Sync {
    /// Keeps changes. After a crash it may be told a change again, which is then kept once.
    ///
    /// # Errors
    /// Why they could not be kept; they are told again later.
    fn keep(&self, changes: &[Told]) -> Result<(), String>;

    /// The changes of a number that a tenant may see, the newest first, at most `most`.
    ///
    /// # Errors
    /// Why they cannot be read.
    fn of(&self, tn: TelephoneNumber, tenant: TenantId, most: usize) -> Result<Vec<(Position, LabelChange)>, String>;

    /// Forgets a number.
    ///
    /// # Errors
    /// Why it could not be forgotten; it may be tried again.
    fn forget(&self, tn: TelephoneNumber) -> Result<(), String>;
}

/// A history in memory.
#[derive(Default)]
pub struct MemoryHistory {
    told: Mutex<BTreeMap<TelephoneNumber, BTreeMap<Position, Told>>>,
}

impl LabelHistory for MemoryHistory {
    fn keep(&self, changes: &[Told]) -> Result<(), String> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            told.entry(change.change.tn).or_default().insert(change.id, change.clone());
        }
        Ok(())
    }

    fn of(&self, tn: TelephoneNumber, tenant: TenantId, most: usize) -> Result<Vec<(Position, LabelChange)>, String> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = told.get(&tn).into_iter().flatten().rev().filter(|(_, told)| told.is_for(tenant));
        Ok(changes.take(most).map(|(&place, told)| (place, told.change.clone())).collect())
    }

    fn forget(&self, tn: TelephoneNumber) -> Result<(), String> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).remove(&tn);
        Ok(())
    }
}
