//! Requests of guests in virtual containers: many owners' in one process.

use super::servers::{Server, text};
use super::{failed, file, got, package};
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::process::Command;
use tempfile::{NamedTempFile, TempDir};
use wow_tests::executor::{Executor, Virtual};
use wow_tests::process::{init_body, wow};

/// A policy for every action, which opens `networks`.
fn policy(networks: &str) -> NamedTempFile {
    file(&format!("version = 1\n[[grant]]\nhttp = [\"http://*:*\"]\n[egress]\nopen = [{networks}]"))
}

/// An executor on one processor: a connection is used again on the thread that opened it.
fn executor(policy: &NamedTempFile) -> (TempDir, Executor) {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Command::new("taskset");
    program.args(["-c", "0"]).arg(wow().get_program());
    let arguments = ["--policy", policy.path().to_str().unwrap()];
    let executor = Executor::start_as(program, folder.path(), &arguments);
    (folder, executor)
}

/// A container with `fetch`, whose code is `owner`'s and who is called by one namespace.
fn fetching(executor: &Executor, (name, owner): (&str, &str), servers: &[&str]) -> Virtual {
    let container = executor.named(name);
    let action = format!("/{owner}/fetch");
    let env = json!({ "__OW_ACTION_NAME": action, "__OW_NAMESPACE": "caller" });
    let code = STANDARD.encode_to_string(package(servers));
    let loaded = container.post("/init", &init_body(&code, "main", env));
    assert_eq!(loaded, (200, json!({ "ok": true })));
    container
}

fn fetch(container: &Virtual, url: &str) -> Value {
    let (status, answer) = container.run(&json!({ "url": url }));
    assert_eq!(status, 200, "{answer}");
    answer
}

#[test]
fn e_12_a_virtual_container_goes_the_same_way() {
    let server = Server::start(|_| text("hello"));
    let closed = policy("");
    let (_folder, executor) = executor(&closed);
    let container = fetching(&executor, ("one", "acme"), &[&server.url("")]);
    let url = server.url("/");
    assert_eq!(fetch(&container, &url), failed(&url, "destination-IP-prohibited"));
    let other = "http://127.0.0.1:1/";
    assert_eq!(fetch(&container, other), failed(other, "HTTP-request-denied"));
    assert_eq!(server.connections(), 0);
}

#[test]
fn i_11_a_container_reaches_no_other_and_not_its_executor() {
    let open = policy("\"0.0.0.0/0\", \"::/0\"");
    let (_folder, executor) = executor(&open);
    let victim = executor.named("victim");
    let port = victim.address.port();
    let urls = [
        format!("http://{}", victim.address),
        format!("http://127.0.0.1:{port}"),
        format!("http://[::ffff:{}]:{port}", victim.address.ip()),
        format!("http://{}:80", victim.address.ip()),
    ];
    let servers: Vec<_> = urls.iter().map(String::as_str).collect();
    let container = fetching(&executor, ("one", "acme"), &servers);
    for url in &urls {
        for path in ["/init", "/run", "/"] {
            let there = format!("{url}{path}");
            let body = json!({ "url": there, "method": "POST", "body": "{}" });
            let refused = failed(&there, "destination-IP-prohibited");
            assert_eq!(container.run(&body), (200, refused), "{there}");
        }
    }
    assert_eq!(executor.inspect("victim")["state"], "created");
}

#[test]
fn x_04_a_connection_is_of_the_owner_whose_code_opened_it() {
    // 127.0.0.1 is the executor's own: containers with a port of their own are there.
    let server = Server::on("127.0.0.2:0".parse().unwrap(), |_| text("hello"));
    let open = policy("\"127.0.0.2/32\"");
    let (_folder, executor) = executor(&open);
    let url = server.url("/");
    let make = |name, owner| fetching(&executor, (name, owner), &[&server.url("")]);
    let (first, second, other) = (make("a", "acme"), make("b", "acme"), make("c", "beta"));
    for (container, connections) in
        [(&first, 1), (&second, 1), (&other, 2), (&first, 2), (&other, 2)]
    {
        assert_eq!(fetch(container, &url), got("hello"));
        assert_eq!(server.connections(), connections, "{container:?}");
    }
}
