//! JSON text to values, in one pass: every value is made where it is read, and no
//! tree of the text is built. What is wrong is found before any guest starts.
//!
//! The walk follows the type, which is at most [`super::DEEPEST_TYPE`] deep.

use super::mismatch::{Found, Mismatch, quoted};
use super::types::{Fields, Function, Type};
use super::walk::Walk;
use super::{LARGEST_BYTES, compound, number};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt::{self, Display};
use wasmtime::component::Val;

impl Function {
    /// Reads the parameters of a call, one value for each: an object has them by name,
    /// an array in their order. Keys that begin with `ignored` are dropped unless a
    /// parameter has that name; an empty `ignored` drops none. The memory of the values
    /// is asked of `take` before it is used, in bytes.
    pub fn read<'a>(
        &self,
        json: &'a str,
        ignored: &str,
        take: &'a mut dyn FnMut(usize) -> bool,
    ) -> Result<Vec<Val>, Mismatch> {
        let mut walk = Walk::new(take);
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let call = Call { parameters: &self.parameters, ignored, walk: &mut walk };
        let values = deserializer.deserialize_any(call);
        let values = values.and_then(|values| deserializer.end().map(|()| values));
        values.map_err(|error| walk.ended(&error))
    }
}

/// The parameters of a call.
struct Call<'t, 'w, 'de> {
    parameters: &'t Fields,
    ignored: &'t str,
    walk: &'w mut Walk<'de>,
}

/// What a call's parameters are.
const CALL: &str = "an object or an array";

