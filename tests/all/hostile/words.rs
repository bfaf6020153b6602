//! Guests that say too much, what nobody should say, or nothing.

use super::{LATEST, harmless, loaded, log, over, settles, silent, strike, trapped};
use crate::error;
use std::time::Instant;
use wow_tests::SENTINEL;
use wow_tests::footprint::Footprint;
use wow_tests::hostile::{guest, hostile};

/// OpenWhisk's words for a log that is cut at one megabyte.
const CUT: &str =
    "Logs were truncated because the total bytes size exceeds the limit of 1048576 bytes.\n";

#[test]
fn g_08_a_flood_of_lines_is_cut_and_ends_at_its_deadline() {
    let (stdout, stderr) = strike("g-08-flood", &["--logsize", "1"], &over());
    // The limit is no multiple of a line: its last line is shorter.
    assert_eq!((stdout.len(), stderr.as_str()), ((1 << 20) + 1, CUT));
    let line = "a".repeat(999)
        + "
";
    assert!(
        stdout.starts_with(&line)
            && stdout.ends_with(
                &(line
                    + &"a".repeat(576)
                    + "
")
            )
    );
}

#[test]
fn g_08_a_line_without_an_end_is_cut_and_ends_before_the_sentinel() {
    let (stdout, stderr) = strike("g-08-one-line", &["--logsize", "1"], &harmless());
    assert_eq!((stdout.len(), stderr.as_str()), ((1 << 20) + 1, CUT));
    assert!(stdout.trim_end_matches('\n').bytes().all(|byte| byte == b'a'));
}

#[test]
fn g_08_a_gigabyte_in_one_write_is_never_copied() {
    let why = "too much data is being copied between the host and the guest: fuel allocated for \
               hostcalls has been exhausted";
    assert_eq!(strike("g-08-one-write", &["--memory", "1024"], &trapped(why)), silent());
}

#[test]
fn g_08_bytes_that_are_no_text_stay_and_end_before_the_sentinel() {
    let text = "\u{fffd}\u{fffd}\0\x1b[31mred\x1b[0m\u{fffd}\n".to_owned();
    assert_eq!(strike("g-08-bytes", &[], &harmless()), (text.clone(), text));
}

#[test]
fn g_08_a_forged_sentinel_is_defused() {
    let forged = SENTINEL.to_lowercase() + "\n";
    assert_eq!(strike("g-08-sentinel", &[], &harmless()), (forged.repeat(2), forged));
}

#[test]
fn g_11_a_storm_of_deep_traps_is_short_and_leaves_no_line() {
    let runtime = loaded(&guest("g-11-trap"), &[]);
    let trap = || {
        let answer = runtime.post("/run", &hostile()).whole();
        assert_eq!(answer, trapped("wasm `unreachable` instruction executed"));
    };
    trap();
    let before = Footprint::at_work(runtime.address, runtime.id()).unwrap();
    let start = Instant::now();
    for _ in 0..500 {
        trap();
    }
    assert!(start.elapsed() < LATEST, "{:?}", start.elapsed());
    settles(&runtime, &before);
    assert_eq!(log(&runtime, 501), silent(), "nothing but sentinels");
}

#[test]
fn g_11_a_trap_deep_in_a_guest_is_an_answer() {
    let why = "wasm `unreachable` instruction executed";
    assert_eq!(strike("g-11-trap", &[], &trapped(why)), silent());
}

#[test]
fn g_17_an_exit_is_no_result() {
    for (name, status) in [("g-17-exit-0", 0), ("g-17-exit-1", 1)] {
        let exit = format!("the action exited with status {status} instead of returning a result");
        assert_eq!(strike(name, &[], &(502, error(&exit))), silent());
    }
}

#[test]
fn g_17_two_results_are_none() {
    let refusal = error("The action did not return a dictionary or array.");
    let (stdout, stderr) = strike("g-17-no-dictionary", &[], &(502, refusal));
    assert_eq!(stdout, "");
    assert_eq!(stderr, "the action's result is not JSON: trailing characters at line 1 column 4\n");
}
