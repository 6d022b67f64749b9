//! `ringtrue fit --calls` and `--worlds`: learns the policy's own evidence from traffic with known truth.

use fit::cross::measure;
use fit::learn::{Fit, Settings, learn};
use fit::table::{Part, Split, stratified};
use reputation::policy::{Overlay, Policy};

use super::args::FitArgs;
use super::behaviour::{Row, spec, table};
use super::context::{self, Context};
use super::derived;
use super::floors::floors;
use super::overlay::{self, Learned};
use super::worlds::{self, World};
use super::{header, needed};
use crate::error::ScoreError;
use crate::labelled::{self, Report};
use crate::policy_data::PolicyData;
use crate::progress::Progress;
use crate::said::say;

/// Learns the evidence, writes the overlay and the report.
pub(super) fn fit(args: &FitArgs, settings: Settings, date: &str) -> Result<(), ScoreError> {
    let out = needed(args.traffic.policy_out.as_deref(), "--policy-out")?;
    let mut worlds = worlds::read(args)?;
    let rows: Vec<Row> = worlds.iter().flat_map(|world| world.rows(false, settings.seed)).collect();
    let name = worlds.iter().map(|world| world.name.as_str()).collect::<Vec<_>>().join(", ");
    let Some(mut own) = worlds.first().map(|world| world.policy().clone()) else { return Err(ScoreError::Nothing) };
    let prior = args.traffic.prior.map(overlay::prior).unwrap_or_default();
    own.policy = with(&own, &prior)?;
    say(&format!("{} numbers with known truth and at least {} attempts", rows.len(), own.policy.opinion.min_attempts));
    let spec = spec(&own.policy, args.traffic.form);
    let mut table = table(&rows, args.traffic.form);
    let parts = stratified(&table.positive, Split::USUAL, settings.seed);
    let refuse = |source| ScoreError::Learn { file: name.clone(), source };
    let learning = Progress::spinner("learning");
    let Fit { model, left_out } = learn(&mut table, &spec, &parts, settings).map_err(refuse)?;
    drop(learning);
    for one in &left_out {
        say(&format!("evidence {} is left out: {}", one.name, one.reason));
    }
    let with_reports = worlds.iter().any(World::has_reports);
    let behaviour =
        prior + &overlay::behaviour(&Learned { model: &model, rows: &rows, policy: &own.policy, with_reports });
    let (context, rows) = context_of(&mut worlds, &rows, &parts, (&own, &behaviour), settings.seed)?;
    let measured = measure(&model, &table, &parts);
    let report = Report {
        model: &model,
        table: &table,
        parts: &parts,
        measured: &measured,
        whole: context.measured.as_ref(),
        folds: &[],
        left_out: &left_out,
        features: &name,
    };
    let learned = behaviour + &overlay::context(&context) + &overlay::calibration(&context);
    let floors = floors(&own.policy, &with(&own, &learned)?);
    labelled::write(out, &format!("{}{learned}{floors}", header::of_policy(args, date, &report)))?;
    if let Some(file) = &args.traffic.table_out {
        labelled::write(file, &derived::csv(&rows, &parts, &context.probabilities))?;
    }
    if let Some(file) = &args.html {
        labelled::write(file, &report.page())?;
    }
    report.write(args.output)
}

/// Learns block, attestation and calibration, and gives the rows with their blocks' evidence: asks the worlds again under the policy that has learned behaviour, since a block's
/// evidence is made of what behaviour says of its numbers.
fn context_of(
    worlds: &mut [World],
    rows: &[Row],
    parts: &[Part],
    (own, behaviour): (&PolicyData, &str),
    seed: u64,
) -> Result<(Context, Vec<Row>), ScoreError> {
    let mut policy = with(own, behaviour)?;
    [policy.calibration.alpha, policy.calibration.beta] = context::calibrate(rows, parts, &policy);
    for world in worlds.iter_mut() {
        world.ask(PolicyData { policy: policy.clone(), ..own.clone() });
    }
    let rows: Vec<Row> = worlds.iter().flat_map(|world| world.rows(true, seed)).collect();
    let context = context::learn(&rows, parts, &policy);
    Ok((context, rows))
}

/// The policy with what was learned laid over it.
fn with(own: &PolicyData, learned: &str) -> Result<Policy, ScoreError> {
    let mut overlays = own.overlays.clone();
    overlays.push(Overlay { file: "what was learned".to_owned(), text: learned.to_owned() });
    Policy::load(&overlays).map_err(ScoreError::Policy)
}
