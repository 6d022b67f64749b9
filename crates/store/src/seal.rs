//! The key of a data directory, and what is sealed with it.
//!
//! Whoever gets hold of a disk, a copy or a backup without the key learns from the log and the snapshots neither who called whom nor
//! who reported a number: their bytes are sealed with AES-256-GCM. Everything that is used is derived from the one key by
//! HMAC-SHA-256 over a label: for the log a key for each UTC day, since random nonces of 96 bits serve some 2³² messages of one key.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

use crate::files::{Disk, Files as _};

/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// The first word of a key's file, which also tells its format.
const MAGIC: &str = "ringtrue-key-1";
/// Bytes by which sealing makes bytes longer: the nonce and the tag.
pub(crate) const SEAL_BYTES: usize = NONCE_LEN + 16;

/// Why there is no key to work with.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("cannot {what} {}", file.display())]
    Io {
        /// What was tried, as a verb.
        what: &'static str,
        /// The file.
        file: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{} holds no key: `{MAGIC}` and 64 hexadecimal digits were expected", file.display())]
    NoKey {
        /// The file.
        file: PathBuf,
    },
}

/// The key of a data directory: 256 random bits.
#[derive(Clone, PartialEq, Eq)]
pub struct DataKey([u8; KEY_BYTES]);

impl fmt::Debug for DataKey {
    /// Tells nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}

impl DataKey {
    /// What the key's file is called in a data directory.
    pub const FILE_NAME: &str = "secret.key";

    /// A key of given bits. They must be random.
    #[must_use]
    pub const fn new(bits: [u8; KEY_BYTES]) -> Self {
        Self(bits)
    }

    /// Reads the key in a file; `None` when there is no such file.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn load(file: &Path) -> Result<Option<Self>, KeyFileError> {
        let io = |source| KeyFileError::Io { what: "read", file: file.to_owned(), source };
        let mut text = String::new();
        match OpenOptions::new().read(true).open(file) {
            Ok(opened) => opened.take(256).read_to_string(&mut text).map_err(io)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(error)),
        };
        let digits = text.trim().strip_prefix(MAGIC).map(str::trim);
        let bits = digits.and_then(bits_of).ok_or_else(|| KeyFileError::NoKey { file: file.to_owned() })?;
        Ok(Some(Self(bits)))
    }

    /// Writes the key to a file that must not exist, readable by its owner alone. It is durable when this returns.
    ///
    /// # Errors
    /// [`KeyFileError::Io`].
    pub fn save(&self, file: &Path) -> Result<(), KeyFileError> {
        let io = |source| KeyFileError::Io { what: "write", file: file.to_owned(), source };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut opened = options.open(file).map_err(io)?;
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        opened.write_all(format!("{MAGIC} {digits}\n").as_bytes()).map_err(io)?;
        opened.sync_all().map_err(io)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Disk.sync_folder(folder).map_err(io)
    }

    /// Eight bytes that tell this key from others, and tell nothing of it.
    #[must_use]
    pub fn id(&self) -> [u8; 8] {
        self.derive("id")
    }

    /// Bytes for one use, at most 32 of them; of another label they are others.
    #[must_use]
    pub fn derive<const N: usize>(&self, label: &str) -> [u8; N] {
        const { assert!(N <= KEY_BYTES, "one tag has 32 bytes") };
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), label.as_bytes());
        let mut out = [0; N];
        out.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        out
    }
}

fn bits_of(digits: &str) -> Option<[u8; KEY_BYTES]> {
    let mut bits = [0; KEY_BYTES];
    if digits.len() != KEY_BYTES * 2 || !digits.is_ascii() {
        return None;
    }
    for (bit, at) in bits.iter_mut().zip((0..).step_by(2)) {
        *bit = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
    }
    Some(bits)
}

/// Seals and opens bytes for one use.
pub(crate) struct Seal {
    key: DataKey,
    label: &'static str,
    /// The derived key that was used last, and for which epoch.
    last: Mutex<Option<(i64, LessSafeKey)>>,
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").field("label", &self.label).finish_non_exhaustive()
    }
}

