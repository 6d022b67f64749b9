//! `ringtrue key`: creates, lists and revokes the API keys of a data directory, beside a server that runs or without one.

pub(crate) mod args;
mod listing;

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use model::Timestamp;
use reputation::engines::Directory;
use service::{Clock as _, SystemClock};
use store::registry::{
    Actor, ApiKey, Change, Creation, DataId, KeyId, KeySecret, Keys as _, Limit, Name, NewKey, NewSource, Page,
    RegistryError, Scope, Source, SqliteRegistry, Subject, Tenant, Tenants as _, system_random,
};
use store::{SourceRole, TenantId};

pub(crate) use args::KeyArgs;

use args::{CreateArgs, KeyAction, ListArgs, RevokeArgs};

use crate::error::ScoreError;
use crate::said::{file_name, say};

/// What a key sends for where nothing else is said: what records without a source are of.
const DEFAULT_SOURCE: &str = "local";

/// Does what the arguments ask for.
pub(crate) fn key(args: &KeyArgs) -> Result<(), ScoreError> {
    let now = SystemClock.now();
    let page = match &args.action {
        KeyAction::Create(args) => create(args, now)?,
        KeyAction::List(args) => list(args, now)?,
        KeyAction::Revoke(args) => revoke(args, now)?,
    };
    match io::stdout().lock().write_all(page.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(ScoreError::Unwritable { file: "standard output".to_owned(), source: error })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Creates a key, with its tenant and source where they are new; the page is the secret alone.
fn create(args: &CreateArgs, now: Timestamp) -> Result<String, ScoreError> {
    let expires_at = args.expires.as_deref().map(|text| args::expiry(text, now)).transpose()?;
    begin_folder(&args.data)?;
    let data = Data::open(&args.data, now)?;
    let tenant = data.told(data.tenant_or_new(args.tenant.as_ref()))?;
    let scopes = args.scope.iter().copied().collect();
    let wants_source = args.source.is_some() || args.scope.contains(&Scope::Ingest);
    let wanted = WantedSource { source: args.source.as_ref(), role: args.role, carrier: args.carrier.as_ref() };
    let source = if wants_source { Some(data.source_or_new(&tenant, &wanted)?.name) } else { None };
    let secret = KeySecret::new(data.told(system_random())?);
    let key = NewKey {
        id: KeyId::new(now, data.told(system_random())?),
        hash: secret.hash(),
        name: args.name.clone(),
        tenant: tenant.id,
        source,
        scopes,
        expires_at,
    };
    let key = data.told(data.registry.create_key(&key, &data.change))?;
    say(&format!("{} is created; the key is shown this once", key.id));
    Ok(format!("{}\n", secret.expose()))
}

fn list(args: &ListArgs, now: Timestamp) -> Result<String, ScoreError> {
    let data = Data::open_begun(&args.data, now)?;
    let tenant = args.tenant.as_ref().map(|name| data.told(data.tenant(name))).transpose()?;
    let keys = data.told(data.keys(tenant.map(|tenant| tenant.id)))?;
    let mut listed = Vec::with_capacity(keys.len());
    for key in keys.into_iter().filter(|key| args.all || key.revoked_at.is_none()) {
        let tenant = data.told(data.registry.tenant(key.tenant))?;
        listed.push((key, tenant.name));
    }
    Ok(if args.json { listing::json(&listed, now) } else { listing::table(&listed, now) })
}

fn revoke(args: &RevokeArgs, now: Timestamp) -> Result<String, ScoreError> {
    let data = Data::open_begun(&args.data, now)?;
    let tenant = data.told(data.tenant_named(args.tenant.as_ref()))?;
    let id = match args.key.parse::<KeyId>() {
        Ok(id) => id,
        Err(_) => data.told(data.id_of(tenant.id, &args.key))?,
    };
    let key = data.told(data.registry.revoke_key(tenant.id, id, &data.change))?;
    say(&format!("{} ({}) is revoked; a running server refuses it within a second", key.id, key.name));
    Ok(String::new())
}

/// Makes the data directory, should it not be there, for its owner alone.
pub(crate) fn begin_folder(folder: &Path) -> Result<(), ScoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| ScoreError::Unwritable { file: file_name(folder), source })
}

/// Refuses a folder that is no data directory.
pub(crate) fn is_begun(folder: &Path) -> Result<(), ScoreError> {
    if folder.join(SqliteRegistry::FILE_NAME).is_file() {
        return Ok(());
    }
    Err(ScoreError::NoData { folder: file_name(folder) })
}

/// Opens the registry of a data directory, and makes it where it is not there.
pub(crate) fn open_registry(folder: &Path, now: Timestamp) -> Result<SqliteRegistry, ScoreError> {
    let told = |source| ScoreError::Registry { folder: file_name(folder), source };
    let creation = Creation { id: DataId::new(now, system_random().map_err(told)?), at: now };
    SqliteRegistry::open(&folder.join(SqliteRegistry::FILE_NAME), &creation).map_err(told)
}

/// A source, as arguments or a configuration name it.
#[derive(Clone, Copy, Default)]
pub(crate) struct WantedSource<'a> {
    /// Its name; `local` by default.
    pub(crate) source: Option<&'a Name>,
    /// What a new one shows; `None` leaves it to whose it is.
    pub(crate) role: Option<SourceRole>,
    /// The carrier whose own traffic a new one is; `None` for several, or none that is known.
    pub(crate) carrier: Option<&'a Name>,
}

/// The source of a data directory that records are of, and its tenant, the operator by default. Both are made where they are new.
pub(crate) fn source_in(
    folder: &Path,
    tenant: Option<&Name>,
    wanted: &WantedSource<'_>,
    now: Timestamp,
) -> Result<Source, ScoreError> {
    begin_folder(folder)?;
    let data = Data::open(folder, now)?;
    let tenant = data.told(data.tenant_or_new(tenant))?;
    data.source_or_new(&tenant, wanted)
}

