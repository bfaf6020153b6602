//! Any type and any text: a reader refuses or reads, and what it read is written and
//! read the same. Bytes decide the type first and then the text, which mostly fits.
//!
//! The test `host/tests/all/fuzz.rs` runs this file as well, for a bounded time.

use std::fmt::Write as _;
use wow::typed::{Answer, Fields, Function, Names, Returns, Type, Variant};

/// Some are the same in lowerCamelCase.
const NAMES: [&str; 8] = ["a", "x-1", "x1", "first-name", "get-URL", "ok", "some", "b-c-d"];

/// How deep a type is at most.
const DEEPEST: usize = 6;

/// What a reader may take, in bytes.
const MEMORY: usize = 1 << 20;

/// One run.
///
/// # Panics
///
/// If the reader or the writer is wrong.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let types: Box<[Type]> = (0..bytes.below(4)).map(|_| ty(&mut bytes, DEEPEST)).collect();
    let names = NAMES.iter().take(types.len()).copied();
    let parameters = Fields { names: Names::keys(names), types: types.clone() };
    let echo = Function { parameters, returns: Returns::Value(Type::Tuple(types)) };
    let text = match bytes.below(4) {
        0 => String::from_utf8_lossy(bytes.0).into_owned(),
        _ => call(&echo.parameters, &mut bytes),
    };
    let mut left = MEMORY;
    let mut take = |more| match left.checked_sub(more) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    match echo.read(&text, "__ow_", &mut take) {
        Ok(values) => {
            let given = wasmtime::component::Val::Tuple(values);
            let Ok(Answer::Outcome(json)) = echo.write(Some(&given), usize::MAX) else {
                panic!("{text} was read and cannot be written: {echo:?}");
            };
            let again = echo.read(&json, "", &mut |_| true);
            let again = again.unwrap_or_else(|e| panic!("{json} was written: {e}"));
            assert_eq!(wasmtime::component::Val::Tuple(again), given, "{text}: {json}");
        }
        Err(mismatch) => {
            let pointer = mismatch.pointer();
            assert!(pointer.is_empty() || pointer.starts_with('/'), "{mismatch}");
            let words = mismatch.to_string();
            assert!(words.len() < pointer.len() + 2000, "a sentence is short: {words}");
        }
    }
}

/// What is left to decide by; at its end everything is 0.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.next()) % bound
    }
}

fn ty(bytes: &mut Bytes<'_>, deepest: usize) -> Type {
    let kinds = if deepest == 0 || bytes.0.is_empty() { 16 } else { 24 };
    match bytes.below(kinds) {
        0 => Type::Bool,
        1 => Type::S8,
        2 => Type::U8,
        3 => Type::S16,
        4 => Type::U16,
        5 => Type::S32,
        6 => Type::U32,
        7 => Type::S64,
        8 => Type::U64,
        9 => Type::F32,
        10 => Type::F64,
        11 => Type::Char,
        12 => Type::String,
        13 => Type::Bytes,
        14 => Type::Enum(names(bytes, Names::cases)),
        15 => Type::Flags(names(bytes, Names::cases)),
        16 | 17 => match ty(bytes, deepest - 1) {
            Type::U8 => Type::Bytes,
            element => Type::List(Box::new(element)),
        },
        18 => Type::Tuple((0..=bytes.below(3)).map(|_| ty(bytes, deepest - 1)).collect()),
        19 | 20 => {
            let names = names(bytes, Names::keys);
            let types = names.iter().map(|_| ty(bytes, deepest - 1)).collect();
            Type::Record(Fields { names, types })
        }
        21 => {
            let names = names(bytes, Names::cases);
            let payloads = names.iter().map(|_| payload(bytes, deepest)).collect();
            Type::Variant(Variant { names, payloads })
        }
        22 => Type::Option(Box::new(ty(bytes, deepest - 1))),
        _ => Type::Result(
            payload(bytes, deepest).map(Box::new),
            payload(bytes, deepest).map(Box::new),
        ),
    }
}

fn payload(bytes: &mut Bytes<'_>, deepest: usize) -> Option<Type> {
    (bytes.below(3) > 0).then(|| ty(bytes, deepest - 1))
}

fn names<'a>(bytes: &mut Bytes<'_>, make: fn(std::vec::IntoIter<&'a str>) -> Names) -> Names {
    let start = bytes.below(NAMES.len());
    let count = 1 + bytes.below(NAMES.len() - start);
    make(NAMES[start..start + count].to_vec().into_iter())
}

/// The text of a call.
fn call(parameters: &Fields, bytes: &mut Bytes<'_>) -> String {
    let mut text = String::new();
    match bytes.below(2) {
        0 => value(&Type::Record(parameters.clone()), bytes, &mut text),
        _ => value(&Type::Tuple(parameters.types.clone()), bytes, &mut text),
    }
    text
}

