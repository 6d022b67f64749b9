//! How labels and headings look. Only the sixteen base colours, so that a terminal's own theme, light or dark, decides; and
//! never a colour alone: each label has its mark and its words.

use model::Label;
use owo_colors::Style;
use reputation::verdict::Opinion;

/// The mark before a label.
pub(crate) const fn mark(opinion: Opinion) -> &'static str {
    match opinion {
        Opinion::NoOpinion => "·",
        Opinion::Rated { label: Label::None, .. } => "○",
        Opinion::Rated { label: Label::PotentialSpam | Label::SpamLikely | Label::Spam, .. } => "●",
    }
}

/// The words of a label.
pub(crate) const fn words(opinion: Opinion) -> &'static str {
    match opinion {
        Opinion::NoOpinion => "No opinion",
        Opinion::Rated { label, .. } => label.words(),
    }
}

/// The words of a label, for a narrow column.
pub(crate) const fn short_words(opinion: Opinion) -> &'static str {
    match opinion {
        Opinion::NoOpinion => "",
        Opinion::Rated { label: Label::None, .. } => "none",
        Opinion::Rated { label: Label::PotentialSpam, .. } => "Potential",
        Opinion::Rated { label: Label::SpamLikely, .. } => "Likely",
        Opinion::Rated { label: Label::Spam, .. } => "Spam",
    }
}

/// How a label's mark looks.
pub(crate) const fn of_mark(opinion: Opinion) -> Style {
    match opinion {
        Opinion::NoOpinion => quiet(),
        Opinion::Rated { label: Label::None, .. } => Style::new().green(),
        Opinion::Rated { label: Label::PotentialSpam, .. } => Style::new().yellow(),
        Opinion::Rated { label: Label::SpamLikely | Label::Spam, .. } => Style::new().red(),
    }
}

/// How a label's words look. Yellow text cannot be read on white, so only the mark has that colour.
pub(crate) const fn of_words(opinion: Opinion) -> Style {
    match opinion {
        Opinion::NoOpinion => quiet(),
        Opinion::Rated { label: Label::None | Label::PotentialSpam, .. } => Style::new(),
        Opinion::Rated { label: Label::SpamLikely, .. } => Style::new().red(),
        Opinion::Rated { label: Label::Spam, .. } => Style::new().red().bold(),
    }
}

/// A heading.
pub(crate) const fn heading() -> Style {
    Style::new().bold()
}

/// What is there for completeness.
pub(crate) const fn quiet() -> Style {
    Style::new().dimmed()
}

/// What speaks against the caller.
pub(crate) const fn against() -> Style {
    Style::new().red()
}

/// What speaks for the caller.
pub(crate) const fn favour() -> Style {
    Style::new().green()
}

/// What the owner can see directly.
pub(crate) const fn seen() -> Style {
    Style::new().magenta().bold()
}
