//! What ends a guest, and that it ends alone.

use crate::{LIMITS, TestHost, WORKER, error, library_of, worker};
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
fn processor_time_has_a_limit_of_its_own_and_waiting_uses_none() {
    let limits = Limits { cpu: Some(Duration::from_millis(100)), ..LIMITS };
    let sleep = format!("(call $sleep (i64.const 300000000)) {}", wat::ECHO);
    let host = TestHost::with(limits).load(&wat::wasi_action(&sleep));
    assert_eq!(host.run(json!({})), (200, json!({})));
    let host = TestHost::with(limits).load(&wat::action(&if_empty("(loop (br 0))")));
    let over = "the action exceeded its CPU time limit of 100 ms";
    assert_eq!(host.run(json!({})), (502, error(over)));
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })), "warm, without an init");
}

/// Sleeps for `nanoseconds` if the parameters are `{}`, else echo.
fn sleepy(nanoseconds: i64) -> Vec<u8> {
    wat::wasi_action(&if_empty(&format!("(call $sleep (i64.const {nanoseconds}))")))
}

#[test]
fn o_03_who_finds_no_free_slot_is_told_at_once_and_the_next_finds_one() {
    let library = library_of(1);
    let host = TestHost::of(&WORKER, LIMITS, library).load(&sleepy(400_000_000));
    thread::scope(|scope| {
        let sleeper = scope.spawn(|| host.run(json!({})));
        let busy = "there is no free instance slot: 1 are taken, the most that this host has";
        // Until the sleeper has its slot the answer is the echo.
        let refused = std::iter::repeat_with(|| {
            let start = Instant::now();
            (host.run(json!({ "n": 1 })), start.elapsed())
        });
        let mut refused = refused.skip_while(|((status, _), _)| *status == 200);
        let (reply, elapsed) = refused.next().expect("endless");
        assert_eq!(reply, (503, error(busy)));
        assert!(elapsed < Duration::from_millis(300), "it did not wait: {elapsed:?}");
        assert_eq!(sleeper.join().unwrap(), (200, json!({})));
    });
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })));
}

#[test]
fn o_03_a_component_that_fits_no_slot_is_refused_at_init_in_other_words() {
    let memories =
        "(core module $m (memory 1))".to_owned() + &"(core instance (instantiate $m))".repeat(50);
    let text = wat::text(wat::ECHO);
    let text = text.replacen("(component", &format!("(component {memories}"), 1);
    let host = TestHost::new();
    let too_large = "the component is too large for this host: The component transitively contains \
        51 Wasm linear memories, which exceeds the configured maximum of 40 in the pooling allocator\n\n\
        hint: `docs/limits.md` has the most instances, memories and tables that a component may have";
    assert_eq!(host.init(&wat::assemble(&text)), (502, error(too_large)));
    assert_eq!(host.init(&wat::action(wat::ECHO)), (200, json!({ "ok": true })));
}

#[test]
fn o_03_a_component_that_needs_more_of_the_pool_than_admission_has_is_refused_at_init() {
    // One activation may have four tables on average, and no more where there is but one.
    let tables = "(core module $t (table 1 funcref))".to_owned()
        + &"(core instance (instantiate $t))".repeat(9);
    let text = wat::text(wat::ECHO);
    let text = text.replacen("(component", &format!("(component {tables}"), 1);
    let host = TestHost::of(&WORKER, LIMITS, library_of(1));
    let too_large = "the component is too large for this host: The component transitively contains \
        9 tables, which exceeds the configured maximum of 4 in the pooling allocator\n\n\
        hint: `docs/limits.md` has the most instances, memories and tables that a component may have";
    assert_eq!(host.init(&wat::assemble(&text)), (502, error(too_large)));
}

#[test]
fn who_finds_no_memory_to_begin_with_is_told_at_once() {
    // Begins with 2.5 of 4 MB: one fits, and never two.
    let text = wat::wasi_text(&if_empty("(call $sleep (i64.const 400000000))")).replacen(
        "(memory (export \"memory\") 2)",
        "(memory (export \"memory\") 40)",
        1,
    );
    let host = TestHost::loaded(&wat::assemble(&text));
    thread::scope(|scope| {
        let sleeper = scope.spawn(|| host.run(json!({})));
        let busy = "there is no memory for another activation: those that run hold 2621440 of the \
            4194304 bytes of their container";
        let mut refused = std::iter::repeat_with(|| host.run(json!({ "n": 1 })));
        let refused = refused.find(|(status, _)| *status != 200).expect("endless");
        assert_eq!(refused, (503, error(busy)));
        assert_eq!(sleeper.join().unwrap(), (200, json!({})));
    });
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })), "it was given back");
}

#[test]
fn the_activations_of_a_container_share_its_memory() {
    // Takes 2.5 of 4 MB and sleeps on them, or takes 2.5 MB and answers.
    let grow = "(if (i32.eq (i32.const -1) (memory.grow (i32.const 40))) (then unreachable))";
    let sleep = if_empty("(call $sleep (i64.const 400000000))");
    let host = TestHost::loaded(&wat::wasi_action(&format!("{grow} {sleep}")));
    thread::scope(|scope| {
        let sleeper = scope.spawn(|| host.run(json!({})));
        let exhausted = "The action exhausted its memory and was aborted.";
        let mut refused = std::iter::repeat_with(|| host.run(json!({ "n": 1 })));
        let refused = refused.find(|(status, _)| *status != 200).expect("endless");
        assert_eq!(refused, (502, error(exhausted)));
        assert_eq!(sleeper.join().unwrap(), (200, json!({})));
    });
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })), "it was given back");
    let (_, stderr) = std::iter::repeat_with(|| host.log()).find(|(_, e)| !e.is_empty()).unwrap();
    assert_eq!(
        stderr,
        "the action asked for 3 MB of memory while others of its container held 3 MB of the 4 MB \
         that they have together\nhint: raise it with `wsk action update test --memory 8`\n"
    );
}

#[test]
fn a_log_ends_with_the_bill_where_the_operator_wants_it() {
    let host = TestHost::with_bill(Limits { log: 4, ..LIMITS });
    let print = "(call $print (i32.const 1) (local.get $p) (local.get $l))".to_owned() + wat::ECHO;
    let host = host.load(&wat::wasi_action(&print));
    assert_eq!(host.run(json!({ "n": 1 })), (200, json!({ "n": 1 })));
    let (_, stderr) = host.log();
    let (cut, bill) = stderr.trim_end().rsplit_once('\n').unwrap();
    assert!(cut.ends_with("exceeds the limit of 4 bytes."), "{cut}");
    let (times, bytes) = bill.split_once(" ms, memory ").unwrap();
    assert!(times.starts_with("bill: cpu 0.") && times.contains(" ms, wall "), "{times}");
    // The scaffold's memory has two pages.
    assert_eq!(bytes, "131072 B, in 7 B, out 7 B, log 7 B");
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
