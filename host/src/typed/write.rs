//! Values to JSON text, written as it is walked. The walk follows the type, which is
//! at most [`super::DEEPEST_TYPE`] deep.

use super::mismatch::{Mismatch, Segment};
use super::types::{Function, Returns, Type};
use super::{LARGEST_BYTES, Name};
use base64_simd::STANDARD;
use std::io;
use wasmtime::component::Val;

/// What a function said, as JSON text.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// Its outcome: an object or an array.
    Outcome(String),
    /// Its own error: any value.
    Error(String),
}

/// Why there is no JSON text of a result.
#[derive(Debug, PartialEq)]
pub enum Unwritable {
    /// It is too long.
    TooLong {
        /// How long it would be, in bytes.
        length: usize,
        /// Its first bytes, as many as were allowed.
        start: String,
    },
    /// JSON has no such value.
    Mismatch(Mismatch),
}

/// What a function says that fails with no more words than that.
const NO_WORDS: &str = r#""the function returned an error without a value""#;

impl Function {
    /// Writes what a call returned, at most `limit` bytes. An outcome that is neither
    /// an object nor an array is put under the key `result`.
    pub fn write(&self, returned: Option<&Val>, limit: usize) -> Result<Answer, Unwritable> {
        match (&self.returns, returned) {
            (Returns::Nothing, None) => Ok(Answer::Outcome("{}".to_owned())),
            (Returns::Value(ty), Some(value)) => outcome(ty, value, limit),
            (Returns::Result(Some(ty), _), Some(Val::Result(Ok(Some(value))))) => {
                outcome(ty, value, limit)
            }
            (Returns::Result(None, _), Some(Val::Result(Ok(None)))) => {
                Ok(Answer::Outcome("{}".to_owned()))
            }
            (Returns::Result(_, Some(ty)), Some(Val::Result(Err(Some(value))))) => {
                text(ty, value, limit).map(Answer::Error)
            }
            (Returns::Result(_, None), Some(Val::Result(Err(None)))) => {
                Ok(Answer::Error(NO_WORDS.to_owned()))
            }
            _ => Err(Unwritable::Mismatch(Mismatch::new(&[], OTHER_TYPE))),
        }
    }
}

fn outcome(ty: &Type, value: &Val, limit: usize) -> Result<Answer, Unwritable> {
    const BEFORE: &str = r#"{"result":"#;
    let mut text = text(ty, value, limit)?;
    if !text.starts_with(['{', '[']) {
        if text.len() + BEFORE.len() + 1 > limit {
            let length = text.len() + BEFORE.len() + 1;
            return Err(Unwritable::TooLong { length, start: text });
        }
        text.insert_str(0, BEFORE);
        text.push('}');
    }
    Ok(Answer::Outcome(text))
}

fn text(ty: &Type, value: &Val, limit: usize) -> Result<String, Unwritable> {
    let mut writer = Writer { text: Vec::new(), length: 0, limit, place: Vec::new() };
    writer.value(ty, value).map_err(Unwritable::Mismatch)?;
    // What was cut may end within a character.
    let mut text = String::from_utf8(writer.text)
        .unwrap_or_else(|cut| String::from_utf8_lossy(cut.as_bytes()).into_owned());
    if writer.length > limit {
        text.truncate(text.trim_end_matches(char::REPLACEMENT_CHARACTER).len());
        return Err(Unwritable::TooLong { length: writer.length, start: text });
    }
    Ok(text)
}

/// wasmtime lifts values by the same type: this would be a mistake of ours.
const OTHER_TYPE: &str = "the value has another type than the function";

struct Writer<'a> {
    text: Vec<u8>,
    /// How long the text would be, had it no limit.
    length: usize,
    limit: usize,
    place: Vec<Segment<'a>>,
}

