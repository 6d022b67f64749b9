//! Keys as a table and as JSON.

use model::Timestamp;
use model::time::date;
use serde_json::{Value, json};
use store::registry::{ApiKey, Name};

/// One line a key, in columns under a header.
pub(super) fn table(keys: &[(ApiKey, Name)], now: Timestamp) -> String {
    let header = ["id", "name", "tenant", "source", "scopes", "created", "last used", "state"].map(str::to_owned);
    let rows: Vec<[String; 8]> =
        std::iter::once(header).chain(keys.iter().map(|(key, tenant)| row(key, tenant, now))).collect();
    // All cells are ASCII, so that bytes are columns.
    let mut widths = [0; 8];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.len().max(*width);
        }
    }
    let mut page = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        page.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        page.push('\n');
    }
    page
}

/// One document: `{items: […]}`, as lists of the API are.
pub(super) fn json(keys: &[(ApiKey, Name)], now: Timestamp) -> String {
    let items: Vec<Value> = keys.iter().map(|(key, tenant)| item(key, tenant, now)).collect();
    format!("{:#}\n", json!({ "items": items }))
}

fn row(key: &ApiKey, tenant: &Name, now: Timestamp) -> [String; 8] {
    let none = || "-".to_owned();
    [
        key.id.to_string(),
        key.name.to_string(),
        tenant.to_string(),
        key.source.as_ref().map_or_else(none, |(name, role)| match &key.carrier {
            Some(carrier) => format!("{name} ({}, {carrier})", role.as_str()),
            None => format!("{name} ({})", role.as_str()),
        }),
        key.scopes.to_string().replace(' ', ","),
        day(u32::try_from(key.created_at.day()).unwrap_or(0)),
        key.last_used_day.map_or_else(none, day),
        match key.expires_at {
            Some(end) if state(key, now) == "valid" => format!("valid until {end}"),
            Some(_) | None => state(key, now).to_owned(),
        },
    ]
}

fn item(key: &ApiKey, tenant: &Name, now: Timestamp) -> Value {
    json!({
        "id": key.id.to_string(),
        "name": key.name.as_str(),
        "tenant": tenant.as_str(),
        "source": key.source.as_ref().map(|(name, _)| name.as_str()),
        "carrier": key.carrier.as_ref().map(Name::as_str),
        "role": key.source.as_ref().map(|(_, role)| role.as_str()),
        "scopes": key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(),
        "created_at": key.created_at.to_string(),
        "expires_at": key.expires_at.map(|at| at.to_string()),
        "last_used": key.last_used_day.map(day),
        "revoked_at": key.revoked_at.map(|at| at.to_string()),
        "state": state(key, now),
    })
}

fn state(key: &ApiKey, now: Timestamp) -> &'static str {
    if key.revoked_at.is_some() {
        return "revoked";
    }
    if key.has_expired(now) { "expired" } else { "valid" }
}

/// A UTC day as `YYYY-MM-DD`.
fn day(days: u32) -> String {
    date(i64::from(days))
}
