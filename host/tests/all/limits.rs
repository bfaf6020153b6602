//! What ends a guest, and that it ends alone.

use crate::{LIMITS, TestHost, error, worker};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use wow::limits::Limits;
use wow_tests::wat;

/// `spin`, `wait` or `storm` for ever if the parameters are `{}`, else echo.
fn if_empty(then: &str) -> String {
    format!("(if (i32.eq (local.get $l) (i32.const 2)) (then {then})) {}", wat::ECHO)
}

const TIME: Duration = Duration::from_millis(1000);
const OVER: &str = "The action exceeded its time limits of 1000 milliseconds.";

/// Runs a guest past its deadline, on one worker thread and beside another
/// action, and checks that both answer as they should.
fn ends_alone(component: &[u8]) {
    let runtime = worker();
    let host = TestHost::on(&runtime, LIMITS).load(component);
    let bystander = TestHost::on(&runtime, LIMITS).load(&wat::action(wat::ECHO));
    let over = AtomicBool::new(false);
    let (answer, elapsed, served) = thread::scope(|scope| {
        let beside = scope.spawn(|| {
            let mut served = 0;
            while !over.load(Ordering::SeqCst) {
                assert_eq!(bystander.run(json!({ "n": 1 })), (200, json!({ "n": 1 })));
                served += 1;
            }
            served
        });
        let start = Instant::now();
        let answer = host.run_within(TIME, json!({}));
        let elapsed = start.elapsed();
        over.store(true, Ordering::SeqCst);
        (answer, elapsed, beside.join().unwrap())
    });
    assert_eq!(answer, (502, error(OVER)));
    assert!(elapsed < TIME, "OpenWhisk has given up by then: {elapsed:?}");
    assert!(elapsed > TIME / 2, "it had more time: {elapsed:?}");
    assert!(served > 10, "the bystander was answered {served} times");
    assert_eq!(host.log(), (String::new(), String::new()));
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })), "warm, without an init");
}

#[test]
fn g_01_a_guest_that_computes_for_ever_ends_alone() {
    ends_alone(&wat::action(&if_empty("(loop (br 0))")));
}

#[test]
fn g_10_a_guest_that_waits_for_ever_ends_alone() {
    ends_alone(&wat::wasi_action(&if_empty("(call $sleep (i64.const -1))")));
}

#[test]
fn g_10_a_guest_that_polls_without_waiting_ends_alone() {
    ends_alone(&wat::wasi_action(&if_empty("(loop (call $sleep (i64.const 0)) (br 0))")));
}

#[test]
fn g_15_a_start_function_that_never_ends_is_under_the_deadline() {
    let text = wat::text(wat::ECHO).replacen(
        "(core module $main",
        "(core module $main (start $forever) (func $forever (loop (br 0)))",
        1,
    );
    // A start section comes after the imports.
    let text = text.replacen("(start $forever) (func $forever (loop (br 0)))", "", 1).replacen(
        "(func $result",
        "(start $forever) (func $forever (loop (br 0))) (func $result",
        1,
    );
    let host = TestHost::loaded(&wat::assemble(&text));
    assert_eq!(host.run_within(TIME, json!({})), (502, error(OVER)));
}

#[test]
fn g_23_a_guest_that_computes_almost_until_its_deadline_is_not_touched() {
    // It reads no clock: about a third of the time on this machine, never the whole.
    let spin = "(local $n i64) (loop (local.set $n (i64.add (local.get $n) (i64.const 1)))
        (br_if 0 (i64.lt_u (local.get $n) (i64.const 200000000))))";
    let host = TestHost::loaded(&wat::action(&format!("{spin} {}", wat::ECHO)));
    assert_eq!(
        host.run_within(Duration::from_secs(20), json!({ "n": 1 })),
        (200, json!({ "n": 1 }))
    );
}

