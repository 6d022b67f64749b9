//! From arguments and the scenario file to a world.

use std::path::Path;

use model::time::{date, days_from_civil};
use reputation::engines::Directory;
use sim::scenario::Run;
use sim::{Adversary, Encoding, Scenario, World, WorldOptions};

use super::args::SimulateArgs;
use crate::error::ScoreError;

/// The largest scenario file that is read, in bytes.
const MAX_SCENARIO_BYTES: u64 = 1 << 20;
/// The seed where none is named.
const DEFAULT_SEED: u64 = 1;
/// The first day where none is named: a Monday, long enough before daylight-saving time that a week has no change of clocks.
const DEFAULT_START: &str = "2026-03-02";

/// Everything that a run is told beforehand.
pub(crate) struct Settings {
    /// What is simulated.
    pub(crate) world: World,
    /// The keys of carriers, in the order of their ids.
    pub(super) carriers: Vec<Box<str>>,
    /// How calls are written.
    pub(super) encoding: Encoding,
}

impl Settings {
    /// Reads everything that the arguments name.
    pub(crate) fn read(args: &SimulateArgs) -> Result<Self, ScoreError> {
        let encoding = Encoding::from_name(&args.format).ok_or_else(|| {
            let names: Vec<&str> = Encoding::ALL.iter().map(|encoding| encoding.as_str()).collect();
            argument("--format", format!("`{}` is none of {}", args.format, names.join(", ")))
        })?;
        let scenario = match &args.scenario {
            Some(path) => Scenario::overlaid(&path.display().to_string(), &read_text(path)?)?,
            None => Scenario::shipped()?,
        };
        let directory = Directory::parse("engines.toml (shipped)", Directory::SHIPPED)?;
        let options = options(args, scenario.run.as_ref())?;
        let world = World::new(&scenario, &directory, options)?;
        let carriers = directory.carriers.iter().map(|carrier| carrier.key.as_str().into()).collect();
        Ok(Self { world, carriers, encoding })
    }

    /// The scenario with what this run was asked for: the file that makes the run again.
    pub(super) fn effective(&self) -> Result<String, ScoreError> {
        let options = self.world.options();
        let run = Run {
            days: Some(options.days),
            numbers: Some(options.numbers),
            seed: Some(options.seed),
            start: Some(date(options.first_day)),
            adversary: options.adversary.map(|(adversary, _)| adversary),
            strength: options.adversary.map(|(_, strength)| strength),
        };
        Ok(Scenario { run: Some(run), ..self.world.scenario().clone() }.to_toml()?)
    }
}

/// What is asked of the world: by the arguments, else by the scenario file's own run.
fn options(args: &SimulateArgs, run: Option<&Run>) -> Result<WorldOptions, ScoreError> {
    let missing =
        |argument_name| argument(argument_name, "expected a number, or a scenario file that holds it".to_owned());
    let start = args.start.as_deref().or(run.and_then(|run| run.start.as_deref())).unwrap_or(DEFAULT_START);
    let first_day = day(start).ok_or_else(|| argument("--start", format!("`{start}` is no date as YYYY-MM-DD")))?;
    let adversary = match &args.adversary {
        Some(name) => Some(Adversary::from_word(name).ok_or_else(|| {
            let names: Vec<&str> = Adversary::ALL.iter().map(|adversary| adversary.as_str()).collect();
            argument("--adversary", format!("`{name}` is none of {}", names.join(", ")))
        })?),
        None => run.and_then(|run| run.adversary),
    };
    if args.strength.is_some() && adversary.is_none() {
        return Err(argument("--strength", "there is no adversary; name one with --adversary".to_owned()));
    }
    let strength = args.strength.or(run.and_then(|run| run.strength)).unwrap_or(1.0);
    Ok(WorldOptions {
        days: args.days.or(run.and_then(|run| run.days)).ok_or_else(|| missing("--days"))?,
        numbers: args.numbers.or(run.and_then(|run| run.numbers)).ok_or_else(|| missing("--numbers"))?,
        seed: args.seed.or(run.and_then(|run| run.seed)).unwrap_or(DEFAULT_SEED),
        first_day,
        adversary: adversary.map(|adversary| (adversary, strength)),
    })
}

fn argument(argument: &'static str, detail: String) -> ScoreError {
    ScoreError::Argument { argument, detail }
}

fn read_text(path: &Path) -> Result<String, ScoreError> {
    let unreadable = |source| ScoreError::Unreadable { file: path.display().to_string(), source };
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_SCENARIO_BYTES {
        return Err(argument("--scenario", format!("{} is larger than a megabyte", path.display())));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// Days since the epoch of `YYYY-MM-DD`; `None` for anything else, such as 30 February.
fn day(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let days = days_from_civil(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    (date(days) == text).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_to_the_letter() {
        assert_eq!(day("2026-03-02").map(date).as_deref(), Some("2026-03-02"));
        for wrong in ["2026-02-30", "2026-3-2", "soon", "2026-13-01", "2026-03-02T00"] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
