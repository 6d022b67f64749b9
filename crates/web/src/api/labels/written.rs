//! An answer to one question as JSON, written piece by piece: views with texts of their own would be a good part of its cost.

use std::fmt::Display;
use std::io::Write as _;

use service::{EngineLabel, LabelAnswer};

/// Room for a label, and as much for what stands around it; more is made where it is needed.
const LABEL_BYTES: usize = 256;

/// Writes `answer` as [`super::LabelView`] describes it.
pub(super) fn written(answer: &LabelAnswer) -> Vec<u8> {
    let mut json = Json(Vec::with_capacity(LABEL_BYTES * (2 + answer.engines.len())));
    json.key("{", "tn").quoted(answer.tn);
    json.label(",", &answer.label);
    json.key(",", "reasons");
    json.list(&answer.label.reasons, |json, code| json.quoted(code));
    json.key(",", "policy_version").text(&answer.policy_version);
    json.key(",", "data_through").quoted(answer.data_through);
    if !answer.engines.is_empty() {
        json.key(",", "engines");
        json.list(&answer.engines, |json, label| {
            json.label("{", label);
            json.raw("}");
        });
    }
    json.raw("}");
    json.0
}

struct Json(Vec<u8>);

impl Json {
    fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    fn key(&mut self, before: &str, key: &str) -> &mut Self {
        self.raw(before);
        self.raw("\"");
        self.raw(key);
        self.raw("\":");
        self
    }

    fn shown(&mut self, value: impl Display) {
        write!(self.0, "{value}").expect("a vector takes everything");
    }

    /// What needs no escapes: numbers, times, words of ours.
    fn quoted(&mut self, value: impl Display) {
        self.raw("\"");
        self.shown(value);
        self.raw("\"");
    }

    /// A word of ours.
    fn word(&mut self, word: &str) {
        self.raw("\"");
        self.raw(word);
        self.raw("\"");
    }

    /// Any text.
    fn text(&mut self, text: &str) {
        serde_json::to_writer(&mut self.0, text).expect("text is JSON");
    }

    fn number_or_null(&mut self, value: Option<u16>) {
        match value {
            Some(value) => self.shown(value),
            None => self.raw("null"),
        }
    }

    fn list<T>(&mut self, items: &[T], one: impl Fn(&mut Self, &T)) {
        self.raw("[");
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                self.raw(",");
            }
            one(self, item);
        }
        self.raw("]");
    }

    /// The fields of a label but for its reasons.
    fn label(&mut self, before: &str, label: &EngineLabel) {
        self.key(before, "engine");
        match &label.engine {
            Some(engine) => self.text(engine),
            None => self.raw("null"),
        }
        self.key(",", "label").word(label.shown.as_str());
        self.key(",", "display").text(&label.display);
        self.key(",", "treatment").word(label.treatment.as_str());
        self.key(",", "status").word(label.status.as_str());
        self.key(",", "rating_bp").number_or_null(label.rating_bp);
        self.key(",", "confidence").number_or_null(label.confidence);
        self.key(",", "provisional").raw(if label.provisional { "true" } else { "false" });
    }
}

#[cfg(test)]
mod tests {
    use model::{Label, Status, TelephoneNumber, Timestamp};
    use service::{Shown, Treatment};

    use super::super::LabelView;
    use super::*;

    fn label(engine: Option<&str>, reasons: &[&'static str]) -> EngineLabel {
        EngineLabel {
            engine: engine.map(Into::into),
            shown: Shown::Label(Label::SpamLikely),
            display: "Spam \"Likely\" \u{7f}é\n".into(),
            treatment: Treatment::Label,
            status: Status::MixedHigh,
            rating_bp: Some(10_000),
            confidence: None,
            reasons: reasons.to_vec(),
            provisional: engine.is_some(),
        }
    }

    fn check(label: EngineLabel, engines: Vec<EngineLabel>) {
        let answer = LabelAnswer {
            tn: TelephoneNumber::from_digits(12_155_550_112).expect("a number"),
            label,
            engines,
            policy_version: "1 \\ 2".into(),
            data_through: Timestamp::EPOCH,
        };
        let text = String::from_utf8(written(&answer)).expect("text");
        assert_eq!(text, serde_json::to_string(&LabelView::from(answer)).expect("JSON"));
    }

    #[test]
    fn it_is_the_view() {
        check(label(None, &[]), Vec::new());
        check(label(Some("hiya"), &["SHORT_CALLS"]), Vec::new());
        let blank = EngineLabel { shown: Shown::NoOpinion, rating_bp: None, confidence: Some(0), ..label(None, &[]) };
        check(blank, vec![label(Some("hi\"ya"), &["SHORT_CALLS", "INVALID"]), label(Some("tns"), &["INVALID"])]);
    }
}
