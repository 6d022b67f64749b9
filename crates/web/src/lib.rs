//! Ringtrue over HTTP: the JSON API, its limits, its events and webhooks.
//!
//! A handler decodes, authorises, calls the service once and encodes. What the service decides is not decided here again, and
//! what a client may ask of the machine is limited before a handler runs.

mod api;
mod app;
mod auth;
mod background;
pub mod body;
pub mod client;
mod entrance;
pub mod extract;
pub mod front;
pub mod limits;
mod mapping;
pub mod metrics;
pub mod number;
mod openapi;
mod outbox;
mod pages;
pub mod problem;
pub mod rate;
mod router;
pub mod server;
pub mod stop;
pub mod webhook;

pub use app::{App, Parts, Policies};
pub use background::{remove_expired, run};
pub use entrance::Entrance;
pub use limits::Limits;
pub use metrics::Metrics;
pub use outbox::Outbox;
pub use problem::{Code, Problem};
pub use router::router;
pub use server::{Tls, TlsError, TlsFiles, serve};
pub use stop::{Stop, Stopper, stop_pair};
