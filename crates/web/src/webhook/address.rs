//! Where a message may be sent.
//!
//! Whoever may set up a webhook makes this server open connections. Without a guard that would reach what stands beside it: the
//! machine itself, its network, the metadata address of its cloud.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::Uri;

/// The longest address that is taken.
const MAX_BYTES: usize = 2_048;

/// Where to connect, and what to ask for there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Whether the connection is encrypted.
    pub is_tls: bool,
    /// A name, or an address without brackets.
    pub host: String,
    /// The port, that of the scheme where none is written.
    pub port: u16,
    /// What the `Host` header says.
    pub authority: String,
    /// Path and query.
    pub path: String,
}

/// Why an address cannot be a webhook's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddressError {
    /// It cannot be read.
    #[error("the address is no URL of at most {MAX_BYTES} bytes")]
    Unreadable,
    /// Neither `https` nor, where that is allowed, `http`.
    #[error("the address begins with https://")]
    Scheme,
    /// It names a user or a password.
    #[error("the address holds a user name or password")]
    User,
    /// An address that is not public.
    #[error("the address does not lead to a public address")]
    NotPublic,
}

/// Reads the address of a webhook. `private` also allows plain `http` and addresses that are not public.
///
/// A name is not looked up here: where it leads may change, so [`is_public`] is asked of each connection.
///
/// # Errors
/// Says what is wrong with it.
pub fn read(text: &str, private: bool) -> Result<Target, AddressError> {
    if text.len() > MAX_BYTES {
        return Err(AddressError::Unreadable);
    }
    let uri: Uri = text.parse().map_err(|_| AddressError::Unreadable)?;
    let is_tls = match uri.scheme_str() {
        Some("https") => true,
        Some("http") if private => false,
        Some(_) | None => return Err(AddressError::Scheme),
    };
    let authority = uri.authority().ok_or(AddressError::Unreadable)?;
    if authority.as_str().contains('@') {
        return Err(AddressError::User);
    }
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    if host.is_empty() {
        return Err(AddressError::Unreadable);
    }
    if let Ok(address) = host.parse::<IpAddr>()
        && !private
        && !is_public(address)
    {
        return Err(AddressError::NotPublic);
    }
    let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let path = uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    Ok(Target { is_tls, host, port, authority: authority.to_string(), path })
}

/// Whether an address belongs to the public network: none of the special-purpose ones of IANA's registries (RFC 6890).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224.., _, _)
    );
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Only 2000::/3 is handed out (RFC 4291 §2.4); of it, IETF protocols with Teredo, documentation, and 6to4, which
    // leads to an IPv4 address of the sender's choice, are no public hosts.
    let handed_out = first & 0xe000 == 0x2000;
    let special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) || first == 0x2002 || first == 0x3fff;
    handed_out && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "fe80::1",
            "fc00::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "ff02::1",
        ] {
            assert!(!is_public(text.parse().expect("an address")), "{text}");
        }
        for text in ["1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2001:4860:4860::8888"] {
            assert!(is_public(text.parse().expect("an address")), "{text}");
        }
    }

    fn check(text: &str, private: bool, expect: Result<(&str, u16, &str), AddressError>) {
        let got = read(text, private);
        let got = got.as_ref().map(|target| (target.host.as_str(), target.port, target.path.as_str()));
        assert_eq!(got, expect.as_ref().map(|parts| *parts), "{text}");
    }

    #[test]
    fn addresses_are_read() {
        check("https://hooks.example.org/a?b=c", false, Ok(("hooks.example.org", 443, "/a?b=c")));
        check("https://hooks.example.org:8443", false, Ok(("hooks.example.org", 8443, "/")));
        check("https://[2606:4700::1111]/", false, Ok(("2606:4700::1111", 443, "/")));
        check("http://127.0.0.1:8080/x", true, Ok(("127.0.0.1", 8080, "/x")));
    }

    #[test]
    fn addresses_are_refused() {
        check("http://hooks.example.org/", false, Err(AddressError::Scheme));
        check("ftp://hooks.example.org/", true, Err(AddressError::Scheme));
        check("/relative", true, Err(AddressError::Scheme));
        check("https://", false, Err(AddressError::Unreadable));
        check("https://me:pw@hooks.example.org/", false, Err(AddressError::User));
        check("https://169.254.169.254/latest", false, Err(AddressError::NotPublic));
        check("https://[::1]/", false, Err(AddressError::NotPublic));
        check(&format!("https://a.example/{}", "x".repeat(MAX_BYTES)), false, Err(AddressError::Unreadable));
    }
}
