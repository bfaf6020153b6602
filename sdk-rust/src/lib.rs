//! Serverless functions as WebAssembly components, in Rust.
//!
//! An action is one function from JSON to JSON:
//!
// `ignore`: a doctest must have a `main` without parameters. The text is
// compiled as this crate's example and as the guest `hello`.
#![doc = concat!("```ignore\n", include_str!("../examples/hello.rs"), "```")]
//!
//! With `crate-type = ["cdylib"]` in its `Cargo.toml`, this turns it into a component:
//!
//! ```text
//! cargo build --release --target wasm32-wasip2
//! ```
//!
//! Parameters and outcome are any types of serde, [`serde_json::Value`] among
//! them. The outcome must be a JSON object or array, as everywhere in OpenWhisk.
//! Every activation starts in a fresh instance: a `static` holds nothing from
//! the activation before.
//!
//! - What goes wrong for the caller is an [`Error`]; the caller sees it as
//!   `{"error": …}`.
//! - Other servers are asked with [`http`].
//! - What a function should know of its activation is in [`Activation`].
//! - `println!` and `eprintln!` go to the activation's log.
//! - A panic traps: the caller sees it as the action's failure, and its message
//!   is one line of the log.

mod activation;
mod error;
pub mod http;
mod run;

pub use serde_json::{self, json};
pub use wow_action_macros::main;

pub use crate::activation::Activation;
pub use crate::error::{Error, Result};

/// The component's side of the contract, generated from `wit/`.
///
/// Its world is only the export: the imports of `wow:action/action` are WASI's,
/// which the standard library reaches by itself.
#[expect(missing_docs, reason = "generated; documented in `wit/action.wit`")]
mod generated {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package wow:sdk;
            world sdk {
                export wow:action/handler@0.1.0;
            }
        ",
        world: "wow:sdk/sdk",
        pub_export_macro: true,
        default_bindings_module: "wow_action::__private",
    });
}

/// What the expansion of [`main`] names. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::generated::export;
    pub use crate::generated::exports;
    pub use crate::generated::exports::wow::action::handler::Guest;
    pub use crate::run::run;
}
