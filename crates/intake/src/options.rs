//! What the reader of records is told beforehand.

use std::sync::Arc;

use jiff::tz::TimeZone;
use model::{CarrierId, RecordKey, Region};

use crate::mapping::Mapping;

/// The configured name of a source. Never a path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceName(pub Arc<str>);

impl Default for SourceName {
    /// `local`, the name of records whose source nobody named.
    fn default() -> Self {
        Self(Arc::from("local"))
    }
}

/// What the reader of records is told beforehand.
#[derive(Clone, Default)]
pub struct Options {
    /// The source's name, unless a record names its own.
    pub source: SourceName,
    /// The region that reads national numbers; `None` leaves ten-digit North American numbers as the only national form.
    pub region: Option<Region>,
    /// The zone of times that are written without one; `None` makes such a time a fault, unless the format fixes the zone.
    pub tz: Option<TimeZone>,
    /// The names of carriers, in the order of their [`CarrierId`]s.
    pub carriers: Arc<[Box<str>]>,
    /// Our own records may name an end by its extension, because a map tells what each extension shows. Without one such an end
    /// is no telephone number. Other dialects know extensions by themselves.
    pub extensions: bool,
    /// The mappings that are at hand, presets and the operator's own.
    pub mappings: Arc<[Arc<Mapping>]>,
}

impl Options {
    /// The mapping of this name; of several the last, so that an operator's own stands in for a preset.
    #[must_use]
    pub fn mapping(&self, name: &str) -> Option<&Arc<Mapping>> {
        self.mappings.iter().rev().find(|mapping| mapping.name() == name)
    }

    /// The carrier with this key; `None` when the directory has none of that name.
    #[must_use]
    pub fn carrier(&self, key: &str) -> Option<CarrierId> {
        let place = self.carriers.iter().position(|name| name.eq_ignore_ascii_case(key))?;
        u8::try_from(place).ok().map(CarrierId)
    }
}

/// A fixed 64-bit hash of a text: of reporters, devices, networks and traps.
#[must_use]
pub fn text_hash(text: &str) -> u64 {
    rapidhash::v3::rapidhash_v3(text.as_bytes())
}

/// The key of a record: 128 bits of its source's name and its id.
#[must_use]
pub fn record_key(source: &str, id: &[u8]) -> RecordKey {
    let low = rapidhash::v3::rapidhash_v3_seeded(id, &rapidhash::v3::RapidSecrets::seed(text_hash(source)));
    let high = rapidhash::v3::rapidhash_v3_seeded(
        id,
        &rapidhash::v3::RapidSecrets::seed(text_hash(source) ^ 0x5bd1_e995_97f4_a7c1),
    );
    RecordKey(u128::from(high) << 64 | u128::from(low))
}
