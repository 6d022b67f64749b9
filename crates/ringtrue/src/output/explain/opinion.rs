//! One engine's label: how sure, why, and what would clear it.

use model::{Label, Status};
use reputation::assess::ReasonCode;
use reputation::numeric::logistic;
use reputation::verdict::{Clearing, Opinion, Verdict};

use super::{ladder, say};
use crate::output::text::{self, Lead, paragraph};
use crate::output::{Context, style};

/// Appends the section of one engine; `told` are those that came before.
pub(super) fn push(page: &mut String, verdict: &Verdict, told: &[Verdict], ctx: Context<'_>) {
    push_heading(page, verdict, ctx);
    let same = |other: &&Verdict| Verdict { engine: verdict.engine, ..(*other).clone() } == *verdict;
    if let Some(other) = told.iter().find(same) {
        let name = ctx.engine_name(other.engine);
        say(page, 2, &format!("Rating, reasons and what would clear it are those of {name}: both see the same calls."));
        return;
    }
    let Opinion::Rated { label, rating_bp, confidence_bp } = verdict.opinion else {
        let least = text::count(ctx.policy.opinion.min_attempts as u64);
        let seen = text::count(verdict.sample_size.round() as u64);
        say(page, 2, &format!("An opinion takes {least} calls, older ones counting less; here they count {seen}."));
        return;
    };
    let mut said = vec![status(verdict.status).to_owned()];
    said.push(format!("Rating {}: so likely, by this estimate, are its calls unwanted.", text::rating(rating_bp)));
    match confidence_bp {
        Some(confidence) => said.push(format!(
            "Confidence {}: about the chance that the label would stay the same on twice as many calls.",
            text::rating(confidence)
        )),
        None => {
            let least = text::count(ctx.policy.opinion.confidence_min_attempts as u64);
            said.push(format!("Below {least} calls no confidence is stated."));
        }
    }
    let seen = text::counted(verdict.sample_size.round() as u64, "call", "calls");
    said.push(format!("It rests on {seen}, older ones counting less."));
    say(page, 2, &said.join(" "));
    ladder::push(page, verdict, ctx);
    push_reasons(page, verdict, ctx);
    push_clearings(page, verdict, label, ctx);
}

fn push_heading(page: &mut String, verdict: &Verdict, ctx: Context<'_>) {
    let opinion = verdict.opinion;
    let name = match verdict.engine {
        Some(_) => ctx.engine_name(verdict.engine),
        None => "Any engine",
    };
    let shown = ctx.display(verdict.engine, opinion.label()).filter(|_| verdict.engine.is_some());
    let shown = shown.map_or_else(String::new, |display| format!(", people read \"{display}\""));
    page.push('\n');
    page.push_str(&format!(
        "{} {} {}{shown}\n",
        style::of_mark(opinion).style(style::mark(opinion)),
        style::heading().style(format!("{name}:")),
        style::of_words(opinion).style(style::words(opinion)),
    ));
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Flagged => "Flagged: labelled now.",
        Status::MixedHigh => "Mixed, high: labelled on several of the last days, or cleared only days ago.",
        Status::MixedLow => "Mixed, low: not labelled now, but within the last months.",
        Status::Unflagged => "Unflagged: enough calls, and no label.",
        Status::Unknown => "Unknown: too few calls to say how it stands over time.",
    }
}

fn push_reasons(page: &mut String, verdict: &Verdict, ctx: Context<'_>) {
    let (against, favour): (Vec<_>, Vec<_>) = verdict.reasons.iter().partition(|reason| reason.decibans > 0.0);
    for (heading, mark, style, reasons) in
        [("Against the caller", "▲", style::against(), against), ("For the caller", "▼", style::favour(), favour)]
    {
        if reasons.is_empty() {
            continue;
        }
        page.push('\n');
        say(page, 2, heading);
        for reason in reasons {
            paragraph(page, 4, &Lead { text: mark, style }, &ctx.words.reason_text(reason));
        }
    }
}

/// What would clear the label: where the rating has to get, then the ways there.
fn push_clearings(page: &mut String, verdict: &Verdict, label: Label, ctx: Context<'_>) {
    if label == Label::None {
        return;
    }
    page.push('\n');
    say(page, 2, "What would clear it");
    let below = logistic(ctx.policy.entry_log_odds(label) - ctx.policy.label.below_nats);
    let down = &ctx.policy.label;
    say(
        page,
        4,
        &format!(
            "The label falls one step when the rating stays below {} for {} hours, at most one step in {} hours. Good calls \
             count at once, bad ones count half after {} days.",
            text::percent(below),
            down.below_for_h,
            down.step_down_h,
            ctx.policy.facts.half_life_d,
        ),
    );
    let (alone, together): (Vec<&Clearing>, Vec<&Clearing>) =
        verdict.clears_when.iter().partition(|clearing| clearing.alone);
    if verdict.reasons.iter().any(|reason| reason.code == ReasonCode::Floor) {
        say(page, 4, "It stays while one of the three published behaviours is extreme, whatever the rating.");
    }
    for (heading, clearings) in [("Enough by itself:", alone), ("Each helps, none is enough by itself:", together)] {
        if clearings.is_empty() {
            continue;
        }
        say(page, 4, heading);
        for clearing in clearings {
            paragraph(page, 6, &Lead::plain("·"), &ctx.words.clearing_text(clearing));
        }
    }
}
