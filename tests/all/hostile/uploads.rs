//! Code that is none, or that is more than it looks like.

use super::{LATEST, calm, good, init, log, refusals, runtime, silent};
use crate::{code, error};
use serde_json::{Value, json};
use std::sync::Barrier;
use std::thread;
use std::time::Instant;
use wow_tests::hostile::calm_answer;
use wow_tests::process::{Runtime, init_body, wow};
use wow_tests::wat;

/// Refuses one piece of code, as [`refusals`].
fn refusal(arguments: &[&str], code: Vec<u8>) -> String {
    refusals(&runtime(wow(), arguments), &[code]).remove(0)
}

#[test]
fn i_01_code_that_is_not_base64_is_refused_with_the_place() {
    let runtime = runtime(wow(), &[]);
    for (code, why) in [
        ("AGFz!Q0AAQA=", "character '!' at byte 4"),
        ("AGFz bQ0AAQA=", "character ' ' at byte 4"),
        ("AGFz\nbQ0AAQA=", "character '\\n' at byte 4"),
        ("AGFz_Q0AAQA=", "character '_' at byte 4"),
        ("AGFzbQ0AAQA", "11 characters and 0 `=` do not make groups of 4"),
        ("AGFzbQ0AAQA==", "11 characters and 2 `=` do not make groups of 4"),
    ] {
        let sentence = format!(
            "the code is not base64: {why}\n\nhint: encode a zip archive or a component with \
             `base64 -w0`; the alphabet is `A-Za-z0-9+/`, padded with `=`"
        );
        assert_eq!(runtime.init(code), (502, error(&sentence)));
    }
    good(&runtime);
}

#[test]
fn i_04_a_component_that_is_cut_anywhere_is_refused() {
    let component = wat::action(wat::ECHO);
    // Its last section is names, and nobody misses those.
    let names = component.windows(14).position(|bytes| bytes == b"component-name").unwrap();
    let cuts: Vec<_> =
        (8..names - 8).step_by(16).map(|length| component[..length].to_vec()).collect();
    assert!(cuts.len() > 10);
    for sentence in refusals(&runtime(wow(), &[]), &cuts) {
        assert!(sentence.starts_with("the component is not "), "{sentence}");
    }
}

#[test]
fn i_04_a_component_with_a_wrong_bit_anywhere_is_an_answer() {
    let component = wat::action(wat::ECHO);
    for place in (8..component.len()).step_by(97) {
        let mut wrong = component.clone();
        wrong[place] ^= 1 << (place % 8);
        let runtime = runtime(wow(), &[]);
        let (status, body) = init(&runtime, &wrong);
        match status {
            200 => assert_eq!(body, json!({ "ok": true })),
            502 => good(&runtime),
            _ => panic!("{place}: {status} {body}"),
        }
    }
}

#[test]
fn i_04_and_i_05_what_is_no_component_is_called_what_it_is() {
    let build = "build a component, in Rust with `cargo build --target wasm32-wasip2`";
    let cases = [
        (b"\0asm\x01\0\0\0".to_vec(), "a core module, not a component", build),
        (
            b"\0ASM\x0d\0\x01\0".to_vec(),
            "not a component: 8 bytes that begin with \"\\x00ASM\\r\\x00\\x01\\x00\"",
            build,
        ),
        (
            b"\x7fELF\x02\x01\x01\0 a .cwasm".to_vec(),
            "machine code (an ELF file, such as a `.cwasm`), which is never run",
            "upload the component itself: the platform compiles it",
        ),
    ];
    let codes = cases.each_ref().map(|(code, _, _)| code.clone());
    let sentences = refusals(&runtime(wow(), &[]), &codes);
    let expected = cases.map(|(_, what, hint)| format!("the code is {what}\n\nhint: {hint}"));
    assert_eq!(sentences, expected);
}

