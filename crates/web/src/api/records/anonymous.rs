//! Reports of people without a key.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use service::{Body, Origin, Service, SourceRole, TenantId};

use super::sent::taken;
use crate::app::App;
use crate::body::receive;
use crate::extract::json;
use crate::limits::Limits;
use crate::number::read_tn;
use crate::problem::{Code, Problem};
use crate::server::Peer;

/// The source that such reports count as.
const SOURCE: &str = "anonymous";
/// One report and a comment.
const BYTES_MAX: usize = 8 * 1024;

/// What a person without a key may say. Who reports is not among it: an id would let anybody speak as somebody else.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct AnonymousReport {
    tn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    called_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<String>,
    #[serde(skip_serializing)]
    #[expect(dead_code, reason = "taken so that a form may send it; comments are not kept")]
    comment: Option<String>,
}

/// A report as the service reads it: with its time, and the network that it came from, by which reports cluster.
#[derive(Clone, Debug, Serialize)]
struct Told {
    at: String,
    network: String,
    #[serde(flatten)]
    report: AnonymousReport,
}

/// Takes one report of a person without a key.
pub(super) async fn take(app: &App, Peer(address): Peer, request: Request) -> Result<Response, Problem> {
    if let Err(seconds) = app.anonymous.take(address, Instant::now()) {
        let detail = "too many reports came from this address; a key has no such limit";
        return Err(Problem::new(Code::RateLimited, detail).retry_after(seconds));
    }
    let limits = Limits { body_bytes_max: BYTES_MAX, unpacked_bytes_max: BYTES_MAX, ..app.limits.clone() };
    let body = receive(request, &limits, &app.budget).await?;
    let mut report: AnonymousReport = json(body.bytes())?;
    report.tn = read_tn(&report.tn, app.region)?.to_string();
    let told = Told { at: app.now().to_string(), network: network(address), report };
    let line = serde_json::to_vec(&told).expect("text is JSON");
    let service = app.service.clone();
    let answer = taken(move || {
        let admitted = service.admit(line.len())?;
        Service::ingest_reports(&service, admitted, &origin(), Body { format: Some("ndjson"), ..Body::new(&line) })
    });
    Ok(answer.await?.response())
}

fn origin() -> Arc<Origin> {
    Arc::new(Origin { tenant: TenantId::OPERATOR, source: SOURCE.into(), role: SourceRole::Terminating })
}

/// The network of an address, which the service keeps as a hash: the address (IPv4), or its first 64 bits (IPv6).
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
