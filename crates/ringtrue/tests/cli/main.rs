//! The program as people meet it: its arguments, what it reads, what it writes, and how it ends.
//!
//! Snapshots hold what the shipped sample looks like. After a wanted change, `INSTA_UPDATE=always cargo test -p ringtrue` writes
//! them anew; read the difference before it is committed.

mod bad_input;
mod closed_loop;
mod crash;
mod edges;
mod evaluate;
mod filters;
mod fit;
mod fit_traffic;
mod forget;
mod golden;
mod import;
mod inputs;
mod key;
mod knowledge;
mod live_policy;
mod owners;
mod parquet;
mod policy;
mod private;
mod run;
mod same;
mod serve;
mod simulate;
#[cfg(feature = "otel")]
mod traces;
mod upkeep;
mod watch;
mod worlds;
