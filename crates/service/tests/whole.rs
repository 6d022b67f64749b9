//! The whole service on a disk: calls come in, a label comes out; it stays through stops, backups and a fold from nothing.

mod common;

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use model::{Label, TelephoneNumber, Timestamp};
use service::fold::Fold;
use service::policy::Known;
use service::upkeep::{self, UpkeepError};
use service::{
    ActivateError, Body, HandClock, Heard, LabelHistory, LabelQuestion, MemoryHistory, OpenError, Origin, Parts,
    Service, Shown, SourceRole, TenantId,
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

fn open(data: &Path, clock: &HandClock, carriers: &[&str]) -> Result<Server, OpenError> {
    let fold = Fold::new(common::policy(""), Known::default(), 1);
    let history = Arc::new(MemoryHistory::default());
    let parts = Parts { history: Arc::clone(&history) as Arc<_>, ..common::parts_in(data, clock, fold) };
    let reading = intake::Options { carriers: carriers.iter().map(|&key| key.into()).collect(), ..Default::default() };
    let service = common::opened(data, reading, parts)?;
    Ok(Server { service, clock: clock.clone(), history })
}

impl Server {
    fn shown(&self) -> Shown {
        self.service.label(&LabelQuestion::new(tn(), TenantId(1))).label.shown
    }

    /// An hour of calls of which most are short or reach nobody.
    fn bad_hour(&self, hour: i64) {
        let mut body = "id,start,orig,dest,talk_s,q850\n".to_owned();
        for call in 0..200 {
            let at = START_S + hour * 3600 - 1500 + call * 5;
            let dest = 13_125_550_100 + call % 100;
            let (talk, cause) = if call % 3 == 0 { (0, 1) } else { (2, 16) };
            writeln!(body, "{hour}-{call},{at},+12155550112,+{dest},{talk},{cause}").expect("text");
        }
        let origin = Origin { tenant: TenantId(1), source: "gateway".into(), role: SourceRole::Terminating };
        let admitted = self.service.admit(body.len()).expect("room");
        let pending = self.service.ingest_calls(admitted, &Arc::new(origin), Body::new(body.as_bytes())).expect("read");
        assert_eq!(pending.wait().expect("taken").accepted, 200);
        self.clock.advance_ms(3_600_000);
        self.service.tick();
        self.service.settle();
    }
}

#[test]
fn a_label_stays_through_stops_backups_and_a_fold_from_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, copy, again) = (dir.path().join("data"), dir.path().join("copy"), dir.path().join("again"));
    let clock = HandClock::new(Timestamp::from_s(START_S).expect("a time"));
    let server = open(&data, &clock, &["att"]).expect("opened");
    let mut listener = server.service.subscribe(TenantId(9), None);
    for hour in 0..6 {
        server.bad_hour(hour);
    }
    let shown = server.shown();
    assert!(matches!(shown, Shown::Label(label) if label > Label::None), "{shown:?}");
    let told = server.history.of(tn(), TenantId(9), 10).expect("in memory");
    assert!(!told.is_empty(), "the change was told");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let heard = runtime.block_on(listener.next()).expect("a change");
    assert!(matches!(heard, Heard::Changes(changes) if changes.first().is_some_and(|told| told.change.tn == tn())));

    let copied = upkeep::backup(&data, &copy, server.service.now()).expect("copied while it works");
    assert!(copied.files >= 3, "{copied:?}");
    assert!(matches!(upkeep::backup(&data, &copy, server.service.now()), Err(UpkeepError::NotEmpty { .. })));
    assert!(server.service.keep().is_some());
    server.service.stop();
    drop(server);

    assert!(upkeep::verify(&data).expect("read").is_well());
    let inspected = upkeep::inspect(&data).expect("read");
    assert_eq!(inspected.snapshots.read_from, Some(inspected.log.events.end), "all is kept");
    upkeep::restore(&copy, &again).expect("restored");
    assert_eq!(upkeep::clear_state(&data).expect("cleared").snapshots, inspected.snapshots.files);
    assert!(matches!(open(&data, &clock, &["verizon", "att"]), Err(OpenError::Carriers { .. })));
    for folder in [&data, &again] {
        let server = open(folder, &clock, &["att", "verizon"]).expect("opened");
        assert_eq!(server.shown(), shown);
        let retold = server.history.of(tn(), TenantId(9), 10).expect("in memory");
        assert_eq!(retold, told, "nothing is decided twice");
    }
}

#[test]
fn a_policy_is_activated_by_its_version() {
    let dir = tempfile::tempdir().expect("a folder");
    let clock = HandClock::new(Timestamp::from_s(START_S).expect("a time"));
    let server = open(dir.path(), &clock, &[]).expect("opened");
    let same = server.service.activate(common::policy(""));
    assert!(matches!(same, Err(ActivateError::SameVersion { .. })));
    server.service.activate(common::policy("version = \"other\"")).expect("logged");
    server.service.settle();
    let answer = server.service.label(&LabelQuestion::new(tn(), TenantId(1)));
    assert_eq!(&*answer.policy_version, "other");
}
