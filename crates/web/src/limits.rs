//! How much of everything the server takes.

use std::time::Duration;

use serde::Deserialize;

/// Limits of the server; each has a default that suits one machine.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections at once; one more is answered 503 and closed.
    pub connections_max: usize,
    /// Bytes of a request's line and headers together; at least 8,192. More is answered 431.
    pub header_bytes_max: usize,
    /// Headers of a request. More are answered 431.
    pub header_count_max: usize,
    /// Seconds for a request's headers to arrive, and that an idle connection is kept.
    pub header_time_s: u64,
    /// Seconds for a request as a whole, its body included. After them it is answered 408.
    pub request_time_s: u64,
    /// Seconds that a client may let the answer's bytes wait before its connection is closed.
    pub write_stall_s: u64,
    /// Bytes of a body as it is sent. More are answered 413.
    pub body_bytes_max: usize,
    /// Bytes of a body once it is unpacked. More are answered 413.
    pub unpacked_bytes_max: usize,
    /// Bytes of all bodies in hand together. A body beyond is answered 503.
    pub bodies_bytes_max: usize,
    /// Event streams open at once; one more is answered 503.
    pub event_streams_max: usize,
    /// Numbers of one batch look-up. More are answered 413.
    pub labels_max: usize,
    /// Anonymous reports a minute from one address (IPv4) or one network of 64 bits (IPv6); 0 takes none.
    pub anonymous_reports_per_minute: u32,
    /// Seconds that requests in hand may take when the server stops.
    pub grace_s: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Chosen: a descriptor each, below the 16,384 that the unit file asks for.
            connections_max: 12_000,
            header_bytes_max: 16 * 1024,
            header_count_max: 64,
            header_time_s: 20,
            request_time_s: 60,
            write_stall_s: 20,
            // Chosen: a batch of 1,000 calls is about 200 kB; importers send up to 50,000 at once.
            body_bytes_max: 16 * 1024 * 1024,
            unpacked_bytes_max: 64 * 1024 * 1024,
            bodies_bytes_max: 256 * 1024 * 1024,
            event_streams_max: 1_000,
            labels_max: 1_000,
            anonymous_reports_per_minute: 6,
            grace_s: 20,
        }
    }
}

impl Limits {
    /// How long headers may take.
    #[must_use]
    pub const fn header_time(&self) -> Duration {
        Duration::from_secs(self.header_time_s)
    }

    /// How long a request may take.
    #[must_use]
    pub const fn request_time(&self) -> Duration {
        Duration::from_secs(self.request_time_s)
    }

    /// How long the answer's bytes may wait for the client.
    #[must_use]
    pub const fn write_stall(&self) -> Duration {
        Duration::from_secs(self.write_stall_s)
    }

    /// How long requests in hand may take when the server stops.
    #[must_use]
    pub const fn grace(&self) -> Duration {
        Duration::from_secs(self.grace_s)
    }

    /// What does not hold together, as a sentence; `None` when all does.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        if self.header_bytes_max < 8_192 {
            return Some("header_bytes_max is at least 8192");
        }
        if self.connections_max == 0 || self.header_time_s == 0 || self.request_time_s == 0 || self.write_stall_s == 0 {
            return Some("connections_max, header_time_s, request_time_s and write_stall_s are at least 1");
        }
        if self.unpacked_bytes_max < self.body_bytes_max || self.bodies_bytes_max < self.unpacked_bytes_max {
            return Some("body_bytes_max <= unpacked_bytes_max <= bodies_bytes_max");
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_hold_together() {
        assert_eq!(Limits::default().fault(), None);
        assert!(Limits { header_bytes_max: 100, ..Limits::default() }.fault().is_some());
        assert!(Limits { connections_max: 0, ..Limits::default() }.fault().is_some());
        assert!(Limits { bodies_bytes_max: 1, ..Limits::default() }.fault().is_some());
    }
}
