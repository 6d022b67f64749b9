use super::*;

fn settings() -> BoostSettings {
    BoostSettings {
        bags: 4,
        rate: 0.05,
        leaves: 3,
        cycles_max: 400,
        patience: 20,
        left_out: 0.15,
        leaf_curvature: 1.0,
        damping: 1.0,
        gain: 1.0,
        seed: 1,
        threads: 1,
    }
}

/// Rows with one value that tells and one that does not.
fn table(shape: impl Fn(f64) -> f64) -> (Vec<Vec<f64>>, Vec<bool>) {
    let mut random = Random::new(3);
    let mut values = vec![Vec::new(), Vec::new()];
    let mut positive = Vec::new();
    for row in 0..4000 {
        let (x, noise) = (random.fraction() * 4.0 - 2.0, random.fraction());
        let missing = row % 10 == 0;
        values[0].push(if missing { f64::NAN } else { x });
        values[1].push(noise);
        let nats = if missing { 0.0 } else { shape(x) };
        positive.push(random.fraction() < 1.0 / (1.0 + (-nats).exp()));
    }
    (values, positive)
}

fn learn(
    values: &[Vec<f64>],
    positive: &[bool],
    monotone: Monotone,
    settings: BoostSettings,
) -> (Vec<Binned>, Vec<Vec<f64>>) {
    let rows: Vec<usize> = (0..positive.len()).collect();
    let features: Vec<Binned> = values.iter().map(|own| Binned::new(own, &rows, 64)).collect();
    let offset = vec![0.0; positive.len()];
    let monotone = vec![monotone; features.len()];
    let input = BoostInput { features: &features, monotone: &monotone, positive, offset: &offset, rows: &rows };
    let functions = boost(input, settings).functions;
    (features, functions)
}

#[test]
fn a_shape_is_found_and_noise_is_left_alone() {
    let truth = |x: f64| if x > 0.5 { 1.5 } else { -0.5 - 0.5 * f64::from(x < -1.0) };
    let (values, positive) = table(truth);
    let (features, functions) = learn(&values, &positive, Monotone::Free, settings());
    let at = |x: f64| functions[0][bins::place(&features[0].edges, x)];
    for (x, near) in [(1.5, 0.3), (0.0, 0.3), (-1.6, 0.3)] {
        assert!((at(x) - truth(x)).abs() < near, "{x}: {} {}", at(x), truth(x));
    }
    let spread = functions[1].iter().fold(0.0_f64, |most, nats| most.max(nats.abs()));
    assert!(spread < 0.35, "{spread}");
}

#[test]
fn monotone_shapes_never_turn() {
    let (values, positive) = table(|x| (3.0 * x).sin() + x);
    for (monotone, sign) in [(Monotone::Up, 1.0), (Monotone::Down, -1.0)] {
        let (_, functions) = learn(&values, &positive, monotone, settings());
        for function in &functions {
            assert!(function.windows(2).all(|pair| sign * (pair[1] - pair[0]) >= -1e-9), "{monotone:?} {function:?}");
        }
    }
}

#[test]
fn threads_and_repetition_change_nothing() {
    let (values, positive) = table(|x| x);
    let one = learn(&values, &positive, Monotone::Free, settings()).1;
    let two = learn(&values, &positive, Monotone::Free, BoostSettings { threads: 3, ..settings() }).1;
    assert_eq!(one, two);
    let other = learn(&values, &positive, Monotone::Free, BoostSettings { seed: 2, ..settings() }).1;
    assert_ne!(one, other);
}

#[test]
fn bins_hold_about_equally_many_and_no_value_is_cut() {
    let values: Vec<f64> = (0..1000).map(|i| if i < 400 { 0.0 } else { f64::from(i) }).collect();
    let rows: Vec<usize> = (0..1000).collect();
    let binned = Binned::new(&values, &rows, 7);
    assert_eq!(binned.count(), 7);
    let sizes: Vec<usize> =
        (0..7).map(|bin| binned.bin.iter().filter(|own| usize::from(**own) == bin).count()).collect();
    assert_eq!(sizes[0], 400);
    assert!(sizes[1..].iter().all(|size| *size == 100), "{sizes:?}");
    let few = Binned::new(&[1.0, f64::NAN, 2.0, 1.0], &[0, 1, 2, 3], 16);
    assert_eq!((few.bin, few.edges), (vec![0, MISSING, 1, 0], vec![1.5]));
    assert_eq!(Binned::new(&[f64::NAN], &[0], 16).count(), 1);
    assert_eq!(Binned::new(&[f64::MAX, -f64::MAX, f64::MAX], &[0, 1, 2], 16).count(), 2);
}

#[test]
fn merging_finds_the_steps() {
    let nats = [0.0, 0.0, 0.1, 2.0, 2.1, 2.0, -1.0, -1.0];
    assert_eq!(merge(&nats, &[1.0; 8], 3, 0.0), [3, 6]);
    assert_eq!(merge(&nats, &[1.0; 8], 8, 0.01), [3, 6]);
    assert_eq!(merge(&nats, &[1.0; 8], 1, 0.0), Vec::<usize>::new());
    assert_eq!(merge(&[1.0; 5], &[1.0; 5], 4, 0.0), Vec::<usize>::new());
    assert_eq!(merge(&[1.0], &[1.0], 4, 0.0), Vec::<usize>::new());
    // What weighs nothing decides nothing.
    let weights = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0];
    assert_eq!(merge(&nats, &weights, 2, 0.0).len(), 1);
}
