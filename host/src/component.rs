//! What a component is: which functions it exports, which of them an action runs
//! and in which shape, and if none fits, why not.

use crate::error::LoadError;
use crate::typed::Function;
use std::fmt;
use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};
use wasmtime::component::{Component, ComponentExportIndex};

/// The interface of a JSON action (`wit/action.wit`), without its version.
const HANDLER: &str = "wow:action/handler";
/// The version that this host runs, and those that are compatible with it.
pub(crate) const HANDLER_VERSION: &str = "0.1.";
/// Its one function.
const RUN: &str = "run";

/// What OpenWhisk sends where the developer named no function.
const NO_NAME: &str = "main";

/// How many functions an error lists.
const MOST_LISTED: usize = 20;

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
}

impl Entry {
    /// Finds the function that `main` names: by its name, or by `interface#function`,
    /// the interface with or without its package and version. A component's only
    /// function needs no name.
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

/// Where a component has a function.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Export {
    /// With package and version; none if the component exports the function itself.
    pub(crate) interface: Option<String>,
    pub(crate) function: String,
}

impl fmt::Display for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.interface {
            Some(interface) => write!(f, "{interface}#{}", self.function),
            None => f.write_str(&self.function),
        }
    }
}

impl Export {
    /// Whether `main` may mean it.
    fn answers_to(&self, main: &str) -> bool {
        let Some((interface, function)) = main.rsplit_once('#') else {
            return main == self.function;
        };
        let Some(own) = &self.interface else { return false };
        let unversioned = unversioned(own);
        let bare = unversioned.rsplit_once('/').map_or(unversioned, |(_, bare)| bare);
        function == self.function && [own.as_str(), unversioned, bare].contains(&interface)
    }

    fn index(&self, component: &Component) -> Option<ComponentExportIndex> {
        match &self.interface {
            None => component.get_export_index(None, &self.function),
            Some(interface) => {
                let interface = component.get_export_index(None, interface)?;
                component.get_export_index(Some(&interface), &self.function)
            }
        }
    }

    pub(crate) fn is_handler(&self) -> bool {
        self.function == RUN
            && self.interface.as_ref().is_some_and(|interface| unversioned(interface) == HANDLER)
    }
}

pub(crate) fn unversioned(interface: &str) -> &str {
    interface.split_once('@').map_or(interface, |(name, _)| name)
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
            ComponentItem::ComponentInstance(interface) if !name.starts_with("wasi:") => {
                for (function, item) in interface.exports(engine) {
                    if let ComponentItem::ComponentFunc(ty) = item.ty
                        && !function.starts_with('[')
                    {
                        let interface = Some(name.to_owned());
                        functions.push((Export { interface, function: function.to_owned() }, ty));
                    }
                }
            }
            _ => {}
        }
        others.push(format!("`{name}`"));
    }
    if functions.is_empty() {
        return Err(no_function(others));
    }
    Ok(functions)
}

pub(crate) fn no_function(exports: Vec<String>) -> LoadError {
    let exports = listed(exports.into_iter(), "nothing");
    LoadError::new(format!("the component is not an action: it exports {exports}, and no function to run"))
        .hint(format!(
            "an action exports `{HANDLER}`, as the crate `wow-action` does it (a JSON action), or \
             functions with types of their own, such as `add: func(a: s64, b: s64) -> s64` (a typed \
             action)"
        ))
}

/// The function that `main` means.
pub(crate) fn choose<'a>(
    exports: impl Iterator<Item = &'a Export> + Clone,
    main: &str,
) -> Result<&'a Export, LoadError> {
    let handler = exports.clone().find(|export| export.is_handler());
    if main == NO_NAME
        && let Some(handler) = handler
    {
        return Ok(handler);
    }
    if let Some(export) = exports.clone().find(|export| export.to_string() == main) {
        return Ok(export);
    }
    let all = || listed(exports.clone().map(|export| format!("`{export}`")), "none");
    let named: Vec<_> = exports.clone().filter(|export| export.answers_to(main)).collect();
    match (&named[..], exports.clone().count()) {
        ([export], _) => Ok(export),
        ([export, ..], _) => Err(LoadError::new(format!(
            "the name `{main}` may mean {}",
            listed(named.iter().map(|export| format!("`{export}`")), "none")
        ))
        .hint(format!("say which with `--main '{export}'`"))),
        // Nothing was named, and there is only one.
        ([], 1) if main == NO_NAME => exports.clone().next().ok_or_else(|| no_function(Vec::new())),
        ([], _) if main == NO_NAME => {
            Err(LoadError::new(format!("the component has several functions: {}", all()))
                .hint("say which with `--main`"))
        }
        ([], 1) if handler.is_some() => Err(LoadError::new(format!(
            "the action has no function `{main}`: a JSON action has one, `{HANDLER}#{RUN}`"
        ))
        .hint("leave `--main` out")),
        ([], _) => {
            Err(LoadError::new(format!("the action has no function `{main}`: it has {}", all())))
        }
    }
}

