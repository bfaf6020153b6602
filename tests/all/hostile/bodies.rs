//! Bodies that are no JSON, too much of it, or not what is asked for.

use super::{
    LATEST, RESERVE, calm, calm_answer, error, loaded, log, runtime, settles_within, silent,
};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;
use wow_tests::client::{self, Reply};
use wow_tests::footprint::Footprint;
use wow_tests::process::{Runtime, wow};
use wow_tests::wat;

fn echo() -> Runtime {
    loaded(&wat::action(wat::ECHO), &[])
}

/// Posts a `/run` beside calm ones, twice, and checks what is left of it.
fn post(runtime: &Runtime, body: &[u8]) -> Reply {
    let over = AtomicBool::new(false);
    let post = || {
        let start = Instant::now();
        let reply = client::post(runtime.address, "/run", body).expect("a reply");
        assert!(start.elapsed() < LATEST, "{:?}", start.elapsed());
        reply
    };
    thread::scope(|scope| {
        let bystander = scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
            }
        });
        let first = post();
        let before = Footprint::at_work(runtime.address, runtime.id()).unwrap();
        let second = post();
        over.store(true, Ordering::SeqCst);
        bystander.join().expect("the bystander was answered");
        assert_eq!((first.status, &first.body), (second.status, &second.body));
        settles_within(runtime, &before, RESERVE);
        first
    })
}

#[test]
fn i_08_what_is_no_json_is_refused() {
    let runtime = echo();
    for (body, why) in [
        (&b""[..], "EOF while parsing a value at line 1 column 0"),
        (b"\xef\xbb\xbf{\"value\":{}}", "expected value at line 1 column 1"),
        (b"\xff\xfe{\0}\0", "expected value at line 1 column 1"),
        (b"{\"value\":{\"a\":\"\xff\"}}", "invalid unicode code point at line 1 column 16"),
        (b"{\"value\":{},\"value\":{}}", "duplicate key `value` at line 1 column 23"),
        (b"{\"value\":NaN}", "expected value at line 1 column 10"),
        (b"{} {}", "trailing characters at line 1 column 4"),
        (b"7", "invalid type: integer `7`, expected an object at line 1 column 1"),
    ] {
        let expected = error(&format!("the body of /run is not readable: {why}"));
        assert_eq!(post(&runtime, body).whole(), (400, expected));
    }
}

#[test]
fn i_08_what_numbers_and_texts_cannot_hold_reaches_the_guest_as_it_was_written() {
    let runtime = echo();
    for value in [
        r#"{"n":1e400}"#,
        r#"{"n":18446744073709551616}"#,
        r#"{"n":-0.0,"m":1.10}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"a":"\u0000"}"#,
        r#"{"a":"\ud83d\ude00"}"#,
        r#"{"a":"\ud800"}"#,
    ] {
        let reply = post(&runtime, format!("{{\"value\":{value}}}").as_bytes());
        assert_eq!((reply.status, String::from_utf8(reply.body).unwrap()), (200, value.to_owned()));
    }
}

#[test]
fn i_13_json_that_is_nested_a_million_deep_is_an_answer() {
    let runtime = echo();
    let deep = "[".repeat(500_000) + &"]".repeat(500_000);
    let refusal = error("The action did not return a dictionary or array.");
    let body = format!("{{\"value\":{deep}}}");
    assert_eq!(post(&runtime, body.as_bytes()).whole(), (502, refusal));
    let open = format!("{{\"value\":{}", "[".repeat(1_000_000));
    assert_eq!(post(&runtime, open.as_bytes()).status, 400);
    let objects = "{\"a\":".repeat(500_000);
    assert_eq!(post(&runtime, format!("{{\"value\":{objects}").as_bytes()).status, 400);
}

#[test]
fn i_13_a_million_keys_and_a_text_of_seventy_megabytes_are_an_answer() {
    let runtime = echo();
    let mut keys = "{\"value\":{}".to_owned();
    for number in 0..1_000_000 {
        keys += &format!(",\"k{number}\":0");
    }
    let reply = post(&runtime, (keys + "}").as_bytes());
    let why = error("the body of /run is not readable: more than 64 keys at line 1 column 513");
    assert_eq!(reply.whole(), (400, why));
    let long = format!("{{\"value\":{{\"a\":\"{}\"}}}}", "a".repeat(70 << 20));
    let why = "the action trapped: too much data is being copied between the host and the guest: fuel \
               allocated for hostcalls has been exhausted";
    assert_eq!(post(&runtime, long.as_bytes()).whole(), (502, error(why)));
}

#[test]
fn i_15_a_run_before_an_init_is_refused() {
    let runtime = runtime(wow(), &[]);
    let answer = runtime.post("/run", &calm()).whole();
    assert_eq!(answer, (403, error("System not initialized.")));
    super::good(&runtime);
}

#[test]
fn i_15_a_run_after_the_drain_is_no_connection() {
    let mut runtime = echo();
    runtime.terminate();
    assert_eq!(runtime.wait().code(), Some(0));
    assert!(client::post(runtime.address, "/run", b"{}").is_err());
}

#[test]
fn i_15_a_deadline_may_be_text_number_nonsense_or_past() {
    let runtime = echo();
    for deadline in [json!("123"), json!(123), json!("soon"), json!(-5), json!(null), json!({})] {
        let body = json!({ "value": {}, "deadline": deadline }).to_string();
        assert_eq!(post(&runtime, body.as_bytes()).whole(), (200, json!({})), "{deadline}");
    }
    let past = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() - 1000;
    let body = json!({ "value": {}, "deadline": past.to_string() }).to_string();
    let over = error("The action exceeded its time limits of 0 milliseconds.");
    assert_eq!(post(&runtime, body.as_bytes()).whole(), (502, over));
}

#[test]
fn i_15_parameters_are_objects_and_arrays_and_nothing_else() {
    let runtime = echo();
    assert_eq!(runtime.run(&json!(["a", "b"])), (200, json!(["a", "b"])));
    assert_eq!(runtime.run(&json!(null)), (200, json!({})));
    for scalar in [json!("A"), json!(7), json!(true)] {
        let why = "The action did not receive a dictionary or array as an argument.";
        assert_eq!(runtime.run(&scalar), (400, error(why)));
    }
    assert_eq!(log(&runtime, 5), silent(), "a sentinel for every run");
}
