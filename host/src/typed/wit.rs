//! The types of a component that nobody has loaded, as `wit-parser` reads them from
//! its bytes.

use super::source::{Node, Source, Unsupported};
use super::types::{Function, Type};
use wit_parser::{Resolve, Type as WitType, TypeDefKind};

impl Function {
    /// The type of a function in a component's WIT.
    pub fn of_wit(resolve: &Resolve, function: &wit_parser::Function) -> Result<Self, Unsupported> {
        let described = |ty: &WitType| Described { resolve, ty: *ty };
        let parameters = function.params.iter();
        let parameters: Vec<_> =
            parameters.map(|parameter| (&*parameter.name, described(&parameter.ty))).collect();
        Self::from_source(&parameters, function.result.as_ref().map(described).as_ref())
    }
}

/// A type, and who knows what its number means.
#[derive(Clone, Copy)]
struct Described<'a> {
    resolve: &'a Resolve,
    ty: WitType,
}

impl Described<'_> {
    fn with(self, ty: &WitType) -> Self {
        Self { ty: *ty, ..self }
    }
}

impl Source for Described<'_> {
    fn node(&self) -> Node<'_, Self> {
        let mut ty = self.ty;
        loop {
            let WitType::Id(id) = ty else { return leaf(ty) };
            match &self.resolve.types[id].kind {
                TypeDefKind::Type(aliased) => ty = *aliased,
                kind => return self.defined(kind),
            }
        }
    }
}

impl<'a> Described<'a> {
    fn defined(&self, kind: &'a TypeDefKind) -> Node<'a, Self> {
        let with = |ty: &WitType| self.with(ty);
        match kind {
            TypeDefKind::List(ty) => Node::List(with(ty)),
            TypeDefKind::Tuple(tuple) => Node::Tuple(tuple.types.iter().map(with).collect()),
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter();
                Node::Record(fields.map(|field| (&*field.name, with(&field.ty))).collect())
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter();
                let case = |case: &'a wit_parser::Case| (&*case.name, case.ty.as_ref().map(with));
                Node::Variant(cases.map(case).collect())
            }
            TypeDefKind::Enum(cases) => {
                Node::Enum(cases.cases.iter().map(|case| &*case.name).collect())
            }
            TypeDefKind::Flags(flags) => {
                Node::Flags(flags.flags.iter().map(|flag| &*flag.name).collect())
            }
            TypeDefKind::Option(ty) => Node::Option(with(ty)),
            TypeDefKind::Result(result) => {
                Node::Result(result.ok.as_ref().map(with), result.err.as_ref().map(with))
            }
            TypeDefKind::Resource | TypeDefKind::Handle(_) => Node::Unsupported("a resource"),
            TypeDefKind::Future(_) => Node::Unsupported("a future"),
            TypeDefKind::Stream(_) => Node::Unsupported("a stream"),
            TypeDefKind::Map(..) => Node::Unsupported("a map"),
            TypeDefKind::FixedLengthList(..) => Node::Unsupported("a list of fixed length"),
            TypeDefKind::Type(ty) => leaf(*ty),
            TypeDefKind::Unknown => Node::Unsupported("of an unknown type"),
        }
    }
}

/// A type without parts.
fn leaf<'a, T>(ty: WitType) -> Node<'a, T> {
    Node::Leaf(match ty {
        WitType::Bool => Type::Bool,
        WitType::S8 => Type::S8,
        WitType::U8 => Type::U8,
        WitType::S16 => Type::S16,
        WitType::U16 => Type::U16,
        WitType::S32 => Type::S32,
        WitType::U32 => Type::U32,
        WitType::S64 => Type::S64,
        WitType::U64 => Type::U64,
        WitType::F32 => Type::F32,
        WitType::F64 => Type::F64,
        WitType::Char => Type::Char,
        WitType::String => Type::String,
        WitType::ErrorContext => return Node::Unsupported("an error-context"),
        WitType::Id(_) => return Node::Unsupported("of an unknown type"),
    })
}
