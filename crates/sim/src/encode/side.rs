//! Reports, registry standing and truth.

use model::Standing;

use super::own::carrier;
use super::text::{push, push_hex, push_rfc_3339, push_tn, push_u64};
use crate::number::{NumberTruth, Played};
use crate::report::{Reporter, SimReport};

/// The header of `standing.csv`.
pub const STANDING_HEADER: &str = "tn,registrant,purpose,registered_at,attested,determination,evidence_from\n";
/// The header of `truth.csv`.
pub const TRUTH_HEADER: &str = "tn,class,unwanted,registered,first_call,last_call,calls,attacked\n";

pub(super) fn report(report: &SimReport, carriers: &[Box<str>], out: &mut Vec<u8>) {
    push(out, "{\"id\":\"");
    push_hex(out, report.id);
    push(out, "\",\"at\":\"");
    push_rfc_3339(out, report.at);
    push(out, "\",\"tn\":\"");
    push_tn(out, report.tn);
    push(out, "\",\"category\":\"");
    push(out, report.category.as_str());
    push(out, "\",\"reporter\":\"");
    match report.reporter {
        Reporter::Number(tn) => {
            push(out, "tel:");
            push_tn(out, tn);
        }
        Reporter::Account(_) => push(out, &report.account_name().unwrap_or_default()),
    }
    if report.carrier.is_some() {
        push(out, "\",\"carrier\":\"");
        push(out, carrier(report.carrier, carriers));
    }
    push(out, "\",\"called_at\":\"");
    push_rfc_3339(out, report.called_at);
    push(out, "\",\"reporter_since\":\"");
    push_rfc_3339(out, report.reporter_since);
    push(out, "\",\"network\":\"");
    push(out, &report.network_name());
    push(out, "\",\"device\":\"");
    push(out, &report.device_name());
    push(out, "\",\"area_code\":\"");
    push_u64(out, report.area_code.into());
    push(out, "\"}\n");
}

/// Appends a row of `standing.csv`.
pub fn standing(standing: &Standing, out: &mut Vec<u8>) {
    push_tn(out, standing.tn);
    out.push(b',');
    push(out, standing.registrant.as_deref().unwrap_or_default());
    out.push(b',');
    push(out, standing.purpose.as_ref().map_or("", |purpose| purpose.as_str()));
    out.push(b',');
    if let Some(at) = standing.registered_at {
        push_rfc_3339(out, at);
    }
    push(out, if standing.attested { ",true,none,\n" } else { ",false,none,\n" });
}

/// Appends a row of `truth.csv`. `class` is the population's name.
pub fn truth(truth: &NumberTruth, class: &str, played: &Played, out: &mut Vec<u8>) {
    push_tn(out, truth.tn);
    out.push(b',');
    push(out, class);
    for flag in [truth.unwanted, truth.registered] {
        push(out, if flag { ",true" } else { ",false" });
    }
    for at in [played.first_call, played.last_call] {
        out.push(b',');
        if let Some(at) = at {
            push_rfc_3339(out, at);
        }
    }
    out.push(b',');
    push_u64(out, played.calls);
    push(out, if truth.attacked { ",true\n" } else { ",false\n" });
}
