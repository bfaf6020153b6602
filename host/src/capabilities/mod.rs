//! What an activation may reach. What was not granted does not exist for it, or
//! refuses.
//!
//! A capability has three moments: what an action asks for and the operator
//! grants (`grant`, once for an action, at `/init`), what the engine links (once),
//! and what one activation gets (here, `open`).

pub mod files;
mod grant;
mod http;
mod policy;
mod share;

pub use grant::{Grant, Outside};
pub use http::{Bounds, Own, Server};
pub use policy::{Mode, Policy, Quota, Volume};
pub use share::{Part, Share, Who};

use crate::limits::{Deadline, MOST_HANDLES, MOST_HEADERS, MOST_RANDOM, Meter, Stopwatch};
use crate::logs::{Logs, Stream};
use bytes::Bytes;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::{Linker, ResourceTable};
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// Offers the imports of the world `wow:action/action`, once for an engine.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    files::link(linker, State::files)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    http::count(linker)
}

/// The host's side of one activation: the `T` of its `Store<T>`.
pub(crate) struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: http::Outgoing,
    held: http::Held,
    files: files::Open,
    table: ResourceTable,
    pub(crate) meter: Meter,
    pub(crate) deadline: Deadline,
    cpu: Option<Duration>,
    pub(crate) stopwatch: Arc<Stopwatch>,
}

/// What a program is started with. Other shapes have neither.
pub(crate) struct Console {
    pub(crate) arguments: Vec<String>,
    pub(crate) stdin: Bytes,
}

impl State {
    /// One activation's share of the host: its environment, its streams, clocks
    /// and random numbers, and nothing of the host's own.
    pub(crate) fn open<'a>(
        environment: impl Iterator<Item = (&'a String, &'a String)>,
        (grant, caller): (&Grant, Option<&String>),
        console: Option<Console>,
        logs: &Logs,
        meter: Meter,
        (deadline, cpu, stopwatch): (Deadline, Option<Duration>, Arc<Stopwatch>),
    ) -> Self {
        let mut wasi = WasiCtx::builder();
        wasi.stdout(logs.stream(Stream::Stdout)).stderr(logs.stream(Stream::Stderr));
        if let Some(Console { arguments, stdin }) = console {
            wasi.args(&arguments).stdin(MemoryInputPipe::new(stdin));
        }
        for (name, value) in environment {
            wasi.env(name, value);
        }
        // The defaults of wasmtime-wasi, said aloud: sockets are there, so that components of
        // any toolchain load, and refuse everything.
        wasi.allow_tcp(false).allow_udp(false).allow_ip_name_lookup(false);
        wasi.socket_addr_check(|_: SocketAddr, _: SocketAddrUse| Box::pin(async { false }));
        wasi.max_random_size(MOST_RANDOM);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(MOST_HEADERS);
        let mut table = ResourceTable::new();
        table.set_max_capacity(MOST_HANDLES);
        Self {
            wasi: wasi.build(),
            http,
            hooks: http::Outgoing::new(grant.http.clone(), caller, logs),
            held: http::Held::default(),
            files: files::Open::new(&grant.files, logs),
            table,
            meter,
            deadline,
            cpu,
            stopwatch,
        }
    }

    /// Removes what the activation has left of its own.
    pub(crate) async fn close(&mut self) {
        self.files.close().await;
    }

    /// Whether the guest has no more than so many handles of the host.
    pub(crate) fn holds_at_most(&mut self, handles: usize) -> bool {
        self.table.iter_mut().nth(handles).is_none()
    }

    fn files(&mut self) -> files::View<'_> {
        files::View { open: &mut self.files, table: &mut self.table }
    }

    /// The limit of processor time, if it is reached.
    pub(crate) fn cpu_limit_reached(&self) -> Option<Duration> {
        self.cpu.filter(|limit| self.stopwatch.used() >= *limit)
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}
