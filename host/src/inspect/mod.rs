//! What a component is, read from its bytes: which functions an action could run, in
//! which shape, with which types, and what it imports. Nothing is compiled and
//! nothing is run.
//!
//! ```text
//! exports   what can be run, and why something cannot
//! imports   what is imported, by capability
//! package   what its `wow.toml` asks for, and what it would get
//! text      … for people
//! data      … for programs: `--json` and `--schema`
//! openapi   … for the clients of web actions
//! ```
//!
//! Knows neither OpenWhisk's interface nor wasmtime.

mod data;
mod exports;
mod imports;
mod openapi;
mod package;
mod text;

use crate::component::{self, Shape};
use crate::error::LoadError;
use crate::typed::Function;
use exports::{Entry, Types};
use imports::Import;
use package::Packaged;
use wit_component::DecodedWasm;

/// What the bytes of a component say.
pub struct Inspection {
    size: usize,
    /// What an action could run.
    entries: Vec<Entry>,
    /// What else is exported.
    others: Vec<String>,
    imports: Vec<Import>,
    types: Vec<Types>,
    package: Option<Packaged>,
}

impl Inspection {
    /// Reads a component.
    pub fn of(component: &[u8]) -> Result<Self, LoadError> {
        let decoded = wit_component::decode(component).map_err(|cause| {
            LoadError::new(format!("the types of the component cannot be read: {cause:#}"))
        })?;
        let DecodedWasm::Component(resolve, world) = decoded else {
            return Err(LoadError::new(
                "the code is a WIT package, which only describes components",
            )
            .hint("build a component that implements it"));
        };
        let (entries, others) = exports::read(&resolve, world);
        Ok(Self {
            size: component.len(),
            entries,
            others,
            imports: imports::read(&resolve, world),
            types: exports::types(&resolve, world)?,
            package: None,
        })
    }

    /// The same without the functions that `main` does not mean. Fails in the words of
    /// `/init` if it means none or several.
    pub fn only(mut self, main: &str) -> Result<Self, LoadError> {
        let chosen =
            component::choose(self.entries.iter().map(|entry| &entry.export), main)?.clone();
        self.entries.retain(|entry| entry.export == chosen);
        if let Some(package) = &mut self.package {
            package.overruled = true;
        }
        Ok(self)
    }

    /// The types of the functions that JSON can call, each by its whole name.
    pub fn functions(&self) -> impl Iterator<Item = (String, &Function)> {
        self.entries.iter().filter_map(|entry| match &entry.shape {
            Ok(Shape::Typed(function)) => Some((entry.export.to_string(), function)),
            _ => None,
        })
    }

    /// Why it would not be loaded, if it would not.
    pub fn refusal(&self) -> Option<LoadError> {
        if !self.is_runnable() {
            let refused = self.entries.iter().find_map(|entry| entry.shape.as_ref().err());
            return Some(refused.cloned().unwrap_or_else(|| {
                let others: Vec<_> = self.others.iter().map(String::as_str).collect();
                component::no_function(&others)
            }));
        }
        let foreign: Vec<_> =
            self.imports.iter().filter_map(|import| import.problem.clone()).collect();
        let foreign = (!foreign.is_empty()).then(|| crate::imports::refusal(&foreign));
        foreign.or_else(|| self.refusal_of_package())
    }

    /// Whether any of the functions has a shape that can be run, whatever is imported.
    pub fn is_runnable(&self) -> bool {
        self.entries.iter().any(|entry| entry.shape.is_ok())
    }

    /// The shape of the action, if no function is named.
    fn shape(&self) -> Option<&Shape> {
        let shapes = || self.entries.iter().filter_map(|entry| entry.shape.as_ref().ok());
        shapes().min_by_key(|shape| match shape {
            Shape::Json => 0,
            Shape::Http => 1,
            Shape::Program => 2,
            Shape::Typed(_) => 3,
        })
    }
}
