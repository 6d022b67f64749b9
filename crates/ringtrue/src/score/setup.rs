//! Everything that a run is told beforehand: options, policy, side tables, reports.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use intake::mapping::{Mapping, PRESETS};
use intake::report::{ReportOutput, detect_report, read_reports};
use intake::side::{CarrierMap, ExtensionMap, OwnNumbers};
use intake::{Options, Reject, SourceName};
use jiff::tz::TimeZone;
use model::{Region, Standing, TelephoneNumber, Timestamp, TrustedFact};
use reputation::engines::Directory;
use reputation::timeline::Rules;
use service::judge::Grounds;
use service::{Clock as _, SystemClock};

use super::bytes::read_whole;
use super::rejects::Rejects;
use crate::cli::ScoreArgs;
use crate::error::ScoreError;
use crate::policy_data::PolicyData;

/// The largest side table or report feed that is read, in bytes, unpacked.
pub(crate) const SIDE_BYTES_MAX: usize = 2 << 30;

/// Everything that a run is told beforehand.
pub(crate) struct Setup {
    /// How records are read.
    pub(crate) options: Options,
    /// The policy's rules.
    pub(crate) rules: Rules,
    /// The directory of engines.
    pub(crate) directory: Directory,
    /// The other policy data.
    pub(crate) policy: PolicyData,
    /// The owner's numbers as named; `None` when none were.
    pub(crate) own: Option<OwnNumbers>,
    /// What extensions show.
    pub(crate) extensions: ExtensionMap,
    /// Who serves which destination.
    pub(crate) carriers: CarrierMap,
    /// Standing in the registry.
    pub(crate) standings: BTreeMap<TelephoneNumber, Standing>,
    /// Trusted truth.
    pub(crate) trusted: Vec<TrustedFact>,
    /// Reports, and how they read.
    pub(crate) reports: ReportOutput,
    /// The moment of judgement, when it was given.
    pub(crate) at: Option<Timestamp>,
    /// The run's clock.
    pub(crate) clock: Timestamp,
    /// A feed of reports covers the carriers whose calls are known.
    pub(crate) reports_cover: bool,
}

impl Setup {
    /// Reads everything that the arguments name.
    pub(crate) fn read(args: &ScoreArgs, rejects: &mut Rejects) -> Result<Self, ScoreError> {
        let policy = PolicyData::load(args.policy.as_deref())?;
        let directory = policy.directory.clone();
        let carriers: Arc<[Box<str>]> = directory.carriers.iter().map(|carrier| carrier.key.as_str().into()).collect();
        let tz = match &args.tz {
            Some(name) => Some(TimeZone::get(name).map_err(|_| ScoreError::Argument {
                argument: "--tz",
                detail: format!("`{name}` is not a time zone: expected a name such as America/New_York or UTC"),
            })?),
            None => None,
        };
        let region = match &args.region {
            Some(code) => Some(Region::from_code(code).ok_or_else(|| ScoreError::Argument {
                argument: "--region",
                detail: format!("`{code}` is not a region: expected a two-letter code such as US or GB"),
            })?),
            None => None,
        };
        let mappings = mappings(&args.mapping)?;
        let options = Options {
            source: SourceName(Arc::from(args.source.as_str())),
            region,
            tz,
            carriers,
            extensions: args.extension_map.is_some(),
            mappings,
        };
        let at = match &args.at {
            Some(text) => Some(
                intake::time::parse_time(text.as_bytes(), "--at", options.tz.as_ref())
                    .map_err(|fault| ScoreError::Argument { argument: "--at", detail: fault.detail })?,
            ),
            None => None,
        };
        let mut setup = Self {
            rules: Rules::new(policy.policy.clone()),
            directory,
            policy,
            own: None,
            extensions: ExtensionMap::default(),
            carriers: CarrierMap::default(),
            standings: BTreeMap::new(),
            trusted: Vec::new(),
            reports: ReportOutput::default(),
            at,
            clock: SystemClock.now(),
            reports_cover: args.reports_cover,
            options,
        };
        setup.read_side_tables(args, rejects)?;
        setup.read_reports(&args.reports, rejects)?;
        Ok(setup)
    }

