//! Components that were composed, as the host runs them.

use crate::{TestHost, error};
use serde_json::{Value, json};
use wow::compose::{self, Part};
use wow_tests::wat;

fn parts(components: &[Vec<u8>]) -> Vec<Part> {
    let part = |bytes: &Vec<u8>| Part { name: "part.wasm".to_owned(), bytes: bytes.clone() };
    components.iter().map(part).collect()
}

fn sequence(components: &[Vec<u8>]) -> TestHost {
    TestHost::loaded(&compose::sequence(&parts(components)).unwrap().bytes)
}

fn around(components: &[Vec<u8>]) -> TestHost {
    TestHost::loaded(&compose::around(&parts(components)).unwrap().bytes)
}

fn wrap(key: &str) -> Vec<u8> {
    wat::action(&wat::wrap(key))
}

#[test]
fn what_one_gives_is_what_the_next_takes() {
    let host = sequence(&[wrap("a"), wrap("b"), wrap("c")]);
    assert_eq!(host.run(json!({})), (200, json!({ "c": { "b": { "a": {} } } })));
    assert_eq!(host.run(json!([1])), (200, json!({ "c": { "b": { "a": [1] } } })));
    let text = "❄".repeat(1000);
    let wrapped = json!({ "c": { "b": { "a": { "text": text } } } });
    assert_eq!(host.run(json!({ "text": text })), (200, wrapped));
}

#[test]
fn sixteen_may_stand_in_a_sequence_and_sequences_in_it() {
    let inner = compose::sequence(&parts(&[wrap("a"), wrap("b")])).unwrap().bytes;
    let mut components = vec![wat::action(wat::ECHO); 14];
    components.extend([inner, wrap("c")]);
    let host = sequence(&components);
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "c": { "b": { "a": { "n": 1 } } } })));
}

#[test]
fn an_error_ends_a_sequence_as_it_was_said() {
    let fail = wat::constant("{\"code\":7}").replace("call $ok", "call $err");
    let print = format!("(call $print (i32.const 0) (local.get $p) (local.get $l)) {}", wat::ECHO);
    let host = sequence(&[wrap("a"), wat::action(&fail), wat::wasi_action(&print)]);
    assert_eq!(host.run(json!({})), (200, json!({ "error": { "code": 7 } })));
    assert_eq!(host.log(), (String::new(), String::new()), "the third does not run");
}

#[test]
fn an_object_with_an_error_ends_a_sequence_and_no_other_does() {
    let host = sequence(&[wat::action(wat::ECHO), wrap("next")]);
    for ends in [
        json!({ "error": "no" }),
        json!({ "a": [{ "b": "}" }], "error": null }),
        json!({ "a": "\\\"", "error": {} }),
    ] {
        assert_eq!(host.run(ends.clone()), (200, ends));
    }
    for goes_on in [
        json!({}),
        json!(["error"]),
        json!([{ "error": 1 }]),
        json!({ "errors": 1, "erroR": 1 }),
        json!({ "a": { "error": 1 }, "b": [{ "error": 1 }] }),
        json!({ "a": "error", "b": "\"error\":" }),
        json!({ "\"error": 1, "\\error": 1 }),
    ] {
        assert_eq!(host.run(goes_on.clone()), (200, json!({ "next": goes_on })));
    }
    // The host hands parameters over as they were written.
    for (text, goes_on) in [(r#"{ "error" : 1}"#, false), (" [ ]", true), ("{\"a\":\t{ } }", true)]
    {
        let value: Value = serde_json::from_str(text).unwrap();
        let expected = if goes_on { json!({ "next": value }) } else { value };
        let body = format!("{{\"value\": {text}}}");
        assert_eq!(host.post("/run", body.as_bytes()).whole(), (200, expected), "{text}");
    }
}

#[test]
fn an_outcome_that_is_no_object_is_refused_as_that_of_one_action_is() {
    for outcome in ["7", "\"text\"", "", "null", "  "] {
        let host = sequence(&[wat::action(&wat::constant(outcome)), wrap("next")]);
        let alone = TestHost::loaded(&wat::action(&wat::constant(outcome)));
        let refused = (502, error("The action did not return a dictionary or array."));
        assert_eq!((host.run(json!({})), alone.run(json!({}))), (refused.clone(), refused));
    }
}

/// A component whose texts are in UTF-16, as those of some languages are, and give
/// `json`.
fn utf_16(json: &str) -> Vec<u8> {
    let mut code = String::new();
    for (place, unit) in json.encode_utf16().enumerate() {
        code += &format!("(i32.store16 (i32.const {}) (i32.const {unit}))", 1024 + 2 * place);
    }
    code += &format!("(call $ok (i32.const 1024) (i32.const {}))", json.encode_utf16().count());
    let text = wat::text(&code).replacen(
        "(memory (core memory",
        "string-encoding=utf16 (memory (core memory",
        1,
    );
    wat::assemble(&text)
}

#[test]
fn texts_in_other_encodings_are_handed_on() {
    let long = format!("{{\"text\":\"{}\"}}", "grüße ❄ 🎈 ".repeat(50));
    let host = sequence(&[wat::action(wat::ECHO), utf_16(&long), wrap("a"), wrap("b")]);
    let value: Value = serde_json::from_str(&long).unwrap();
    assert_eq!(host.run(json!({})), (200, json!({ "b": { "a": value } })));
    // The new text is shorter than the one it is made of, and than the one before.
    let host = sequence(&[wrap("a"), utf_16("[]"), utf_16("{}"), wrap("b")]);
    assert_eq!(host.run(json!({ "n": "n".repeat(500) })), (200, json!({ "b": {} })));
}

#[test]
fn a_trap_inside_is_the_trap_of_the_whole_and_says_the_last_words() {
    let words = "(call $print (i32.const 1) (i32.const 1024) (i32.const 5)) unreachable";
    let last = format!("{} {words}", wat::constant("step2").rsplit_once("(call").unwrap().0);
    for host in [
        sequence(&[wrap("a"), wat::wasi_action(&last), wrap("b")]),
        around(&[wat::middleware(wat::PASS), wat::wasi_action(&last)]),
    ] {
        assert_eq!(host.run(json!({})), (502, error("the action trapped in part.wasm: step2")));
        assert_eq!(host.log(), (String::new(), "step2\n".to_owned()));
    }
}

#[test]
fn a_trap_says_whose_it_is() {
    let traps = |name: &str| Part { name: name.to_owned(), bytes: wat::action("unreachable") };
    let fine = |name: &str, key: &str| Part { name: name.to_owned(), bytes: wrap(key) };
    let words = |part: &str| {
        error(&format!("the action trapped in {part}: wasm `unreachable` instruction executed"))
    };
    let run = |composed: compose::Composition| TestHost::loaded(&composed.bytes).run(json!({}));
    let last = [fine("a.wasm", "a"), traps("folder/b.wasm")];
    assert_eq!(run(compose::sequence(&last).unwrap()), (502, words("b.wasm")));
    let first = [traps("a.wasm"), fine("b.wasm", "b")];
    assert_eq!(run(compose::sequence(&first).unwrap()), (502, words("a.wasm")));
    // A part that was composed keeps the names of its own.
    let inner = compose::sequence(&last).unwrap().bytes;
    let inner = Part { name: "inner.wasm".to_owned(), bytes: inner };
    let pass = Part { name: "pass.wasm".to_owned(), bytes: wat::middleware(wat::PASS) };
    assert_eq!(run(compose::around(&[pass, inner]).unwrap()), (502, words("b.wasm")));
    // Nobody is named where nothing was composed.
    let alone = TestHost::loaded(&wat::action("unreachable")).run(json!({}));
    let sentence = "the action trapped: wasm `unreachable` instruction executed";
    assert_eq!(alone, (502, error(sentence)));
}

#[test]
fn each_middleware_is_around_the_next() {
    let pass = wat::middleware(wat::PASS);
    let host = around(&[pass.clone(), pass.clone(), wrap("a")]);
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "a": { "n": 1 } })));
    let fail = wat::action(&wat::constant("\"no ❄\"").replace("call $ok", "call $err"));
    let host = around(&[pass.clone(), pass, fail]);
    assert_eq!(host.run(json!({})), (200, error("no ❄")));
}

