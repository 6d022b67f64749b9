//! Ringtrue over HTTP.