#[test]
fn i_06_a_component_that_is_no_action_is_told_what_it_lacks() {
    let alien = r#"(import "acme:secret/vault" (instance (export "open" (func))))"#;
    let alien = wat::text(wat::ECHO).replacen("(component", &format!("(component {alien}"), 1);
    let future = r#"(import "wasi:io/warp@0.2.12" (instance (export "engage" (func))))"#;
    let future = wat::text(wat::ECHO).replacen("(component", &format!("(component {future}"), 1);
    let version = wat::text(wat::ECHO).replace("handler@0.1.0", "handler@9.0.0");
    let missing = wat::text(wat::ECHO).replacen(r#"(export "run" (func $run)))"#, ")", 1);
    let signature = wat::text(wat::ECHO).replacen(
        "(param \"parameters\" string)",
        "(param \"p\" (list u8))",
        1,
    );
    let cases = [
        (alien, "the component imports `acme:secret/vault`, which this host does not offer"),
        (
            future,
            "the component imports `wasi:io/warp@0.2.12`, which this host does not offer\n\nhint: ",
        ),
        (
            "(component)".to_owned(),
            "the component is not an action: it exports nothing, and no function to run",
        ),
        (
            version,
            "the component exports `wow:action/handler@9.0.0#run`; this host runs version 0.1.x",
        ),
        (
            missing,
            "the component is not an action: it exports `wow:action/handler@0.1.0`, and no function to run",
        ),
        (
            signature,
            "`wow:action/handler@0.1.0#run` has another type than `func(parameters: string) -> result<string, string>`",
        ),
    ];
    let codes = cases.each_ref().map(|(text, _)| wat::assemble(text));
    for ((_, why), sentence) in cases.iter().zip(refusals(&runtime(wow(), &[]), &codes)) {
        assert!(sentence.starts_with(why), "{sentence}");
    }
}

const SMALLER: &str =
    "hint: make it smaller: its largest function and the number of functions count most";

#[test]
fn i_07_a_component_of_a_hundred_million_instances_is_refused() {
    // Ten of ten of ten …: a kilobyte of text.
    let mut text = "(component $c (core module $m) (core instance (instantiate $m)))".to_owned();
    for _ in 0..8 {
        text = format!("(component $c {text} {})", "(instance (instantiate $c))".repeat(10));
    }
    let text = format!("(component {text} (instance (instantiate $c)))");
    let sentence = refusal(&["--compile-time", "1"], wat::assemble(&text));
    assert_eq!(sentence, format!("the component takes longer than 1 s to compile\n\n{SMALLER}"));
}

#[test]
fn i_07_a_jump_table_of_a_million_ways_is_refused() {
    let ways = "0 ".repeat(1_000_000);
    let text = format!("(component (core module (func (br_table {ways} (i32.const 0)))))");
    let why = "`br_table` has 999999 targets, which exceeds the implementation limit of 65520";
    let sentence = refusal(&["--compile-time", "1"], wat::assemble(&text));
    assert!(sentence.contains(why), "{sentence}");
}

#[test]
fn i_07_what_takes_too_long_to_compile_is_refused() {
    let sentence = refusal(&["--compile-time", "1"], wat::large(24_500));
    assert_eq!(sentence, format!("the component takes longer than 1 s to compile\n\n{SMALLER}"));
}

#[test]
fn i_07_what_takes_too_much_memory_to_compile_is_refused() {
    let data = "a".repeat(40 << 20);
    let text = format!("(component (core module (memory 640) (data (i32.const 0) \"{data}\")))");
    let sentence = refusal(&["--compile-memory", "256"], wat::assemble(&text));
    let start = "the component cannot be compiled within 256 MB (";
    assert!(sentence.starts_with(start) && sentence.ends_with(SMALLER), "{sentence}");
}

#[test]
fn i_09_an_init_without_code_leaves_its_place_free() {
    let runtime = runtime(wow(), &[]);
    let missing = (403, error("Missing main/no code to execute."));
    for body in
        [json!({}), json!({ "value": {} }), json!(null), init_body(" \n", "main", json!({}))]
    {
        assert_eq!(runtime.post("/init", &body).whole(), missing, "{body}");
    }
    good(&runtime);
}

#[test]
fn i_10_of_concurrent_inits_one_wins_and_the_first_code_stays() {
    let runtime = runtime(wow(), &[]);
    let refused = (403, error("Cannot initialize the action more than once."));
    let (echo, start) = (wat::action(wat::ECHO), Barrier::new(8));
    let mut answers: Vec<(u16, Value)> = thread::scope(|scope| {
        let init = || {
            start.wait();
            init(&runtime, &echo)
        };
        let inits: Vec<_> = (0..8).map(|_| scope.spawn(init)).collect();
        inits.into_iter().map(|init| init.join().unwrap()).collect()
    });
    answers.sort_by_key(|answer| answer.0);
    let mut expected = vec![refused.clone(); 8];
    expected[0] = (200, json!({ "ok": true }));
    assert_eq!(answers, expected);
    assert_eq!(init(&runtime, &wat::action(&wat::constant("{}"))), refused);
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer(), "the first code");
}