impl io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> Writer<'a> {
    fn put(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
        let room = self.limit - self.text.len();
        self.text.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn json(&mut self, value: impl serde::Serialize) -> Result<(), Mismatch> {
        serde_json::to_writer(&mut *self, &value).map_err(|error| self.mismatch(error.to_string()))
    }

    fn mismatch(&self, problem: impl Into<String>) -> Mismatch {
        Mismatch::new(&self.place, problem)
    }

    fn step(&mut self, segment: Segment<'a>, ty: &'a Type, value: &Val) -> Result<(), Mismatch> {
        self.place.push(segment);
        self.value(ty, value)?;
        self.place.pop();
        Ok(())
    }

    fn value(&mut self, ty: &'a Type, value: &Val) -> Result<(), Mismatch> {
        match (ty, value) {
            (Type::Bool, Val::Bool(value)) => self.json(value),
            (Type::S8, Val::S8(value)) => self.json(value),
            (Type::U8, Val::U8(value)) => self.json(value),
            (Type::S16, Val::S16(value)) => self.json(value),
            (Type::U16, Val::U16(value)) => self.json(value),
            (Type::S32, Val::S32(value)) => self.json(value),
            (Type::U32, Val::U32(value)) => self.json(value),
            (Type::S64, Val::S64(value)) => self.json(value),
            (Type::U64, Val::U64(value)) => self.json(value),
            (Type::F32, Val::Float32(value)) if value.is_finite() => self.json(value),
            (Type::F64, Val::Float64(value)) if value.is_finite() => self.json(value),
            (Type::F32, Val::Float32(value)) => Err(self.not_finite((*value).into())),
            (Type::F64, Val::Float64(value)) => Err(self.not_finite(*value)),
            (Type::Char, Val::Char(value)) => self.json(value),
            (Type::String, Val::String(value)) => self.json(value),
            (Type::Enum(_), Val::Enum(value)) => self.json(value),
            (Type::Flags(_), Val::Flags(value)) => self.json(value),
            (Type::Bytes, Val::List(bytes)) => self.bytes(bytes),
            (Type::List(ty), Val::List(values)) => {
                self.array(values.iter().map(|value| (&**ty, value)))
            }
            (Type::Tuple(types), Val::Tuple(values)) if types.len() == values.len() => {
                self.array(types.iter().zip(values))
            }
            (Type::Record(record), Val::Record(values)) if record.types.len() == values.len() => {
                let fields = record.names.iter().zip(&record.types).zip(values);
                self.object(fields.map(|((name, ty), (_, value))| (name, ty, value)))
            }
            (Type::Option(_), Val::Option(None)) => self.json(()),
            (Type::Option(ty), Val::Option(Some(value))) if ty.is_option() => {
                self.keyed("some", Some(ty), Some(value))
            }
            (Type::Option(ty), Val::Option(Some(value))) => self.value(ty, value),
            (Type::Result(ty, _), Val::Result(Ok(value))) => {
                self.keyed("ok", ty.as_deref(), value.as_deref())
            }
            (Type::Result(_, ty), Val::Result(Err(value))) => {
                self.keyed("err", ty.as_deref(), value.as_deref())
            }
            (Type::Variant(_), Val::Variant(case, None)) => self.json(case),
            (Type::Variant(variant), Val::Variant(case, value)) => {
                let Some(at) = variant.names.find(case) else {
                    return Err(self.mismatch(OTHER_TYPE));
                };
                let name = &variant.names.get(at).json;
                self.keyed(name, variant.payloads[at].as_ref(), value.as_deref())
            }
            _ => Err(self.mismatch(OTHER_TYPE)),
        }
    }

    fn not_finite(&self, value: f64) -> Mismatch {
        self.mismatch(format!("{value} is not a number that JSON has"))
    }

    fn array<'v>(
        &mut self,
        elements: impl Iterator<Item = (&'a Type, &'v Val)>,
    ) -> Result<(), Mismatch> {
        self.put(b"[");
        for (place, (ty, value)) in elements.enumerate() {
            if place > 0 {
                self.put(b",");
            }
            self.step(Segment::Index(place), ty, value)?;
        }
        self.put(b"]");
        Ok(())
    }

    fn object<'v>(
        &mut self,
        fields: impl Iterator<Item = (&'a Name, &'a Type, &'v Val)>,
    ) -> Result<(), Mismatch> {
        self.put(b"{");
        for (place, (name, ty, value)) in fields.enumerate() {
            if place > 0 {
                self.put(b",");
            }
            self.json(&name.json)?;
            self.put(b":");
            self.step(Segment::Key((&*name.json).into()), ty, value)?;
        }
        self.put(b"}");
        Ok(())
    }

    /// An object with one key; `null` where its case holds nothing.
    fn keyed(
        &mut self,
        key: &'a str,
        ty: Option<&'a Type>,
        value: Option<&Val>,
    ) -> Result<(), Mismatch> {
        self.put(b"{");
        self.json(key)?;
        self.put(b":");
        match (ty, value) {
            (Some(ty), Some(value)) => self.step(Segment::Key(key.into()), ty, value)?,
            (None, None) => self.json(())?,
            _ => return Err(self.mismatch(OTHER_TYPE)),
        }
        self.put(b"}");
        Ok(())
    }

    fn bytes(&mut self, values: &[Val]) -> Result<(), Mismatch> {
        if values.len() > LARGEST_BYTES {
            return Err(self.mismatch(format!("longer than {LARGEST_BYTES} bytes")));
        }
        let byte = |value: &Val| match value {
            Val::U8(byte) => Some(*byte),
            _ => None,
        };
        let bytes: Option<Vec<_>> = values.iter().map(byte).collect();
        let bytes = bytes.ok_or_else(|| self.mismatch(OTHER_TYPE))?;
        self.put(b"\"");
        self.put(STANDARD.encode_to_string(bytes).as_bytes());
        self.put(b"\"");
        Ok(())
    }
}
