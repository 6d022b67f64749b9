//! How a number stands in the registry.

use crate::time::Timestamp;
use crate::tn::TelephoneNumber;

/// What a registered number calls for.
///
/// The list follows the call-purpose codes and use cases that the Free Caller Registry's three engines publish; any
/// other word is kept as [`CallPurpose::Other`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CallPurpose {
    /// Emergency services and public warnings.
    Emergency,
    /// A public body.
    Government,
    /// School closings and attendance.
    School,
    /// Appointment and prescription reminders.
    HealthCare,
    /// Other notices that people asked for.
    Notification,
    /// Customer service.
    CustomerService,
    /// Debt collection.
    Collections,
    /// Deliveries.
    Delivery,
    /// Surveys and research.
    Survey,
    /// Charities.
    Charity,
    /// Political calls.
    Political,
    /// Telemarketing and sales.
    Telemarketing,
    /// Any other purpose, in the registrant's word.
    Other(Box<str>),
}

impl CallPurpose {
    /// Reads the purpose's word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "emergency" => Self::Emergency,
            "government" => Self::Government,
            "school" => Self::School,
            "health_care" => Self::HealthCare,
            "notification" => Self::Notification,
            "customer_service" => Self::CustomerService,
            "collections" => Self::Collections,
            "delivery" => Self::Delivery,
            "survey" => Self::Survey,
            "charity" => Self::Charity,
            "political" => Self::Political,
            "telemarketing" => Self::Telemarketing,
            other => Self::Other(other.into()),
        }
    }

    /// The purpose's word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Emergency => "emergency",
            Self::Government => "government",
            Self::School => "school",
            Self::HealthCare => "health_care",
            Self::Notification => "notification",
            Self::CustomerService => "customer_service",
            Self::Collections => "collections",
            Self::Delivery => "delivery",
            Self::Survey => "survey",
            Self::Charity => "charity",
            Self::Political => "political",
            Self::Telemarketing => "telemarketing",
            Self::Other(word) => word,
        }
    }
}

/// What a reviewer decided about a label.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Determination {
    /// No review was decided.
    #[default]
    None,
    /// The label was removed: evidence counts from [`Standing::evidence_from`] on. Not a permanent pass.
    Cleared,
    /// The label was right.
    Upheld,
}

/// How one number stands in the registry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The number.
    pub tn: TelephoneNumber,
    /// The business that uses it; `None` when not registered.
    pub registrant: Option<Box<str>>,
    /// What it calls for; `None` when not told.
    pub purpose: Option<CallPurpose>,
    /// When the registration took effect; `None` when not registered.
    pub registered_at: Option<Timestamp>,
    /// The number's calls are signed with full attestation by a provider that vouches for it.
    pub attested: bool,
    /// What the last review decided.
    pub determination: Determination,
    /// Evidence older than this no longer counts; `None` when there is no cut. For `upheld`, when it was decided.
    pub evidence_from: Option<Timestamp>,
}
