//! Those who talk to the server: senders that repeat themselves until they are answered, one who looks up, one who listens.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

use anyhow::Context as _;

use crate::http::{Answer, Request, ask, line, listen};
use crate::ledger::Ledger;
use crate::random::Random;
use crate::server::Whereabouts;
use crate::traffic::{Batch, Traffic};

/// How long a sender waits before it asks a server again that refused it.
const AGAIN: Duration = Duration::from_millis(20);

/// What all of them share.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    pub(crate) server: &'a Whereabouts,
    pub(crate) ledger: &'a Ledger,
    /// No further body is begun.
    pub(crate) enough: &'a AtomicBool,
}

/// Sends bodies until it is enough, each until it is acknowledged; says so after each.
pub(crate) fn send(desk: &Desk<'_>, key: &str, mut traffic: Traffic, acknowledged: &Sender<()>) {
    // A call that was begun is told to its end.
    while !desk.enough.load(Ordering::Acquire) || traffic.is_begun() {
        let batch = traffic.next();
        if send_one(desk, key, &batch).is_none() {
            return;
        }
        let _nobody_counts = acknowledged.send(());
    }
}

/// Sends one body until it is acknowledged; `None` when no server comes any more.
fn send_one(desk: &Desk<'_>, key: &str, batch: &Batch) -> Option<()> {
    let request = Request { key, what: batch.what, headers: &batch.headers, body: &batch.body };
    for tries in 1.. {
        let address = desk.server.wait()?;
        match ask(&address, &request) {
            Ok(Answer { status: 200, body }) => {
                let receipt = serde_json::from_str(&body).unwrap_or_default();
                desk.ledger.lock().acknowledge(batch, tries, &receipt);
                return Some(());
            }
            Ok(Answer { status: 429 | 503, .. }) => desk.server.wait_gone(&address, AGAIN),
            Ok(Answer { status, body }) => {
                desk.ledger.fault(format!("{} is answered with {status}: {body}", batch.what));
                return None;
            }
            // It died. The next one is asked.
            Err(_) => desk.server.wait_gone(&address, AGAIN),
        }
    }
    None
}

/// Looks labels up until it is enough.
pub(crate) fn look_up(desk: &Desk<'_>, key: &str, mut random: Random) {
    let numbers: Vec<u64> = Traffic::numbers().map(|(tn, _)| tn).collect();
    while !desk.enough.load(Ordering::Acquire) {
        let Some(address) = desk.server.wait() else { return };
        let place = random.below(numbers.len() as u64) as usize;
        let Some(tn) = numbers.get(place) else { return };
        let what = format!("GET /v1/labels/+{tn}");
        match ask(&address, &Request { key, what: &what, headers: "", body: &[] }) {
            Ok(Answer { status: 200, .. }) => desk.ledger.lock().look_ups += 1,
            Ok(Answer { status, body }) => desk.ledger.fault(format!("{what} is answered with {status}: {body}")),
            Err(_) => {}
        }
        desk.server.wait_gone(&address, AGAIN);
    }
}

/// Listens until no server comes any more, and goes on after each where it was.
pub(crate) fn hear(desk: &Desk<'_>, key: &str) {
    while let Some(address) = desk.server.wait() {
        let last = desk.ledger.lock().told.last().copied().unwrap_or(0);
        // However it ends, the next one is asked.
        let _ended = hear_one(desk, key, &address, last);
        desk.server.wait_gone(&address, AGAIN);
    }
}

fn hear_one(desk: &Desk<'_>, key: &str, address: &str, last: u64) -> anyhow::Result<()> {
    let headers = format!("accept: text/event-stream\r\nlast-event-id: event_{last}\r\n");
    let mut stream = listen(address, &Request { key, what: "GET /v1/events", headers: &headers, body: &[] })?;
    let (mut id, mut is_change) = (None, false);
    loop {
        let line = line(&mut stream)?;
        if let Some(text) = line.strip_prefix("id:") {
            id = Some(text.trim().strip_prefix("event_").context("an id")?.parse::<u64>()?);
        } else if let Some(kind) = line.strip_prefix("event:") {
            is_change = kind.trim() == "label.changed";
            if !is_change {
                desk.ledger.fault(format!("the listener is told {kind}"));
            }
        } else if line.is_empty() && is_change {
            // An event counts once its empty line is there.
            desk.ledger.lock().told.extend(id.take());
            is_change = false;
        }
    }
}
