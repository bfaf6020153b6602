//! How much goes out and comes in, and what is kept open.

use super::servers::{Server, text};
use super::{ask, failed, fetch, fetching, got, init, package, policy, runtime, zipped};
use serde_json::json;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use wow_tests::guests::in_each_language;
use wow_tests::process::{Runtime, wow};
use wow_tests::waiting::{ANSWER, burst, slow_server};

#[test]
fn e_09_an_activation_makes_so_many_requests_and_no_more() {
    let server = Server::start(|_| text("hello"));
    let runtime = fetching(&[&server.url("")], "activation-requests = 3");
    let url = server.url("/");
    assert_eq!(ask(&runtime, &json!({ "url": url, "times": 3 })).0, got("hello"));
    let (answer, log) = ask(&runtime, &json!({ "url": url, "times": 100_000 }));
    assert_eq!(answer, failed(&url, "HTTP-request-denied"));
    let why = "an activation makes 3 requests at most";
    assert_eq!(log, limit(&server, why, "activation-requests"));
    assert_eq!(server.heard().len(), 6);
    // The next activation has its own.
    assert_eq!(fetch(&runtime, &url).0, got("hello"));
}

#[test]
fn e_09_an_upload_ends_at_its_bytes() {
    let server = Server::start(|_| text("hello"));
    let runtime = fetching(&[&server.url("")], "activation-sent = 100000");
    let url = server.url("/");
    let send = |repeat: u32| {
        ask(
            &runtime,
            &json!({ "url": url, "method": "PUT", "body": "0123456789", "repeat": repeat }),
        )
    };
    assert_eq!(send(10_000), (got("hello"), String::new()));
    let (answer, log) = send(1_000_000);
    assert_eq!(answer, failed(&url, "HTTP-request-body-size: 100000 bytes"));
    assert_eq!(log, limit(&server, "an activation sends 100000 bytes at most", "activation-sent"));
    assert_eq!(server.heard().len(), 1);
}

#[test]
fn e_09_a_download_ends_at_its_bytes() {
    let server = Server::start(|_| text(&"x".repeat(10 << 20)));
    let runtime = fetching(&[&server.url("")], "activation-received = 100000");
    let (answer, log) = fetch(&runtime, &server.url("/"));
    let error = answer["error"].as_str().unwrap();
    assert!(error.contains("the body broke off"), "{error}");
    let why = "an activation receives 100000 bytes at most";
    assert_eq!(log, limit(&server, why, "activation-received"));
}

/// What a log says of a limit.
fn limit(server: &Server, why: &str, key: &str) -> String {
    let hint = format!("the operator can raise `{key}` in [egress] of the policy");
    format!("request to {} failed: {why}\nhint: {hint}\n", server.url(""))
}

#[test]
fn e_09_all_activations_together_move_so_many_bytes_in_a_second() {
    let bytes = 100_000;
    let server = Server::start(move |_| text(&"x".repeat(bytes)));
    // A tenth of a second's bytes may come at once.
    let runtime = fetching(&[&server.url("")], "bytes-per-second = 400000");
    let body = "0123456789".repeat(bytes / 10);
    let start = Instant::now();
    thread::scope(|scope| {
        for upload in [true, true, false, false] {
            let (runtime, url, body) =
                (&runtime, server.url("/"), if upload { &*body } else { "" });
            scope.spawn(move || {
                let parameters = json!({ "url": url, "method": "PUT", "body": body });
                assert_eq!(runtime.run(&parameters), (200, got(&"x".repeat(bytes))));
            });
        }
    });
    // 600000 bytes of six bodies, less those that were free.
    let least = Duration::from_millis(1400);
    assert!(start.elapsed() >= least, "{:?}", start.elapsed());
    // It is no limit of an activation: nobody was refused.
    for _ in 0..4 {
        assert_eq!(runtime.log(), (String::new(), String::new()));
    }
    // The guest's patience is for its server, not for its host.
    let patient = json!({ "url": server.url("/"), "timeout": 100 });
    assert_eq!(ask(&runtime, &patient), (got(&"x".repeat(bytes)), String::new()));
}

