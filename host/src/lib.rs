//! A host that runs WebAssembly components as OpenWhisk actions.
//!
//! A request's way through this crate, which is also the order to read it in:
//!
//! ```text
//! server ─▶ protocol ─▶ actions ─▶ activation ─▶ server
//!                          │           │
//!                       library      capabilities, limits, logs
//!                          │
//!    package, cache, compiler, engine, component
//! ```
//!
//! Only [`server`] knows HTTP. [`protocol`] knows neither HTTP nor WebAssembly.

pub mod actions;
pub mod activation;
mod body;
pub mod cache;
mod capabilities;
mod cgroup;
pub mod cli;
pub mod compiler;
mod component;
pub mod config;
pub mod engine;
pub mod error;
pub mod library;
pub mod limits;
pub mod logs;
pub mod metrics;
mod operator;
pub mod package;
pub mod protocol;
pub mod server;
mod telemetry;
pub mod typed;
pub mod workers;

pub use error::Error;
