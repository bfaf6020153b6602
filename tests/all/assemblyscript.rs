//! What only exceptions can show of the AssemblyScript SDK: Node.js, where its own tests run, has none of this form.

use crate::error;
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wow_tests::guests::{can_build, repository};
use wow_tests::process::{Runtime, wow};

#[test]
fn a_throw_is_an_application_error_and_an_attempt_catches_it() {
    if !can_build("throws.assemblyscript") {
        return;
    }
    let runtime = loaded(&read("throws", &[]));
    let output = |text: &str, count: i32| json!({ "text": text, "count": count });
    let cases: [(Value, Value); 9] = [
        (json!({ "what": "a sentence", "text": "Ada" }), error("nobody to greet: Ada")),
        (json!({ "what": "a value" }), json!({ "error": { "code": 7 } })),
        (json!({ "what": "an index", "index": 1 }), output("", 2)),
        (
            json!({ "what": "an index", "index": 2 }),
            error("Index out of range (~lib/array.ts:114:42)"),
        ),
        (json!({ "what": "an assertion" }), error("the index is not above 0")),
        (json!({ "what": "half a character" }), error("\u{fffd}?")),
        (json!({ "what": "half a result" }), output("\u{fffd}?", 0)),
        (
            json!({ "what": "an attempt", "text": "zz" }),
            output("no JSON: unexpected `z` at offset 0", 80_000),
        ),
        (
            json!({ "what": "an attempt in an attempt", "text": "zz" }),
            output("no JSON: unexpected `o` at offset 1", 0),
        ),
    ];
    for (parameters, expected) in cases {
        assert_eq!(runtime.run(&parameters), (200, expected), "{parameters}");
    }
    assert_eq!(
        runtime.run(&json!({ "what": "a value", "index": 2_147_483_648_u32 })),
        (200, error("invalid parameters: /index: expected i32, got the number 2147483648"))
    );
}

#[test]
fn the_error_inside_a_middleware_stays_as_it_is_for_as_long_as_it_is_kept() {
    if !can_build("twice.assemblyscript") {
        return;
    }
    let runtime = loaded(&read("twice", &["throws"]));
    let throws = |text: &str| json!({ "what": "a sentence", "text": text });
    let cases: [(Value, Value); 6] = [
        (json!({ "what": "nothing" }), json!({ "text": "", "count": 0 })),
        (throws("Ada \u{2744}"), error("nobody to greet: Ada \u{2744}")),
        (json!({ "what": "a value" }), json!({ "error": { "code": 7 } })),
        (json!({ "what": "a value", "again": throws("Ada") }), json!({ "error": { "code": 7 } })),
        (
            json!({ "what": "a value", "again": { "what": "nothing" } }),
            json!({ "text": "", "count": 0 }),
        ),
        (
            json!({ "what": "an attempt", "text": "7", "count": true }),
            error(
                "invalid outcome of the action inside: /count: expected u8, got the number 140000",
            ),
        ),
    ];
    for (parameters, expected) in cases {
        assert_eq!(runtime.run(&parameters), (200, expected), "{parameters}");
    }
}

#[test]
fn an_http_action_answers_with_what_its_function_returns() {
    if !can_build("answers.assemblyscript") {
        return;
    }
    let runtime = loaded(&read("answers", &[]));
    let failed = |reason: &str| {
        error(&format!("the action gave an error and no response: internal-error: {reason}"))
    };
    let get = |path: &str| json!({ "__ow_method": "get", "__ow_path": path, "__ow_query": "q=a+b&q=%E2%98%83" });
    let posted = |path: &str, body: &str| {
        json!({ "__ow_method": "post", "__ow_path": path, "__ow_query": "", "__ow_body": body,
            "__ow_headers": { "content-type": "text/plain", "host": "example.org:8080" } })
    };
    let is_json = json!({ "content-type": "application/json" });
    let cases: [(Value, Value); 8] = [
        (
            posted("/a%20b", ""),
            json!({ "statusCode": 200, "headers": {},
                "body": "POST https://example.org:8080/a%20b content-type" }),
        ),
        (
            posted("/json", r#"{"sku":"A"}"#),
            json!({ "statusCode": 201, "headers": is_json, "body": r#"{"sku":"A","qty":1}"# }),
        ),
        (
            posted("/json", r#"{"sku":7}"#),
            failed("the body of the request: /sku: expected a string, got the number 7"),
        ),
        (
            posted("/form", "other=1&name=A%2BB+C"),
            json!({ "statusCode": 200, "headers": {}, "body": "A+B C" }),
        ),
        (
            get("/query"),
            json!({ "statusCode": 200, "headers": is_json, "body": "[\"a b\",\"\u{2603}\"]" }),
        ),
        (get("/throw"), failed("not today \u{2603}")),
        (get("/status"), failed("cannot respond: 7 is no status")),
        (get("/header"), failed("cannot respond: the header `a b` is not allowed")),
    ];
    for (parameters, expected) in cases {
        assert_eq!(runtime.run(&parameters), (200, expected), "{parameters}");
    }
    let (status, body) = runtime.run(&get("/length"));
    assert_eq!(status, 502);
    let sentence = body["error"].as_str().unwrap();
    assert!(sentence.starts_with("the action trapped: threw: cannot respond: "), "{sentence}");
}

#[test]
fn a_program_reads_in_pieces_and_what_it_throws_are_its_last_words() {
    if !can_build("prints.assemblyscript") {
        return;
    }
    let runtime = loaded(&read("prints", &[]));
    let failed = |words: &str| error(&format!("the program exited with status 1: {words}"));
    let long = json!({ "other": "\u{2603}".repeat(1000), "status": 0 });
    let cases: [(Value, Value); 5] = [
        (json!({}), json!({})),
        (long.clone(), long),
        (json!({ "status": 1 }), failed("no line end")),
        (json!({ "status": 2 }), failed("no line end")),
        (json!({ "fail": "left\nright" }), failed("left\nright")),
    ];
    for (parameters, expected) in cases {
        assert_eq!(runtime.run(&parameters), (200, expected), "{parameters}");
    }
}

fn loaded(component: &[u8]) -> Runtime {
    let runtime = Runtime::start();
    assert_eq!(runtime.init(&STANDARD.encode_to_string(component)), (200, json!({ "ok": true })));
    runtime
}

/// A fixture, built as an author would, around others.
fn read(fixture: &str, inside: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let built = |fixture: &str| built(fixture, folder.path());
    let mut parts = vec![built(fixture)];
    parts.extend(inside.iter().map(|fixture| built(fixture)));
    if inside.is_empty() {
        return fs::read(&parts[0]).unwrap();
    }
    let whole = folder.path().join("whole.wasm");
    let composed = wow().arg("compose").args(&parts).arg("-o").arg(&whole).output().unwrap();
    assert!(composed.status.success(), "{}", String::from_utf8_lossy(&composed.stderr));
    fs::read(whole).unwrap()
}

fn built(fixture: &str, folder: &Path) -> PathBuf {
    let component = folder.join(fixture).with_extension("wasm");
    let built = Command::new("node")
        .args(["bin/wow-action.mjs", "build", &format!("test/fixtures/{fixture}.ts"), "-o"])
        .arg(&component)
        .current_dir(repository().join("sdk-assemblyscript"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    component
}