impl<'de> Visitor<'de> for Call<'_, '_, 'de> {
    type Value = Vec<Val>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CALL)
    }

    // Anything else is said here: serde's own words have the whole text in them.

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Err(self.walk.expected(CALL, Found::Bool(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Err(self.walk.expected(CALL, Found::Number(&value.to_string())))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Err(self.walk.expected(CALL, Found::Number(&value.to_string())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Err(self.walk.expected(CALL, Found::Number(&value.to_string())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Err(self.walk.expected(CALL, Found::String(text)))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Err(self.walk.expected(CALL, Found::Null))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        compound::fields(self.parameters, self.ignored, map, self.walk)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        compound::elements(&self.parameters.types, seq, self.walk)
    }
}

/// One value of a type.
pub(super) struct Value<'t, 'w, 'de> {
    pub(super) ty: &'t Type,
    pub(super) walk: &'w mut Walk<'de>,
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_, 'de> {
    type Value = Val;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val, D::Error> {
        match self.ty {
            Type::S8 | Type::S16 | Type::S32 | Type::S64 | Type::F32 => self.number(deserializer),
            Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::F64 => self.number(deserializer),
            Type::Option(inner) if !inner.is_option() => deserializer.deserialize_option(self),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Value<'_, '_, 'de> {
    /// Numbers are read from their text: see [`number`].
    fn number<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        let value = match json.as_bytes() {
            [b'-' | b'0'..=b'9', ..] => value_of(self.ty, json),
            _ => None,
        };
        value.ok_or_else(|| self.walk.expected(self.ty, found(json)))
    }

    fn mismatch<E: Error>(self, found: Found<'_>) -> Result<Val, E> {
        Err(self.walk.expected(self.ty, found))
    }
}

/// The value that a number has in a type, if it has one.
fn value_of(ty: &Type, number: &str) -> Option<Val> {
    fn whole<T: TryFrom<i128>>(number: &str) -> Option<T> {
        number::integer(number)?.try_into().ok()
    }
    Some(match ty {
        Type::S8 => Val::S8(whole(number)?),
        Type::U8 => Val::U8(whole(number)?),
        Type::S16 => Val::S16(whole(number)?),
        Type::U16 => Val::U16(whole(number)?),
        Type::S32 => Val::S32(whole(number)?),
        Type::U32 => Val::U32(whole(number)?),
        Type::S64 => Val::S64(whole(number)?),
        Type::U64 => Val::U64(whole(number)?),
        Type::F32 => Val::Float32(number::f32(number)?),
        Type::F64 => Val::Float64(number::f64(number)?),
        _ => return None,
    })
}

impl<'de> Visitor<'de> for Value<'_, '_, 'de> {
    type Value = Val;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ty.fmt(f)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Val, E> {
        match self.ty {
            Type::Bool => Ok(Val::Bool(value)),
            _ => self.mismatch(Found::Bool(value)),
        }
    }

    // A number where another type is asked for.

    fn visit_i64<E: Error>(self, value: i64) -> Result<Val, E> {
        self.mismatch(Found::Number(&value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Val, E> {
        self.mismatch(Found::Number(&value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Val, E> {
        self.mismatch(Found::Number(&value.to_string()))
    }

    /// `null` where no option is asked for, or an option of an option.
    fn visit_unit<E: Error>(self) -> Result<Val, E> {
        match self.ty {
            Type::Option(_) => Ok(Val::Option(None)),
            _ => self.mismatch(Found::Null),
        }
    }

    fn visit_none<E: Error>(self) -> Result<Val, E> {
        Ok(Val::Option(None))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val, D::Error> {
        let Type::Option(ty) = self.ty else { return self.mismatch(Found::Nothing) };
        self.walk.charge(size_of::<Val>())?;
        let value = Value { ty, walk: self.walk }.deserialize(deserializer)?;
        Ok(Val::Option(Some(Box::new(value))))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Val, E> {
        self.walk.charge(text.len())?;
        match self.ty {
            Type::String => Ok(Val::String(text.to_owned())),
            Type::Bytes => compound::bytes(text, self.walk),
            Type::Enum(names) => {
                compound::named(names, names, text, self.walk)?;
                Ok(Val::Enum(text.to_owned()))
            }
            Type::Variant(variant) => {
                let case = compound::named(&variant.names, variant, text, self.walk)?;
                if variant.payloads[case].is_some() {
                    return Err(self.walk.expected(compound::keyed(text), quoted(text)));
                }
                Ok(Val::Variant(text.to_owned(), None))
            }
            Type::Char => {
                let mut characters = text.chars();
                match (characters.next(), characters.next()) {
                    (Some(character), None) => Ok(Val::Char(character)),
                    _ => self.mismatch(Found::String(text)),
                }
            }
            _ => self.mismatch(Found::String(text)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Val, A::Error> {
        match self.ty {
            Type::Bytes => compound::list(&U8, LARGEST_BYTES, seq, self.walk).map(Val::List),
            Type::List(element) => {
                compound::list(element, usize::MAX, seq, self.walk).map(Val::List)
            }
            Type::Tuple(types) => compound::elements(types, seq, self.walk).map(Val::Tuple),
            Type::Flags(names) => compound::flags(names, seq, self.walk),
            _ => self.mismatch(Found::Array),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Val, A::Error> {
        match self.ty {
            Type::Record(record) => compound::record(record, map, self.walk),
            Type::Variant(variant) => compound::variant(variant, map, self.walk),
            Type::Result(ok, err) => {
                let case = |key: &str| match key {
                    "ok" => Ok(ok.as_deref()),
                    "err" => Ok(err.as_deref()),
                    _ => Err((self.ty.to_string(), String::new())),
                };
                let (key, value) = compound::only_key(case, self.ty, map, self.walk)?;
                Ok(Val::Result(if key == "ok" { Ok(value) } else { Err(value) }))
            }
            Type::Option(inner) if inner.is_option() => {
                let case = |key: &str| match key {
                    "some" => Ok(Some(&**inner)),
                    _ => Err((self.ty.to_string(), String::new())),
                };
                let (_, value) = compound::only_key(case, self.ty, map, self.walk)?;
                Ok(Val::Option(value))
            }
            _ => self.mismatch(Found::Object),
        }
    }
}

static U8: Type = Type::U8;

/// A key, borrowed where it has no escapes.
#[derive(Deserialize)]
pub(super) struct Key<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// The text of a JSON string; `None` if it is something else.
pub(super) fn string(json: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Key<'_>>(json).ok().map(|key| key.0)
}

/// What a JSON text is, for a message.
pub(super) fn found(json: &str) -> String {
    match string(json) {
        Some(text) => Found::String(&text).to_string(),
        None => Found::of(json).to_string(),
    }
}
