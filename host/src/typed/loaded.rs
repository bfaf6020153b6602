//! The types of a component that wasmtime has loaded.

use super::source::{Node, Source, Unsupported};
use super::types::{Function, Type};
use wasmtime::component::types::{self, ComponentFunc};

impl Function {
    /// The type of a component's function.
    pub fn of(function: &ComponentFunc) -> Result<Self, Unsupported> {
        let parameters: Vec<_> = function.params().collect();
        Self::from_source(&parameters, function.results().next().as_ref())
    }
}

impl Source for types::Type {
    fn node(&self) -> Node<'_, Self> {
        match self {
            Self::Bool => Node::Leaf(Type::Bool),
            Self::S8 => Node::Leaf(Type::S8),
            Self::U8 => Node::Leaf(Type::U8),
            Self::S16 => Node::Leaf(Type::S16),
            Self::U16 => Node::Leaf(Type::U16),
            Self::S32 => Node::Leaf(Type::S32),
            Self::U32 => Node::Leaf(Type::U32),
            Self::S64 => Node::Leaf(Type::S64),
            Self::U64 => Node::Leaf(Type::U64),
            Self::Float32 => Node::Leaf(Type::F32),
            Self::Float64 => Node::Leaf(Type::F64),
            Self::Char => Node::Leaf(Type::Char),
            Self::String => Node::Leaf(Type::String),
            Self::List(list) => Node::List(list.ty()),
            Self::Tuple(tuple) => Node::Tuple(tuple.types().collect()),
            Self::Record(record) => {
                Node::Record(record.fields().map(|field| (field.name, field.ty)).collect())
            }
            Self::Variant(variant) => {
                Node::Variant(variant.cases().map(|case| (case.name, case.ty)).collect())
            }
            Self::Enum(cases) => Node::Enum(cases.names().collect()),
            Self::Flags(flags) => Node::Flags(flags.names().collect()),
            Self::Option(option) => Node::Option(option.ty()),
            Self::Result(result) => Node::Result(result.ok(), result.err()),
            Self::Own(_) | Self::Borrow(_) => Node::Unsupported("a resource"),
            Self::Future(_) => Node::Unsupported("a future"),
            Self::Stream(_) => Node::Unsupported("a stream"),
            Self::ErrorContext => Node::Unsupported("an error-context"),
            Self::Map(_) => Node::Unsupported("a map"),
            Self::FixedLengthList(_) => Node::Unsupported("a list of fixed length"),
        }
    }
}
