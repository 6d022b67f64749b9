//! A data directory with a service that works on it: registry, log, snapshots, policy, fold, service.

use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;

use model::Region;
use reputation::policy::Overlay;
use reputation::timeline::Rules;
use service::fold::Fold;
use service::policy::{Known, PolicySet};
use service::upkeep::{LOG_FOLDER, SNAPSHOT_FOLDER};
use service::{Carriers, Clock, Condition, POLICY_FOLDER, Parts, PolicyStore, Service};
use store::registry::Registry;
use store::segments::{Opening, TornTail};
use store::{Damage, DataKey, SegmentLog, SegmentOptions, SnapshotFolder};
use tokio::sync::Notify;
use web::Outbox;

use super::config::Config;
use super::secret::{data_key, hash_key};
use crate::cli::ScoreArgs;
use crate::error::ScoreError;
use crate::key_command::{begin_folder, open_registry};
use crate::policy_data::PolicyData;
use crate::said::{file_name, say};
use crate::score::rejects::Rejects;
use crate::score::setup::Setup;

/// Events beyond which the state is kept at a stop. Chosen: fewer are read again in less time than all parts take to be written.
const KEPT_EVENTS_MIN: u64 = 100_000;

/// A data directory with a service that works on it.
pub(crate) struct Opened {
    /// The service.
    pub(crate) service: Service,
    /// The registry.
    pub(crate) registry: Arc<dyn Registry>,
    /// Told when messages are due to webhooks.
    pub(crate) due: Arc<Notify>,
    /// The region of numbers in national form.
    pub(crate) region: Option<Region>,
    /// What of the log's newest segment is damaged.
    pub(crate) damage: Vec<Damage>,
}

/// Opens a data directory, which is made if need be, and starts the service on it.
pub(crate) fn open(config: &Config, folder: &Path, clock: Arc<dyn Clock>) -> Result<Opened, ScoreError> {
    begin_folder(folder)?;
    let setup = read_setup(config)?;
    let registry: Arc<dyn Registry> = Arc::new(open_registry(folder, clock.now())?);
    let due = Arc::new(Notify::new());
    let region = setup.options.region;
    let log_folder = folder.join(LOG_FOLDER);
    let key = data_key(config, folder)?;
    let options = SegmentOptions {
        segment_bytes_max: config.keep.segment_bytes.max(1),
        key: Some(key.clone()),
        ..SegmentOptions::default()
    };
    let log = SegmentLog::open(&log_folder, options)
        .map_err(|source| ScoreError::Log { folder: file_name(&log_folder), source })?;
    tell_opening(log.opening());
    // The log is locked: no other process works on this directory, and what one that died had begun, its clients send again.
    registry.release_all().map_err(|source| ScoreError::Registry { folder: file_name(folder), source })?;
    let damage = log.opening().damage.clone();
    let history = Outbox::new(Arc::clone(&registry), Arc::clone(&clock), Arc::clone(&due));
    let service = open_service(config, folder, setup, (log, key, history, clock))?;
    Ok(Opened { service, registry, due, region, damage })
}

/// Stops a service. Its state is kept when much came since it was opened, so that the next start has little to read.
pub(crate) fn stop(service: &Service) {
    if service.condition() == Condition::Ready && service.figures().events >= KEPT_EVENTS_MIN {
        service.settle();
        let _kept = service.keep();
    }
    service.stop();
}

