//! What is fuzzed. `fuzz/README.md` says how.

pub mod typed_json;
