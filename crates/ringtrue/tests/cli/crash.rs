//! A few of the kills of which `cargo xtask crash` makes hundreds.

use ::crash::{Plan, run};

#[test]
fn nothing_acknowledged_is_lost_by_a_kill() {
    let server = env!("CARGO_BIN_EXE_ringtrue").into();
    let plan = Plan { server, seed: 20, kills: 12, kills_each: 6, progress: None };
    let summary = run(&plan).expect("the harness works");
    assert!(summary.faults.is_empty(), "{summary}");
    assert!(
        summary.kills == 12 && summary.changes > 0 && summary.sent_again > 0,
        "too little to tell anything: {summary}"
    );
}
