//! How a function is called: what it takes, made of the activation's parameters
//! before anything is instantiated, and what it gives.

use crate::capabilities::State;
use crate::component::{Entry, Shape};
use crate::library::Loaded;
use crate::limits::Meter;
use crate::typed::{Function, Mismatch, Returns};
use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, Instance, Val};

/// The activation's context in a web action's parameters: nobody's parameter
/// unless one bears the name.
const CONTEXT: &str = "__ow_";

/// What a function is called with.
pub(crate) enum Input<'a> {
    Json(&'a str),
    Typed(&'a Function, Vec<Val>),
}

/// What a function gave.
pub(crate) enum Answer<'a> {
    Json(Result<String, String>),
    Typed(&'a Function, Option<Val>),
}

impl<'a> Input<'a> {
    /// Checks parameters, a JSON object or array. What they take as values is the
    /// activation's.
    pub(crate) fn read(
        entry: &'a Entry,
        parameters: &'a str,
        meter: &mut Meter,
    ) -> Result<Self, Mismatch> {
        Ok(match &entry.shape {
            Shape::Json => Self::Json(parameters),
            Shape::Typed(function) => {
                let mut take = |bytes| meter.grow(bytes);
                Self::Typed(function, function.read(parameters, CONTEXT, &mut take)?)
            }
        })
    }

    /// What a guest may hand over in one call, in bytes for each byte of its longest
    /// result. Strings count before they are copied: twice leaves room for one that is
    /// only a little too long to be shown. A byte of base64 becomes a value of 40.
    pub(crate) fn fuel_per_byte(&self) -> usize {
        match self {
            Self::Json(_) => 2,
            Self::Typed(..) => size_of::<Val>(),
        }
    }

    /// Calls the function in an instance of its own.
    pub(crate) async fn call(
        self,
        loaded: &Loaded,
        entry: &Entry,
        store: &mut Store<State>,
    ) -> wasmtime::Result<Answer<'a>> {
        let index = match self {
            Self::Json(_) => loaded.handler,
            Self::Typed(..) => None,
        };
        let index = index.or_else(|| entry.index(loaded.pre.component()));
        let index = index.ok_or_else(no_function)?;
        let instance = loaded.pre.instantiate_async(&mut *store).await?;
        match self {
            Self::Json(parameters) => json(instance, &index, parameters, store).await,
            Self::Typed(function, arguments) => {
                typed(instance, &index, function, &arguments, store).await
            }
        }
    }
}

async fn json<'a>(
    instance: Instance,
    index: &ComponentExportIndex,
    parameters: &str,
    store: &mut Store<State>,
) -> wasmtime::Result<Answer<'a>> {
    let run = instance.get_typed_func::<(&str,), (Result<String, String>,)>(&mut *store, index)?;
    let (result,) = run.call_async(store, (parameters,)).await?;
    Ok(Answer::Json(result))
}

async fn typed<'a>(
    instance: Instance,
    index: &ComponentExportIndex,
    function: &'a Function,
    arguments: &[Val],
    store: &mut Store<State>,
) -> wasmtime::Result<Answer<'a>> {
    let run = instance.get_func(&mut *store, index).ok_or_else(no_function)?;
    // A place for the result, whatever is in it.
    let mut results = match function.returns {
        Returns::Nothing => vec![],
        Returns::Value(_) | Returns::Result(..) => vec![Val::Bool(false)],
    };
    run.call_async(store, arguments, &mut results).await?;
    Ok(Answer::Typed(function, results.pop()))
}

/// A mistake of ours: the function was there when the action was loaded.
fn no_function() -> wasmtime::Error {
    wasmtime::Error::msg("the component has lost its function")
}
