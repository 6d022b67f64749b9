//! Tenants and sources.
#![cfg(test)]

use super::{Bench, at, change, clinic, code, name};
use crate::registry::{Limit, NewSource, Page};
use crate::{SourceRole, TenantId};

pub(in crate::registry) fn tenants_are_listed(bench: &dyn Bench) {
    let registry = bench.open();
    let operator = registry.tenant(TenantId::OPERATOR).expect("there from the start");
    let ids: Vec<TenantId> = ["b", "a", "c"]
        .into_iter()
        .map(|text| registry.create_tenant(&name(text), &change(1)).expect("a new tenant").id)
        .collect();
    let mut page = Page { after: None, limit: Limit::nearest(3) };
    let first = registry.tenants(&page).expect("a page");
    let names: Vec<&str> = first.items.iter().map(|tenant| tenant.name.as_str()).collect();
    assert_eq!(names, ["operator", "b", "a"]);
    assert_eq!(first.items.first(), Some(&operator));
    assert_eq!(first.next, ids.get(1).copied());
    page.after = first.next;
    let second = registry.tenants(&page).expect("a page");
    assert_eq!((second.items.len(), second.next), (1, None));
    drop(registry);
    let again = bench.open();
    let found = again.tenant_named(&name("a")).expect("readable").expect("there");
    assert_eq!((Some(&found.id), found.created_at), (ids.get(1), at(1)));
    assert_eq!(again.tenant(found.id).expect("there"), found);
    assert_eq!(again.create_tenant(&name("d"), &change(2)).expect("a new tenant").id.0, found.id.0 + 2);
}

pub(in crate::registry) fn tenant_refusals(bench: &dyn Bench) {
    let registry = bench.open();
    assert_eq!(code(registry.create_tenant(&name("operator"), &change(1))), "DUPLICATE_NAME");
    assert_eq!(code(registry.tenant(TenantId(77))), "NOT_FOUND");
    assert_eq!(registry.tenant_named(&name("nobody")).expect("readable"), None);
}

pub(in crate::registry) fn sources_are_listed(bench: &dyn Bench) {
    let registry = bench.open();
    let tenant = clinic(&*registry).id;
    for text in ["zebra", "alpha"] {
        let new = NewSource { tenant, name: name(text), role: SourceRole::Terminating, carrier: None };
        let source = registry.create_source(&new, &change(5)).expect("a new source");
        assert_eq!((source.role, source.created_at), (SourceRole::Terminating, at(5)));
    }
    let page = Page { after: None, limit: Limit::nearest(2) };
    let first = registry.sources(tenant, &page).expect("a page");
    assert_eq!(first.next, Some(name("dialer")));
    let second = registry.sources(tenant, &Page { after: first.next, ..page }).expect("a page");
    let names: Vec<&str> = first.items.iter().chain(&second.items).map(|source| source.name.as_str()).collect();
    assert_eq!(names, ["alpha", "dialer", "zebra"]);
    assert_eq!(second.next, None);
    assert_eq!(registry.sources(TenantId::OPERATOR, &Page::first()).expect("a page").items, []);
    let new = NewSource { tenant, name: name("edge"), role: SourceRole::Terminating, carrier: Some(name("tmobile")) };
    assert_eq!(registry.create_source(&new, &change(6)).expect("a new source").carrier, Some(name("tmobile")));
    let edge = bench.open().source(tenant, &name("edge")).expect("readable").expect("there");
    assert_eq!(edge.carrier, Some(name("tmobile")));
    let dialer = bench.open().source(tenant, &name("dialer")).expect("readable").expect("there");
    assert_eq!((dialer.role, dialer.carrier), (SourceRole::Originating, None));
}

pub(in crate::registry) fn source_refusals(bench: &dyn Bench) {
    let registry = bench.open();
    let tenant = clinic(&*registry).id;
    let new = |tenant| NewSource { tenant, name: name("dialer"), role: SourceRole::Terminating, carrier: None };
    assert_eq!(code(registry.create_source(&new(tenant), &change(1))), "DUPLICATE_NAME");
    assert_eq!(code(registry.create_source(&new(TenantId(77)), &change(1))), "NOT_FOUND");
    assert!(registry.create_source(&new(TenantId::OPERATOR), &change(1)).is_ok(), "names are a tenant's own");
    let mixed =
        NewSource { name: name("mixed"), role: SourceRole::Originating, carrier: Some(name("tmobile")), ..new(tenant) };
    assert_eq!(code(registry.create_source(&mixed, &change(1))), "BAD_VALUE");
    assert_eq!(registry.source(tenant, &name("other")).expect("readable"), None);
}
