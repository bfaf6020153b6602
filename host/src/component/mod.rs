//! What a component is: which functions it exports, which of them an action runs
//! and in which shape, and if none fits, why not.

mod choose;
mod parts;

use crate::error::LoadError;
use crate::listing::listed;
use crate::typed::{self, Function, Returns, Unsupported};
use choose::Standard;
#[cfg(feature = "developer")]
pub(crate) use choose::unversioned;
pub(crate) use choose::{Export, choose};
pub(crate) use parts::part;
#[cfg(feature = "developer")]
pub(crate) use parts::{LONGEST_PART, MARK};
use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};
use wasmtime::component::{Component, ComponentExportIndex};

/// The interface of a JSON action (`wit/action.wit`), without its version.
const HANDLER: &str = "wow:action/handler";
/// The version that this host runs, and those that are compatible with it.
const HANDLER_VERSION: &str = "0.1.";
/// Its one function.
const RUN: &str = "run";

/// The versions of WASI whose exports this host runs.
const WASI_VERSION: &str = "0.2.";
/// The interface that took the place of `wasi:http/incoming-handler` in WASI 0.3.
const ASYNC_HTTP: &str = "wasi:http/handler";

/// The function that an action runs.
pub(crate) struct Entry {
    export: Export,
    pub(crate) shape: Shape,
}

/// How a function takes its parameters and gives its result.
pub(crate) enum Shape {
    /// As JSON texts: `wow:action/handler`.
    Json,
    /// As values of the types that it declares.
    Typed(Function),
    /// As an HTTP request and its response: `wasi:http/incoming-handler`.
    Http,
    /// As arguments and stdin, and as stdout: `wasi:cli/run`.
    Program,
}

impl Entry {
    /// Finds the function that `main` names: by its name, or by `interface#function`,
    /// the interface with or without its package and version. A component's only
    /// function needs no name, nor do those that WASI or WOW define.
    pub(crate) fn find(component: &Component, main: &str) -> Result<Self, LoadError> {
        let functions = functions(component)?;
        let export = choose(functions.iter().map(|(export, _)| export), main)?;
        let (export, function) = functions
            .iter()
            .find(|(known, _)| known == export)
            .ok_or_else(|| LoadError::new(format!("the component has no function `{export}`")))?;
        Ok(Self { export: export.clone(), shape: shape(export, function)? })
    }

    /// The function in a component that is loaded; a component that slept has new
    /// indices.
    pub(crate) fn index(&self, component: &Component) -> Option<ComponentExportIndex> {
        self.export.index(component)
    }
}

/// Checks that a component has a function that an action can run. If one of them is
/// that of a JSON action, it is looked up here, once for all activations.
pub(crate) fn check(component: &Component) -> Result<Option<ComponentExportIndex>, LoadError> {
    let functions = functions(component)?;
    let mut handlers = functions.iter().filter(|(export, _)| export.is_handler());
    match (handlers.next(), handlers.next()) {
        (Some((export, _)), None) => Ok(export.index(component)),
        // Of two versions the action says which it means.
        _ => Ok(None),
    }
}

/// Every function that an action could run. Those of a resource are none, nor are
/// those that WASI defines for other hosts.
fn functions(component: &Component) -> Result<Vec<(Export, ComponentFunc)>, LoadError> {
    let engine = component.engine();
    let ty = component.component_type();
    let mut functions = Vec::new();
    let mut others = Vec::new();
    for (name, item) in ty.exports(engine) {
        match item.ty {
            ComponentItem::ComponentFunc(function) => {
                functions.push((Export { interface: None, function: name.to_owned() }, function));
                continue;
            }
            ComponentItem::ComponentInstance(interface) => {
                for (function, item) in interface.exports(engine) {
                    let interface = Some(name.to_owned());
                    let export = Export { interface, function: function.to_owned() };
                    if let ComponentItem::ComponentFunc(ty) = item.ty
                        && export.is_runnable()
                    {
                        functions.push((export, ty));
                    }
                }
            }
            _ => {}
        }
        others.push(name);
    }
    if functions.is_empty() {
        return Err(no_function(&others));
    }
    Ok(functions)
}