fn listed(names: impl Iterator<Item = String>, none: &str) -> String {
    let mut names: Vec<_> = names.collect();
    let rest = names.len().saturating_sub(MOST_LISTED);
    names.truncate(MOST_LISTED);
    match (names.is_empty(), rest) {
        (true, _) => none.to_owned(),
        (_, 0) => names.join(", "),
        (_, rest) => format!("{} and {rest} more", names.join(", ")),
    }
}

fn shape(export: &Export, function: &ComponentFunc) -> Result<Shape, LoadError> {
    if function.async_() {
        return Err(LoadError::new(format!(
            "`{export}` is an `async func`, which this host does not run"
        ))
        .hint("declare it as `func`: waiting holds up nobody else"));
    }
    if !export.is_handler() {
        return Function::of(function).map(Shape::Typed).map_err(|unsupported| {
            LoadError::new(format!("`{export}` cannot be called with JSON: {unsupported}"))
        });
    }
    let version = export.interface.as_ref().and_then(|interface| interface.split_once('@'));
    if !version.is_some_and(|(_, version)| version.starts_with(HANDLER_VERSION)) {
        return Err(LoadError::new(format!(
            "the component exports `{export}`; this host runs version {HANDLER_VERSION}x"
        )));
    }
    if !is_run(function) {
        return Err(LoadError::new(format!(
            "`{export}` has another type than `func(parameters: string) -> result<string, string>`"
        )));
    }
    Ok(Shape::Json)
}

fn is_run(run: &ComponentFunc) -> bool {
    let parameters = run.params().map(|(_, ty)| ty).eq([Type::String]);
    let mut results = run.results();
    let (Some(Type::Result(result)), None) = (results.next(), results.next()) else { return false };
    parameters && result.ok() == Some(Type::String) && result.err() == Some(Type::String)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn exports(names: &[&str]) -> Vec<Export> {
        let export = |name: &&str| match name.rsplit_once('#') {
            Some((interface, function)) => {
                Export { interface: Some(interface.to_owned()), function: function.to_owned() }
            }
            None => Export { interface: None, function: (*name).to_owned() },
        };
        names.iter().map(export).collect()
    }

    fn chosen(names: &[&str], main: &str) -> Result<String, String> {
        match choose(exports(names).iter(), main) {
            Ok(export) => Ok(export.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    const MATH: &str = "acme:calc/math@1.2.0#add";

    #[test]
    fn a_function_is_found_by_every_name_that_means_it() {
        for main in ["add", "math#add", "acme:calc/math#add", MATH] {
            assert_eq!(chosen(&[MATH, "acme:calc/math@1.2.0#sub"], main), Ok(MATH.to_owned()));
        }
        assert_eq!(chosen(&["add", MATH], "add"), Ok("add".to_owned()), "its whole name");
        assert_eq!(chosen(&["main", "add"], "main"), Ok("main".to_owned()));
    }

    #[test]
    fn the_only_function_and_the_handler_need_no_name() {
        assert_eq!(chosen(&[MATH], "main"), Ok(MATH.to_owned()));
        let handler = "wow:action/handler@0.1.0#run";
        for main in ["main", "run", "handler#run", "wow:action/handler#run", handler] {
            assert_eq!(chosen(&["add", handler], main), Ok(handler.to_owned()), "{main}");
        }
        assert_eq!(chosen(&["add", handler], "add"), Ok("add".to_owned()));
    }

    #[test]
    fn a_name_that_means_none_or_several_is_answered_with_what_there_is() {
        let other = "acme:calc/other@1.2.0#add";
        let both = format!("`{MATH}`, `{other}`");
        for (main, sentence) in [
            (
                "main",
                format!(
                    "the component has several functions: {both}\n\nhint: say which with `--main`"
                ),
            ),
            (
                "add",
                format!("the name `add` may mean {both}\n\nhint: say which with `--main '{MATH}'`"),
            ),
            ("sub", format!("the action has no function `sub`: it has {both}")),
            ("math#sub", format!("the action has no function `math#sub`: it has {both}")),
        ] {
            assert_eq!(chosen(&[MATH, other], main), Err(sentence));
        }
        let many: Vec<_> = (0..30).map(|number| format!("f{number}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        let sentence = chosen(&many, "g").expect_err("none");
        assert!(sentence.ends_with("`f19` and 10 more"), "{sentence}");
    }
}
