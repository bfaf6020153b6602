//! What a component exports that an action could run, in which shape, and the types
//! that it declares.

use crate::component::{Export, HANDLER_VERSION, unversioned};
use crate::error::LoadError;
use crate::typed::{Function, Returns, Type};
use std::collections::HashMap;
use wit_component::WitPrinter;
use wit_parser::{Resolve, TypeId, TypeOwner, WorldId, WorldItem};

/// What a component from elsewhere exports to answer HTTP requests.
const INCOMING: &str = "wasi:http/incoming-handler";
/// The same in WASI 0.3.
const INCOMING_P3: &str = "wasi:http/handler";
/// What a program exports.
const PROGRAM: &str = "wasi:cli/run";
/// The versions of both that this host could run.
const WASI: &str = "0.2.";

/// Something that an action could run.
pub(super) struct Entry {
    pub(super) export: Export,
    /// Its type in WIT, without its name.
    pub(super) wit: String,
    pub(super) shape: Result<Shape, LoadError>,
}

/// How it takes parameters and gives a result.
pub(super) enum Shape {
    Json,
    Typed(Function),
    Http,
    Program,
}

/// The types of one owner.
pub(super) struct Types {
    /// Their interface; none if they are the component's own.
    pub(super) interface: Option<String>,
    /// Their declarations in WIT.
    pub(super) wit: String,
}

impl Shape {
    /// In words.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Json => "JSON action",
            Self::Typed(_) => "typed action",
            Self::Http => "HTTP action",
            Self::Program => "program",
        }
    }

    /// As data.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Typed(_) => "typed",
            Self::Http => "http",
            Self::Program => "program",
        }
    }

    /// Which of several is run if nothing is said.
    pub(super) fn rank(&self) -> usize {
        match self {
            Self::Json => 0,
            Self::Typed(_) => 1,
            Self::Http => 2,
            Self::Program => 3,
        }
    }
}

impl Entry {
    fn of(
        resolve: &Resolve,
        interface: Option<&str>,
        function: &wit_parser::Function,
    ) -> Option<Self> {
        if function.name.starts_with('[') {
            return None;
        }
        let name = interface.map(unversioned);
        let wasi = name.is_some_and(|name| name.starts_with("wasi:"));
        if wasi && !name.is_some_and(|name| [INCOMING, INCOMING_P3, PROGRAM].contains(&name)) {
            return None;
        }
        let export =
            Export { interface: interface.map(str::to_owned), function: function.name.clone() };
        let shape = shape(resolve, &export, function);
        Some(Self { wit: signature(resolve, function), export, shape })
    }

    /// Whether it is WASI's interface and not one of the component's own.
    pub(super) fn is_wasi(&self) -> bool {
        self.export.interface.as_ref().is_some_and(|interface| interface.starts_with("wasi:"))
    }
}

/// What can be run, and the names of what cannot.
pub(super) fn read(resolve: &Resolve, world: WorldId) -> (Vec<Entry>, Vec<String>) {
    let (mut entries, mut others) = (Vec::new(), Vec::new());
    for (key, item) in &resolve.worlds[world].exports {
        let name = resolve.name_world_key(key);
        let before = entries.len();
        match item {
            WorldItem::Function(function) => entries.extend(Entry::of(resolve, None, function)),
            WorldItem::Interface { id, .. } => {
                let functions = resolve.interfaces[*id].functions.values();
                entries.extend(functions.filter_map(|f| Entry::of(resolve, Some(&name), f)));
            }
            WorldItem::Type { .. } => {}
        }
        if entries.len() == before {
            others.push(format!("`{name}`"));
        }
    }
    (entries, others)
}