fn open_service(
    config: &Config,
    folder: &Path,
    setup: Setup,
    (log, key, history, clock): (SegmentLog, DataKey, Outbox, Arc<dyn Clock>),
) -> Result<Service, ScoreError> {
    let hash_key = hash_key(&key);
    let snapshot_folder = folder.join(SNAPSHOT_FOLDER);
    let snapshots = SnapshotFolder::open(&snapshot_folder)
        .map_err(|source| ScoreError::Snapshots { folder: file_name(&snapshot_folder), source })?
        .sealed_with(Some(key));
    let Setup { options, policy, standings, trusted, carriers, reports_cover, .. } = setup;
    let carriers = Carriers::new(carriers);
    let known = Known {
        standings: standings.into_iter().collect(),
        trusted,
        carriers: carriers.clone(),
        reports_cover,
        key: hash_key,
    };
    let threads = available_parallelism().map_or(1, std::num::NonZero::get);
    let policy = policy_set(policy);
    let mut fold = Fold::new(Arc::clone(&policy), known, threads);
    offer_kept(folder, &mut fold, &policy)?;
    if let Some(shadow) = &config.shadow_policy {
        // Before anything is folded, so that what it says is there when the service is ready.
        fold.watch(Some(policy_set(PolicyData::load(Some(shadow))?)));
    }
    let parts = Parts {
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
            snapshot_events: config.keep.snapshot_events,
            body_bytes: config.limits.unpacked_bytes_max,
            queue_bytes: config.limits.bodies_bytes_max,
            ..service::Limits::default()
        },
    };
    Ok(Service::open(service_config, parts)?)
}

/// Tells what the last stop left at the end of the log.
fn tell_opening(opening: &Opening) {
    if let Some(TornTail { file, offset, bytes, kept }) = &opening.torn {
        let (file, kept) = (file.display(), kept.as_ref().map(|kept| kept.display().to_string()));
        let what = "the last append was cut short and never acknowledged: what there was of it is cut off";
        tracing::warn!(%file, offset, bytes, kept, "{what}");
    }
    for Damage { file, offset, bytes, lost, found } in &opening.damage {
        let (file, from, before) = (file.display(), lost.start.0, lost.end.0);
        let what = "a part of the log is damaged and passed over; restore a backup if these events matter";
        tracing::error!(%file, offset, bytes, lost_from = from, lost_before = before, found, "{what}");
    }
}

/// One version of the policy, ready to judge by. With files of the operator's own its name says so, and which: a policy is
/// exchanged when its name is another.
pub(super) fn policy_set(data: PolicyData) -> Arc<PolicySet> {
    let PolicyData { mut policy, own, directory, words, advice, hours, overlays } = data;
    if !own.is_empty() {
        let all: String = own.iter().map(|Overlay { file, text }| format!("{file}\0{text}\0")).collect();
        // 32 bits of a hash of the operator's files.
        policy.version = format!("{}+{:08x}", policy.version, intake::text_hash(&all) >> 32);
    }
    set(PolicyData { policy, own, directory, words, advice, hours, overlays })
}

/// The policy under the name that it has.
fn set(data: PolicyData) -> Arc<PolicySet> {
    let text = data.text(&data.policy.version);
    let PolicyData { policy, directory, words, advice, hours, .. } = data;
    Arc::new(PolicySet::new(Rules::new(policy), directory, words, advice, hours).made_of(text))
}

/// Makes the policies known that were in force before, so that the log folds again as it was judged then, and keeps the present one.
fn offer_kept(data: &Path, fold: &mut Fold, present: &PolicySet) -> Result<(), ScoreError> {
    let folder = data.join(POLICY_FOLDER);
    let failed = |source| ScoreError::Unwritable { file: file_name(&folder), source };
    let store = PolicyStore::new(data);
    let (kept, broken) = store.all().map_err(failed)?;
    for text in kept.iter().filter(|text| *text.version != **present.version()) {
        match PolicyData::of_text(text) {
            Ok(mut before) => {
                before.policy.version = text.version.to_string();
                let PolicyData { policy, directory, words, advice, hours, .. } = before;
                fold.offer(Arc::new(PolicySet::new(Rules::new(policy), directory, words, advice, hours)));
            }
            Err(error) => {
                let reason = error.to_string();
                tracing::warn!(version = %text.version, reason, "a policy that was in force does not hold any more");
            }
        }
    }
    for file in broken {
        tracing::warn!(file = %file.display(), "a kept policy cannot be read");
    }
    if let Some(text) = present.text() {
        store.keep(text).map_err(failed)?;
    }
    store.prune(present.version()).map_err(failed)
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
