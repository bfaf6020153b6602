//! Requests of guests to servers of the test's own, names looked up at a name server
//! of the test's own: what is reached, what is not, and what is said of it. In these
//! tests 127.0.0.1 stands for the public world, 127.0.0.2 for the private one.

mod addresses;
mod bounds;
mod dns;
mod entry;
mod executors;
mod headers;
mod servers;
mod tls;

use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::io::Write as _;
use tempfile::NamedTempFile;
use wow_tests::process::{Runtime, init_body, wow};
use zip::write::{SimpleFileOptions, ZipWriter};

/// The action's full name in these tests.
const ACTION: &str = "/acme/net/fetch";

/// A policy that lets the tests' actions reach 127.0.0.1, and more.
fn policy(more: &str) -> NamedTempFile {
    file(&format!(
        "version = 1\n[[grant]]\nactions = [\"/acme/net/*\"]\nhttp = [\"http://*:*\", \
         \"https://*:*\"]\n[egress]\nopen = [\"127.0.0.1/32\"]\n{more}"
    ))
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// The guest `fetch` in a package that asks for servers.
fn package(servers: &[&str]) -> Vec<u8> {
    let http: Vec<_> = servers.iter().map(|server| format!("\"{server}\"")).collect();
    let manifest = format!("version = 1\n[capabilities]\nhttp = [{}]", http.join(", "));
    zipped(&wow_tests::guests::read("fetch.rust"), &manifest)
}

pub(crate) fn zipped(component: &[u8], manifest: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in [("action.wasm", component), ("wow.toml", manifest.as_bytes())] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A runtime under a policy.
fn runtime(policy: &NamedTempFile) -> Runtime {
    Runtime::start_with(&mut wow(), &["--policy", policy.path().to_str().unwrap()])
}

fn init(runtime: &Runtime, package: &[u8]) -> (u16, Value) {
    let env = json!({ "__OW_ACTION_NAME": ACTION, "__OW_NAMESPACE": "acme" });
    let code = STANDARD.encode_to_string(package);
    runtime.post("/init", &init_body(&code, "main", env)).whole()
}

/// A runtime under a policy of [`policy`], with `fetch` that asks for servers.
fn fetching(servers: &[&str], more: &str) -> Runtime {
    let runtime = runtime(&policy(more));
    assert_eq!(init(&runtime, &package(servers)), (200, json!({ "ok": true })));
    runtime
}

/// What `fetch` says of a URL, and what stands in its log.
fn fetch(runtime: &Runtime, url: &str) -> (Value, String) {
    ask(runtime, &json!({ "url": url }))
}

fn ask(runtime: &Runtime, parameters: &Value) -> (Value, String) {
    let (status, answer) = runtime.run(parameters);
    assert_eq!(status, 200, "{answer}");
    let (stdout, stderr) = runtime.log();
    assert_eq!(stdout, "");
    (answer, stderr)
}

/// What `fetch` gives for a response.
fn got(text: &str) -> Value {
    json!({ "status": 200, "body": text })
}

/// What `fetch` says when there is no response.
fn failed(url: &str, why: &str) -> Value {
    json!({ "error": format!("cannot fetch `{url}`: {why}") })
}
