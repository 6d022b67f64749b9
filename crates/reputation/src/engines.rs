//! The directory of analytics engines and the carriers that they label for: dated data, not code.

use std::borrow::Cow;

use model::{CarrierId, Label};
use serde::Deserialize;

use crate::evidence::ReportFact;
use crate::facts::hour_index;
use crate::policy::PolicyError;

/// The directory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// The analytics engines, in the order in which they are shown.
    #[serde(rename = "engine")]
    pub engines: Vec<Engine>,
    /// The carriers; a carrier's place is its [`CarrierId`].
    #[serde(rename = "carrier")]
    pub carriers: Vec<Carrier>,
}

/// An analytics engine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    /// Names the engine in data.
    pub key: String,
    /// Names the engine to people.
    pub name: String,
    /// Where a label of this engine is contested.
    pub redress: String,
    /// Where this row comes from.
    pub source: String,
    /// What a called person reads.
    pub phrasebook: Phrasebook,
    /// What is done with a call; it is labelled unless the data say otherwise.
    #[serde(default)]
    pub treatment: Treatments,
}

/// What a network does with a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// It rings like any other.
    None,
    /// It rings, and the label is shown.
    Label,
    /// It goes to voicemail.
    Voicemail,
    /// It does not reach the called person.
    Block,
}

impl Treatment {
    /// The word used in data and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Label => "label",
            Self::Voicemail => "voicemail",
            Self::Block => "block",
        }
    }
}

/// What an engine's networks do with a call at each label.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Treatments {
    /// At "Potential Spam".
    pub potential_spam: Treatment,
    /// At "Spam Likely".
    pub spam_likely: Treatment,
    /// At "Spam".
    pub spam: Treatment,
}

impl Default for Treatments {
    fn default() -> Self {
        Self { potential_spam: Treatment::Label, spam_likely: Treatment::Label, spam: Treatment::Label }
    }
}

impl Treatments {
    /// What is done at a label; without one, nothing is.
    #[must_use]
    pub const fn at(self, label: Label) -> Treatment {
        match label {
            Label::None => Treatment::None,
            Label::PotentialSpam => self.potential_spam,
            Label::SpamLikely => self.spam_likely,
            Label::Spam => self.spam,
        }
    }
}

/// What a called person reads at each label.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrasebook {
    /// At "Potential Spam".
    pub potential_spam: String,
    /// At "Spam Likely".
    pub spam_likely: String,
    /// At "Spam".
    pub spam: String,
}

/// A terminating carrier.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carrier {
    /// Names the carrier in data.
    pub key: String,
    /// Names the carrier to people.
    pub name: String,
    /// Which engines label for it, and when; empty when none of the listed ones does.
    pub served: Vec<Served>,
}

/// One engine's time with a carrier.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Served {
    /// The engine's key.
    pub engine: String,
    /// The first day, as `YYYY-MM-DD`; absent means always before.
    pub from: Option<String>,
    /// The day after the last; absent means still.
    pub to: Option<String>,
    /// Where this row comes from.
    pub source: String,
}

/// The most carriers that facts tell apart.
const MAX_CARRIERS: usize = 62;

impl Directory {
    /// The directory that ships with Ringtrue, as text.
    pub const SHIPPED: &str = include_str!("../../../policy/engines.toml");

    /// Reads and checks a directory.
    ///
    /// # Errors
    /// Names the key and what was expected.
    pub fn parse(file: &str, text: &str) -> Result<Self, PolicyError> {
        let deserializer = toml::Deserializer::parse(text)
            .map_err(|error| PolicyError::Syntax { file: file.to_owned(), detail: error.to_string() })?;
        let directory: Self = serde_path_to_error::deserialize(deserializer).map_err(|error| PolicyError::Value {
            key: format!("{file}: {}", error.path()),
            detail: error.inner().message().to_owned(),
        })?;
        directory.check(file)?;
        Ok(directory)
    }

    fn check(&self, file: &str) -> Result<(), PolicyError> {
        let range = |key: String, value: String, expected| Err(PolicyError::Range { key, value, expected });
        if self.carriers.len() > MAX_CARRIERS {
            return range(format!("{file}: carrier"), self.carriers.len().to_string(), "at most 62 carriers");
        }
        for carrier in &self.carriers {
            for served in &carrier.served {
                let key = format!("{file}: carrier {}", carrier.key);
                if self.engine(&served.engine).is_none() {
                    return range(key, served.engine.clone(), "the key of an engine in this file");
                }
                for date in [&served.from, &served.to].into_iter().flatten() {
                    if day_hour(date).is_none() {
                        return range(key, date.clone(), "a date as YYYY-MM-DD");
                    }
                }
            }
        }
        Ok(())
    }

    /// The place of an engine; `None` when there is none of that key.
    #[must_use]
    pub fn engine(&self, key: &str) -> Option<usize> {
        self.engines.iter().position(|engine| engine.key == key)
    }

    /// The carrier at a place.
    #[must_use]
    pub fn carrier(&self, id: CarrierId) -> Option<&Carrier> {
        self.carriers.get(usize::from(id.0))
    }

