//! What metrics are told apart by.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};

/// A request, as the counter of requests tells them apart.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub(crate) struct RequestLabels {
    /// The method, or `other`: a client may write any.
    pub(crate) method: &'static str,
    /// The route as a pattern, such as `/v1/labels/{tn}`; `none` for a path that is no route.
    pub(crate) route: String,
    /// The status of the answer.
    pub(crate) status: u16,
}

/// A route, as the times of requests tell them apart.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub(crate) struct RouteLabels {
    /// The route as a pattern.
    pub(crate) route: String,
}

/// A try to deliver a message.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub(crate) struct DeliveryLabels {
    /// How it ended.
    pub(crate) outcome: DeliveryOutcome,
}

/// How a try to deliver a message ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the names are what the metric says")]
pub enum DeliveryOutcome {
    /// The receiver took it.
    delivered,
    /// It will be tried again.
    retry,
    /// It was the last try.
    given_up,
}

impl DeliveryOutcome {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::delivered, Self::retry, Self::given_up];
}
