//! Seeded calls of a carrier's traffic, for the benchmarks.

mod callers;
pub mod numbers;
pub mod random;
pub mod traffic;
