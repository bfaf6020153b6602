//! A host that runs WebAssembly components as OpenWhisk actions.
//!
//! A request's way through this crate, which is also the order to read it in:
//!
//! ```text
//! server ─▶ protocol ─▶ actions ─▶ activation ─▶ server
//!                          │           │
//!                       library      call, typed, web, program, capabilities, limits, logs
//!                          │
//!    package, cache, compiler, engine, component, imports
//! ```
//!
//! Beside that way: [`compose`] makes one component of several, [`inspect`] reads one
//! and runs nothing, `project` makes a package of a developer's folder.
//!
//! Only [`server`] knows HTTP, but for the operator's port and the executor's control
//! socket. [`protocol`] knows neither HTTP nor WebAssembly, [`typed`] neither HTTP nor
//! OpenWhisk.

pub mod actions;
pub mod activation;
mod body;
pub mod cache;
mod call;
pub mod capabilities;
mod cgroup;
pub mod cli;
pub mod compiler;
mod component;
#[cfg(feature = "developer")]
pub mod compose;
pub mod config;
pub mod confine;
mod container;
pub mod engine;
pub mod error;
mod executor;
mod health;
mod imports;
#[cfg(feature = "developer")]
pub mod inspect;
mod keys;
mod leaving;
pub mod library;
pub mod limits;
mod listing;
pub mod logs;
mod mac;
pub mod manifest;
pub mod metrics;
mod operator;
mod outcome;
pub mod package;
pub mod pages;
mod program;
#[cfg(feature = "developer")]
mod project;
pub mod protocol;
pub mod server;
mod telemetry;
pub mod typed;
mod web;
pub mod workers;

pub use error::Error;
