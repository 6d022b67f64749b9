//! The service as its callers hold it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use model::{TelephoneNumber, Timestamp};
use store::{Event, EventLog, LogReader, Origin, Payload, Position, Snapshots, TenantId};
use tokio::sync::oneshot;

use crate::carriers::{self, moved};
use crate::clock::Clock;
use crate::committer::{Committer, FAILED_RETRY_S, Order, order};
use crate::condition::{BROKEN, Condition, Counters, Figures, STOPPING, Switchboard, count};
use crate::config::{Config, Limits};
use crate::driver::Driver;
use crate::feed::{Feed, Subscription};
use crate::fold::{Difference, Scope};
use crate::gate::{Admitted, Gate};
use crate::handoff::{Ask, Handoff};
use crate::history::LabelHistory;
use crate::ingest::{Body, Prepared, Reader};
use crate::keeper::Keeper;
use crate::lookup::{Answers, LabelAnswer, LabelQuestion, NumberDetail};
use crate::machine::Machine;
use crate::pending::Pending;
use crate::policy::PolicySet;
use crate::policy_store::PolicyStore;
use crate::receipt::IngestError;
use crate::recovery::Recovery;
use crate::refusal::{ActivateError, ForgetError, OpenError};
use crate::sequencer::Sequencer;
use crate::timer;

/// The changes of a number's labels that are told with it, at most.
const HISTORY_TOLD: usize = 100;
/// Seconds after which a sender may ask again while the log is read.
const STARTING_RETRY_S: u32 = 5;

/// What the service is made of.
pub struct Parts {
    /// The log, opened.
    pub log: Box<dyn EventLog>,
    /// What is folded from it.
    pub machine: Box<dyn Machine>,
    /// Answers from what is folded.
    pub answers: Arc<dyn Answers>,
    /// Snapshots of it.
    pub snapshots: Arc<dyn Snapshots>,
    /// The history of labels.
    pub history: Arc<dyn LabelHistory>,
    /// What the time is.
    pub clock: Arc<dyn Clock>,
}

/// The service: takes records in, and answers. Cheap to clone; all clones are one service.
#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    clock: Arc<dyn Clock>,
    gate: Arc<Gate>,
    orders: Sender<Order>,
    handoff: Arc<Handoff>,
    feed: Arc<Feed>,
    log: Arc<dyn LogReader>,
    answers: Arc<dyn Answers>,
    history: Arc<dyn LabelHistory>,
    board: Arc<Switchboard>,
    counters: Arc<Counters>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    policies: Option<PolicyStore>,
    forgetting: Mutex<()>,
}

impl Service {
    /// Starts the service. Look-ups are answered at once, from what `parts.machine` was restored to; intake begins when the
    /// log was read, which [`Service::condition`] tells.
    ///
    /// # Errors
    /// When a thread cannot be started, or the directory of carriers is not that of the data directory.
    pub fn open(config: Config, parts: Parts) -> Result<Self, OpenError> {
        settle_carriers(&config)?;
        let Parts { log, mut machine, answers, snapshots, history, clock } = parts;
        let reader = log.reader();
        let held = reader.held();
        let (orders, received) = channel();
        let limits = &config.limits;
        let shared = Arc::new(Shared {
            clock: Arc::clone(&clock),
            gate: Gate::new(limits.queue_bytes, limits.queue_bodies),
            orders: orders.clone(),
            handoff: Arc::new(Handoff::new(limits.fold_events)),
            feed: Arc::new(Feed::new(limits.feed_changes)),
            log: Arc::clone(&reader),
            answers,
            history: Arc::clone(&history),
            board: Arc::default(),
            counters: Arc::default(),
            threads: Mutex::default(),
            policies: config.data.as_deref().map(PolicyStore::new),
            forgetting: Mutex::default(),
            config: config.clone(),
        });
        let policy = shared.answers.policy_version();
        let policies = shared.policies.clone();
        let mut keeper = Keeper::new(snapshots, Arc::clone(&shared.counters), limits);
        let found = keeper.restore(machine.as_mut(), held.clone(), remembered_from(clock.now(), limits));
        begin_policy(policies.as_ref(), machine.as_mut(), (found.place, held.end), &shared.counters)?;
        shared.handoff.begin(found.place, held.end);
        shared.feed.begin(found.place);
        let committer = Committer {
            log,
            clock: Arc::clone(&clock),
            sequencer: Sequencer::new(limits, config.carriers.clone()),
            handoff: Arc::clone(&shared.handoff),
            board: Arc::clone(&shared.board),
            counters: Arc::clone(&shared.counters),
            limits: limits.clone(),
            learn_from: found.learn_from,
            recovery: Recovery::default(),
            erasing: VecDeque::new(),
        };
        let driver = Driver {
            machine,
            log: reader,
            handoff: Arc::clone(&shared.handoff),
            orders,
            feed: Arc::clone(&shared.feed),
            history,
            board: Arc::clone(&shared.board),
            counters: Arc::clone(&shared.counters),
            keeper,
            clock,
            place: found.place,
            replay_until: held.end,
            outstanding: VecDeque::new(),
            untold: Vec::new(),
            waiting: Vec::new(),
            policy,
            policies,
            to_erase: BTreeMap::new(),
        };
        shared.start("commit", move || committer.start(&received))?;
        shared.start("fold", move || driver.run())?;
        let service = Self { shared };
        if service.shared.config.data.is_some() {
            service.keep_time()?;
        }
        Ok(service)
    }

