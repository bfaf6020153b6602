//! The one engine, what it links, and the thread that keeps its time.

use crate::capabilities::{self, State};
use crate::limits::Ticker;
use anyhow::Context as _;
use wasmtime::component::Linker;
use wasmtime::{Config, Engine};

/// Deepest stack of a guest, wasmtime's default.
const GUEST_STACK: usize = 512 << 10;
/// A guest's stack and the host's frames below it.
const FIBRE_STACK: usize = 1 << 20;

/// What every action shares.
pub(crate) struct Machinery {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<State>,
    pub(crate) ticker: Ticker,
}

impl Machinery {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let engine = Engine::new(&config())?;
        let mut linker = Linker::new(&engine);
        capabilities::link(&mut linker)?;
        let ticker = Ticker::start(&engine).context("cannot start the ticker")?;
        Ok(Self { engine, linker, ticker })
    }
}

/// What compiled code depends on, and what only running it does.
fn config() -> Config {
    let mut config = wow_engine::config();
    config.max_wasm_stack(GUEST_STACK).async_stack_size(FIBRE_STACK);
    // Guests are stripped: a backtrace says nothing that the SDK's last words do not, and a
    // storm of traps must not pay for it.
    config.wasm_backtrace_max_frames(None);
    config
}
