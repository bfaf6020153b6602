//! The main job, shown: a Rust guest, from its source to its answer over
//! OpenWhisk's action interface.

mod capabilities;
mod day;

use crate::{guests, programs};
use anyhow::ensure;
use serde_json::{Value, json};
use std::time::Instant;
use wow_tests::process::{Runtime, init_body};

const GUEST: &str = "hello.rust";

/// What there is to show.
#[derive(Clone, Copy, Default, clap::ValueEnum)]
pub(crate) enum What {
    /// An action, from its source to its answer
    #[default]
    Hello,
    /// What an action may reach, and what it may not
    Capabilities,
    /// One invoker's day on an executor, through wow-docker
    Executor,
}

pub(crate) fn run(what: What) -> anyhow::Result<()> {
    match what {
        What::Hello => hello(),
        What::Capabilities => capabilities::run(),
        What::Executor => day::run(),
    }
}

fn hello() -> anyhow::Result<()> {
    programs()?;
    guests::build()?;
    let component = wow_tests::guests::read(GUEST);
    println!("\n{GUEST}: a component of {} KB", component.len() / 1000);

    let runtime = Runtime::start();
    println!("wow runtime listens on http://{}", runtime.address);
    let code = base64_simd::STANDARD.encode_to_string(&component);
    let init = init_body(&code, "main", json!({}));
    ask(&runtime, "/init", &init)?;
    for name in ["Ada", "Grace"] {
        ask(&runtime, "/run", &json!({ "value": { "name": name } }))?;
    }
    Ok(())
}

fn ask(runtime: &Runtime, path: &str, body: &Value) -> anyhow::Result<()> {
    let start = Instant::now();
    let reply = runtime.post(path, body);
    let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
    println!("POST {path:5} -> {} {} in {milliseconds:.2} ms", reply.status, reply.json());
    ensure!(reply.status == 200, "{path} failed");
    Ok(())
}
