//! How often one network may do something.
//!
//! The generic cell rate algorithm in a bounded map of our own: a library would bring a map that grows with every address that
//! ever asked.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Networks remembered at once. Chosen: 65,536 entries are 3 MB.
const NETWORKS_MAX: usize = 65_536;
const MINUTE: Duration = Duration::from_secs(60);

/// Allows each network a number of requests a minute, all of them at once if it likes.
#[derive(Debug)]
pub struct RateLimit {
    per_minute: u32,
    /// When each network will have used up nothing.
    free_at: Mutex<HashMap<u64, Instant>>,
}

impl RateLimit {
    /// Allows `per_minute` requests a minute; 0 allows none.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute, free_at: Mutex::default() }
    }

    /// Takes one request of the network of `address` at `now`.
    ///
    /// # Errors
    /// The seconds after which the next one will be taken, at least 1.
    pub fn take(&self, address: IpAddr, now: Instant) -> Result<(), u32> {
        let Some(each) = MINUTE.checked_div(self.per_minute) else { return Err(60) };
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        if free_at.len() >= NETWORKS_MAX {
            free_at.retain(|_, free| *free > now);
            if free_at.len() >= NETWORKS_MAX {
                // Every remembered network asked within a minute: a flood, and no one knows who of them is honest.
                return Err(60);
            }
        }
        let free = free_at.entry(network(address)).or_insert(now);
        let next = (*free).max(now) + each;
        let over = next.saturating_duration_since(now + MINUTE);
        if over.is_zero() {
            *free = next;
            return Ok(());
        }
        Err(u32::try_from(over.as_secs()).unwrap_or(60).saturating_add(1))
    }
}

/// The network that an address stands for: an IPv4 address alone, the first 64 bits of an IPv6 address, since one customer
/// is given all addresses below them (RFC 6177 §2).
fn network(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(v4) => u64::from(v4.to_bits()),
        // A prefix in use is above every 32-bit value: global addresses begin with 001 (RFC 4291 §2.4).
        IpAddr::V6(v6) => u64::try_from(v6.to_bits() >> 64).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_network_gets_its_share_and_then_one_at_a_time() {
        let limit = RateLimit::new(3);
        let start = Instant::now();
        for _ in 0..3 {
            assert_eq!(limit.take(at("192.0.2.1"), start), Ok(()));
        }
        assert_eq!(limit.take(at("192.0.2.1"), start), Err(21));
        assert_eq!(limit.take(at("::ffff:192.0.2.1"), start), Err(21), "the same address in its other form");
        assert_eq!(limit.take(at("192.0.2.2"), start), Ok(()));
        assert_eq!(limit.take(at("192.0.2.1"), start + Duration::from_secs(20)), Ok(()));
        assert!(limit.take(at("192.0.2.1"), start + Duration::from_secs(20)).is_err());
    }

    #[test]
    fn addresses_of_one_ipv6_network_share() {
        let limit = RateLimit::new(1);
        let now = Instant::now();
        assert_eq!(limit.take(at("2001:db8:1:2::1"), now), Ok(()));
        assert!(limit.take(at("2001:db8:1:2:ffff::9"), now).is_err());
        assert_eq!(limit.take(at("2001:db8:1:3::1"), now), Ok(()));
    }

    #[test]
    fn the_map_is_bounded_and_forgets() {
        let limit = RateLimit::new(1);
        let start = Instant::now();
        for n in 0..u32::try_from(NETWORKS_MAX).expect("small") {
            assert_eq!(limit.take(IpAddr::from(n.to_be_bytes()), start), Ok(()));
        }
        assert_eq!(limit.take(at("203.0.113.1"), start), Err(60));
        assert_eq!(limit.take(at("203.0.113.1"), start + MINUTE), Ok(()));
        assert_eq!(RateLimit::new(0).take(at("192.0.2.1"), start), Err(60));
    }
}
