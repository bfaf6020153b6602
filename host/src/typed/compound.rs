//! Values that are made of others: lists, records, variants and their kin.

use super::LARGEST_BYTES;
use super::mismatch::{Found, Segment, quoted};
use super::names::{Name, Names};
use super::read::{Key, Value, found, string};
use super::types::{Fields, Type, Variant};
use super::walk::Walk;
use base64_simd::STANDARD;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt::Display;
use wasmtime::component::Val;

pub(super) fn list<'de, A: SeqAccess<'de>>(
    element: &Type,
    longest: usize,
    mut seq: A,
    walk: &mut Walk<'de>,
) -> Result<Vec<Val>, A::Error> {
    let mut values = Vec::new();
    loop {
        let next = walk.step(Segment::Index(values.len()), |walk| {
            seq.next_element_seed(Value { ty: element, walk })
        })?;
        let Some(value) = next else { return Ok(values) };
        if values.len() == longest {
            return Err(walk.refuse(format!("longer than {longest} bytes")));
        }
        walk.room(&mut values)?;
        values.push(value);
    }
}

pub(super) fn bytes<E: Error>(base64: &str, walk: &mut Walk<'_>) -> Result<Val, E> {
    if STANDARD.estimated_decoded_length(base64.len()) > LARGEST_BYTES + 3 {
        return Err(walk.refuse(format!("longer than {LARGEST_BYTES} bytes")));
    }
    let Ok(bytes) = STANDARD.decode_to_vec(base64) else {
        return Err(walk.expected(&Type::Bytes, Found::String(base64)));
    };
    if bytes.len() > LARGEST_BYTES {
        return Err(walk.refuse(format!("longer than {LARGEST_BYTES} bytes")));
    }
    walk.charge(bytes.len() * size_of::<Val>())?;
    Ok(Val::List(bytes.into_iter().map(Val::U8).collect()))
}

/// One value for each type; what is left out at the end is an option without a value.
pub(super) fn elements<'de, A: SeqAccess<'de>>(
    types: &[Type],
    mut seq: A,
    walk: &mut Walk<'de>,
) -> Result<Vec<Val>, A::Error> {
    walk.charge(types.len() * size_of::<Val>())?;
    let mut values = Vec::with_capacity(types.len());
    for (place, ty) in types.iter().enumerate() {
        let value = walk.step(Segment::Index(place), |walk| {
            let value = seq.next_element_seed(Value { ty, walk })?;
            value.map_or_else(|| absent(ty, walk), Ok)
        })?;
        values.push(value);
    }
    if seq.next_element::<IgnoredAny>()?.is_some() {
        return Err(walk.refuse(format!("expected an array of {}, got a longer one", types.len())));
    }
    Ok(values)
}

pub(super) fn flags<'de, A: SeqAccess<'de>>(
    names: &Names,
    mut seq: A,
    walk: &mut Walk<'de>,
) -> Result<Val, A::Error> {
    let mut set = vec![false; names.len()];
    let mut place = 0;
    while let Some(json) = seq.next_element::<&RawValue>()? {
        walk.step(Segment::Index(place), |walk| {
            let Some(text) = string(json.get()) else {
                return Err(walk.expected(names, found(json.get())));
            };
            let flag = named(names, names, &text, walk)?;
            if std::mem::replace(&mut set[flag], true) {
                return Err(walk.refuse(format!("{} is there twice", quoted(&text))));
            }
            walk.charge(size_of::<String>() + text.len())
        })?;
        place += 1;
    }
    let set = names.iter().zip(set).filter(|(_, set)| *set);
    Ok(Val::Flags(set.map(|(name, _)| name.wit.to_string()).collect()))
}

pub(super) fn record<'de, A: MapAccess<'de>>(
    record: &Fields,
    map: A,
    walk: &mut Walk<'de>,
) -> Result<Val, A::Error> {
    let names = record.names.iter().map(|name| name.wit.to_string());
    walk.charge(record.names.iter().map(|name| size_of::<String>() + name.wit.len()).sum())?;
    let values = fields(record, "", map, walk)?;
    Ok(Val::Record(names.zip(values).collect()))
}

