//! What `/init` accepts and refuses.

use crate::{TestHost, error};
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::sync::Barrier;
use std::thread;
use wow_tests::wat;

const REFUSED: &str = "Cannot initialize the action more than once.";

fn code() -> String {
    STANDARD.encode_to_string(wat::action(wat::ECHO))
}

#[test]
fn i_09_a_failed_init_leaves_its_place_free() {
    let host = TestHost::new();
    let missing = (403, error("Missing main/no code to execute."));
    assert_eq!(host.post("/init", b"{}").whole(), missing);
    assert_eq!(host.init_text(""), missing);
    assert_eq!(host.init(b"not a component").0, 502);
    assert_eq!(host.init(&wat::assemble("(component)")).0, 502);
    assert_eq!(host.init_text(&code()), (200, json!({ "ok": true })));
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })));
    assert_eq!(host.log(), (String::new(), String::new()), "an init has no sentinel");
}

#[test]
fn i_10_a_second_init_is_refused_and_says_so_in_the_log() {
    let host = TestHost::loaded(&wat::action(wat::ECHO));
    let other = wat::action(&wat::constant("{}"));
    assert_eq!(host.init(&other), (403, error(REFUSED)));
    assert_eq!(host.stderr.text(), format!("{REFUSED}\n"), "and no sentinel");
    assert_eq!(host.stdout.text(), "");
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })), "the first code runs on");
}

#[test]
fn i_10_of_concurrent_inits_one_wins() {
    let host = TestHost::new();
    let (code, start) = (code(), Barrier::new(8));
    let mut answers = thread::scope(|scope| {
        let init = || {
            start.wait();
            host.init_text(&code)
        };
        let inits: Vec<_> = (0..8).map(|_| scope.spawn(init)).collect();
        inits.into_iter().map(|init| init.join().unwrap()).collect::<Vec<_>>()
    });
    answers.sort_by_key(|answer| answer.0);
    let mut expected = vec![(200, json!({ "ok": true }))];
    expected.resize(8, (403, error(REFUSED)));
    assert_eq!(answers, expected);
}

#[test]
fn i_01_code_that_is_not_base64_is_named_with_its_place() {
    let host = TestHost::new();
    let mut code = code();
    code.replace_range(40..41, "!");
    let (status, body) = host.init_text(&code);
    let sentence = body["error"].as_str().unwrap().lines().next().unwrap().to_owned();
    assert_eq!(
        (status, sentence.as_str()),
        (502, "the code is not base64: character '!' at byte 40")
    );
    assert_eq!(host.run(json!({})), (403, error("System not initialized.")));
}

#[test]
fn i_04_a_component_cut_or_flipped_anywhere_is_an_answer_and_not_a_crash() {
    let component = wat::action(wat::ECHO);
    let host = TestHost::new();
    let step = component.len() / 24;
    for length in (8..component.len()).step_by(step) {
        let (status, body) = host.init(&component[..length]);
        assert_eq!(status, 502, "{length}: {body}");
    }
    for place in (8..component.len()).step_by(step) {
        let host = TestHost::new();
        let mut flipped = component.clone();
        flipped[place] ^= 0x55;
        let (status, body) = host.init(&flipped);
        assert!([200, 502].contains(&status), "{place}: {body}");
    }
    assert_eq!(host.init(&component), (200, json!({ "ok": true })));
}

#[test]
fn i_04_and_i_05_what_is_no_component_is_called_what_it_is() {
    let host = TestHost::new();
    let invalid = r#"(component (core module (func (result i32))))"#;
    let alien = r#"(component (import "acme:secret/vault" (instance (export "open" (func)))))"#;
    let future =
        r#"(component (import "wasi:io/warp@0.2.12" (instance (export "engage" (func)))))"#;
    let other = r#"(component (instance $i) (export "acme:calc/math" (instance $i)))"#;
    let typed = r#"(component
        (core module $m (func (export "run") (result i32) i32.const 0))
        (core instance $m (instantiate $m))
        (func $run (result u32) (canon lift (core func $m "run")))
        (instance $i (export "run" (func $run)))
        (export "wow:action/handler@0.1.0" (instance $i)))"#;
    let mut refusals = Vec::new();
    for bytes in [
        wat::assemble("(module)"),
        b"\x7fELF\x02\x01\x01\0 a .cwasm".to_vec(),
        [&b"\0asm\x0d\0\x01\0"[..], &[0xff; 20]].concat(),
        wat_unchecked(invalid),
        wat::assemble("(component)"),
        wat::assemble(other),
        wat::assemble(typed),
        with_imports(alien),
        with_imports(future),
    ] {
        let (status, body) = host.init(&bytes);
        assert_eq!(status, 502, "{body}");
        refusals.push(body["error"].as_str().unwrap().to_owned());
    }
    insta::assert_snapshot!(refusals.join("\n\n----\n\n"));
}

