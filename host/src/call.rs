//! How a function is called: what it takes, made of the activation's parameters
//! before anything is instantiated, and what it gives.

use crate::capabilities::{Console, State};
use crate::component::{Entry, Shape};
use crate::library::Loaded;
use crate::limits::{Limits, Meter};
use crate::logs::Logs;
use crate::program;
use crate::typed::{Function, Returns};
use crate::web::{self, Form, Received};
use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, Instance, Val};

/// The activation's context in a web action's parameters: nobody's parameter
/// unless one bears the name.
const CONTEXT: &str = "__ow_";

/// What a guest may hand over in one call of the host however short its result may
/// be: what it streams comes in pieces of at most 64 KiB.
const LEAST_FUEL: usize = 128 << 10;

/// What a function is called with.
pub(crate) enum Input<'a> {
    Json(&'a str),
    Typed(&'a Function, Vec<Val>),
    Http(Box<web::Request>),
    Program(&'a str),
}

/// What a function gave.
pub(crate) enum Answer<'a> {
    Json(Result<String, String>),
    Typed(&'a Function, Option<Val>),
    Http(Form, Received),
    /// A program's status.
    Exit(i32),
}

impl<'a> Input<'a> {
    /// Checks parameters, a JSON object or array, and says what is wrong with them.
    /// What they take as values is the activation's.
    pub(crate) fn read(
        entry: &'a Entry,
        parameters: &'a str,
        meter: &mut Meter,
    ) -> Result<Self, String> {
        let mut take = |bytes| meter.grow(bytes);
        Ok(match &entry.shape {
            Shape::Json => Self::Json(parameters),
            Shape::Typed(function) => {
                let values = function.read(parameters, CONTEXT, &mut take);
                Self::Typed(function, values.map_err(|mismatch| mismatch.to_string())?)
            }
            Shape::Http => Self::Http(web::Request::read(parameters, &mut take)?.into()),
            Shape::Program => Self::Program(parameters),
        })
    }

    /// What the action `name` is started with, if it is a program.
    pub(crate) fn console(&self, name: &str, limits: &Limits, logs: &Logs) -> Option<Console> {
        let Self::Program(parameters) = self else { return None };
        logs.keep_last_line(limits.result);
        Some(program::console(name, parameters))
    }

    /// What a guest may hand over in one call, in bytes, if its longest result is
    /// `result`. Strings count before they are copied: twice leaves room for one that is
    /// only a little too long to be shown, and AssemblyScript's have two bytes for each
    /// character of it. A byte of base64 becomes a value of 40.
    pub(crate) fn fuel(&self, result: usize) -> usize {
        match self {
            Self::Json(_) => result.saturating_mul(4),
            Self::Typed(..) => result.saturating_mul(size_of::<Val>()),
            Self::Http(_) | Self::Program(_) => result.saturating_mul(2).max(LEAST_FUEL),
        }
    }

    /// Calls the function in an instance of its own.
    pub(crate) async fn call(
        self,
        loaded: &Loaded,
        entry: &Entry,
        limits: &Limits,
        store: &mut Store<State>,
    ) -> wasmtime::Result<Answer<'a>> {
        let index = match self {
            Self::Json(_) => loaded.handler,
            Self::Typed(..) | Self::Http(_) | Self::Program(_) => None,
        };
        let index = index.or_else(|| entry.index(loaded.pre.component()));
        let index = index.ok_or_else(no_function)?;
        let instance = loaded.pre.instantiate_async(&mut *store).await?;
        match self {
            Self::Json(parameters) => json(instance, &index, parameters, store).await,
            Self::Typed(function, arguments) => {
                typed(instance, &index, function, &arguments, store).await
            }
            Self::Http(request) => {
                let form = request.form;
                let received = web::call(*request, instance, &index, limits.result, store).await?;
                Ok(Answer::Http(form, received))
            }
            Self::Program(_) => program::call(instance, &index, store).await.map(Answer::Exit),
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
