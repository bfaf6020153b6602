//! The parameters of a call, and what it returns.

use super::*;

#[test]
fn parameters_are_named_or_in_their_order() {
    let add = function(&[("a", Type::S64), ("by-two", option(Type::Bool))], Returns::Nothing);
    let read = |json: &str| match add.read(json, "__ow_", &mut |_| true) {
        Ok(values) => Ok(values),
        Err(mismatch) => Err(mismatch.to_string()),
    };
    let values = |by_two| Ok(vec![Val::S64(1), by_two]);
    assert_eq!(read(r#"{"a":1,"byTwo":true}"#), values(some(Val::Bool(true))));
    assert_eq!(read(r#"{"by-two":null,"a":1}"#), values(Val::Option(None)));
    assert_eq!(read("[1,true]"), values(some(Val::Bool(true))));
    assert_eq!(read("[1]"), values(Val::Option(None)));
    assert_eq!(
        read(r#"{"a":1,"__ow_method":"get","__ow_headers":{"a":[]}}"#),
        values(Val::Option(None))
    );
    for (json, refusal) in [
        ("{}", "/a: expected s64, got nothing"),
        ("[]", "/0: expected s64, got nothing"),
        ("[1,true,2]", "expected an array of 2, got a longer one"),
        (r#"{"a":"two"}"#, "/a: expected s64, got the string \"two\""),
        (r#"{"a":1,"b":2}"#, "/b: unknown key, expected one of \"a\", \"byTwo\""),
        (r#"{"a":1,"a":1}"#, "/a: the key is there twice"),
    ] {
        assert_eq!(read(json), Err(refusal.to_owned()));
    }
    let none = function(&[], Returns::Nothing);
    assert_eq!(none.read("{}", "", &mut |_| true), Ok(vec![]));
    let refusal =
        none.read(r#"{"__ow_method":"get"}"#, "", &mut |_| true).expect_err("nothing is ignored");
    assert_eq!(refusal.to_string(), "/__ow_method: unknown key, expected none");
}

#[test]
fn a_parameter_may_bear_a_name_that_is_else_ignored() {
    let ty = Fields { names: Names::cases(["__ow_method"]), types: [Type::String].into() };
    let function = Function { parameters: ty, returns: Returns::Nothing };
    let read = function.read(r#"{"__ow_method":"get","__ow_path":""}"#, "__ow_", &mut |_| true);
    assert_eq!(read, Ok(vec![text("get")]));
}

#[test]
fn a_text_that_is_not_json_is_refused_where_it_is_not() {
    let function = function(&[("v", list(Type::String))], Returns::Nothing);
    for (json, refusal) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{} {}", "/v: expected an array, got nothing"),
        (r#"{"v":[]} x"#, "trailing characters at line 1 column 10"),
        (r#"{"v":["a","\ud800"]}"#, "/v/1: unexpected end of hex escape at line 1 column 18"),
        (r#"{"v":["a" "b"]}"#, "/v/1: expected `,` or `]` at line 1 column 11"),
        ("7", "expected an object or an array, got the number 7"),
    ] {
        assert_eq!(
            function.read(json, "", &mut |_| true).map_err(|e| e.to_string()),
            Err(refusal.to_owned())
        );
    }
}

#[test]
fn a_result_is_an_outcome_or_the_functions_own_error() {
    let say =
        |returns: Returns, value: Option<Val>| function(&[], returns).write(value.as_ref(), LIMIT);
    let outcome = |json: &str| Ok(Answer::Outcome(json.to_owned()));
    let error = |json: &str| Ok(Answer::Error(json.to_owned()));
    let boxed = |value| Some(Box::new(value));
    assert_eq!(say(Returns::Nothing, None), outcome("{}"));
    assert_eq!(say(Returns::Value(Type::S64), Some(Val::S64(42))), outcome(r#"{"result":42}"#));
    assert_eq!(say(Returns::Value(Type::String), Some(text("{"))), outcome(r#"{"result":"{"}"#));
    assert_eq!(say(Returns::Value(list(Type::S64)), Some(Val::List(vec![]))), outcome("[]"));
    let record = Type::Record(fields(&[("sum", Type::S64)]));
    let sum = || Val::Record(vec![("sum".to_owned(), Val::S64(42))]);
    assert_eq!(say(Returns::Value(record.clone()), Some(sum())), outcome(r#"{"sum":42}"#));
    assert_eq!(
        say(Returns::Value(option(record.clone())), Some(Val::Option(None))),
        outcome(r#"{"result":null}"#)
    );
    let returns = || Returns::Result(Some(record.clone()), Some(Type::String));
    assert_eq!(say(returns(), Some(Val::Result(Ok(boxed(sum()))))), outcome(r#"{"sum":42}"#));
    assert_eq!(say(returns(), Some(Val::Result(Err(boxed(text("no")))))), error("\"no\""));
    let nothing = || Returns::Result(None, None);
    assert_eq!(say(nothing(), Some(Val::Result(Ok(None)))), outcome("{}"));
    let words = "\"the function returned an error without a value\"";
    assert_eq!(say(nothing(), Some(Val::Result(Err(None)))), error(words));
}

#[test]
fn what_json_has_no_value_for_is_refused_where_it_is() {
    let stats = Type::Record(fields(&[("mean-value", Type::F64), ("all", list(Type::F32))]));
    let function = function(&[], Returns::Value(stats));
    let write = |mean, all| {
        let all = Val::List(vec![Val::Float32(0.0), Val::Float32(all)]);
        let stats = vec![("mean-value".to_owned(), Val::Float64(mean)), ("all".to_owned(), all)];
        match function.write(Some(&Val::Record(stats)), LIMIT) {
            Err(Unwritable::Mismatch(mismatch)) => mismatch.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(write(f64::NAN, 0.0), "/meanValue: NaN is not a number that JSON has");
    assert_eq!(write(0.0, f32::NEG_INFINITY), "/all/1: -inf is not a number that JSON has");
}

/// Found by libFuzzer: serde's own words have the whole text in them.
#[test]
fn a_call_that_is_no_object_is_told_what_it_is_in_a_few_words() {
    let long = format!("\"{}\"", "x".repeat(100_000));
    let excerpt = format!("the string \"{}…\"", "x".repeat(40));
    for (json, found) in [
        ("null", "null"),
        ("true", "true"),
        ("-1", "the number -1"),
        ("1.5", "the number 1.5"),
        ("\"a\"", "the string \"a\""),
        (&long, &excerpt),
    ] {
        let refusal = function(&[], Returns::Nothing).read(json, "", &mut |_| true);
        let words = refusal.expect_err("no object").to_string();
        assert_eq!(words, format!("expected an object or an array, got {found}"));
    }
}
