//! What was learned, as an overlay of the policy.

use std::fmt::Write as _;

use fit::model::{Beta, Learned as Form, Model, Normal, Shape};
use reputation::policy::{AttestationPolicy, Policy};

use super::behaviour::{Behaviour, Row};
use super::context::Context;

/// The least variance of talk time between callers: what is less comes of too few rows.
const VARIANCE_MIN: f64 = 0.05;

/// What was learned, and from what.
pub(super) struct Learned<'a> {
    pub(super) model: &'a Model,
    pub(super) rows: &'a [Row],
    pub(super) policy: &'a Policy,
    /// Reports were read, so that their rates can be told.
    pub(super) with_reports: bool,
}

/// The share of unwanted numbers that ratings are for.
pub(super) fn prior(share: f64) -> String {
    format!("\n[prior]\nunwanted_share = {}\n", number(share))
}

/// What was learned about behaviour and reports, as tables of the policy.
pub(super) fn behaviour(learned: &Learned<'_>) -> String {
    let mut out = String::new();
    for evidence in &learned.model.evidence {
        let _ = writeln!(out, "\n[evidence.{}]\nweight = {}", evidence.name, number(evidence.weight));
        match &evidence.learned {
            Form::Shape(shape) => push_shape(&mut out, shape),
            Form::Beta { legitimate, unwanted } => push_densities(&mut out, legitimate, unwanted),
            Form::Normal { legitimate, unwanted, .. } => push_talk(&mut out, learned.rows, [legitimate, unwanted]),
        }
    }
    if learned.with_reports {
        push_reports(&mut out, learned);
    }
    out
}

/// The calibration of everything together.
pub(super) fn calibration(context: &Context) -> String {
    let [alpha, beta] = context.calibration.map(|value| number(rounded(value, 4)));
    format!(
        "\n[calibration]            # for the policy's own prior, whatever the share of unwanted numbers here was\nalpha = {alpha}\nbeta = {beta}\n"
    )
}

/// What block and attestation say.
pub(super) fn context(context: &Context) -> String {
    let mut out = String::new();
    match context.block_weight {
        Some(weight) => {
            let _ = writeln!(out, "\n[block]\nweight = {}", number(rounded(weight, 4)));
        }
        None => out.push_str("\n# No number has neighbours enough to learn what a block says.\n"),
    }
    match &context.attestation {
        Some(AttestationPolicy { weight, full, partial, gateway, unsigned }) => {
            out.push_str("\n[attestation]            # against the calls of all unregistered callers\n");
            let keys = [
                ("weight", weight),
                ("full", full),
                ("partial", partial),
                ("gateway", gateway),
                ("unsigned", unsigned),
            ];
            for (key, value) in keys {
                let _ = writeln!(out, "{key} = {}", number(rounded(*value, 4)));
            }
        }
        None => out.push_str("\n# No call tells how it is signed, or those of one class alone do.\n"),
    }
    out
}

fn push_shape(out: &mut String, shape: &Shape) {
    let list = |values: &[f64]| values.iter().map(|value| number(*value)).collect::<Vec<_>>().join(", ");
    let (mean, kappa) = (number(shape.mean), number(shape.kappa));
    let (edges, nats) = (list(&shape.edges), list(&shape.nats));
    let _ = writeln!(
        out,
        "form = \"shape\"\nshape = {{ mean = {mean}, kappa = {kappa}, edges = [{edges}], nats = [{nats}] }}"
    );
}

fn push_densities(out: &mut String, legitimate: &[Beta], unwanted: &[Beta]) {
    // Rounded to what the data tell; the unwanted shapes outwards, so that they stay beside the legitimate ones.
    for (key, mixture) in [("legitimate", legitimate), ("unwanted", unwanted)] {
        let mut left = 1.0;
        let parts: Vec<String> = mixture
            .iter()
            .enumerate()
            .map(|(place, part)| {
                let share = if place + 1 == mixture.len() { left } else { rounded(part.share, 4) };
                left = rounded(left - share, 4);
                format!(
                    "{{ share = {}, a = {}, b = {} }}",
                    number(share),
                    number(rounded(part.a, 4)),
                    number(rounded(part.b, 4))
                )
            })
            .collect();
        let _ = writeln!(out, "{key} = [{}]", parts.join(", "));
    }
}

