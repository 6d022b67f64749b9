//! The hours in which an engine's label was shown with a number's calls.

use std::collections::BTreeMap;

use model::{Label, TelephoneNumber};
use reputation::fleet::About;
use reputation::timeline::Circumstances;
use service::judge::Ready;

use super::Actor;

/// What is known of a block's numbers, with the hours in which one engine's label was shown with their calls.
pub(super) struct Served<'a> {
    ready: &'a Ready<'a>,
    served: BTreeMap<TelephoneNumber, Vec<(u32, u32)>>,
}

impl<'a> Served<'a> {
    /// Of the block's numbers, at the view of a place.
    pub(super) fn new(ready: &'a Ready<'a>, actors: &[Actor], place: usize) -> Self {
        let of = |actor: &Actor| {
            let (_, steps) = actor.shown.iter().find(|&&(shown, _)| shown == place)?;
            Some((actor.number.truth().tn, labelled_hours(steps)))
        };
        Self { ready, served: actors.iter().filter_map(of).collect() }
    }
}

/// The hours with a label, as half-open intervals; one that lasts has no end.
pub(super) fn labelled_hours(steps: &[(u32, Label)]) -> Vec<(u32, u32)> {
    let mut hours = Vec::new();
    let mut since = None;
    for &(hour, label) in steps {
        if label > Label::None {
            since = since.or(Some(hour));
        } else {
            hours.extend(since.take().map(|from| (from, hour)));
        }
    }
    // A label that came and went within an hour was shown with no call.
    hours.retain(|(from, to)| from < to);
    hours.extend(since.map(|from| (from, u32::MAX)));
    hours
}

impl About for Served<'_> {
    fn about(&self, tn: TelephoneNumber) -> Circumstances<'_> {
        let served = self.served.get(&tn).map_or(&[][..], Vec::as_slice);
        Circumstances { served, ..self.ready.about(tn) }
    }
}
