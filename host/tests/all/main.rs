//! The host from outside, over HTTP, with guests written in place: these tests
//! need `wow-compile` and no other toolchain. Hostile cases bear
//! an id: G for guests, I for inputs, C for the cache, O for overload, X for what
//! tenants could see of each other.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod cache;
mod compose;
mod files;
mod fuzz;
mod house;
mod init;
mod inspect;
mod lifecycle;
mod limits;
mod logs;
mod project;
mod results;
mod shapes;
mod typed;

use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wow::cache::Cache;
use wow::compiler::{CompileLimits, Compiler};
use wow::library::Library;
use wow::limits::Limits;
use wow::logs::Sink;
use wow::protocol::Environment;
use wow::server::{self, Host};
use wow::workers::Workers;
use wow_tests::client::{self, Reply};
use wow_tests::{Buffer, process};

/// One worker: what one guest keeps from others shows at once.
fn worker() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// Slots of a library: each has its own pool.
const INSTANCES: u32 = 32;

/// What most tests share.
static WORKER: LazyLock<Runtime> = LazyLock::new(worker);

const LIMITS: Limits = Limits {
    memory: 4 << 20,
    timeout: Duration::from_secs(10),
    cpu: None,
    result: 1 << 20,
    log: 1 << 20,
};

const COMPILE: CompileLimits =
    CompileLimits { memory: 4 << 30, time: Duration::from_secs(60), jobs: None };

fn compiler() -> PathBuf {
    std::env::var_os("WOW_COMPILE")
        .map_or_else(|| process::programs().join("wow-compile"), PathBuf::from)
}

/// What most tests share: the same guest is compiled once for all of them.
static LIBRARY: LazyLock<Arc<Library>> = LazyLock::new(|| Arc::new(library(None)));

/// A library for so many activations at once.
fn library_of(instances: u32) -> Arc<Library> {
    Arc::new(Library::open(Compiler::new(compiler(), COMPILE), None, instances).unwrap())
}

/// A library of its own, as every process has one.
fn library(cache: Option<Cache>) -> Library {
    Library::open(Compiler::new(compiler(), COMPILE), cache, INSTANCES).unwrap()
}

/// A host with its logs in memory.
struct TestHost {
    address: SocketAddr,
    stdout: Buffer,
    stderr: Buffer,
    shutdown: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<()>>,
}

impl TestHost {
    fn new() -> Self {
        Self::on(&WORKER, LIMITS)
    }

    fn with(limits: Limits) -> Self {
        Self::on(&WORKER, limits)
    }

    fn with_bill(limits: Limits) -> Self {
        Self::start(&WORKER, limits, Arc::clone(&LIBRARY), true)
    }

    fn on(runtime: &Runtime, limits: Limits) -> Self {
        Self::of(runtime, limits, Arc::clone(&LIBRARY))
    }

    fn of(runtime: &Runtime, limits: Limits, library: Arc<Library>) -> Self {
        Self::start(runtime, limits, library, false)
    }

    fn start(runtime: &Runtime, limits: Limits, library: Arc<Library>, bill: bool) -> Self {
        let (stdout, stderr) = (Buffer::default(), Buffer::default());
        let container = Environment::from([("__OW_API_HOST".to_owned(), "https://h".to_owned())]);
        let sink = Arc::new(Sink::new(stdout.clone(), stderr.clone()));
        let mut host = Host::new(&library, limits, container, sink);
        host.bill = bill;
        let (shutdown, asked) = oneshot::channel();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = runtime.block_on(async { server::listen(any) }).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = async move {
            // A test that drops its host ends it as well.
            let _ = asked.await;
        };
        let served = runtime.spawn(async move {
            let alone = Workers::one();
            let drain = Duration::from_secs(20);
            server::serve(listener, Arc::new(host), &alone, drain, asked).await;
        });
        Self { address, stdout, stderr, shutdown: Some(shutdown), served: Some(served) }
    }

    /// A host with the action already loaded, so that a test about `/run` cannot
    /// pass because `/init` failed.
    fn loaded(component: &[u8]) -> Self {
        Self::new().load(component)
    }

    fn load(self, component: &[u8]) -> Self {
        assert_eq!(self.init(component), (200, json!({ "ok": true })));
        self
    }

    fn post(&self, path: &str, body: &[u8]) -> Reply {
        client::post(self.address, path, body).expect("a reply that OpenWhisk accepts")
    }

    fn init(&self, code: &[u8]) -> (u16, Value) {
        self.init_text(&STANDARD.encode_to_string(code))
    }

    fn init_text(&self, code: &str) -> (u16, Value) {
        let body = process::init_body(code, "main", json!({}));
        self.post("/init", body.to_string().as_bytes()).whole()
    }

    /// Loads one function of several.
    fn init_as(&self, code: &[u8], main: &str) -> (u16, Value) {
        let body = process::init_body(&STANDARD.encode_to_string(code), main, json!({}));
        self.post("/init", body.to_string().as_bytes()).whole()
    }

    fn run(&self, parameters: Value) -> (u16, Value) {
        self.run_body(json!({ "value": parameters }))
    }

    /// A run that the platform gives up after `time`.
    fn run_within(&self, time: Duration, parameters: Value) -> (u16, Value) {
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + time;
        let deadline = deadline.as_millis().to_string();
        self.run_body(json!({ "value": parameters, "deadline": deadline }))
    }

    fn run_body(&self, body: Value) -> (u16, Value) {
        self.post("/run", body.to_string().as_bytes()).whole()
    }

    /// Takes the log of one activation: stdout, stderr.
    fn log(&self) -> (String, String) {
        (self.stdout.activation(), self.stderr.activation())
    }

    /// Asks it to drain; what it returns ends when it has.
    fn drain(&mut self) -> JoinHandle<()> {
        self.shutdown.take().expect("once").send(()).expect("it serves");
        self.served.take().expect("once")
    }
}

fn error(text: &str) -> Value {
    json!({ "error": text })
}
