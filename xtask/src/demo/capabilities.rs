//! What an action reaches, shown: a server that it was granted, one that it did not
//! ask for, one that the operator does not allow.

use crate::{guests, package, programs};
use anyhow::ensure;
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;
use wow_tests::process::{Runtime, init_body, wow};
use wow_tests::waiting::slow_server;

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

    println!("an action asks for {granted} and {other}:");
    let (status, answer) = init(&runtime, &[&granted, &other])?;
    ensure!(status == 502, "it was loaded: {answer}");
    println!("an action asks for {granted}:");
    let (status, answer) = init(&runtime, &[&granted])?;
    ensure!(status == 200, "it was not loaded: {answer}");
    for (url, expected) in [(&granted, "status"), (&other, "error")] {
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

fn init(runtime: &Runtime, servers: &[&str]) -> anyhow::Result<(u16, Value)> {
    let code = base64_simd::STANDARD.encode_to_string(package::asking("fetch.rust", servers)?);
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
