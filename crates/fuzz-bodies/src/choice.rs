//! The first byte of an input: which settings its body reads the rest with.

use std::sync::{Arc, LazyLock};

use intake::Options;
use intake::mapping::{Mapping, PRESETS};
use jiff::tz::TimeZone;
use model::Region;

/// The mappings that ship, so that exports are recognised.
static MAPPINGS: LazyLock<Arc<[Arc<Mapping>]>> = LazyLock::new(|| {
    let read = |(name, text): (&str, &str)| match Mapping::parse(text) {
        Ok(mapping) => Arc::new(mapping),
        Err(error) => panic!("the mapping {name} is unsound: {error}"),
    };
    PRESETS.into_iter().map(read).collect()
});

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
            extensions: true,
            region: (self.0 & 1 == 1).then_some(Region::US),
            tz: (self.0 & 2 == 2).then_some(TimeZone::UTC),
            mappings: Arc::clone(&MAPPINGS),
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