#[test]
fn e_09_an_activation_has_so_many_connections_open_and_one_more_waits_in_vain() {
    for guest in in_each_language("connections") {
        has_so_many_connections_open(&guest);
    }
}

fn has_so_many_connections_open(guest: &str) {
    let server = Server::start(|_| text("hello"));
    let more = "activation-connections = 3\nconnect-timeout = 200";
    let runtime = runtime(&policy(more));
    let url = server.url("/");
    let manifest = format!("version = 1\n[capabilities]\nhttp = [\"{}\"]", server.url(""));
    let package = zipped(&wow_tests::guests::read(guest), &manifest);
    assert_eq!(init(&runtime, &package), (200, json!({ "ok": true })));
    let open = |count| ask(&runtime, &json!({ "url": url, "open": count }));
    assert_eq!(open(3), (json!({ "answers": ["200", "200", "200"] }), String::new()), "{guest}");
    let why = "no connection within 200 ms: the activation has 3 open, as many as it may";
    let log = limit(&server, why, "activation-connections");
    let answers = json!({ "answers": ["200", "200", "200", "ErrorCode::ConnectionTimeout"] });
    assert_eq!(open(4), (answers, log), "{guest}");
    assert!(server.heard().len() <= 6, "{guest}: {:?}", server.heard());
    // Those that were read to their end are no connections of its own any more.
    let read = ask(&runtime, &json!({ "url": url, "open": 4, "read": true }));
    let answers = json!({ "answers": ["200", "200", "200", "200"] });
    assert_eq!(read, (answers, String::new()), "{guest}");
}

/// A server that answers when it is told to.
fn gate() -> (Server, Arc<(Mutex<bool>, Condvar)>) {
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let open = Arc::clone(&gate);
    let server = Server::start(move |_| {
        let (closed, opened) = &*open;
        drop(opened.wait_while(closed.lock().unwrap(), |open| !*open).unwrap());
        text("hello")
    });
    (server, gate)
}

#[test]
fn e_09_who_finds_no_connection_waits_no_longer_than_for_a_connection() {
    let (slow, gate) = gate();
    let runtime = fetching(&[&slow.url("")], "connections = 1\nconnect-timeout = 200");
    let url = slow.url("/");
    thread::scope(|scope| {
        let first = scope.spawn(|| runtime.run(&json!({ "url": url })));
        let start = Instant::now();
        while slow.connections() == 0 {
            assert!(start.elapsed() < wow_tests::PATIENCE, "nobody came");
            thread::yield_now();
        }
        let refused = failed(&url, "connection-timeout");
        let why = "no connection within 200 ms: the host has 1 open, as many as it may";
        assert_eq!(
            ask(&runtime, &json!({ "url": url })),
            (refused, limit(&slow, why, "connections"))
        );
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
        assert_eq!(first.join().unwrap(), (200, got("hello")));
    });
    // An idle connection gives way to one that is needed.
    let other = Server::start(|_| text("other"));
    assert_eq!(slow.connections(), 1);
    let runtime = fetching(&[&other.url(""), &slow.url("")], "connections = 1");
    assert_eq!(fetch(&runtime, &url).0, got("hello"));
    assert_eq!(fetch(&runtime, &other.url("/")).0, got("other"));
}

