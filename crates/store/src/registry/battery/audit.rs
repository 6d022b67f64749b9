//! The audit.
#![cfg(test)]

use serde_json::json;

use super::{Bench, at, change, clinic, code, lookup_key, name, new_webhook, secret};
use crate::TenantId;
use crate::registry::{Action, Actor, AuditFilter, AuditLine, Change, Limit, Page, Registry, WebhookEdit};

fn lines(registry: &dyn Registry, subject: Option<&str>) -> Vec<AuditLine> {
    let filter = AuditFilter { tenant: None, subject: subject.map(str::to_owned) };
    registry.audit_lines(&filter, &Page::first()).expect("a page").items
}

pub(in crate::registry) fn changes_leave_lines(bench: &dyn Bench) {
    let registry = bench.open();
    let tenant = clinic(&*registry).id;
    let by = Change { by: Actor::Key(super::key_id(8)), at: at(7) };
    let key = registry.create_key(&lookup_key(1), &by).expect("a new key");
    registry.revoke_key(TenantId::OPERATOR, key.id, &change(8)).expect("revoked");
    registry.revoke_key(TenantId::OPERATOR, key.id, &change(9)).expect("revoked before");
    let hook = registry.create_webhook(&new_webhook(tenant, 1), &change(9)).expect("a new webhook").id;
    let edit = WebhookEdit { active: Some(false), ..WebhookEdit::default() };
    registry.edit_webhook(tenant, hook, &edit, &change(10)).expect("edited");
    registry.delete_webhook(tenant, hook, &change(11)).expect("deleted");
    drop(registry);

    let registry = bench.open();
    let actions: Vec<Action> = lines(&*registry, None).iter().rev().map(|line| line.action).collect();
    let expect = [
        Action::TenantCreated,
        Action::SourceCreated,
        Action::KeyCreated,
        Action::KeyRevoked,
        Action::WebhookCreated,
        Action::WebhookChanged,
        Action::WebhookDeleted,
    ];
    assert_eq!(actions, expect);
    let of_key = lines(&*registry, Some(&key.id.to_string()));
    let [revoked, created] = of_key.as_slice() else { panic!("two lines") };
    assert_eq!((created.tenant, revoked.tenant), (TenantId::OPERATOR, TenantId::OPERATOR));
    assert_eq!((created.by, created.at, &created.before), (by.by, at(7), &None));
    assert_eq!((revoked.by, revoked.at, &revoked.before), (Actor::Command, at(8), &created.after));
    let after = revoked.after.as_ref().and_then(|after| after.get("revoked_at"));
    assert_eq!(after, Some(&json!(at(8).to_string())));
    let shown = secret(1).expose();
    assert!(lines(&*registry, None).iter().all(|line| !format!("{line:?}").contains(&shown)));
}

pub(in crate::registry) fn refusals_leave_none(bench: &dyn Bench) {
    let registry = bench.open();
    registry.create_tenant(&name("clinic"), &change(1)).expect("a new tenant");
    assert_eq!(code(registry.create_tenant(&name("clinic"), &change(2))), "DUPLICATE_NAME");
    assert_eq!(code(registry.delete_webhook(TenantId(1), super::webhook_id(1), &change(2))), "NOT_FOUND");
    assert_eq!(lines(&*registry, None).len(), 1);
}

pub(in crate::registry) fn lines_are_listed(bench: &dyn Bench) {
    let registry = bench.open();
    for s in 0..5 {
        let line = AuditLine {
            place: 0,
            at: at(s),
            by: Actor::Service,
            action: Action::PolicyActivated,
            tenant: TenantId(u32::from(s == 4)),
            subject: format!("policy-{}", s % 2),
            before: None,
            after: Some(json!({ "s": s })),
        };
        assert_eq!(registry.add_audit_line(&line).expect("added"), u64::try_from(s).expect("small") + 1);
    }
    let page = Page { after: None, limit: Limit::nearest(3) };
    let all = AuditFilter::default();
    let first = registry.audit_lines(&all, &page).expect("a page");
    let second = registry.audit_lines(&all, &Page { after: first.next, ..page.clone() }).expect("a page");
    let places: Vec<u64> = first.items.iter().chain(&second.items).map(|line| line.place).collect();
    assert_eq!((places, second.next), (vec![5, 4, 3, 2, 1], None));
    let one = AuditFilter { tenant: None, subject: Some("policy-0".to_owned()) };
    let listed = registry.audit_lines(&one, &Page { after: Some(5), ..page }).expect("a page");
    assert_eq!(listed.items.iter().map(|line| line.place).collect::<Vec<_>>(), [3, 1]);
    let places = |tenant, subject: Option<&str>| {
        let filter = AuditFilter { tenant: Some(TenantId(tenant)), subject: subject.map(str::to_owned) };
        let listed = registry.audit_lines(&filter, &Page::first()).expect("a page").items;
        listed.iter().map(|line| line.place).collect::<Vec<_>>()
    };
    assert_eq!((places(1, None), places(0, None), places(2, None)), (vec![5], vec![4, 3, 2, 1], vec![]));
    assert_eq!(places(0, Some("policy-0")), [3, 1], "a tenant sees its own lines");
}

pub(in crate::registry) fn lines_are_bounded(bench: &dyn Bench) {
    let registry = bench.open();
    let line = |subject: usize, after: usize| AuditLine {
        place: 0,
        at: at(0),
        by: Actor::Service,
        action: Action::Restored,
        tenant: TenantId::OPERATOR,
        subject: "s".repeat(subject),
        before: None,
        after: Some(json!("a".repeat(after))),
    };
    assert!(registry.add_audit_line(&line(256, 65_534)).is_ok());
    assert_eq!(code(registry.add_audit_line(&line(257, 1))), "VALUE_TOO_LONG");
    assert_eq!(code(registry.add_audit_line(&line(1, 65_535))), "VALUE_TOO_LONG");
}
