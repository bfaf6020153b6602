//! Built guests composed into one: by `wow compose`, and by the libraries that
//! `wac plug` and `wasm-tools compose` are made of.

use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};
use wow_tests::guests;
use wow_tests::process::{Runtime, wow};

/// What `wow compose` makes of built guests.
pub(crate) fn composed(guests: &[&str], flags: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.wasm");
    let paths: Vec<_> = guests.iter().map(|guest| guests::path(guest)).collect();
    let (status, _, stderr) = compose(&paths, flags, &out);
    assert_eq!((status, stderr.as_str()), (0, ""), "{guests:?}");
    std::fs::read(out).unwrap()
}

fn compose(components: &[PathBuf], flags: &[&str], out: &Path) -> (i32, String, String) {
    let output =
        wow().arg("compose").args(flags).args(components).arg("-o").arg(out).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn loaded(component: &[u8]) -> Runtime {
    let runtime = Runtime::start();
    let code = STANDARD.encode_to_string(component);
    assert_eq!(runtime.init(&code), (200, json!({ "ok": true })));
    runtime
}

/// `audit` around `hello`, as every composer makes it, must do this.
fn audits(component: &[u8]) {
    let runtime = loaded(component);
    let audited = json!({
        "greeting": "Hello, Ada!",
        "audit": { "user": "ada", "in": 27, "out": 26 },
    });
    assert_eq!(runtime.run(&json!({ "name": "Ada", "user": "ada" })), (200, audited));
    let (stdout, stderr) = runtime.log();
    let start = "audit: \"ada\" ran it: 27 bytes in, 26 bytes out, ";
    assert!(stdout.is_empty() && stderr.starts_with(start), "{stdout}{stderr}");
    let refused = json!({
        "error": "nobody is named: the parameter `user` must say who runs this"
    });
    assert_eq!(runtime.run(&json!({ "name": "Ada" })), (200, refused));
}

#[test]
fn wow_compose_puts_a_middleware_around_an_action() {
    audits(&composed(&["audit.rust", "hello.rust"], &[]));
}

#[test]
fn wac_plug_puts_a_middleware_around_an_action() {
    let mut graph = CompositionGraph::new();
    let mut register = |name, guest| {
        let package = Package::from_file(name, None, guests::path(guest), graph.types_mut());
        graph.register_package(package.unwrap()).unwrap()
    };
    let (socket, plug) = (register("socket", "audit.rust"), register("plug:hello", "hello.rust"));
    wac_graph::plug(&mut graph, vec![plug], socket).unwrap();
    audits(&graph.encode(EncodeOptions::default()).unwrap());
}

#[test]
fn wasm_tools_compose_puts_a_middleware_around_an_action() {
    // It names instances after the files, and wants the names in kebab case.
    let folder = tempfile::tempdir().unwrap();
    let [audit, hello] = ["audit", "hello"].map(|name| {
        let file = folder.path().join(name).with_extension("wasm");
        std::fs::copy(guests::path(&format!("{name}.rust")), &file).unwrap();
        file
    });
    let config = wasm_compose::config::Config { definitions: vec![hello], ..Default::default() };
    let composed = wasm_compose::composer::ComponentComposer::new(&audit, &config).compose();
    audits(&composed.unwrap());
}

#[test]
fn an_error_inside_reaches_the_caller_word_for_word() {
    let alone = loaded(&guests::read("add.rust"));
    let runtime = loaded(&composed(&["audit.rust", "audit.rust", "add.rust"], &[]));
    for parameters in [
        json!({ "user": "ada", "a": i64::MAX, "b": 1 }),
        json!({ "user": "ada", "a": "❄\n\"two\"", "b": 1 }),
    ] {
        let (status, reply) = runtime.run(&parameters);
        assert_eq!((status, &reply), (200, &alone.run(&parameters).1));
        assert!(reply["error"].is_string(), "{reply}");
        let (_, stderr) = runtime.log();
        assert_eq!(stderr.matches("audit: \"ada\" got an error: ").count(), 2, "{stderr}");
    }
}

#[test]
fn a_panic_inside_is_a_failure_that_names_its_place() {
    let runtime = loaded(&composed(&["audit.rust", "panic.rust"], &[]));
    let (status, reply) = runtime.run(&json!({ "user": "ada", "message": "boom" }));
    let sentence = reply["error"].as_str().unwrap();
    assert_eq!(status, 502);
    let start = "the action trapped in panic.rust.wasm: panicked at panic/rust/";
    assert!(sentence.starts_with(start), "{sentence}");
    assert!(sentence.ends_with(": boom"), "{sentence}");
}

#[test]
fn three_actions_are_one_action_one_activation_and_one_bill() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.wasm");
    let paths = ["echo.rust", "hello.rust", "echo.rust"].map(guests::path);
    let (status, stdout, stderr) = compose(&paths, &["--sequence"], &out);
    assert_eq!((status, stderr.as_str()), (0, ""));
    let names = paths.each_ref().map(|path| path.display().to_string()).join(", then ");
    let size = std::fs::metadata(&out).unwrap().len();
    assert_eq!(stdout, format!("{}: {names}, {size} bytes\n", out.display()));

    let run = wow().arg("run").arg(&out).args(["-p", "name", "Ada"]).output().unwrap();
    assert_eq!(run.stdout, b"{\"greeting\":\"Hello, Ada!\"}\n");
    let stderr = String::from_utf8(run.stderr).unwrap();
    let (log, bill) = stderr.split_once("bill: ").unwrap();
    assert_eq!(log, "hello stdout\nhello stdout\nhello stderr\nhello stderr\n");
    assert_eq!(bill.lines().count(), 1, "{bill}");
}

