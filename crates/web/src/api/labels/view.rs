//! How labels are asked for and told.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use service::{EngineLabel, LabelAnswer};
use utoipa::ToSchema;

use super::LabelParams;

/// Numbers whose labels are asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body, which is read item by item")]
pub(crate) struct LabelBatch {
    /// The numbers, at most 1,000.
    #[schema(max_items = 1000)]
    items: Vec<LabelItem>,
}

/// One number whose label is asked for, with what is known of the call.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LabelItem {
    /// The calling number.
    #[schema(format = "telephone-number", example = "+12155550112")]
    pub(crate) tn: String,
    /// The called number.
    dest: Option<String>,
    /// The key of the terminating carrier.
    carrier: Option<String>,
    /// The key of an analytics engine.
    engine: Option<String>,
    /// The call's attestation: `A`, `B`, `C` or `none`.
    #[schema(pattern = "^([A-Ca-c]|none)$")]
    attestation: Option<String>,
    /// The region of numbers in national form.
    #[schema(format = "region")]
    region: Option<String>,
}

impl LabelItem {
    /// What is known of the call, as the single look-up has it.
    pub(super) fn params(&self) -> LabelParams {
        LabelParams {
            dest: self.dest.clone(),
            carrier: self.carrier.clone(),
            engine: self.engine.clone(),
            attestation: self.attestation.clone(),
            region: self.region.clone(),
        }
    }
}

/// Labels, in the order of the question.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LabelItems {
    /// The labels.
    items: Vec<LabelView>,
}

impl FromIterator<LabelView> for LabelItems {
    fn from_iter<I: IntoIterator<Item = LabelView>>(items: I) -> Self {
        Self { items: items.into_iter().collect() }
    }
}

/// A label, and what it rests on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LabelView {
    /// The number in E.164.
    #[schema(example = "+12155550112")]
    tn: String,
    /// The label of the engine that was meant, or the worst of all.
    #[serde(flatten)]
    label: EngineLabelView,
    /// The version of the policy that judges.
    #[serde(serialize_with = "text")]
    #[schema(value_type = String)]
    policy_version: Arc<str>,
    /// Everything that became known until then is in the answer.
    data_through: String,
    /// What each engine would show, where none was meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    engines: Vec<EngineLabelView>,
}

/// What one engine would show.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct EngineLabelView {
    /// The engine's key; null where none is meant, or no call names a carrier, so that all engines see the same.
    #[serde(serialize_with = "text_or_null")]
    #[schema(value_type = Option<String>)]
    engine: Option<Arc<str>>,
    /// `no_opinion`, `none`, `potential_spam`, `spam_likely` or `spam`.
    label: &'static str,
    /// The words that a person reads; empty when nothing is shown.
    #[serde(serialize_with = "text")]
    #[schema(value_type = String)]
    display: Arc<str>,
    /// What the engine's networks do with such a call: `none`, `label`, `voicemail` or `block`.
    treatment: &'static str,
    /// How the number stands over time: `flagged`, `mixed_high`, `mixed_low`, `unflagged` or `unknown`.
    status: &'static str,
    /// The rating in basis points, 0 to 10000; null without an opinion.
    rating_bp: Option<u16>,
    /// About the chance that the label stays, in basis points; null where too little is known to tell.
    confidence: Option<u16>,
    /// The label rose since the last full hour, and the next one confirms or withdraws it.
    provisional: bool,
    /// The codes of the reasons, the weightiest first. Not told in the list of all engines.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<&'static str>>,
}

impl From<LabelAnswer> for LabelView {
    fn from(answer: LabelAnswer) -> Self {
        Self {
            tn: answer.tn.to_string(),
            label: answer.label.into(),
            policy_version: answer.policy_version,
            data_through: answer.data_through.to_string(),
            engines: answer.engines.into_iter().map(EngineLabelView::without_reasons).collect(),
        }
    }
}

impl EngineLabelView {
    /// One of many: an answer of all engines stays below a kilobyte without the reasons.
    fn without_reasons(label: EngineLabel) -> Self {
        Self { reasons: None, ..label.into() }
    }
}

impl From<EngineLabel> for EngineLabelView {
    fn from(label: EngineLabel) -> Self {
        Self {
            engine: label.engine,
            label: label.shown.as_str(),
            display: label.display,
            treatment: label.treatment.as_str(),
            status: label.status.as_str(),
            rating_bp: label.rating_bp,
            confidence: label.confidence,
            provisional: label.provisional,
            reasons: Some(label.reasons),
        }
    }
}

/// Texts that the policy holds are written from where they are: a look-up copies none.
fn text<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(text)
}

fn text_or_null<S: Serializer>(text: &Option<Arc<str>>, to: S) -> Result<S::Ok, S::Error> {
    text.as_deref().serialize(to)
}
