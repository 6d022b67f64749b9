//! Policies that come and go while a service runs.

mod common;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use common::{Traffic, fold, stream};
use model::{TelephoneNumber, Timestamp};
use service::fold::{Fold, Scope};
use service::policy::{Known, PolicySet};
use service::upkeep::{self};
use service::{
    Body, HandClock, LabelChange, LabelHistory as _, MemoryHistory, Origin, Parts, Position, Receipt, Service,
    SourceRole, TenantId,
};

const START_S: i64 = 1_795_429_800;

fn tn() -> TelephoneNumber {
    TelephoneNumber::from_digits(12_155_550_112).expect("a number")
}

struct Server {
    service: Service,
    clock: HandClock,
    history: Arc<MemoryHistory>,
}

impl Server {
    /// Opens a data directory under `present`, where `before` are known from earlier.
    fn open(data: &Path, clock: &HandClock, present: &Arc<PolicySet>, before: &[&Arc<PolicySet>]) -> Self {
        let mut fold = Fold::new(Arc::clone(present), Known::default(), 1);
        before.iter().for_each(|policy| fold.offer(Arc::clone(policy)));
        let history = Arc::new(MemoryHistory::default());
        let parts = Parts { history: Arc::clone(&history) as Arc<_>, ..common::parts_in(data, clock, fold) };
        let service = common::opened(data, intake::Options::default(), parts).expect("opened");
        Self { service, clock: clock.clone(), history }
    }

    /// An hour of calls, of which most are short or reach nobody.
    fn bad_hour(&self, hour: i64) {
        let mut body = "id,start,orig,dest,talk_s,q850\n".to_owned();
        for call in 0..60 {
            let at = START_S + hour * 3600 - 1500 + call * 5;
            let dest = 13_125_550_100 + call % 100;
            let (talk, cause) = if call % 6 == 0 { (0, 1) } else { (20, 16) };
            writeln!(body, "{hour}-{call},{at},+12155550112,+{dest},{talk},{cause}").expect("text");
        }
        assert_eq!(self.send((1, SourceRole::Terminating), &body).accepted, 60);
        self.hour();
    }

    /// Sends calls of the source `gateway` of a tenant.
    fn send(&self, (tenant, role): (u32, SourceRole), body: &str) -> Receipt {
        let origin = Origin { tenant: TenantId(tenant), source: "gateway".into(), role };
        let admitted = self.service.admit(body.len()).expect("room");
        let body = Body { format: Some("csv"), ..Body::new(body.as_bytes()) };
        self.service.ingest_calls(admitted, &Arc::new(origin), body).expect("read").wait().expect("taken")
    }

    /// An hour passes.
    fn hour(&self) {
        self.clock.advance_ms(3_600_000);
        self.service.tick();
        self.service.settle();
    }

    fn activate(&self, policy: &Arc<PolicySet>) {
        self.service.activate(Arc::clone(policy)).expect("logged");
        self.service.settle();
    }

    fn told(&self) -> Vec<(Position, LabelChange)> {
        self.history.of(tn(), TenantId(9), 100).expect("in memory")
    }
}

#[test]
fn the_log_folds_again_by_the_policies_that_were_in_force() {
    let dir = tempfile::tempdir().expect("a folder");
    let clock = HandClock::new(Timestamp::from_s(START_S).expect("a time"));
    let mild =
        common::policy("version = \"mild\"\n[prior]\nunwanted_share = 0.000001\n[floor]\nattempts = 1000000.0\n");
    let strict = common::policy("version = \"strict\"\n[prior]\nunwanted_share = 0.9\n");
    let last =
        common::policy("version = \"last\"\n[prior]\nunwanted_share = 0.000001\n[floor]\nattempts = 1000000.0\n");
    let server = Server::open(dir.path(), &clock, &mild, &[]);
    for (hour, policy) in (0..).zip([None, Some(&strict), Some(&mild), Some(&strict)]) {
        if let Some(policy) = policy {
            server.activate(policy);
        }
        server.bad_hour(hour);
    }
    let told = server.told();
    let by: std::collections::BTreeSet<&str> = told.iter().map(|(_, change)| &*change.policy_version).collect();
    assert!(by.contains("strict"), "the policies differ on this number: {told:?}");
    server.service.stop();
    drop(server);

    // Snapshots or none, and whatever judges now: what was decided then is decided again, and nothing else.
    for clear in [false, true] {
        if clear {
            upkeep::clear_state(dir.path()).expect("cleared");
        }
        let server = Server::open(dir.path(), &clock, &strict, &[&mild, &last]);
        if clear {
            assert_eq!(server.told(), told);
        }
        assert_eq!(server.service.figures().missing_policies, 0);
        server.service.stop();
    }
    // A policy that is gone is told.
    upkeep::clear_state(dir.path()).expect("cleared");
    let server = Server::open(dir.path(), &clock, &last, &[&strict]);
    assert_eq!(server.service.figures().missing_policies, 2, "the mild one, at the beginning and once more");
    assert_eq!(&*server.service.policy_versions().0, "last", "what the files say now judges from now on");
}

