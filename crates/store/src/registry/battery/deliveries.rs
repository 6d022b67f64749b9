//! Deliveries.
#![cfg(test)]

use super::{Bench, at, change, clinic, code, delivery_id, new_webhook, tn, webhook_id};
use crate::TenantId;
use crate::registry::{
    Attempt, AttemptOutcome, DeliveryState, Enqueued, EventKind, Limit, NewDelivery, PENDING_MAX, Page, Registry,
    WebhookEdit,
};

fn delivery(seed: u64) -> NewDelivery {
    NewDelivery {
        id: delivery_id(seed),
        webhook: webhook_id(1),
        event: format!("event_{seed}"),
        kind: EventKind::LabelChanged,
        tn: Some(tn(seed % 100)),
        body: "{\"type\":\"label.changed\"}".to_owned(),
        at: at(i64::try_from(seed).expect("small")),
    }
}

/// A registry with one webhook; returns whose it is.
fn begun(bench: &dyn Bench) -> (Box<dyn Registry>, TenantId) {
    let registry = bench.open();
    let tenant = clinic(&*registry).id;
    registry.create_webhook(&new_webhook(tenant, 1), &change(0)).expect("a new webhook");
    (registry, tenant)
}

fn added(added: u64) -> Enqueued {
    Enqueued { added, ..Enqueued::default() }
}

pub(in crate::registry) fn deliveries_are_tried_until_settled(bench: &dyn Bench) {
    let (registry, tenant) = begun(bench);
    let enqueued = registry.enqueue_deliveries(&[delivery(2), delivery(1), delivery(9)]).expect("enqueued");
    assert_eq!(enqueued, added(3));
    assert_eq!(registry.next_due().expect("readable"), Some(at(1)));
    assert_eq!(registry.take_due(at(0), at(60), Limit::MAX).expect("taken"), []);
    let due = registry.take_due(at(5), at(60), Limit::MAX).expect("taken");
    assert_eq!(due.iter().map(|due| due.delivery.id).collect::<Vec<_>>(), [delivery_id(1), delivery_id(2)]);
    let [first, second] = due.as_slice() else { panic!("two are due") };
    assert_eq!((first.url.as_str(), first.delivery.attempts), ("https://example.org/hook/1", 1));
    assert_eq!(first.secret, new_webhook(tenant, 1).secret);
    assert_eq!(registry.take_due(at(5), at(60), Limit::MAX).expect("taken"), [], "what is taken is not due");

    let error = "refused ".repeat(100);
    let retry = AttemptOutcome::Retry { next_attempt_at: at(30), error };
    registry.settle(first.delivery.id, &Attempt { at: at(6), status: Some(503), outcome: retry }).expect("settled");
    let outcome = AttemptOutcome::Delivered;
    registry.settle(second.delivery.id, &Attempt { at: at(7), status: Some(204), outcome }).expect("settled");
    drop(registry);

    let registry = bench.open();
    let due = registry.take_due(at(30), at(90), Limit::nearest(1)).expect("taken");
    let [third] = due.as_slice() else { panic!("one at a time") };
    assert_eq!(third.delivery.id, delivery_id(9), "due for the longest time");
    let due = registry.take_due(at(30), at(90), Limit::MAX).expect("taken");
    let [again] = due.as_slice() else { panic!("one is due again") };
    assert_eq!((again.delivery.id, again.delivery.attempts), (delivery_id(1), 2));
    assert_eq!((again.delivery.last_status, again.delivery.last_attempt_at), (Some(503), Some(at(6))));
    assert_eq!(again.delivery.last_error.as_ref().map(String::len), Some(256));
    let outcome = AttemptOutcome::Failed { error: "gone".to_owned() };
    registry.settle(again.delivery.id, &Attempt { at: at(31), status: None, outcome }).expect("settled");
    let due = registry.take_due(at(90), at(120), Limit::MAX).expect("taken");
    let ids: Vec<_> = due.iter().map(|due| due.delivery.id).collect();
    assert_eq!(ids, [delivery_id(9)], "an attempt whose process died is made again");
    let failed = registry.deliveries(tenant, webhook_id(1), Some(DeliveryState::Failed), &Page::first());
    let failed = failed.expect("a page").items;
    assert_eq!(failed.iter().map(|one| (one.id, one.last_status)).collect::<Vec<_>>(), [(delivery_id(1), None)]);
}

pub(in crate::registry) fn a_delivery_is_made_once(bench: &dyn Bench) {
    let (registry, tenant) = begun(bench);
    let mut twin = delivery(2);
    twin.event = delivery(1).event;
    let mut lost = delivery(3);
    lost.webhook = webhook_id(9);
    let enqueued = registry.enqueue_deliveries(&[delivery(1), twin, lost]).expect("enqueued");
    assert_eq!(enqueued, Enqueued { added: 1, repeated: 1, refused: 1 });
    let mut long = delivery(5);
    long.event = "x".repeat(65);
    assert_eq!(code(registry.enqueue_deliveries(&[delivery(4), long])), "VALUE_TOO_LONG");
    let mut large = delivery(5);
    large.body = "x".repeat(65_537);
    assert_eq!(code(registry.enqueue_deliveries(&[delivery(4), large])), "VALUE_TOO_LONG");
    let kept = registry.deliveries(tenant, webhook_id(1), None, &Page::first()).expect("a page").items;
    assert_eq!(kept.iter().map(|one| one.id).collect::<Vec<_>>(), [delivery_id(1)], "all or none");
    registry.delete_webhook(tenant, webhook_id(1), &change(1)).expect("deleted");
    assert_eq!(registry.next_due().expect("readable"), None);
    let late = Attempt { at: at(2), status: Some(200), outcome: AttemptOutcome::Delivered };
    registry.settle(delivery_id(1), &late).expect("no error when it is gone");
}

