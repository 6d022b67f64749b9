//! What Ringtrue does as a service: the use cases, and what they share with a run over files.
//!
//! [`facts`] holds what is known of numbers, [`admit`] what is kept of a call besides, [`judge`] judges them, [`number`] is what is
//! said of one. [`fold`] keeps all of this up to date from the event log, and [`slots`] publishes the labels.
//!
//! [`Service`] takes records in and answers. A body is read in its sender's thread ([`Body`]), put in order and logged by one
//! thread (`committer`), and folded by another (`driver`) through the port [`Machine`]; what is folded answers through
//! [`Answers`]. The log is the truth: what the two threads know, they learn from it again at the next start.

pub mod admit;
mod carrier_map;
mod carriers;
mod clock;
mod committer;
mod condition;
mod config;
mod dedupe;
mod driver;
pub mod facts;
mod feed;
pub mod fold;
mod gate;
mod handoff;
mod history;
mod ingest;
mod joining;
pub mod judge;
mod keeper;
mod lookup;
mod machine;
pub mod number;
pub mod output;
mod pending;
pub mod policy;
mod policy_store;
mod readable;
mod receipt;
mod recovery;
mod refusal;
mod sequencer;
mod service;
pub mod slots;
mod timer;
pub mod upkeep;

pub use carrier_map::Carriers;
pub use carriers::carriers_of;
pub use clock::{Clock, HandClock, SystemClock};
pub use condition::{Condition, Figures};
pub use config::{Config, Limits};
pub use feed::{Heard, Subscription, Told};
pub use gate::Admitted;
pub use history::{LabelHistory, MemoryHistory};
pub use ingest::Body;
pub use lookup::{Answers, Confidence, EngineLabel, LabelAnswer, LabelQuestion, NumberDetail, Shown};
pub use machine::Machine;
pub use pending::Pending;
pub use policy_store::{POLICY_FOLDER, PolicyStore, PolicyText};
pub use receipt::{IngestError, Receipt, Rejected};
pub use refusal::{ActivateError, ForgetError, OpenError};
pub use reputation::engines::Treatment;
pub use service::{Parts, Service};
pub use store::registry;
pub use store::{LabelChange, Origin, Position, SourceRole, TenantId};
