//! What holds for every type and value.

use super::super::*;
use proptest::prelude::*;
use wasmtime::component::Val;

const LIMIT: usize = 64 << 20;

/// Names as WIT has them, of which some are the same in lowerCamelCase.
const NAMES: [&str; 7] = ["a", "x-1", "x1", "first-name", "get-URL", "s64", "some"];

pub(super) fn names() -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(&NAMES[..], 1..=NAMES.len()).prop_shuffle()
}

pub(super) fn types() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        proptest::sample::select(vec![
            Type::Bool,
            Type::S8,
            Type::U8,
            Type::S16,
            Type::U16,
            Type::S32,
            Type::U32,
            Type::S64,
            Type::U64,
            Type::F32,
            Type::F64,
            Type::Char,
            Type::String,
            Type::Bytes,
        ]),
        names().prop_map(|names| Type::Enum(Names::cases(names))),
        names().prop_map(|names| Type::Flags(Names::cases(names))),
    ];
    leaf.prop_recursive(6, 40, 6, |inner| {
        let some = proptest::collection::vec(inner.clone(), NAMES.len());
        let maybe = proptest::option::of(inner.clone());
        prop_oneof![
            inner
                .clone()
                .prop_filter("is bytes", |ty| *ty != Type::U8)
                .prop_map(|ty| Type::List(Box::new(ty))),
            inner.clone().prop_map(|ty| Type::Option(Box::new(ty))),
            proptest::collection::vec(inner.clone(), 1..4)
                .prop_map(|types| Type::Tuple(types.into())),
            (names(), some).prop_map(|(names, mut types)| {
                types.truncate(names.len());
                Type::Record(Fields { names: Names::keys(names), types: types.into() })
            }),
            (names(), proptest::collection::vec(maybe.clone(), NAMES.len())).prop_map(
                |(names, mut payloads)| {
                    payloads.truncate(names.len());
                    Type::Variant(Variant { names: Names::cases(names), payloads: payloads.into() })
                }
            ),
            (maybe.clone(), maybe)
                .prop_map(|(ok, err)| Type::Result(ok.map(Box::new), err.map(Box::new))),
        ]
    })
}

/// Any value of a type that JSON has.
pub(super) fn values(ty: &Type) -> BoxedStrategy<Val> {
    match ty {
        Type::Bool => any::<bool>().prop_map(Val::Bool).boxed(),
        Type::S8 => any::<i8>().prop_map(Val::S8).boxed(),
        Type::U8 => any::<u8>().prop_map(Val::U8).boxed(),
        Type::S16 => any::<i16>().prop_map(Val::S16).boxed(),
        Type::U16 => any::<u16>().prop_map(Val::U16).boxed(),
        Type::S32 => any::<i32>().prop_map(Val::S32).boxed(),
        Type::U32 => any::<u32>().prop_map(Val::U32).boxed(),
        Type::S64 => any::<i64>().prop_map(Val::S64).boxed(),
        Type::U64 => any::<u64>().prop_map(Val::U64).boxed(),
        Type::F32 => any::<u32>()
            .prop_map(f32::from_bits)
            .prop_filter("finite", |f| f.is_finite())
            .prop_map(Val::Float32)
            .boxed(),
        Type::F64 => any::<u64>()
            .prop_map(f64::from_bits)
            .prop_filter("finite", |f| f.is_finite())
            .prop_map(Val::Float64)
            .boxed(),
        Type::Char => any::<char>().prop_map(Val::Char).boxed(),
        Type::String => any::<String>().prop_map(Val::String).boxed(),
        Type::Bytes => {
            let bytes = proptest::collection::vec(any::<u8>().prop_map(Val::U8), 0..9);
            bytes.prop_map(Val::List).boxed()
        }
        Type::List(ty) => proptest::collection::vec(values(ty), 0..5).prop_map(Val::List).boxed(),
        Type::Tuple(types) => {
            types.iter().map(values).collect::<Vec<_>>().prop_map(Val::Tuple).boxed()
        }
        Type::Record(record) => {
            let names: Vec<_> = record.names.iter().map(|name| name.wit.to_string()).collect();
            let values = record.types.iter().map(values).collect::<Vec<_>>();
            values
                .prop_map(move |values| Val::Record(names.iter().cloned().zip(values).collect()))
                .boxed()
        }
        Type::Variant(variant) => {
            let case = |(name, ty): (&Name, &Option<Type>)| {
                let name = name.wit.to_string();
                payload(ty.as_ref())
                    .prop_map(move |value| Val::Variant(name.clone(), value))
                    .boxed()
            };
            proptest::strategy::Union::new(variant.names.iter().zip(&variant.payloads).map(case))
                .boxed()
        }
        Type::Enum(names) => {
            let names: Vec<_> = names.iter().map(|name| Val::Enum(name.wit.to_string())).collect();
            proptest::sample::select(names).boxed()
        }
        Type::Flags(names) => {
            let names: Vec<_> = names.iter().map(|name| name.wit.to_string()).collect();
            let all = names.len();
            proptest::sample::subsequence(names, 0..=all).prop_map(Val::Flags).boxed()
        }
        Type::Option(ty) => proptest::option::of(values(ty))
            .prop_map(|value| Val::Option(value.map(Box::new)))
            .boxed(),
        Type::Result(ok, err) => prop_oneof![
            payload(ok.as_deref()).prop_map(|value| Val::Result(Ok(value))),
            payload(err.as_deref()).prop_map(|value| Val::Result(Err(value))),
        ]
        .boxed(),
    }
}