    /// By what numbers are judged.
    pub(crate) fn grounds(&self) -> Grounds<'_> {
        Grounds {
            rules: &self.rules,
            standings: &self.standings,
            trusted: &self.trusted,
            reports_cover: self.reports_cover,
        }
    }

    /// Asks another policy from now on, whose carriers are the same.
    pub(crate) fn ask(&mut self, policy: PolicyData) {
        self.rules = Rules::new(policy.policy.clone());
        self.directory = policy.directory.clone();
        self.policy = policy;
    }

    fn read_side_tables(&mut self, args: &ScoreArgs, rejects: &mut Rejects) -> Result<(), ScoreError> {
        let options = &self.options;
        for own in &args.own {
            let named = if Path::new(own).exists() {
                side(Path::new(own), rejects, |bytes| intake::side::own_numbers(bytes, options))?
            } else {
                OwnNumbers::from_argument(own, options).map_err(|fault| ScoreError::Argument {
                    argument: "--own",
                    detail: format!("no such file, and {}", fault.detail),
                })?
            };
            self.own.get_or_insert_default().merge(named);
        }
        if let Some(path) = &args.extension_map {
            self.extensions = side(path, rejects, |bytes| intake::side::extension_map(bytes, options))?;
            if let Some(own) = &mut self.own {
                self.extensions.numbers().for_each(|tn| own.add(tn));
            }
        }
        if let Some(path) = &args.carrier_map {
            self.carriers = read_carrier_map(path, options, rejects)?;
        }
        if let Some(path) = &args.standing {
            let rows = side(path, rejects, |bytes| {
                intake::side::standing(bytes, options).map(|table| (table.rows, table.rejects))
            })?;
            self.standings = rows.into_iter().map(|standing| (standing.tn, standing)).collect();
        }
        if let Some(path) = &args.trusted {
            self.trusted = side(path, rejects, |bytes| {
                intake::side::trusted(bytes, options).map(|table| (table.rows, table.rejects))
            })?;
        }
        Ok(())
    }

    fn read_reports(&mut self, files: &[PathBuf], rejects: &mut Rejects) -> Result<(), ScoreError> {
        for path in files {
            let bytes = read_whole(path, SIDE_BYTES_MAX)?;
            let open = |source| ScoreError::Open { file: crate::said::file_name(path), source };
            let format = detect_report(&bytes).map_err(|error| no_feed(path, error))?;
            let before = self.reports.rejects.len();
            read_reports(format, &bytes, &self.options, &mut self.reports).map_err(open)?;
            rejects.take(path, self.reports.rejects.split_off(before), 0)?;
        }
        Ok(())
    }
}

/// Reads which carrier serves which destination.
pub(crate) fn read_carrier_map(
    path: &Path,
    options: &Options,
    rejects: &mut Rejects,
) -> Result<CarrierMap, ScoreError> {
    side(path, rejects, |bytes| intake::side::carrier_map(bytes, options))
}

/// A file that is no feed of reports: `--format` would not help, which names dialects of calls.
fn no_feed(path: &Path, error: intake::OpenError) -> ScoreError {
    let file = crate::said::file_name(path);
    match error {
        intake::OpenError::UnknownFormat { beginning } => {
            let expected = "expected our own NDJSON or CSV, the FTC's daily file, or the FCC's export";
            ScoreError::Argument {
                argument: "--reports",
                detail: format!("{file} begins with `{beginning}`: {expected}"),
            }
        }
        source @ (intake::OpenError::MissingColumn { .. }
        | intake::OpenError::UnknownMapping { .. }
        | intake::OpenError::Empty) => ScoreError::Open { file, source },
    }
}

/// The shipped mappings, and the operator's own behind them.
pub(crate) fn mappings(own: &[PathBuf]) -> Result<Arc<[Arc<Mapping>]>, ScoreError> {
    let refused = |file: &str, detail: String| ScoreError::PolicyFile { file: file.to_owned(), detail };
    let mut mappings = Vec::new();
    for (name, text) in PRESETS {
        mappings.push(Arc::new(Mapping::parse(text).map_err(|error| refused(name, error.to_string()))?));
    }
    for path in own {
        let file = crate::said::file_name(path);
        let bytes = read_whole(path, SIDE_BYTES_MAX)?;
        let text = String::from_utf8(bytes).map_err(|error| refused(&file, format!("it is not UTF-8: {error}")))?;
        mappings.push(Arc::new(Mapping::parse(&text).map_err(|error| refused(&file, error.to_string()))?));
    }
    Ok(mappings.into())
}

fn side<T>(
    path: &Path,
    rejects: &mut Rejects,
    read: impl FnOnce(&[u8]) -> Result<(T, Vec<Reject>), intake::OpenError>,
) -> Result<T, ScoreError> {
    let bytes = read_whole(path, SIDE_BYTES_MAX)?;
    let (value, rejected) =
        read(&bytes).map_err(|source| ScoreError::Open { file: crate::said::file_name(path), source })?;
    rejects.take(path, rejected, 0)?;
    Ok(value)
}
