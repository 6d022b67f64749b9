//! Puts the server together: registry, log, policy, fold, service, API.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use intake::side::CarrierMap;
use service::{Clock, Service, SystemClock};
use store::registry::KeyRing;
use web::webhook::send::Sender;
use web::{App, Metrics, Parts, Policies, Stop, Tls};

use super::config::Config;
use super::demo;
use super::opened::{self, Opened, policy_set};
use super::watch::{self, Watching};
use crate::error::ScoreError;
use crate::policy_data::PolicyData;
use crate::said::file_name;
use crate::score::rejects::Rejects;
use crate::score::setup::read_carrier_map;

/// The server, put together.
pub(super) struct Assembled {
    /// The API.
    pub(super) app: Arc<App>,
    /// The service behind it.
    pub(super) service: Service,
    /// The watching of folders; `None` where none are watched.
    pub(super) watching: Option<Watching>,
}

/// Opens the data directory and starts the service on it.
pub(super) fn assemble(config: &Config, tls: Option<Arc<Tls>>, stop: Stop) -> Result<Assembled, ScoreError> {
    let folder = config.data.as_deref().ok_or_else(|| ScoreError::Argument {
        argument: "--data",
        detail: "name the data directory, here or as `data` in the configuration".to_owned(),
    })?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let Opened { service, registry, due, region, damage } = opened::open(config, folder, Arc::clone(&clock))?;
    let refused = |source| ScoreError::Registry { folder: file_name(folder), source };
    if config.demo {
        demo::make_key(registry.as_ref(), clock.now()).map_err(refused)?;
    }
    let keys = Arc::new(KeyRing::load(registry.as_ref()).map_err(refused)?);
    let watching = watch::config::start(&config.watch, folder, (&service, &registry), clock)?;
    let metrics = Arc::new(Metrics::of(service.clone()));
    let lost = damage.iter().map(|damage| damage.lost.end.0.saturating_sub(damage.lost.start.0)).sum();
    metrics.note_log_damage(damage.len(), lost);
    let sender =
        Sender::new(config.webhooks.private_addresses).map_err(|error| ScoreError::Webhooks(error.to_string()))?;
    let app = App::new(Parts {
        service: service.clone(),
        registry,
        keys,
        limits: config.limits.clone(),
        history_days: config.keep.history_days,
        metrics,
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
    Ok(Assembled { app, service, watching })
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
