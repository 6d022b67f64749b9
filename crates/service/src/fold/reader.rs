//! Reading: published slots, one number in detail, and where two policies differ.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Label, TelephoneNumber, Timestamp};
use reputation::facts::{Cells, Desk, Sample, hour_start};
use reputation::replay::{End, resume_to_end};
use reputation::state::LabelChanged;
use reputation::timeline::{Hours, Timeline};
use reputation::verdict::verdict;

use super::others::LiveOthers;
use super::scope::{Live, Scope, ScopeState, Side};
use super::shard::LiveShard;
use super::step::{Stepping, begin_of, names_carriers};
use super::stepping;
use crate::facts::{SHARDS, shard_of};
use crate::judge::{OwnerView, Ready, count_facts, few_verdict, is_few};
use crate::number::ScoredNumber;
use crate::policy::PolicySet;
use crate::slots::Published;

/// A handle for those who look up and read; cheap to clone.
#[derive(Clone)]
pub struct Reader {
    pub(super) live: Arc<Live>,
}

/// Everything about one number at a moment.
#[derive(Clone, Debug)]
pub struct NumberDetail {
    /// The number as a run over files would judge it.
    pub number: ScoredNumber,
    /// Every change of its label within the last 90 days, the oldest first, by engine; `None` where no call names a carrier.
    pub history: Vec<(Option<usize>, Vec<LabelChanged>)>,
    /// What is published of it, by engine.
    pub published: Vec<(Option<usize>, Published)>,
    /// Up to when calls and reports are known.
    pub data_through: Timestamp,
}

/// A number that the watched policy labels otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The number.
    pub tn: TelephoneNumber,
    /// The engine's key; `any` where no call names a carrier.
    pub engine: Box<str>,
    /// The label that is shown.
    pub live: Label,
    /// The label that the watched policy would show.
    pub shadow: Label,
}

impl Reader {
    pub(super) const fn new(live: Arc<Live>) -> Self {
        Self { live }
    }

    /// The policy that judges.
    #[must_use]
    pub fn policy(&self) -> Arc<PolicySet> {
        Arc::clone(&self.live.judges().live)
    }

    /// The policy that is only watched; `None` when there is none.
    #[must_use]
    pub fn shadow(&self) -> Option<Arc<PolicySet>> {
        self.live.judges().shadow.clone()
    }

    /// What is published of a number at a view, whose place [`PolicySet::view_place`] tells; `None` is no opinion. Waits for nobody.
    #[must_use]
    pub fn published(&self, scope: Scope, tn: TelephoneNumber, view_place: u8) -> Option<Published> {
        match scope {
            Scope::Shared => self.live.shared().slots.get(tn, view_place),
            Scope::Tenant(_) => self.live.scope(scope)?.slots.get(tn, view_place),
        }
    }

    /// Tells whether anything is known of a number. Waits at most for one shard.
    #[must_use]
    pub fn knows(&self, scope: Scope, tn: TelephoneNumber) -> bool {
        let state = self.live.scope(scope);
        let shard = state.as_ref().and_then(|state| state.shard(shard_of(tn)));
        shard.is_some_and(|shard| shard.knows(tn))
    }

    /// Judges one number at a moment, or at the last tick where that came later. Advice and symptoms are there for an owner, and in a
    /// tenant's own view they rest on all of its numbers. `None` when nothing is known of the number, or the moment lies outside the
    /// years that facts can hold. Waits at most for one shard at a time.
    #[must_use]
    pub fn detail(&self, scope: Scope, tn: TelephoneNumber, now: Timestamp, is_owner: bool) -> Option<NumberDetail> {
        let judges = self.live.judges();
        let state = self.live.scope(scope)?;
        let stepped = hour_start(state.shard(shard_of(tn))?.stepped);
        let end = End::at(now.max(stepped))?;
        let standings = state.standings(Side::Live);
        let by = stepping(&self.live, (&judges, Side::Live), (scope, &state), &standings);
        let owner = is_owner.then(|| self.owner_view(&by, scope, &state, end));
        let mut shard = state.shard(shard_of(tn))?;
        if !shard.knows(tn) {
            return None;
        }
        let by = Stepping { hour: shard.stepped, place: shard_of(tn), ..by };
        let mut detail = shard.detail(&by, tn, end, owner.as_ref());
        detail.data_through = state.slots.data_through();
        Some(detail)
    }

