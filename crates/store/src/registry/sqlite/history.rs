//! The history of labels in SQLite.

use model::{TelephoneNumber, Timestamp};
use rusqlite::{Row, params};

use super::SqliteRegistry;
use super::values::{At, LabelWord, Tn, count, rows};
use crate::registry::{Audience, History, HistoryEntry, Limit, Listing, NewHistoryEntry, Page, RegistryError};
use crate::{LabelChange, TenantId};

impl History for SqliteRegistry {
    fn add_history(&self, entries: &[NewHistoryEntry]) -> Result<u64, RegistryError> {
        self.write("add to the label history", |tx| {
            let mut insert = tx.prepare_cached(
                "INSERT INTO label_history (tn, engine, audience, position, label_from, label_to, effective_at,
                 decided_at, policy_version, provisional, reasons)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING",
            )?;
            let mut added = 0;
            for NewHistoryEntry { audience, position, change } in entries {
                added += insert.execute(params![
                    Tn(change.tn),
                    change.engine,
                    audience,
                    position,
                    LabelWord(change.from),
                    LabelWord(change.to),
                    At(change.effective_at),
                    At(change.decided_at),
                    change.policy_version,
                    change.provisional,
                    change.reasons.join(" "),
                ])?;
            }
            Ok(count(added))
        })
    }

    fn history(
        &self,
        tn: TelephoneNumber,
        audience: Audience,
        page: &Page<u64>,
    ) -> Result<Listing<HistoryEntry, u64>, RegistryError> {
        self.read("list a number's label history", |connection| {
            let before = page.after.unwrap_or(i64::MAX.unsigned_abs());
            let entries = rows(
                connection,
                "SELECT * FROM label_history WHERE tn = ?1 AND audience = ?2 AND place < ?3
                     ORDER BY place DESC LIMIT ?4",
                params![Tn(tn), audience, before, page.limit.one_more()],
                entry,
            )?;
            Ok(Listing::cut(entries, page.limit, |entry| entry.place))
        })
    }

    fn history_since(
        &self,
        own: Option<TenantId>,
        page: &Page<u64>,
    ) -> Result<Listing<HistoryEntry, u64>, RegistryError> {
        self.read("list the label history", |connection| {
            let entries = rows(
                connection,
                "SELECT * FROM label_history WHERE audience IN (?1, ?2) AND place > ?3 ORDER BY place LIMIT ?4",
                params![
                    Audience::Shared,
                    own.map_or(Audience::Shared, Audience::Tenant),
                    page.after.unwrap_or(0),
                    page.limit.one_more()
                ],
                entry,
            )?;
            Ok(Listing::cut(entries, page.limit, |entry| entry.place))
        })
    }

    fn trim_history(&self, before: Timestamp, limit: Limit) -> Result<u64, RegistryError> {
        self.write("trim the label history", |tx| {
            let trimmed = tx.execute(
                "DELETE FROM label_history WHERE place IN
                 (SELECT place FROM label_history WHERE decided_at < ?1 ORDER BY decided_at LIMIT ?2)",
                params![At(before), limit.get()],
            )?;
            Ok(count(trimmed))
        })
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<HistoryEntry> {
    let reasons: String = row.get("reasons")?;
    Ok(HistoryEntry {
        place: row.get("place")?,
        audience: row.get("audience")?,
        position: row.get("position")?,
        change: LabelChange {
            tn: row.get::<_, Tn>("tn")?.0,
            engine: row.get("engine")?,
            from: row.get::<_, LabelWord>("label_from")?.0,
            to: row.get::<_, LabelWord>("label_to")?.0,
            effective_at: row.get::<_, At>("effective_at")?.0,
            decided_at: row.get::<_, At>("decided_at")?.0,
            policy_version: row.get("policy_version")?,
            provisional: row.get("provisional")?,
            reasons: reasons.split_ascii_whitespace().map(Box::from).collect(),
        },
    })
}