/// An open data directory, and who changes it now.
struct Data {
    folder: String,
    registry: SqliteRegistry,
    change: Change,
}

impl Data {
    fn open(folder: &Path, now: Timestamp) -> Result<Self, ScoreError> {
        let registry = open_registry(folder, now)?;
        Ok(Self { folder: file_name(folder), registry, change: Change { by: Actor::Command, at: now } })
    }

    /// Opens a data directory that is there.
    fn open_begun(folder: &Path, now: Timestamp) -> Result<Self, ScoreError> {
        is_begun(folder)?;
        Self::open(folder, now)
    }

    fn told<T>(&self, result: Result<T, RegistryError>) -> Result<T, ScoreError> {
        result.map_err(|source| ScoreError::Registry { folder: self.folder.clone(), source })
    }

    /// The tenant of that name, the operator's without one.
    fn tenant_named(&self, name: Option<&Name>) -> Result<Tenant, RegistryError> {
        name.map_or_else(|| self.registry.tenant(TenantId::OPERATOR), |name| self.tenant(name))
    }

    fn tenant(&self, name: &Name) -> Result<Tenant, RegistryError> {
        let missing = || RegistryError::NotFound { subject: Subject::Tenant, id: name.to_string() };
        self.registry.tenant_named(name)?.ok_or_else(missing)
    }

    fn tenant_or_new(&self, name: Option<&Name>) -> Result<Tenant, RegistryError> {
        let Some(name) = name else { return self.registry.tenant(TenantId::OPERATOR) };
        if let Some(tenant) = self.registry.tenant_named(name)? {
            return Ok(tenant);
        }
        let tenant = self.registry.create_tenant(name, &self.change)?;
        say(&format!("tenant {name} is new: {}", tenant.id));
        Ok(tenant)
    }

    /// The source that records are of. One that exists keeps its role, and another role for it is refused.
    fn source_or_new(&self, tenant: &Tenant, args: &WantedSource<'_>) -> Result<Source, ScoreError> {
        let name = match args.source {
            Some(name) => name.clone(),
            None => {
                args::name(DEFAULT_SOURCE).map_err(|detail| ScoreError::Argument { argument: "--source", detail })?
            }
        };
        if let Some(source) = self.told(self.registry.source(tenant.id, &name))? {
            if args.role.is_some_and(|role| role != source.role) {
                let detail = format!("source {name} is {} and stays so; name another source", source.role.as_str());
                return Err(ScoreError::Argument { argument: "--role", detail });
            }
            if args.carrier.is_some() && args.carrier != source.carrier.as_ref() {
                let of = source.carrier.as_ref().map_or("of no carrier in particular", Name::as_str);
                let detail = format!("source {name} is {of} and stays so; name another source");
                return Err(ScoreError::Argument { argument: "--carrier", detail });
            }
            return Ok(source);
        }
        // The operator vouches for its own sources; nobody vouches for those of others until it says so.
        let operator = tenant.id == TenantId::OPERATOR;
        let default = if operator { SourceRole::Terminating } else { SourceRole::Originating };
        let role = args.role.unwrap_or(default);
        let carrier = args.carrier.map(|key| self.carrier(key, role)).transpose()?;
        let new = NewSource { tenant: tenant.id, name, role, carrier };
        let source = self.told(self.registry.create_source(&new, &self.change))?;
        let of = source.carrier.as_ref().map(|carrier| format!(", the traffic of {carrier}")).unwrap_or_default();
        say(&format!("source {} of tenant {} is new: {}{of}", source.name, tenant.name, source.role.as_str()));
        Ok(source)
    }

    /// A carrier's key as the directory spells it: the one that a server on this data directory used, else the shipped one.
    fn carrier(&self, key: &Name, role: SourceRole) -> Result<Name, ScoreError> {
        let refused = |detail: String| ScoreError::Argument { argument: "--carrier", detail };
        if role == SourceRole::Originating {
            return Err(refused(
                "an originating source is a caller's own records, which end at many carriers".to_owned(),
            ));
        }
        let mut known = service::carriers_of(Path::new(&self.folder)).unwrap_or_default();
        if known.is_empty() {
            let shipped = Directory::parse("engines.toml (shipped)", Directory::SHIPPED)?;
            known = shipped.carriers.into_iter().map(|carrier| carrier.key.into()).collect();
        }
        match known.iter().find(|carrier| carrier.eq_ignore_ascii_case(key.as_str())) {
            Some(found) => args::name(found).map_err(refused),
            None => Err(refused(format!("`{key}` is not in the directory of carriers: {}", known.join(", ")))),
        }
    }

    /// Every key of a tenant, or of all.
    fn keys(&self, tenant: Option<TenantId>) -> Result<Vec<ApiKey>, RegistryError> {
        let mut keys = Vec::new();
        let mut page = Page { after: None, limit: Limit::MAX };
        loop {
            let listing = self.registry.keys(tenant, &page)?;
            keys.extend(listing.items);
            if listing.next.is_none() {
                return Ok(keys);
            }
            page.after = listing.next;
        }
    }

    /// The id of a tenant's key that is not revoked, by its name.
    fn id_of(&self, tenant: TenantId, name: &str) -> Result<KeyId, RegistryError> {
        let keys = self.keys(Some(tenant))?;
        let named = keys.iter().find(|key| key.revoked_at.is_none() && key.name.as_str() == name);
        named.map(|key| key.id).ok_or_else(|| RegistryError::NotFound { subject: Subject::Key, id: name.to_owned() })
    }
}
