//! How our values are written in columns, and read from them.

use model::{Label, TelephoneNumber, Timestamp};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Params, Row};

use crate::registry::{
    Action, Actor, Audience, DataId, DeliveryId, DeliveryState, EventKind, EventKindSet, KeyHash, KeyId, Name,
    ScopeSet, WebhookId, WebhookSecret,
};
use crate::{SourceRole, TenantId};

/// A moment, in milliseconds.
pub(super) struct At(pub(super) Timestamp);
/// A telephone number, as its digits.
pub(super) struct Tn(pub(super) TelephoneNumber);
/// A label, as its word.
pub(super) struct LabelWord(pub(super) Label);

#[derive(Debug, thiserror::Error)]
#[error("{text:?} is not of the form of {column}")]
struct Unreadable {
    column: &'static str,
    text: String,
}

fn unreadable(column: &'static str, text: impl ToString) -> FromSqlError {
    FromSqlError::Other(Box::new(Unreadable { column, text: text.to_string() }))
}

impl ToSql for At {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_ms().into())
    }
}

impl FromSql for At {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let ms = i64::column_result(value)?;
        Timestamp::from_ms(ms).map(Self).ok_or_else(|| unreadable("a moment", ms))
    }
}

impl ToSql for Tn {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0.digits()).unwrap_or(i64::MAX).into())
    }
}

impl FromSql for Tn {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let digits = u64::column_result(value)?;
        TelephoneNumber::from_digits(digits).map(Self).ok_or_else(|| unreadable("a telephone number", digits))
    }
}

impl ToSql for LabelWord {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_str().into())
    }
}

impl FromSql for LabelWord {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        let known = Label::ALL.into_iter().find(|label| label.as_str() == word);
        known.map(Self).ok_or_else(|| unreadable("a label", word))
    }
}

impl ToSql for TenantId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(i64::from(self.0).into())
    }
}

impl FromSql for TenantId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        u32::column_result(value).map(Self)
    }
}

impl ToSql for Audience {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Shared => Ok((-1i64).into()),
            Self::Tenant(id) => id.to_sql(),
        }
    }
}

impl FromSql for Audience {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        if i64::column_result(value)? == -1 {
            return Ok(Self::Shared);
        }
        TenantId::column_result(value).map(Self::Tenant)
    }
}

macro_rules! as_bytes {
    ($($name:ident: $to:expr, $from:expr;)*) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let to: fn(&$name) -> Vec<u8> = $to;
                Ok(to(self).into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                FromSql::column_result(value).map($from)
            }
        }
    )*};
}

as_bytes! {
    DataId: |id| id.to_bytes().to_vec(), DataId::from_bytes;
    KeyId: |id| id.to_bytes().to_vec(), KeyId::from_bytes;
    WebhookId: |id| id.to_bytes().to_vec(), WebhookId::from_bytes;
    DeliveryId: |id| id.to_bytes().to_vec(), DeliveryId::from_bytes;
    KeyHash: |hash| hash.0.to_vec(), KeyHash;
    WebhookSecret: |secret| secret.0.to_vec(), WebhookSecret;
}

macro_rules! as_text {
    ($($name:ident, $column:literal, $read:expr;)*) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.to_string().into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let text = value.as_str()?;
                let read: fn(&str) -> Option<$name> = $read;
                read(text).ok_or_else(|| unreadable($column, text))
            }
        }
    )*};
}

as_text! {
    Name, "a name", |text| Name::new(text).ok();
    ScopeSet, "scopes", ScopeSet::from_words;
    EventKind, "a kind of event", EventKind::from_word;
    EventKindSet, "kinds of events", EventKindSet::from_words;
    DeliveryState, "a delivery's state", DeliveryState::from_word;
    Actor, "an actor", Actor::from_text;
    Action, "an action", Action::from_word;
}

impl ToSql for SourceRole {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for SourceRole {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        Self::from_word(word).ok_or_else(|| unreadable("a source's role", word))
    }
}

/// The rows that a statement finds.
pub(super) fn rows<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(params, read)?.collect()
}

/// How many rows a statement changed.
pub(super) fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
