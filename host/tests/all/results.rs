//! What a guest may answer, and what the platform hears of it.

use crate::{LIMITS, TestHost, error};
use serde_json::json;
use wow::limits::Limits;
use wow_tests::wat;

fn answers(run: &str) -> (u16, serde_json::Value) {
    TestHost::loaded(&wat::action(run)).run(json!({}))
}

fn fails_with(json: &str) -> String {
    wat::constant(json).replace("call $ok", "call $err")
}

#[test]
fn objects_and_arrays_are_results() {
    assert_eq!(answers(&wat::constant(r#"{"a":[1,null]}"#)), (200, json!({ "a": [1, null] })));
    assert_eq!(answers(&wat::constant(r#"["a","b"]"#)), (200, json!(["a", "b"])));
    assert_eq!(answers(&wat::constant(" \n{} ")), (200, json!({})));
}

#[test]
fn i_17_anything_else_is_refused_in_the_platforms_words() {
    let refusal = (502, error("The action did not return a dictionary or array."));
    for result in [
        "\"text\"",
        "42",
        "null",
        "true",
        "",
        "{",
        "{} {}",
        "NaN",
        "{\"a\":NaN}",
        "{\"a\":1,}",
        "[01]",
    ] {
        assert_eq!(answers(&wat::constant(result)), refusal, "{result}");
    }
}

#[test]
fn i_17_the_log_says_why_a_result_is_not_json() {
    let host = TestHost::loaded(&wat::action(&wat::constant("{\"a\":NaN}")));
    assert_eq!(host.run(json!({})).0, 502);
    let (_, stderr) = host.log();
    assert_eq!(stderr, "the action's result is not JSON: expected value at line 1 column 6\n");
}

#[test]
fn i_17_a_result_nested_too_deep_for_the_platform_is_refused() {
    let deep = "(local $n i32)
        (memory.fill (i32.const 4096) (i32.const 91) (i32.const 1001))
        (memory.fill (i32.const 5097) (i32.const 93) (i32.const 1001))
        (call $ok (i32.const 4096) (i32.const 2002))";
    let host = TestHost::loaded(&wat::action(deep));
    let refusal = error("The action did not return a dictionary or array.");
    assert_eq!(host.run(json!({})), (502, refusal));
    let (_, stderr) = host.log();
    let reason = "the action's result is not JSON: it is nested 1001 deep, more than 1000\n";
    assert_eq!(stderr, reason);
}

#[test]
fn i_17_text_that_is_not_utf8_is_a_trap() {
    let code =
        "(i32.store (i32.const 1024) (i32.const -1)) (call $ok (i32.const 1024) (i32.const 4))";
    let (status, body) = answers(code);
    let sentence = body["error"].as_str().unwrap();
    assert_eq!(status, 502);
    assert!(sentence.contains("utf-8"), "{sentence}");
}

#[test]
fn an_error_of_the_action_is_an_application_error_with_any_value() {
    for error in [r#""sorry""#, r#"{"code":7}"#, "7", "null", "[1]"] {
        let value: serde_json::Value = serde_json::from_str(error).unwrap();
        assert_eq!(answers(&fails_with(error)), (200, json!({ "error": value })), "{error}");
    }
    assert_eq!(answers(&fails_with("not JSON")), (200, error("not JSON")));
}

#[test]
fn i_17_a_result_over_the_limit_is_cut_in_the_platforms_words() {
    let host = TestHost::with(Limits { result: 20, ..LIMITS }).load(&wat::action(wat::ECHO));
    let fits = json!({ "a": "aaaaaaaaaaaa" });
    assert_eq!(fits.to_string().len(), 20);
    assert_eq!(host.run(fits.clone()), (200, fits));
    let sentence = "The action produced a response that exceeded the allowed length: 21 > 20 bytes. \
                    The truncated response was: {\"a\":\"aaaaaaaaaaaaa\"}";
    assert_eq!(host.run(json!({ "a": "aaaaaaaaaaaaa" })), (200, error(sentence)));
}

#[test]
fn g_07_a_result_that_claims_to_be_huge_is_never_copied() {
    let limits = Limits { memory: 64 << 20, ..LIMITS };
    let code = "(drop (memory.grow (i32.const 900)))
        (memory.fill (i32.const 1024) (i32.const 32) (i32.const 50000000))
        (call $ok (i32.const 1024) (i32.const 50000000))";
    let host = TestHost::with(limits).load(&wat::action(code));
    let (status, body) = host.run(json!({}));
    assert_eq!(status, 502, "{body}");
    insta::assert_snapshot!(body["error"].as_str().unwrap());
}

#[test]
fn an_exception_that_is_caught_is_nobodys_business_and_one_that_is_not_is_a_trap() {
    let throws = |body: &str| {
        let run = format!("{body} {}", wat::ECHO);
        wat::assemble(&wat::text(&run).replacen("(func $result", "(tag $t) (func $result", 1))
    };
    let caught = throws("(block $caught (try_table (catch $t $caught) (throw $t)) unreachable)");
    assert_eq!(TestHost::loaded(&caught).run(json!({ "n": 1 })), (200, json!({ "n": 1 })));
    let host = TestHost::loaded(&throws("(throw $t)"));
    let (status, body) = host.run(json!({}));
    let sentence = body["error"].as_str().unwrap();
    assert_eq!(status, 502);
    assert!(sentence.starts_with("the action trapped: "), "{sentence}");
}
