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
//! A function with types of its own, declared in WIT, needs no JSON at all: see
//! [`generate!`].
//!
//! - What goes wrong for the caller is an [`Error`]; the caller sees it as
//!   `{"error": …}`.
//! - Other servers are asked with [`http`].
//! - What a function should know of its activation is in [`Activation`].
//! - `println!` and `eprintln!` go to the activation's log.
//! - A panic traps: the caller sees it as the action's failure, and its message
//!   is one line of the log.
//!
//! A [`middleware`] is an action around another action, which it calls with
//! [`Next::run`]; `wow compose` makes one component of both.

mod activation;
mod error;
pub mod http;
mod next;
mod run;

pub use serde_json::{self, json};
pub use wow_action_macros::{main, middleware};

pub use crate::activation::Activation;
pub use crate::error::{Error, Result};
pub use crate::next::Next;

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

/// The import of a middleware. An action that does not call it does not import it.
mod inside {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package wow:sdk-inside;
            world inside {
                import wow:action/handler@0.1.0;
            }
        ",
        world: "wow:sdk-inside/inside",
        generate_all,
    });
}

/// Makes Rust of a world in WIT: the traits that a typed action implements, its types,
/// and `export!`.
///
/// ```ignore
/// wow_action::generate!({ path: "wit", world: "calc" });
///
/// struct Calc;
/// export!(Calc);
///
/// impl Guest for Calc {
///     fn add(a: i64, b: i64) -> Result<Sum, String> {
///         let sum = a.checked_add(b).ok_or("the sum does not fit in 64 bits")?;
///         Ok(Sum { sum })
///     }
/// }
/// ```
///
/// The options are those of `wit_bindgen::generate!`, which it is; `path` is relative to
/// the action's `Cargo.toml`. A crate has either this or [`main`].
#[macro_export]
macro_rules! generate {
    ({ $($options:tt)* }) => {
        $crate::__private::wit_bindgen::generate!({
            runtime_path: "wow_action::__private::wit_bindgen::rt",
            $($options)*
        });
    };
}

/// What the expansions of [`main`], [`middleware`] and [`generate!`] name. Not for use
/// by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use ::wit_bindgen;

    pub use crate::generated::export;
    pub use crate::generated::exports;
    pub use crate::generated::exports::wow::action::handler::Guest;
    pub use crate::run::run;

    /// What a middleware is given.
    pub fn next() -> crate::Next {
        crate::Next::imported()
    }
}
