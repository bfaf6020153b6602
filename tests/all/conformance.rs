//! The ten cases of OpenWhisk's `BasicActionRunnerTests` and the ones that its
//! runtimes add, each under its name there. They were written anew from what
//! those suites assert; `docs/protocol.md` names the sources.

use crate::{code, error};
use serde_json::{Value, json};
use std::process::Command;
use std::thread;
use wow_tests::process::{Runtime, init_body, wow};
use wow_tests::{SENTINEL, client};

/// A runtime with a guest in it, as the platform puts it there.
fn initialized(guest: &str, main: &str, env: Value) -> Runtime {
    initialize(Runtime::start(), guest, main, env)
}

fn initialize(runtime: Runtime, guest: &str, main: &str, env: Value) -> Runtime {
    let reply = runtime.post("/init", &init_body(&code(guest), main, env)).whole();
    assert_eq!(reply, (200, json!({ "ok": true })));
    assert_eq!((runtime.stdout.text(), runtime.stderr.text()), (String::new(), String::new()));
    runtime
}

fn silent() -> (String, String) {
    (String::new(), String::new())
}

#[test]
fn handle_initialization_with_no_code() {
    let runtime = Runtime::start();
    let body = json!({ "value": { "code": "", "main": "", "binary": false, "env": null } });
    assert_eq!(
        runtime.post("/init", &body).whole(),
        (403, error("Missing main/no code to execute."))
    );
}

#[test]
fn handle_initialization_with_no_content() {
    let runtime = Runtime::start();
    let missing = error("Missing main/no code to execute.");
    assert_eq!(runtime.post("/init", &json!({})).whole(), (403, missing));
}

#[test]
fn run_and_report_an_error_for_function_not_returning_a_json_object() {
    let runtime = Runtime::start();
    let string = wow_tests::wat::action(&wow_tests::wat::constant("\"a string\""));
    let uploaded = base64_simd::STANDARD.encode_to_string(string);
    assert_eq!(runtime.init(&uploaded).0, 200);
    let refusal = error("The action did not return a dictionary or array.");
    assert_eq!(runtime.post("/run", &json!({})).whole(), (502, refusal));
    assert_eq!(runtime.log(), silent());
}

#[test]
fn fail_to_initialize_a_second_time() {
    let runtime = initialized("hello.rust", "main", json!({}));
    let refusal = "Cannot initialize the action more than once.";
    assert_eq!(runtime.init(&code("hello.rust")), (403, error(refusal)));
    let stderr = runtime.stderr.wait(|text| text.contains(refusal));
    assert!(!stderr.contains(SENTINEL) && !runtime.stdout.text().contains(SENTINEL));
}

#[test]
fn invoke_non_standard_entry_point() {
    let runtime = initialized("echo.rust", "run", json!({}));
    assert_eq!(runtime.run(&json!({ "string": "hello" })), (200, json!({ "string": "hello" })));
}

#[test]
fn echo_arguments_and_print_message_to_stdout_stderr() {
    let runtime = initialized("echo.rust", "main", json!({}));
    for parameters in [
        json!({ "string": "hello" }),
        json!({ "string": "❄ ☃ ❄" }),
        json!({ "numbers": [42, 1] }),
        json!({ "object": { "a": "A" } }),
    ] {
        assert_eq!(runtime.run(&parameters), (200, parameters));
        assert_eq!(runtime.log(), ("hello stdout\n".to_owned(), "hello stderr\n".to_owned()));
    }
}

#[test]
fn handle_unicode_in_source_input_params_logs_and_result() {
    let runtime = initialized("unicode.rust", "main", json!({}));
    assert_eq!(runtime.run(&json!({ "delimiter": "❄" })), (200, json!({ "winter": "❄ ☃ ❄" })));
    assert_eq!(runtime.log(), ("❄ ☃ ❄\n".to_owned(), String::new()));
}

#[test]
fn export_environment_variables_before_initialization() {
    let env = json!({ "SOME_VAR": "xyz", "ANOTHER_VAR": "" });
    let runtime = initialized("environment.rust", "main", env.clone());
    let names = json!({ "names": ["SOME_VAR", "ANOTHER_VAR"] });
    assert_eq!(runtime.run(&names), (200, env));
}

