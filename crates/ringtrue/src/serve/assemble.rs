//! Puts the server together: registry, log, policy, fold, service, API.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;

use intake::side::CarrierMap;
use reputation::policy::Overlay;
use reputation::timeline::Rules;
use service::fold::Fold;
use service::policy::{Known, PolicySet};
use service::upkeep::{LOG_FOLDER, SNAPSHOT_FOLDER};
use service::{Carriers, Clock, Parts as ServiceParts, Service, SystemClock};
use store::registry::{KeyRing, Registry};
use store::{SegmentLog, SegmentOptions, SnapshotFolder};
use tokio::sync::Notify;
use web::webhook::send::Sender;
use web::{App, Metrics, Outbox, Parts, Policies, Stop, Tls};

use super::config::Config;
use super::demo;
use crate::cli::ScoreArgs;
use crate::error::ScoreError;
use crate::key_command::{begin_folder, open_registry};
use crate::policy_data::PolicyData;
use crate::said::{file_name, say};
use crate::score::rejects::Rejects;
use crate::score::setup::{Setup, read_carrier_map};

/// The server, put together.
pub(super) struct Assembled {
    /// The API.
    pub(super) app: Arc<App>,
    /// The service behind it.
    pub(super) service: Service,
}

/// Opens the data directory and starts the service on it.
pub(super) fn assemble(config: &Config, tls: Option<Arc<Tls>>, stop: Stop) -> Result<Assembled, ScoreError> {
    let folder = config.data.as_deref().ok_or_else(|| ScoreError::Argument {
        argument: "--data",
        detail: "name the data directory, here or as `data` in the configuration".to_owned(),
    })?;
    begin_folder(folder)?;
    let setup = read_setup(config)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let refused = |source| ScoreError::Registry { folder: file_name(folder), source };
    let registry: Arc<dyn Registry> = Arc::new(open_registry(folder, clock.now())?);
    if config.demo {
        demo::make_key(registry.as_ref(), clock.now()).map_err(refused)?;
    }
    let keys = Arc::new(KeyRing::load(registry.as_ref()).map_err(refused)?);
    let due = Arc::new(Notify::new());
    let region = setup.options.region;
    let service = open_service(config, folder, setup, &registry, clock, &due)?;
    let sender =
        Sender::new(config.webhooks.private_addresses).map_err(|error| ScoreError::Webhooks(error.to_string()))?;
    let app = App::new(Parts {
        service: service.clone(),
        registry,
        keys,
        limits: config.limits.clone(),
        history_days: config.keep.history_days,
        metrics: Arc::new(Metrics::of(service.clone())),
        deliveries_due: due,
        sender,
        region,
        tls,
        policies: Box::new(PolicyFiles {
            policy: config.policy.clone(),
            shadow: config.shadow_policy.clone(),
            carrier_map: config.known.carrier_map.clone(),
        }),
        stop,
    });
    Ok(Assembled { app, service })
}

