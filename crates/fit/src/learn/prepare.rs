//! What is learned about each evidence by itself.

use std::collections::BTreeSet;

use super::kappa::Trial;
use super::{LeftOut, Work, density};
use crate::boost::Binned;
use crate::model::{Evidence, Learned, scaled};
use crate::spec::{EvidenceSpec, Form, Monotone, Scale, Source, Spec};
use crate::table::{Observed, constant};

/// Fine bins of a shape before it is cut. Chosen: finer ones follow chance.
const FINE_BINS: usize = 128;

/// All evidence that something can be learned about.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) densities: Vec<Density>,
    pub(super) shapes: Vec<Shaped>,
}

impl Prepared {
    /// The places in the specification of everything that is learned.
    pub(super) fn places(&self) -> BTreeSet<usize> {
        let shapes = self.shapes.iter().map(|shape| shape.place);
        self.densities.iter().map(|density| density.place).chain(shapes).collect()
    }
}

/// Densities, with what they say about every row before their weight.
#[derive(Clone, Debug)]
pub(super) struct Density {
    /// Its place in the specification.
    pub(super) place: usize,
    pub(super) learned: Learned,
    pub(super) nats: Vec<f64>,
    /// What is known of its weight beforehand.
    pub(super) weight: Option<f64>,
}

/// A feature that a shape is to be learned of.
#[derive(Clone, Debug)]
pub(super) struct Shaped {
    /// Its place in the specification.
    pub(super) place: usize,
    pub(super) binned: Binned,
    pub(super) monotone: Monotone,
    pub(super) clip: [f64; 2],
    pub(super) mean: f64,
    /// 0 for values.
    pub(super) kappa: f64,
}

/// Prepares each evidence of the specification; those that do not vary are left out with a reason. With `before`, the same
/// evidence is prepared again, and what was chosen then holds.
pub(super) fn prepare(work: Work<'_>, spec: &Spec, before: Option<&Prepared>) -> (Prepared, Vec<LeftOut>) {
    let still = constant(work.table, work.train);
    let mut prepared = Prepared { densities: Vec::new(), shapes: Vec::new() };
    let mut left_out = Vec::new();
    for (place, (one, observed)) in spec.evidence.iter().zip(&work.table.observed).enumerate() {
        if before.is_some_and(|before| !before.places().contains(&place)) {
            continue;
        }
        let mut leave = |reason| left_out.push(LeftOut { name: one.name.clone(), reason });
        if still.contains(&place) {
            leave("its column has at most one value in the part train");
        } else if one.form == Form::Shape {
            let before = before.and_then(|before| before.shapes.iter().find(|shape| shape.place == place));
            prepared.shapes.push(shaped(work, one, observed, place, before));
        } else {
            match density::learn(work, observed, one.form, one.monotone, scale(one)) {
                Some(learned) => prepared.densities.push(density(one, observed, place, learned)),
                None => leave("one class has at most one value of it in the part train"),
            }
        }
    }
    (prepared, left_out)
}

fn scale(one: &EvidenceSpec) -> Scale {
    match &one.source {
        Source::Value { scale, .. } => *scale,
        Source::Counts { .. } | Source::Share { .. } => Scale::Linear,
    }
}

fn density(one: &EvidenceSpec, observed: &Observed, place: usize, learned: Learned) -> Density {
    let rows = match observed {
        Observed::Rate { n, .. } => n.len(),
        Observed::Value(values) => values.len(),
    };
    let evidence = evidence(one, learned.clone(), 1.0);
    let nats = (0..rows).map(|row| evidence.clipped(observed, row)).collect();
    Density { place, learned, nats, weight: one.weight }
}

/// An evidence of the model.
pub(super) fn evidence(one: &EvidenceSpec, learned: Learned, weight: f64) -> Evidence {
    Evidence {
        name: one.name.clone(),
        family: one.family.clone(),
        source: one.source.clone(),
        weight,
        clip: one.clip,
        monotone: one.monotone,
        learned,
    }
}

fn shaped(work: Work<'_>, one: &EvidenceSpec, observed: &Observed, place: usize, before: Option<&Shaped>) -> Shaped {
    let fine = |values: &[f64]| Binned::new(values, work.train, FINE_BINS);
    match observed {
        Observed::Rate { s, n } => {
            let trial = Trial { s, n, positive: &work.table.positive, rows: &work.chosen_by(), seed: work.seed };
            let found = before.map_or_else(|| trial.choose(), |before| trial.shrunken(before.kappa, before.mean));
            Shaped {
                place,
                binned: fine(&found.rate),
                monotone: one.monotone,
                clip: one.clip,
                mean: found.mean,
                kappa: found.kappa,
            }
        }
        Observed::Value(values) => {
            let mean = mean(work, values, scale(one));
            Shaped { place, binned: fine(values), monotone: one.monotone, clip: one.clip, mean, kappa: 0.0 }
        }
    }
}

/// The mean on the value's scale, told on the scale of the file.
fn mean(work: Work<'_>, values: &[f64], scale: Scale) -> f64 {
    let known = work.train.iter().filter_map(|row| values.get(*row).copied()).filter(|value| !value.is_nan());
    let (mut sum, mut count) = (0.0, 0.0_f64);
    for value in known.filter(|value| scale == Scale::Linear || *value > 0.0) {
        sum += scaled(value, scale, None);
        count += 1.0;
    }
    let mean = sum / count.max(1.0);
    match scale {
        Scale::Linear => mean,
        Scale::Log => libm::exp(mean),
    }
}
