//! Typed actions: functions with types of their own, called with JSON.

use crate::{LIMITS, TestHost, error};
use serde_json::{Value, json};
use wow::limits::Limits;
use wow_tests::wat::{self, lift};

const ADD: &str = r#"(func (export "add") (param i64 i64) (result i64)
    (i64.add (local.get 0) (local.get 1)))"#;
const ADD_TYPE: &str = r#"(param "a" s64) (param "b" s64) (result s64)"#;

fn add() -> Vec<u8> {
    wat::typed("", ADD, &lift("add", ADD_TYPE))
}

/// A function without parameters whose result is what `$f` leaves at its address.
fn gives(types: &str, result: &str, f: &str) -> Vec<u8> {
    let f = format!(r#"(func (export "f") (result i32) {f} (i32.const 16))"#);
    wat::typed(types, &f, &lift("f", &format!("(result {result})")))
}

fn said(host: &TestHost, parameters: Value) -> String {
    let (status, body) = host.run(parameters);
    assert_eq!(status, 200, "{body}");
    body["error"].as_str().unwrap_or_else(|| panic!("no error: {body}")).to_owned()
}

#[test]
fn a_function_is_called_with_named_parameters_or_in_their_order() {
    let host = TestHost::loaded(&add());
    assert_eq!(host.run(json!({ "a": 2, "b": 40 })), (200, json!({ "result": 42 })));
    assert_eq!(host.run(json!([2, 40])), (200, json!({ "result": 42 })));
    let beyond = json!({ "result": 9_007_199_254_740_993_i64 });
    assert_eq!(host.run(json!({ "a": 9_007_199_254_740_992_i64, "b": 1 })), (200, beyond));
    let web = json!({ "__ow_method": "get", "__ow_headers": {}, "a": 1, "b": 1 });
    assert_eq!(host.run(web), (200, json!({ "result": 2 })));
}

#[test]
fn a_wrong_input_is_an_application_error_and_the_container_stays() {
    let host = TestHost::loaded(&add());
    for (parameters, words) in [
        (json!({ "a": "two", "b": 40 }), "/a: expected s64, got the string \"two\""),
        (json!({ "a": 1 }), "/b: expected s64, got nothing"),
        (json!({ "a": 1, "b": 2, "c": 3 }), "/c: unknown key, expected one of \"a\", \"b\""),
        (json!([1]), "/1: expected s64, got nothing"),
        (json!({ "a": 0.5, "b": 2 }), "/a: expected s64, got the number 0.5"),
    ] {
        assert_eq!(host.run(parameters), (200, error(words)));
    }
    assert_eq!(host.run(json!([1, 1])), (200, json!({ "result": 2 })));
}

#[test]
fn a_wrong_input_starts_no_guest() {
    let start = r#"(func $start unreachable) (start $start)
        (func (export "f") (param i32) (result i32) (local.get 0))"#;
    let host =
        TestHost::loaded(&wat::typed("", start, &lift("f", r#"(param "n" u8) (result u8)"#)));
    assert_eq!(host.run(json!({ "n": 256 })), (200, error("/n: expected u8, got the number 256")));
    assert_eq!(host.run(json!({ "n": 255 })).0, 502, "a guest would trap");
}

#[test]
fn the_bill_of_a_wrong_input_shows_that_nothing_was_instantiated() {
    let host = TestHost::with_bill(LIMITS).load(&add());
    let bill = || {
        let stderr = host.log().1;
        let bill = stderr.split_once("bill: ").expect("a bill").1;
        let (cpu, rest) = bill.split_once(", wall ").unwrap();
        let memory = rest.split_once(", memory ").unwrap().1.split_once(',').unwrap().0;
        (cpu.to_owned(), memory.to_owned())
    };
    let words = "/a: expected s64, got the string \"two\"";
    assert_eq!(host.run(json!({ "a": "two", "b": 40 })), (200, error(words)));
    assert_eq!(bill(), ("cpu 0.000 ms".to_owned(), "0 B".to_owned()));
    assert_eq!(host.run(json!({ "a": 2, "b": 40 })), (200, json!({ "result": 42 })));
    let (_, memory) = bill();
    assert_ne!(memory, "0 B", "an instance has a memory");
}

#[test]
fn every_type_comes_back_as_it_went() {
    let types = r#"
        (type $record' (record (field "first-name" string) (field "age" (option u8))))
        (export $record "person" (type $record'))
        (type $enum' (enum "red" "dark-green"))
        (export $enum "color" (type $enum'))
        (type $flags' (flags "read" "write" "run-it"))
        (export $flags "rights" (type $flags'))
        (type $variant' (variant (case "point") (case "circle" f64) (case "many" (list $record))))
        (export $variant "shape" (type $variant'))"#;
    let ada = json!({ "firstName": "Ada", "age": null });
    for (ty, values) in [
        ("bool", json!([true, false])),
        ("s8", json!([i8::MIN, i8::MAX])),
        ("u8", json!("AAH/")),
        ("s16", json!([i16::MIN, i16::MAX])),
        ("u16", json!([u16::MAX])),
        ("s32", json!([i32::MIN, i32::MAX])),
        ("u32", json!([u32::MAX])),
        ("s64", json!([i64::MIN, i64::MAX, (1_i64 << 53) + 1])),
        ("u64", json!([u64::MAX, 0])),
        ("f32", json!([0.5, -0.0, 1.0])),
        ("f64", json!([0.1, 1e300, -5e-324])),
        ("char", json!(["a", "\u{1F600}", "\0"])),
        ("string", json!(["", "ß\"\\\n\u{1F600}"])),
        ("(list (list u8))", json!([["AA=="], []])),
        ("(tuple u8 string)", json!([[1, "a"], [2, "b"]])),
        ("$record", json!([ada, { "firstName": "", "age": 36 }])),
        ("$enum", json!(["dark-green", "red"])),
        ("$flags", json!([[], ["read", "run-it"]])),
        ("$variant", json!(["point", { "circle": 1.5 }, { "many": [ada] }])),
        ("(option string)", json!([null, "a"])),
        ("(option (option u8))", json!([null, { "some": null }, { "some": 1 }])),
        ("(result u8 (error string))", json!([{ "ok": 1 }, { "err": "no" }])),
        ("(result)", json!([{ "ok": null }, { "err": null }])),
    ] {
        let host = TestHost::loaded(&wat::echo_list(types, ty));
        let expected = if values.is_array() { values.clone() } else { json!({ "result": values }) };
        assert_eq!(host.run(json!({ "v": values })), (200, expected), "{ty}");
    }
}

#[test]
fn a_result_is_the_outcome_or_the_application_error() {
    let at = "(i32.store (i32.const 24) (i32.const 7))";
    let host = |result, f| TestHost::loaded(&gives("", result, f));
    let ok = host("(result u32 (error u32))", "(i32.store (i32.const 20) (i32.const 7))");
    assert_eq!(ok.run(json!({})), (200, json!({ "result": 7 })));
    let err = host(
        "(result u32 (error u32))",
        "(i32.store (i32.const 16) (i32.const 1)) (i32.store (i32.const 20) (i32.const 7))",
    );
    assert_eq!(err.run(json!({})), (200, json!({ "error": 7 })));
    let tuple = host("(tuple u32 u32 u32)", at);
    assert_eq!(tuple.run(json!({})), (200, json!([0, 0, 7])));
    let nothing = wat::typed("", r#"(func (export "f"))"#, &lift("f", ""));
    assert_eq!(TestHost::loaded(&nothing).run(json!({})), (200, json!({})));
    let (ok, err) = ("(i32.const 0)", "(i32.const 1)");
    let words = error("the function returned an error without a value");
    for (case, answer) in [(ok, json!({})), (err, words)] {
        let f = format!(r#"(func (export "f") (result i32) {case})"#);
        let host = TestHost::loaded(&wat::typed("", &f, &lift("f", "(result (result))")));
        assert_eq!(host.run(json!({})), (200, answer));
    }
}

#[test]
fn a_result_that_json_does_not_have_is_the_actions_fault() {
    let host = TestHost::loaded(&gives(
        r#"(type $r' (record (field "mean" f64))) (export $r "stats" (type $r'))"#,
        "(tuple $r $r)",
        "(f64.store (i32.const 24) (f64.const nan))",
    ));
    let words = "the action's result cannot be JSON: /1/mean: NaN is not a number that JSON has";
    assert_eq!(host.run(json!({})), (502, error(words)));
    assert_eq!(host.run(json!({})).0, 502, "and it stays loaded");
}

#[test]
fn a_result_that_is_too_long_is_cut_in_the_platforms_words() {
    let limits = Limits { result: 10, ..LIMITS };
    let host = TestHost::with(limits).load(&wat::echo_list("", "u32"));
    assert_eq!(host.run(json!({ "v": [1, 2, 3] })), (200, json!([1, 2, 3])));
    let words = "The action produced a response that exceeded the allowed length: 11 > 10 bytes. \
                 The truncated response was: [1,2,3,4,5";
    assert_eq!(said(&host, json!({ "v": [1, 2, 3, 4, 5] })), words);
}

#[test]
fn values_count_against_the_memory_of_the_activation() {
    // A value takes 40 bytes, and a list has room for twice as many at worst.
    let limits = Limits { memory: 2_800_000, ..LIMITS };
    let host = TestHost::with(limits).load(&wat::echo_list("", "u32"));
    let run = |count| host.run(json!({ "v": vec![1; count] }));
    let words = "/v: as values this takes more memory than there is: the action's limit is 3 MB";
    assert_eq!(run(70_000), (200, error(words)));
    // What values leave is too little for the guest, who has four bytes for each as well.
    let exhausted = error("The action exhausted its memory and was aborted.");
    assert_eq!(run(65_536), (502, exhausted));
    let (status, body) = run(32_768);
    assert_eq!((status, body.as_array().map(Vec::len)), (200, Some(32_768)));
}

#[test]
fn g_07_what_a_guest_hands_over_as_values_is_bounded() {
    // 12000 lists: empty ones are short as JSON, and each is a value of 40 bytes.
    let many = r#"(i32.store (i32.const 16) (i32.const 1024))
        (i32.store (i32.const 20) (i32.const 12000))"#;
    let limits = Limits { result: 1000, ..LIMITS };
    let host = TestHost::with(limits).load(&gives("", "(list (list bool))", many));
    let (status, body) = host.run(json!({}));
    assert_eq!(status, 502, "{body}");
    let words = body["error"].as_str().unwrap();
    assert!(words.contains("too much data"), "{words}");
}

#[test]
fn main_chooses_the_function() {
    let sub = r#"(func (export "sub") (param i64 i64) (result i64)
        (i64.sub (local.get 0) (local.get 1)))"#;
    let exports = format!(
        r#"{} {} (instance $math (export "add" (func $add)) (export "sub" (func $sub)))
        (export "acme:calc/math@1.2.0" (instance $math))"#,
        lift("add", ADD_TYPE),
        lift("sub", ADD_TYPE).replace("(export \"sub\" (func $sub))", "")
    );
    let component = wat::typed("", &format!("{ADD} {sub}"), &exports);
    for (main, result) in [
        ("add", 42),
        ("acme:calc/math#add", 42),
        ("sub", -38),
        ("math#sub", -38),
        ("acme:calc/math#sub", -38),
        ("acme:calc/math@1.2.0#sub", -38),
    ] {
        let host = TestHost::new();
        assert_eq!(host.init_as(&component, main), (200, json!({ "ok": true })), "{main}");
        assert_eq!(host.run(json!([2, 40])), (200, json!({ "result": result })), "{main}");
    }
    let all = "`add`, `acme:calc/math@1.2.0#add`, `acme:calc/math@1.2.0#sub`";
    let host = TestHost::new();
    let several =
        format!("the component has several functions: {all}\n\nhint: say which with `--main`");
    assert_eq!(host.init(&component), (502, error(&several)));
    let unknown = format!("the action has no function `mul`: it has {all}");
    assert_eq!(host.init_as(&component, "mul"), (502, error(&unknown)));
}

#[test]
fn what_json_cannot_hold_is_refused_with_its_place() {
    let resource = r#"(type $file' (resource (rep i32))) (export $file "file" (type $file'))
        (type $upload' (record (field "name" string) (field "parts" (list (own $file)))))
        (export $upload "upload" (type $upload'))"#;
    let f = r#"(func (export "f") (param i32 i32 i32 i32))"#;
    let component = wat::typed(resource, f, &lift("f", r#"(param "u" $upload)"#));
    let words = "`f` cannot be called with JSON: an element of the field `parts` of the parameter `u` is a \
                 resource, which JSON has no value for";
    assert_eq!(TestHost::new().init(&component), (502, error(words)));
}

#[test]
fn a_type_that_is_larger_than_its_description_is_refused() {
    // Each twice the one before: 2^17 parts of a few hundred bytes.
    let mut types = "(type $t0 (tuple u8 u8))".to_owned();
    for number in 1..17 {
        types += &format!("(type $t{number} (tuple $t{0} $t{0}))", number - 1);
    }
    let f = r#"(func (export "f") (param i32 i32))"#;
    let component = wat::typed(&types, f, &lift("f", r#"(param "t" (list $t16))"#));
    let words = "`f` cannot be called with JSON: its type has more than 10000 parts";
    assert_eq!(TestHost::new().init(&component), (502, error(words)));
}

#[test]
fn a_type_that_is_too_deep_is_refused() {
    let deep = |depth: usize| {
        let mut types = "(type $t0 (list u32))".to_owned();
        for number in 1..depth {
            types += &format!("(type $t{number} (list $t{}))", number - 1);
        }
        let f = r#"(func (export "f") (param i32 i32))"#;
        wat::typed(&types, f, &lift("f", &format!(r#"(param "t" $t{})"#, depth - 1)))
    };
    let (status, body) = TestHost::new().init(&deep(200));
    let words = body["error"].as_str().unwrap();
    assert_eq!(status, 502, "{words}");
    assert!(words.contains("type nesting is too deep"), "{words}");
    let host = TestHost::loaded(&deep(91));
    let deepest = (0..91).fold(json!([7]), |inner, _| json!([inner]));
    let refusal = format!("/t{}: expected u32, got an array", "/0".repeat(91));
    assert_eq!(host.run(json!({ "t": deepest })), (200, error(&refusal)));
    assert_eq!(host.run(json!({ "t": deepest[0] })), (200, json!({})));
}

#[test]
fn g_16_values_that_are_none_of_their_type_are_a_trap() {
    let color = r#"(type $c' (enum "red" "green")) (export $c "color" (type $c'))"#;
    let place = |address, value| format!("(i32.store (i32.const {address}) (i32.const {value}))");
    for (result, f) in [
        ("(tuple $c $c $c)", "(i32.store8 (i32.const 18) (i32.const 9))".to_owned()),
        ("(tuple char char)", place(20, 0xd800)),
        ("(list u64)", place(16, 1) + &place(20, 1)),
        ("(list u64)", place(16, 8) + &place(20, 1 << 29)),
        ("(result string (error u8))", place(16, 7)),
        ("(option string)", place(16, 1) + &place(20, 131_071) + &place(24, 2)),
    ] {
        let host = TestHost::loaded(&gives(color, result, &f));
        let (status, body) = host.run(json!({}));
        let words = body["error"].as_str().unwrap_or_default();
        assert!(status == 502 && words.starts_with("the action trapped: "), "{result}: {body}");
    }
}
