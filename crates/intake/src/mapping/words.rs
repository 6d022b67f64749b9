//! What the words of a mapping file mean.

use model::{CallOutcome, Direction, HangupBy, Outcome, Strength};
use serde::Deserialize;

use crate::output::SkipKind;

/// An outcome with its strength (`invalid medium`), or `unknown` for a word that says nothing.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(try_from = "String")]
pub(super) struct OutcomeWord(pub(super) Option<Outcome>);

impl TryFrom<String> for OutcomeWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "unknown" {
            return Ok(Self(None));
        }
        let (class, strength) = text.split_once(' ').unwrap_or((&text, ""));
        let class = CallOutcome::from_word(class.as_bytes()).ok_or_else(|| {
            let known: Vec<&str> = CallOutcome::ALL.iter().map(|class| class.as_str()).collect();
            format!("`{class}` is none of {}, unknown", known.join(", "))
        })?;
        let strength = match (strength, class) {
            // Platforms call many a failure an invalid number; without a code it is worth half.
            ("", CallOutcome::Invalid) | ("medium", _) => Strength::Medium,
            ("" | "strong", _) => Strength::Strong,
            ("weak", _) => Strength::Weak,
            (other, _) => return Err(format!("`{other}` is none of strong, medium, weak")),
        };
        Ok(Self(Some(Outcome::new(class, strength))))
    }
}

/// A direction.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub(super) enum DirectionWord {
    Outbound,
    Inbound,
    Internal,
}

impl From<DirectionWord> for Direction {
    fn from(word: DirectionWord) -> Self {
        match word {
            DirectionWord::Outbound => Self::Outbound,
            DirectionWord::Inbound => Self::Inbound,
            DirectionWord::Internal => Self::Internal,
        }
    }
}

/// Who ended a call. `own` and `other` say it by role: which end that is follows from the direction.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub(super) enum HangupWord {
    Orig,
    Dest,
    Own,
    Other,
    Network,
    Unknown,
}

impl HangupWord {
    /// The end; `None` where the word does not tell.
    pub(super) fn end(self, direction: Option<Direction>) -> Option<HangupBy> {
        let inbound = direction == Some(Direction::Inbound);
        match self {
            Self::Orig => Some(HangupBy::Orig),
            Self::Dest => Some(HangupBy::Dest),
            Self::Own => Some(if inbound { HangupBy::Dest } else { HangupBy::Orig }),
            Self::Other => Some(if inbound { HangupBy::Orig } else { HangupBy::Dest }),
            Self::Network => Some(HangupBy::Network),
            Self::Unknown => None,
        }
    }
}

/// Why a record is skipped.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default, Debug)]
#[serde(rename_all = "snake_case")]
pub(super) enum SkipWord {
    #[default]
    NotACall,
    Internal,
    OtherLeg,
}

impl From<SkipWord> for SkipKind {
    fn from(word: SkipWord) -> Self {
        match word {
            SkipWord::NotACall => Self::NotACall,
            SkipWord::Internal => Self::Internal,
            SkipWord::OtherLeg => Self::OtherLeg,
        }
    }
}
