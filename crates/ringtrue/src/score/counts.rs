//! What reading counted.

use intake::SkipKind;
use model::Timestamp;

/// What reading counted.
#[derive(Clone, Default)]
pub(super) struct Counts {
    pub(super) lines: u64,
    pub(super) calls: u64,
    pub(super) totals: u64,
    pub(super) duplicates: u64,
    pub(super) unchecked: u64,
    pub(super) without_id: u64,
    pub(super) late: u64,
    pub(super) after_at: u64,
    pub(super) in_the_future: u64,
    pub(super) skipped: [u64; SkipKind::ALL.len()],
    pub(super) not_own: u64,
    pub(super) unmapped: u64,
    pub(super) unknown_carriers: u64,
    pub(super) carriers_by_prefix: u64,
    pub(super) outside_years: u64,
    pub(super) not_own_reports: u64,
    pub(super) strangers: u64,
    pub(super) totals_of_calls: u64,
    pub(super) from: Option<Timestamp>,
    pub(super) through: Option<Timestamp>,
    pub(super) first_known: Option<u32>,
}

impl Counts {
    /// Takes over what another counted.
    pub(super) fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.calls += other.calls;
        self.duplicates += other.duplicates;
        self.unchecked += other.unchecked;
        self.without_id += other.without_id;
        self.late += other.late;
        self.after_at += other.after_at;
        self.in_the_future += other.in_the_future;
        self.not_own += other.not_own;
        self.unmapped += other.unmapped;
        self.unknown_carriers += other.unknown_carriers;
        self.carriers_by_prefix += other.carriers_by_prefix;
        self.outside_years += other.outside_years;
        self.not_own_reports += other.not_own_reports;
        self.strangers += other.strangers;
        self.totals_of_calls += other.totals_of_calls;
        for (sum, part) in self.skipped.iter_mut().zip(other.skipped) {
            *sum += part;
        }
        self.spans(other.from, other.through);
        self.first_known = [self.first_known, other.first_known].into_iter().flatten().min();
    }

    /// Notes an hour in which a call became known.
    pub(super) fn knows(&mut self, known: u32) {
        self.first_known = Some(self.first_known.map_or(known, |first| first.min(known)));
    }

    /// Widens the range of the data.
    pub(super) fn spans(&mut self, from: Option<Timestamp>, through: Option<Timestamp>) {
        self.from = [self.from, from].into_iter().flatten().min();
        self.through = self.through.max(through);
    }
}