#[test]
fn an_error_in_the_middle_ends_a_sequence() {
    let runtime = loaded(&composed(&["echo.rust", "add.rust", "echo.rust"], &["--sequence"]));
    assert_eq!(runtime.run(&json!({ "a": 2, "b": 40 })), (200, json!({ "sum": 42 })));
    let twice = ("hello stdout\n".repeat(2), "hello stderr\n".repeat(2));
    assert_eq!(runtime.log(), twice);
    let error = "the sum of 9223372036854775807 and 1 does not fit in 64 bits";
    let reply = runtime.run(&json!({ "a": i64::MAX, "b": 1 }));
    assert_eq!(reply, (200, json!({ "error": error })));
    let once = ("hello stdout\n".to_owned(), "hello stderr\n".to_owned());
    assert_eq!(runtime.log(), once, "the third does not run");
}

#[test]
fn main_names_the_function_of_what_was_composed() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.wasm");
    std::fs::write(&out, composed(&["audit.rust", "hello.rust"], &[])).unwrap();
    let run = |main| {
        let arguments = ["--main", main, "-p", "user", "ada"];
        let output = wow().arg("run").arg(&out).args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let audited =
        json!({ "audit": { "in": 14, "out": 28, "user": "ada" }, "greeting": "Hello, World!" });
    for main in ["main", "run", "wow:action/handler#run"] {
        let (status, stdout) = run(main);
        assert_eq!(status, 0);
        assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap(), audited);
    }
    assert_eq!(run("other"), (1, String::new()));
}

#[test]
fn a_middleware_alone_is_no_action_and_says_what_it_lacks() {
    let audit = guests::path("audit.rust");
    let output = wow().arg("run").arg(audit).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains("`wow:action/handler@0.1.0`"), "{stderr}");
    assert!(stderr.contains("wow compose"), "{stderr}");
}

#[test]
fn a_mistake_of_the_user_is_status_1_and_leaves_out_alone() {
    let folder = tempfile::tempdir().unwrap();
    let [audit, hello] = ["audit.rust", "hello.rust"].map(guests::path);
    let (status, stdout, stderr) = compose(&[audit.clone(), hello.clone()], &[], folder.path());
    let sentence =
        format!("error: cannot write {}: Is a directory (os error 21)\n", folder.path().display());
    assert_eq!((status, stdout.as_str(), stderr), (1, "", sentence));
    let out = folder.path().join("out.wasm");
    let (status, stdout, stderr) = compose(&[hello.clone(), audit.clone()], &[], &out);
    let sentence =
        format!("error: {} imports nothing that {} exports\n", hello.display(), audit.display());
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert!(stderr.starts_with(&sentence), "{stderr}");
    let (status, _, stderr) = compose(&[audit, folder.path().join("none.wasm")], &[], &out);
    assert_eq!(status, 1);
    assert!(stderr.ends_with("none.wasm: No such file or directory (os error 2)\n"), "{stderr}");
    assert_eq!(compose(&[hello], &[], &out).0, 1);
    assert!(!out.exists());
}