/// One value for each field.
pub(super) fn fields<'de, A: MapAccess<'de>>(
    record: &Fields,
    ignored: &str,
    mut map: A,
    walk: &mut Walk<'de>,
) -> Result<Vec<Val>, A::Error> {
    walk.charge(record.types.len() * size_of::<Val>())?;
    let mut values: Vec<Option<Val>> = record.types.iter().map(|_| None).collect();
    while let Some(Key(key)) = map.next_key()? {
        let Some(field) = record.names.find(&key) else {
            if !ignored.is_empty() && key.starts_with(ignored) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let problem = unknown_key(&record.names, &key);
            return walk.step(Segment::Key(key), |walk| Err(walk.refuse(problem)));
        };
        walk.step(Segment::Key(key), |walk| {
            if values[field].is_some() {
                return Err(walk.refuse("the key is there twice"));
            }
            let ty = &record.types[field];
            values[field] = Some(map.next_value_seed(Value { ty, walk })?);
            Ok(())
        })?;
    }
    let fields = record.names.iter().zip(&record.types).zip(values);
    let value = |((name, ty), value): ((&Name, &Type), Option<Val>)| match value {
        Some(value) => Ok(value),
        None => walk.step(Segment::Key(name.json.to_string().into()), |walk| absent(ty, walk)),
    };
    fields.map(value).collect()
}

/// The value where there is none.
fn absent<E: Error>(ty: &Type, walk: &mut Walk<'_>) -> Result<Val, E> {
    match ty {
        Type::Option(_) => Ok(Val::Option(None)),
        _ => Err(walk.expected(ty, Found::Nothing)),
    }
}

fn unknown_key(names: &Names, key: &str) -> String {
    match names.near(key) {
        Some(name) => format!("unknown key, did you mean \"{name}\"?"),
        None if names.is_empty() => "unknown key, expected none".to_owned(),
        None => format!("unknown key, expected {names}"),
    }
}

pub(super) fn variant<'de, A: MapAccess<'de>>(
    variant: &Variant,
    map: A,
    walk: &mut Walk<'de>,
) -> Result<Val, A::Error> {
    let case = |key: &str| match variant.names.find(key).map(|case| &variant.payloads[case]) {
        Some(Some(payload)) => Ok(Some(payload)),
        Some(None) => Err((quoted(key), String::new())),
        None => Err((variant.to_string(), meant(&variant.names, key))),
    };
    let (key, value) = only_key(case, variant, map, walk)?;
    walk.charge(key.len())?;
    Ok(Val::Variant(key.into_owned(), value))
}

/// What a case holds.
type Payload = Option<Box<Val>>;

/// An object with one key, which says what its value is; `null` where that is
/// nothing. For another key `payload` says what was expected, and which was meant.
pub(super) fn only_key<'de, 't, A: MapAccess<'de>>(
    payload: impl FnOnce(&str) -> Result<Option<&'t Type>, (String, String)>,
    expected: impl Display,
    mut map: A,
    walk: &mut Walk<'de>,
) -> Result<(Cow<'de, str>, Payload), A::Error> {
    let Some(Key(key)) = map.next_key()? else {
        return Err(walk.expected(expected, "{}"));
    };
    let payload =
        payload(&key).map_err(|(expected, meant)| walk.expected(expected, keyed(&key) + &meant))?;
    let value = walk.step(Segment::Key(key.clone()), |walk| match payload {
        Some(ty) => {
            walk.charge(size_of::<Val>())?;
            map.next_value_seed(Value { ty, walk }).map(|value| Some(Box::new(value)))
        }
        None => match map.next_value::<&RawValue>()?.get() {
            "null" => Ok(None),
            json => Err(walk.expected("null", found(json))),
        },
    })?;
    match map.next_key()? {
        None => Ok((key, value)),
        Some(Key(other)) => {
            let both = format!("{} and {}", quoted(&key), quoted(&other));
            Err(walk.expected("one key", both))
        }
    }
}

/// An object with one key, for a message.
pub(super) fn keyed(key: &str) -> String {
    format!("{{{}: …}}", quoted(key))
}

/// The place of the name that a text is.
pub(super) fn named<E: Error>(
    names: &Names,
    expected: impl Display,
    text: &str,
    walk: &mut Walk<'_>,
) -> Result<usize, E> {
    names.find(text).ok_or_else(|| {
        let meant = meant(names, text);
        walk.expected(expected, quoted(text) + &meant)
    })
}

/// A question that ends a refusal, if a name was nearly right.
fn meant(names: &Names, text: &str) -> String {
    names.near(text).map_or_else(String::new, |name| format!(", did you mean \"{name}\"?"))
}
