//! The endpoints. Each handler decodes, authorises, calls the service once and encodes.

pub(crate) mod audit;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod imports;
pub(crate) mod labels;
pub(crate) mod list;
pub(crate) mod numbers;
pub(crate) mod once;
pub(crate) mod policy;
pub(crate) mod records;
pub(crate) mod webhooks;
