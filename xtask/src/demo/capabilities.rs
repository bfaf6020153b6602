//! What an action reaches, shown: a server that it was granted, one that it did not
//! ask for, one that the operator does not allow; a folder that it may read, and one
//! of its own.

use crate::{guests, package, programs};
use anyhow::ensure;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Duration;
use wow_tests::process::{Runtime, init_body, wow};
use wow_tests::waiting::slow_server;

const FETCH: &str = "fetch.rust";
const ACTION: &str = "/acme/demo/fetch";

pub(crate) fn run() -> anyhow::Result<()> {
    programs()?;
    guests::build()?;
    let [granted, other] = [(); 2].map(|()| format!("http://{}", slow_server(Duration::ZERO)));
    let folder = tempfile::tempdir()?;
    let policy = folder.path().join("policy.toml");
    let text = format!(
        "version = 1\n\n[[grant]]\nactions = [\"/acme/*\"]\nhttp = [\"{granted}\"]\n\n[egress]\nopen = \
         [\"127.0.0.1/32\"]\n"
    );
    fs::write(&policy, &text)?;
    println!("\nthe operator's policy:\n{}", indented(&text));
    let runtime = Runtime::start_with(wow().env("WOW_POLICY", &policy), &[]);
    requests(&runtime, [&granted, &other])?;
    files(folder.path())
}

fn requests(runtime: &Runtime, [granted, other]: [&String; 2]) -> anyhow::Result<()> {
    println!("an action asks for {granted} and {other}:");
    let (status, answer) = init(runtime, &package::asking(FETCH, &[granted, other])?)?;
    ensure!(status == 502, "it was loaded: {answer}");
    println!("an action asks for {granted}:");
    let (status, answer) = init(runtime, &package::asking(FETCH, &[granted])?)?;
    ensure!(status == 200, "it was not loaded: {answer}");
    for (url, expected) in [(granted, "status"), (other, "error")] {
        let (status, answer) = runtime.run(&json!({ "url": url }));
        println!("it fetches {url}:\n    -> {status} {answer}");
        ensure!(answer.get(expected).is_some(), "that was not expected");
        let (_, log) = runtime.log();
        if !log.is_empty() {
            println!("  its log:\n{}", indented(&log));
        }
    }
    Ok(())
}

/// A folder that may be read, and one for each activation.
fn files(folder: &Path) -> anyhow::Result<()> {
    let root = folder.display();
    fs::create_dir(folder.join("assets"))?;
    fs::write(folder.join("assets/logo"), "a logo")?;
    let policy = folder.join("files.toml");
    let text = format!(
        "version = 1\nscratch = \"{root}/scratch\"\n\n[[grant]]\nactions = [\"/acme/*\"]\nfiles = {{ assets = \
         \"read-only\" }}\ntmp = {{ bytes = 1000000, entries = 100 }}\n\n[volumes.assets]\npath = \
         \"{root}/assets\"\nmode = \"read-only\"\n"
    );
    fs::write(&policy, &text)?;
    println!("\nanother policy:\n{}", indented(&text));
    let runtime = Runtime::start_with(wow().env("WOW_POLICY", &policy), &[]);
    let ask = "files = { assets = \"read-only\" }\ntmp = true";
    println!("an action asks for\n{}", indented(ask));
    let (status, answer) = init(&runtime, &package::with("files.rust", ask)?)?;
    ensure!(status == 200, "it was not loaded: {answer}");
    for (parameters, expected) in [
        (json!({ "read": "/assets/logo" }), "text"),
        (json!({ "write": "/assets/logo", "text": "mine" }), "error"),
        (json!({ "write": "/tmp/notes", "text": "mine", "list": "/tmp" }), "entries"),
        (json!({ "list": "/tmp" }), "entries"),
    ] {
        let (status, answer) = runtime.run(&parameters);
        println!("{parameters}\n    -> {status} {answer}");
        ensure!(answer.get(expected).is_some(), "that was not expected");
        let (_, log) = runtime.log();
        if !log.is_empty() {
            println!("  its log:\n{}", indented(&log));
        }
    }
    let (_, left) = runtime.run(&json!({ "list": "/tmp" }));
    ensure!(left == json!({ "entries": [] }), "something was left: {left}");
    Ok(())
}

fn init(runtime: &Runtime, package: &[u8]) -> anyhow::Result<(u16, Value)> {
    let code = base64_simd::STANDARD.encode_to_string(package);
    let environment = json!({ "__OW_ACTION_NAME": ACTION, "__OW_NAMESPACE": "acme" });
    let reply = runtime.post("/init", &init_body(&code, "main", environment)).whole();
    let (status, answer) = &reply;
    match answer["error"].as_str() {
        Some(error) => println!("    -> {status}\n{}", indented(error)),
        None => println!("    -> {status} {answer}"),
    }
    Ok(reply)
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
