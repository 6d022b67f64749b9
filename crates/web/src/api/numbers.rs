//! Everything about one number.
