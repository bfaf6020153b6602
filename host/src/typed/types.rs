//! What a function takes and gives. Read once when an action is loaded; what JSON
//! cannot hold does not become a [`Type`].

use super::names::Names;
use super::{DEEPEST_TYPE, MOST_PARTS};
use std::fmt;
use wasmtime::component::types::{self, ComponentFunc};

/// A function that JSON can call.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its parameters, which are the fields of the object that calls it.
    pub parameters: Fields,
    /// What it returns.
    pub returns: Returns,
}

/// What a function returns.
#[derive(Clone, Debug, PartialEq)]
pub enum Returns {
    /// Nothing.
    Nothing,
    /// A value that is its outcome.
    Value(Type),
    /// An outcome, or an error of its own.
    Result(Option<Type>, Option<Type>),
}

/// A type that JSON has values for.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are WIT's")]
pub enum Type {
    Bool,
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    S64,
    U64,
    F32,
    F64,
    Char,
    String,
    /// A `list<u8>`.
    Bytes,
    List(Box<Type>),
    Tuple(Box<[Type]>),
    Record(Fields),
    Variant(Variant),
    Enum(Names),
    Flags(Names),
    Option(Box<Type>),
    Result(Option<Box<Type>>, Option<Box<Type>>),
}

/// The fields of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Fields {
    /// Their keys.
    pub names: Names,
    /// The type of each.
    pub types: Box<[Type]>,
}

/// The cases of a variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Their names.
    pub names: Names,
    /// What each holds, if anything.
    pub payloads: Box<[Option<Type>]>,
}

impl Function {
    /// The type of a component's function.
    pub fn of(function: &ComponentFunc) -> Result<Self, Unsupported> {
        let mut parts = Parts(MOST_PARTS);
        let parameters: Vec<_> = function.params().collect();
        let mut parameter =
            |(name, ty): &(&str, types::Type)| parts.read(ty, &Place::Parameter(name), 1);
        let parameters = Fields {
            types: parameters.iter().map(&mut parameter).collect::<Result<_, _>>()?,
            names: parts.keys(parameters.iter().map(|(name, _)| *name))?,
        };
        let place = Place::Result;
        let returns = match function.results().next() {
            None => Returns::Nothing,
            Some(types::Type::Result(result)) => Returns::Result(
                parts.payload(result.ok(), &Place::Case(&place, "ok"), 1)?,
                parts.payload(result.err(), &Place::Case(&place, "err"), 1)?,
            ),
            Some(ty) => Returns::Value(parts.read(&ty, &place, 1)?),
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
    fn read(
        &mut self,
        ty: &types::Type,
        place: &Place<'_>,
        depth: usize,
    ) -> Result<Type, Unsupported> {
        // First: neither the words for a place nor the walk may go deeper.
        if depth > DEEPEST_TYPE {
            return Err(Unsupported(format!("its type is nested deeper than {DEEPEST_TYPE}")));
        }
        self.take(1)?;
        let unsupported =
            |what| Err(Unsupported(format!("{place} is {what}, which JSON has no value for")));
        let depth = depth + 1;
        Ok(match ty {
            types::Type::Bool => Type::Bool,
            types::Type::S8 => Type::S8,
            types::Type::U8 => Type::U8,
            types::Type::S16 => Type::S16,
            types::Type::U16 => Type::U16,
            types::Type::S32 => Type::S32,
            types::Type::U32 => Type::U32,
            types::Type::S64 => Type::S64,
            types::Type::U64 => Type::U64,
            types::Type::Float32 => Type::F32,
            types::Type::Float64 => Type::F64,
            types::Type::Char => Type::Char,
            types::Type::String => Type::String,
            types::Type::List(list) if list.ty() == types::Type::U8 => Type::Bytes,
            types::Type::List(list) => {
                Type::List(self.boxed(&list.ty(), &Place::Element(place), depth)?)
            }
            types::Type::Tuple(tuple) => {
                let element = |ty| self.read(&ty, &Place::Element(place), depth);
                Type::Tuple(tuple.types().map(element).collect::<Result<_, _>>()?)
            }
            types::Type::Record(record) => {
                let field = |field: types::Field<'_>| {
                    self.read(&field.ty, &Place::Field(place, field.name), depth)
                };
                Type::Record(Fields {
                    types: record.fields().map(field).collect::<Result<_, _>>()?,
                    names: self.keys(record.fields().map(|field| field.name))?,
                })
            }
            types::Type::Variant(variant) => {
                let case = |case: types::Case<'_>| {
                    self.payload(case.ty, &Place::Case(place, case.name), depth)
                };
                Type::Variant(Variant {
                    payloads: variant.cases().map(case).collect::<Result<_, _>>()?,
                    names: self.cases(variant.cases().map(|case| case.name))?,
                })
            }
            types::Type::Enum(cases) => Type::Enum(self.cases(cases.names())?),
            types::Type::Flags(flags) => Type::Flags(self.cases(flags.names())?),
            types::Type::Option(option) => Type::Option(self.boxed(&option.ty(), place, depth)?),
            types::Type::Result(result) => Type::Result(
                self.payload(result.ok(), &Place::Case(place, "ok"), depth)?.map(Box::new),
                self.payload(result.err(), &Place::Case(place, "err"), depth)?.map(Box::new),
            ),
            types::Type::Own(_) | types::Type::Borrow(_) => return unsupported("a resource"),
            types::Type::Future(_) => return unsupported("a future"),
            types::Type::Stream(_) => return unsupported("a stream"),
            types::Type::ErrorContext => return unsupported("an error-context"),
            types::Type::Map(_) => return unsupported("a map"),
            types::Type::FixedLengthList(_) => return unsupported("a list of fixed length"),
        })
    }

