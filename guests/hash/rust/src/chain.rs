//! The work itself, for every target.

use std::num::NonZero;

/// The hash of a text, of that hash, and so on.
pub fn hash(input: &str, iterations: NonZero<u32>) -> String {
    let mut hash = blake3::hash(input.as_bytes());
    for _ in 1..iterations.get() {
        hash = blake3::hash(hash.as_bytes());
    }
    hash.to_string()
}
