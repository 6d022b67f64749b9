//! What every adapter of the registry must hold to, topic by topic. `battery!` makes a test of each.
#![cfg(test)]

pub(super) mod audit;
pub(super) mod deliveries;
pub(super) mod history;
pub(super) mod idempotency;
pub(super) mod imports;
pub(super) mod keys;
pub(super) mod meta;
pub(super) mod tenants;
pub(super) mod webhooks;

use model::{TelephoneNumber, Timestamp};

use super::{
    Actor, Change, DeliveryId, KeyId, KeySecret, Name, NewKey, NewSource, NewWebhook, Registry, Scope, Tenant,
    WebhookId, WebhookSecret,
};
use crate::{SourceRole, TenantId};

/// A place where one registry lives. Opening it again finds what was written.
pub(super) trait Bench {
    fn open(&self) -> Box<dyn Registry>;
}

/// Makes a test of each topic; the expression makes a [`Bench`] of its own for each.
macro_rules! battery {
    ($bench:expr) => {
        $crate::registry::battery::battery! { $bench;
            meta: identity_is_kept, settings_are_put;
            tenants: tenants_are_listed, tenant_refusals, sources_are_listed, source_refusals;
            keys: keys_live_and_are_revoked, key_refusals, keys_are_listed, a_ring_sees_other_processes, a_ring_notes_use;
            webhooks: webhooks_are_edited, webhook_refusals, webhooks_are_listed;
            deliveries: deliveries_are_tried_until_settled, a_delivery_is_made_once, waiting_is_bounded,
                paused_webhooks_wait, deliveries_are_replayed, deliveries_are_listed_and_trimmed;
            idempotency: requests_are_done_once, requests_are_given_back, claims_expire;
            history: history_is_listed, history_is_told_once, history_is_trimmed, numbers_are_forgotten;
            imports: imports_go_on, imports_are_listed_and_trimmed;
            audit: changes_leave_lines, refusals_leave_none, lines_are_listed, lines_are_bounded;
        }
    };
    ($bench:expr; $($topic:ident: $($check:ident),*;)*) => {$(
        mod $topic {
            #[allow(unused_imports)]
            use super::*;
            $(#[test]
            fn $check() {
                $crate::registry::battery::$topic::$check(&$bench);
            })*
        }
    )*};
}
pub(super) use battery;

/// A moment, `s` seconds into the test's time.
pub(super) fn at(s: i64) -> Timestamp {
    Timestamp::from_s(1_790_000_000 + s).expect("in range")
}

/// A change by a command, `s` seconds into the test's time.
pub(super) fn change(s: i64) -> Change {
    Change { by: Actor::Command, at: at(s) }
}

pub(super) fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

/// A fictional number.
pub(super) fn tn(line: u64) -> TelephoneNumber {
    TelephoneNumber::from_digits(12_155_550_100 + line).expect("a number")
}

pub(super) fn secret(seed: u8) -> KeySecret {
    KeySecret::new([seed; 32])
}

pub(super) fn key_id(seed: u8) -> KeyId {
    KeyId::new(at(i64::from(seed)), [seed; 10])
}

pub(super) fn webhook_id(seed: u8) -> WebhookId {
    WebhookId::new(at(i64::from(seed)), [seed; 10])
}

pub(super) fn delivery_id(seed: u64) -> DeliveryId {
    let [.., a, b] = seed.to_be_bytes();
    DeliveryId::new(at(i64::try_from(seed).expect("small")), [0, 0, 0, 0, 0, 0, 0, 0, a, b])
}

/// A key of the operator that may look labels up.
pub(super) fn lookup_key(seed: u8) -> NewKey {
    NewKey {
        id: key_id(seed),
        hash: secret(seed).hash(),
        name: name(&format!("key-{seed}")),
        tenant: TenantId::OPERATOR,
        source: None,
        scopes: [Scope::Lookup].into_iter().collect(),
        expires_at: None,
    }
}

/// A webhook of the tenant for changed labels.
pub(super) fn new_webhook(tenant: TenantId, seed: u8) -> NewWebhook {
    NewWebhook {
        id: webhook_id(seed),
        tenant,
        url: format!("https://example.org/hook/{seed}"),
        secret: WebhookSecret([seed; 32]),
        kinds: super::EventKind::ALL.into_iter().collect(),
    }
}

/// A tenant with an originating source named `dialer`.
pub(super) fn clinic(registry: &dyn Registry) -> Tenant {
    let tenant = registry.create_tenant(&name("clinic"), &change(0)).expect("a new tenant");
    let source = NewSource { tenant: tenant.id, name: name("dialer"), role: SourceRole::Originating, carrier: None };
    registry.create_source(&source, &change(0)).expect("a new source");
    tenant
}

/// The code of what must be a refusal.
pub(super) fn code<T: std::fmt::Debug>(result: Result<T, super::RegistryError>) -> &'static str {
    result.expect_err("a refusal").code()
}
