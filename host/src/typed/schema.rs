//! A function as JSON Schema (2020-12): what [`Function::read`] accepts, and what
//! [`Function::write`] writes. `docs/typed-json.md` says what a schema cannot.

use super::LARGEST_BYTES;
use super::names::{Name, Names};
use super::types::{Fields, Function, Returns, Type, Variant};
use serde_json::{Map, Value, json};

/// The dialect of every schema here.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Base64 as it is read: the standard alphabet, padded, and no bits that mean nothing.
const BASE64: &str =
    "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

/// What an action's own error is where the function has no words for it.
const NO_WORDS: &str = "the function returned an error without a value";

/// Which way values go.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// Every spelling that is read.
    In,
    /// The one that is written.
    Out,
}

impl Function {
    /// What the parameters of a call may be. Keys that begin with `ignored` are allowed
    /// whatever they hold; an empty `ignored` allows none.
    pub fn input_schema(&self, ignored: &str) -> Value {
        let mut named = object(&self.parameters, Way::In);
        if !ignored.is_empty() {
            named["patternProperties"] = json!({ format!("^{ignored}"): true });
        }
        json!({ "$schema": DIALECT, "oneOf": [named, tuple(&self.parameters.types, Way::In)] })
    }

    /// What the parameters of a call by name may be.
    pub fn parameters_schema(&self) -> Value {
        dialect(object(&self.parameters, Way::In))
    }

    /// What an outcome is: an object or an array.
    pub fn output_schema(&self) -> Value {
        let outcome = match &self.returns {
            Returns::Nothing | Returns::Result(None, _) => empty(),
            Returns::Value(ty) | Returns::Result(Some(ty), _) => outcome(ty),
        };
        dialect(outcome)
    }

    /// What the function's own error is, under the key `error`; none if it has none.
    pub fn error_schema(&self) -> Option<Value> {
        let Returns::Result(_, error) = &self.returns else { return None };
        let error = match error {
            Some(ty) => of(ty, Way::Out),
            None => json!({ "const": NO_WORDS }),
        };
        Some(dialect(keyed("error", error)))
    }
}

fn dialect(mut schema: Value) -> Value {
    schema["$schema"] = DIALECT.into();
    schema
}

/// The schema of values of a type.
fn of(ty: &Type, way: Way) -> Value {
    match ty {
        Type::Bool => json!({ "type": "boolean" }),
        Type::S8 => integer(i8::MIN, i8::MAX),
        Type::U8 => integer(u8::MIN, u8::MAX),
        Type::S16 => integer(i16::MIN, i16::MAX),
        Type::U16 => integer(u16::MIN, u16::MAX),
        Type::S32 => integer(i32::MIN, i32::MAX),
        Type::U32 => integer(u32::MIN, u32::MAX),
        Type::S64 => integer(i64::MIN, i64::MAX),
        Type::U64 => integer(u64::MIN, u64::MAX),
        // The largest number, as a double, that is nearer to the largest single than to infinity.
        Type::F32 => number(3.402_823_567_797_336_6e38),
        Type::F64 => number(f64::MAX),
        Type::Char => json!({ "type": "string", "minLength": 1, "maxLength": 1 }),
        Type::String => json!({ "type": "string" }),
        Type::Bytes => bytes(way),
        Type::List(ty) => json!({ "type": "array", "items": of(ty, way) }),
        Type::Tuple(types) => tuple(types, way),
        Type::Record(record) => object(record, way),
        Type::Variant(cases) => variant(cases, way),
        Type::Enum(names) => json!({ "enum": spellings(names) }),
        Type::Flags(names) => {
            json!({ "type": "array", "items": { "enum": spellings(names) }, "uniqueItems": true })
        }
        Type::Option(inner) => {
            let some = match &**inner {
                nested @ Type::Option(_) => keyed("some", of(nested, way)),
                inner => of(inner, way),
            };
            json!({ "oneOf": [{ "type": "null" }, some] })
        }
        Type::Result(ok, err) => {
            let case = |name, ty: &Option<Box<Type>>| {
                keyed(name, ty.as_ref().map_or_else(null, |ty| of(ty, way)))
            };
            json!({ "oneOf": [case("ok", ok), case("err", err)] })
        }
    }
}

fn null() -> Value {
    json!({ "type": "null" })
}

fn empty() -> Value {
    json!({ "type": "object", "additionalProperties": false })
}