    fn boxed(
        &mut self,
        ty: &types::Type,
        place: &Place<'_>,
        depth: usize,
    ) -> Result<Box<Type>, Unsupported> {
        self.read(ty, place, depth).map(Box::new)
    }

    fn payload(
        &mut self,
        ty: Option<types::Type>,
        place: &Place<'_>,
        depth: usize,
    ) -> Result<Option<Type>, Unsupported> {
        ty.map(|ty| self.read(&ty, place, depth)).transpose()
    }

    fn keys<'a>(&mut self, names: impl Iterator<Item = &'a str>) -> Result<Names, Unsupported> {
        self.names(names).map(Names::keys)
    }

    fn cases<'a>(&mut self, names: impl Iterator<Item = &'a str>) -> Result<Names, Unsupported> {
        self.names(names).map(Names::cases)
    }

    /// Names count as parts, and long ones as several: they take memory as those do.
    fn names<'a>(
        &mut self,
        names: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<&'a str>, Unsupported> {
        names.map(|name| self.take(1 + name.len() / 64).map(|()| name)).collect()
    }

    fn take(&mut self, parts: usize) -> Result<(), Unsupported> {
        let too_many = || Unsupported(format!("its type has more than {MOST_PARTS} parts"));
        self.0 = self.0.checked_sub(parts).ok_or_else(too_many)?;
        Ok(())
    }
}

/// What JSON must have for a type, as it is said after "expected".
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::S8 => "s8",
            Self::U8 => "u8",
            Self::S16 => "s16",
            Self::U16 => "u16",
            Self::S32 => "s32",
            Self::U32 => "u32",
            Self::S64 => "s64",
            Self::U64 => "u64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Char => "char",
            Self::String => "string",
            Self::Bytes => "a base64 string or an array of bytes",
            Self::List(_) => "an array",
            Self::Tuple(types) => return write!(f, "an array of {}", types.len()),
            Self::Record(_) => "an object",
            Self::Variant(variant) => return variant.fmt(f),
            Self::Enum(names) => return names.fmt(f),
            Self::Flags(_) => "an array of flags",
            Self::Option(inner) if inner.is_option() => r#"{"some": …} or null"#,
            Self::Option(inner) => return write!(f, "{inner} or null"),
            Self::Result(..) => r#"{"ok": …} or {"err": …}"#,
        })
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        one_of(f, self, |f, name, _| write!(f, "\"{name}\""))
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        one_of(f, &self.names, |f, name, place| match self.payloads[place] {
            Some(_) => write!(f, "{{\"{name}\": …}}"),
            None => write!(f, "\"{name}\""),
        })
    }
}

/// How many of many names are listed.
const MOST_LISTED: usize = 12;

/// `one of "s", "m", "l"`, or the one that there is.
fn one_of(
    f: &mut fmt::Formatter<'_>,
    names: &Names,
    show: impl Fn(&mut fmt::Formatter<'_>, &str, usize) -> fmt::Result,
) -> fmt::Result {
    if names.len() > 1 {
        f.write_str("one of ")?;
    }
    for (place, name) in names.iter().enumerate().take(MOST_LISTED) {
        if place > 0 {
            f.write_str(", ")?;
        }
        show(f, &name.json, place)?;
    }
    if names.len() > MOST_LISTED {
        write!(f, ", … ({} in all)", names.len())?;
    }
    Ok(())
}

impl Type {
    /// Whether `null` is one of its values, so that an option of it must say which
    /// `null` is meant.
    pub(super) fn is_option(&self) -> bool {
        matches!(self, Self::Option(_))
    }
}