    /// What an owner is told beside the verdicts. In the view that all share nobody's numbers are surveyed together.
    fn owner_view<'a>(&self, by: &Stepping<'a>, scope: Scope, state: &ScopeState, end: End) -> OwnerView<'a> {
        let registry_known = !self.live.known.standings.is_empty();
        let mut view = OwnerView::new(&by.policy.advice, end, registry_known);
        if scope != Scope::Shared {
            let mut cells = Cells::default();
            for shard in (0..SHARDS).filter_map(|place| state.shard(place)) {
                for (_, place) in shard.shard.store.numbers() {
                    shard.shard.store.read(place, &mut cells);
                    view.add(&cells, end);
                }
            }
        }
        view
    }

    /// Numbers of a scope that the watched policy labels otherwise, in rising order: at most `limit`, all behind `after`.
    #[must_use]
    pub fn differences(&self, scope: Scope, after: Option<TelephoneNumber>, limit: usize) -> Vec<Difference> {
        let mut found = Vec::new();
        let judges = self.live.judges();
        let Some(state) = self.live.scope(scope).filter(|_| judges.shadow.is_some()) else { return found };
        for shard in (after.map_or(0, shard_of)..SHARDS).filter_map(|place| state.shard(place)) {
            let Some(shadow) = &shard.shadow else { continue };
            let keys: BTreeSet<(TelephoneNumber, u8)> =
                shard.live.kept.keys().chain(shadow.kept.keys()).copied().collect();
            for key in keys.into_iter().filter(|&(tn, _)| after.is_none_or(|after| tn > after)) {
                let label = |kept: Option<&super::shard::Kept>| kept.map_or(Label::None, |kept| kept.state.label);
                let (live, other) = (label(shard.live.kept.get(&key)), label(shadow.kept.get(&key)));
                if live != other {
                    let engine = judges.live.engine_key(key.1).into();
                    found.push(Difference { tn: key.0, engine, live, shadow: other });
                }
            }
            if found.len() >= limit {
                found.truncate(limit);
                break;
            }
        }
        found
    }
}

impl LiveShard {
    /// Tells whether anything is known of a number.
    fn knows(&self, tn: TelephoneNumber) -> bool {
        self.waiting.holds(tn)
            || self.shard.store.find(tn).is_some()
            || self.shard.extras.contains_key(&tn)
            || self.live.kept_views(tn).next().is_some()
    }

    /// Judges one number at a moment.
    fn detail(
        &mut self,
        by: &Stepping<'_>,
        tn: TelephoneNumber,
        end: End,
        owner: Option<&OwnerView<'_>>,
    ) -> NumberDetail {
        self.file(&mut Desk::default());
        let from = self.goes_on_from(&self.live, tn);
        let Self { shard, live, .. } = self;
        let (mut cells, mut timeline) = (Cells::default(), Timeline::default());
        match shard.store.find(tn) {
            Some(place) => shard.store.read(place, &mut cells),
            None => cells.clear(),
        }
        let ready = Ready::new(by.known.grounds(&by.policy.rules), shard);
        let mut fleet = by.fleet(&ready);
        fleet.end = end;
        let about = reputation::fleet::About::about(&ready, tn);
        let few = is_few(&fleet, tn, &cells) && live.kept_views(tn).next().is_none();
        let known_carriers = if cells.calls().is_empty() {
            live.kept_views(tn).any(|(view, _)| view > 0)
        } else {
            names_carriers(&cells)
        };
        let mut number = ScoredNumber::new(tn);
        let (mut history, mut published) = (Vec::new(), Vec::new());
        for (place, engine, view) in by.policy.views.asked(known_carriers) {
            let view_place = u8::try_from(place).unwrap_or(u8::MAX);
            published.extend(by.slots.get(tn, view_place).map(|slot| (engine, slot)));
            if few {
                number.verdicts.push(few_verdict(&fleet, (engine, view), cells.calls()));
                continue;
            }
            let begin = begin_of(live, &cells, (tn, view_place), from);
            let (numbers, priors) = (&ready.numbers, &mut live.priors);
            let mut others = LiveOthers { fleet: &fleet, numbers, priors, view, view_place, tn, cells: &cells };
            let hours = Hours::new(cells.calls(), cells.dests(), view);
            let replay = resume_to_end(fleet.rules, &about, hours, &mut others, (begin, end), &mut timeline);
            let replayed = replay.finish(fleet.rules, &mut others, end);
            number.verdicts.push(verdict(fleet.rules, engine, &replayed, end));
            history.push((engine, replayed.state.history));
        }
        let sample = if few { None } else { Some(&mut Sample::default()) };
        count_facts(&mut number, &fleet, &about, &cells, (known_carriers, sample, &timeline));
        if let Some(owner) = owner {
            owner.tell(&fleet, &about, shard.extras.get(&tn), &cells, &mut number);
        }
        NumberDetail { number, history, published, data_through: Timestamp::EPOCH }
    }
}