#[test]
fn g_09_a_server_that_never_answers_costs_the_time_of_the_activation() {
    let (tarpit, _gate) = gate();
    let policy = policy("");
    let path = policy.path().to_str().unwrap();
    let runtime = Runtime::start_with(&mut wow(), &["--policy", path, "--timeout", "1000"]);
    assert_eq!(init(&runtime, &package(&[&tarpit.url("")])).0, 200);
    let start = Instant::now();
    let over = json!({ "error": "The action exceeded its time limits of 1000 milliseconds." });
    assert_eq!(runtime.run(&json!({ "url": tarpit.url("/") })), (502, over));
    assert!(start.elapsed() < Duration::from_secs(5));
    // Its own patience may be shorter.
    let url = tarpit.url("/");
    let answer = runtime.run(&json!({ "url": url, "timeout": 50 }));
    assert_eq!(answer, (200, failed(&url, "connection-read-timeout")));
    let echo = Server::start(|_| text("hello"));
    assert_eq!(runtime.run(&json!({ "url": echo.url("/") })).0, 200);
}

/// A runtime on one processor, so that all its activations share a thread.
fn on_one_processor(more: &str) -> Runtime {
    let policy = policy(more);
    let mut program = Command::new("taskset");
    program.args(["-c", "0"]).arg(wow().get_program());
    Runtime::start_with(&mut program, &["--policy", policy.path().to_str().unwrap()])
}

fn called_by(runtime: &Runtime, namespace: &str, url: &str) {
    let body = json!({ "value": { "url": url }, "namespace": namespace });
    assert_eq!(runtime.post("/run", &body).whole(), (200, got("hello")));
}

#[test]
fn x_04_a_connection_is_used_again_by_the_same_caller_and_by_no_other() {
    let server = Server::start(|_| text("hello"));
    let runtime = on_one_processor("");
    assert_eq!(init(&runtime, &package(&[&server.url("")])).0, 200);
    let url = server.url("/");
    for (namespace, connections) in
        [("acme", 1), ("acme", 1), ("acme", 1), ("beta", 2), ("acme", 2), ("beta", 2), ("gamma", 3)]
    {
        called_by(&runtime, namespace, &url);
        assert_eq!(server.connections(), connections, "{namespace}");
    }
}

#[test]
fn a_connection_that_its_server_closed_meanwhile_costs_no_request() {
    let server = Server::start(|_| super::servers::last("hello"));
    let silent = Server::start(|_| {
        let mut response = text("hello");
        // Says nothing of it, and closes: what follows is not HTTP.
        response.extend_from_slice(b"garbage");
        response
    });
    let runtime = on_one_processor("");
    assert_eq!(init(&runtime, &package(&[&server.url(""), &silent.url("")])).0, 200);
    for _ in 0..3 {
        called_by(&runtime, "acme", &server.url("/"));
        called_by(&runtime, "acme", &silent.url("/"));
    }
    assert_eq!(server.connections(), 3);
    assert_eq!(silent.connections(), 3);
}

#[test]
fn guests_that_wait_hold_up_no_thread() {
    let count = 1000;
    let delay = Duration::from_millis(300);
    let server = slow_server(delay);
    let policy = policy("");
    let arguments =
        ["--policy", policy.path().to_str().unwrap(), "--instances", "1000", "--memory", "4000"];
    let runtime = Runtime::start_with(&mut wow(), &arguments);
    let url = format!("http://{server}");
    assert_eq!(init(&runtime, &package(&[&url])), (200, json!({ "ok": true })));
    let body = json!({ "value": { "url": url } }).to_string();
    let (time, others) = burst(runtime.address, &body, count);
    assert_eq!(others, Vec::<String>::new());
    // One after the other they would take five minutes; with a thread for each of two processors
    // half of that.
    assert!(time >= delay && time < delay * 15, "{time:?}");
}

#[test]
fn what_is_waited_for_is_not_cpu_time() {
    let url = format!("http://{}", slow_server(Duration::from_millis(500)));
    let policy = policy("");
    let arguments = ["--policy", policy.path().to_str().unwrap(), "--cpu-time", "100"];
    let runtime = Runtime::start_with(&mut wow(), &arguments);
    assert_eq!(init(&runtime, &package(&[&url])), (200, json!({ "ok": true })));
    assert_eq!(fetch(&runtime, &url), (got(ANSWER), String::new()));
}
