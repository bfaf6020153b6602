//! Containers by the hundred and by the thousand, and what the process holds then.

use super::{Executor, hello, loaded, start};
use crate::code;
use serde_json::json;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};
use wow_tests::footprint::Footprint;
use wow_tests::process::init_body;
use wow_tests::{PATIENCE, client};

/// What a process may hold more, in KiB: the allocator's.
const SLACK: u64 = 4 << 10;

#[test]
fn w_10_hundreds_of_containers_come_and_go_and_nothing_grows() {
    cycle(100, 400);
}

/// `cargo test --locked -p wow-tests --test all ten_thousand -- --ignored`
#[test]
#[ignore = "takes a minute"]
fn w_10_ten_thousand_containers_come_and_go_and_nothing_grows() {
    cycle(1000, 10_000);
}

fn cycle(warm: usize, count: usize) {
    let (_folder, executor) = start();
    let init = init_body(&code("hello.rust"), "main", json!({})).to_string();
    let cycle = |number: usize| {
        let container = executor.named(&format!("wsk0_{number}_guest_hello"));
        let reply = client::post(container.address, "/init", init.as_bytes()).unwrap();
        assert_eq!(reply.status, 200);
        assert_eq!(container.run(&super::ada()), hello());
        if number.is_multiple_of(7) {
            executor.command("POST", &format!("/containers/{}/pause", container.id));
        }
        executor.remove(&container.id);
    };
    let first = executor.named("wsk0_first_prewarm_wasm1");
    Footprint::at_work(first.address, executor.id()).unwrap();
    executor.remove(&first.id);
    (0..warm).for_each(cycle);
    let before = settled(&executor);
    (warm..count).for_each(cycle);
    let after = settled(&executor);
    assert!(after.is_within(&before, SLACK), "it held {before:?}, and now {after:?}");
    // The lock, and no container.
    assert_eq!(fs::read_dir(executor.containers()).unwrap().count(), 1);
    assert_eq!(executor.metric("wow_memory_held_bytes"), 0.0);
}

/// What it holds when connections that were answered are closed, and threads that had nothing to do
/// have ended.
fn settled(executor: &Executor) -> Footprint {
    let (start, mut last) = (Instant::now(), Footprint::of(executor.id()).unwrap());
    loop {
        thread::sleep(Duration::from_millis(200));
        let now = Footprint::of(executor.id()).unwrap();
        if now == last || start.elapsed() > PATIENCE / 3 {
            return now;
        }
        last = now;
    }
}

#[test]
fn a_thousand_containers_without_an_action_take_little() {
    let (_folder, executor) = start();
    // What the process does once is done.
    loaded(&executor, "first", "hello.rust");
    let before = settled(&executor);
    for number in 0..1000 {
        executor.named(&format!("wsk0_{number}_prewarm_wasm1"));
    }
    let after = settled(&executor);
    let each = after.resident.saturating_sub(before.resident);
    assert!(each <= 16 * 1000, "{each} KiB for a thousand");
    assert_eq!(after.descriptors, before.descriptors);
    assert_eq!(after.threads, before.threads);
}
