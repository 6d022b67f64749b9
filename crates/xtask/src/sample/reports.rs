//! What people report of the team's numbers, and what the registry knows of them.

use super::team::{CLINIC, COLD, OLD_LIST, SALES, SPOOFED};
use super::traffic::{Call, End, time};

/// The registry's standing: the pharmacy registered its number, and its provider vouches for it.
pub(super) const STANDING: &str = "\
tn,registrant,purpose,registered_at,attested,determination,evidence_from
+12155550150,Corner Pharmacy,health_care,2026-06-01,true,none,
+12155550110,Riverside Clinic,health_care,2026-09-15,false,none,
";

/// A report by somebody whom the number called: so many people of a number, from a day on.
struct Proven {
    tn: &'static str,
    people: usize,
    from_day: u32,
    category: &'static str,
}

/// Every how many of a number's answered calls somebody reports.
const EVERY: usize = 5;

const PROVEN: [Proven; 3] = [
    Proven { tn: COLD, people: 14, from_day: 5, category: "unwanted" },
    Proven { tn: SALES, people: 3, from_day: 9, category: "unwanted" },
    Proven { tn: CLINIC, people: 1, from_day: 6, category: "not_spam" },
];

/// Reports by people who leave no number: tn, seconds since the first midnight, category, reporter.
const OTHERS: [(&str, u32, &str, &str); 6] = [
    (OLD_LIST, 10 * 86_400 + 61_000, "unwanted", "app-31"),
    (OLD_LIST, 12 * 86_400 + 54_400, "wrong_number", "app-32"),
    (SPOOFED, 5 * 86_400 + 50_000, "unwanted", "app-41"),
    (SPOOFED, 5 * 86_400 + 57_000, "fraud", "app-42"),
    (SPOOFED, 6 * 86_400 + 49_000, "unwanted", "app-43"),
    (SPOOFED, 7 * 86_400 + 55_000, "spoofed_me", "owner-1"),
];

/// The reports as our own NDJSON, in the order of their time.
pub(super) fn ndjson(calls: &[Call]) -> String {
    let mut rows: Vec<(u32, String)> = Vec::new();
    for Proven { tn, people, from_day, category } in PROVEN {
        let answered = calls.iter().filter(|call| call.orig == tn && call.end == End::Answered);
        let late = answered.filter(|call| call.at_s >= from_day * 86_400).step_by(EVERY).take(people);
        for call in late {
            // People need some hours: the first reports come soon, others in the evening.
            let at_s = call.at_s + 900 + (call.at_s % 97) * 180;
            let carrier = format!(",\"carrier\":\"{}\",\"called_at\":\"{}\"", call.carrier, time(call.at_s));
            rows.push((at_s, row(at_s, tn, category, &format!("tel:{}", call.dest), &carrier)));
        }
    }
    for (tn, at_s, category, reporter) in OTHERS {
        rows.push((at_s, row(at_s, tn, category, reporter, "")));
    }
    rows.sort();
    rows.into_iter().enumerate().map(|(at, (_, row))| format!("{{\"id\":\"r-{:02}\",{row}}}\n", at + 1)).collect()
}

fn row(at_s: u32, tn: &str, category: &str, reporter: &str, more: &str) -> String {
    let at = time(at_s);
    format!("\"at\":\"{at}\",\"tn\":\"{tn}\",\"category\":\"{category}\",\"reporter\":\"{reporter}\"{more}")
}
