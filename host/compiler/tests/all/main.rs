//! The program from outside: what it is given, what it answers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod bombs;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};
use std::thread;

/// Address space that every component of these tests fits in.
const ENOUGH_MEMORY: u64 = 4 << 30;
/// CPU time that every component of these tests gets by with.
const ENOUGH_TIME: u64 = 60;

/// How it ended and what it wrote.
#[derive(Debug, PartialEq)]
struct End {
    status: Option<i32>,
    signal: Option<i32>,
    code: Vec<u8>,
    message: String,
}

fn exited(status: i32, message: &str) -> End {
    End { status: Some(status), signal: None, code: Vec::new(), message: message.to_owned() }
}

/// Runs `wow-compile` as the host does.
fn run(arguments: &[&str], component: &[u8]) -> End {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wow-compile"))
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let component = component.to_owned();
    // It may end before it has read: a broken pipe is no failure of the test.
    let send = thread::spawn(move || _ = stdin.write_all(&component));
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    send.join().unwrap();
    End {
        status: status.code(),
        signal: status.signal(),
        code: stdout,
        message: String::from_utf8(stderr).unwrap(),
    }
}

fn compile_within(memory: u64, seconds: u64, component: &[u8]) -> End {
    let key = wow_engine::key().to_string();
    run(&[&memory.to_string(), &seconds.to_string(), &key], component)
}

fn compile(component: &str) -> End {
    compile_within(ENOUGH_MEMORY, ENOUGH_TIME, &wat::parse_str(component).unwrap())
}

#[test]
fn a_component_becomes_code() {
    let end = compile(r#"(component (core module (func (export "run"))))"#);
    assert_eq!(End { code: Vec::new(), ..end }, exited(0, ""));
    let kind = wasmtime::Engine::detect_precompiled(&end.code);
    assert_eq!(kind, Some(wasmtime::Precompiled::Component));
}

#[test]
fn what_is_no_component_is_refused_with_a_sentence() {
    let refused = |bytes: &[u8]| compile_within(ENOUGH_MEMORY, ENOUGH_TIME, bytes);
    let empty = "failed to parse WebAssembly module: unexpected end-of-file (at offset 0x0)\n";
    assert_eq!(refused(b""), exited(1, empty));
    let module = wat::parse_str("(module)").unwrap();
    let not_one = "failed to parse WebAssembly module: attempted to parse a wasm module with a \
                   component parser\n";
    assert_eq!(refused(&module), exited(1, not_one));
    let no_result = "failed to compile: wasm[0]::function[0]: WebAssembly translation error: \
                     Invalid input WebAssembly code at offset 34: type mismatch: expected i32 but \
                     nothing on stack\n";
    assert_eq!(compile("(component (core module (func (result i32))))"), exited(1, no_result));
}

#[test]
fn g_22_a_proposal_that_is_off_is_named() {
    let refused = |module: &str, message: &str| {
        let end = compile(&format!("(component (core module {module}))"));
        assert_eq!(end, exited(1, &format!("failed to {message}\n")));
    };
    refused(
        "(memory i64 1)",
        "parse WebAssembly module: memory64 must be enabled for 64-bit memories (at offset 0x15)",
    );
    refused(
        "(memory 1 1 shared)",
        "parse WebAssembly module: threads must be enabled for shared memories (at offset 0x15)",
    );
    refused(
        "(func $f return_call $f)",
        "compile: wasm[0]::function[0]::f: WebAssembly translation error: Invalid input \
         WebAssembly code at offset 33: tail calls support is not enabled",
    );
}

#[test]
fn another_engines_host_is_told_both_keys_and_what_to_build() {
    let own = wow_engine::key();
    let message = format!(
        "the host's engine key is 00ff, wow-compile's is {own}: both must be built from one \
         source\n\nhint: `cargo build -p wow-compile && cargo build -p wow`\n"
    );
    assert_eq!(run(&["1000", "1", "00ff"], b""), exited(3, &message));
}

#[test]
fn it_shows_its_key() {
    let key = format!("{}\n", wow_engine::key());
    assert_eq!(run(&["--key"], b""), End { code: key.into_bytes(), ..exited(0, "") });
}

#[test]
fn wrong_arguments_are_not_the_components_fault() {
    let missing = "missing argument: CPU time in seconds\n";
    assert_eq!(run(&["1000"], b""), exited(2, missing));
    let no_number = "address space in bytes is not a number: 4 GB: invalid digit found in string\n";
    assert_eq!(run(&["4 GB", "1", "00ff"], b""), exited(2, no_number));
    let extra = "unexpected argument: --help\n";
    assert_eq!(run(&["1000", "1", "00ff", "--help"], b""), exited(2, extra));
}

/// As if the kernel did not have a system call: a thread's filter is inherited by
/// the process that it starts.
fn without(call: libc::c_long) -> End {
    let absent = SeccompAction::Errno(libc::ENOSYS.cast_unsigned());
    let rules = BTreeMap::from([(call, vec![])]);
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, absent, arch).unwrap();
    let program: BpfProgram = filter.try_into().unwrap();
    let run = move || {
        seccompiler::apply_filter(&program).unwrap();
        compile("(component)")
    };
    thread::spawn(run).join().unwrap()
}

#[test]
fn where_it_cannot_be_isolated_nothing_is_compiled() {
    let no_filter = "cannot filter system calls: Error calling `seccomp`: Function not \
                     implemented (os error 38)\n";
    assert_eq!(without(libc::SYS_seccomp), exited(3, no_filter));
    let no_closing = "cannot close inherited descriptors (close_range came with Linux 5.9): \
                      Function not implemented (os error 38)\n";
    assert_eq!(without(libc::SYS_close_range), exited(3, no_closing));
}