    /// Says at each full hour that one began. A service with a data directory does so by itself.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn keep_time(&self) -> Result<(), OpenError> {
        let shared = &self.shared;
        let (clock, orders, board) = (Arc::clone(&shared.clock), shared.orders.clone(), Arc::clone(&shared.board));
        shared.start("hours", move || timer::keep_time(&clock, &orders, &board))
    }

    /// What the service can do now.
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.shared.board.condition()
    }

    /// What an operator watches.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let (bodies, bytes) = self.shared.gate.waiting();
        let (folded, end) = self.shared.handoff.progress();
        Figures {
            log_end: end.0,
            unfolded: end.0.saturating_sub(folded.0),
            waiting_bodies: bodies as u64,
            waiting_bytes: bytes as u64,
            ..self.shared.counters.figures()
        }
    }

    /// The time by the service's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// What was decided when the service was opened.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Asks to take a body of so many bytes in. To be asked before the body is read into memory.
    ///
    /// # Errors
    /// [`IngestError::Busy`] when too much is in work, and the errors of a service that takes nothing now.
    pub fn admit(&self, bytes: usize) -> Result<Admitted, IngestError> {
        self.is_open()?;
        self.shared.gate.admit(bytes).inspect_err(|_| count(&self.shared.counters.refused_bodies, 1))
    }

    /// Takes calls of a source in. Reading them takes this thread; their answer comes once they are durable.
    ///
    /// # Errors
    /// When nothing of the body can be taken.
    pub fn ingest_calls(
        &self,
        admitted: Admitted,
        origin: &Arc<Origin>,
        body: Body<'_>,
    ) -> Result<Pending, IngestError> {
        let prepared = self.reader(origin).calls(body)?;
        self.queue(admitted, prepared)
    }

    /// Takes reports of a source in, as [`Service::ingest_calls`] does calls.
    ///
    /// # Errors
    /// When nothing of the body can be taken.
    pub fn ingest_reports(
        &self,
        admitted: Admitted,
        origin: &Arc<Origin>,
        body: Body<'_>,
    ) -> Result<Pending, IngestError> {
        let prepared = self.reader(origin).reports(body)?;
        self.queue(admitted, prepared)
    }

    fn reader<'a>(&'a self, origin: &'a Arc<Origin>) -> Reader<'a> {
        let Config { reading, limits, carriers, .. } = &self.shared.config;
        Reader { options: reading, limits, carriers, origin, now: self.now() }
    }

    fn queue(&self, admitted: Admitted, prepared: Prepared) -> Result<Pending, IngestError> {
        self.is_open()?;
        let (reply, receiver) = oneshot::channel();
        if !order(&self.shared.orders, Order::Body { prepared, admitted, reply }) {
            return Err(IngestError::Stopping);
        }
        Ok(Pending { receiver })
    }

    fn is_open(&self) -> Result<(), IngestError> {
        match self.condition() {
            Condition::Ready => Ok(()),
            Condition::Starting => Err(IngestError::Starting { retry_after_s: STARTING_RETRY_S }),
            Condition::Failed => Err(IngestError::Failed { retry_after_s: FAILED_RETRY_S }),
            Condition::Stopping => Err(IngestError::Stopping),
        }
    }

    /// The label of a number. Never waits; a service that starts or has failed answers from what it knows.
    #[must_use]
    pub fn label(&self, question: &LabelQuestion) -> LabelAnswer {
        self.shared.answers.label(question)
    }

    /// Everything about a number in the first of these views in which anything is known of it; `None` when there is none. The
    /// history of its labels is what `tenant` may see. Computes, and reads the history: not for a thread that runs async tasks.
    #[must_use]
    pub fn number(&self, tn: TelephoneNumber, tenant: TenantId, scopes: &[Scope]) -> Option<NumberDetail> {
        let answers = &self.shared.answers;
        let now = self.now();
        let (scope, number) = scopes.iter().find_map(|&scope| Some((scope, answers.number(tn, scope, now)?)))?;
        let json = answers.number_json(&number);
        let history = self.shared.history.of(tn, tenant, HISTORY_TOLD).unwrap_or_else(|error| {
            tracing::error!(error, "the history of labels cannot be read");
            Vec::new()
        });
        let (policy_version, data_through) = (answers.policy_version(), answers.data_through());
        Some(NumberDetail { number, json, scope, history, policy_version, data_through })
    }

    /// Judges by another policy from now on: it is made known, and its activation logged. New carriers in its directory are
    /// recognised in records from the next start on.
    ///
    /// # Errors
    /// [`ActivateError`]; the policy before stays.
    pub fn activate(&self, policy: Arc<PolicySet>) -> Result<(), ActivateError> {
        let version: Box<str> = AsRef::<str>::as_ref(policy.version()).into();
        let current = self.shared.answers.policy_version();
        if *version == *current {
            return Err(ActivateError::SameVersion { version: current });
        }
        let keys: Vec<Box<str>> = policy.directory.carriers.iter().map(|carrier| carrier.key.as_str().into()).collect();
        if let Some(key) = moved(&self.shared.config.reading.carriers, &keys) {
            return Err(ActivateError::Carriers { key });
        }
        if let (Some(policies), Some(text)) = (&self.shared.policies, policy.text()) {
            policies.keep(text).map_err(ActivateError::Keep)?;
        }
        self.shared.handoff.ask(Ask::Offer(policy));
        let activated = Payload::PolicyActivated { version };
        let activated = Event::service(Origin::service(), self.now(), activated);
        self.decree(vec![activated]).map(drop).map_err(ActivateError::Log)
    }

    /// Watches a policy beside the one whose labels are shown; `None` ends that.
    pub fn watch(&self, shadow: Option<Arc<PolicySet>>) {
        self.shared.handoff.ask(Ask::Watch(shadow));
    }

    /// The version of the policy that judges, and of the one that is only watched.
    #[must_use]
    pub fn policy_versions(&self) -> (Arc<str>, Option<Arc<str>>) {
        (self.shared.answers.policy_version(), self.shared.answers.shadow_version())
    }

    /// Numbers of a view that the watched policy labels otherwise, in rising order: at most `limit`, all behind `after`. Not for a
    /// thread that runs async tasks.
    #[must_use]
    pub fn differences(&self, scope: Scope, after: Option<TelephoneNumber>, limit: usize) -> Vec<Difference> {
        self.shared.answers.differences(scope, after, limit)
    }

    /// Listens to the changes of labels that a tenant may see: those after the one with id `after`, or those from now on.
    #[must_use]
    pub fn subscribe(&self, tenant: TenantId, after: Option<Position>) -> Subscription {
        Subscription::new(&self.shared.feed, Arc::clone(&self.shared.log), tenant, after)
    }

    /// Says that an hour may have begun. The timer calls this, and a test that turns the clock.
    pub fn tick(&self) {
        order(&self.shared.orders, Order::Tick);
    }

    /// Forgets a number: its facts, its labels and their history, and every event that names it. Waits for the disk.
    ///
    /// # Errors
    /// [`ForgetError`]; asking again goes on where it ended.
    pub fn forget(&self, tn: TelephoneNumber) -> Result<u64, ForgetError> {
        let shared = &self.shared;
        // One after another, so that a start after a crash knows from where on numbers may not be erased yet.
        let _turn = shared.forgetting.lock().unwrap_or_else(PoisonError::into_inner);
        let tombstone = Event::service(Origin::service(), self.now(), Payload::Forget { tn });
        let place = self.decree(vec![tombstone]).map_err(ForgetError::Log)?;
        self.settle();
        shared.history.forget(tn).map_err(ForgetError::History)?;
        let (reply, receiver) = oneshot::channel();
        let numbers = BTreeSet::from([tn]);
        order(&shared.orders, Order::Erase { numbers, through: place.plus(1), reply: Some(reply) });
        receiver.blocking_recv().map_err(|_| ForgetError::Stopping)?
    }

    /// Keeps the whole state on disk now, and tells up to where in the log it reaches. Waits for the disk; `None` when the
    /// service stops or cannot write.
    #[must_use]
    pub fn keep(&self) -> Option<Position> {
        let (reply, receiver) = oneshot::channel();
        self.shared.handoff.ask(Ask::Keep(reply));
        receiver.blocking_recv().ok()
    }

    /// Logs events of the service's own, and waits until they are durable.
    fn decree(&self, events: Vec<Event>) -> Result<Position, IngestError> {
        let (reply, receiver) = oneshot::channel();
        order(&self.shared.orders, Order::Decree { events, reply });
        receiver.blocking_recv().unwrap_or(Err(IngestError::Stopping))
    }

    /// Waits until the log was read, and tells what the service can do then.
    #[must_use]
    pub fn wait_until_started(&self) -> Condition {
        self.shared.board.wait_until_started()
    }

    /// Waits until everything that was sent is committed and folded, and what follows from it, too. For commands and tests.
    pub fn settle(&self) {
        loop {
            let committed = self.decree(Vec::new()).is_ok();
            let end = self.shared.handoff.settle();
            let still = self.decree(Vec::new()).is_ok_and(|_| self.shared.handoff.progress().1 == end);
            if still || !committed {
                return;
            }
        }
    }

    /// Ends the service: takes nothing more in, commits and folds what it has, and waits for that.
    pub fn stop(&self) {
        self.shared.stop();
    }
}