/// Talk time: a mean for each class, and a variance of which a part shrinks with the answered calls.
fn push_talk(out: &mut String, rows: &[Row], densities: [&[Normal]; 2]) {
    let [good, bad] = densities.map(|density| density.first().map_or(0.0, |part| part.mean));
    let (variance, per_call) = variances(rows, [good, bad]);
    let _ = writeln!(
        out,
        "ln_talk_legitimate = {}\nln_talk_unwanted = {}\nvariance = {}\nvariance_per_call = {}",
        number(rounded(good, 4)),
        number(rounded(bad, 4)),
        number(rounded(variance, 4)),
        number(rounded(per_call, 4))
    );
}

/// The straight line through the squared distances from the class's mean, against one over the answered calls.
fn variances(rows: &[Row], [good, bad]: [f64; 2]) -> (f64, f64) {
    let points = || {
        rows.iter().filter_map(|row| {
            let [talk, answered] = Behaviour::Talk.counts(&row.inputs);
            let mean = if row.unwanted { bad } else { good };
            let distance = (talk.max(1.0) / answered).ln() - mean;
            (answered > 0.0).then_some((1.0 / answered, distance * distance))
        })
    };
    let n = points().count().max(1) as f64;
    let (x, y) = points().fold((0.0, 0.0), |(x, y), point| (x + point.0 / n, y + point.1 / n));
    let both: f64 = points().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let own: f64 = points().map(|point| (point.0 - x) * (point.0 - x)).sum();
    let slope = if own > 0.0 { (both / own).max(0.0) } else { 0.0 };
    let slope = slope.min((y - VARIANCE_MIN).max(0.0) / x.max(1e-9));
    ((y - slope * x).max(VARIANCE_MIN), slope)
}

/// Weighted reports per attempt in each class, under the policy's own dispersion.
fn push_reports(out: &mut String, learned: &Learned<'_>) {
    let dispersion = learned.policy.reports.dispersion;
    let [good, bad] = [false, true].map(|unwanted| {
        let own = learned.rows.iter().filter(|row| row.unwanted == unwanted);
        let points: Vec<(f64, f64)> =
            own.map(|row| (row.inputs.reports.weighted.max(0.0), row.inputs.sums.attempts())).collect();
        likeliest_rate(&points, dispersion)
    });
    match (good, bad) {
        (Some(good), Some(bad)) if good < bad => {
            let _ = writeln!(out, "\n[reports]\nrate_legitimate = {good:.3e}\nrate_unwanted = {bad:.3e}");
        }
        (Some(_) | None, Some(_) | None) => {
            out.push_str("\n# Reports tell the classes apart in too few numbers to learn their rates.\n");
        }
    }
}

/// The rate under which negative binomial counts with these exposures are likeliest, by halving; `None` without a count.
fn likeliest_rate(points: &[(f64, f64)], dispersion: f64) -> Option<f64> {
    let slope = |rate: f64| -> f64 {
        points
            .iter()
            .map(|(count, exposure)| (count - rate * exposure) / (rate * (1.0 + rate * exposure / dispersion)))
            .sum()
    };
    let total: f64 = points.iter().map(|(count, _)| count).sum();
    if total <= 0.0 {
        return None;
    }
    let (mut low, mut high) = (1e-9_f64, 1.0_f64);
    for _ in 0..100 {
        let middle = (low * high).sqrt();
        if slope(middle) > 0.0 { low = middle } else { high = middle }
    }
    Some((low * high).sqrt())
}

pub(super) fn rounded(value: f64, digits: usize) -> f64 {
    let text = if value.abs() < 1.0 { format!("{value:.digits$}") } else { format!("{value:.3e}") };
    text.parse().unwrap_or(value)
}

/// A number as TOML writes fractions.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e15).contains(&size) { format!("{value:e}") } else { format!("{value:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_of_counts_is_found() {
        // Without dispersion to speak of the rate is counts over exposure.
        let points = [(1.0, 1000.0), (3.0, 1000.0), (0.0, 2000.0)];
        let rate = likeliest_rate(&points, 1e9).expect("a rate");
        assert!((rate - 0.001).abs() < 1e-6, "{rate}");
        assert_eq!(likeliest_rate(&[(0.0, 10.0)], 0.5), None);
    }

    #[test]
    fn numbers_are_rounded_to_what_data_tell() {
        assert_eq!([rounded(0.123_456, 4), rounded(12.345_678, 4), rounded(1234.567, 4)], [0.1235, 12.35, 1235.0]);
        assert_eq!(number(1e-7), "1e-7");
    }
}
