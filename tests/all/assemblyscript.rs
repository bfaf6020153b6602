//! What only exceptions can show of the AssemblyScript SDK: Node.js, where its own tests run, has none of this form.

use crate::error;
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use wow_tests::guests::{can_build, repository};
use wow_tests::process::Runtime;

#[test]
fn a_throw_is_an_application_error_and_an_attempt_catches_it() {
    if !can_build("throws.assemblyscript") {
        return;
    }
    let runtime = Runtime::start();
    assert_eq!(runtime.init(&throws()).0, 200);
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

/// The fixture, built as an author would, as it is uploaded.
fn throws() -> String {
    let sdk = repository().join("sdk-assemblyscript");
    let folder = tempfile::tempdir().unwrap();
    let component = folder.path().join("throws.wasm");
    let built = Command::new("node")
        .args(["bin/wow-action.mjs", "build", "test/fixtures/throws.ts", "-o"])
        .arg(&component)
        .current_dir(sdk)
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    STANDARD.encode_to_string(fs::read(component).unwrap())
}
