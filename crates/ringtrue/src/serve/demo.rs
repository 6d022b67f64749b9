//! `--demo`: the sample's calls, as if they had been placed up to now, and a key to look at them with.

use std::sync::Arc;

use model::Timestamp;
use model::time::DAY_MS;
use service::{Body, Condition, Service};
use store::registry::{
    Actor, Change, KeyId, KeySecret, Name, NewKey, NewSource, Registry, RegistryError, Scope, system_random,
};
use store::{Origin, SourceRole, TenantId};

use crate::said::say;

/// An outbound team's two weeks, with fictional numbers.
const CALLS: &str = include_str!("../../../../fixtures/sample/calls.csv");
/// The place of the start in a line.
const START: usize = 1;
const SOURCE: &str = "demo";

/// Makes a key with every scope, and says it on standard error.
pub(super) fn make_key(registry: &dyn Registry, now: Timestamp) -> Result<(), RegistryError> {
    let change = Change { by: Actor::Command, at: now };
    let name = Name::new(SOURCE).expect("a name");
    let tenant = TenantId::OPERATOR;
    if registry.source(tenant, &name)?.is_none() {
        let source = NewSource { tenant, name: name.clone(), role: SourceRole::Terminating, carrier: None };
        registry.create_source(&source, &change)?;
    }
    let secret = KeySecret::new(system_random()?);
    let key = NewKey {
        id: KeyId::new(now, system_random()?),
        hash: secret.hash(),
        // Each start makes a key of its own: the secret of the one before is not kept.
        name: Name::new(&format!("{SOURCE}-{}", now.as_ms())).expect("a name"),
        tenant,
        source: Some(name),
        scopes: Scope::ALL.into_iter().collect(),
        expires_at: Some(now.saturating_add_ms(DAY_MS)),
    };
    registry.create_key(&key, &change)?;
    say(&format!("demo: a key for everything, valid for a day: {}", secret.expose()));
    Ok(())
}

/// Takes the sample in once the service is ready. Its records have ids, so another start takes none of them again.
pub(super) fn take_sample(service: &Service) {
    if service.wait_until_started() != Condition::Ready {
        return;
    }
    let calls = shifted(CALLS, service.now());
    let origin = Arc::new(Origin { tenant: TenantId::OPERATOR, source: SOURCE.into(), role: SourceRole::Terminating });
    let body = Body { history: true, ..Body::new(calls.as_bytes()) };
    let taken = service.admit(calls.len()).and_then(|admitted| service.ingest_calls(admitted, &origin, body));
    match taken.and_then(service::Pending::wait) {
        Ok(receipt) => say(&format!("demo: {} calls of ten imagined numbers, such as +12155550112", receipt.accepted)),
        Err(error) => say(&format!("demo: the sample could not be taken in: {error}")),
    }
}

/// The lines with their times moved by whole days, so that the last call is of the last day.
fn shifted(lines: &str, now: Timestamp) -> String {
    let start = |line: &str| {
        let text = line.split(',').nth(START)?;
        intake::time::parse_time(text.as_bytes(), "start", None).ok()
    };
    let last = lines.lines().filter_map(start).max().unwrap_or(now);
    // Half an hour more: a call ends later than it starts.
    let days = (now.as_ms() - last.as_ms() - DAY_MS / 48).div_euclid(DAY_MS);
    let moved = |line: &str| match start(line) {
        Some(at) => {
            let mut fields: Vec<&str> = line.split(',').collect();
            let text = at.saturating_add_ms(days * DAY_MS).to_string();
            if let Some(field) = fields.get_mut(START) {
                *field = &text;
            }
            fields.join(",") + "\n"
        }
        None => format!("{line}\n"),
    };
    lines.lines().map(moved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_ends_within_the_last_day() {
        let now = Timestamp::from_s(1_795_429_800).expect("a time");
        let moved = shifted(CALLS, now);
        assert_eq!(moved.lines().count(), CALLS.lines().count());
        assert_eq!(moved.lines().next(), CALLS.lines().next());
        let start = |line: &str| intake::time::parse_time(line.split(',').nth(START)?.as_bytes(), "start", None).ok();
        let last = moved.lines().filter_map(start).max().expect("calls");
        assert!(last < now && now.as_ms() - last.as_ms() <= DAY_MS + DAY_MS / 48, "{last}");
    }
}
