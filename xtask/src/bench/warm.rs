//! A warm `/run` of a Rust action, a fresh instance each time and every limit on,
//! against a bare server that answers the same bytes and against what others serve
//! functions with.

use super::peers::{node_init, node_server};
use super::row::{Bar, Row};
use super::server::{Call, Server};
use super::{ROUNDS, bare, build, load, median, wasmtime, workerd};
use crate::guests;
use serde_json::json;
use std::path::Path;
use std::process::Command;
use wow_tests::process::init_body;

/// How many clients there are at once, where there is more than one.
const CONNECTIONS: u32 = 16;

/// Who serves the same, how many times as much we must serve, and what it served.
struct Peer {
    name: &'static str,
    bar: f64,
    /// Or why it cannot be had.
    server: anyhow::Result<Server>,
    per_second: Vec<f64>,
}

impl Peer {
    /// Loads it, unless it has failed before.
    fn load(&mut self) {
        let Ok(server) = &mut self.server else { return };
        match server.load(CONNECTIONS) {
            Ok(load) => self.per_second.push(load.per_second),
            Err(error) => self.server = Err(error),
        }
    }
}

pub(crate) fn run() -> anyhow::Result<Vec<Row>> {
    if let Err(why) = load::wrk() {
        return Ok(vec![Row::skipped("warm /run", why)]);
    }
    let logs = tempfile::tempdir()?;
    let mut ours = ours(logs.path(), "hello.rust", Call::hello())?;
    let mut bare = bare(logs.path())?;
    let mut peers = peers(logs.path());

    let (mut per_second, mut alone, mut bare_alone) = (Vec::new(), Vec::new(), Vec::new());
    let mut bare_per_second = Vec::new();
    for round in 1..=ROUNDS {
        eprintln!("== warm: round {round} of {ROUNDS}");
        bare_per_second.push(bare.load(CONNECTIONS)?.per_second);
        per_second.push(ours.load(CONNECTIONS)?.per_second);
        peers.iter_mut().for_each(Peer::load);
        bare_alone.push(bare.load(1)?.p50);
        alone.push(ours.load(1)?.p50);
    }
    let per_second = median(per_second);
    let against = |name: &'static str, bar, found| {
        let bar = Some(Bar::RatioAtLeast(bar));
        Row::new(&what(name), per_second, "requests/s", bar).against(name, median(found))
    };
    let mut rows = vec![against(bare::NAME, 0.4, bare_per_second)];
    rows.extend(peers.into_iter().map(|peer| match peer.server {
        Ok(_) => against(peer.name, peer.bar, peer.per_second),
        Err(why) => Row::skipped(&what(peer.name), format!("{why:#}")),
    }));
    let bar = Some(Bar::RatioAtMost(2.5));
    let alone = Row::new("warm /run, 1 connection, p50", median(alone), "us", bar);
    rows.push(alone.against(bare::NAME, median(bare_alone)));
    Ok(rows)
}

fn what(name: &str) -> String {
    format!("warm /run, {CONNECTIONS} connections, against {name}")
}

/// `wow runtime` with a guest.
pub(super) fn ours(logs: &Path, guest: &str, call: Call) -> anyhow::Result<Server> {
    let (compiler, wow) = (build::compiler()?, build::wow()?);
    guests::build()?;
    let code = base64_simd::STANDARD.encode_to_string(wow_tests::guests::read(guest));
    let init = init_body(&code, "main", json!({})).to_string().into_bytes();
    Server::start_for(call, logs, Some(&init), |address| {
        let mut runtime = Command::new(wow);
        runtime.args(["runtime", "--listen", &address.to_string()]);
        runtime.args(["--cache", "none", "--compiler"]).arg(compiler);
        runtime
    })
}

/// A server that does nothing but answer.
fn bare(logs: &Path) -> anyhow::Result<Server> {
    let program = build::bare()?;
    Server::start(logs, None, |address| {
        let mut bare = Command::new(program);
        bare.args([r#"{"greeting":"Hello, Ada!"}"#, &address.to_string()]);
        bare
    })
}

/// Everybody else, with the bars of the issue that asks for them.
fn peers(logs: &Path) -> [Peer; 4] {
    let serve = |options| {
        let (program, component) = (wasmtime::program()?, guests::hello_http()?);
        Server::start(logs, None, |address| {
            wasmtime::server(&program, &component, options, address)
        })
    };
    let workerd = || {
        let program = workerd::program()?;
        Server::start(logs, None, |address| workerd::server(&program, address))
    };
    let peer = |name, bar, server| Peer { name, bar, server, per_second: Vec::new() };
    [
        peer("`wasmtime serve`", 3.0, serve(None)),
        peer("`wasmtime serve`, tuned", 1.8, serve(Some(wasmtime::TUNED))),
        peer("workerd", 3.0, workerd()),
        peer("Node.js", 6.0, Server::start(logs, Some(&node_init()), node_server)),
    ]
}