/// What rarely fits.
const OTHERS: [&str; 12] = [
    "null",
    "{}",
    "[]",
    "\"\"",
    "0",
    "-1",
    "1e400",
    "0.5",
    "{\"a\":1,\"a\":1}",
    "\"\\ud800\"",
    "[[",
    "9007199254740993.0",
];

/// A text for a type, which fits unless the bytes say otherwise.
fn value(ty: &Type, bytes: &mut Bytes<'_>, text: &mut String) {
    let odd = bytes.next();
    if odd > 240 {
        text.push_str(OTHERS[usize::from(odd) % OTHERS.len()]);
        return;
    }
    match ty {
        Type::Bool => text.push_str(["true", "false"][bytes.below(2)]),
        Type::S8 | Type::S16 | Type::S32 | Type::S64 | Type::F32 | Type::F64 => {
            text.push_str(["", "-"][bytes.below(2)]);
            number(bytes, text);
        }
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => number(bytes, text),
        Type::Char => text.push_str(["\"a\"", "\"ß\"", "\"\\u0000\"", "\"\\n\""][bytes.below(4)]),
        Type::String => string(bytes, text),
        Type::Bytes => {
            text.push_str(["\"AAEC\"", "\"\"", "\"AA==\"", "[1,2]", "\"AB==\""][bytes.below(5)]);
        }
        Type::List(ty) => array((0..bytes.below(4)).map(|_| &**ty), bytes, text),
        Type::Tuple(types) => array(types.iter(), bytes, text),
        Type::Record(record) => fields(record, bytes, text),
        Type::Variant(variant) => {
            let case = bytes.below(variant.names.len());
            let name = variant.names.iter().nth(case).map_or("", |name| &name.json);
            match &variant.payloads[case] {
                Some(ty) => keyed(name, Some(ty), bytes, text),
                None => quoted(name, text),
            }
        }
        Type::Enum(names) => {
            let place = bytes.below(names.len());
            quoted(names.iter().nth(place).map_or("", |name| &name.json), text);
        }
        Type::Flags(names) => {
            let set: Vec<_> = names.iter().filter(|_| odd.is_multiple_of(2)).collect();
            text.push('[');
            for (place, name) in set.iter().enumerate() {
                text.push_str(if place > 0 { "," } else { "" });
                quoted(&name.json, text);
            }
            text.push(']');
        }
        Type::Option(_) if bytes.below(3) == 0 => text.push_str("null"),
        Type::Option(ty) if matches!(**ty, Type::Option(_)) => keyed("some", Some(ty), bytes, text),
        Type::Option(ty) => value(ty, bytes, text),
        Type::Result(ok, err) => match bytes.below(2) {
            0 => keyed("ok", ok.as_deref(), bytes, text),
            _ => keyed("err", err.as_deref(), bytes, text),
        },
    }
}

fn number(bytes: &mut Bytes<'_>, text: &mut String) {
    let digits = usize::from(bytes.next()).pow(1 + bytes.below(8) as u32);
    // To write to a `String` cannot fail.
    let _ = write!(text, "{digits}");
    text.push_str(["", "", "", ".0", "e1", "0e-1", ".5"][bytes.below(7)]);
}

fn string(bytes: &mut Bytes<'_>, text: &mut String) {
    let pieces = ["a", "ß", "\\n", "\\\"", "\\u00e9", "\u{1F600}", "AA", "/~"];
    text.push('"');
    for _ in 0..bytes.below(4) {
        text.push_str(pieces[bytes.below(pieces.len())]);
    }
    text.push('"');
}

fn array<'t>(types: impl Iterator<Item = &'t Type>, bytes: &mut Bytes<'_>, text: &mut String) {
    text.push('[');
    for (place, ty) in types.enumerate() {
        text.push_str(if place > 0 { "," } else { "" });
        value(ty, bytes, text);
    }
    text.push(']');
}

fn fields(record: &Fields, bytes: &mut Bytes<'_>, text: &mut String) {
    text.push('{');
    let mut between = "";
    for (name, ty) in record.names.iter().zip(&record.types) {
        let how = bytes.next();
        if how > 240 || (how.is_multiple_of(4) && matches!(ty, Type::Option(_))) {
            continue;
        }
        text.push_str(between);
        between = ",";
        quoted(if how.is_multiple_of(2) { &name.wit } else { &name.json }, text);
        text.push(':');
        value(ty, bytes, text);
    }
    text.push('}');
}

fn keyed(key: &str, ty: Option<&Type>, bytes: &mut Bytes<'_>, text: &mut String) {
    text.push('{');
    quoted(key, text);
    text.push(':');
    match ty {
        Some(ty) => value(ty, bytes, text),
        None => text.push_str("null"),
    }
    text.push('}');
}

fn quoted(name: &str, text: &mut String) {
    text.push('"');
    text.push_str(name);
    text.push('"');
}
