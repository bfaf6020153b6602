//! What a component is: which shape of action, and if none, why not.

use crate::error::LoadError;
use wasmtime::Engine;
use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};
use wasmtime::component::{Component, ComponentExportIndex};

/// The interface of a JSON action (`wit/action.wit`).
const HANDLER: &str = "wow:action/handler@0.1.0";
/// Its one function.
const RUN: &str = "run";

/// Finds the function that a JSON action runs.
pub(crate) fn entry(component: &Component) -> Result<ComponentExportIndex, LoadError> {
    let Some((_, handler)) = component.get_export(None, HANDLER) else {
        return Err(LoadError::new(format!(
            "the component is not an action: it exports {}, and not `{HANDLER}`",
            exports(component)
        ))
        .hint(
            "in Rust use the crate `wow-action`; the world to implement is `wow:action/action`",
        ));
    };
    let Some((ComponentItem::ComponentFunc(run), index)) =
        component.get_export(Some(&handler), RUN)
    else {
        return Err(LoadError::new(format!("`{HANDLER}` has no function `{RUN}`")));
    };
    if !is_run(&run) {
        return Err(LoadError::new(format!(
            "`{HANDLER}#{RUN}` has another type than `func(parameters: string) -> result<string, \
             string>`"
        )));
    }
    Ok(index)
}

/// Checks the entry point that the developer named. OpenWhisk sends `main` where
/// none was; another name that the component does not have is a mistake that would
/// else go unseen.
pub(crate) fn check_main(main: &str) -> Result<(), LoadError> {
    if ["main", RUN, "handler#run", "wow:action/handler#run"].contains(&main) {
        return Ok(());
    }
    Err(LoadError::new(format!(
        "the action has no function `{main}`: a JSON action has one, `wow:action/handler#run`"
    ))
    .hint("leave `--main` out"))
}

fn is_run(run: &ComponentFunc) -> bool {
    let parameters = run.params().map(|(_, ty)| ty).eq([Type::String]);
    let mut results = run.results();
    let (Some(Type::Result(result)), None) = (results.next(), results.next()) else { return false };
    !run.async_()
        && parameters
        && result.ok() == Some(Type::String)
        && result.err() == Some(Type::String)
}

/// What a component exports, in words.
fn exports(component: &Component) -> String {
    let ty = component.component_type();
    let names: Vec<_> =
        ty.exports(component.engine()).map(|(name, _)| format!("`{name}`")).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// Why wasmtime's pool has no place for a component however empty it is, if that is
/// what `cause` says. It has no type for it, only these words.
pub(crate) fn too_large(cause: &wasmtime::Error) -> Option<LoadError> {
    let text = format!("{cause:#}");
    if !text.contains("pooling allocator") {
        return None;
    }
    let root = cause.root_cause().to_string();
    let root = root.lines().next().unwrap_or_default().trim_end_matches([':', ';', '.']);
    Some(LoadError::new(format!("the component is too large for this host: {root}")).hint(
        "`docs/limits.md` has the most instances, memories and tables that a component may have",
    ))
}

/// Why a component cannot be linked: which import nobody offers.
pub(crate) fn unlinkable(
    engine: &Engine,
    component: &Component,
    cause: &wasmtime::Error,
) -> LoadError {
    let foreign: Vec<_> = component
        .component_type()
        .imports(engine)
        .filter(|(name, _)| !name.starts_with("wasi:"))
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    let sentence = if foreign.is_empty() {
        format!("the component needs what this host does not offer: {cause:#}")
    } else {
        format!("the component imports {}, which this host does not offer", foreign.join(", "))
    };
    LoadError::new(sentence).hint(
        "an action may import WASI 0.2: wasi:cli, wasi:clocks, wasi:filesystem, wasi:http, wasi:io, \
         wasi:random and wasi:sockets up to 0.2.12",
    )
}