    /// The view of an engine: the calls that end on its own carriers, and those of unknown carriers.
    #[must_use]
    pub fn view(&self, engine: usize) -> View {
        let key = self.engines.get(engine).map_or("", |engine| engine.key.as_str());
        let mut spans = vec![vec![(0, u32::MAX)]];
        for carrier in &self.carriers {
            let own = carrier.served.iter().filter(|served| served.engine == key);
            let hour = |date: &Option<String>, absent| date.as_deref().and_then(day_hour).unwrap_or(absent);
            spans.push(own.map(|served| (hour(&served.from, 0), hour(&served.to, u32::MAX))).collect());
        }
        View { engine: Some(engine), spans }
    }
}

/// The hour index with which a day `YYYY-MM-DD` begins; days before the base count as the base.
fn day_hour(date: &str) -> Option<u32> {
    let mut parts = date.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok().filter(|month| (1..=12).contains(month))?;
    let day = parts.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let days = model::time::days_from_civil(year, month, day);
    let at = model::Timestamp::from_ms(days.checked_mul(model::time::DAY_MS)?)?;
    parts.next().is_none().then(|| hour_index(at).unwrap_or(0))
}

/// Which calls an engine sees.
#[derive(Clone, Debug)]
pub struct View {
    /// The engine's place in the directory; `None` for the one view of calls whose carriers nobody names.
    pub engine: Option<usize>,
    /// By carrier plus one (0 is unknown): from which hour to before which.
    spans: Vec<Vec<(u32, u32)>>,
}

impl View {
    /// The view that sees every call.
    #[must_use]
    pub const fn any() -> Self {
        Self { engine: None, spans: Vec::new() }
    }

    /// Tells whether the view sees a call; `carrier` is the carrier's place plus one, 0 when unknown.
    #[must_use]
    pub fn sees(&self, carrier: u8, hour: u32) -> bool {
        self.engine.is_none()
            || self
                .spans
                .get(usize::from(carrier))
                .is_some_and(|spans| spans.iter().any(|&(from, to)| from <= hour && hour < to))
    }

    /// The reports that the view sees: those of its own carriers' people, and those whose carriers nobody names.
    #[must_use]
    pub fn reports<'a>(&self, reports: &'a [ReportFact]) -> Cow<'a, [ReportFact]> {
        let sees = |report: &ReportFact| self.sees(report.carrier, hour_index(report.at).unwrap_or(0));
        if reports.iter().all(sees) {
            return Cow::Borrowed(reports);
        }
        Cow::Owned(reports.iter().filter(|report| sees(report)).copied().collect())
    }

    /// Tells whether the view sees calls of a carrier at any time.
    #[must_use]
    pub fn sees_carrier(&self, carrier: u8) -> bool {
        self.engine.is_none() || self.spans.get(usize::from(carrier)).is_some_and(|spans| !spans.is_empty())
    }
}

impl Phrasebook {
    /// What a called person reads; `None` when nothing is shown.
    #[must_use]
    pub fn words(&self, label: Label) -> Option<&str> {
        match label {
            Label::None => None,
            Label::PotentialSpam => Some(&self.potential_spam),
            Label::SpamLikely => Some(&self.spam_likely),
            Label::Spam => Some(&self.spam),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_directory_loads_and_maps() {
        let directory = Directory::parse("engines.toml", Directory::SHIPPED).expect("the shipped directory");
        let place =
            |key: &str| directory.carriers.iter().position(|carrier| carrier.key == key).expect("a carrier") as u8 + 1;
        let hiya = directory.view(directory.engine("hiya").expect("an engine"));
        let hour = day_hour("2026-11-20").expect("a day");
        assert!(hiya.sees(place("att"), hour) && hiya.sees(0, hour));
        assert!(!hiya.sees(place("verizon"), hour) && !hiya.sees(place("cox"), hour));
        let (tns, orion) = (directory.view(2), directory.view(1));
        let before = day_hour("2019-01-01").expect("a day");
        assert!(tns.sees(place("sprint"), before) && !tns.sees(place("sprint"), hour));
        assert!(orion.sees(place("sprint"), hour) && !orion.sees(place("sprint"), before));
    }

    #[test]
    fn a_label_is_shown_unless_the_data_say_otherwise() {
        let own = "spam = \"Potential Fraud\"\n[engine.treatment]\nspam = \"block\"\n";
        let text = Directory::SHIPPED.replace("spam = \"Potential Fraud\"\n", own);
        let directory = Directory::parse("mine.toml", &text).expect("a directory");
        let told = |key: &str| {
            let place = directory.engine(key).expect("an engine");
            Label::ALL.map(|label| directory.engines[place].treatment.at(label).as_str())
        };
        assert_eq!(told("hiya"), ["none", "label", "label", "label"]);
        assert_eq!(told("tns"), ["none", "label", "label", "block"]);
        assert!(Directory::parse("mine.toml", &text.replace("\"block\"", "\"scold\"")).is_err());
    }

    #[test]
    fn a_wrong_engine_is_named() {
        let text = Directory::SHIPPED.replace("engine = \"tns\"", "engine = \"tnz\"");
        let error = Directory::parse("mine.toml", &text).expect_err("no such engine");
        assert!(error.to_string().contains("tnz"), "{error}");
    }
}
