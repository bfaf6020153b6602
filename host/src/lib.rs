//! A host that runs WebAssembly components as OpenWhisk actions.
//!
//! A request's way through this crate, which is also the order to read it in:
//!
//! ```text
//! server ─▶ protocol ─▶ actions ─▶ activation ─▶ server
//!                          │           │
//!        package, compiler, component  capabilities, limits, logs
//! ```
//!
//! Only [`server`] knows HTTP. [`protocol`] knows neither HTTP nor WebAssembly.

pub mod actions;
pub mod activation;
mod capabilities;
pub mod cli;
pub mod compiler;
mod component;
pub mod config;
pub mod error;
pub mod limits;
pub mod logs;
pub mod package;
pub mod protocol;
pub mod server;

pub use error::Error;
