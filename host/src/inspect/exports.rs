//! What a component exports that an action could run, in which shape, and the types
//! that it declares.

use crate::component::{self, Export, Shape};
use crate::error::LoadError;
use crate::typed::Function;
use std::collections::HashMap;
use wit_component::WitPrinter;
use wit_parser::{Handle, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldId, WorldItem};

/// Something that an action could run.
pub(super) struct Entry {
    pub(super) export: Export,
    /// Its type in WIT, without its name.
    pub(super) wit: String,
    pub(super) shape: Result<Shape, LoadError>,
}

/// The types of one owner.
pub(super) struct Types {
    /// Their interface; none if they are the component's own.
    pub(super) interface: Option<String>,
    /// Their declarations in WIT.
    pub(super) wit: String,
}

impl Entry {
    fn of(
        resolve: &Resolve,
        interface: Option<&str>,
        function: &wit_parser::Function,
    ) -> Option<Self> {
        let interface = interface.map(str::to_owned);
        let export = Export { interface, function: function.name.clone() };
        let shape = || {
            let ty = Function::of_wit(resolve, function);
            component::judge(&export, function.kind.is_async(), ty, handles(resolve, function))
        };
        let shape = export.is_runnable().then(shape)?;
        Some(Self { wit: signature(resolve, function), export, shape })
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
            others.push(name);
        }
    }
    (entries, others)
}

/// Whether it takes a request and a place for the response, and returns nothing.
fn handles(resolve: &Resolve, function: &wit_parser::Function) -> bool {
    let owned = |ty: &Type| match ty {
        Type::Id(id) => matches!(resolve.types[*id].kind, TypeDefKind::Handle(Handle::Own(_))),
        _ => false,
    };
    let parameters = &function.params;
    parameters.len() == 2
        && parameters.iter().all(|parameter| owned(&parameter.ty))
        && function.result.is_none()
}

/// `func(a: s64, b: s64) -> s64`.
fn signature(resolve: &Resolve, function: &wit_parser::Function) -> String {
    let name = |ty: &Type| {
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
