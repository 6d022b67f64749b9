//! Whose view facts and labels belong to, and where each view's are kept.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use reputation::fleet::Standings;
use store::{Origin, SourceRole, TenantId};

use super::shard::LiveShard;
use crate::facts::SHARDS;
use crate::policy::{Known, PolicySet};
use crate::slots::Slots;

/// Whose view something belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// What carriers' own traffic and people's reports say: seen by all.
    Shared,
    /// What a tenant's own records say: seen by that tenant alone.
    Tenant(TenantId),
}

impl Scope {
    /// The scope that an origin's calls belong to.
    #[must_use]
    pub const fn of(origin: &Origin) -> Self {
        match origin.role {
            SourceRole::Terminating => Self::Shared,
            SourceRole::Originating => Self::Tenant(origin.tenant),
        }
    }

    /// The origin of what the service decides in this scope.
    #[must_use]
    pub fn origin(self) -> Arc<Origin> {
        match self {
            Self::Shared => Origin::service(),
            Self::Tenant(tenant) => Arc::new(Origin { tenant, source: "".into(), role: SourceRole::Originating }),
        }
    }
}

/// Which of the policies that judge side by side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    /// The one whose labels are shown.
    Live,
    /// The one that is only watched.
    Shadow,
}

impl Side {
    pub(super) const BOTH: [Self; 2] = [Self::Live, Self::Shadow];
}

/// The policies that judge.
pub(super) struct Judges {
    pub(super) live: Arc<PolicySet>,
    /// Counts the policies that were active, modulo 256.
    pub(super) number: u8,
    pub(super) shadow: Option<Arc<PolicySet>>,
}

impl Judges {
    pub(super) fn at(&self, side: Side) -> Option<&Arc<PolicySet>> {
        match side {
            Side::Live => Some(&self.live),
            Side::Shadow => self.shadow.as_ref(),
        }
    }
}

/// One scope's facts and labels.
pub(super) struct ScopeState {
    shards: Vec<Mutex<LiveShard>>,
    pub(super) slots: Slots,
    /// The first hour in which a call became known; `u32::MAX` before there was any.
    first_known: AtomicU32,
    standings: [ArcSwap<Standings>; 2],
}

impl ScopeState {
    pub(super) fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            slots: Slots::default(),
            first_known: AtomicU32::new(u32::MAX),
            standings: Default::default(),
        }
    }

    /// The shard at a place; `None` beyond the last.
    pub(super) fn shard(&self, place: usize) -> Option<MutexGuard<'_, LiveShard>> {
        Some(self.shards.get(place)?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn first_known(&self) -> u32 {
        self.first_known.load(Ordering::Acquire)
    }

    pub(super) fn knows_from(&self, hour: u32) {
        self.first_known.fetch_min(hour, Ordering::AcqRel);
    }

    pub(super) fn standings(&self, side: Side) -> Arc<Standings> {
        self.standings.get(side as usize).map(ArcSwap::load_full).unwrap_or_default()
    }

    pub(super) fn set_standings(&self, side: Side, standings: Standings) {
        if let Some(place) = self.standings.get(side as usize) {
            place.store(Arc::new(standings));
        }
    }
}

/// Everything that the fold keeps; what readers share with it.
pub(super) struct Live {
    pub(super) known: Known,
    judges: ArcSwap<Judges>,
    shared: Arc<ScopeState>,
    /// Replaced as a whole when a tenant comes: look-ups wait for nobody.
    tenants: ArcSwap<BTreeMap<TenantId, Arc<ScopeState>>>,
}

impl Live {
    pub(super) fn new(policy: Arc<PolicySet>, known: Known) -> Self {
        let judges = Judges { live: policy, number: 0, shadow: None };
        Self {
            known,
            judges: ArcSwap::from_pointee(judges),
            shared: Arc::new(ScopeState::new()),
            tenants: ArcSwap::default(),
        }
    }

    pub(super) fn judges(&self) -> Arc<Judges> {
        self.judges.load_full()
    }

    pub(super) fn set_judges(&self, judges: Judges) {
        self.judges.store(Arc::new(judges));
    }

    /// The state that all share.
    pub(super) fn shared(&self) -> &ScopeState {
        &self.shared
    }

    /// The state of a scope; `None` for a tenant of which nothing is known.
    pub(super) fn scope(&self, scope: Scope) -> Option<Arc<ScopeState>> {
        match scope {
            Scope::Shared => Some(Arc::clone(&self.shared)),
            Scope::Tenant(tenant) => self.tenants.load().get(&tenant).map(Arc::clone),
        }
    }

    /// The state of a scope, made where there is none; only the fold makes any.
    pub(super) fn scope_or_new(&self, scope: Scope) -> Arc<ScopeState> {
        let tenant = match scope {
            Scope::Shared => return Arc::clone(&self.shared),
            Scope::Tenant(tenant) => tenant,
        };
        if let Some(found) = self.scope(scope) {
            return found;
        }
        let state = Arc::new(ScopeState::new());
        let mut tenants = BTreeMap::clone(&self.tenants.load());
        tenants.insert(tenant, Arc::clone(&state));
        self.tenants.store(Arc::new(tenants));
        state
    }

    /// All scopes, in order.
    pub(super) fn scopes(&self) -> Vec<(Scope, Arc<ScopeState>)> {
        let tenants = self.tenants.load();
        let tenants = tenants.iter().map(|(&tenant, state)| (Scope::Tenant(tenant), Arc::clone(state)));
        std::iter::once((Scope::Shared, Arc::clone(&self.shared))).chain(tenants).collect()
    }
}
