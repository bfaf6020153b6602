//! What `fuzz/` fuzzes, for a bounded time: `fuzz/README.md`.

#[expect(unreachable_pub, reason = "public in the crate that it is a part of")]
#[path = "../../../fuzz/src/typed_json.rs"]
mod typed_json;

use std::path::Path;

/// How many inputs are tried if nothing is said.
const RUNS: u64 = 100_000;

#[test]
fn any_type_and_any_text_are_read_and_written_the_same_or_refused() {
    let runs = std::env::var("WOW_FUZZ_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    for seed in 0..runs {
        typed_json::run(&bytes(seed));
    }
}

#[test]
fn every_input_that_was_once_found_is_run() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/typed_json");
    for entry in std::fs::read_dir(found).into_iter().flatten().flatten() {
        typed_json::run(&std::fs::read(entry.path()).unwrap());
    }
}

/// Bytes by the generator SplitMix64 (Steele et al. 2014), up to 255 of them.
fn bytes(seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as u8
    };
    let length = next();
    (0..length).map(|_| next()).collect()
}
