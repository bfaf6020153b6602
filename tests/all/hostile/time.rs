//! Guests that want all the time there is.

use super::{
    LATEST, LIMIT, harmless, head, init, loaded, over, runtime, settles, silent, strike, strike_at,
};
use crate::error;
use serde_json::json;
use std::io::Write as _;
use std::process::Command;
use std::thread;
use std::time::{Instant, UNIX_EPOCH};
use wow_tests::client;
use wow_tests::footprint::Footprint;
use wow_tests::hostile::{calm, calm_answer, guest, hostile};
use wow_tests::process::wow;

#[test]
fn g_01_a_guest_that_computes_for_ever_ends_at_its_deadline() {
    assert_eq!(strike("g-01-loop", &[], &over()), silent());
}

#[test]
fn g_01_on_one_processor_it_ends_at_its_deadline_too() {
    let mut program = Command::new("taskset");
    program.args(["-c", "0"]).arg(wow().get_program());
    let runtime = runtime(program, &[]);
    assert_eq!(init(&runtime, &guest("g-01-loop")).0, 200);
    assert_eq!(strike_at(&runtime, &over()), silent());
}

#[test]
fn g_02_a_guest_that_calls_for_ever_without_a_loop_ends_at_its_deadline() {
    assert_eq!(strike("g-02-recursion", &[], &over()), silent());
}

#[test]
fn g_02_a_guest_that_fills_and_copies_its_memory_for_ever_ends_at_its_deadline() {
    assert_eq!(strike("g-02-bulk", &[], &over()), silent());
}

#[test]
fn g_02_a_guest_that_fills_its_memory_in_a_straight_line_ends_at_its_deadline() {
    assert_eq!(strike("g-02-straight-line", &[], &over()), silent());
}

#[test]
fn g_10_a_guest_that_sleeps_for_ever_ends_at_its_deadline() {
    assert_eq!(strike("g-10-sleep", &[], &over()), silent());
}

#[test]
fn g_10_a_guest_that_polls_for_ever_without_waiting_ends_at_its_deadline() {
    assert_eq!(strike("g-10-poll-storm", &[], &over()), silent());
}

#[test]
fn g_14_clients_that_go_away_leave_nothing_behind() {
    for name in ["g-10-sleep", "g-01-loop"] {
        let runtime = loaded(&guest(name), &["--timeout", "60000"]);
        let body = hostile().to_string();
        let request = [&*head("/run", body.len()), body.as_bytes()].concat();
        let leave = || drop(client::send(runtime.address, &request).unwrap());
        leave();
        assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
        let before = Footprint::at_work(runtime.address, runtime.id()).unwrap();
        for _ in 0..100 {
            leave();
        }
        // Those before it were accepted: what still waits in the kernel holds no descriptor.
        client::get(runtime.address, "/").unwrap();
        settles(&runtime, &before);
        assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer(), "{name}");
    }
}

#[test]
fn g_15_a_start_function_that_computes_for_ever_ends_at_its_deadline() {
    assert_eq!(strike("g-15-start-loop", &[], &over()), silent());
}

#[test]
fn g_16_a_post_return_that_computes_for_ever_ends_at_its_deadline() {
    assert_eq!(strike("g-16-post-return", &[], &over()), silent());
}

#[test]
fn g_20_a_guest_that_reads_the_clock_for_ever_ends_at_its_deadline() {
    assert_eq!(strike("g-20-clock", &[], &over()), silent());
}

#[test]
fn g_23_a_guest_that_computes_almost_until_its_deadline_is_not_touched() {
    assert_eq!(strike("g-23-busy", &[], &harmless()), silent());
}

#[test]
fn g_24_a_large_body_that_comes_slowly_takes_nothing_of_the_actions_time() {
    let runtime = loaded(&guest("g-23-busy"), &[]);
    let body = format!("{{\"value\":{{}}{}}}", " ".repeat(40 << 20));
    let (first, last) = body.split_at(body.len() / 2);
    let mut stream = client::send(runtime.address, &head("/run", body.len())).unwrap();
    stream.write_all(first.as_bytes()).unwrap();
    // Nothing to wait for: the slowness is the case.
    thread::sleep(LIMIT * 3 / 2);
    stream.write_all(last.as_bytes()).unwrap();
    assert_eq!(client::receive(stream).unwrap().whole(), harmless());
}

#[test]
fn g_24_the_platforms_deadline_runs_while_a_body_comes() {
    let runtime = loaded(&guest("g-01-loop"), &["--timeout", "60000"]);
    let start = Instant::now();
    let deadline = u64::try_from((UNIX_EPOCH.elapsed().unwrap() + LIMIT).as_millis()).unwrap();
    let body = json!({ "value": {}, "deadline": deadline.to_string() }).to_string();
    let mut stream = client::send(runtime.address, &head("/run", body.len())).unwrap();
    stream.write_all(&body.as_bytes()[..8]).unwrap();
    thread::sleep(LIMIT / 2);
    stream.write_all(&body.as_bytes()[8..]).unwrap();
    let (status, answer) = client::receive(stream).unwrap().whole();
    assert!(start.elapsed() < LATEST);
    // What was left of it when the body was here, in steps of 100 ms.
    let left = ["0", "100", "200", "300", "400", "500"]
        .map(|left| error(&format!("The action exceeded its time limits of {left} milliseconds.")));
    assert!(status == 502 && left.contains(&answer), "{status} {answer}");
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
}