pub(crate) fn no_function(exports: &[&str]) -> LoadError {
    let all = listed(exports.iter().map(|name| format!("`{name}`")), "nothing");
    let sentence =
        format!("the component is not an action: it exports {all}, and no function to run");
    if exports.iter().any(|name| choose::unversioned(name) == ASYNC_HTTP) {
        return LoadError::new(sentence).hint(SYNCHRONOUS);
    }
    LoadError::new(sentence).hint(format!(
        "an action exports `{HANDLER}`, as the crate `wow-action` does it (a JSON action), functions \
         with types of their own, such as `add: func(a: s64, b: s64) -> s64` (a typed action), \
         `wasi:http/incoming-handler@0.2` (an HTTP action) or `wasi:cli/run@0.2` (a program)"
    ))
}

/// The remedy for what was built for WASI 0.3.
pub(crate) const SYNCHRONOUS: &str = "build it for WASI 0.2, with `wasi:http/incoming-handler@0.2` or \
     `wasi:cli/run@0.2`, and declare functions as `func`: a guest that waits holds up nobody else";

fn shape(export: &Export, function: &ComponentFunc) -> Result<Shape, LoadError> {
    judge(export, function.async_(), Function::of(function), handles(function))
}

/// The shape of a function: whether it is an `async func`, its type if JSON can call
/// it, and whether it takes an HTTP request.
pub(crate) fn judge(
    export: &Export,
    is_async: bool,
    ty: Result<Function, Unsupported>,
    handles: bool,
) -> Result<Shape, LoadError> {
    if is_async {
        return Err(LoadError::new(format!(
            "`{export}` is an `async func`, which this host does not run"
        ))
        .hint(SYNCHRONOUS));
    }
    if let Some(standard) = export.standard() {
        return standard_shape(export, standard, ty.is_ok_and(|ty| is_program(&ty)), handles);
    }
    if !export.is_handler() {
        return ty.map(Shape::Typed).map_err(|unsupported| {
            LoadError::new(format!("`{export}` cannot be called with JSON: {unsupported}"))
        });
    }
    if !export.version().starts_with(HANDLER_VERSION) {
        return Err(other_version(export, HANDLER_VERSION));
    }
    if !ty.is_ok_and(|ty| is_run(&ty)) {
        return Err(other_type(export, "func(parameters: string) -> result<string, string>"));
    }
    Ok(Shape::Json)
}

/// The shape of a function that WASI defines.
fn standard_shape(
    export: &Export,
    standard: Standard,
    is_program: bool,
    handles: bool,
) -> Result<Shape, LoadError> {
    let version = export.version();
    // A release candidate is not compatible with what came of it.
    if !version.starts_with(WASI_VERSION) || version.contains('-') {
        return Err(other_version(export, WASI_VERSION));
    }
    match standard {
        Standard::Http if handles => Ok(Shape::Http),
        Standard::Http => Err(other_type(
            export,
            "func(request: incoming-request, response-out: response-outparam)",
        )),
        Standard::Program if is_program => Ok(Shape::Program),
        Standard::Program => Err(other_type(export, "func() -> result")),
    }
}

fn other_version(export: &Export, ours: &str) -> LoadError {
    let error =
        LoadError::new(format!("the component exports `{export}`; this host runs version {ours}x"));
    match export.standard() {
        Some(_) if export.version().starts_with("0.3.") => error.hint(SYNCHRONOUS),
        _ => error,
    }
}

fn other_type(export: &Export, expected: &str) -> LoadError {
    LoadError::new(format!("`{export}` has another type than `{expected}`"))
}

fn is_run(run: &Function) -> bool {
    let text = || Some(typed::Type::String);
    *run.parameters.types == [typed::Type::String] && run.returns == Returns::Result(text(), text())
}

fn is_program(run: &Function) -> bool {
    run.parameters.types.is_empty() && run.returns == Returns::Result(None, None)
}

fn handles(handle: &ComponentFunc) -> bool {
    // Which resources they are is checked against the linker's when the function is called.
    let owned = handle.params().all(|(_, ty)| matches!(ty, Type::Own(_)));
    owned && handle.params().len() == 2 && handle.results().len() == 0
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