fn payload(ty: Option<&Type>) -> BoxedStrategy<Option<Box<Val>>> {
    match ty {
        Some(ty) => values(ty).prop_map(|value| Some(Box::new(value))).boxed(),
        None => Just(None).boxed(),
    }
}

/// A function from a value to a value of the same type, in a list, which nothing wraps.
fn echo(ty: Type) -> Function {
    let list = Type::List(Box::new(ty));
    let parameters = Fields { names: Names::keys(["v"]), types: [list.clone()].into() };
    Function { parameters, returns: Returns::Value(list) }
}

fn read(echo: &Function, json: &str) -> Result<Val, Mismatch> {
    let json = format!("{{\"v\":{json}}}");
    echo.read(&json, "", &mut |_| true).map(|mut values| values.remove(0))
}

fn write(echo: &Function, value: &Val) -> String {
    match echo.write(Some(value), LIMIT) {
        Ok(Answer::Outcome(json)) => json,
        other => panic!("{other:?}"),
    }
}

/// Any JSON text, with names that types have.
pub(super) fn json() -> impl Strategy<Value = serde_json::Value> {
    let name = proptest::sample::select(
        ["a", "x1", "firstName", "getURL", "ok", "err", "some", "AAAA"].to_vec(),
    );
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i8>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        name.clone().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 20, 3, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Into::into),
            proptest::collection::vec((name.clone(), inner), 0..3).prop_map(|entries| entries
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn a_value_written_and_read_is_the_same(
        (ty, value) in types().prop_flat_map(|ty| (Just(ty.clone()), values(&ty)))
    ) {
        let echo = echo(ty);
        let value = Val::List(vec![value]);
        let json = write(&echo, &value);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{}", json);
        prop_assert_eq!(read(&echo, &json), Ok(value), "{}", json);
    }

    #[test]
    fn json_is_refused_with_its_place_or_read_the_same_once_written(ty in types(), json in json()) {
        let echo = echo(ty);
        match read(&echo, &format!("[{json}]")) {
            Ok(value) => prop_assert_eq!(read(&echo, &write(&echo, &value)), Ok(value)),
            Err(mismatch) => prop_assert!(mismatch.pointer().starts_with("/v/0"), "{}", mismatch),
        }
    }

    #[test]
    fn an_integer_is_exact_whatever_its_exponent(value in any::<i64>(), zeros in 0..30_usize) {
        let all = format!("{value}{}e-{zeros}", "0".repeat(zeros));
        prop_assert_eq!(number::integer(&all), Some(value.into()));
        let point = format!("{value}.{}", "0".repeat(zeros + 1));
        prop_assert_eq!(number::integer(&point), Some(value.into()));
    }
}
