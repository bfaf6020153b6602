//! Guests that lie to the canonical ABI.

use super::{harmless, silent, strike, trapped};

#[test]
fn g_16_every_lie_is_a_trap() {
    for (name, why) in [
        ("g-16-realloc-outside", "realloc return: beyond end of memory"),
        ("g-16-realloc-misaligned", "return pointer not aligned"),
        ("g-16-result-outside", "pointer out of bounds of memory"),
        ("g-16-text-outside", "string pointer/length out of bounds of memory"),
        ("g-16-text-wraps", "string pointer/length out of bounds of memory"),
        ("g-16-discriminant", "invalid expected discriminant"),
        ("g-16-enum", "unexpected discriminant: 255"),
        ("g-16-forged-handle", "unknown handle index 7777"),
        (
            "g-16-foreign-handle",
            "handle index 1 used with the wrong type, expected guest-defined resource but found a \
             different guest-defined resource",
        ),
        ("g-16-dropped-twice", "unknown handle index 1"),
        ("g-16-used-after-drop", "unknown handle index 1"),
        ("g-16-not-utf8", "invalid utf-8 sequence of 1 bytes from index 6"),
    ] {
        assert_eq!(strike(name, &[], &trapped(why)), silent(), "{name}");
    }
}

#[test]
fn g_16_an_allocator_that_overwrites_its_own_memory_harms_nobody() {
    assert_eq!(strike("g-16-realloc-overlapping", &[], &harmless()), silent());
}
