//! The table that `fit` derives from traffic, as a file: for a challenger, or to learn from again with a specification of one's own.

use std::fmt::Write as _;

use fit::table::Part;

use super::behaviour::{Behaviour, Row};
use super::context::kinds;

/// The columns, in their order; counts are decayed as the score reads them.
const COLUMNS: &str = "tn,unwanted,registered,part,attempts,invalid,destinations,unanswered,answerable,short,answered,first_calls,\
                       first_calls_of,talk_s,talk_of,full,partial,gateway,unsigned,reports,proven_reports,block_nats,p";

/// One row for each number. `probabilities` is what the learned score says of each row; what is missing there stays empty.
pub(super) fn csv(rows: &[Row], parts: &[Part], probabilities: &[f64]) -> String {
    let mut out = format!("{COLUMNS}\n");
    for (place, (row, part)) in rows.iter().zip(parts).enumerate() {
        let part = match part {
            Part::Train => "train",
            Part::Validation => "validation",
            Part::Test => "test",
        };
        let attempts = row.inputs.sums.attempts();
        let _ = write!(out, "{},{},{},{part},{attempts:.4}", row.tn, row.unwanted, row.registered);
        for behaviour in Behaviour::ALL {
            let [s, n] = behaviour.counts(&row.inputs);
            let _ = write!(out, ",{s:.4},{n:.4}");
        }
        for attempts in kinds(&row.inputs.sums) {
            let _ = write!(out, ",{attempts:.4}");
        }
        let reports = &row.inputs.reports;
        let _ = write!(out, ",{:.4},{:.4},{:.4},", reports.weighted, reports.proven, row.inputs.block_nats);
        if let Some(p) = probabilities.get(place) {
            let _ = write!(out, "{p:.6}");
        }
        out.push('\n');
    }
    out
}