fn integer<T: Into<Value>>(least: T, most: T) -> Value {
    json!({ "type": "integer", "minimum": least.into(), "maximum": most.into() })
}

fn number(most: f64) -> Value {
    json!({ "type": "number", "minimum": -most, "maximum": most })
}

/// Base64, or going in also an array of bytes.
fn bytes(way: Way) -> Value {
    let whole = LARGEST_BYTES / 3 * 4;
    let base64 = json!({
        "type": "string",
        "contentEncoding": "base64",
        "pattern": BASE64,
        // The last group has one byte: 1 MiB is no multiple of three.
        "maxLength": whole + 4,
        "anyOf": [{ "maxLength": whole }, { "pattern": "==$" }],
    });
    match way {
        Way::Out => base64,
        Way::In => {
            let byte = integer(u8::MIN, u8::MAX);
            let array = json!({ "type": "array", "items": byte, "maxItems": LARGEST_BYTES });
            json!({ "oneOf": [base64, array] })
        }
    }
}

/// An array with an element for each type; going in, options at its end may be left out.
fn tuple(types: &[Type], way: Way) -> Value {
    let needed = match way {
        Way::In => types.iter().rposition(|ty| !ty.is_option()).map_or(0, |last| last + 1),
        Way::Out => types.len(),
    };
    let mut schema = json!({ "type": "array", "minItems": needed, "maxItems": types.len() });
    // A list of schemas may not be empty.
    if !types.is_empty() {
        schema["prefixItems"] = types.iter().map(|ty| of(ty, way)).collect();
    }
    schema
}

/// An object with these keys and no others.
fn object(record: &Fields, way: Way) -> Value {
    let mut properties = Map::new();
    let (mut required, mut rules) = (Vec::new(), Vec::new());
    for (name, ty) in record.names.iter().zip(&record.types) {
        let schema = of(ty, way);
        let two = way == Way::In && name.wit != name.json;
        if two {
            properties.insert(name.wit.to_string(), schema.clone());
            rules.push(spelled_once(name, ty));
        } else if way == Way::Out || !ty.is_option() {
            required.push(Value::from(&*name.json));
        }
        properties.insert(name.json.to_string(), schema);
    }
    let mut schema = empty();
    schema["properties"] = properties.into();
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    if !rules.is_empty() {
        schema["allOf"] = rules.into();
    }
    schema
}

/// A key is there in one of its two spellings, or if it may be missing in neither.
fn spelled_once(name: &Name, ty: &Type) -> Value {
    let (json, wit) = (&*name.json, &*name.wit);
    match ty.is_option() {
        true => json!({ "not": { "required": [json, wit] } }),
        false => json!({ "oneOf": [{ "required": [json] }, { "required": [wit] }] }),
    }
}

/// Cases without a value by their names, others as an object with one key.
fn variant(variant: &Variant, way: Way) -> Value {
    let cases = || variant.names.iter().zip(&variant.payloads);
    let bare: Vec<_> =
        cases().filter(|(_, ty)| ty.is_none()).map(|(name, _)| &*name.json).collect();
    let mut schemas = Vec::new();
    if !bare.is_empty() {
        schemas.push(json!({ "enum": bare }));
    }
    let full = cases().filter_map(|(name, ty)| Some(keyed(&name.json, of(ty.as_ref()?, way))));
    schemas.extend(full);
    json!({ "oneOf": schemas })
}

fn spellings(names: &Names) -> Vec<&str> {
    names.iter().map(|name| &*name.json).collect()
}

/// An object with one key.
fn keyed(key: &str, value: Value) -> Value {
    json!({
        "type": "object",
        "properties": { key: value },
        "required": [key],
        "additionalProperties": false,
    })
}

/// What a function gives: objects and arrays as they are, anything else under `result`.
fn outcome(ty: &Type) -> Value {
    let mut schema = of(ty, Way::Out);
    let wrapped = |schema| keyed("result", schema);
    match ty {
        Type::List(_) | Type::Tuple(_) | Type::Record(_) | Type::Flags(_) | Type::Result(..) => {
            schema
        }
        // Some of their values are the one, some the other; both at once for a case `result`.
        Type::Option(_) | Type::Variant(_) => {
            let mut scalar = schema.clone();
            scalar["type"] = json!(["null", "boolean", "number", "string"]);
            schema["type"] = json!(["object", "array"]);
            json!({ "anyOf": [schema, wrapped(scalar)] })
        }
        _ => wrapped(schema),
    }
}
