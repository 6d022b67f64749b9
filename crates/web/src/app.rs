//! What all handlers share.

use std::fmt;
use std::sync::Arc;

use model::{Region, Timestamp};
use service::Service;
use service::registry::{KeyRing, Registry, RegistryError};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinError;

use crate::body::Budget;
use crate::limits::Limits;
use crate::mapping::{of_panic, of_registry};
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::rate::RateLimit;
use crate::server::Tls;
use crate::stop::Stop;
use crate::webhook::send::Sender;

/// What the server is made of, before it is put together.
pub struct Parts {
    /// The service.
    pub service: Service,
    /// The registry.
    pub registry: Arc<dyn Registry>,
    /// The keys of the registry, in memory.
    pub keys: Arc<KeyRing>,
    /// How much of everything the server takes.
    pub limits: Limits,
    /// What operators watch.
    pub metrics: Arc<Metrics>,
    /// What rings when a delivery may be due.
    pub deliveries_due: Arc<Notify>,
    /// What sends webhooks.
    pub sender: Sender,
    /// The region of numbers in national form; `None` reads ten digits as North American.
    pub region: Option<Region>,
    /// The certificate, read again with the policy; `None` when the server speaks plain HTTP.
    pub tls: Option<Arc<Tls>>,
    /// Says when the server stops.
    pub stop: Stop,
}

/// What all handlers share.
pub struct App {
    pub(crate) service: Service,
    registry: Arc<dyn Registry>,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) limits: Limits,
    pub(crate) budget: Budget,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) anonymous: RateLimit,
    pub(crate) event_streams: Arc<Semaphore>,
    pub(crate) deliveries_due: Arc<Notify>,
    pub(crate) sender: Sender,
    pub(crate) region: Option<Region>,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) stop: Stop,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl App {
    /// Puts the server together.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { service, registry, keys, limits, metrics, deliveries_due, sender, region, tls, stop } = parts;
        Arc::new(Self {
            service,
            registry,
            keys,
            budget: Budget::new(limits.bodies_bytes_max),
            anonymous: RateLimit::new(limits.anonymous_reports_per_minute),
            event_streams: Arc::new(Semaphore::new(limits.event_streams_max.min(Semaphore::MAX_PERMITS))),
            limits,
            metrics,
            deliveries_due,
            sender,
            region,
            tls,
            stop,
        })
    }

    /// What the time is, by the service's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.service.now()
    }

    /// Asks the registry, on a thread that may wait for the disk.
    pub(crate) async fn registry<T, F>(&self, ask: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Registry) -> Result<T, RegistryError> + Send + 'static,
    {
        match self.ask_registry(ask).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(of_registry(&error)),
            Err(panic) => Err(of_panic(&panic)),
        }
    }

    /// As [`App::registry`], with the registry's own error, for who has no client to tell.
    pub(crate) async fn ask_registry<T, F>(&self, ask: F) -> Result<Result<T, RegistryError>, JoinError>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Registry) -> Result<T, RegistryError> + Send + 'static,
    {
        let registry = Arc::clone(&self.registry);
        tokio::task::spawn_blocking(move || ask(registry.as_ref())).await
    }
}
