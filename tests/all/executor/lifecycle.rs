//! From the creation of a container to its removal.

use super::{ada, gone, hello, loaded, start, start_with};
use crate::{code, error};
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;
use wow_tests::PATIENCE;
use wow_tests::process::init_body;
use wow_tests::{client, hostile};

#[test]
fn a_container_answers_from_its_creation_to_its_removal() {
    let (_folder, executor) = start();
    let spec = json!({
        "name": "wsk0_1_guest_hello", "image": "wow/action-wasm-v1:1", "memory": 128 << 20,
        "environment": { "__OW_API_HOST": "https://h" }, "labels": { "a": "b" },
    });
    let container = executor.create(&spec);
    assert_eq!(container.run(&ada()), (403, error("System not initialized.")));
    let mut known = executor.inspect("wsk0_1_guest_hello");
    let expected = json!({
        "id": container.id, "name": "wsk0_1_guest_hello", "image": "wow/action-wasm-v1:1",
        "state": "created", "address": container.address.ip(), "port": container.address.port(),
        "memory": 128 << 20, "labels": { "a": "b" }, "environment": { "__OW_API_HOST": "https://h" },
        "created": known["created"], "initialized": false, "activations": 0, "network": "bridge",
        "log": executor.containers().join(&container.id).join(container.id.clone() + "-json.log"),
    });
    assert_eq!(known, expected);
    container.load(&code("hello.rust"));
    assert_eq!(container.run(&ada()), hello());
    let again = "Cannot initialize the action more than once.";
    assert_eq!(container.init(&code("hello.rust")), (403, error(again)));
    known = executor.inspect(&container.id[..20]);
    assert_eq!(known["state"], "running");
    assert_eq!((&known["initialized"], &known["activations"]), (&json!(true), &json!(1)));
    executor.remove(&container.id);
    assert_eq!(container.run(&ada()), gone());
    let never_503 = "there is no container at this address: the executor may have started anew";
    assert_eq!(container.init(&code("hello.rust")), (404, error(never_503)));
    let unknown = error(&format!("there is no container {:?}", container.id));
    assert_eq!(
        executor.control("DELETE", &format!("/containers/{}", container.id)),
        (404, unknown)
    );
    assert_eq!(executor.metric("wow_components_loaded"), 0.0, "nobody holds its code");
    assert_eq!(executor.metric("wow_containers_removed_total"), 1.0);
}

#[test]
fn an_address_is_not_used_again_soon() {
    let (_folder, executor) = start_with(&["--range", "127.99.0.0/24"]);
    let mut addresses: Vec<_> = (0..250)
        .map(|number| {
            let container = executor.named(&format!("c{number}"));
            executor.remove(&container.id);
            container.address
        })
        .collect();
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), 250);
}

#[test]
fn more_containers_than_addresses_are_refused_in_words() {
    let (_folder, executor) = start_with(&["--range", "127.99.1.0/29"]);
    for number in 0..6 {
        executor.named(&format!("c{number}"));
    }
    let refused = error("no address is free: the range 127.99.1.0/29 has 6");
    assert_eq!(executor.try_create(&json!({ "name": "c6" })), (500, refused));
    executor.remove("c3");
    executor.named("c6");
}

#[test]
fn a_paused_container_runs_nothing_and_its_code_sleeps() {
    let (_folder, executor) = start();
    let container = loaded(&executor, "one", "hello.rust");
    assert_eq!(executor.metric("wow_components_loaded"), 1.0);
    executor.command("POST", "/containers/one/pause");
    assert_eq!(executor.inspect("one")["state"], "paused");
    assert_eq!(executor.metric("wow_components_loaded"), 0.0);
    assert_eq!(container.run(&ada()), (503, error("the container is paused")));
    assert_eq!(container.init(&code("hello.rust")), (403, error("the container is paused")));
    let already = error("the container \"one\" is paused already");
    assert_eq!(executor.control("POST", "/containers/one/pause"), (409, already));
    executor.command("POST", "/containers/one/unpause");
    assert_eq!(container.run(&ada()), hello());
    let not = error("the container \"one\" is not paused");
    assert_eq!(executor.control("POST", "/containers/one/unpause"), (409, not));
}

#[test]
fn code_that_another_container_holds_stays_awake() {
    let (_folder, executor) = start();
    for name in ["one", "two"] {
        loaded(&executor, name, "hello.rust");
    }
    executor.command("POST", "/containers/one/pause");
    assert_eq!(executor.metric("wow_components_loaded"), 1.0);
    executor.remove("one");
    executor.command("POST", "/containers/two/pause");
    assert_eq!(executor.metric("wow_components_loaded"), 0.0);
}