#[test]
fn i_15_a_run_during_an_init_is_refused_at_once() {
    let runtime = runtime(wow(), &["--cache", "none"]);
    let large = wat::large(2_450);
    thread::scope(|scope| {
        let init = scope.spawn(|| init(&runtime, &large));
        let uninitialized = (403, error("System not initialized."));
        let mut refused = 0;
        loop {
            let start = Instant::now();
            let answer = runtime.post("/run", &calm()).whole();
            assert!(start.elapsed() < LATEST);
            if answer != uninitialized {
                assert_eq!(answer, calm_answer());
                break;
            }
            refused += 1;
        }
        assert!(refused > 0);
        assert_eq!(init.join().unwrap(), (200, json!({ "ok": true })));
    });
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
}

#[test]
fn i_16_names_that_no_environment_can_hold_are_refused() {
    let runtime = runtime(wow(), &[]);
    let echo = base64_simd::STANDARD.encode_to_string(wat::action(wat::ECHO));
    for (env, why) in [
        (json!({ "": "v" }), "\"\" cannot name a variable: it is empty, or has `=` or a NUL in it"),
        (
            json!({ "a=b": "v" }),
            "\"a=b\" cannot name a variable: it is empty, or has `=` or a NUL in it",
        ),
        (
            json!({ "a\0b": "v" }),
            "\"a\\0b\" cannot name a variable: it is empty, or has `=` or a NUL in it",
        ),
        (json!({ "A": "v\0" }), "the value of `A` has a NUL in it"),
    ] {
        let answer = runtime.post("/init", &init_body(&echo, "main", env)).whole();
        assert_eq!(answer, (400, error(&format!("`env` of /init: {why}"))));
    }
    good(&runtime);
}

#[test]
fn i_16_an_environment_reaches_the_guest_and_never_the_process() {
    let mut program = wow();
    program.env("__OW_API_HOST", "https://real");
    let runtime = Runtime::start_with(&mut program, &[]);
    let env = json!({
        "LD_PRELOAD": "/no/such/library.so", "WOW_MEMORY": "1", "__OW_API_HOST": "https://forged",
        "__OW_NAMESPACE": "forged",
    });
    let body = init_body(&code("environment.rust"), "main", env);
    assert_eq!(runtime.post("/init", &body).whole(), (200, json!({ "ok": true })));
    let names = ["LD_PRELOAD", "WOW_MEMORY", "__OW_API_HOST", "__OW_NAMESPACE"];
    let run = json!({ "value": { "names": names }, "namespace": "real" });
    let seen = json!({
        "LD_PRELOAD": "/no/such/library.so", "WOW_MEMORY": "1", "__OW_API_HOST": "https://real",
        "__OW_NAMESPACE": "real",
    });
    assert_eq!(runtime.post("/run", &run).whole(), (200, seen));
    let own = std::fs::read_to_string(format!("/proc/{}/environ", runtime.id())).unwrap();
    assert!(!own.contains("forged") && !own.contains("LD_PRELOAD"));
    assert_eq!(log(&runtime, 1), silent());
}

#[test]
fn i_16_a_hundred_thousand_names_are_no_burden() {
    let runtime = runtime(wow(), &[]);
    let echo = base64_simd::STANDARD.encode_to_string(wat::action(wat::ECHO));
    let names = (0..100_000).map(|number| (format!("KEY_{number}"), json!("value")));
    let env: serde_json::Map<_, _> = names.collect();
    let body = init_body(&echo, "main", env.into());
    assert_eq!(runtime.post("/init", &body).whole(), (200, json!({ "ok": true })));
    assert_eq!(runtime.post("/run", &calm()).whole(), calm_answer());
}
