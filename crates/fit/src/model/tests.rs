use super::*;

fn model() -> Model {
    let counts = Source::Counts { s: "short \"calls\"".to_owned(), n: "answered".to_owned() };
    let value = |scale| Source::Value { value: "talk".to_owned(), scale };
    let evidence = |name: &str, source, learned| Evidence {
        name: name.to_owned(),
        family: Some("engagement".to_owned()),
        source,
        weight: 0.5,
        clip: [-2.0, 3.0],
        monotone: Monotone::Up,
        learned,
    };
    let shape = Shape { edges: vec![0.1, 0.5], nats: vec![-0.25, 0.0, 4.0], mean: 0.2, kappa: 3.0 };
    Model {
        unwanted_share: 0.02,
        alpha: -0.1,
        beta: 1.25,
        threshold: 0.4,
        evidence: vec![
            evidence("shape", counts.clone(), Learned::Shape(shape)),
            evidence(
                "beta",
                counts,
                Learned::Beta {
                    legitimate: vec![Beta { share: 1.0, a: 1.5, b: 10.0 }],
                    unwanted: vec![Beta { share: 0.4, a: 5.0, b: 4.5 }, Beta { share: 0.6, a: 2.0, b: 1.0 }],
                },
            ),
            evidence(
                "talk",
                value(Scale::Log),
                Learned::Normal {
                    legitimate: vec![Normal { share: 1.0, mean: 4.0, variance: 0.5 }],
                    unwanted: vec![Normal { share: 1.0, mean: 2.5, variance: 0.5 }],
                    floor: Some(1e-7),
                },
            ),
        ],
    }
}

fn table() -> Table {
    let rate = Observed::Rate { s: vec![9.0, 0.0, 0.0], n: vec![10.0, 20.0, 0.0] };
    Table {
        observed: vec![rate.clone(), rate, Observed::Value(vec![10.0, 60.0, f64::NAN])],
        positive: vec![true, false, false],
        part: None,
        skips: crate::table::Skips::default(),
    }
}

#[test]
fn evidence_adds_up() {
    let (model, table) = (model(), table());
    let nats = |row: usize| -> Vec<f64> {
        model.evidence.iter().zip(&table.observed).map(|(evidence, seen)| evidence.nats(seen, row)).collect()
    };
    // 9.6 of 13 is in the last bin, whose 4 nats are clipped to 3 and weigh half.
    assert_eq!(nats(0)[0], 1.5);
    // .6 of 23 is in the first.
    assert_eq!(nats(1)[0], -0.125);
    assert_eq!(nats(2), [0.0, 0.0, 0.0], "nothing seen says nothing");
    assert!(nats(0)[1] > 0.0 && nats(1)[1] < 0.0);
    // ln 10 is 2.3: ((2.3 − 4)² − (2.3 − 2.5)²) / 2·.5, clipped and halved.
    assert!((nats(0)[2] - 0.5 * ((10_f64.ln() - 4.0).powi(2) - (10_f64.ln() - 2.5).powi(2))).abs() < 1e-4);
    let odds = model.log_odds(&table, 2);
    assert!((odds - logit(0.02)).abs() < 1e-12);
    assert!((model.probability(&table, 2) - logistic(-0.1 + 1.25 * odds)).abs() < 1e-12);
}

#[test]
fn a_model_goes_through_its_file() {
    let model = model();
    let text = model.to_toml();
    assert_eq!(Model::parse(&text).expect(&text), model);
}

#[test]
fn a_file_that_does_not_hold_is_refused() {
    let text = model().to_toml();
    let check = |from: &str, to: &str, expect: &str| {
        assert!(text.contains(from), "{from} in {text}");
        let error = Model::parse(&text.replacen(from, to, 1)).expect_err(expect).to_string();
        assert!(error.contains(expect), "{error}");
    };
    check("\nalpha", "\nalfa", "unknown field `alfa`");
    check("model = 1", "model = 2", "version 2");
    check("beta = 1.25", "beta = 0.0", "calibration.beta");
    check("threshold = 0.4", "threshold = 4", "decision.threshold");
    check("unwanted_share = 0.02", "unwanted_share = 1", "prior.unwanted_share");
    check("edges = [0.1, 0.5]", "edges = [0.5, 0.1]", "`edges` must rise");
    check("edges = [0.1, 0.5]", "edges = [0.1]", "one more `nats`");
    check("nats = [-0.25, 0.0, 4.0]", "nats = [1.25, 0.0, 4.0]", "`monotone`");
    check("kappa = 3.0", "kappa = -3.0", "`kappa`");
    check("weight = 0.5", "weight = 1.5", "`weight`");
    check("clip = [-2.0, 3.0]", "clip = [1.0, 3.0]", "`clip`");
    check("share = 0.4, a", "share = 0.9, a", "add up to 1");
    check("a = 1.5, b", "mean = 1.5, b", "a component");
    check("form = \"beta\"", "form = \"gaussian\"", "for values");
    check("floor", "mean = 1.0\nfloor", "belong to shapes");
    check("s = ", "value = \"x\"\ns = ", "its columns");
}
