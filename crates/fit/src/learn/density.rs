//! Densities of a rate or a value in each class.

use super::Work;
use super::beta::{self, Counts};
use super::dominate::{dominates, dominating};
use super::normal;
use crate::model::{Beta, Learned, Normal, scaled};
use crate::spec::{Form, Monotone, Scale};
use crate::table::Observed;

/// Learns the densities of an evidence; `None` when a class saw nothing that varies.
pub(super) fn learn(
    work: Work<'_>,
    observed: &Observed,
    form: Form,
    monotone: Monotone,
    scale: Scale,
) -> Option<Learned> {
    match observed {
        Observed::Rate { s, n } => of_rate(work, s, n, form, monotone),
        Observed::Value(values) => of_value(work, values, form, monotone, scale),
    }
}

fn of_rate(work: Work<'_>, s: &[f64], n: &[f64], form: Form, monotone: Monotone) -> Option<Learned> {
    let counts = [false, true].map(|class| {
        let rows = work.train.iter().filter(|row| work.positive(**row) == class);
        Counts::new(rows.filter_map(|row| Some([s.get(*row).copied()?, n.get(*row).copied()?])))
    });
    if counts.iter().any(Counts::is_empty) {
        return None;
    }
    // What falls with the rate rises with its complement.
    let [good, bad] = if monotone == Monotone::Down { counts.map(|counts| counts.mirrored()) } else { counts };
    let density = |counts: &Counts| if form == Form::Mixture { beta::mixture(counts) } else { vec![beta::one(counts)] };
    let (mut legitimate, mut unwanted) = (density(&good), density(&bad));
    if monotone != Monotone::Free && !dominates(&legitimate, &unwanted) {
        (legitimate, unwanted) = dominating([&good, &bad], &legitimate, &unwanted);
    }
    if monotone == Monotone::Down {
        let mirror = |part: Beta| Beta { a: part.b, b: part.a, ..part };
        legitimate = legitimate.into_iter().map(mirror).collect();
        unwanted = unwanted.into_iter().map(mirror).collect();
    }
    Some(Learned::Beta { legitimate, unwanted })
}

fn of_value(work: Work<'_>, values: &[f64], form: Form, monotone: Monotone, scale: Scale) -> Option<Learned> {
    let floor = floor(work, values, scale);
    let classes = [false, true].map(|class| {
        let rows = work.train.iter().filter(|row| work.positive(**row) == class);
        let known = rows.filter_map(|row| values.get(*row).copied()).filter(|value| !value.is_nan());
        known.map(|value| scaled(value, scale, floor)).collect::<Vec<f64>>()
    });
    let [good, bad] = &classes;
    let (legitimate, unwanted) = if form == Form::Mixture {
        (normal::mixture(good)?, normal::mixture(bad)?)
    } else if monotone == Monotone::Free {
        (vec![normal::one(good)?], vec![normal::one(bad)?])
    } else {
        one_way(normal::one(good)?, normal::one(bad)?, [good.len(), bad.len()], monotone)
    };
    Some(Learned::Normal { legitimate, unwanted, floor })
}

/// With one variance for both classes the evidence is a straight line; where it would go the wrong way it says nothing.
fn one_way(good: Normal, bad: Normal, [of_good, of_bad]: [usize; 2], monotone: Monotone) -> (Vec<Normal>, Vec<Normal>) {
    let (of_good, of_bad) = (of_good as f64, of_bad as f64);
    let variance = (of_good * good.variance + of_bad * bad.variance) / (of_good + of_bad);
    let holds = match monotone {
        Monotone::Up => bad.mean >= good.mean,
        Monotone::Down => bad.mean <= good.mean,
        Monotone::Free => true,
    };
    let mean = if holds { bad.mean } else { good.mean };
    (vec![Normal { variance, ..good }], vec![Normal { mean, variance, ..bad }])
}

/// What stands in for 0 on a logarithmic scale: half of the least value above 0.
fn floor(work: Work<'_>, values: &[f64], scale: Scale) -> Option<f64> {
    let above = work.train.iter().filter_map(|row| values.get(*row).copied()).filter(|value| *value > 0.0);
    match scale {
        Scale::Linear => None,
        Scale::Log => Some(above.reduce(f64::min).map_or(1.0, |least| 0.5 * least)),
    }
}
