//! What the server says of itself.

use std::net::SocketAddr;
use std::time::Duration;

use crate::http::{Connection, get};

/// The server's metrics at one moment.
pub(crate) struct Metrics(String);

/// How often the server is asked whether it has caught up.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl Metrics {
    /// Asks for them.
    pub(crate) fn scrape(address: SocketAddr) -> anyhow::Result<Self> {
        let mut connection = Connection::open(address)?;
        let answer = connection.exchange(&get("/metrics", "none"))?;
        Ok(Self(String::from_utf8_lossy(answer.body).into_owned()))
    }

    /// One value without labels; 0 when it is not there.
    pub(crate) fn value(&self, name: &str) -> f64 {
        let of_name = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok();
        self.0.lines().find_map(of_name).unwrap_or(0.0)
    }

    /// Records on disk.
    pub(crate) fn accepted(&self) -> u64 {
        self.value("ringtrue_records_accepted_total") as u64
    }

    /// Events that are on disk and not in facts and labels yet.
    pub(crate) fn lag(&self) -> u64 {
        self.value("ringtrue_fold_lag_events") as u64
    }
}

/// Waits until everything that is on disk is in facts and labels.
pub(crate) fn wait_until_folded(address: SocketAddr) -> anyhow::Result<()> {
    while Metrics::scrape(address)?.lag() > 0 {
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}
