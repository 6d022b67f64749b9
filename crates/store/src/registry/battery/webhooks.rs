//! Webhooks.
#![cfg(test)]

use super::{Bench, at, change, clinic, code, new_webhook, webhook_id};
use crate::TenantId;
use crate::registry::{EventKindSet, Limit, Page, WEBHOOKS_MAX, WebhookEdit, WebhookSecret};

pub(in crate::registry) fn webhooks_are_edited(bench: &dyn Bench) {
    let registry = bench.open();
    let tenant = clinic(&*registry).id;
    let made = registry.create_webhook(&new_webhook(tenant, 1), &change(1)).expect("a new webhook");
    assert!(made.active);
    assert_eq!(made.created_at, at(1));
    let edit = WebhookEdit { active: Some(false), secret: Some(WebhookSecret([9; 32])), ..WebhookEdit::default() };
    let edited = registry.edit_webhook(tenant, made.id, &edit, &change(2)).expect("edited");
    assert_eq!((edited.active, &edited.secret, &edited.url), (false, &WebhookSecret([9; 32]), &made.url));
    let edit = WebhookEdit { url: Some("http://127.0.0.1:9/x".to_owned()), ..WebhookEdit::default() };
    let edited = registry.edit_webhook(tenant, made.id, &edit, &change(3)).expect("edited");
    assert_eq!((edited.active, edited.url.as_str(), edited.kinds), (false, "http://127.0.0.1:9/x", made.kinds));
    drop(registry);
    let again = bench.open();
    assert_eq!(again.webhook(tenant, made.id).expect("there"), edited);
    again.delete_webhook(tenant, made.id, &change(4)).expect("deleted");
    assert_eq!(code(again.webhook(tenant, made.id)), "NOT_FOUND");
}

pub(in crate::registry) fn webhook_refusals(bench: &dyn Bench) {
    let registry = bench.open();
    let tenant = clinic(&*registry).id;
    let made = registry.create_webhook(&new_webhook(tenant, 1), &change(1)).expect("a new webhook");
    let mut bad = new_webhook(tenant, 2);
    bad.url = "file:///etc/passwd".to_owned();
    assert_eq!(code(registry.create_webhook(&bad, &change(1))), "BAD_VALUE");
    bad.url = format!("https://example.org/{}", "x".repeat(2048));
    assert_eq!(code(registry.create_webhook(&bad, &change(1))), "VALUE_TOO_LONG");
    let mut bad = new_webhook(tenant, 2);
    bad.kinds = EventKindSet::default();
    assert_eq!(code(registry.create_webhook(&bad, &change(1))), "BAD_VALUE");
    assert_eq!(code(registry.create_webhook(&new_webhook(TenantId(77), 2), &change(1))), "NOT_FOUND");
    let edit = WebhookEdit { kinds: Some(EventKindSet::default()), ..WebhookEdit::default() };
    assert_eq!(code(registry.edit_webhook(tenant, made.id, &edit, &change(1))), "BAD_VALUE");
    let edit = WebhookEdit { url: Some(String::new()), ..WebhookEdit::default() };
    assert_eq!(code(registry.edit_webhook(tenant, made.id, &edit, &change(1))), "BAD_VALUE");

    let foreign = TenantId::OPERATOR;
    assert_eq!(code(registry.webhook(foreign, made.id)), "NOT_FOUND");
    assert_eq!(code(registry.edit_webhook(foreign, made.id, &WebhookEdit::default(), &change(1))), "NOT_FOUND");
    assert_eq!(code(registry.delete_webhook(foreign, made.id, &change(1))), "NOT_FOUND");
    assert_eq!(registry.webhook(tenant, made.id).expect("untouched"), made);
}

pub(in crate::registry) fn webhooks_are_listed(bench: &dyn Bench) {
    let registry = bench.open();
    let tenant = clinic(&*registry).id;
    registry.create_webhook(&new_webhook(TenantId::OPERATOR, 200), &change(1)).expect("a new webhook");
    for seed in 1..=u8::try_from(WEBHOOKS_MAX).expect("few") {
        registry.create_webhook(&new_webhook(tenant, seed), &change(1)).expect("a new webhook");
    }
    assert_eq!(code(registry.create_webhook(&new_webhook(tenant, 99), &change(1))), "LIMIT_REACHED");
    let page = Page { after: None, limit: Limit::nearest(49) };
    let first = registry.webhooks(Some(tenant), &page).expect("a page");
    assert_eq!(first.next, Some(webhook_id(49)));
    let second = registry.webhooks(Some(tenant), &Page { after: first.next, ..page }).expect("a page");
    assert_eq!(second.items.iter().map(|webhook| webhook.id).collect::<Vec<_>>(), [webhook_id(50)]);
    assert_eq!(registry.webhooks(None, &Page::first()).expect("a page").items.len(), 51);
}
