//! HTTP actions and programs: what they are given, and that every limit holds for
//! them. `guests/web` and `guests/program` show the rest.

use crate::{LIMITS, TestHost, error};
use serde_json::json;
use std::time::Duration;
use wow::limits::Limits;
use wow_tests::{shapes, wat};

/// Instructions that print a text to stdout (0) or stderr (1).
fn print(stream: u32, text: &str) -> String {
    let stores: String = text
        .bytes()
        .enumerate()
        .map(|(at, byte)| format!("(i32.store8 (i32.const {}) (i32.const {byte}))", 1024 + at))
        .collect();
    let length = text.len();
    format!("{stores} (call $print (i32.const {stream}) (i32.const 1024) (i32.const {length}))")
}

const FINE: &str = "(i32.const 0)";
const LOOP: &str = "(loop $forever (br $forever))";

#[test]
fn a_programs_last_line_is_its_result_and_not_in_its_log() {
    let parts = [print(0, "one\n{\"a\""), print(1, "words\n"), print(0, ":1}\n")];
    let host = TestHost::loaded(&shapes::program(&(parts.concat() + FINE)));
    assert_eq!(host.run(json!({})), (200, json!({ "a": 1 })));
    assert_eq!(host.log(), ("one\n".to_owned(), "words\n".to_owned()));
    let array = print(0, " [1] ") + "(call $exit (i32.const 0)) unreachable";
    let host = TestHost::loaded(&shapes::program(&array));
    assert_eq!(host.run(json!({})), (200, json!([1])));
    assert_eq!(host.log(), (String::new(), String::new()));
}

#[test]
fn a_program_without_a_result_is_refused_in_the_platforms_words() {
    let refusal = error("The action did not return a dictionary or array.");
    for (said, kept) in [("", ""), ("7\n", "7\n"), ("{}\n\n", "{}\n\n"), ("text", "text\n")] {
        let host = TestHost::loaded(&shapes::program(&(print(0, said) + FINE)));
        assert_eq!(host.run(json!({})), (502, refusal.clone()), "{said:?}");
        assert_eq!(host.log().0, kept, "{said:?}");
    }
}

#[test]
fn a_programs_status_is_its_error_and_the_container_stays() {
    let failing = print(0, "{}\n") + &print(1, "first\nlast\n");
    for end in ["(i32.const 1)", "(call $exit (i32.const 1)) unreachable"] {
        let host = TestHost::loaded(&shapes::program(&format!("{failing} {end}")));
        for _ in 0..2 {
            let sentence = "the program exited with status 1: first\nlast";
            assert_eq!(host.run(json!({})), (200, error(sentence)));
            assert_eq!(host.log(), ("{}\n".to_owned(), "first\nlast\n".to_owned()));
        }
    }
    let host = TestHost::loaded(&shapes::program("(i32.const 1)"));
    let sentence = "the program exited with status 1: it wrote nothing to stderr";
    assert_eq!(host.run(json!({})), (200, error(sentence)));
}

#[test]
fn g_03_a_program_that_was_refused_memory_has_reached_its_limit() {
    let greedy = "(drop (memory.grow (i32.const 1000))) (i32.const 1)";
    let host = TestHost::loaded(&shapes::program(greedy));
    let sentence = "The action exhausted its memory and was aborted.";
    assert_eq!(host.run(json!({})), (502, error(sentence)));
}

#[test]
fn g_07_a_last_line_over_the_limit_is_cut_in_the_platforms_words() {
    let limits = Limits { result: 1000, log: 5000, ..LIMITS };
    let flood = "(local $i i32) (memory.fill (i32.const 1024) (i32.const 120) (i32.const 4096))
        (loop $next (call $print (i32.const 0) (i32.const 1024) (i32.const 4096))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
            (i32.const 300))))";
    let host = TestHost::with(limits).load(&shapes::program(&format!("{flood} {FINE}")));
    let (status, answer) = host.run(json!({}));
    let words = answer["error"].as_str().unwrap();
    assert_eq!(status, 200);
    let start =
        "The action produced a response that exceeded the allowed length: 1228800 > 1000 bytes.";
    assert!(words.starts_with(start), "{words}");
    let (stdout, stderr) = host.log();
    assert_eq!(stdout.len(), 5001);
    assert!(stderr.starts_with("Logs were truncated because"), "{stderr}");
}