/// `wat` does not validate: an invalid component comes through.
fn wat_unchecked(text: &str) -> Vec<u8> {
    wat::assemble(text)
}

/// An action that also imports something: the import is put in front.
fn with_imports(text: &str) -> Vec<u8> {
    let import = text.strip_prefix("(component").unwrap().strip_suffix(')').unwrap();
    wat::assemble(&wat::text(wat::ECHO).replacen("(component", &format!("(component {import}"), 1))
}

#[test]
fn g_22_a_proposal_that_is_off_does_not_compile() {
    let host = TestHost::new();
    for (proposal, module) in [
        ("memory64", "(module (memory i64 1))"),
        ("threads", "(module (memory 1 1 shared))"),
        ("tail calls", "(module (func $f (return_call $f)))"),
        ("garbage collection", "(module (type (struct)))"),
        (
            "relaxed SIMD",
            "(module (func (param v128 v128) (result v128) (i32x4.relaxed_laneselect (local.get 0) (local.get 0) (local.get 1))))",
        ),
        (
            "function references",
            "(module (type $f (func)) (func (param (ref null $f)) (call_ref $f (local.get 0))))",
        ),
    ] {
        let text = module.replacen("(module", "(component (core module", 1) + ")";
        let (status, body) = host.init(&wat::assemble(&text));
        let sentence = body["error"].as_str().unwrap();
        assert_eq!(status, 502, "{proposal}: {sentence}");
        assert!(sentence.starts_with("the component is not valid: "), "{proposal}: {sentence}");
    }
}

#[test]
fn a_main_that_the_action_does_not_have_is_refused() {
    let action = wat::action(wat::ECHO);
    let init = |main: &str| TestHost::new().init_as(&action, main);
    for main in ["", "main", "run", "wow:action/handler#run"] {
        assert_eq!(init(main), (200, json!({ "ok": true })), "{main}");
    }
    let sentence = "the action has no function `niam`: a JSON action has one, `wow:action/handler#run`\n\n\
         hint: leave `--main` out";
    assert_eq!(init("niam"), (502, error(sentence)));
}

#[test]
fn the_fields_that_the_platforms_tests_leave_out_may_be_missing() {
    let code = code();
    for value in [
        json!({ "code": code }),
        json!({ "code": code, "env": null, "name": null, "main": null, "binary": null }),
        json!({ "code": code, "binary": false, "annotations": { "a": 1 } }),
    ] {
        let host = TestHost::new();
        let body: Value = json!({ "value": value });
        assert_eq!(host.post("/init", body.to_string().as_bytes()).whole().0, 200, "{body}");
    }
}

#[test]
fn i_12_a_body_that_is_too_large_or_lies_about_its_length_is_refused() {
    use wow_tests::client::{receive, send};
    let host = TestHost::new();
    let announced = b"POST /init HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n";
    let reply = receive(send(host.address, announced).unwrap()).unwrap();
    assert_eq!(reply.whole(), (413, error("the body is larger than 83886080 bytes")));
    let both = b"POST /init HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}";
    let stream = send(host.address, both).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(receive(stream).is_ok_and(|reply| reply.status == 400));
}

#[test]
fn unknown_routes_and_methods_are_answered_in_json() {
    let host = TestHost::new();
    let nowhere = error("there is only POST /init and POST /run");
    assert_eq!(host.post("/", b"{}").whole(), (404, nowhere));
    let get = b"GET /run HTTP/1.1\r\nHost: h\r\n\r\n";
    let reply = wow_tests::client::receive(wow_tests::client::send(host.address, get).unwrap());
    assert_eq!(reply.unwrap().whole(), (405, error("the action interface is POST only")));
}
