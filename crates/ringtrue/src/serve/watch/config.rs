//! Which folders are watched, and for whom.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use service::{Clock, Service};
use store::registry::{Name, Registry};

use super::{Taking, Watch, Watching};
use crate::error::ScoreError;
use crate::import::batches::Kind;
use crate::import::local::Local;
use crate::key_command::args::{name, role};
use crate::key_command::{WantedSource, source_in};
use crate::said::file_name;

/// A folder that is watched.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WatchConfig {
    /// The folder.
    folder: PathBuf,
    /// The source of its records. A new name makes a new source.
    source: String,
    /// What a new source shows: `terminating` or `originating`.
    role: Option<String>,
    /// Whose source it is; the operator's where it is not told.
    tenant: Option<String>,
    /// The carrier whose own traffic a new source is.
    carrier: Option<String>,
    /// The dialect or mapping, where the content does not tell it.
    #[serde(alias = "format")]
    dialect: Option<String>,
    /// What its files hold.
    #[serde(default)]
    records: Records,
    /// Seconds that a file rests before it counts as complete.
    #[serde(default = "settle_s")]
    settle_s: u32,
}

/// What files hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Records {
    /// Calls.
    #[default]
    Calls,
    /// Reports.
    Reports,
}

/// Chosen: longer than a program that writes line by line pauses, as a rule.
const fn settle_s() -> u32 {
    10
}

/// Begins to watch folders for a service on a data directory; `None` when there are none.
pub(in crate::serve) fn start(
    folders: &[WatchConfig],
    data: &Path,
    (service, registry): (&Service, &Arc<dyn Registry>),
    clock: Arc<dyn Clock>,
) -> Result<Option<Watching>, ScoreError> {
    let (mut watches, mut known) = (Vec::new(), BTreeSet::new());
    for config in folders {
        let place = config.folder.canonicalize().unwrap_or_else(|_| config.folder.clone());
        if !known.insert(place) {
            return Err(refused(config, "is watched twice"));
        }
        watches.push(watch(config, data, (service, registry), clock.as_ref())?);
    }
    if watches.is_empty() {
        return Ok(None);
    }
    Watching::start(watches, service.clone(), clock).map(Some).map_err(ScoreError::Runtime)
}

fn watch(
    config: &WatchConfig,
    data: &Path,
    (service, registry): (&Service, &Arc<dyn Registry>),
    clock: &dyn Clock,
) -> Result<Watch, ScoreError> {
    let named = |text: &String| name(text).map_err(|detail| refused(config, &detail));
    let source: Name = named(&config.source)?;
    let tenant = config.tenant.as_ref().map(named).transpose()?;
    let carrier = config.carrier.as_ref().map(named).transpose()?;
    let role = config.role.as_deref().map(role).transpose().map_err(|detail| refused(config, &detail))?;
    let wanted = WantedSource { source: Some(&source), role, carrier: carrier.as_ref() };
    let source = source_in(data, tenant.as_ref(), &wanted, clock.now())?;
    let local = Local::new(service.clone(), Arc::clone(registry), source, false);
    let taking = Taking {
        kind: match config.records {
            Records::Calls => Kind::Calls,
            Records::Reports => Kind::Reports,
        },
        format: config.dialect.clone(),
        settle_s: config.settle_s,
        options: service.config().reading.clone(),
    };
    let unreadable = |source| ScoreError::Unreadable { file: file_name(&config.folder), source };
    Watch::new(&config.folder, Box::new(local), taking).map_err(unreadable)
}

fn refused(config: &WatchConfig, detail: &str) -> ScoreError {
    let file = format!("[[watch]] {}", file_name(&config.folder));
    ScoreError::Config { file, detail: detail.to_owned() }
}
