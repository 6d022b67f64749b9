//! Remembered answers.
#![cfg(test)]

use super::{Bench, at, code};
use crate::TenantId;
use crate::registry::{Claim, Limit, NewClaim, StoredResponse};

fn claim(key: &str, request: u8, s: i64) -> NewClaim<'_> {
    NewClaim { tenant: TenantId::OPERATOR, key, request_hash: [request; 32], now: at(s), lease_until: at(s + 60) }
}

fn response() -> StoredResponse {
    StoredResponse { status: 200, content_type: "application/json".to_owned(), body: b"{}".to_vec() }
}

pub(in crate::registry) fn requests_are_done_once(bench: &dyn Bench) {
    let registry = bench.open();
    assert_eq!(registry.claim(&claim("a", 1, 0)).expect("claimed"), Claim::Fresh);
    assert_eq!(registry.claim(&claim("a", 1, 1)).expect("asked"), Claim::InProgress);
    assert_eq!(registry.claim(&claim("a", 2, 1)).expect("asked"), Claim::OtherRequest);
    let other = NewClaim { tenant: TenantId(7), ..claim("a", 2, 1) };
    assert_eq!(registry.claim(&other).expect("claimed"), Claim::Fresh, "keys are a tenant's own");
    registry.complete(TenantId::OPERATOR, "a", &response(), at(1000)).expect("remembered");
    drop(registry);
    let registry = bench.open();
    assert_eq!(registry.claim(&claim("a", 1, 999)).expect("asked"), Claim::Done(response()));
    assert_eq!(registry.claim(&claim("a", 2, 999)).expect("asked"), Claim::OtherRequest);
    registry.release(TenantId::OPERATOR, "a").expect("an answer stays");
    let changed = StoredResponse { status: 500, ..response() };
    registry.complete(TenantId::OPERATOR, "a", &changed, at(2000)).expect("an answer stays");
    assert_eq!(registry.claim(&claim("a", 1, 999)).expect("asked"), Claim::Done(response()));
    assert_eq!(registry.claim(&claim("a", 2, 1000)).expect("claimed"), Claim::Fresh, "the answer has expired");
}

pub(in crate::registry) fn requests_are_given_back(bench: &dyn Bench) {
    let registry = bench.open();
    registry.claim(&claim("a", 1, 0)).expect("claimed");
    registry.release(TenantId::OPERATOR, "a").expect("given back");
    assert_eq!(registry.claim(&claim("a", 2, 1)).expect("claimed"), Claim::Fresh);
    registry.claim(&claim("b", 1, 0)).expect("claimed");
    registry.claim(&claim("c", 1, 0)).expect("claimed");
    registry.complete(TenantId::OPERATOR, "b", &response(), at(100)).expect("remembered");
    assert_eq!(registry.release_all().expect("given back"), 2, "a and c");
    assert_eq!(registry.claim(&claim("b", 1, 1)).expect("asked"), Claim::Done(response()), "an answer stays");
    for key in ["a", "c"] {
        assert_eq!(registry.claim(&claim(key, 2, 1)).expect("claimed"), Claim::Fresh);
    }
    registry.complete(TenantId::OPERATOR, "never claimed", &response(), at(9)).expect("nothing is remembered");
    assert_eq!(registry.claim(&claim("never claimed", 1, 1)).expect("claimed"), Claim::Fresh);
    assert_eq!(code(registry.claim(&claim(&"k".repeat(256), 1, 1))), "VALUE_TOO_LONG");
    let large = StoredResponse { body: vec![0; 1024 * 1024 + 1], ..response() };
    assert_eq!(code(registry.complete(TenantId::OPERATOR, "a", &large, at(9))), "VALUE_TOO_LONG");
}

pub(in crate::registry) fn claims_expire(bench: &dyn Bench) {
    let registry = bench.open();
    for key in ["a", "b", "c"] {
        registry.claim(&claim(key, 1, 0)).expect("claimed");
    }
    registry.complete(TenantId::OPERATOR, "c", &response(), at(100)).expect("remembered");
    assert_eq!(registry.claim(&claim("a", 1, 59)).expect("asked"), Claim::InProgress);
    assert_eq!(registry.claim(&claim("a", 1, 60)).expect("claimed"), Claim::Fresh, "its process died");
    assert_eq!(registry.trim_claims(at(60), Limit::MAX).expect("trimmed"), 1);
    assert_eq!(registry.trim_claims(at(500), Limit::nearest(1)).expect("trimmed"), 1);
    assert_eq!(registry.trim_claims(at(500), Limit::MAX).expect("trimmed"), 1);
}
