use super::*;

#[test]
fn the_shipped_advice_loads() {
    let policy = AdvicePolicy::load(&[]).expect("the shipped advice");
    assert_eq!(policy.measure.window_d, 7);
}
