//! One invoker's day on an executor: every command that OpenWhisk's invoker runs, every
//! request that it sends, with what each took.

use crate::release;
use crate::{guests, programs};
use anyhow::{anyhow, ensure};
use serde_json::{Value, json};
use std::fmt::Debug;
use std::time::Instant;
use wow_tests::client::Reply;
use wow_tests::executor::Executor;
use wow_tests::invoker::{Container, Invoker, install};
use wow_tests::process::init_body;

const GUEST: &str = "hello.rust";
const IMAGE: &str = "wow/action-wasm-v1:latest";

pub(crate) fn run() -> anyhow::Result<()> {
    programs()?;
    guests::build()?;
    let program = release::docker_cli()?;
    let folder = tempfile::tempdir()?;
    // A cache of its own: yesterday's would leave nothing to compile.
    let cache = folder.path().join("cache").display().to_string();
    let executor = Executor::start_with(folder.path(), &["--cache", &cache]);
    let docker = install(&program, folder.path(), &executor.socket());
    let port = executor.named("port").address.port();
    executor.remove("port");
    println!("\nwow executor serves; wow-docker has {} bytes", program.metadata()?.len());

    println!("\nThe invoker starts: docker version, docker ps, nothing to remove");
    let invoker =
        timed("start", || Ok(Invoker::start(&docker, &executor.containers(), port, "0")))?;

    let init = code();
    println!("\nA container is made ahead; the first activation compiles its code, once for all");
    let mut first = container(&invoker, "prewarm_wasm1")?;
    post("/init", || first.init(&init))?;
    activation(&mut first, "Ada")?;
    println!("\nThe next container is a cold start, its code is known");
    let mut second = container(&invoker, "guest_hello")?;
    post("/init", || second.init(&init))?;
    activation(&mut second, "Grace")?;
    activation(&mut second, "Katherine")?;

    println!("\nTen idle seconds, and another activation");
    timed("docker pause", || okay(second.pause()))?;
    timed("docker unpause", || okay(second.unpause()))?;
    activation(&mut second, "Hedy")?;

    println!("\nEvening: {} containers are removed", invoker.list().len());
    timed("docker rm -f", || okay(first.remove()))?;
    timed("docker rm -f", || okay(second.remove()))?;
    ensure!(invoker.list().is_empty(), "containers are left");
    Ok(())
}

/// The body of an `/init`.
fn code() -> Value {
    let component = wow_tests::guests::read(GUEST);
    init_body(&base64_simd::STANDARD.encode_to_string(component), "main", json!({}))
}

fn container<'a>(invoker: &'a Invoker, what: &str) -> anyhow::Result<Container<'a>> {
    let container = timed("docker run", || okay(invoker.create(what, IMAGE, 256)))?;
    println!("  {} at {}", &container.id[..12], container.address.ip());
    Ok(container)
}

/// One activation and its log.
fn activation(container: &mut Container<'_>, name: &str) -> anyhow::Result<()> {
    let reply = post("/run", || container.run(&json!({ "name": name })))?;
    println!("  {}", reply.json());
    let log = timed("log read", || container.collect().map_err(|e| anyhow!(e)))?;
    println!("  {} lines", log.len());
    Ok(())
}

fn post(path: &str, send: impl FnOnce() -> std::io::Result<Reply>) -> anyhow::Result<Reply> {
    let reply = timed(&format!("POST {path}"), || Ok(send()?))?;
    ensure!(reply.status == 200, "{path}: {} {}", reply.status, reply.json());
    Ok(reply)
}

fn okay<T, E: Debug>(result: Result<T, E>) -> anyhow::Result<T> {
    result.map_err(|error| anyhow!("{error:?}"))
}

fn timed<T>(what: &str, act: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let start = Instant::now();
    let done = act()?;
    println!("{what:14} {:8.2} ms", start.elapsed().as_secs_f64() * 1000.0);
    Ok(done)
}
