//! From many fine bins to few, with as little loss as any choice of bins can have.

/// The fine bins with which merged bins begin, the first (0) left out: at most `limit` bins, fewer when the mean squared loss
/// is then still at most `tolerance` nats².
///
/// The best piecewise-constant approximation by dynamic programming (Bellman, 1961). Bins without weight go with their
/// neighbours.
pub(crate) fn merge(nats: &[f64], weights: &[f64], limit: usize, tolerance: f64) -> Vec<usize> {
    let sums = Sums::new(nats, weights);
    let count = nats.len();
    // `cost[j]`: the least loss of the first j fine bins in k merged ones; `starts[k][j]`: where the last of them begins.
    let mut cost: Vec<f64> = (0..=count).map(|to| sums.loss(0, to)).collect();
    let mut starts: Vec<Vec<usize>> = vec![vec![0; count + 1]];
    let allowed = tolerance * sums.loss_scale();
    while starts.len() < limit.min(count) && cost.last().is_some_and(|loss| *loss > allowed) {
        let (next, start): (Vec<f64>, Vec<usize>) = (0..=count)
            .map(|to| {
                let with = |from: usize| cost.get(from).copied().unwrap_or(f64::INFINITY) + sums.loss(from, to);
                (0..to)
                    .map(|from| (with(from), from))
                    .fold((with(to), to), |best, one| if one.0 < best.0 { one } else { best })
            })
            .unzip();
        cost = next;
        starts.push(start);
    }
    let mut cuts = Vec::new();
    let mut to = count;
    for start in starts.iter().skip(1).rev() {
        to = start.get(to).copied().unwrap_or(0);
        if to > 0 && to < count {
            cuts.push(to);
        }
    }
    cuts.reverse();
    cuts.dedup();
    cuts
}

/// Running sums, so that the loss of any range costs the same.
struct Sums {
    weight: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Sums {
    fn new(nats: &[f64], weights: &[f64]) -> Self {
        let running = |term: fn(f64, f64) -> f64| {
            let mut sum = 0.0;
            let sums = nats.iter().zip(weights).map(|(nats, weight)| {
                sum += term(*nats, *weight);
                sum
            });
            let mut all = vec![0.0];
            all.extend(sums);
            all
        };
        Self {
            weight: running(|_, weight| weight),
            first: running(|nats, weight| weight * nats),
            second: running(|nats, weight| weight * nats * nats),
        }
    }

    fn between(sums: &[f64], from: usize, to: usize) -> f64 {
        let at = |place: usize| sums.get(place).copied().unwrap_or(0.0);
        at(to) - at(from)
    }

    /// The weighted squared distance of a range from its mean.
    fn loss(&self, from: usize, to: usize) -> f64 {
        let weight = Self::between(&self.weight, from, to);
        if weight <= 0.0 {
            return 0.0;
        }
        let first = Self::between(&self.first, from, to);
        (Self::between(&self.second, from, to) - first * first / weight).max(0.0)
    }

    fn loss_scale(&self) -> f64 {
        self.weight.last().copied().unwrap_or(0.0)
    }
}
