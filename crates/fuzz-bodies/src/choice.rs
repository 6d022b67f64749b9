//! The first byte of an input: which settings its body reads the rest with.

use intake::Options;
use jiff::tz::TimeZone;
use model::Region;

/// Settings that one byte stands for. The digits `0` to `3` leave the format to be detected, so that seeds can be written
/// with an editor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Choice(pub u8);

impl Choice {
    /// Takes the first byte as a choice and gives the rest; `0` and nothing when there is no byte.
    #[must_use]
    pub fn split(bytes: &[u8]) -> (Self, &[u8]) {
        bytes.split_first().map_or((Self(b'0'), bytes), |(first, rest)| (Self(*first), rest))
    }

    /// What the reader is told beforehand: the lowest bit gives a region, the next one a zone.
    pub(crate) fn options(self) -> Options {
        Options {
            region: (self.0 & 1 == 1).then_some(Region::US),
            tz: (self.0 & 2 == 2).then_some(TimeZone::UTC),
            ..Options::default()
        }
    }

    /// One of several, by the six highest bits; `None` when there is none, or when the choice is left open.
    pub(crate) fn of<T>(self, several: &[T]) -> Option<&T> {
        if matches!(self.0, b'0'..=b'3') || several.is_empty() {
            return None;
        }
        several.get(usize::from(self.0 >> 2) % several.len())
    }
}
