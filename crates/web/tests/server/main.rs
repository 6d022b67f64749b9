//! The server in front of small handlers: its limits and its TLS. Everything on loopback and free ports.

mod common;
mod hostile;
mod limits;
mod tls;