fn open_service(
    config: &Config,
    folder: &Path,
    setup: Setup,
    registry: &Arc<dyn Registry>,
    clock: Arc<dyn Clock>,
    due: &Arc<Notify>,
) -> Result<Service, ScoreError> {
    let log_folder = folder.join(LOG_FOLDER);
    let log = SegmentLog::open(&log_folder, SegmentOptions::default())
        .map_err(|source| ScoreError::Log { folder: file_name(&log_folder), source })?;
    let snapshot_folder = folder.join(SNAPSHOT_FOLDER);
    let snapshots = SnapshotFolder::open(&snapshot_folder)
        .map_err(|source| ScoreError::Snapshots { folder: file_name(&snapshot_folder), source })?;
    let Setup { options, policy, standings, trusted, carriers, reports_cover, .. } = setup;
    let carriers = Carriers::new(carriers);
    let known =
        Known { standings: standings.into_iter().collect(), trusted, carriers: carriers.clone(), reports_cover };
    let threads = available_parallelism().map_or(1, std::num::NonZero::get);
    let fold = Fold::new(policy_set(policy), known, threads);
    let history = Outbox::new(Arc::clone(registry), Arc::clone(&clock), Arc::clone(due));
    let parts = ServiceParts {
        log: Box::new(log),
        answers: Arc::new(fold.reader()),
        machine: Box::new(fold),
        snapshots: Arc::new(snapshots),
        history: Arc::new(history),
        clock,
    };
    let service_config = service::Config {
        data: Some(folder.to_owned()),
        policy: config.policy.clone(),
        reading: options,
        carriers,
        limits: service::Limits {
            log_days: config.keep.log_days,
            log_bytes: config.keep.log_bytes,
            dedupe_hours: config.keep.dedupe_hours,
            dedupe_records: config.keep.dedupe_records,
            body_bytes: config.limits.unpacked_bytes_max,
            queue_bytes: config.limits.bodies_bytes_max,
            ..service::Limits::default()
        },
    };
    let service = Service::open(service_config, parts)?;
    if let Some(shadow) = &config.shadow_policy {
        service.watch(Some(policy_set(PolicyData::load(Some(shadow))?)));
    }
    Ok(service)
}

/// The files of the configuration that are read again on demand: the policy's, and the carrier map.
struct PolicyFiles {
    policy: Option<PathBuf>,
    shadow: Option<PathBuf>,
    carrier_map: Option<PathBuf>,
}

impl Policies for PolicyFiles {
    fn reload(&self, service: &Service) -> Result<(), Box<dyn Error + Send + Sync>> {
        // All are read before any holds.
        let policy = policy_set(PolicyData::load(self.policy.as_deref())?);
        let shadow = self.shadow.as_deref().map(|dir| PolicyData::load(Some(dir))).transpose()?.map(policy_set);
        let carriers = self.carrier_map.as_deref().map(|path| carrier_map(path, service)).transpose()?;
        if **policy.version() != *service.policy_versions().0 {
            service.activate(policy)?;
        }
        service.watch(shadow);
        if let Some(carriers) = carriers {
            service.config().carriers.replace(carriers);
        }
        Ok(())
    }
}

/// Reads the carrier map as at the start; rows that cannot be taken are told.
fn carrier_map(path: &Path, service: &Service) -> Result<CarrierMap, ScoreError> {
    let mut rejects = Rejects::new(None, &[])?;
    let map = read_carrier_map(path, &service.config().reading, &mut rejects)?;
    for place in &rejects.places {
        tracing::warn!(place, "a row of the carrier map is not taken");
    }
    Ok(map)
}

/// One version of the policy, ready to judge by. With files of the operator's own its name says so, and which: a policy is
/// exchanged when its name is another.
fn policy_set(data: PolicyData) -> Arc<PolicySet> {
    let PolicyData { mut policy, own, directory, words, advice, hours, .. } = data;
    if !own.is_empty() {
        let all: String = own.iter().map(|Overlay { file, text }| format!("{file}\0{text}\0")).collect();
        // 32 bits of a hash of the operator's files.
        policy.version = format!("{}+{:08x}", policy.version, intake::text_hash(&all) >> 32);
    }
    Arc::new(PolicySet::new(Rules::new(policy), directory, words, advice, hours))
}

/// Reads policy, mappings and side tables as `score` does; rows that cannot be taken are told.
fn read_setup(config: &Config) -> Result<Setup, ScoreError> {
    let args = ScoreArgs {
        region: config.region.clone(),
        tz: config.tz.clone(),
        mapping: config.mappings.clone(),
        policy: config.policy.clone(),
        standing: config.known.standing.clone(),
        trusted: config.known.trusted.clone(),
        carrier_map: config.known.carrier_map.clone(),
        reports_cover: config.known.reports_cover,
        ..ScoreArgs::of_all_callers(Vec::new())
    };
    let mut rejects = Rejects::new(None, &[])?;
    let setup = Setup::read(&args, &mut rejects)?;
    rejects.places.iter().for_each(|place| say(&format!("not taken: {place}")));
    Ok(setup)
}
