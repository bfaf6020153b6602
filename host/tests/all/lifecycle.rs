//! From the first `/run` to the last: order, deadlines of the platform, draining.

use crate::{TestHost, error};
use serde_json::json;
use std::io::Write as _;
use std::thread;
use std::time::Duration;
use wow_tests::{SENTINEL, client, wat};

#[test]
fn i_15_a_run_before_init_is_refused_without_a_sentinel() {
    let host = TestHost::new();
    assert_eq!(host.run(json!({})), (403, error("System not initialized.")));
    assert_eq!((host.stdout.text(), host.stderr.text()), (String::new(), String::new()));
}

#[test]
fn i_15_parameters_are_objects_and_arrays_and_nothing_else() {
    let host = TestHost::loaded(&wat::action(wat::ECHO));
    assert_eq!(host.run(json!({ "a": 1 })), (200, json!({ "a": 1 })));
    assert_eq!(host.run(json!(["a", "b"])), (200, json!(["a", "b"])));
    assert_eq!(host.run(json!(null)), (200, json!({})));
    assert_eq!(host.post("/run", b"{}").whole(), (200, json!({})));
    assert_eq!(host.post("/run", b"null").whole(), (200, json!({})));
    let scalar = "The action did not receive a dictionary or array as an argument.";
    assert_eq!(host.run(json!("A")), (400, error(scalar)));
    assert_eq!(host.post("/run", b"[1]").whole().0, 400);
    assert_eq!(host.post("/run", b"{\"value\"").whole().0, 400);
    for _ in 0..8 {
        assert_eq!(host.log(), (String::new(), String::new()), "a sentinel for every run");
    }
}

#[test]
fn i_13_parameters_nested_a_million_deep_are_the_guests_to_read() {
    let host = TestHost::loaded(&wat::action(&wat::constant("{}")));
    let host = host_with_room(host);
    let deep = "[".repeat(500_000) + &"]".repeat(500_000);
    let body = format!("{{\"value\":{deep}}}");
    assert_eq!(host.post("/run", body.as_bytes()).whole(), (200, json!({})));
    let broken = "[".repeat(1_000_000);
    let body = format!("{{\"value\":{broken}");
    assert_eq!(host.post("/run", body.as_bytes()).status, 400);
}

fn host_with_room(host: TestHost) -> TestHost {
    assert_eq!(host.run(json!({})), (200, json!({})));
    host
}

#[test]
fn i_15_a_deadline_may_be_text_number_nonsense_or_long_ago() {
    let host = TestHost::loaded(&wat::action(wat::ECHO));
    for deadline in [json!("123"), json!(123), json!("soon"), json!(-5), json!(null), json!({})] {
        let reply = host.run_body(json!({ "value": {}, "deadline": deadline }));
        assert_eq!(reply, (200, json!({})), "{deadline}");
    }
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let late = u64::try_from(now).unwrap() - 1000;
    let over = "The action exceeded its time limits of 0 milliseconds.";
    for deadline in [json!(late), json!(late.to_string())] {
        let reply = host.run_body(json!({ "value": {}, "deadline": deadline }));
        assert_eq!(reply, (502, error(over)), "{deadline}");
    }
}

#[test]
fn every_activation_is_a_fresh_instance() {
    // Counts in memory how often it ran; a second activation must count from zero.
    let run = "(i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
        (if (i32.ne (i32.load (i32.const 8)) (i32.const 1)) (then unreachable))"
        .to_owned()
        + wat::ECHO;
    let host = TestHost::loaded(&wat::action(&run));
    for _ in 0..3 {
        assert_eq!(host.run(json!({})), (200, json!({})));
    }
}

#[test]
fn a_draining_host_closes_its_listener_first_and_answers_what_it_accepted() {
    let sleepy = format!("(call $sleep (i64.const 400000000)) {}", wat::ECHO);
    let mut host = TestHost::loaded(&wat::wasi_action(&sleepy));
    let address = host.address;
    let body = br#"{"value":{"n":1}}"#;
    let head = format!("POST /run HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len());
    // One that runs, one whose body is still to come.
    let running = thread::spawn(move || client::post(address, "/run", body));
    let mut late = client::send(address, head.as_bytes()).unwrap();
    late.write_all(&body[..4]).unwrap();
    // The activation has begun once it can be no longer refused: its sleep is the proof.
    thread::sleep(Duration::from_millis(150));
    let drained = host.drain();
    while client::send(address, b"").is_ok() {
        thread::yield_now();
    }
    late.write_all(&body[4..]).unwrap();
    let late = client::receive(late).unwrap();
    assert_eq!(late.whole(), (503, error("the host is shutting down")));
    assert_eq!(running.join().unwrap().unwrap().whole(), (200, json!({ "n": 1 })));
    crate::WORKER.block_on(drained).unwrap();
    assert_eq!(host.log(), (String::new(), String::new()));
    assert_eq!(host.stdout.text(), "", "what was refused has no sentinel");
}

#[test]
fn a_draining_host_still_completes_an_init() {
    let mut host = TestHost::new();
    let body = wow_tests::process::init_body(
        &base64_simd::STANDARD.encode_to_string(wat::action(wat::ECHO)),
        "main",
        json!({}),
    )
    .to_string();
    let head = format!("POST /init HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut stream = client::send(host.address, head.as_bytes()).unwrap();
    stream.write_all(&body.as_bytes()[..10]).unwrap();
    let drained = host.drain();
    while client::send(host.address, b"").is_ok() {
        thread::yield_now();
    }
    stream.write_all(&body.as_bytes()[10..]).unwrap();
    assert_eq!(client::receive(stream).unwrap().whole(), (200, json!({ "ok": true })));
    crate::WORKER.block_on(drained).unwrap();
}

#[test]
fn g_14_a_client_that_goes_away_ends_its_activation_and_its_log() {
    let host = TestHost::loaded(&wat::wasi_action(&format!(
        "(if (i32.eq (local.get $l) (i32.const 2)) (then (call $sleep (i64.const 3600000000000)))) {}",
        wat::ECHO
    )));
    let body = br#"{"value":{}}"#;
    let head = format!("POST /run HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len());
    for _ in 0..20 {
        let mut stream = client::send(host.address, head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        thread::sleep(Duration::from_millis(5));
        drop(stream);
    }
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })));
    // Those that had begun have ended, each with its sentinel on both streams.
    let count = |text: &str| text.matches(SENTINEL).count();
    assert!(count(&host.stdout.text()) >= 1);
    host.stdout.wait(|text| count(text) == count(&host.stderr.text()));
}