pub(in crate::registry) fn waiting_is_bounded(bench: &dyn Bench) {
    let (registry, _) = begun(bench);
    let many: Vec<NewDelivery> = (1..=PENDING_MAX + 5).map(delivery).collect();
    let enqueued = registry.enqueue_deliveries(&many).expect("enqueued");
    assert_eq!(enqueued, Enqueued { added: PENDING_MAX, repeated: 0, refused: 5 });
}

pub(in crate::registry) fn paused_webhooks_wait(bench: &dyn Bench) {
    let (registry, tenant) = begun(bench);
    registry.enqueue_deliveries(&[delivery(1)]).expect("enqueued");
    let set = |active| {
        let edit = WebhookEdit { active: Some(active), ..WebhookEdit::default() };
        registry.edit_webhook(tenant, webhook_id(1), &edit, &change(1)).expect("edited");
    };
    set(false);
    assert_eq!(registry.next_due().expect("readable"), None);
    assert_eq!(registry.take_due(at(9), at(60), Limit::MAX).expect("taken"), []);
    assert_eq!(registry.enqueue_deliveries(&[delivery(2)]).expect("told").refused, 1);
    set(true);
    assert_eq!(registry.take_due(at(9), at(60), Limit::MAX).expect("taken").len(), 1);
}

pub(in crate::registry) fn deliveries_are_replayed(bench: &dyn Bench) {
    let (registry, tenant) = begun(bench);
    registry.enqueue_deliveries(&[delivery(1)]).expect("enqueued");
    registry.take_due(at(1), at(60), Limit::MAX).expect("taken");
    let outcome = AttemptOutcome::Failed { error: "gone".to_owned() };
    registry.settle(delivery_id(1), &Attempt { at: at(2), status: Some(410), outcome }).expect("settled");
    let replay = |tenant, webhook, seed| registry.replay(tenant, webhook, delivery_id(seed), &change(3));
    assert_eq!(code(replay(TenantId::OPERATOR, webhook_id(1), 1)), "NOT_FOUND");
    assert_eq!(code(replay(tenant, webhook_id(1), 2)), "NOT_FOUND");
    assert_eq!(code(replay(tenant, webhook_id(2), 1)), "NOT_FOUND", "it belongs to another webhook");
    let again = replay(tenant, webhook_id(1), 1).expect("replayed");
    assert_eq!((again.state, again.attempts, again.next_attempt_at), (DeliveryState::Pending, 0, Some(at(3))));
    let due = registry.take_due(at(3), at(60), Limit::MAX).expect("taken");
    assert_eq!(due.iter().map(|due| due.delivery.event.as_str()).collect::<Vec<_>>(), ["event_1"]);
}

pub(in crate::registry) fn deliveries_are_listed_and_trimmed(bench: &dyn Bench) {
    let (registry, tenant) = begun(bench);
    registry.enqueue_deliveries(&(1..=5).map(delivery).collect::<Vec<_>>()).expect("enqueued");
    for seed in [1, 2, 4] {
        let done = Attempt { at: at(6), status: Some(200), outcome: AttemptOutcome::Delivered };
        registry.settle(delivery_id(seed), &done).expect("settled");
    }
    let page = Page { after: None, limit: Limit::nearest(2) };
    let list = |state, page: &_| registry.deliveries(tenant, webhook_id(1), state, page).expect("a page");
    let first = list(None, &page);
    assert_eq!(first.items.iter().map(|one| one.id).collect::<Vec<_>>(), [delivery_id(5), delivery_id(4)]);
    let second = list(None, &Page { after: first.next, ..page });
    assert_eq!(second.items.iter().map(|one| one.id).collect::<Vec<_>>(), [delivery_id(3), delivery_id(2)]);
    assert_eq!(code(registry.deliveries(TenantId::OPERATOR, webhook_id(1), None, &page)), "NOT_FOUND");
    assert_eq!(list(Some(DeliveryState::Pending), &Page::first()).items.len(), 2);
    assert_eq!(registry.trim_deliveries(at(4), Limit::nearest(1)).expect("trimmed"), 1);
    assert_eq!(registry.trim_deliveries(at(4), Limit::MAX).expect("trimmed"), 1);
    let left: Vec<_> = list(None, &Page::first()).items.iter().map(|one| one.id).collect();
    assert_eq!(left, [delivery_id(5), delivery_id(4), delivery_id(3)], "what waits is not trimmed");
}
