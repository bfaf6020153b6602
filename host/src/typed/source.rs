//! Reads a function's type, once, from whoever describes it: a loaded component or
//! the bytes of one. What JSON cannot hold does not become a [`Type`].

use super::names::Names;
use super::types::{Fields, Function, Returns, Type, Variant};
use super::{DEEPEST_TYPE, MOST_PARTS};
use std::fmt;

/// A type as someone else describes it, one step at a time.
pub(super) trait Source: Sized {
    /// What it is, its aliases resolved.
    fn node(&self) -> Node<'_, Self>;
}

/// One step into a type. `T` is what the types that it is made of are described by.
pub(super) enum Node<'a, T> {
    /// A type without parts.
    Leaf(Type),
    List(T),
    Tuple(Vec<T>),
    Record(Vec<(&'a str, T)>),
    Variant(Vec<(&'a str, Option<T>)>),
    Enum(Vec<&'a str>),
    Flags(Vec<&'a str>),
    Option(T),
    Result(Option<T>, Option<T>),
    /// What JSON has no value for, in words.
    Unsupported(&'static str),
}

impl Function {
    /// The function with these parameters and this result.
    pub(super) fn from_source<T: Source>(
        parameters: &[(&str, T)],
        result: Option<&T>,
    ) -> Result<Self, Unsupported> {
        let mut parts = Parts(MOST_PARTS);
        let types = parameters.iter().map(|(name, ty)| parts.read(ty, &Place::Parameter(name), 1));
        let types = types.collect::<Result<_, _>>()?;
        let names = parameters.iter().map(|(name, _)| *name).collect();
        let parameters = Fields { types, names: parts.names(names).map(Names::keys)? };
        let place = Place::Result;
        let returns = match result.map(|ty| (ty, ty.node())) {
            None => Returns::Nothing,
            Some((_, Node::Result(ok, err))) => Returns::Result(
                parts.payload(ok.as_ref(), &Place::Case(&place, "ok"), 1)?,
                parts.payload(err.as_ref(), &Place::Case(&place, "err"), 1)?,
            ),
            Some((ty, _)) => Returns::Value(parts.read(ty, &place, 1)?),
        };
        Ok(Self { parameters, returns })
    }
}

/// Why JSON cannot call a function: what cannot be, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsupported(String);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsupported {}

/// Where in a function's type.
enum Place<'a> {
    Parameter(&'a str),
    Result,
    Field(&'a Place<'a>, &'a str),
    Element(&'a Place<'a>),
    Case(&'a Place<'a>, &'a str),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(name) => write!(f, "the parameter `{name}`"),
            Self::Result => f.write_str("the result"),
            Self::Field(outer, name) => write!(f, "the field `{name}` of {outer}"),
            Self::Element(outer) => write!(f, "an element of {outer}"),
            Self::Case(outer, name) => write!(f, "the case `{name}` of {outer}"),
        }
    }
}

/// How many parts a function's type may still have.
struct Parts(usize);

impl Parts {
    fn read<T: Source>(
        &mut self,
        ty: &T,
        place: &Place<'_>,
        depth: usize,
    ) -> Result<Type, Unsupported> {
        // First: neither the words for a place nor the walk may go deeper.
        if depth > DEEPEST_TYPE {
            return Err(Unsupported(format!("its type is nested deeper than {DEEPEST_TYPE}")));
        }
        self.take(1)?;
        let depth = depth + 1;
        Ok(match ty.node() {
            Node::Leaf(ty) => ty,
            Node::List(ty) if matches!(ty.node(), Node::Leaf(Type::U8)) => Type::Bytes,
            Node::List(ty) => Type::List(self.boxed(&ty, &Place::Element(place), depth)?),
            Node::Tuple(types) => {
                let element = |ty: &T| self.read(ty, &Place::Element(place), depth);
                Type::Tuple(types.iter().map(element).collect::<Result<_, _>>()?)
            }
            Node::Record(fields) => {
                let field =
                    |(name, ty): &(&str, T)| self.read(ty, &Place::Field(place, name), depth);
                let types = fields.iter().map(field).collect::<Result<_, _>>()?;
                let names = fields.iter().map(|(name, _)| *name).collect();
                Type::Record(Fields { types, names: self.names(names).map(Names::keys)? })
            }
            Node::Variant(cases) => {
                let case = |(name, ty): &(&str, Option<T>)| {
                    self.payload(ty.as_ref(), &Place::Case(place, name), depth)
                };
                let payloads = cases.iter().map(case).collect::<Result<_, _>>()?;
                let names = cases.iter().map(|(name, _)| *name).collect();
                Type::Variant(Variant { payloads, names: self.names(names).map(Names::cases)? })
            }
            Node::Enum(names) => Type::Enum(self.names(names).map(Names::cases)?),
            Node::Flags(names) => Type::Flags(self.names(names).map(Names::cases)?),
            Node::Option(ty) => Type::Option(self.boxed(&ty, place, depth)?),
            Node::Result(ok, err) => Type::Result(
                self.payload(ok.as_ref(), &Place::Case(place, "ok"), depth)?.map(Box::new),
                self.payload(err.as_ref(), &Place::Case(place, "err"), depth)?.map(Box::new),
            ),
            Node::Unsupported(what) => {
                let problem = format!("{place} is {what}, which JSON has no value for");
                return Err(Unsupported(problem));
            }
        })
    }

    fn boxed<T: Source>(
        &mut self,
        ty: &T,
        place: &Place<'_>,
        depth: usize,
    ) -> Result<Box<Type>, Unsupported> {
        self.read(ty, place, depth).map(Box::new)
    }

    fn payload<T: Source>(
        &mut self,
        ty: Option<&T>,
        place: &Place<'_>,
        depth: usize,
    ) -> Result<Option<Type>, Unsupported> {
        ty.map(|ty| self.read(ty, place, depth)).transpose()
    }

    /// Names count as parts, and long ones as several: they take memory as those do.
    fn names<'a>(&mut self, names: Vec<&'a str>) -> Result<Vec<&'a str>, Unsupported> {
        names.iter().try_for_each(|name| self.take(1 + name.len() / 64))?;
        Ok(names)
    }

    fn take(&mut self, parts: usize) -> Result<(), Unsupported> {
        let too_many = || Unsupported(format!("its type has more than {MOST_PARTS} parts"));
        self.0 = self.0.checked_sub(parts).ok_or_else(too_many)?;
        Ok(())
    }
}
