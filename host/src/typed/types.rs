//! What a function takes and gives. Read once when an action is loaded; what JSON
//! cannot hold does not become a [`Type`].

use super::names::Names;
use std::fmt;

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
