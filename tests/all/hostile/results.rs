//! I-17: what a guest may answer.

use super::{error, harmless, loaded, log, silent, strike_at};
use serde_json::json;
use wow_tests::guests::{self, in_each_language};
use wow_tests::{hostile, wat};

/// A guest whose result is a text.
fn answers(text: &str) -> (u16, serde_json::Value) {
    let data = text.replace('\\', "\\\\").replace('"', "\\\"");
    let guest = format!(
        "(data (i32.const 1024) \"{data}\")
         (func $misbehave (result i32) (call $ok (i32.const 1024) (i32.const {})))",
        text.len()
    );
    let runtime = loaded(&hostile::assemble(&guest), &[]);
    runtime.post("/run", &hostile::hostile()).whole()
}

#[test]
fn i_17_a_result_that_is_no_object_and_no_array_is_refused() {
    let refusal = (502, error("The action did not return a dictionary or array."));
    for text in ["\"text\"", "42", "null", "", "{", "NaN", "{\"a\":NaN}", "[1,]"] {
        assert_eq!(answers(text), refusal, "{text}");
    }
}

#[test]
fn i_17_a_result_of_one_byte_too_many_is_cut_in_the_platforms_words() {
    let fits = json!({ "a": "a".repeat((1 << 20) - 8) });
    let long = json!({ "a": "a".repeat((1 << 20) - 7) });
    let cut = &long.to_string()[..1000];
    let words = format!(
        "The action produced a response that exceeded the allowed length: 1048577 > 1048576 \
         bytes. The truncated response was: {cut}"
    );
    let guests = in_each_language("echo").into_iter().map(|guest| guests::read(&guest));
    for component in guests.chain([wat::action(wat::ECHO)]) {
        let runtime = loaded(&component, &[]);
        assert_eq!(runtime.run(&fits), (200, fits.clone()));
        assert_eq!(runtime.run(&long), (200, error(&words)));
    }
}

#[test]
fn i_17_a_result_that_is_nested_too_deep_is_refused() {
    let runtime = loaded(&wat::action(wat::ECHO), &[]);
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let post = |depth| {
        let body = format!("{{\"value\":{}}}", nested(depth));
        wow_tests::client::post(runtime.address, "/run", body.as_bytes()).unwrap()
    };
    let fits = post(1000);
    assert_eq!((fits.status, String::from_utf8(fits.body).unwrap()), (200, nested(1000)));
    let refusal = error("The action did not return a dictionary or array.");
    assert_eq!(post(1001).whole(), (502, refusal));
    let why = "the action's result is not JSON: it is nested 1001 deep, more than 1000\n";
    assert_eq!(log(&runtime, 2), (String::new(), why.to_owned()));
}

#[test]
fn i_17_white_space_around_a_result_is_none_of_it() {
    let guest = "(data (i32.const 1024) \" \\n{} \")
        (func $misbehave (result i32) (call $ok (i32.const 1024) (i32.const 5)))";
    let runtime = loaded(&hostile::assemble(guest), &[]);
    assert_eq!(strike_at(&runtime, &harmless()), silent());
}