#[test]
fn g_01_and_g_10_the_deadline_holds_for_every_shape() {
    let sleep = "(call $sleep (i64.const 3600000000000))";
    for component in [
        shapes::program(&format!("{LOOP} {FINE}")),
        shapes::program(&format!("{sleep} {FINE}")),
        shapes::http(LOOP),
        shapes::http(sleep),
    ] {
        let host = TestHost::loaded(&component);
        let sentence = "The action exceeded its time limits of 300 milliseconds.";
        let run = host.run_within(Duration::from_millis(300), json!({}));
        assert_eq!(run, (502, error(sentence)));
    }
}

#[test]
fn an_http_action_that_gives_no_response_is_at_fault() {
    let host = TestHost::loaded(&shapes::http(&print(0, "here\n")));
    let sentence = "the action gave no response: it returned without setting `response-outparam`";
    for parameters in [json!({}), json!({ "__ow_method": "get" }), json!([1])] {
        assert_eq!(host.run(parameters), (502, error(sentence)));
        assert_eq!(host.log(), ("here\n".to_owned(), String::new()));
    }
    let host = TestHost::loaded(&shapes::http("unreachable"));
    assert_eq!(host.run(json!({})).0, 502);
    // What is no request starts no guest.
    let words = "/__ow_path: expected a string, got 7";
    assert_eq!(host.run(json!({ "__ow_path": 7 })), (200, error(words)));
}

#[test]
fn g_03_a_requests_body_is_the_activations_memory() {
    let host = TestHost::loaded(&shapes::http("unreachable"));
    let body = "x".repeat(5 << 20);
    let sentence = "the request's body of 5242882 bytes is too large: the action's limit is 4 MB";
    let request = json!({ "__ow_method": "put", "__ow_body": body });
    assert_eq!(host.run(request), (200, error(sentence)));
}

#[test]
fn what_wasi_has_in_another_version_or_type_is_refused_in_words() {
    let mut refusals = Vec::new();
    for (interface, function) in [
        ("wasi:http/handler@0.3.0", "handle"),
        ("wasi:http/incoming-handler@0.3.0", "handle"),
        ("wasi:http/incoming-handler@0.2.0-rc-2023-12-05", "handle"),
        ("wasi:http/incoming-handler@0.2.3", "handle"),
        ("wasi:cli/run@0.3.0", "run"),
        ("wasi:cli/run@0.2.3", "run"),
        ("wasi:cli/environment@0.2.3", "get-environment"),
    ] {
        let (status, body) = TestHost::new().init(&shapes::exports(interface, function));
        assert_eq!(status, 502, "{interface}: {body}");
        refusals.push(body["error"].as_str().unwrap().to_owned());
    }
    let asynchronous = r#"(component (core module $m (func (export "f")))
        (core instance $m (instantiate $m))
        (func $f async (canon lift (core func $m "f"))) (export "f" (func $f)))"#;
    let (status, body) = TestHost::new().init(&wat::assemble(asynchronous));
    assert_eq!(status, 502, "{body}");
    let sentence = body["error"].as_str().unwrap();
    let start = "the component has `async func`, streams or futures of WASI 0.3, which this host does not run";
    assert!(sentence.starts_with(start), "{sentence}");
    assert!(sentence.contains("\n\nhint: build it for WASI 0.2"), "{sentence}");
    insta::assert_snapshot!(refusals.join("\n\n----\n\n"));
}
