//! What the tests share: a short way to write types and values.

mod bounds;
mod calls;
mod properties;
mod rows;
mod schema;

use super::*;
use wasmtime::component::Val;

const LIMIT: usize = 4 << 20;

fn function(parameters: &[(&str, Type)], returns: Returns) -> Function {
    Function { parameters: fields(parameters), returns }
}

fn fields(fields: &[(&str, Type)]) -> Fields {
    Fields {
        names: Names::keys(fields.iter().map(|(name, _)| *name)),
        types: fields.iter().map(|(_, ty)| ty.clone()).collect(),
    }
}

fn cases(cases: &[(&str, Option<Type>)]) -> Type {
    Type::Variant(Variant {
        names: Names::cases(cases.iter().map(|(name, _)| *name)),
        payloads: cases.iter().map(|(_, ty)| ty.clone()).collect(),
    })
}

fn list(ty: Type) -> Type {
    Type::List(Box::new(ty))
}

fn option(ty: Type) -> Type {
    Type::Option(Box::new(ty))
}

fn result(ok: Option<Type>, err: Option<Type>) -> Type {
    Type::Result(ok.map(Box::new), err.map(Box::new))
}

fn some(value: Val) -> Val {
    Val::Option(Some(Box::new(value)))
}

fn text(text: &str) -> Val {
    Val::String(text.to_owned())
}

/// Reads `json` as the one parameter `v`.
fn read(ty: &Type, json: &str) -> Result<Val, String> {
    let function = function(&[("v", ty.clone())], Returns::Nothing);
    match function.read(&format!(r#"{{"v":{json}}}"#), "", &mut |_| true) {
        Ok(mut values) => Ok(values.remove(0)),
        Err(mismatch) => Err(mismatch.to_string()),
    }
}

/// Writes `value` as an element, which nothing wraps.
fn write(ty: &Type, value: &Val) -> Result<String, Unwritable> {
    let function = function(&[], Returns::Value(Type::Tuple([ty.clone()].into())));
    match function.write(Some(&Val::Tuple(vec![value.clone()])), LIMIT)? {
        Answer::Outcome(json) => Ok(json[1..json.len() - 1].to_owned()),
        Answer::Error(error) => panic!("no error was returned: {error}"),
    }
}

fn both_ways(ty: &Type, json: &str, value: &Val) {
    assert_eq!(read(ty, json).as_ref(), Ok(value), "{ty:?}");
    assert_eq!(write(ty, value).as_deref(), Ok(json), "{ty:?}");
}
