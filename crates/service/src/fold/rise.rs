//! Between two ticks: a label may rise provisionally once a number's calls have grown enough.

use model::{Label, TelephoneNumber};
use reputation::replay::{End, resume_to_end};
use reputation::timeline::Hours;
use reputation::verdict::{Verdict, verdict};
use store::{Event, LabelChange};

use super::awaited::Awaited;
use super::others::LeastOthers;
use super::shard::{LiveShard, Touch};
use super::step::{Change, Hands, Stepping, begin_of, names_carriers, published};
use crate::judge::{about_one, reports_of};
use crate::slots::Published;

/// A rise is looked for once a number's calls have grown by this part. Chosen: a rating hardly moves with less, and the work per call
/// stays the same however many calls there are.
const GROWTH_PART: u32 = 8;
/// And by so many at least.
const GROWTH_MIN: u32 = 4;

impl Touch {
    /// Tells whether the number has grown enough for a rise to be looked for, `least` calls at least, and takes note of it.
    pub(super) fn has_grown(&mut self, least: u32) -> bool {
        let now = self.base.saturating_add(self.added);
        let due = self.looked.saturating_add(GROWTH_MIN.max(self.looked / GROWTH_PART));
        let grown = now >= least && (now >= due || self.looked < least);
        if grown {
            self.looked = now;
        }
        grown
    }
}

impl LiveShard {
    /// Looks for labels that a number reaches by now, whatever its block may say, and which lie above the published ones and those that are
    /// about to be.
    pub(super) fn rises(
        &self,
        by: &Stepping<'_>,
        awaited: &Awaited,
        tn: TelephoneNumber,
        end: End,
        hands: &mut Hands,
    ) -> Vec<Event> {
        self.found_now(by, tn, end, hands)
            .into_iter()
            .filter_map(|(view_place, verdict)| {
                let shown = by.slots.get(tn, view_place).map_or(Label::None, |slot| slot.label);
                let from = shown.max(awaited.label(by.scope, tn, by.policy.engine_key(view_place)));
                let to = verdict.opinion.label();
                let change =
                    Change { from, to, effective_at: by.decided_at, provisional: true, verdict: Some(&verdict) };
                (to > from).then(|| by.change(tn, view_place, &change))
            })
            .collect()
    }

    /// Publishes a rise that was decided before: it comes back from the log.
    pub(super) fn raise(&self, by: &Stepping<'_>, change: &LabelChange, end: End, hands: &mut Hands) {
        let tn = change.tn;
        let Some(view_place) = by.policy.view_place(&change.engine) else { return };
        let from = by.slots.get(tn, view_place).map_or(Label::None, |slot| slot.label);
        if change.to <= from {
            return;
        }
        let found = self.found_now(by, tn, end, hands);
        // Nothing is known of it any more: it was forgotten since.
        if found.is_empty() {
            return;
        }
        let slot = found
            .iter()
            .find(|&&(view, _)| view == view_place)
            .and_then(|(_, verdict)| published(verdict, by.number))
            .unwrap_or(Published { policy: by.number, ..Published::NOTHING });
        let raised = Published { label: change.to, provisional: true, status: model::Status::Flagged, ..slot };
        by.slots.set(tn, view_place, Some(raised));
    }

    /// The verdicts at a moment after the last tick, with the least that the block may say, by the places of the views.
    fn found_now(&self, by: &Stepping<'_>, tn: TelephoneNumber, end: End, hands: &mut Hands) -> Vec<(u8, Verdict)> {
        let Hands { cells, timeline, .. } = hands;
        if !self.read(tn, cells) {
            return Vec::new();
        }
        let grounds = by.known.grounds(&by.policy.rules);
        let reports = reports_of(self.shard.extras.get(&tn), grounds.rules);
        let truth = grounds.truth_of(tn);
        let about = about_one(&grounds, tn, &reports, &truth);
        let rules = grounds.rules;
        let stepped = self.goes_on_from(&self.live, tn);
        let asked = by.policy.views.asked(names_carriers(cells));
        let mut found = Vec::new();
        for (place, engine, view) in asked {
            let view_place = u8::try_from(place).unwrap_or(u8::MAX);
            let begin = begin_of(&self.live, cells, (tn, view_place), stepped);
            let hours = Hours::new(cells.calls(), cells.dests(), view);
            let mut others = LeastOthers { policy: &rules.policy, standings: by.standings, first_hour: by.first_hour };
            let replay = resume_to_end(rules, &about, hours, &mut others, (begin, end), timeline);
            let replayed = replay.finish(rules, &mut others, end);
            found.push((view_place, verdict(rules, engine, &replayed, end)));
        }
        found
    }
}
