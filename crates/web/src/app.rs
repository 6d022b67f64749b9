//! What all handlers share.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use model::{Region, Timestamp};
use service::registry::{Action, AuditLine, Change, KeyRing, Registry, RegistryError};
use service::{Service, TenantId};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinError;

use crate::auth::UnknownKeys;
use crate::body::Budget;
use crate::limits::Limits;
use crate::mapping::{of_panic, of_registry, with_causes};
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
    /// Days for which changes of labels are kept to be looked up.
    pub history_days: u32,
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
    /// Reads the policy again.
    pub policies: Box<dyn Policies>,
    /// Says when the server stops.
    pub stop: Stop,
}

/// Reads the policy again. The files are the binary's, and so is how they are put together.
pub trait Policies: Send + Sync {
    /// Makes what the files say now the policy of the service.
    ///
    /// # Errors
    /// Names file and key of what does not hold; the policy before stays.
    fn reload(&self, service: &Service) -> Result<(), Box<dyn Error + Send + Sync>>;
}

/// What all handlers share.
pub struct App {
    pub(crate) service: Service,
    registry: Arc<dyn Registry>,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) unknown_keys: UnknownKeys,
    pub(crate) limits: Limits,
    pub(crate) history_days: u32,
    pub(crate) budget: Budget,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) anonymous: RateLimit,
    pub(crate) event_streams: Arc<Semaphore>,
    pub(crate) deliveries_due: Arc<Notify>,
    pub(crate) sender: Sender,
    pub(crate) region: Option<Region>,
    pub(crate) tls: Option<Arc<Tls>>,
    policies: Box<dyn Policies>,
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
        let Parts {
            service,
            registry,
            keys,
            limits,
            history_days,
            metrics,
            deliveries_due,
            sender,
            region,
            tls,
            policies,
            stop,
        } = parts;
        Arc::new(Self {
            service,
            registry,
            keys,
            unknown_keys: UnknownKeys::default(),
            budget: Budget::new(limits.bodies_bytes_max),
            anonymous: RateLimit::new(limits.anonymous_reports_per_minute),
            event_streams: Arc::new(Semaphore::new(limits.event_streams_max.min(Semaphore::MAX_PERMITS))),
            limits,
            history_days,
            metrics,
            deliveries_due,
            sender,
            region,
            tls,
            policies,
            stop,
        })
    }

    /// Reads again what may be exchanged while the server runs: the policy, and the certificate. What does not hold is told in the
    /// log, and the last good one stays.
    ///
    /// # Errors
    /// A sentence for who asked, that says what is refused.
    pub async fn reload(self: &Arc<Self>, change: Change) -> Result<(), String> {
        let app = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || app.reload_now(change)).await;
        let done = done.unwrap_or_else(|panic| Err(panic.to_string()));
        self.metrics.note_reload(done.is_err());
        done.inspect_err(|refused| tracing::error!(refused, "the last good one stays"))
    }

    fn reload_now(&self, change: Change) -> Result<(), String> {
        if let Some(tls) = &self.tls {
            tls.reload().map_err(|error| with_causes(&error))?;
        }
        let (before, _) = self.service.policy_versions();
        self.policies.reload(&self.service).map_err(|error| with_causes(&*error))?;
        let (after, _) = self.service.policy_versions();
        tracing::info!(%before, %after, "policy and certificate were read again");
        if before == after {
            return Ok(());
        }
        let version = |version: Arc<str>| Some(serde_json::json!({ "version": &*version }));
        let line = AuditLine {
            place: 0,
            at: change.at,
            by: change.by,
            action: Action::PolicyActivated,
            tenant: TenantId::OPERATOR,
            subject: after.to_string(),
            before: version(before),
            after: version(after),
        };
        // The policy holds already; that nobody wrote it down is told by the log.
        if let Err(error) = self.registry.add_audit_line(&line) {
            tracing::error!(reason = with_causes(&error), "the activation of a policy is missing in the audit");
        }
        Ok(())
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
