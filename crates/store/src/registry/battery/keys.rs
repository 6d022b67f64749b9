//! API keys and the ring that holds them in memory.
#![cfg(test)]

use super::{Bench, at, change, clinic, code, key_id, lookup_key, name, secret};
use crate::registry::{KeyRefusal, KeyRing, Limit, Page, Scope, ScopeSet};
use crate::{SourceRole, TenantId};

pub(in crate::registry) fn keys_live_and_are_revoked(bench: &dyn Bench) {
    let registry = bench.open();
    let tenant = clinic(&*registry).id;
    let mut new = lookup_key(1);
    new.tenant = tenant;
    new.source = Some(name("dialer"));
    new.scopes = [Scope::Ingest, Scope::ReadFacts].into_iter().collect();
    new.expires_at = Some(at(100));
    let before = registry.keys_generation().expect("readable");
    let key = registry.create_key(&new, &change(3)).expect("a new key");
    assert_eq!(key.source, Some((name("dialer"), SourceRole::Originating)));
    assert_eq!((key.tenant, key.scopes, key.expires_at), (tenant, new.scopes, Some(at(100))));
    assert_eq!((key.created_at, key.last_used_day, key.revoked_at), (at(3), None, None));
    let created = registry.keys_generation().expect("readable");
    assert!(created > before);
    drop(registry);

    let registry = bench.open();
    assert_eq!(registry.live_keys().expect("readable"), (created, vec![key.clone()]));
    registry.note_use(&[(key.id, 20_000), (key_id(9), 20_000)]).expect("noted");
    registry.note_use(&[(key.id, 19_999)]).expect("noted");
    let revoked = registry.revoke_key(tenant, key.id, &change(4)).expect("revoked");
    assert_eq!((revoked.revoked_at, revoked.last_used_day), (Some(at(4)), Some(20_000)));
    assert_eq!(registry.revoke_key(tenant, key.id, &change(5)).expect("revoked before"), revoked);
    assert!(registry.keys_generation().expect("readable") > created);
    assert_eq!(registry.live_keys().expect("readable").1, []);
    assert_eq!(bench.open().keys(Some(tenant), &Page::first()).expect("a page").items, [revoked]);
}

pub(in crate::registry) fn key_refusals(bench: &dyn Bench) {
    let registry = bench.open();
    let tenant = clinic(&*registry).id;
    let key = registry.create_key(&lookup_key(1), &change(1)).expect("a new key");
    let mut other = lookup_key(2);
    other.name = key.name.clone();
    assert_eq!(code(registry.create_key(&other, &change(1))), "DUPLICATE_NAME");
    other.tenant = tenant;
    other.source = Some(name("nowhere"));
    assert_eq!(code(registry.create_key(&other, &change(1))), "NOT_FOUND");
    other.source = None;
    other.scopes = [Scope::Ingest].into_iter().collect();
    assert_eq!(code(registry.create_key(&other, &change(1))), "BAD_VALUE");
    other.scopes = ScopeSet::default();
    assert_eq!(code(registry.create_key(&other, &change(1))), "BAD_VALUE");
    other.tenant = TenantId(77);
    assert_eq!(code(registry.create_key(&other, &change(1))), "NOT_FOUND");
    assert_eq!(code(registry.revoke_key(tenant, key.id, &change(1))), "NOT_FOUND");
    assert_eq!(code(registry.revoke_key(tenant, key_id(9), &change(1))), "NOT_FOUND");
    let mut again = lookup_key(3);
    again.name = key.name.clone();
    registry.revoke_key(TenantId::OPERATOR, key.id, &change(2)).expect("revoked");
    assert!(registry.create_key(&again, &change(3)).is_ok(), "a revoked key's name is free");
    let mut twin = lookup_key(4);
    twin.hash = again.hash;
    assert_eq!(code(registry.create_key(&twin, &change(3))), "REGISTRY_FAILED");
}

pub(in crate::registry) fn keys_are_listed(bench: &dyn Bench) {
    let registry = bench.open();
    let tenant = clinic(&*registry).id;
    for seed in 1..=5 {
        let mut new = lookup_key(seed);
        new.tenant = if seed % 2 == 0 { tenant } else { TenantId::OPERATOR };
        registry.create_key(&new, &change(i64::from(seed))).expect("a new key");
    }
    let page = Page { after: None, limit: Limit::nearest(2) };
    let first = registry.keys(Some(TenantId::OPERATOR), &page).expect("a page");
    let second = registry.keys(Some(TenantId::OPERATOR), &Page { after: first.next, ..page }).expect("a page");
    let ids: Vec<_> = first.items.iter().chain(&second.items).map(|key| key.id).collect();
    assert_eq!(ids, [key_id(1), key_id(3), key_id(5)]);
    assert_eq!((first.next, second.next), (Some(key_id(3)), None));
    assert_eq!(registry.keys(None, &Page::first()).expect("a page").items.len(), 5);
}

pub(in crate::registry) fn a_ring_sees_other_processes(bench: &dyn Bench) {
    let (serving, command) = (bench.open(), bench.open());
    let ring = KeyRing::load(&*serving).expect("readable");
    let shown = secret(1).expose();
    assert_eq!(ring.find(&shown, at(1)).expect_err("not yet"), KeyRefusal::Unknown);
    let mut new = lookup_key(1);
    new.expires_at = Some(at(50));
    command.create_key(&new, &change(1)).expect("a new key");
    assert!(ring.refresh(&*serving).expect("readable"));
    assert!(!ring.refresh(&*serving).expect("readable"));
    assert_eq!(ring.find(&shown, at(49)).expect("known").id, new.id);
    assert_eq!(ring.find(&shown, at(50)).expect_err("expired"), KeyRefusal::Expired);
    assert_eq!(ring.find(&secret(2).expose(), at(1)).expect_err("another"), KeyRefusal::Unknown);
    let other_check = format!("{}{}", &shown[..60], if shown.ends_with('0') { '1' } else { '0' });
    for text in ["", "rt_", &shown[..60], &format!("{}u", &shown[..60]), &other_check] {
        assert_eq!(ring.find(text, at(1)).expect_err("malformed").code(), "KEY_MALFORMED");
    }
    command.revoke_key(TenantId::OPERATOR, new.id, &change(2)).expect("revoked");
    assert!(ring.refresh(&*serving).expect("readable"));
    assert_eq!(ring.find(&shown, at(3)).expect_err("revoked"), KeyRefusal::Unknown);
}

pub(in crate::registry) fn a_ring_notes_use(bench: &dyn Bench) {
    let registry = bench.open();
    registry.create_key(&lookup_key(1), &change(1)).expect("a new key");
    registry.create_key(&lookup_key(2), &change(1)).expect("a new key");
    let ring = KeyRing::load(&*registry).expect("readable");
    ring.find(&secret(1).expose(), at(5)).expect("known");
    registry.create_key(&lookup_key(3), &change(2)).expect("a new key");
    assert!(ring.refresh(&*registry).expect("readable"), "a refresh forgets no use");
    ring.note_use(&*registry).expect("noted");
    ring.note_use(&*registry).expect("nothing to note");
    let days: Vec<_> = bench.open().live_keys().expect("readable").1.iter().map(|key| key.last_used_day).collect();
    let today = u32::try_from(at(5).day()).expect("small");
    assert_eq!(days, [Some(today), None, None]);
}