impl Seal {
    pub(crate) const fn new(key: DataKey, label: &'static str) -> Self {
        Self { key, label, last: Mutex::new(None) }
    }

    pub(crate) fn key_id(&self) -> [u8; 8] {
        self.key.id()
    }

    /// Seals bytes of an epoch, such as a day, bound to what they belong to: the nonce, what is sealed, and its tag.
    ///
    /// # Errors
    /// When the system has no random bytes to give.
    pub(crate) fn seal(&self, epoch: i64, of: &[u8], bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|error| io::Error::other(error.to_string()))?;
        let mut out = Vec::with_capacity(bytes.len() + SEAL_BYTES);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(bytes);
        let sealed = self.with_key(epoch, |key| {
            let body = out.get_mut(NONCE_LEN..).unwrap_or_default();
            key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(of), body).ok()
        });
        let tag = sealed.ok_or_else(|| io::Error::other("the bytes are too long to be sealed"))?;
        out.extend_from_slice(tag.as_ref());
        Ok(out)
    }

    /// Opens what was sealed; `None` when it was sealed with another key, for something else, or was changed since.
    pub(crate) fn open(&self, epoch: i64, of: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut body = body.to_vec();
        let opened = self.with_key(epoch, |key| {
            let opened = key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(of), &mut body);
            opened.ok().map(|opened| opened.len())
        })?;
        body.truncate(opened);
        Some(body)
    }

    fn with_key<T>(&self, epoch: i64, work: impl FnOnce(&LessSafeKey) -> Option<T>) -> Option<T> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_none_or(|(of, _)| *of != epoch) {
            let bits: [u8; KEY_BYTES] = self.key.derive(&format!("{} {epoch}", self.label));
            *last = Some((epoch, LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &bits).ok()?)));
        }
        last.as_ref().and_then(|(_, key)| work(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(bit: u8, label: &'static str) -> Seal {
        Seal::new(DataKey::new([bit; KEY_BYTES]), label)
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_for_the_same_thing() {
        let sealed = seal(1, "log").seal(7, b"frame 1", b"some bytes").expect("sealed");
        assert_eq!(sealed.len(), 10 + SEAL_BYTES);
        assert_eq!(seal(1, "log").open(7, b"frame 1", &sealed).as_deref(), Some(&b"some bytes"[..]));
        assert_eq!(seal(2, "log").open(7, b"frame 1", &sealed), None, "another key");
        assert_eq!(seal(1, "snapshot").open(7, b"frame 1", &sealed), None, "another use");
        assert_eq!(seal(1, "log").open(8, b"frame 1", &sealed), None, "another day");
        assert_eq!(seal(1, "log").open(7, b"frame 2", &sealed), None, "another frame");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(seal(1, "log").open(7, b"frame 1", &changed), None, "byte {at}");
        }
        assert_eq!(seal(1, "log").open(7, b"frame 1", &sealed[..5]), None);
        assert_ne!(seal(1, "log").seal(7, b"frame 1", b"some bytes").expect("sealed"), sealed, "no nonce twice");
    }

    #[test]
    fn a_key_outlives_its_process() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(DataKey::FILE_NAME);
        assert_eq!(DataKey::load(&file).expect("readable"), None);
        let key = DataKey::new(std::array::from_fn(|at| at as u8 * 7));
        key.save(&file).expect("written");
        assert_eq!(DataKey::load(&file).expect("readable"), Some(key.clone()));
        assert!(matches!(key.save(&file), Err(KeyFileError::Io { .. })), "a key is never written over");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&file).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        for text in ["", "ringtrue-key-1", "ringtrue-key-1 00", &"0".repeat(79)] {
            std::fs::write(&file, text).expect("written");
            assert!(matches!(DataKey::load(&file), Err(KeyFileError::NoKey { .. })), "{text}");
        }
        assert_eq!(format!("{key:?}"), "DataKey");
        assert_ne!(key.id(), DataKey::new([0; 32]).id());
        assert_ne!(key.derive::<16>("a"), key.derive::<16>("b"));
    }
}
