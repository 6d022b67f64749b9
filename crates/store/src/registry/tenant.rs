//! Tenants, and the sources that feed their events.

use model::Timestamp;

use super::{Change, Listing, Name, Page, RegistryError};
use crate::{SourceRole, TenantId};

/// The most tenants of one service. Chosen: far above any one machine's; a bound on a mistake.
pub(super) const TENANTS_MAX: u64 = 100_000;
/// The most sources of one tenant. Chosen: a source is a system that sends, of which even a large carrier has dozens.
pub(super) const SOURCES_MAX: u64 = 1_000;

/// Somebody whose data is kept apart from others'.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tenant {
    /// Its id; [`TenantId::OPERATOR`] is there from the start.
    pub id: TenantId,
    /// Its name, of which there is one.
    pub name: Name,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A feed of calls or reports, as configured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name, of which the tenant has one.
    pub name: Name,
    /// What it shows. It never changes: what the source sent was judged by it.
    pub role: SourceRole,
    /// The key of the terminating carrier whose own traffic it is; `None` when it is of several, or of none that is known.
    pub carrier: Option<Name>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A source to be created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSource {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name.
    pub name: Name,
    /// What it shows.
    pub role: SourceRole,
    /// The key of the terminating carrier whose own traffic it is; `None` when it is of several, or of none that is known. An
    /// originating source has none.
    pub carrier: Option<Name>,
}

/// Tenants and sources.
pub trait Tenants {
    /// Creates a tenant; its id is the next free one.
    ///
    /// # Errors
    ///
    /// [`RegistryError::DuplicateName`]; [`RegistryError::LimitReached`] at 100,000; when the registry cannot be written.
    fn create_tenant(&self, name: &Name, change: &Change) -> Result<Tenant, RegistryError>;

    /// A tenant.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NotFound`]; when the registry cannot be read.
    fn tenant(&self, id: TenantId) -> Result<Tenant, RegistryError>;

    /// The tenant of a name; `None` when there is none.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn tenant_named(&self, name: &Name) -> Result<Option<Tenant>, RegistryError>;

    /// Tenants in the order of their ids.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn tenants(&self, page: &Page<TenantId>) -> Result<Listing<Tenant, TenantId>, RegistryError>;

    /// Creates a source.
    ///
    /// # Errors
    ///
    /// [`RegistryError::NotFound`], when there is no such tenant; [`RegistryError::DuplicateName`]; [`RegistryError::BadValue`] for an
    /// originating source with a carrier; [`RegistryError::LimitReached`] at 1,000 a tenant; when the registry cannot be written.
    fn create_source(&self, source: &NewSource, change: &Change) -> Result<Source, RegistryError>;

    /// A tenant's source by name; `None` when there is none.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn source(&self, tenant: TenantId, name: &Name) -> Result<Option<Source>, RegistryError>;

    /// A tenant's sources in the order of their names.
    ///
    /// # Errors
    ///
    /// When the registry cannot be read.
    fn sources(&self, tenant: TenantId, page: &Page<Name>) -> Result<Listing<Source, Name>, RegistryError>;
}
