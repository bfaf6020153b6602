//! Guests that want all the memory there is: theirs, the stack's, the host's.

use super::{
    LATEST, SLACK, exhausted, harmless, init, loaded, log, refusals, runtime, settles, silent,
    strike, strike_at, strike_within, trapped,
};
use crate::error;
use serde_json::Value;
use std::fmt::Write as _;
use std::time::Instant;
use wow_tests::footprint::Footprint;
use wow_tests::hostile::{self, guest};
use wow_tests::process::wow;

#[test]
fn g_03_a_guest_that_is_refused_memory_and_gives_up_is_told_so() {
    let (stdout, stderr) = strike("g-03-grow", &["--memory", "32"], &exhausted());
    assert_eq!(stdout, "");
    assert_eq!(
        stderr,
        "the action asked for 38 MB of memory, its limit is 32 MB\n\
         hint: raise it with `wsk action update test --memory 64`\n"
    );
}

#[test]
fn g_03_a_guest_that_is_refused_memory_and_lives_with_it_is_not_touched() {
    assert_eq!(strike("g-03-grow-to-refusal", &[], &harmless()), silent());
}

#[test]
fn g_03_four_memories_are_counted_together() {
    let (stdout, stderr) = strike("g-03-four-memories", &["--memory", "32"], &exhausted());
    assert_eq!(stdout, "");
    assert!(stderr.starts_with("the action asked for 33 MB of memory, its limit is 32 MB\n"));
}

#[test]
fn g_03_and_g_15_a_component_of_too_many_memories_or_instances_is_refused() {
    let codes = [guest("g-03-many-memories"), guest("g-15-instances")];
    let whys = ["defined memories count of 50 exceeds", "contains 10001 core module instances"];
    for (why, sentence) in whys.iter().zip(refusals(&runtime(wow(), &[]), &codes)) {
        assert!(sentence.starts_with("the component is too large for this host: "), "{sentence}");
        assert!(sentence.contains(why), "{sentence}");
    }
}

#[test]
fn g_03_a_guest_that_begins_with_more_memory_than_it_may_have_is_never_instantiated() {
    let log = never_runs(&guest("g-03-born-large"), &["--memory", "16"], &exhausted());
    assert_eq!(log.0, "");
    assert!(log.1.starts_with("the action asked for 33 MB of memory, its limit is 16 MB\n"));
}

#[test]
fn g_04_a_guest_that_is_refused_a_table_and_lives_with_it_is_not_touched() {
    assert_eq!(strike("g-04-table", &[], &harmless()), silent());
}

#[test]
fn g_04_four_tables_are_counted_with_the_memory() {
    let (stdout, stderr) = strike("g-04-four-tables", &["--memory", "16"], &exhausted());
    assert_eq!(stdout, "");
    assert!(stderr.starts_with("the action asked for 17 MB of memory, its limit is 16 MB\n"));
}

const STACK: &str = "call stack exhausted";

#[test]
fn g_05_a_guest_that_calls_itself_for_ever_traps() {
    assert_eq!(strike("g-05-recursion", &[], &trapped(STACK)), silent());
}

#[test]
fn g_05_an_allocator_that_calls_itself_for_ever_traps() {
    assert_eq!(strike("g-05-realloc", &[], &trapped(STACK)), silent());
}

#[test]
fn g_05_an_allocator_that_calls_the_host_back_traps() {
    let why = "cannot leave component instance";
    assert_eq!(strike("g-05-host", &[], &trapped(why)), silent());
}

#[test]
fn g_05_a_frame_that_is_larger_than_what_is_left_of_the_stack_traps() {
    let component = hostile::assemble(&large_frame());
    let runtime = loaded(&component, &[]);
    assert_eq!(strike_at(&runtime, &trapped(STACK)), silent());
}

/// A function that needs a hundred kilobytes of stack and calls itself: so many
/// numbers, all of which are needed after the call.
fn large_frame() -> String {
    const NUMBERS: usize = 12_000;
    let mut text = "(func $misbehave (result i32)\n".to_owned();
    for number in 0..NUMBERS {
        writeln!(text, "(i64.load offset={} (i32.const 0))", number * 8).unwrap();
    }
    text += "(drop (call $misbehave))\n";
    for _ in 1..NUMBERS {
        text += "(i64.add)\n";
    }
    text + "(i32.wrap_i64))"
}

/// The answer to a guest that holds too much of the host.
fn handles() -> (u16, Value) {
    (502, error("the action holds more than 10000 handles of the host"))
}

#[test]
fn g_06_a_million_timers_are_more_than_a_guest_may_have() {
    assert_eq!(strike("g-06-pollables", &[], &handles()), silent());
}

