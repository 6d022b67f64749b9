//! Remembered answers: a request that is sent twice with one `Idempotency-Key` is done once.

use model::Timestamp;

use super::{Limit, RegistryError};
use crate::TenantId;

/// The most bytes of an answer that is remembered. Chosen: an answer to a batch names its rejected lines, and those are bounded.
pub const RESPONSE_BYTES_MAX: usize = 1024 * 1024;
/// The most bytes of a client's key. Chosen: as long as the field's usual limit.
pub(super) const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;

/// A request that is about to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewClaim<'a> {
    /// Whose request it is.
    pub tenant: TenantId,
    /// The client's key, at most 255 bytes.
    pub key: &'a str,
    /// A hash of the request: method, path and body.
    pub request_hash: [u8; 32],
    /// The moment.
    pub now: Timestamp,
    /// Until when the request counts as being done, should it never end.
    pub lease_until: Timestamp,
}

/// What is known of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claim {
    /// It is new, or its lease or answer has expired: it is the caller's to do, then [`Idempotency::complete`] or
    /// [`Idempotency::release`] it.
    Fresh,
    /// It is being done: the client is to try again later.
    InProgress,
    /// It was done: this was the answer.
    Done(StoredResponse),
    /// Another request was sent with this key.
    OtherRequest,
}

/// An answer that is remembered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredResponse {
    /// The HTTP status.
    pub status: u16,
    /// The content type.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Remembered answers.
pub trait Idempotency {
    /// Asks whether a request is new, and claims it if so.
    ///
    /// # Errors
    ///
    /// [`RegistryError::TooLong`] for a key above 255 bytes; when the registry cannot be written.
    fn claim(&self, claim: &NewClaim<'_>) -> Result<Claim, RegistryError>;

    /// Remembers the answer to a claimed request until `expires_at`. Without a claim nothing is remembered.
    ///
    /// # Errors
    ///
    /// [`RegistryError::TooLong`] for a body above 1 MiB; when the registry cannot be written.
    fn complete(
        &self,
        tenant: TenantId,
        key: &str,
        response: &StoredResponse,
        expires_at: Timestamp,
    ) -> Result<(), RegistryError>;

    /// Gives a claimed request back that could not be done, so that it may be sent again. An answer stays.
    ///
    /// # Errors
    ///
    /// When the registry cannot be written.
    fn release(&self, tenant: TenantId, key: &str) -> Result<(), RegistryError>;

    /// Gives every request back that was claimed and not done, whoever claimed it; returns how many. For the start of the one
    /// process that works on a data directory: whoever was doing them is gone, and their clients send them again.
    ///
    /// # Errors
    ///
    /// When the registry cannot be written.
    fn release_all(&self) -> Result<u64, RegistryError>;

    /// Removes answers and claims that expired before `now`, at most `limit` of them; returns how many.
    ///
    /// # Errors
    ///
    /// When the registry cannot be written.
    fn trim_claims(&self, now: Timestamp, limit: Limit) -> Result<u64, RegistryError>;
}