#[test]
fn a_typed_action_is_around_an_interface_of_its_own() {
    let math = wat::assemble(
        r#"(component
          (core module $m (func (export "add") (param i64 i64) (result i64)
            (i64.add (local.get 0) (local.get 1))))
          (core instance $m (instantiate $m))
          (func $add (param "a" s64) (param "b" s64) (result s64) (canon lift (core func $m "add")))
          (instance $math (export "add" (func $add)))
          (export "acme:calc/math@1.1.0" (instance $math)))"#,
    );
    let outer = wat::assemble(
        r#"(component
          (import "acme:calc/math@1.0.0" (instance $math
            (export "add" (func (param "a" s64) (param "b" s64) (result s64)))))
          (core func $add (canon lower (func $math "add")))
          (core module $m (import "" "add" (func $add (param i64 i64) (result i64)))
            (func (export "twice") (param i64) (result i64)
              (call $add (local.get 0) (local.get 0))))
          (core instance $m (instantiate $m
            (with "" (instance (export "add" (func $add))))))
          (func $twice (param "n" s64) (result s64) (canon lift (core func $m "twice")))
          (export "twice" (func $twice)))"#,
    );
    let host = around(&[outer, math]);
    assert_eq!(host.run(json!({ "n": 21 })), (200, json!({ "result": 42 })));
    assert_eq!(
        host.run(json!({ "n": "x" })),
        (200, error("/n: expected s64, got the string \"x\""))
    );
}

#[test]
fn components_of_two_patch_versions_of_wasi_print_to_one_log() {
    let print = format!("(call $print (i32.const 0) (local.get $p) (local.get $l)) {}", wat::ECHO);
    let new = wat::wasi_text(&print);
    let old = new.replace("@0.2.12", "@0.2.3");
    let host = sequence(&[wat::assemble(&old), wrap("a"), wat::assemble(&new)]);
    assert_eq!(host.run(json!({})), (200, json!({ "a": {} })));
    assert_eq!(host.log(), ("{}{\"a\":{}}\n".to_owned(), String::new()));
}

#[test]
fn the_memories_of_all_are_within_the_actions_limit() {
    // Of 1.5 MB, where the tests' limit is 4.
    let text = wat::text(wat::ECHO)
        .replace("(memory (export \"memory\") 2)", "(memory (export \"memory\") 24)");
    let large = wat::assemble(&text);
    let host = sequence(&[large.clone(), large.clone()]);
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })));
    let host = sequence(&[large.clone(), large.clone(), large]);
    let (status, reply) = host.run(json!({}));
    assert_eq!((status, reply), (502, error("The action exhausted its memory and was aborted.")));
}
