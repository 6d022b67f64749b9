//! What is fuzzed: functions that hold hostile bytes against stated invariants.
//!
//! Each body takes any bytes and panics when an invariant is broken. Two runners call them: the bounded test of this crate,
//! with every other test and on the stable toolchain, and the shells in `fuzz/`, guided by coverage. Not to panic is the
//! least of the invariants; each body states the others.
//!
//! The first byte is a choice of settings ([`Choice`]); what follows it is the file or the text.

mod calls;
mod choice;
mod events;
mod facts;
mod mapping;
mod policy;
mod reports;
mod side;
mod times;
mod tn;

pub use calls::calls;
pub use choice::Choice;
pub use events::events;
pub use facts::facts;
pub use mapping::mapping;
pub use policy::policy;
pub use reports::reports;
pub use side::side;
pub use times::times;
pub use tn::party;

/// A function that takes any bytes and panics when an invariant is broken.
pub type Body = fn(&[u8]);

/// Every body with its name, which is also the name of its shell in `fuzz/fuzz_targets` and of its seeds in `fuzz/seeds`.
pub const BODIES: [(&str, Body); 9] = [
    ("calls", calls),
    ("events", events),
    ("facts", facts),
    ("mapping", mapping),
    ("party", party),
    ("policy", policy),
    ("reports", reports),
    ("side", side),
    ("times", times),
];
