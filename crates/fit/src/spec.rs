//! What is to be learned from which columns: the specification of a fit.

use serde::Deserialize;

use crate::toml_text::{self, TomlError};

/// The most bins of a shape.
pub const SHAPE_BINS_MAX: usize = 16;
/// Bounds of an evidence in nats, where the specification names none. Chosen: wide enough that a fitted value is seldom cut, and
/// one evidence alone still moves the odds by no more than four hundred times.
pub const CLIP_NATS: [f64; 2] = [-6.0, 6.0];
/// The most evidences of one specification. Chosen: far above what an additive score explains to anybody.
const EVIDENCE_MAX: usize = 256;

/// What is to be learned.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Each evidence, in the order of the file.
    pub evidence: Vec<EvidenceSpec>,
}

/// One evidence to be learned.
#[derive(Clone, Debug)]
pub struct EvidenceSpec {
    /// Its name, unique in the specification.
    pub name: String,
    /// The family that it belongs to; `None` when it belongs to none.
    pub family: Option<String>,
    /// The columns that it comes from.
    pub source: Source,
    /// What is learned about it.
    pub form: Form,
    /// Whether it may rise, fall or both.
    pub monotone: Monotone,
    /// Bounds in nats.
    pub clip: [f64; 2],
    /// What is known of a density's weight beforehand, 0 to 1; `None` when nothing is.
    pub weight: Option<f64>,
}

/// The columns of an evidence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// A rate: `s` of `n`, fractions allowed.
    Counts {
        /// The column of what counts.
        s: String,
        /// The column of all that could count.
        n: String,
    },
    /// A rate told as a ratio beside its `n`.
    Share {
        /// The column of the ratio, 0 to 1.
        share: String,
        /// The column of all that could count.
        n: String,
    },
    /// A value.
    Value {
        /// The column.
        value: String,
        /// The scale on which it is looked at.
        scale: Scale,
    },
}

/// The scale of a value.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// As it is.
    #[default]
    Linear,
    /// Its logarithm.
    Log,
}

/// What is learned about an evidence.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A rate's Beta density in each class.
    Beta,
    /// A value's normal density in each class.
    Gaussian,
    /// Two such densities in each class.
    Mixture,
    /// A piecewise-constant function.
    #[default]
    Shape,
}

/// Which way an evidence may go as its rate or value rises.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Monotone {
    /// It never falls.
    Up,
    /// It never rises.
    Down,
    /// Both.
    #[default]
    Free,
}

/// Why a specification is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SpecError {
    /// It is no TOML of this form.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// It names no evidence, or too many.
    #[error("it has {count} [[evidence]] tables: expected 1 to {EVIDENCE_MAX}")]
    Count {
        /// How many there are.
        count: usize,
    },
    /// An evidence whose keys contradict each other.
    #[error("evidence {name:?}: {detail}")]
    Evidence {
        /// Its name.
        name: String,
        /// What is wrong.
        detail: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSpec {
    #[serde(default)]
    evidence: Vec<RawEvidence>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvidence {
    name: String,
    family: Option<String>,
    form: Kind,
    s: Option<String>,
    n: Option<String>,
    share: Option<String>,
    value: Option<String>,
    #[serde(default)]
    fit: Form,
    #[serde(default)]
    monotone: Monotone,
    scale: Option<Scale>,
    clip: Option<[f64; 2]>,
    weight: Option<f64>,
}

/// What an evidence is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Rate,
    Value,
}

impl Spec {
    /// Reads a specification.
    ///
    /// # Errors
    /// Names the key and what was expected.
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let raw: RawSpec = toml_text::read(text)?;
        if raw.evidence.is_empty() || raw.evidence.len() > EVIDENCE_MAX {
            return Err(SpecError::Count { count: raw.evidence.len() });
        }
        let mut evidence: Vec<EvidenceSpec> = Vec::new();
        for one in raw.evidence {
            let found = one.check()?;
            if evidence.iter().any(|other| other.name == found.name) {
                return Err(SpecError::Evidence { name: found.name, detail: "its name stands twice" });
            }
            evidence.push(found);
        }
        Ok(Self { evidence })
    }
}

