//! Seeded calls of a carrier's traffic, for the benchmarks.

mod callers;
mod numbers;
pub mod random;
pub mod traffic;
