//! Where calls end of which no record tells the carrier.
//!
//! What is found is written into the record before it is logged, so that the log folds alike whatever the map says later.

use std::sync::Arc;

use arc_swap::ArcSwap;
use intake::side::CarrierMap;
use model::{CallRecord, CarrierId, Direction, Piece};

/// The carrier map in force. Cheap to clone; all clones are one map, which can be exchanged while the service runs.
#[derive(Clone, Default, Debug)]
pub struct Carriers(Arc<ArcSwap<CarrierMap>>);

impl Carriers {
    /// Begins with a map.
    #[must_use]
    pub fn new(map: CarrierMap) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(map)))
    }

    /// Another map holds from now on, for records that are taken in and for look-ups by destination.
    pub fn replace(&self, map: CarrierMap) {
        self.0.store(Arc::new(map));
    }

    /// The map as it is now.
    #[must_use]
    pub fn load(&self) -> Arc<CarrierMap> {
        self.0.load_full()
    }
}

/// Tells an outbound call's carrier where its record does not: the one whose own traffic its source is, else what the map says of
/// its destination.
pub(crate) fn settle(call: &mut CallRecord, of_source: Option<CarrierId>, map: &CarrierMap) {
    if call.carrier.is_none() && call.direction.unwrap_or(Direction::Outbound) == Direction::Outbound {
        let by_map = || call.dest.number().and_then(|dest| map.lookup(dest)).map(|(carrier, _)| carrier);
        call.carrier = of_source.or_else(by_map);
    }
}

/// Tells a piece's carrier by its source alone. What the map says waits until the call is whole: a later piece may name the carrier.
pub(crate) fn settle_piece(piece: &mut Piece, of_source: Option<CarrierId>) {
    let part = &mut piece.part;
    if part.carrier.is_none() && part.direction.unwrap_or(Direction::Outbound) == Direction::Outbound {
        part.carrier = of_source;
    }
}
