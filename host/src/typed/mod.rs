//! Component-model values to and from JSON, driven by a function's type.
//!
//! ```text
//! types     what a function takes and gives
//! source    read once: when an action is loaded, or from its bytes
//! loaded    … as wasmtime describes types
//! wit       … as `wit-parser` does
//! schema    a function as JSON Schema
//! names     how JSON spells the names of fields and cases
//! read      JSON text → values, checked before any guest starts
//! compound  … those that are made of others
//! walk      where a reader is, and what it has left
//! number    exact integers, finite floats
//! write     values → JSON text
//! mismatch  what was expected where, and what was there
//! ```
//!
//! Knows neither HTTP nor OpenWhisk nor how a function is called.
//! `docs/typed-json.md` has the mapping with an example for every row.

mod compound;
mod loaded;
mod mismatch;
mod names;
mod number;
mod read;
mod schema;
mod source;
#[cfg(test)]
mod tests;
mod types;
mod walk;
#[cfg(feature = "developer")]
mod wit;
mod write;

pub use mismatch::Mismatch;
pub use names::{Name, Names};
pub use schema::DIALECT;
pub use source::Unsupported;
pub use types::{Fields, Function, Returns, Type, Variant};
pub use write::{Answer, Unwritable};

/// The longest `list<u8>` at a function's edge, in bytes: as a value each byte
/// takes 40.
pub const LARGEST_BYTES: usize = 1 << 20;

/// Deepest nesting of a type. JSON nests at most as deep, and one more for the
/// parameters: `serde_json` refuses what is deeper than 128.
pub const DEEPEST_TYPE: usize = 100;

/// Most parts of one function's type, shared parts counted each time: a few
/// hundred bytes of a component can describe a million.
pub const MOST_PARTS: usize = 10_000;