#[test]
fn where_the_platform_sets_no_deadline_the_configured_one_holds() {
    let limits = Limits { timeout: Duration::from_millis(300), ..LIMITS };
    let host = TestHost::with(limits).load(&wat::action(&if_empty("(loop (br 0))")));
    let over = "The action exceeded its time limits of 300 milliseconds.";
    assert_eq!(host.run(json!({})), (502, error(over)));
}

#[test]
fn g_05_a_guest_that_recurses_for_ever_traps_and_the_host_lives() {
    let host = TestHost::loaded(&wat::action(&if_empty(
        "(drop (call $run (local.get $p) (local.get $l)))",
    )));
    let trap = "the action trapped: call stack exhausted";
    assert_eq!(host.run(json!({})), (502, error(trap)));
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })));
}

#[test]
fn g_05_a_guest_that_recurses_in_its_allocator_traps_and_the_host_lives() {
    let text = wat::text(wat::ECHO).replacen(
        r#"(func (export "realloc")"#,
        r#"(func $realloc (export "realloc")"#,
        1,
    );
    let text = text.replacen(
        "(local $place i32)",
        "(local $place i32)
         (if (i32.eq (local.get $size) (i32.const 2)) (then
           (drop (call $realloc (i32.const 0) (i32.const 0) (local.get $align) (local.get $size)))))",
        1,
    );
    let host = TestHost::loaded(&wat::assemble(&text));
    assert_eq!(host.run(json!({})), (502, error("the action trapped: call stack exhausted")));
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })));
}

#[test]
fn g_03_a_guest_that_asks_for_more_memory_than_it_may_have_is_told_so() {
    // Takes a hundred pages a step until it is refused, then gives up as an allocator does.
    let greedy = if_empty(
        "(loop (br_if 0 (i32.ne (i32.const -1) (memory.grow (i32.const 30))))) unreachable",
    );
    let host = TestHost::loaded(&wat::action(&greedy));
    let exhausted = "The action exhausted its memory and was aborted.";
    assert_eq!(host.run(json!({})), (502, error(exhausted)));
    let (_, stderr) = host.log();
    assert_eq!(
        stderr,
        "the action asked for 6 MB of memory, its limit is 4 MB\n\
         hint: raise it with `wsk action update test --memory 8`\n"
    );
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })), "warm, without an init");
}

#[test]
fn g_03_a_component_that_starts_with_more_memory_than_it_may_have_is_told_so() {
    let text = wat::text(wat::ECHO).replacen(
        "(memory (export \"memory\") 2)",
        "(memory (export \"memory\") 100)",
        1,
    );
    let host = TestHost::loaded(&wat::assemble(&text));
    let exhausted = "The action exhausted its memory and was aborted.";
    assert_eq!(host.run(json!({})), (502, error(exhausted)));
}

#[test]
fn a_trap_is_the_developers_error_and_the_action_stays_warm() {
    let host = TestHost::loaded(&wat::action(&if_empty("unreachable")));
    let trap = "the action trapped: wasm `unreachable` instruction executed";
    assert_eq!(host.run(json!({})), (502, error(trap)));
    assert_eq!(host.log(), (String::new(), String::new()));
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })));
}

#[test]
fn a_guest_that_divides_by_zero_or_leaves_its_memory_is_told_so() {
    for (code, trap) in [
        ("(drop (i32.div_u (i32.const 1) (i32.const 0)))", "integer divide by zero"),
        ("(drop (i32.load (i32.const -8)))", "out of bounds memory access"),
    ] {
        let host = TestHost::loaded(&wat::action(&if_empty(code)));
        assert_eq!(host.run(json!({})), (502, error(&format!("the action trapped: {trap}"))));
    }
}

#[test]
fn g_17_an_exit_is_the_developers_error() {
    for (status, code) in [(0, 0), (1, 1)] {
        let host = TestHost::loaded(&wat::wasi_action(&if_empty(&format!(
            "(call $exit (i32.const {code}))"
        ))));
        let exit = format!("the action exited with status {status} instead of returning a result");
        assert_eq!(host.run(json!({})), (502, error(&exit)));
        assert_eq!(host.log(), (String::new(), String::new()));
        assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })));
    }
}