/// Two tenants whose sources and records have the same names, and a carrier that has them too.
#[test]
fn tenants_with_the_same_names_and_ids_never_mix() {
    let dir = tempfile::tempdir().expect("a folder");
    let clock = HandClock::new(Timestamp::from_s(START_S).expect("a time"));
    let mild = common::policy("version = \"mild\"\n");
    let strict = common::policy("version = \"strict\"\n[prior]\nunwanted_share = 0.9\n");
    let server = Server::open(dir.path(), &clock, &mild, &[]);
    // One tenant's calls reach nobody, the other's are long, the carrier sees a third of them.
    let body = |count: i64, more: &str| {
        let line = |call: i64| {
            let (at, dest) = (START_S - 1500 + call * 5, 13_125_550_100 + call % 100);
            format!("{call},{at},+12155550112,+{dest},{more}\n")
        };
        "id,start,orig,dest,talk_s,q850\n".to_owned() + &(0..count).map(line).collect::<String>()
    };
    let sent = [
        ((1, SourceRole::Originating), body(60, "0,1")),
        ((2, SourceRole::Originating), body(90, "200,16")),
        ((3, SourceRole::Terminating), body(30, "20,16")),
    ];
    for (from, body) in &sent {
        let count = body.lines().count() as u64 - 1;
        let receipt = server.send(*from, body);
        assert_eq!((receipt.accepted, receipt.duplicate), (count, 0), "{from:?}");
        let receipt = server.send(*from, body);
        assert_eq!((receipt.accepted, receipt.duplicate), (0, count), "{from:?}");
    }
    server.hour();
    let seen = |server: &Server| {
        let now = server.service.now();
        let views = [Scope::Tenant(TenantId(1)), Scope::Tenant(TenantId(2)), Scope::Shared, Scope::Tenant(TenantId(3))];
        views.map(|view| {
            let found = server.service.number(tn(), TenantId(9), &[view])?;
            let tally = &found.number.d35.tally;
            let verdicts = found.number.verdicts.iter().map(|verdict| verdict.opinion.label());
            assert_eq!(now, server.service.now());
            Some((tally.attempts, tally.answered, tally.invalid(), verdicts.collect::<Vec<_>>()))
        })
    };
    let counts = |server: &Server| {
        seen(server).map(|view| view.map(|(attempts, answered, invalid, _)| (attempts, answered, invalid)))
    };
    let expected = [Some((60, 0, 60)), Some((90, 90, 0)), Some((30, 30, 0)), None];
    assert_eq!(counts(&server), expected);
    server.activate(&strict);
    let after = seen(&server);
    assert_eq!(counts(&server), expected, "a policy changes no fact");
    server.service.stop();
    drop(server);
    upkeep::clear_state(dir.path()).expect("cleared");
    let server = Server::open(dir.path(), &clock, &strict, &[&mild]);
    assert_eq!(seen(&server), after, "folded anew, each view is as it was");
    for (from, body) in &sent {
        assert_eq!(server.send(*from, body).accepted, 0, "what was taken is known");
    }
    // What one tenant is told of, the others are not.
    let told = |tenant: u32| server.history.of(tn(), TenantId(tenant), 100).expect("in memory").len();
    assert_eq!(told(2), told(9), "nobody but the first tenant has changes of its own");
    assert!(told(1) > told(9), "the first tenant's calls reach nobody");
}

#[test]
fn a_watched_policy_is_there_at_once_and_after_a_restart() {
    let traffic = Traffic::new(2);
    let strict = common::policy("version = \"strict\"\n[prior]\nunwanted_share = 0.6\n");
    let other = common::policy("version = \"other\"\n[prior]\nunwanted_share = 0.000001\n");
    let events = stream(&traffic, traffic.at(24 * 4 + 3));
    let apply = |fold: &mut Fold| {
        for (at, event) in events.iter().enumerate() {
            fold.apply(Position(at as u64), event, &mut Vec::new());
        }
    };
    let found = |fold: &Fold| fold.reader().differences(Scope::Shared, None, 1000);
    let mut always = fold(&traffic);
    always.watch(Some(Arc::clone(&strict)));
    apply(&mut always);
    let expected = found(&always);
    assert!(!expected.is_empty());

    let mut late = fold(&traffic);
    apply(&mut late);
    let before: Vec<Vec<u8>> = (0..late.parts()).map(|part| late.snapshot(part)).collect();
    late.watch(Some(Arc::clone(&strict)));
    late.step_shadow();
    assert_eq!(found(&late), expected, "at once");
    late.watch(Some(Arc::clone(&other)));
    late.step_shadow();
    assert_ne!(found(&late), expected, "another one's differences are its own");
    late.watch(Some(Arc::clone(&strict)));
    late.step_shadow();
    assert_eq!(found(&late), expected);
    let after: Vec<Vec<u8>> = (0..late.parts()).map(|part| late.snapshot(part)).collect();
    assert_eq!(before, after, "what is shown is as it was");

    let mut again = fold(&traffic);
    for (part, bytes) in before.iter().enumerate() {
        again.restore(part, Position(events.len() as u64), bytes).expect("what was written");
    }
    again.watch(Some(strict));
    again.step_shadow();
    assert_eq!(found(&again), expected, "after a restart");
}
