//! One action again and again inside one process, without HTTP: what `cargo xtask
//! bench limits` and `typed` compare.
//!
//! `inside limits|none COMPONENT MAIN PARAMETERS COUNT CACHE COMPILER` runs `COUNT`
//! activations, a fresh instance each, and prints their times in nanoseconds, a
//! line each, in their order. With `limits` each is what a `/run` does between its
//! body and its reply: parse, admit, open, call, judge, log. With `none` the same
//! code runs on the same engine with the same WASI, and nobody limits, times or
//! bills it: no memory meter, no deadline, no clock, no count of what is copied.

use anyhow::{Context as _, bail, ensure};
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Instant, SystemTime};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wow::actions::Action;
use wow::activation::{self, Outcome};
use wow::cache::Cache;
use wow::config::{Config, Settings};
use wow::limits::{Allowance, Deadline};
use wow::logs::{ActivationLog, Sink};
use wow::protocol::{Environment, Run};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [mode, component, main, parameters, count, cache, compiler] = &arguments[..] else {
        bail!(
            "usage: inside MODE COMPONENT MAIN PARAMETERS COUNT CACHE COMPILER; `cargo xtask bench` does it"
        );
    };
    let settings = Settings {
        cache: Some(PathBuf::from(cache)),
        compiler: Some(PathBuf::from(compiler)),
        ..Settings::default()
    };
    let config = Config::read(settings, None)?;
    let component = std::fs::read(component).with_context(|| component.clone())?;
    let body = format!(
        r#"{{"value":{parameters},"namespace":"guest","action_name":"/guest/bench","action_version":"0.0.1","activation_id":"0123456789abcdef0123456789abcdef","transaction_id":"abcdefghij","deadline":"99999999999999","api_key":"k"}}"#
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let times = runtime.block_on(async {
        match mode.as_str() {
            "limits" => limited(&config, component, main, body.as_bytes(), count.parse()?).await,
            "none" => unlimited(&config, component, body.as_bytes(), count.parse()?).await,
            other => bail!("there is no mode `{other}`"),
        }
    })?;
    let mut stdout = io::stdout().lock();
    for time in times {
        writeln!(stdout, "{time}")?;
    }
    Ok(())
}

async fn limited(
    config: &Config,
    component: Vec<u8>,
    main: &str,
    body: &[u8],
    count: usize,
) -> anyhow::Result<Vec<u128>> {
    let library = config.library()?;
    let code = library.load(component).await?;
    let action = Action::new("bench".to_owned(), main, Environment::new(), code, &library)?;
    let allowance = Allowance::new(config.limits);
    let sink = Arc::new(Sink::new(io::sink(), io::sink()));
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        let log = ActivationLog::open(&sink, config.limits.log);
        let now = SystemTime::now();
        let run = Run::parse(body, now)?;
        let deadline = run
            .deadline
            .map_or(Deadline::after(config.limits.timeout), |deadline| Deadline::at(deadline, now));
        let (outcome, _bill) =
            activation::run(&action, &run, &library, &allowance, deadline, log.logs()).await;
        log.close();
        times.push(start.elapsed().as_nanos());
        ensure!(matches!(outcome?, Outcome::Success(_)), "the action said no");
    }
    Ok(times)
}

async fn unlimited(
    config: &Config,
    component: Vec<u8>,
    body: &[u8],
    count: usize,
) -> anyhow::Result<Vec<u128>> {
    // Has the cache filled, and opens the entry itself.
    let name = *config.library()?.load(component).await?.name();
    let folder = config.cache.as_ref().context("a cache was named")?;
    let file = Cache::open(folder, config.cache_bounds)?.get(&name).context("it was filled")?;
    let engine = wow::engine::engine(config.instances())?;
    let component = map(&engine, &file)?;
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    let pre = linker.instantiate_pre(&component)?;
    let (_, handler) = component.get_export(None, "wow:action/handler@0.1.0").context("handler")?;
    let (_, run) = component.get_export(Some(&handler), "run").context("run")?;
    let sink = Arc::new(Sink::new(io::sink(), io::sink()));
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        let log = ActivationLog::open(&sink, config.limits.log);
        let request = Run::parse(body, SystemTime::now())?;
        let answer = bare(&engine, &pre, &run, &request).await?;
        let answer = answer.map_err(|error| anyhow::anyhow!(error))?;
        serde_json::from_str::<&RawValue>(&answer)?;
        log.close();
        times.push(start.elapsed().as_nanos());
    }
    Ok(times)
}

#[expect(unsafe_code, reason = "loading compiled code is what a host without a compiler does")]
fn map(engine: &Engine, file: &File) -> anyhow::Result<Component> {
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    // SAFETY: `Cache::get` gave the file: it is authenticated, and what `wow-compile` wrote.
    Ok(unsafe { Component::deserialize_file(engine, path) }?)
}

/// What there is of WASI in a store without limits.
struct Plain {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Plain {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

async fn bare(
    engine: &Engine,
    pre: &wasmtime::component::InstancePre<Plain>,
    run: &wasmtime::component::ComponentExportIndex,
    request: &Run<'_>,
) -> anyhow::Result<Result<String, String>> {
    let mut wasi = WasiCtx::builder();
    for (name, value) in &request.environment {
        wasi.env(name, value);
    }
    let state = Plain { wasi: wasi.build(), table: ResourceTable::new() };
    let mut store = Store::new(engine, state);
    // The code asks for the epoch all the same; nobody advances it.
    store.set_epoch_deadline(u64::MAX / 2);
    let instance = pre.instantiate_async(&mut store).await?;
    let run = instance.get_typed_func::<(&str,), (Result<String, String>,)>(&mut store, run)?;
    let (answer,) = run.call_async(&mut store, (request.parameters,)).await?;
    Ok(answer)
}
