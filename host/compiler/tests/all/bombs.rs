//! I-07: components that are valid, small, and built to make compilation explode.

use crate::{ENOUGH_MEMORY, ENOUGH_TIME, End, compile, compile_within, exited};

/// A component of one core module.
fn component(module: &str) -> Vec<u8> {
    wat::parse_str(format!("(component (core module {module}))")).unwrap()
}

#[test]
fn i_07_a_function_that_takes_long_ends_with_its_time() {
    // Loads cannot be merged over stores: every line stays work for the optimiser.
    let line = "(i32.store (local.get 0) (i32.mul (i32.load (local.get 0)) (local.get 1)))";
    let body = line.repeat(400_000);
    let bomb = component(&format!("(memory 1) (func (param i32 i32) {body})"));
    let end = compile_within(ENOUGH_MEMORY, 1, &bomb);
    let killed = End { status: None, signal: Some(libc::SIGXCPU), ..exited(0, "") };
    assert_eq!(end, killed);
}

#[test]
fn i_07_a_hundred_thousand_functions_end_with_their_memory() {
    let function = "(func (param i32) (result i32) local.get 0 call 0)";
    let bomb = component(&function.repeat(100_000));
    let end = compile_within(256 << 20, ENOUGH_TIME, &bomb);
    assert_eq!((end.status, end.signal), (None, Some(libc::SIGABRT)), "{end:?}");
    assert!(end.message.starts_with("memory allocation of "), "{}", end.message);
}

#[test]
fn i_07_a_million_locals_or_branches_are_not_valid() {
    let refused = |body: &str, message: &str| {
        let end = compile(&format!("(component (core module (func {body})))"));
        let place = "failed to compile: wasm[0]::function[0]: WebAssembly translation error";
        assert_eq!(end, exited(1, &format!("{place}: {message}\n")));
    };
    refused(
        &"(local i32)".repeat(1_000_000),
        "Invalid input WebAssembly code at offset 33: too many locals: locals exceed maximum",
    );
    refused(
        &format!("i32.const 0 br_table {}", "0 ".repeat(1_000_000)),
        "Unsupported feature: `br_table` has 999999 targets, which exceeds the implementation \
         limit of 65520",
    );
}