impl RawEvidence {
    fn check(self) -> Result<EvidenceSpec, SpecError> {
        let name = self.name.clone();
        let refuse = |detail| SpecError::Evidence { name: name.clone(), detail };
        if name.trim().is_empty() {
            return Err(refuse("its name is empty"));
        }
        let (form, monotone) = (self.fit, self.monotone);
        let clip = self.clip.unwrap_or(CLIP_NATS);
        if !(clip[0] <= 0.0 && clip[1] >= 0.0 && clip[0] < clip[1] && clip.iter().all(|bound| bound.is_finite())) {
            return Err(refuse("clip needs a lower bound of at most 0 and an upper one of at least 0"));
        }
        let weight = self.weight;
        if weight.is_some_and(|weight| !(0.0..=1.0).contains(&weight)) {
            return Err(refuse("weight needs to be from 0 to 1"));
        }
        if weight.is_some() && form == Form::Shape {
            return Err(refuse("a shape has no weight: it counts in full"));
        }
        let source = match (self.form, self.s, self.share, self.n, self.value) {
            (Kind::Rate, Some(s), None, Some(n), None) => Source::Counts { s, n },
            (Kind::Rate, None, Some(share), Some(n), None) => Source::Share { share, n },
            (Kind::Rate, ..) => return Err(refuse("a rate needs `n` and either `s` or `share`, and no `value`")),
            (Kind::Value, None, None, None, Some(value)) => {
                Source::Value { value, scale: self.scale.unwrap_or_default() }
            }
            (Kind::Value, ..) => return Err(refuse("a value needs `value`, and no `s`, `share` or `n`")),
        };
        match (self.form, form) {
            (Kind::Rate, Form::Gaussian) => return Err(refuse("fit = \"gaussian\" is for values")),
            (Kind::Value, Form::Beta) => return Err(refuse("fit = \"beta\" is for rates")),
            (Kind::Rate, Form::Beta | Form::Mixture | Form::Shape)
            | (Kind::Value, Form::Gaussian | Form::Mixture | Form::Shape) => {}
        }
        Ok(EvidenceSpec { name, family: self.family, source, form, monotone, clip, weight })
    }
}

impl Source {
    /// The columns, in the order in which a row's cells are taken.
    pub(crate) fn columns(&self) -> Vec<&str> {
        match self {
            Self::Counts { s, n } => vec![s, n],
            Self::Share { share, n } => vec![share, n],
            Self::Value { value, .. } => vec![value],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Spec::parse(text).expect_err("a refusal").to_string()
    }

    #[test]
    fn a_specification_is_read() {
        let spec = Spec::parse(
            "[[evidence]]\nname = 'short'\nfamily = 'engagement'\nform = 'rate'\ns = 'a'\nn = 'b'\nmonotone = 'up'\n\
             [[evidence]]\nname = 'talk'\nform = 'value'\nvalue = 'c'\nfit = 'gaussian'\nscale = 'log'\nclip = [-1, 2]\n\
             [[evidence]]\nname = 'new'\nform = 'rate'\nshare = 'd'\nn = 'b'\nfit = 'mixture'",
        )
        .expect("a specification");
        let forms: Vec<Form> = spec.evidence.iter().map(|one| one.form).collect();
        assert_eq!(forms, [Form::Shape, Form::Gaussian, Form::Mixture]);
        assert_eq!(spec.evidence[1].source, Source::Value { value: "c".to_owned(), scale: Scale::Log });
        assert_eq!((spec.evidence[0].monotone, spec.evidence[1].clip), (Monotone::Up, [-1.0, 2.0]));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let one = |keys: &str| refusal(&format!("[[evidence]]\nname = 'x'\n{keys}"));
        assert!(refusal("").contains("0 [[evidence]] tables"));
        assert!(refusal("[[evidence]").contains("not valid TOML"));
        assert!(one("form = 'rate'\ns = 'a'").contains("needs `n`"));
        assert!(one("form = 'rate'\ns = 'a'\nn = 'b'\nfit = 'gaussian'").contains("for values"));
        assert!(one("form = 'value'\nvalue = 'a'\nfit = 'beta'").contains("for rates"));
        assert!(one("form = 'value'\nvalue = 'a'\nclip = [1, 2]").contains("clip"));
        assert!(one("form = 'value'\nvalue = 'a'\nfit = 'gaussian'\nweight = 2").contains("from 0 to 1"));
        assert!(one("form = 'value'\nvalue = 'a'\nweight = 1").contains("counts in full"));
        let unknown = one("form = 'value'\nvalue = 'a'\nbins = 3");
        assert!(unknown.contains("bins") && unknown.contains("unknown field"), "{unknown}");
        assert!(one("form = 'shape'\nvalue = 'a'").contains("evidence[0].form"));
        let twice = "[[evidence]]\nname = 'x'\nform = 'value'\nvalue = 'a'\n".repeat(2);
        assert!(refusal(&twice).contains("twice"));
    }
}