#[test]
fn confirm_expected_environment_variables() {
    // The container's own environment has the API host, and more that is nobody's business.
    let mut program = wow();
    program.env("__OW_API_HOST", "xyz").env("SECRET", "of the host");
    let runtime = Runtime::start_with(&mut program, &[]);
    assert_eq!(runtime.init(&code("environment.rust")).0, 200);
    let context = json!({
        "api_key": "abc", "namespace": "zzz", "action_name": "xxx", "action_version": "0.0.1",
        "activation_id": "iii", "deadline": "123",
    });
    let mut body = context.clone();
    body["value"] = json!({ "context": true });
    let mut seen = context;
    seen["api_host"] = json!("xyz");
    assert_eq!(runtime.post("/run", &body).whole(), (200, seen));
    let (_, all) = runtime.run(&json!({}));
    assert_eq!(all, json!({ "__OW_API_HOST": "xyz" }), "nothing else, and nothing left over");
}

#[test]
fn echo_a_large_input() {
    let runtime = initialized("echo.rust", "main", json!({}));
    let parameters = json!({ "arg": "a".repeat(1_048_561) });
    let reply = runtime.post("/run", &json!({ "value": parameters }));
    assert!(reply.body.len() <= 1 << 20, "OpenWhisk cuts at 1 MiB: {}", reply.body.len());
    assert_eq!(reply.whole(), (200, parameters));
}

#[test]
fn support_return_array_result() {
    let runtime = initialized("echo.rust", "main", json!({}));
    assert_eq!(runtime.run(&json!(["a", "b"])), (200, json!(["a", "b"])));
}

#[test]
fn return_an_application_error() {
    let runtime = initialized("add.rust", "main", json!({}));
    let (status, body) = runtime.run(&json!({ "a": i64::MAX, "b": 1 }));
    assert_eq!(status, 200, "{body}");
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["error"]);
    assert_eq!(runtime.run(&json!({ "a": 2, "b": 40 })), (200, json!({ "sum": 42 })), "kept");
}

#[test]
fn report_an_error_if_the_code_is_no_valid_archive() {
    // A text, base64-encoded; and an archive that is no action.
    let runtime = Runtime::start();
    let (status, body) = runtime.init("Q2VjaSBuJ2VzdCBwYXMgdW4gemlwLgo=");
    assert_eq!(status, 502);
    let sentence = body["error"].as_str().unwrap().lines().next().unwrap();
    let expected = "the code is not a component: 23 bytes that begin with \"Ceci n\\'e\"";
    assert_eq!(sentence, expected);
}

#[test]
fn load_a_zip_archive_as_zip_makes_it() {
    let folder = std::env::temp_dir().join(format!("wow-zip-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let archive = folder.join("action.zip");
    let zip = Command::new("zip")
        .args(["-q", "-j"])
        .arg(&archive)
        .arg(wow_tests::guests::path("hello.rust"))
        .status()
        .expect("`zip` is installed");
    assert!(zip.success());
    let bytes = std::fs::read(&archive).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let runtime = Runtime::start();
    assert_eq!(runtime.init(&base64_simd::STANDARD.encode_to_string(bytes)).0, 200);
    let greeting = json!({ "greeting": "Hello, Ada!" });
    assert_eq!(runtime.run(&json!({ "name": "Ada" })), (200, greeting));
}

#[test]
fn run_more_than_a_hundred_activations_at_once() {
    let told = Runtime::start_with(wow().env("__OW_ALLOW_CONCURRENT", "true"), &[]);
    let runtime = initialize(told, "sleep.rust", "main", json!({}));
    let body = json!({ "value": { "milliseconds": 500 } }).to_string();
    let start = std::time::Instant::now();
    thread::scope(|scope| {
        for _ in 0..128 {
            scope.spawn(|| {
                let reply = client::post(runtime.address, "/run", body.as_bytes()).unwrap();
                assert_eq!(reply.whole(), (200, json!({ "slept": 500 })));
            });
        }
    });
    // One after another they would take a minute.
    assert!(start.elapsed().as_secs() < 30);
    let all = |text: &str| text.matches(SENTINEL).count() == 128;
    runtime.stdout.wait(all);
    runtime.stderr.wait(all);
}

#[test]
fn survive_a_connection_that_says_nothing() {
    let runtime = initialized("hello.rust", "main", json!({}));
    drop(client::send(runtime.address, b"").unwrap());
    assert_eq!(runtime.run(&json!({ "name": "Ada" })).0, 200);
}

#[test]
fn run_past_its_deadline_and_then_well_without_a_new_init() {
    let runtime = initialized("sleep.rust", "main", json!({}));
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let late = json!({ "value": { "milliseconds": 60_000 }, "deadline": (now + 500).to_string() });
    let over = error("The action exceeded its time limits of 500 milliseconds.");
    assert_eq!(runtime.post("/run", &late).whole(), (502, over));
    assert_eq!(runtime.log(), silent());
    assert_eq!(runtime.run(&json!({ "milliseconds": 1 })), (200, json!({ "slept": 1 })));
}
