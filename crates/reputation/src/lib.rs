//! reputation
