//! A schema accepts what is read, refuses what is not, and knows what is written.

use super::properties::{json, names, types, values};
use super::*;
use base64_simd::STANDARD;
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::new(schema).unwrap_or_else(|e| panic!("{e}: {schema}"))
}

/// Whether the schema and the reader agree on a call's parameters, and on what.
fn verdict(function: &Function, schema: &Validator, json: &Value) -> bool {
    let read = function.read(&json.to_string(), "__ow_", &mut |_| true);
    let valid = schema.is_valid(json);
    assert_eq!(valid, read.is_ok(), "{json}: {read:?}\n{function:?}");
    valid
}

/// The verdict on one value of a type, as a parameter by name and by position.
pub(super) fn accepts(ty: &Type, json: &str) -> bool {
    let function = function(&[("v", ty.clone())], Returns::Nothing);
    let schema = validator(&function.input_schema("__ow_"));
    let value: Value = serde_json::from_str(json).expect("JSON");
    let named = verdict(&function, &schema, &json!({ "v": value }));
    let placed = verdict(&function, &schema, &json!([value]));
    assert_eq!(named, placed, "{json}");
    named
}

#[test]
fn the_bounds_of_numbers_are_those_that_are_read() {
    for (ty, least, most, less, more) in [
        (Type::S8, "-128", "127", "-129", "128"),
        (Type::U8, "0", "255", "-1", "256"),
        (Type::S16, "-32768", "32767", "-32769", "32768"),
        (Type::U16, "0", "65535", "-1", "65536"),
        (Type::S32, "-2147483648", "2147483647", "-2147483649", "2147483648"),
        (Type::U32, "0", "4294967295", "-1", "4294967296"),
        (
            Type::S64,
            "-9223372036854775808",
            "9223372036854775807",
            // A `Value` has no integer below those of 64 bits: the next double is one that it has.
            "-9223372036854777856",
            "9223372036854775808",
        ),
        (Type::U64, "0", "18446744073709551615", "-1", "18446744073709551616"),
        (Type::F32, "-3.4028235e38", "3.4028235677973366e38", "-3.5e38", "3.402823567797337e38"),
        (Type::F64, "-1.7976931348623157e308", "1.7976931348623157e308", "null", "null"),
    ] {
        let verdicts = [least, most, less, more].map(|json| accepts(&ty, json));
        assert_eq!(verdicts, [true, true, false, false], "{ty:?}");
    }
    assert!(["42.0", "4.2e1", "-0.0"].iter().all(|json| accepts(&Type::S64, json)));
    assert!(!["0.5", "\"1\"", "true"].iter().any(|json| accepts(&Type::S64, json)));
}

#[test]
fn bytes_are_base64_of_at_most_as_many_as_are_read() {
    for text in ["", "AA==", "AAE=", "AAEC", "+/+/"] {
        assert!(accepts(&Type::Bytes, &format!("\"{text}\"")), "{text}");
    }
    for text in ["A", "AA", "AAE", "AB==", "AAF=", "AA=A", "-_-_", "AAEC\\n", " AAEC"] {
        assert!(!accepts(&Type::Bytes, &format!("\"{text}\"")), "{text}");
    }
    let longest = STANDARD.encode_to_string(vec![0; LARGEST_BYTES]);
    assert!(accepts(&Type::Bytes, &format!("\"{longest}\"")));
    for more in 1..4 {
        let text = STANDARD.encode_to_string(vec![0; LARGEST_BYTES + more]);
        assert!(!accepts(&Type::Bytes, &format!("\"{text}\"")), "{more}");
    }
    assert!(accepts(&Type::Bytes, "[0,255]"));
    assert!(
        !["[256]", "[-1]", "[\"a\"]", "{}", "0"].iter().any(|json| accepts(&Type::Bytes, json))
    );
}

#[test]
fn parameters_are_named_in_either_spelling_or_in_their_order() {
    let parameters =
        [("count", Type::U8), ("first-name", Type::String), ("last-name", option(Type::String))];
    let function = function(&parameters, Returns::Nothing);
    let schema = validator(&function.input_schema("__ow_"));
    for (json, valid) in [
        (json!({ "count": 1, "firstName": "a" }), true),
        (json!({ "count": 1, "first-name": "a", "lastName": null }), true),
        (json!({ "count": 1, "firstName": "a", "last-name": "b", "__ow_method": [1] }), true),
        (json!({ "count": 1, "firstName": "a", "first-name": "a" }), false),
        (json!({ "count": 1, "firstName": "a", "last-name": "a", "lastName": "a" }), false),
        (json!({ "count": 1 }), false),
        (json!({ "count": 1, "firstName": "a", "__OW_METHOD": 1 }), false),
        (json!([1, "a"]), true),
        (json!([1, "a", null]), true),
        (json!([1, "a", "b", 1]), false),
        (json!([1]), false),
        (json!([]), false),
        (json!({}), false),
        (json!("a"), false),
    ] {
        assert_eq!(verdict(&function, &schema, &json), valid, "{json}");
    }
    let strict = validator(&function.parameters_schema());
    assert!(!strict.is_valid(&json!([1, "a"])), "only by name");
    assert!(!strict.is_valid(&json!({ "count": 1, "firstName": "a", "__ow_method": 1 })));
}

