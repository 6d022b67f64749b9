//! The history of labels.
#![cfg(test)]

use model::Label;

use super::{Bench, at, change, clinic, new_webhook, tn};
use crate::registry::{
    Audience, AuditFilter, EventKind, HistoryEntry, Limit, NewDelivery, NewHistoryEntry, Page, Registry,
};
use crate::{LabelChange, TenantId};

/// The change at `position`, of the number with that line.
fn entry(line: u64, audience: Audience, position: u64) -> NewHistoryEntry {
    let s = i64::try_from(position).expect("small");
    let change = LabelChange {
        tn: tn(line),
        engine: "hiya".into(),
        from: Label::None,
        to: Label::SpamLikely,
        effective_at: at(s),
        decided_at: at(s + 1),
        policy_version: "2026-11".into(),
        provisional: position % 2 == 1,
        reasons: if position == 3 { vec![] } else { vec!["SHORT_CALLS".into(), "REPORTS".into()] },
    };
    NewHistoryEntry { audience, position, change }
}

fn shared(line: u64, positions: &[u64]) -> Vec<NewHistoryEntry> {
    positions.iter().map(|position| entry(line, Audience::Shared, *position)).collect()
}

fn positions(items: &[HistoryEntry]) -> Vec<u64> {
    items.iter().map(|entry| entry.position).collect()
}

fn all(registry: &dyn Registry, line: u64, audience: Audience) -> Vec<HistoryEntry> {
    registry.history(tn(line), audience, &Page::first()).expect("a page").items
}

pub(in crate::registry) fn history_is_listed(bench: &dyn Bench) {
    let registry = bench.open();
    let own = Audience::Tenant(TenantId(3));
    let mut entries = shared(1, &[1, 2, 3, 4, 5]);
    entries.extend([entry(1, own, 6), entry(2, Audience::Shared, 7), entry(1, Audience::Tenant(TenantId(4)), 8)]);
    assert_eq!(registry.add_history(&entries).expect("added"), 8);
    drop(registry);
    let registry = bench.open();
    let page = Page { after: None, limit: Limit::nearest(3) };
    let first = registry.history(tn(1), Audience::Shared, &page).expect("a page");
    let second =
        registry.history(tn(1), Audience::Shared, &Page { after: first.next, ..page.clone() }).expect("a page");
    assert_eq!((positions(&first.items), positions(&second.items)), (vec![5, 4, 3], vec![2, 1]));
    assert_eq!(second.next, None);
    for (kept, new) in first.items.iter().chain(&second.items).zip(entries.get(..5).expect("five").iter().rev()) {
        assert_eq!((&kept.change, kept.position, kept.audience), (&new.change, new.position, new.audience));
    }
    assert_eq!(positions(&all(&*registry, 1, own)), [6], "a tenant's own view");
    assert_eq!(all(&*registry, 3, Audience::Shared), []);

    let three = Some(TenantId(3));
    let first = registry.history_since(three, &page).expect("a page");
    let second = registry.history_since(three, &Page { after: first.next, ..page.clone() }).expect("a page");
    let third = registry.history_since(three, &Page { after: second.next, ..page }).expect("a page");
    assert_eq!((positions(&first.items), positions(&second.items)), (vec![1, 2, 3], vec![4, 5, 6]));
    assert_eq!((positions(&third.items), third.next), (vec![7], None));
    let shared = registry.history_since(None, &Page::first()).expect("a page");
    assert_eq!(positions(&shared.items), [1, 2, 3, 4, 5, 7]);
}

pub(in crate::registry) fn history_is_told_once(bench: &dyn Bench) {
    let registry = bench.open();
    assert_eq!(registry.add_history(&shared(1, &[1, 2])).expect("added"), 2);
    let mut again = shared(1, &[1, 2, 3]);
    again.push(entry(1, Audience::Tenant(TenantId(3)), 2));
    let mut engine = entry(1, Audience::Shared, 2);
    engine.change.engine = "tns".into();
    again.push(engine);
    assert_eq!(registry.add_history(&again).expect("added"), 3);
    assert_eq!(positions(&all(&*registry, 1, Audience::Shared)), [2, 3, 2, 1]);
    assert_eq!(registry.add_history(&[]).expect("nothing to add"), 0);
}

pub(in crate::registry) fn history_is_trimmed(bench: &dyn Bench) {
    let registry = bench.open();
    registry.add_history(&shared(1, &[1, 2, 3, 4])).expect("added");
    let last = all(&*registry, 1, Audience::Shared).first().map(|entry| entry.place);
    assert_eq!(registry.trim_history(at(4), Limit::nearest(1)).expect("trimmed"), 1);
    assert_eq!(registry.trim_history(at(4), Limit::MAX).expect("trimmed"), 1);
    assert_eq!(positions(&all(&*registry, 1, Audience::Shared)), [4, 3]);
    registry.trim_history(at(100), Limit::MAX).expect("trimmed");
    registry.add_history(&shared(1, &[5])).expect("added");
    let next = all(&*registry, 1, Audience::Shared).first().map(|entry| entry.place);
    assert!(next > last, "a place is never given twice");
}

pub(in crate::registry) fn numbers_are_forgotten(bench: &dyn Bench) {
    let registry = bench.open();
    let tenant = clinic(&*registry).id;
    let webhook = registry.create_webhook(&new_webhook(tenant, 1), &change(0)).expect("a new webhook").id;
    let delivery = |seed: u64| NewDelivery {
        id: super::delivery_id(seed),
        webhook,
        event: format!("event_{seed}"),
        kind: EventKind::LabelChanged,
        tn: (seed < 3).then(|| tn(seed)),
        body: "{}".to_owned(),
        at: at(0),
    };
    registry.enqueue_deliveries(&[delivery(1), delivery(2), delivery(3)]).expect("enqueued");
    registry.add_history(&shared(1, &[1, 2])).expect("added");
    registry.add_history(&[entry(1, Audience::Tenant(tenant), 3)]).expect("added");
    registry.add_history(&shared(2, &[4])).expect("added");
    assert_eq!(registry.forget_number(tn(1), &change(9)).expect("forgotten"), 4);
    assert_eq!(registry.forget_number(tn(1), &change(9)).expect("nothing to forget"), 0);
    assert_eq!(all(&*registry, 1, Audience::Shared), []);
    assert_eq!(positions(&all(&*registry, 2, Audience::Shared)), [4]);
    assert_eq!(registry.deliveries(tenant, webhook, None, &Page::first()).expect("a page").items.len(), 2);
    let filter = AuditFilter { tenant: None, subject: Some(tn(1).to_string()) };
    assert_eq!(registry.audit_lines(&filter, &Page::first()).expect("a page").items.len(), 2);
}