fn shape(
    resolve: &Resolve,
    export: &Export,
    function: &wit_parser::Function,
) -> Result<Shape, LoadError> {
    let (name, version) = match &export.interface {
        Some(interface) => interface.split_once('@').unwrap_or((interface, "")),
        None => ("", ""),
    };
    if name == INCOMING_P3 || ([INCOMING, PROGRAM].contains(&name) && !version.starts_with(WASI)) {
        let refusal = format!("`{export}` is not of WASI {WASI}x, which this host runs");
        return Err(LoadError::new(refusal).hint("build the component for WASI 0.2"));
    }
    if function.kind.is_async() {
        let refusal = format!("`{export}` is an `async func`, which this host does not run");
        return Err(
            LoadError::new(refusal).hint("declare it as `func`: waiting holds up nobody else")
        );
    }
    match name {
        INCOMING => return Ok(Shape::Http),
        PROGRAM => return Ok(Shape::Program),
        _ => {}
    }
    if export.is_handler() && !version.starts_with(HANDLER_VERSION) {
        return Err(LoadError::new(format!(
            "the component exports `{export}`; this host runs version {HANDLER_VERSION}x"
        )));
    }
    let typed = Function::of_wit(resolve, function);
    if !export.is_handler() {
        return typed.map(Shape::Typed).map_err(|unsupported| {
            LoadError::new(format!("`{export}` cannot be called with JSON: {unsupported}"))
        });
    }
    match typed {
        Ok(typed) if is_run(&typed) => Ok(Shape::Json),
        _ => Err(LoadError::new(format!(
            "`{export}` has another type than `func(parameters: string) -> result<string, string>`"
        ))),
    }
}

fn is_run(function: &Function) -> bool {
    *function.parameters.types == [Type::String]
        && function.returns == Returns::Result(Some(Type::String), Some(Type::String))
}

/// `func(a: s64, b: s64) -> s64`.
fn signature(resolve: &Resolve, function: &wit_parser::Function) -> String {
    let name = |ty: &wit_parser::Type| {
        let mut printer = WitPrinter::default();
        match printer.print_type_name(resolve, ty) {
            Ok(()) => printer.output.to_string(),
            // A type without a name has none to show; JSON can call the function all the same.
            Err(_) => "…".to_owned(),
        }
    };
    let parameters = function.params.iter();
    let parameters: Vec<_> = parameters
        .map(|parameter| format!("{}: {}", parameter.name, name(&parameter.ty)))
        .collect();
    let word = if function.kind.is_async() { "async func" } else { "func" };
    let result = function.result.as_ref().map(|ty| format!(" -> {}", name(ty)));
    format!("{word}({}){}", parameters.join(", "), result.unwrap_or_default())
}

/// The types that the component's own functions name, as they are declared.
pub(super) fn types(resolve: &Resolve, world: WorldId) -> Result<Vec<Types>, LoadError> {
    let mut types = Vec::new();
    let items = &resolve.worlds[world];
    let all = items.imports.iter().chain(&items.exports);
    let own: Vec<_> = all
        .filter_map(|(key, item)| match item {
            WorldItem::Type { id, .. } => Some((resolve.name_world_key(key), *id)),
            _ => None,
        })
        .collect();
    let own = own.iter().map(|(name, id)| (name.as_str(), *id));
    types.extend(declared(resolve, None, TypeOwner::World(world), own)?);
    for (key, item) in &items.exports {
        let name = resolve.name_world_key(key);
        if let WorldItem::Interface { id, .. } = item
            && !name.starts_with("wasi:")
        {
            let own = resolve.interfaces[*id].types.iter().map(|(name, id)| (name.as_str(), *id));
            types.extend(declared(resolve, Some(name), TypeOwner::Interface(*id), own)?);
        }
    }
    Ok(types)
}

fn declared<'a>(
    resolve: &Resolve,
    interface: Option<String>,
    owner: TypeOwner,
    types: impl Iterator<Item = (&'a str, TypeId)>,
) -> Result<Option<Types>, LoadError> {
    let mut printer = WitPrinter::default();
    printer.print_types(resolve, owner, types, &HashMap::new()).map_err(|cause| {
        LoadError::new(format!("the types of the component cannot be shown: {cause:#}"))
    })?;
    let wit = printer.output.to_string().trim_end().to_owned();
    Ok((!wit.is_empty()).then_some(Types { interface, wit }))
}
