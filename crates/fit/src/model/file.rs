//! The model file: TOML that a person can read, and that is read back strictly.

use std::fmt::Write as _;

use serde::Deserialize;

use super::{Beta, Evidence, Learned, Model, Normal, Shape};
use crate::spec::{CLIP_NATS, Monotone, SHAPE_BINS_MAX, Scale, Source};
use crate::toml_text::{self, TomlError};

/// The version of the file's form.
pub const VERSION: u32 = 1;
/// The most components of a mixture.
const COMPONENTS_MAX: usize = 8;

/// Why a model file is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ModelError {
    /// It is no TOML of this form.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// A file of another form.
    #[error("it is a model of version {found}, and this program reads version {VERSION}")]
    Version {
        /// The version that it states.
        found: u32,
    },
    /// A number outside its range.
    #[error("`{key}` is out of range: expected {expected}")]
    Range {
        /// The key.
        key: &'static str,
        /// What was expected.
        expected: &'static str,
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
struct RawModel {
    model: u32,
    prior: RawPrior,
    calibration: RawCalibration,
    decision: RawDecision,
    #[serde(default)]
    evidence: Vec<RawEvidence>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPrior {
    unwanted_share: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCalibration {
    alpha: f64,
    beta: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDecision {
    threshold: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvidence {
    name: String,
    family: Option<String>,
    form: RawForm,
    s: Option<String>,
    n: Option<String>,
    share: Option<String>,
    value: Option<String>,
    scale: Option<Scale>,
    weight: Option<f64>,
    clip: Option<[f64; 2]>,
    monotone: Option<Monotone>,
    kappa: Option<f64>,
    mean: Option<f64>,
    edges: Option<Vec<f64>>,
    nats: Option<Vec<f64>>,
    floor: Option<f64>,
    legitimate: Option<Vec<RawComponent>>,
    unwanted: Option<Vec<RawComponent>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawForm {
    Beta,
    Gaussian,
    Shape,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawComponent {
    share: f64,
    a: Option<f64>,
    b: Option<f64>,
    mean: Option<f64>,
    variance: Option<f64>,
}

impl Model {
    /// Reads a model file and checks every number.
    ///
    /// # Errors
    /// Names the key or the evidence and what was expected.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let raw: RawModel = toml_text::read(text)?;
        if raw.model != VERSION {
            return Err(ModelError::Version { found: raw.model });
        }
        let within = |holds: bool, key, expected| if holds { Ok(()) } else { Err(ModelError::Range { key, expected }) };
        let share = raw.prior.unwanted_share;
        within(share > 0.0 && share < 1.0, "prior.unwanted_share", "above 0 and below 1")?;
        within(raw.calibration.alpha.is_finite(), "calibration.alpha", "a number")?;
        let beta = raw.calibration.beta;
        within(beta.is_finite() && beta > 0.0, "calibration.beta", "above 0")?;
        let threshold = raw.decision.threshold;
        within((0.0..=1.0).contains(&threshold), "decision.threshold", "0 to 1")?;
        Ok(Self {
            unwanted_share: share,
            alpha: raw.calibration.alpha,
            beta,
            threshold,
            evidence: raw.evidence.into_iter().map(RawEvidence::check).collect::<Result<_, _>>()?,
        })
    }

    /// The model as a file, without the comment that heads it. What is read back scores to the bit as this one, once its numbers
    /// have been through the file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = format!("model = {VERSION}\n\n[prior]\nunwanted_share = {}\n\n", number(self.unwanted_share));
        let _ = write!(
            out,
            "[calibration]            # P = logistic(alpha + beta * L), L = the prior's log-odds and each evidence\n\
             alpha = {}\nbeta = {}\n\n[decision]               # chosen on the part `validation`\nthreshold = {}\n",
            number(self.alpha),
            number(self.beta),
            number(self.threshold)
        );
        self.evidence.iter().for_each(|evidence| push_evidence(&mut out, evidence));
        out
    }
}

impl RawEvidence {
    fn check(self) -> Result<Evidence, ModelError> {
        let name = self.name.clone();
        let refuse = |detail| ModelError::Evidence { name: name.clone(), detail };
        let source = match (&self.s, &self.share, &self.n, &self.value) {
            (Some(s), None, Some(n), None) => Source::Counts { s: s.clone(), n: n.clone() },
            (None, Some(share), Some(n), None) => Source::Share { share: share.clone(), n: n.clone() },
            (None, None, None, Some(value)) => {
                Source::Value { value: value.clone(), scale: self.scale.unwrap_or_default() }
            }
            _ => return Err(refuse("its columns are `n` with `s` or `share`, or `value` alone")),
        };
        let is_rate = !matches!(source, Source::Value { .. });
        let weight = self.weight.unwrap_or(1.0);
        if !(0.0..=1.0).contains(&weight) {
            return Err(refuse("`weight` must be 0 to 1"));
        }
        let clip = self.clip.unwrap_or(CLIP_NATS);
        if !(clip[0] <= 0.0 && clip[1] >= 0.0 && clip.iter().all(|bound| bound.is_finite())) {
            return Err(refuse("`clip` must hold 0"));
        }
        let shape_keys = self.kappa.is_some() || self.mean.is_some() || self.edges.is_some() || self.nats.is_some();
        let density_keys = self.legitimate.is_some() || self.unwanted.is_some();
        let learned = match self.form {
            RawForm::Shape if density_keys || self.floor.is_some() => {
                return Err(refuse("a shape has no densities and no floor"));
            }
            RawForm::Beta | RawForm::Gaussian if shape_keys => {
                return Err(refuse("`kappa`, `mean`, `edges` and `nats` belong to shapes"));
            }
            RawForm::Beta if !is_rate || self.floor.is_some() => return Err(refuse("form = \"beta\" is for rates")),
            RawForm::Gaussian if is_rate => return Err(refuse("form = \"gaussian\" is for values")),
            RawForm::Shape => Learned::Shape(self.shape(is_rate).map_err(refuse)?),
            RawForm::Beta => Learned::Beta {
                legitimate: components(self.legitimate.as_deref(), RawComponent::beta).map_err(refuse)?,
                unwanted: components(self.unwanted.as_deref(), RawComponent::beta).map_err(refuse)?,
            },
            RawForm::Gaussian => Learned::Normal {
                legitimate: components(self.legitimate.as_deref(), RawComponent::normal).map_err(refuse)?,
                unwanted: components(self.unwanted.as_deref(), RawComponent::normal).map_err(refuse)?,
                floor: self.floor,
            },
        };
        let monotone = self.monotone.unwrap_or_default();
        Ok(Evidence { name: self.name, family: self.family, source, weight, clip, monotone, learned })
    }

    fn shape(&self, is_rate: bool) -> Result<Shape, &'static str> {
        let (Some(edges), Some(nats), Some(mean)) = (self.edges.clone(), self.nats.clone(), self.mean) else {
            return Err("a shape needs `mean`, `edges` and `nats`");
        };
        if nats.len() != edges.len() + 1 || nats.len() > SHAPE_BINS_MAX {
            return Err("a shape has one more `nats` than `edges`, at most 16");
        }
        if !edges.windows(2).all(|pair| pair.first() < pair.last()) || !edges.iter().all(|edge| edge.is_finite()) {
            return Err("`edges` must rise");
        }
        if !nats.iter().all(|nats| nats.is_finite()) || !mean.is_finite() {
            return Err("`nats` and `mean` must be numbers");
        }
        let kappa = self.kappa.unwrap_or(0.0);
        if !(kappa >= 0.0 && kappa.is_finite()) || (!is_rate && kappa > 0.0) {
            return Err("`kappa` must be at least 0, and is for rates");
        }
        let rises = |sign: f64| {
            nats.windows(2).all(|pair| pair.first().zip(pair.last()).is_none_or(|(a, b)| sign * (b - a) >= 0.0))
        };
        let holds = match self.monotone.unwrap_or_default() {
            Monotone::Up => rises(1.0),
            Monotone::Down => rises(-1.0),
            Monotone::Free => true,
        };
        if !holds {
            return Err("its `nats` do not go the way that `monotone` says");
        }
        Ok(Shape { edges, nats, mean, kappa })
    }
}

fn components<T>(raw: Option<&[RawComponent]>, read: fn(&RawComponent) -> Option<T>) -> Result<Vec<T>, &'static str> {
    let raw = raw.ok_or("a density needs `legitimate` and `unwanted`")?;
    if raw.is_empty() || raw.len() > COMPONENTS_MAX {
        return Err("a mixture has 1 to 8 components");
    }
    let share: f64 = raw.iter().map(|part| part.share).sum();
    if raw.iter().any(|part| !(part.share > 0.0 && part.share <= 1.0)) || (share - 1.0).abs() > 0.01 {
        return Err("the shares of a mixture are above 0 and add up to 1");
    }
    let read = |part| {
        read(part)
            .ok_or("a component has `share` with `a` and `b`, or with `mean` and `variance`, all above 0 but the mean")
    };
    raw.iter().map(read).collect()
}

impl RawComponent {
    fn beta(&self) -> Option<Beta> {
        let (None, None) = (self.mean, self.variance) else { return None };
        let (a, b) = (self.a?, self.b?);
        (a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite()).then_some(Beta { share: self.share, a, b })
    }

    fn normal(&self) -> Option<Normal> {
        let (None, None) = (self.a, self.b) else { return None };
        let (mean, variance) = (self.mean?, self.variance?);
        let holds = variance > 0.0 && variance.is_finite() && mean.is_finite();
        holds.then_some(Normal { share: self.share, mean, variance })
    }
}

fn push_evidence(out: &mut String, evidence: &Evidence) {
    let _ = write!(out, "\n[[evidence]]\nname = {}\n", quoted(&evidence.name));
    if let Some(family) = &evidence.family {
        let _ = writeln!(out, "family = {}", quoted(family));
    }
    let _ = match &evidence.source {
        Source::Counts { s, n } => writeln!(out, "s = {}\nn = {}", quoted(s), quoted(n)),
        Source::Share { share, n } => writeln!(out, "share = {}\nn = {}", quoted(share), quoted(n)),
        Source::Value { value, scale: Scale::Linear } => writeln!(out, "value = {}", quoted(value)),
        Source::Value { value, scale: Scale::Log } => writeln!(out, "value = {}\nscale = \"log\"", quoted(value)),
    };
    let _ = writeln!(out, "form = \"{}\"", evidence.learned.form());
    let _ = match evidence.monotone {
        Monotone::Up => writeln!(out, "monotone = \"up\""),
        Monotone::Down => writeln!(out, "monotone = \"down\""),
        Monotone::Free => Ok(()),
    };
    let _ = writeln!(out, "weight = {}\nclip = {}", number(evidence.weight), list(&evidence.clip));
    match &evidence.learned {
        Learned::Shape(shape) => {
            if shape.kappa > 0.0 {
                let _ = writeln!(out, "kappa = {}", number(shape.kappa));
            }
            let _ = writeln!(out, "mean = {}", number(shape.mean));
            let _ = writeln!(out, "edges = {}\nnats = {}", list(&shape.edges), list(&shape.nats));
        }
        Learned::Beta { legitimate, unwanted } => {
            let one = |part: &Beta| {
                format!("{{ share = {}, a = {}, b = {} }}", number(part.share), number(part.a), number(part.b))
            };
            push_mixture(out, "legitimate", legitimate.iter().map(one));
            push_mixture(out, "unwanted", unwanted.iter().map(one));
        }
        Learned::Normal { legitimate, unwanted, floor } => {
            if let Some(floor) = floor {
                let _ = writeln!(out, "floor = {}", number(*floor));
            }
            let one = |part: &Normal| {
                let (share, mean, variance) = (number(part.share), number(part.mean), number(part.variance));
                format!("{{ share = {share}, mean = {mean}, variance = {variance} }}")
            };
            push_mixture(out, "legitimate", legitimate.iter().map(one));
            push_mixture(out, "unwanted", unwanted.iter().map(one));
        }
    }
}

fn push_mixture(out: &mut String, key: &str, parts: impl Iterator<Item = String>) {
    let _ = writeln!(out, "{key} = [{}]", parts.collect::<Vec<_>>().join(", "));
}

fn list(values: &[f64]) -> String {
    format!("[{}]", values.iter().map(|value| number(*value)).collect::<Vec<_>>().join(", "))
}

/// A number as TOML writes fractions: the shortest text that reads back to the same bits.
fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-5..1e15).contains(&size) { format!("{value:e}") } else { format!("{value:?}") }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