#[test]
fn a_function_without_parameters_takes_nothing() {
    let function = function(&[], Returns::Nothing);
    let schema = validator(&function.input_schema(""));
    assert!(schema.is_valid(&json!({})) && schema.is_valid(&json!([])));
    assert!(!schema.is_valid(&json!({ "__ow_method": 1 })) && !schema.is_valid(&json!([1])));
    assert!(validator(&function.output_schema()).is_valid(&json!({})));
    assert_eq!(function.error_schema(), None);
}

/// Parameters of a function, and JSON that may fit: what was written of values, or
/// that changed in one place, or anything.
fn calls() -> impl Strategy<Value = (Function, Value)> {
    let parameters = (names(), proptest::collection::vec(types(), 7));
    let parameters = parameters.prop_map(|(names, mut types)| {
        types.truncate(names.len());
        Fields { names: Names::keys(names), types: types.into() }
    });
    let arguments = parameters.prop_flat_map(|parameters| {
        let ty = Type::Record(parameters.clone());
        (Just(parameters), values(&ty))
    });
    let changes = proptest::collection::vec((any::<Index>(), json(), any::<u8>()), 0..3);
    (arguments, any::<bool>(), changes).prop_map(|((parameters, values), placed, changes)| {
        let text = write(&Type::Record(parameters.clone()), &values).expect("a value of JSON");
        let mut json: Value = serde_json::from_str(&text).expect("JSON");
        if placed {
            // In the order of their declaration, which the object has lost.
            let in_order = parameters.names.iter().map(|name| json[&*name.json].clone());
            json = in_order.collect();
        }
        for (place, other, how) in changes {
            change(&mut json, place, &other, how);
        }
        (Function { parameters, returns: Returns::Nothing }, json)
    })
}

/// Changes one place of a JSON text.
fn change(json: &mut Value, place: Index, other: &Value, how: u8) {
    let count = count(json);
    let Some(value) = at(json, &mut place.index(count)) else { return };
    match (value, how % 4) {
        (Value::Object(object), 0) => {
            let key = object.keys().next().cloned();
            key.map(|key| object.remove(&key));
        }
        (Value::Object(object), 1) => {
            let key = NAMES[usize::from(how) % NAMES.len()];
            object.insert(key.to_owned(), other.clone());
        }
        // The name as WIT has it, which is as good.
        (Value::Object(object), 2) => {
            if let Some(value) = object.remove("firstName") {
                object.insert("first-name".to_owned(), value);
            }
        }
        (Value::Array(array), 0) => drop(array.pop()),
        (Value::Array(array), 1) => array.push(other.clone()),
        (Value::Number(number), 0 | 1) => {
            // A whole number is one however it is written.
            if let Some(whole) = number.as_i64().filter(|whole| whole.unsigned_abs() < 1 << 53) {
                *number = serde_json::Number::from_f64(whole as f64).expect("finite");
            }
        }
        (value, _) => *value = other.clone(),
    }
}

/// Keys that types have, that the platform has, and that nobody has.
const NAMES: [&str; 6] = ["a", "first-name", "firstName", "x1", "__ow_method", "nobody"];

fn count(json: &Value) -> usize {
    1 + match json {
        Value::Array(values) => values.iter().map(count).sum(),
        Value::Object(values) => values.values().map(count).sum(),
        _ => 0,
    }
}

/// The value at a place, counted as [`count`] does.
fn at<'a>(json: &'a mut Value, place: &mut usize) -> Option<&'a mut Value> {
    if *place == 0 {
        return Some(json);
    }
    *place -= 1;
    match json {
        Value::Array(values) => values.iter_mut().find_map(|value| at(value, place)),
        Value::Object(values) => values.values_mut().find_map(|value| at(value, place)),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    /// What is written as a `serde_json::Value` leaves out, on purpose, what no schema can see:
    /// a key that stands twice, a whole number written as a float beyond 2^53 (here it is a
    /// double), and nesting beyond the parser's limit.
    #[test]
    fn a_schema_accepts_what_is_read_and_nothing_else((function, json) in calls()) {
        let schema = validator(&function.input_schema("__ow_"));
        verdict(&function, &schema, &json);
    }

    #[test]
    fn a_schema_knows_every_outcome_and_every_error(
        (ty, value) in types().prop_flat_map(|ty| (Just(ty.clone()), values(&ty)))
    ) {
        let function = function(&[], Returns::Result(Some(ty.clone()), Some(ty)));
        let output = validator(&function.output_schema());
        let error = validator(&function.error_schema().expect("it has errors"));
        let written = |value| match function.write(Some(&Val::Result(value)), LIMIT).expect("a value of JSON") {
            Answer::Outcome(json) => json,
            Answer::Error(json) => format!("{{\"error\":{json}}}"),
        };
        let value = Some(Box::new(value));
        let json = [written(Ok(value.clone())), written(Err(value))];
        let json = json.map(|json| serde_json::from_str(&json).expect("JSON"));
        prop_assert!(output.is_valid(&json[0]), "{}: {:?}", json[0], function);
        prop_assert!(error.is_valid(&json[1]), "{}: {:?}", json[1], function);
        prop_assert!(!output.is_valid(&json!("a")));
    }
}

#[test]
fn the_property_of_schemas_sees_both_verdicts() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut verdicts = [0; 2];
    for _ in 0..500 {
        let (function, json) = calls().new_tree(&mut runner).expect("a call").current();
        let schema = validator(&function.input_schema("__ow_"));
        verdicts[usize::from(verdict(&function, &schema, &json))] += 1;
    }
    assert!(verdicts.iter().all(|count| *count > 100), "{verdicts:?}");
}
