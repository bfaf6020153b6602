//! Types in WIT's words, for people who compare two of them.

use wac_graph::types::{DefinedType, FuncType, ItemKind, Type, Types, ValueType};

/// How deep a type is shown. Deeper ones differ in what nobody reads.
const SHOWN: usize = 8;

/// An item, such as `func(a: s64) -> s64`.
pub(super) fn item(types: &Types, kind: ItemKind) -> String {
    match kind {
        ItemKind::Func(id) | ItemKind::Type(Type::Func(id)) => function(types, &types[id]),
        ItemKind::Type(Type::Value(ty)) => format!("type {}", value(types, ty, SHOWN)),
        ItemKind::Type(Type::Resource(_)) => "resource".to_owned(),
        other => other.desc(types).to_owned(),
    }
}

fn function(types: &Types, function: &FuncType) -> String {
    let parameters = function.params.iter();
    let parameters = parameters.map(|(name, ty)| format!("{name}: {}", value(types, *ty, SHOWN)));
    let parameters = parameters.collect::<Vec<_>>().join(", ");
    let keyword = if function.is_async { "async func" } else { "func" };
    match function.result {
        Some(result) => format!("{keyword}({parameters}) -> {}", value(types, result, SHOWN)),
        None => format!("{keyword}({parameters})"),
    }
}

fn value(types: &Types, ty: ValueType, depth: usize) -> String {
    match ty {
        ValueType::Primitive(primitive) => primitive.desc().to_owned(),
        ValueType::Own(id) => types[types.resolve_resource(id)].name.clone(),
        ValueType::Borrow(id) => format!("borrow<{}>", types[types.resolve_resource(id)].name),
        ValueType::Defined(_) if depth == 0 => "…".to_owned(),
        ValueType::Defined(id) => defined(types, &types[id], depth - 1),
    }
}

fn defined(types: &Types, ty: &DefinedType, depth: usize) -> String {
    let value = |ty: &ValueType| value(types, *ty, depth);
    let all = |types: &[ValueType]| types.iter().map(value).collect::<Vec<_>>().join(", ");
    let payload = |ty: &Option<ValueType>| ty.as_ref().map(value);
    match ty {
        DefinedType::Alias(ty) => value(ty),
        DefinedType::Tuple(parts) => format!("tuple<{}>", all(parts)),
        DefinedType::List(ty) => format!("list<{}>", value(ty)),
        DefinedType::FixedSizeList(ty, length) => format!("list<{}, {length}>", value(ty)),
        DefinedType::Map(key, ty) => format!("map<{}, {}>", value(key), value(ty)),
        DefinedType::Option(ty) => format!("option<{}>", value(ty)),
        DefinedType::Result { ok, err } => match (payload(ok), payload(err)) {
            (None, None) => "result".to_owned(),
            (Some(ok), None) => format!("result<{ok}>"),
            (ok, Some(err)) => format!("result<{}, {err}>", ok.as_deref().unwrap_or("_")),
        },
        DefinedType::Record(record) => {
            let fields = record.fields.iter().map(|(name, ty)| format!("{name}: {}", value(ty)));
            braced("record", fields)
        }
        DefinedType::Variant(variant) => {
            let cases = variant.cases.iter().map(|(name, ty)| match payload(ty) {
                Some(ty) => format!("{name}({ty})"),
                None => name.clone(),
            });
            braced("variant", cases)
        }
        DefinedType::Flags(flags) => braced("flags", flags.0.iter().cloned()),
        DefinedType::Enum(cases) => braced("enum", cases.0.iter().cloned()),
        DefinedType::Stream(ty) => parametric("stream", payload(ty)),
        DefinedType::Future(ty) => parametric("future", payload(ty)),
    }
}

fn braced(keyword: &str, parts: impl Iterator<Item = String>) -> String {
    format!("{keyword} {{ {} }}", parts.collect::<Vec<_>>().join(", "))
}

fn parametric(keyword: &str, payload: Option<String>) -> String {
    payload.map_or_else(|| keyword.to_owned(), |ty| format!("{keyword}<{ty}>"))
}
