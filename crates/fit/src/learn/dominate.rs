//! Beta densities whose ratio rises with the rate: no unwanted component may lie left of a legitimate one.

use reputation::numeric::{ln, logistic, logit};

use super::beta::{Counts, SHAPE};
use crate::model::Beta;

/// Rows of each class that the search looks at. Chosen: hundreds of looks must stay quick.
const ROWS_MAX: usize = 2_000;
/// Looks of the search.
const LOOKS_MAX: u32 = 1_500;

/// Whether every unwanted component has an `a` at least, and a `b` at most, that of every legitimate one. Evidence then rises
/// with `s` at every `n`.
pub(super) fn dominates(legitimate: &[Beta], unwanted: &[Beta]) -> bool {
    unwanted.iter().all(|bad| legitimate.iter().all(|good| bad.a >= good.a && bad.b <= good.b))
}

/// The likeliest densities that [`dominates`] holds for, searched from `legitimate` and `unwanted`.
pub(super) fn dominating(counts: [&Counts; 2], legitimate: &[Beta], unwanted: &[Beta]) -> (Vec<Beta>, Vec<Beta>) {
    let [good, bad] = counts.map(|counts| counts.thinned(ROWS_MAX));
    let sizes = [legitimate.len(), unwanted.len()];
    let loss = |point: &[f64]| {
        let (legitimate, unwanted) = densities(point, sizes);
        -good.likelihood(&legitimate) - bad.likelihood(&unwanted)
    };
    let mut best = start(legitimate, unwanted);
    // A search that has settled on an edge gets going again from there.
    for _ in 0..3 {
        best = nelder_mead(&loss, &best, LOOKS_MAX / 3);
    }
    densities(&best, sizes)
}

/// What the search moves: for each legitimate component ln a and ln b, for each unwanted one the roots of how far ln a lies above
/// all of those and ln b below, and the log-odds of the shares. Any point keeps the order.
fn start(legitimate: &[Beta], unwanted: &[Beta]) -> Vec<f64> {
    let a = legitimate.iter().map(|part| part.a).fold(0.0, f64::max);
    let b = legitimate.iter().map(|part| part.b).fold(f64::INFINITY, f64::min);
    // Not quite 0, where the search would see no slope.
    let root = |above: f64| libm::sqrt(above.max(0.01));
    let mut point: Vec<f64> = legitimate.iter().flat_map(|part| [ln(part.a), ln(part.b)]).collect();
    point.extend(unwanted.iter().flat_map(|part| [root(ln(part.a / a)), root(ln(b / part.b))]));
    point.extend(
        [legitimate, unwanted]
            .iter()
            .filter(|mixture| mixture.len() == 2)
            .map(|mixture| logit(mixture.first().map_or(0.5, |part| part.share).clamp(0.01, 0.99))),
    );
    point
}

fn densities(point: &[f64], [good, bad]: [usize; 2]) -> (Vec<Beta>, Vec<Beta>) {
    let pairs = |from: usize, count: usize| point.get(from..from + 2 * count).unwrap_or_default().chunks_exact(2);
    let shape = |log: f64| libm::exp(log.clamp(-20.0, 20.0)).clamp(SHAPE[0], SHAPE[1]);
    let pair = |pair: &[f64]| [pair.first().copied().unwrap_or(0.0), pair.last().copied().unwrap_or(0.0)];
    let mut legitimate: Vec<Beta> =
        pairs(0, good).map(pair).map(|[a, b]| Beta { share: 1.0, a: shape(a), b: shape(b) }).collect();
    let a = legitimate.iter().map(|part| part.a).fold(0.0, f64::max);
    let b = legitimate.iter().map(|part| part.b).fold(f64::INFINITY, f64::min);
    let mut unwanted: Vec<Beta> = pairs(2 * good, bad)
        .map(pair)
        .map(|[up, down]| Beta {
            share: 1.0,
            a: (a * libm::exp((up * up).min(20.0))).min(SHAPE[1]),
            b: (b / libm::exp((down * down).min(20.0))).max(SHAPE[0]),
        })
        .collect();
    let mut shares = point.get(2 * (good + bad)..).unwrap_or_default().iter();
    for mixture in [&mut legitimate, &mut unwanted] {
        if let [first, second] = mixture.as_mut_slice() {
            first.share = logistic(shares.next().copied().unwrap_or(0.0)).clamp(1e-4, 1.0 - 1e-4);
            second.share = 1.0 - first.share;
        }
    }
    (legitimate, unwanted)
}

/// The simplex search of Nelder and Mead (1965): needs no derivatives, and a handful of unknowns is what it is good at.
fn nelder_mead(loss: &dyn Fn(&[f64]) -> f64, from: &[f64], looks: u32) -> Vec<f64> {
    let mut simplex: Vec<(f64, Vec<f64>)> = vec![(loss(from), from.to_vec())];
    for place in 0..from.len() {
        let mut corner = from.to_vec();
        if let Some(own) = corner.get_mut(place) {
            *own += 0.3;
        }
        simplex.push((loss(&corner), corner));
    }
    for _ in 0..looks {
        simplex.sort_by(|left, right| left.0.total_cmp(&right.0));
        let Some((worst_loss, worst)) = simplex.pop() else { break };
        let (first, last) = (simplex.first().map_or(0.0, |one| one.0), simplex.last().map_or(0.0, |one| one.0));
        let count = simplex.len() as f64;
        let center: Vec<f64> =
            (0..from.len()).map(|i| simplex.iter().filter_map(|(_, at)| at.get(i)).sum::<f64>() / count).collect();
        let along = |by: f64| -> (f64, Vec<f64>) {
            let at: Vec<f64> =
                center.iter().zip(&worst).map(|(center, worst)| center + by * (center - worst)).collect();
            (loss(&at), at)
        };
        let reflected = along(1.0);
        let next = if reflected.0 < first {
            let further = along(2.0);
            if further.0 < reflected.0 { further } else { reflected }
        } else if reflected.0 < last {
            reflected
        } else {
            along(if reflected.0 < worst_loss { 0.5 } else { -0.5 })
        };
        if next.0 < worst_loss {
            simplex.push(next);
            continue;
        }
        simplex.push((worst_loss, worst));
        let best = simplex.first().map(|(_, at)| at.clone()).unwrap_or_default();
        for (found, at) in simplex.iter_mut().skip(1) {
            at.iter_mut().zip(&best).for_each(|(own, best)| *own = 0.5 * (*own + best));
            *found = loss(at);
        }
    }
    simplex.sort_by(|left, right| left.0.total_cmp(&right.0));
    simplex.into_iter().next().map(|(_, at)| at).unwrap_or_default()
}
