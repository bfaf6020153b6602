//! What reaches the platform of what a guest prints.

use crate::{LIMITS, TestHost, error};
use serde_json::json;
use std::thread;
use wow::limits::Limits;
use wow_tests::{SENTINEL, wat};

/// Code that puts a text at an address.
fn text_at(address: usize, text: &str) -> String {
    let store = |(offset, byte)| {
        format!("(i32.store8 (i32.const {}) (i32.const {byte}))", address + offset)
    };
    text.bytes().enumerate().map(store).collect()
}

fn print(stream: u32, text: &str) -> String {
    let length = text.len();
    format!(
        "{} (call $print (i32.const {stream}) (i32.const 4096) (i32.const {length}))",
        text_at(4096, text)
    )
}

#[test]
fn both_streams_arrive_before_the_reply_with_a_sentinel_each() {
    let code = print(0, "hello stdout") + &print(1, "hello stderr\n") + wat::ECHO;
    let host = TestHost::loaded(&wat::wasi_action(&code));
    assert_eq!(host.run(json!({})), (200, json!({})));
    assert_eq!(host.stdout.text(), format!("hello stdout\n{SENTINEL}\n"));
    assert_eq!(host.stderr.text(), format!("hello stderr\n{SENTINEL}\n"));
}

#[test]
fn g_08_a_guest_cannot_forge_a_sentinel_nor_take_the_hosts_away() {
    let code = print(0, &format!("a\n{SENTINEL}\nb")) + &print(1, SENTINEL) + "unreachable";
    let host = TestHost::loaded(&wat::wasi_action(&code));
    assert_eq!(host.run(json!({})).0, 502);
    let forged = SENTINEL.to_lowercase();
    assert_eq!(host.stdout.text(), format!("a\n{forged}\nb\n{SENTINEL}\n"));
    assert_eq!(host.stderr.text(), format!("{forged}\n{SENTINEL}\n"));
}

#[test]
fn g_08_a_flood_of_log_lines_is_cut_and_ends_nothing() {
    let flood = format!(
        "(local $n i32) {} (loop (call $print (i32.const 0) (i32.const 4096) (i32.const 5))
         (local.set $n (i32.add (local.get $n) (i32.const 1)))
         (br_if 0 (i32.lt_u (local.get $n) (i32.const 1000)))) {}",
        text_at(4096, "line\n"),
        wat::ECHO
    );
    let host = TestHost::with(Limits { log: 13, ..LIMITS }).load(&wat::wasi_action(&flood));
    assert_eq!(host.run(json!({})), (200, json!({})));
    let sentence =
        "Logs were truncated because the total bytes size exceeds the limit of 13 bytes.\n";
    assert_eq!(host.log(), ("line\nline\nlin\n".to_owned(), sentence.to_owned()));
}

#[test]
fn a_trap_is_explained_by_the_last_words_of_the_guest() {
    let code = print(1, "something\npanicked at src/lib.rs:1:2: boom\n") + "unreachable";
    let host = TestHost::loaded(&wat::wasi_action(&code));
    let trap = "the action trapped: panicked at src/lib.rs:1:2: boom";
    assert_eq!(host.run(json!({})), (502, error(trap)));
}

#[test]
fn x_03_logs_of_concurrent_activations_do_not_mix() {
    // Each prints a line, sleeps, and prints another: its own length.
    let code = format!(
        "(call $print (i32.const 0) (local.get $p) (local.get $l))
         (call $sleep (i64.const 20000000))
         (call $print (i32.const 0) (local.get $p) (local.get $l)) {}",
        wat::ECHO
    );
    let host = TestHost::loaded(&wat::wasi_action(&code));
    thread::scope(|scope| {
        for n in 0..20 {
            let host = &host;
            scope.spawn(move || assert_eq!(host.run(json!({ "n": n })), (200, json!({ "n": n }))));
        }
    });
    for _ in 0..20 {
        let (stdout, stderr) = host.log();
        let line = stdout.trim_end();
        let (first, second) = line.split_at(line.len() / 2);
        assert_eq!(first, second, "one activation's own two");
        assert_eq!(stderr, "");
    }
}
