//! Fine bins: the places where a shape may step.

/// The bin of what was not seen. It never moves.
pub(crate) const MISSING: u8 = u8::MAX;
/// The most fine bins.
const FINE_MAX: usize = 254;

/// A feature cut into bins by its own quantiles.
#[derive(Clone, Debug)]
pub(crate) struct Binned {
    /// The bin of each row; [`MISSING`] where nothing was seen.
    pub(crate) bin: Vec<u8>,
    /// Where bins begin: value `x` is in bin number "edges at or below `x`".
    pub(crate) edges: Vec<f64>,
}

impl Binned {
    /// Cuts a feature into at most `limit` bins of about equally many of the chosen rows. Equal values share a bin.
    pub(crate) fn new(values: &[f64], rows: &[usize], limit: usize) -> Self {
        let mut sorted: Vec<f64> =
            rows.iter().filter_map(|row| values.get(*row).copied()).filter(|value| !value.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let edges = edges(&sorted, limit.clamp(1, FINE_MAX));
        let bin =
            values.iter().map(|value| if value.is_nan() { MISSING } else { place(&edges, *value) as u8 }).collect();
        Self { bin, edges }
    }

    /// How many bins there are, what was not seen apart.
    pub(crate) const fn count(&self) -> usize {
        self.edges.len() + 1
    }
}

/// The number of edges at or below a value: its bin.
pub(crate) fn place(edges: &[f64], value: f64) -> usize {
    edges.partition_point(|edge| *edge <= value)
}

/// Edges halfway between distinct values, so that each bin holds about as many values as any other. A value that is frequent
/// enough to fill a bin gets one of its own.
fn edges(sorted: &[f64], limit: usize) -> Vec<f64> {
    let runs = runs(sorted);
    let halfway = |pair: &[(f64, usize)]| match pair {
        [(low, _), (high, _)] => between(*low, *high),
        _ => f64::NAN,
    };
    if runs.len() <= limit {
        return runs.windows(2).map(halfway).collect();
    }
    let mut found = Vec::new();
    let (mut left, mut bins, mut held) = (sorted.len(), limit, 0);
    for pair in runs.windows(2) {
        let [(_, count), (_, after)] = pair else { continue };
        held += count;
        // What is left is shared out anew after each bin, so that frequent values do not use up the bins of the rest.
        let share = left as f64 / bins as f64;
        if bins > 1 && (held as f64 >= share || (*after as f64 >= share && held > 0)) {
            found.push(halfway(pair));
            left -= held;
            bins -= 1;
            held = 0;
        }
    }
    found
}

/// A number between two, about halfway and as short to write as can be: people read edges.
fn between(low: f64, high: f64) -> f64 {
    let middle = 0.5 * low + 0.5 * high;
    (0..17)
        .filter_map(|digits| format!("{middle:.digits$e}").parse::<f64>().ok())
        .find(|short| *short > low && *short < high)
        // Neighbouring numbers have nothing between them.
        .unwrap_or(high)
}

/// Distinct values of a sorted list with their counts.
fn runs(sorted: &[f64]) -> Vec<(f64, usize)> {
    let mut runs: Vec<(f64, usize)> = Vec::new();
    for value in sorted {
        match runs.last_mut() {
            Some((last, count)) if last == value => *count += 1,
            Some(_) | None => runs.push((*value, 1)),
        }
    }
    runs
}
