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
//! [`compose`] is off that way: it makes one component of several.
//!
//! Only [`server`] knows HTTP. [`protocol`] knows neither HTTP nor WebAssembly,
//! [`typed`] neither HTTP nor OpenWhisk. [`inspect`] is beside the way: it reads a
//! component and runs nothing.

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
pub mod compose;
pub mod config;
pub mod confine;
pub mod engine;
pub mod error;
mod imports;
pub mod inspect;
mod keys;
pub mod library;
pub mod limits;
pub mod logs;
pub mod manifest;
pub mod metrics;
mod operator;
mod outcome;
pub mod package;
mod pages;
mod program;
pub mod protocol;
pub mod server;
mod telemetry;
pub mod typed;
mod web;
pub mod workers;

pub use error::Error;
