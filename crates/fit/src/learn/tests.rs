use super::beta::{self, Counts};
use super::dominate::{dominates, dominating};
use super::normal;
use super::*;
use crate::cross::measure;
use crate::model::{Beta, Normal, Shape};
use crate::random::Random;
use crate::spec::{CLIP_NATS, EvidenceSpec, Form, Monotone, Scale, Source};
use crate::table::{Observed, Skips, Split, stratified};

/// A normal value by the polar method.
fn normal_value(random: &mut Random) -> f64 {
    loop {
        let (x, y) = (2.0 * random.fraction() - 1.0, 2.0 * random.fraction() - 1.0);
        let square = x * x + y * y;
        if square > 0.0 && square < 1.0 {
            return x * (-2.0 * square.ln() / square).sqrt();
        }
    }
}

/// A gamma value (Marsaglia and Tsang, 2000).
fn gamma_value(random: &mut Random, shape: f64) -> f64 {
    if shape < 1.0 {
        return gamma_value(random, shape + 1.0) * random.fraction().powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    loop {
        let x = normal_value(random);
        let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
        if v > 0.0 && random.fraction().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}

fn beta_value(random: &mut Random, a: f64, b: f64) -> f64 {
    let (x, y) = (gamma_value(random, a), gamma_value(random, b));
    x / (x + y)
}

/// `s` of `n`, the rate drawn from a Beta density.
fn count(random: &mut Random, a: f64, b: f64, n: u32) -> [f64; 2] {
    let p = beta_value(random, a, b);
    let s = (0..n).filter(|_| random.fraction() < p).count();
    [s as f64, f64::from(n)]
}

fn counts(rows: usize, seed: u64, draw: impl Fn(&mut Random) -> [f64; 2]) -> Counts {
    let mut random = Random::new(seed);
    Counts::new((0..rows).map(|_| draw(&mut random)))
}

#[track_caller]
fn near(found: f64, truth: f64, part: f64) {
    assert!((found / truth - 1.0).abs() < part, "{found}, expected {truth}");
}

#[test]
fn a_beta_density_is_recovered_from_counts() {
    for (a, b) in [(1.55, 10.3), (9.3, 2.1), (0.6, 0.9), (1.4, 127.0)] {
        let found = beta::one(&counts(6000, 1, |random| {
            let n = 5 + random.below(60) as u32;
            count(random, a, b, n)
        }));
        near(found.a, a, 0.2);
        near(found.b, b, 0.2);
        near(found.a / (found.a + found.b), a / (a + b), 0.05);
    }
}

#[test]
fn a_mixture_is_recovered_and_not_invented() {
    let two = beta::mixture(&counts(8000, 2, |random| {
        let low = random.fraction() < 0.7;
        if low { count(random, 3.0, 20.0, 50) } else { count(random, 20.0, 5.0, 50) }
    }));
    let [low, high] = two[..] else { panic!("two components: {two:?}") };
    near(low.share, 0.7, 0.05);
    near(low.a / (low.a + low.b), 3.0 / 23.0, 0.05);
    near(high.a / (high.a + high.b), 0.8, 0.03);
    let one = beta::mixture(&counts(8000, 3, |random| count(random, 3.0, 20.0, 50)));
    assert_eq!(one.len(), 1, "{one:?}");
}

#[test]
fn densities_that_cross_are_put_in_order() {
    // The unwanted class is wider: freely learned, its b would be the smaller but its a too.
    let good = counts(3000, 4, |random| count(random, 20.0, 30.0, 40));
    let bad = counts(3000, 5, |random| count(random, 3.0, 1.5, 40));
    let (legitimate, unwanted) = (vec![beta::one(&good)], vec![beta::one(&bad)]);
    assert!(!dominates(&legitimate, &unwanted));
    let (legitimate, unwanted) = dominating([&good, &bad], &legitimate, &unwanted);
    assert!(dominates(&legitimate, &unwanted), "{legitimate:?} {unwanted:?}");
    let plain = |part: &Beta| part.a / (part.a + part.b);
    assert!(plain(&unwanted[0]) - plain(&legitimate[0]) > 0.15, "{legitimate:?} {unwanted:?}");
}

#[test]
fn normal_densities_are_recovered() {
    let mut random = Random::new(6);
    let one: Vec<f64> = (0..5000).map(|_| 4.0 + 0.7 * normal_value(&mut random)).collect();
    let found = normal::one(&one).expect("a density");
    near(found.mean, 4.0, 0.02);
    near(found.variance, 0.49, 0.06);
    assert_eq!(normal::mixture(&one).map(|parts| parts.len()), Some(1));
    let two: Vec<f64> = (0..5000)
        .map(|row| if row % 4 == 0 { normal_value(&mut random) } else { 6.0 + 0.5 * normal_value(&mut random) })
        .collect();
    let found = normal::mixture(&two).expect("a density");
    let [Normal { share, mean, .. }, Normal { mean: other, variance, .. }] = found[..] else { panic!("{found:?}") };
    near(share, 0.25, 0.05);
    assert!(mean.abs() < 0.15);
    near(other, 6.0, 0.02);
    near(variance, 0.25, 0.1);
    assert_eq!(normal::one(&[1.0, 1.0]), None);
}

/// Rows with a telling rate, the same rate once more, a value with a peak, and noise; a tenth of each is not seen.
fn table(rows: usize, seed: u64) -> Table {
    let mut random = Random::new(seed);
    let (mut s, mut n, mut peak, mut noise, mut positive) = (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let unwanted = random.fraction() < 0.3;
        let [own, all] = if unwanted { count(&mut random, 5.0, 4.5, 30) } else { count(&mut random, 1.6, 10.0, 30) };
        let seen = random.fraction() > 0.1;
        s.push(if seen { own } else { 0.0 });
        n.push(if seen { all } else { 0.0 });
        let x = if unwanted { 0.5 * normal_value(&mut random) } else { 2.0 * normal_value(&mut random) };
        peak.push(if random.fraction() > 0.1 { x } else { f64::NAN });
        noise.push(random.fraction());
        positive.push(unwanted);
    }
    let rate = Observed::Rate { s, n };
    let observed = vec![rate.clone(), rate, Observed::Value(peak), Observed::Value(noise)];
    Table { observed, positive, part: None, skips: Skips::default() }
}

fn evidence(name: &str, source: Source, form: Form, monotone: Monotone) -> EvidenceSpec {
    EvidenceSpec { name: name.to_owned(), family: None, source, form, monotone, clip: CLIP_NATS, weight: None }
}

fn spec(of_rates: Form, of_values: Form, monotone: Monotone) -> Spec {
    let rate = || Source::Counts { s: "s".to_owned(), n: "n".to_owned() };
    let value = |name: &str| Source::Value { value: name.to_owned(), scale: Scale::Linear };
    Spec {
        evidence: vec![
            evidence("rate", rate(), of_rates, monotone),
            evidence("again", rate(), of_rates, monotone),
            evidence("peak", value("peak"), of_values, Monotone::Free),
            evidence("noise", value("noise"), of_values, Monotone::Free),
        ],
    }
}

fn fitted(spec: &Spec, rows: usize, threads: usize) -> (Model, Table, Vec<Part>) {
    let mut table = table(rows, 7);
    let parts = stratified(&table.positive, Split::USUAL, 1);
    let fit = learn(&mut table, spec, &parts, Settings { seed: 1, threads }).expect("a fit");
    assert!(fit.left_out.is_empty());
    (fit.model, table, parts)
}

fn auc(model: &Model, table: &Table, parts: &[Part]) -> f64 {
    measure(model, table, parts).last().and_then(|(_, metrics)| metrics.auc).expect("an AUC")
}

#[test]
fn every_form_tells_the_classes_apart() {
    for (of_rates, of_values) in
        [(Form::Beta, Form::Gaussian), (Form::Mixture, Form::Mixture), (Form::Shape, Form::Shape)]
    {
        let (model, table, parts) = fitted(&spec(of_rates, of_values, Monotone::Free), 4000, 1);
        let auc = auc(&model, &table, &parts);
        assert!(auc > 0.93, "{of_rates:?}: {auc}");
        let test = measure(&model, &table, &parts).last().and_then(|(_, metrics)| metrics.ece).expect("an error");
        assert!(test < 0.06, "{of_rates:?}: {test}");
    }
}

#[test]
fn what_is_told_twice_counts_once() {
    let (model, ..) = fitted(&spec(Form::Beta, Form::Gaussian, Monotone::Up), 4000, 1);
    let weights: Vec<f64> = model.evidence.iter().map(|evidence| evidence.weight).collect();
    assert!(weights.iter().all(|weight| (0.0..=1.0).contains(weight)), "{weights:?}");
    assert!((weights[0] + weights[1] - 1.0).abs() < 0.25, "{weights:?}");
}

#[test]
fn what_is_not_seen_says_nothing() {
    for form in [Form::Beta, Form::Shape] {
        let of_values = if form == Form::Beta { Form::Gaussian } else { form };
        let (model, table, _) = fitted(&spec(form, of_values, Monotone::Free), 2000, 1);
        for (evidence, observed) in model.evidence.iter().zip(&table.observed) {
            let unseen = (0..table.len()).filter(|row| !observed.is_seen(*row));
            assert!(unseen.map(|row| evidence.nats(observed, row)).all(|nats| nats == 0.0), "{}", evidence.name);
        }
    }
}

#[test]
fn shapes_have_few_bins_and_go_their_way() {
    let (model, ..) = fitted(&spec(Form::Shape, Form::Shape, Monotone::Up), 3000, 1);
    let shape = |place: usize| match &model.evidence[place].learned {
        Learned::Shape(shape) => shape.clone(),
        Learned::Beta { .. } | Learned::Normal { .. } => panic!("a shape"),
    };
    for place in 0..4 {
        let Shape { edges, nats, .. } = shape(place);
        assert!(nats.len() <= 16 && nats.len() == edges.len() + 1);
    }
    assert!(shape(0).nats.windows(2).all(|pair| pair[0] <= pair[1]));
    let peak = shape(2);
    assert!(peak.nats(0.0) > 0.8 && peak.nats(3.5) < -1.5 && peak.nats(-3.5) < -1.5, "{peak:?}");
    let noise = shape(3).nats.iter().fold(0.0_f64, |most, nats| most.max(nats.abs()));
    assert!(noise < 0.8, "{noise}");
}

#[test]
fn threads_change_nothing() {
    let spec = spec(Form::Shape, Form::Gaussian, Monotone::Free);
    assert_eq!(fitted(&spec, 1500, 1).0, fitted(&spec, 1500, 4).0);
}

#[test]
fn parts_that_tell_nothing_are_refused() {
    let spec = spec(Form::Shape, Form::Shape, Monotone::Free);
    let refusal = |change: &dyn Fn(&mut Table, &mut Vec<Part>)| {
        let mut table = table(200, 8);
        let mut parts = stratified(&table.positive, Split::USUAL, 1);
        change(&mut table, &mut parts);
        learn(&mut table, &spec, &parts, Settings { seed: 1, threads: 1 }).expect_err("a refusal").to_string()
    };
    let one_class = refusal(&|table, _| table.positive.fill(true));
    assert!(one_class.contains("one class only: 120 of its 120 rows"), "{one_class}");
    let no_validation = refusal(&|_, parts| parts.fill(Part::Train));
    assert_eq!(no_validation, "the part validation has no rows");
    let nothing = refusal(&|table, _| table.observed.fill(Observed::Value(vec![1.0; 200])));
    assert!(nothing.contains("no evidence can be learned"), "{nothing}");
}
