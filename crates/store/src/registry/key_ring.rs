//! The keys in memory: a request is checked without the registry.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use model::Timestamp;

use super::{ApiKey, KeyHash, KeyId, KeySecret, Keys, RegistryError, SecretError};

/// Why a key that a client shows is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyRefusal {
    /// It does not have the form of a key of ours, or has a typo.
    #[error("the key is malformed")]
    Malformed(#[source] SecretError),
    /// No such key exists, or it was revoked.
    #[error("the key is unknown or revoked")]
    Unknown,
    /// It has expired.
    #[error("the key has expired")]
    Expired,
}

impl KeyRefusal {
    /// The stable code; each has a heading in `docs/reference/errors.md`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) => "KEY_MALFORMED",
            Self::Unknown => "KEY_UNKNOWN",
            Self::Expired => "KEY_EXPIRED",
        }
    }
}

/// Every live key by the hash of its secret, and on which day each was last used.
///
/// [`KeyRing::find`] takes a read lock for the time of one look-up and asks no disk. A driver calls [`KeyRing::refresh`] twice a
/// second; so a key that another process created or revoked is seen within a second. The ring begins empty.
#[derive(Default)]
pub struct KeyRing {
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    /// The registry's generation of these keys; `None` before the first refresh.
    generation: Option<u64>,
    by_hash: HashMap<KeyHash, Held>,
}

struct Held {
    key: Arc<ApiKey>,
    /// The last day of use; 0 for never. What is above the key's own day is not noted in the registry yet.
    used_day: AtomicU32,
    /// The checksum of the secret, once somebody has shown it.
    checksum: OnceLock<u128>,
}

impl KeyRing {
    /// Makes a ring of the registry's keys.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    pub fn load<R: Keys + ?Sized>(registry: &R) -> Result<Self, RegistryError> {
        let ring = Self::default();
        ring.refresh(registry)?;
        Ok(ring)
    }

    /// Finds the key of the secret that a client shows, and marks it as used on this day.
    ///
    /// # Errors
    ///
    /// A [`KeyRefusal`], which tells a client nothing about other keys.
    pub fn find(&self, shown: &str, now: Timestamp) -> Result<Arc<ApiKey>, KeyRefusal> {
        let (secret, check) = KeySecret::unchecked(shown).map_err(KeyRefusal::Malformed)?;
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let held = state.by_hash.get(&secret.hash());
        // The checksum of a known key is computed once: each look-up would pay for it.
        let checksum = held.map_or_else(|| secret.checksum(), |held| *held.checksum.get_or_init(|| secret.checksum()));
        if checksum != check {
            return Err(KeyRefusal::Malformed(SecretError::Checksum));
        }
        let held = held.ok_or(KeyRefusal::Unknown)?;
        if held.key.has_expired(now) {
            return Err(KeyRefusal::Expired);
        }
        held.used_day.fetch_max(u32::try_from(now.day()).unwrap_or(0), Ordering::Relaxed);
        Ok(Arc::clone(&held.key))
    }

    /// Reads the keys again if any was created or revoked since; tells whether it did.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read; the ring stays as it was.
    pub fn refresh<R: Keys + ?Sized>(&self, registry: &R) -> Result<bool, RegistryError> {
        let known = self.state.read().unwrap_or_else(PoisonError::into_inner).generation;
        if known == Some(registry.keys_generation()?) {
            return Ok(false);
        }
        let (generation, keys) = registry.live_keys()?;
        let mut by_hash: HashMap<KeyHash, Held> = HashMap::with_capacity(keys.len());
        for key in keys {
            let used_day = AtomicU32::new(key.last_used_day.unwrap_or(0));
            by_hash.insert(key.hash, Held { key: Arc::new(key), used_day, checksum: OnceLock::new() });
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        for (hash, held) in &by_hash {
            let before = state.by_hash.get(hash).map_or(0, |before| before.used_day.load(Ordering::Relaxed));
            held.used_day.fetch_max(before, Ordering::Relaxed);
        }
        *state = State { generation: Some(generation), by_hash };
        Ok(true)
    }

    /// Writes down in the registry on which days keys were used, where that is news. For a driver, once a minute and at the end.
    ///
    /// # Errors
    ///
    /// When the registry cannot be written; the days are kept for the next time.
    pub fn note_use<R: Keys + ?Sized>(&self, registry: &R) -> Result<(), RegistryError> {
        let used = self.used();
        if used.is_empty() {
            return Ok(());
        }
        registry.note_use(&used)?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let noted: HashMap<KeyId, u32> = used.into_iter().collect();
        for held in state.by_hash.values_mut() {
            if let Some(day) = noted.get(&held.key.id) {
                Arc::make_mut(&mut held.key).last_used_day = Some(*day);
            }
        }
        Ok(())
    }

    /// Keys that were used on a later day than the registry knows, in the order of their ids.
    fn used(&self) -> Vec<(KeyId, u32)> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let news = state.by_hash.values().filter_map(|held| {
            let day = held.used_day.load(Ordering::Relaxed);
            (day > held.key.last_used_day.unwrap_or(0)).then_some((held.key.id, day))
        });
        let mut used: Vec<(KeyId, u32)> = news.collect();
        used.sort_unstable();
        used
    }
}
