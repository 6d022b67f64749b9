//! Arguments of `ringtrue key`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use model::Timestamp;
use model::time::DAY_MS;
use store::SourceRole;
use store::registry::{Name, Scope};

use crate::error::ScoreError;

/// Arguments of `ringtrue key`.
#[derive(Args)]
pub(crate) struct KeyArgs {
    /// What to do with keys.
    #[command(subcommand)]
    pub(super) action: KeyAction,
}

/// What to do with keys.
#[derive(Subcommand)]
pub(super) enum KeyAction {
    /// Create a key and print it, alone, on standard output. It is shown this once.
    Create(CreateArgs),
    /// List keys, without their secrets.
    List(ListArgs),
    /// Revoke a key for good.
    Revoke(RevokeArgs),
}

/// Arguments of `ringtrue key create`.
#[derive(Args)]
pub(super) struct CreateArgs {
    /// The data directory; it is made if it does not exist.
    #[arg(long, value_name = "DIR")]
    pub(super) data: PathBuf,
    /// What the key is called in lists and in the audit.
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(super) name: Name,
    /// What the key may do: ingest, lookup, report, read, read:facts, review, admin. May be given several times.
    #[arg(long, value_name = "SCOPE", required = true, value_parser = scope)]
    pub(super) scope: Vec<Scope>,
    /// Whose key it is; the operator's by default. A new name makes a new tenant.
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(super) tenant: Option<Name>,
    /// The source that the key sends for; `local` by default for a key that ingests. A new name makes a new source.
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(super) source: Option<Name>,
    /// What a new source shows: terminating, a carrier's own traffic, or originating, a caller's own records. The operator's are
    /// terminating by default, others' originating.
    #[arg(long, value_name = "ROLE", value_parser = role)]
    pub(super) role: Option<SourceRole>,
    /// The terminating carrier whose own traffic a new source is, such as tmobile: where its calls ended whose records name no
    /// carrier.
    #[arg(long, value_name = "KEY", value_parser = name)]
    pub(super) carrier: Option<Name>,
    /// When the key stops working: a time, or days from now such as 90d. By default it works until it is revoked.
    #[arg(long, value_name = "TIME|DAYS")]
    pub(super) expires: Option<String>,
}

/// Arguments of `ringtrue key list`.
#[derive(Args)]
pub(super) struct ListArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub(super) data: PathBuf,
    /// Only this tenant's keys.
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(super) tenant: Option<Name>,
    /// Revoked keys too.
    #[arg(long)]
    pub(super) all: bool,
    /// As one JSON document.
    #[arg(long)]
    pub(super) json: bool,
}

/// Arguments of `ringtrue key revoke`.
#[derive(Args)]
pub(super) struct RevokeArgs {
    /// The key's id (key_…) or name; not the key itself.
    #[arg(value_name = "KEY")]
    pub(super) key: String,
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub(super) data: PathBuf,
    /// Whose key it is; the operator's by default.
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(super) tenant: Option<Name>,
}

/// Reads a name.
pub(crate) fn name(text: &str) -> Result<Name, String> {
    Name::new(text).map_err(|error| error.to_string())
}

/// When a key stops working: a moment after `now`.
pub(super) fn expiry(text: &str, now: Timestamp) -> Result<Timestamp, ScoreError> {
    let refused = |detail: &str| ScoreError::Argument { argument: "--expires", detail: format!("`{text}` {detail}") };
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u16>().ok());
    let at = match days {
        Some(days) => now.saturating_add_ms(i64::from(days) * DAY_MS),
        None => intake::time::parse_time(text.as_bytes(), "--expires", None)
            .map_err(|_| refused("is neither a time, such as 2027-01-31T00:00:00Z, nor days, such as 90d"))?,
    };
    if at <= now { Err(refused("is not in the future")) } else { Ok(at) }
}

fn scope(word: &str) -> Result<Scope, String> {
    Scope::from_word(word).ok_or_else(|| format!("scopes are {}", Scope::ALL.map(Scope::as_str).join(", ")))
}

pub(crate) fn role(word: &str) -> Result<SourceRole, String> {
    SourceRole::from_word(word).ok_or_else(|| "roles are terminating and originating".to_owned())
}