#[test]
fn g_06_a_million_streams_are_more_than_a_guest_may_have() {
    assert_eq!(strike("g-06-streams", &[], &handles()), silent());
}

#[test]
fn g_06_a_million_header_maps_are_more_than_a_guest_may_have() {
    assert_eq!(strike("g-06-fields", &[], &handles()), silent());
}

#[test]
fn g_06_what_the_host_holds_in_http_for_a_guest_is_its_memory() {
    // A megabyte is counted ahead, and one of these takes a megabyte at a time.
    let guests = [("g-06-long-headers", 17), ("g-06-long-methods", 18), ("g-06-bodies", 17)];
    for (name, asked) in guests {
        let runtime = loaded(&guest(name), &["--memory", "16"]);
        // What a thread's allocator had from the kernel it may keep, and the second run may be another's.
        let (stdout, stderr) = strike_within(&runtime, &exhausted(), SLACK + (16 << 10));
        let told = format!(
            "the action asked for {asked} MB of memory, its limit is 16 MB\n\
             hint: raise it with `wsk action update test --memory 32`\n"
        );
        assert_eq!((stdout, stderr), (String::new(), told), "{name}");
    }
}

#[test]
fn g_06_a_million_handles_of_its_own_are_more_than_a_guest_may_have() {
    let why = "cannot allocate another handle: store handle limit exceeded";
    assert_eq!(strike("g-06-own-handles", &[], &trapped(why)), silent());
}

/// wasmtime's words for a guest that hands over too much in one call.
const COPIES: &str = "too much data is being copied between the host and the guest: fuel allocated \
                      for hostcalls has been exhausted";

#[test]
fn g_07_a_result_of_900_mb_is_never_copied() {
    assert_eq!(strike("g-07-long-result", &["--memory", "1024"], &trapped(COPIES)), silent());
}

#[test]
fn g_07_an_error_of_a_gigabyte_is_never_copied() {
    assert_eq!(strike("g-07-long-error", &["--memory", "1024"], &trapped(COPIES)), silent());
}

#[test]
fn g_07_a_list_whose_entries_are_all_the_same_megabyte_is_never_copied() {
    assert_eq!(strike("g-07-quadratic", &[], &trapped(COPIES)), silent());
}

#[test]
fn g_12_more_random_bytes_than_there_is_memory_are_refused() {
    let why = "requested len 18446744073709551615 exceeds limit 1048576";
    assert_eq!(strike("g-12-random", &[], &trapped(why)), silent());
}

#[test]
fn g_12_forty_thousand_headers_are_refused_without_a_panic() {
    let why = "total size of fields exceeds limit";
    assert_eq!(strike("g-12-headers", &[], &trapped(why)), silent());
}

#[test]
fn g_12_a_header_with_a_name_of_a_megabyte_is_refused_without_a_panic() {
    assert_eq!(strike("g-12-long-name", &[], &harmless()), silent());
}

#[test]
fn g_15_a_start_function_that_takes_all_memory_is_told_so() {
    let (stdout, stderr) = strike("g-15-start-grow", &["--memory", "32"], &exhausted());
    assert_eq!(stdout, "");
    assert!(stderr.starts_with("the action asked for 38 MB of memory, its limit is 32 MB\n"));
}

#[test]
fn g_15_a_hundred_thousand_globals_are_no_burden() {
    let globals = "(global (mut i64) (i64.const 7))\n".repeat(100_000);
    let text = format!("{globals} (func $misbehave (result i32) (call $fine))");
    assert_eq!(strike_at(&loaded(&hostile::assemble(&text), &[]), &harmless()), silent());
}

/// Runs an action that cannot be instantiated, and checks that it does no harm. Its
/// log is returned: stdout, stderr.
fn never_runs(component: &[u8], arguments: &[&str], answer: &(u16, Value)) -> (String, String) {
    let runtime = loaded(component, arguments);
    let run = || {
        let start = Instant::now();
        assert_eq!(&runtime.post("/run", &hostile::hostile()).whole(), answer);
        assert!(start.elapsed() < LATEST, "{:?}", start.elapsed());
    };
    run();
    let before = Footprint::at_work(runtime.address, runtime.id()).unwrap();
    let one = log(&runtime, 1);
    for _ in 0..10 {
        run();
    }
    settles(&runtime, &before);
    let (stdout, stderr) = log(&runtime, 11);
    assert_eq!((stdout, stderr), (one.0.repeat(11), one.1.repeat(11)));
    let again = error("Cannot initialize the action more than once.");
    assert_eq!(init(&runtime, component), (403, again), "it answers, and remembers");
    one
}
