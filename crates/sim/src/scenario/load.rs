//! Reading a scenario: the shipped one, with an operator's changes laid over it.

use super::Scenario;

/// Why a scenario is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file is not TOML.
    #[error("{file} is not valid TOML: {detail}")]
    Syntax {
        /// The file.
        file: String,
        /// Where and why.
        detail: String,
    },
    /// A key that no scenario has, a missing one, or a value of the wrong type.
    #[error("{file}, key `{key}`: {detail}")]
    Value {
        /// The file.
        file: String,
        /// The key's path.
        key: String,
        /// What was expected.
        detail: String,
    },
    /// A value outside its range.
    #[error("{file}, key `{key}` is {value}: expected {expected}")]
    Range {
        /// The file.
        file: String,
        /// The key's path.
        key: String,
        /// The value.
        value: String,
        /// What was expected.
        expected: String,
    },
}

impl Scenario {
    /// The scenario that ships with Ringtrue, as text.
    pub const SHIPPED: &str = include_str!("../../../../policy/scenario.toml");

    /// The shipped scenario.
    ///
    /// # Errors
    /// None, as long as the shipped file holds; a test reads it.
    pub fn shipped() -> Result<Self, ScenarioError> {
        read("the shipped scenario", parse("the shipped scenario", Self::SHIPPED)?)
    }

    /// The shipped scenario with the settings of `text` laid over it, table by table; any other value replaces. A file that
    /// changes something and keeps the version's name gets a mark behind it.
    ///
    /// # Errors
    /// Names the file, the key and what was expected.
    pub fn overlaid(file: &str, text: &str) -> Result<Self, ScenarioError> {
        let shipped = Self::shipped()?;
        let mut table = parse("the shipped scenario", Self::SHIPPED)?;
        lay(&mut table, parse(file, text)?);
        let mut scenario = read(file, table)?;
        let same = Self { run: None, ..scenario.clone() } == Self { run: None, ..shipped.clone() };
        if scenario.version == shipped.version && !same {
            scenario.version.push_str("+changed");
        }
        Ok(scenario)
    }

    /// The scenario as a file that [`Scenario::overlaid`] reads to the same scenario.
    ///
    /// # Errors
    /// [`ScenarioError::Value`] where a value cannot be written as TOML, which no scenario that was read holds.
    pub fn to_toml(&self) -> Result<String, ScenarioError> {
        toml::to_string(self).map_err(|error| ScenarioError::Value {
            file: "the effective scenario".to_owned(),
            key: "version".to_owned(),
            detail: error.to_string(),
        })
    }
}

fn parse(file: &str, text: &str) -> Result<toml::Table, ScenarioError> {
    text.parse().map_err(|error: toml::de::Error| ScenarioError::Syntax {
        file: file.to_owned(),
        detail: error.to_string().trim_end().to_owned(),
    })
}

/// Lays `over` over `base`: tables merge key by key, any other value replaces.
fn lay(base: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay(below, above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

fn read(file: &str, table: toml::Table) -> Result<Scenario, ScenarioError> {
    let scenario: Scenario = serde_path_to_error::deserialize(table).map_err(|error| ScenarioError::Value {
        file: file.to_owned(),
        key: error.path().to_string(),
        detail: error.inner().message().trim_end().to_owned(),
    })?;
    super::check::check(file, &scenario)?;
    Ok(scenario)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, expect: &str) {
        let error = Scenario::overlaid("mine.toml", text).expect_err("refused").to_string();
        assert!(error.contains("mine.toml") && error.contains(expect), "{error}");
    }

    #[test]
    fn the_shipped_scenario_holds_and_goes_round() {
        let shipped = Scenario::shipped().expect("holds");
        let written = shipped.to_toml().expect("written");
        assert_eq!(Scenario::overlaid("scenario.toml", &written).expect("reads"), shipped);
    }

    #[test]
    fn a_change_is_laid_over_and_marked() {
        let changed = Scenario::overlaid("mine.toml", "[class.private]\nshare = 0.5").expect("reads");
        let shipped = Scenario::shipped().expect("holds");
        assert_eq!(changed.class["private"].share, 0.5);
        assert_eq!(changed.class["survey"], shipped.class["survey"]);
        assert_eq!(changed.version, format!("{}+changed", shipped.version));
    }

    #[test]
    fn faults_are_told_with_their_key() {
        refused("nonsense = 1", "nonsense");
        refused("[class.private]\nshar = 1", "class.private.shar");
        refused("[class.private]\nshare = \"many\"", "class.private.share");
        refused("[class.private]\nshare = -1.0", "class.private.share");
        refused("[class.private]\nrhythm = \"lunar\"", "class.private.rhythm");
        refused("[class.private.answered]\nmean = 1.5", "class.private.answered.mean");
        refused("[class.new]\nshare = 1.0", "class.new");
        refused("[people.carriers]\natt = 1.5", "people.carriers");
        refused("[adversary.drift]\nshort = 9.5", "adversary.drift.short");
        refused("version = ", "not valid TOML");
    }
}
