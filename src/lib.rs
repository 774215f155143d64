//! Innovation vouchers (创新券): the program behind the `voucher` binary.
//!
//! Arrows run one way: `domain ← storage ← services ← http ← main`; `adapters` implement what
//! `services` ask for. ARCHITECTURE.md is the map.

pub mod adapters;
pub mod cli;
pub mod config;
pub mod demo;
pub mod http;
pub mod jobs;
pub mod services;
pub mod telemetry;
pub mod wiring;