#[test]
fn a_removal_ends_what_runs() {
    let (_folder, executor) = start();
    let waiting = loaded(&executor, "waiting", "sleep.rust");
    let computing = executor.named("computing");
    computing.load(&STANDARD.encode_to_string(hostile::guest("g-01-loop")));
    let removed = (502, error("the container was removed while it was at work"));
    thread::scope(|scope| {
        let waits = scope.spawn(|| waiting.run(&json!({ "milliseconds": 60_000 })));
        let computes = scope.spawn(|| computing.post("/run", &hostile::hostile()));
        executor.wait_for("wow_slots_taken", 2.0);
        executor.remove("waiting");
        assert_eq!(waits.join().unwrap(), removed);
        executor.remove("computing");
        assert_eq!(computes.join().unwrap(), removed);
    });
    executor.wait_for("wow_slots_taken", 0.0);
    assert_eq!(executor.metric("wow_activations_total{outcome=\"removed\"}"), 2.0);
}

#[test]
fn a_connection_to_a_container_never_reaches_the_next_at_its_address() {
    let (_folder, executor) = start_with(&["--range", "127.99.2.0/29"]);
    let first = loaded(&executor, "first", "hello.rust");
    let mut stream = TcpStream::connect(first.address).unwrap();
    assert_eq!(ask(&mut stream), hello());
    executor.remove("first");
    // With the whole range in use, one of them has the address now.
    let all = (0..6).map(|number| loaded(&executor, &format!("c{number}"), "hello.rust"));
    let all: Vec<_> = all.collect();
    let heir = all.iter().find(|heir| heir.address == first.address).unwrap();
    assert_eq!(ask(&mut stream), gone());
    assert_eq!(heir.run(&ada()), hello());
}

/// Asks over a connection that stays open.
fn ask(stream: &mut TcpStream) -> (u16, Value) {
    let body = json!({ "value": ada() }).to_string();
    let head = format!("POST /run HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).unwrap();
    let mut reader = BufReader::new(&mut *stream);
    let (mut status, mut length, mut line) = (0, 0, String::new());
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).unwrap();
        if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
            status = rest[..3].parse().unwrap();
        }
        if let Some(rest) = line.to_lowercase().strip_prefix("content-length: ") {
            length = rest.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[test]
fn a_published_container_has_a_port_to_itself() {
    let (_folder, executor) = start();
    let container = executor.create(&json!({ "name": "one", "publish": true }));
    assert!(container.address.ip().is_loopback());
    assert_eq!(container.address.ip().to_string(), "127.0.0.1");
    container.load(&code("hello.rust"));
    assert_eq!(container.run(&ada()), hello());
    executor.remove("one");
    // The listener is closed by the thread that answers here, after its answer.
    let start = Instant::now();
    while client::send(container.address, b"").is_ok() {
        assert!(start.elapsed() < PATIENCE, "somebody listens");
        thread::yield_now();
    }
}

#[test]
fn the_ancestors_endpoints_name_the_container_in_the_path() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (_folder, executor) = start_with(&["--ancestor", &port.to_string()]);
    let post = |path: &str, body: &Value| {
        client::post(port, path, body.to_string().as_bytes()).unwrap().whole()
    };
    let (init, run) =
        (init_body(&code("hello.rust"), "main", json!({})), json!({ "value": ada() }));
    assert_eq!(post("/one/run", &run), gone());
    assert_eq!(post("/one/init", &init), (200, json!({ "ok": true })));
    assert_eq!(post("/one/run", &run), hello());
    assert_eq!(executor.inspect("one")["activations"], 1);
    assert_eq!(post("/one/destroy", &json!({})), (200, json!({ "ok": true })));
    assert_eq!(post("/one/run", &run), gone());
    let (status, started) = post("/start", &json!({}));
    assert_eq!(status, 200);
    let name = started["containerId"].as_str().unwrap();
    assert_eq!(post(&format!("/{name}/init"), &init).0, 200);
    let own = format!("127.0.0.1:{}", started["port"]).parse().unwrap();
    assert_eq!(client::post(own, "/run", run.to_string().as_bytes()).unwrap().whole(), hello());
    let only = "there is only /start, /NAME/init, /NAME/run and /NAME/destroy";
    assert_eq!(post("/", &json!({})), (400, error(only)));
}

#[test]
fn the_containers_of_an_invoker_that_has_ended_are_removed() {
    let (_folder, executor) = start();
    let mut invoker = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    for name in ["a", "b"] {
        executor.create(&json!({ "name": name, "owner": invoker.id() }));
    }
    executor.named("nobodys");
    // It may have ended before anybody looked.
    executor.create(&json!({ "name": "late", "owner": 0x7fff_ffff }));
    executor.wait_for("wow_containers_removed_total", 1.0);
    invoker.kill().unwrap();
    executor.wait_for("wow_containers_removed_total", 3.0);
    invoker.wait().unwrap();
    let (_, left) = executor.control("GET", "/containers");
    let left: Vec<_> = left["containers"].as_array().unwrap().iter().map(|c| &c["name"]).collect();
    assert_eq!(left, ["nobodys"]);
}