/// Refuses a directory of carriers that is not that of the data directory.
fn settle_carriers(config: &Config) -> Result<(), OpenError> {
    let Some(data) = &config.data else { return Ok(()) };
    match carriers::settle(data, &config.reading.carriers).map_err(OpenError::CarriersFile)? {
        Some(key) => Err(OpenError::Carriers { key }),
        None => Ok(()),
    }
}

/// Judges by the policy that was in force where the log is read from.
fn begin_policy(
    policies: Option<&PolicyStore>,
    machine: &mut dyn Machine,
    (from, end): (Position, Position),
    counters: &Counters,
) -> Result<(), OpenError> {
    let Some(policies) = policies else { return Ok(()) };
    let active = policies.cut(end).and_then(|()| policies.active_at(from)).map_err(OpenError::Policies)?;
    if let Some(version) = active {
        if !machine.knows_policy(&version) {
            count(&counters.missing_policies, 1);
            tracing::warn!(%version, "the policy in force where the log is read from is not kept; the present one stands in");
        }
        machine.begin_with(&version);
    }
    Ok(())
}

/// What became known before is not asked for any more to recognise repeats, or to join pieces.
fn remembered_from(now: Timestamp, limits: &Limits) -> Timestamp {
    // Generations of remembered records go as a whole, up to a third of the window later.
    let hours = (limits.dedupe_hours.saturating_mul(4) / 3 + 1).max(limits.join_hours + 1);
    now.saturating_add_ms(-i64::from(hours) * model::time::HOUR_MS)
}

/// Held by a thread that must not end before the service: should it panic, nobody waits for it.
struct End {
    board: Arc<Switchboard>,
    handoff: Arc<Handoff>,
}

impl Drop for End {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.board.set(BROKEN);
            self.handoff.close();
        }
    }
}

impl Shared {
    fn start(&self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
        let end = End { board: Arc::clone(&self.board), handoff: Arc::clone(&self.handoff) };
        let work = move || {
            let _end = end;
            work();
        };
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work).map_err(OpenError::Thread)?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    fn stop(&self) {
        self.board.set(STOPPING);
        order(&self.orders, Order::Stop);
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread ended by a fault of the program");
            }
        }
        self.feed.close();
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.stop();
    }
}
