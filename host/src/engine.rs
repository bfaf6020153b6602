//! The one engine, what it links, where its instances come from, and the thread
//! that keeps its time.

use crate::capabilities::{self, State};
use crate::leaving::{Leaving, MOST_LEAVING};
use crate::limits::{
    Admission, MOST_CORE_INSTANCES, MOST_MEMORIES, MOST_TABLE_ENTRIES, MOST_TABLES, Ticker,
    WASM_STACK,
};
use anyhow::Context as _;
use std::num::NonZeroUsize;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// A guest's stack and the host's frames below it.
const FIBRE_STACK: usize = WASM_STACK + (512 << 10);

/// What every action shares.
pub(crate) struct Machinery {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<State>,
    pub(crate) ticker: Ticker,
    pub(crate) admission: Admission,
    pub(crate) leaving: Leaving,
}

impl Machinery {
    /// An engine for so many activations at once.
    pub(crate) fn new(instances: u32) -> anyhow::Result<Self> {
        let engine = engine(instances)?;
        let mut linker = Linker::new(&engine);
        capabilities::link(&mut linker)?;
        let ticker = Ticker::start(&engine).context("cannot start the ticker")?;
        let admission = Admission::new(instances);
        Ok(Self { engine, linker, ticker, admission, leaving: Leaving::new() })
    }
}

/// An engine with a pool, or without one where the pool's address space is not to
/// be had: every instance is then mapped and unmapped, which costs some 20 us.
pub fn engine(instances: u32) -> anyhow::Result<Engine> {
    let mut pooling = config();
    pooling.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(instances)));
    Engine::new(&pooling).or_else(|cause| {
        tracing::warn!("instances are made on demand, there is no pool for {instances}: {cause:#}");
        Ok(Engine::new(&config())?)
    })
}

/// What compiled code depends on, and what only running it does.
fn config() -> Config {
    let mut config = wow_engine::config();
    config.max_wasm_stack(WASM_STACK).async_stack_size(FIBRE_STACK);
    // Of a composed action the frame that trapped says whose it was. Guests are stripped: the rest
    // says nothing that the SDK's last words do not, and a storm of traps must not pay for it.
    config.wasm_backtrace_max_frames(Some(NonZeroUsize::MIN));
    config
}

/// What an activation has of the pool on average: a Rust component has one memory
/// and two tables. [`share`] is how admission counts one that has more.
const MEMORIES_EACH: u32 = 2;
const TABLES_EACH: u32 = 4;

/// What one activation may have of the pool at most, as so many average ones.
pub(crate) const FULL_SHARE: u32 = {
    let (memories, tables) = (MOST_MEMORIES / MEMORIES_EACH, MOST_TABLES / TABLES_EACH);
    if memories > tables { memories } else { tables }
};

/// What of a linear memory, and of a table, is cleared and kept for the next
/// instance instead of given back to the kernel: what Rust guests touch.
const KEPT_OF_A_MEMORY: usize = 128 << 10;
const KEPT_OF_A_TABLE: usize = 16 << 10;
/// Slots that are kept so: as many as a busy host uses again soon.
const WARM_SLOTS: u32 = 64;

/// The pool. `docs/evaluation.md` has what each setting gave.
fn pool(instances: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    // What one component may have is what admission has for it.
    let most_memories = MOST_MEMORIES.min(instances.saturating_mul(MEMORIES_EACH));
    let most_tables = MOST_TABLES.min(instances.saturating_mul(TABLES_EACH));
    // Those that are over and not freed yet are not admitted any more.
    let instances = instances.saturating_add(MOST_LEAVING);
    let memories = instances.saturating_mul(MEMORIES_EACH);
    pool.total_component_instances(instances)
        .total_stacks(instances)
        .total_core_instances(instances.saturating_mul(MOST_CORE_INSTANCES))
        .total_tables(instances.saturating_mul(TABLES_EACH))
        // The heap of a guest's exceptions is a memory of the pool as well.
        .total_gc_heaps(instances)
        .total_memories(memories.saturating_add(instances))
        .max_core_instances_per_component(MOST_CORE_INSTANCES)
        .max_memories_per_component(most_memories)
        .max_tables_per_component(most_tables)
        .max_memories_per_module(most_memories)
        .max_tables_per_module(most_tables)
        .table_elements(MOST_TABLE_ENTRIES)
        .max_core_instance_size(LARGEST_INSTANCE)
        .max_component_instance_size(LARGEST_INSTANCE)
        .max_unused_warm_slots(WARM_SLOTS);
    // The kernel says which pages were written (Linux 6.7). Without its help clearing what is kept
    // costs more than giving all of it back.
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.pagemap_scan(Enabled::Yes)
            .linear_memory_keep_resident(KEPT_OF_A_MEMORY)
            .table_keep_resident(KEPT_OF_A_TABLE);
    } else {
        tracing::info!("the kernel has no PAGEMAP_SCAN: memories are given back, not cleared");
    }
    pool
}

/// The most that wasmtime's own records of one component's instances may take: a
/// global takes 16 bytes, an import 24.
const LARGEST_INSTANCE: usize = 4 << 20;

/// A page of WebAssembly; proposals for other sizes are off.
const PAGE: usize = 64 << 10;

/// What an activation of a component takes of the pool, as so many average ones, and the bytes
/// that it begins with.
pub(crate) fn share(component: &Component) -> (u32, usize) {
    let Some(needs) = component.resources_required() else { return (1, 0) };
    let memories = needs.num_memories.div_ceil(MEMORIES_EACH);
    let share = memories.max(needs.num_tables.div_ceil(TABLES_EACH)).max(1);
    let pages = needs.max_initial_memory_size.unwrap_or(0);
    (share, usize::try_from(pages).unwrap_or(usize::MAX).saturating_mul(PAGE))
}
