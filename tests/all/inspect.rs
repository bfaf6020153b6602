//! What `wow inspect` says of a package under a policy, beside what a host does that
//! is given both.

use crate::egress::zipped;
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;
use wow_tests::guests;
use wow_tests::process::{Runtime, init_body, wow};

const MANIFEST: &str = "version = 1\n[capabilities]\n\
    http = [\"https://a.example.org\", \"https://b.example.com\"]\n\
    files = { assets = \"read-write\" }\ntmp = true\n[limits]\nmemory = 64\n";

/// A package as an archive and as a folder, and the operator's policy.
fn folder(on_refusal: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in ["assets", "package"] {
        fs::create_dir(root.join(name)).unwrap();
    }
    let component = guests::read("files.rust");
    fs::write(root.join("package/action.wasm"), &component).unwrap();
    fs::write(root.join("package/wow.toml"), MANIFEST).unwrap();
    fs::write(root.join("package.zip"), zipped(&component, MANIFEST)).unwrap();
    let policy = format!(
        "version = 1\non-refusal = \"{on_refusal}\"\nscratch = \"{0}/scratch\"\n\
         [[grant]]\nactions = [\"/acme/*\"]\nhttp = [\"https://*.example.org\"]\n\
         files = {{ assets = \"read-only\" }}\ntmp = {{ bytes = 1000, entries = 10 }}\n\
         [volumes.assets]\npath = \"{0}/assets\"\nmode = \"read-only\"\n",
        root.display()
    );
    fs::write(root.join("policy.toml"), policy).unwrap();
    folder
}

/// Exit status and stdout.
fn inspect(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = wow();
    command.current_dir(folder).env("WOW_COMPILE", "/no/such/compiler").arg("inspect");
    let Output { status, stdout, stderr } = command.args(arguments).output().unwrap();
    assert_eq!(String::from_utf8(stderr).unwrap(), "");
    (status.code().unwrap(), String::from_utf8(stdout).unwrap())
}

/// The part of a text that is about `wow.toml`.
fn about_the_package(text: &str) -> &str {
    &text[text.rfind("\n\nwow.toml").unwrap() + 2..]
}

/// What a host answers that is given the package and the policy.
fn init(folder: &Path) -> (u16, Value) {
    let policy = folder.join("policy.toml");
    let runtime = Runtime::start_with(&mut wow(), &["--policy", policy.to_str().unwrap()]);
    let env = json!({ "__OW_ACTION_NAME": "/acme/a" });
    let code = STANDARD.encode_to_string(fs::read(folder.join("package.zip")).unwrap());
    runtime.post("/init", &init_body(&code, "main", env)).whole()
}

const UNDER: [&str; 4] = ["--policy", "policy.toml", "--action-name", "/acme/a"];

#[test]
fn a_package_is_inspected_with_what_it_asks_for() {
    let folder = folder("fail");
    let expected = "wow.toml\n  limits  memory 64 MB\n\
        \x20 http    asks for https://a.example.org, https://b.example.com\n\
        \x20 files   asks for assets read-write\n\
        \x20 tmp     asks for a private folder\n\
        \x20 what it gets of it is the operator's to say: `--policy FILE` shows it\n";
    for package in ["package", "package.zip"] {
        let (status, text) = inspect(folder.path(), &[package]);
        assert_eq!((status, about_the_package(&text)), (0, expected), "{package}");
        let json: Value =
            serde_json::from_str(&inspect(folder.path(), &[package, "--json"]).1).unwrap();
        let asked = json!({
            "main": null,
            "http": ["https://a.example.org", "https://b.example.com"],
            "files": { "assets": "read-write" },
            "tmp": true,
            "limits": { "memory": 64 },
        });
        assert_eq!((&json["package"], &json["grant"]), (&asked, &Value::Null));
    }
    let (_, text) = inspect(folder.path(), &["package/action.wasm"]);
    assert!(!text.contains("asks for assets"), "a component alone asks for nothing: {text}");
}

#[test]
fn a_package_that_init_refuses_is_refused_by_inspect_in_the_same_words() {
    let folder = folder("fail");
    let (status, text) = inspect(folder.path(), &[&["package"][..], &UNDER].concat());
    let expected = "wow.toml under policy.toml, for /acme/a\n  limits  memory 64 MB\n\
        \x20 http    asks for https://a.example.org, https://b.example.com\n\
        \x20         may have https://*.example.org\n\
        \x20 files   asks for assets read-write\n          may have assets read-only\n\
        \x20 tmp     asks for a private folder\n          may have 1000 bytes, 10 entries\n\
        \x20 it gets nothing: its `/init` fails\n";
    assert_eq!((status, about_the_package(&text)), (1, expected));
    let policy = folder.path().join("policy.toml").display().to_string();
    let whole = ["package.zip", "--policy", &policy, "--action-name", "/acme/a", "--json"];
    let (status, json) = inspect(folder.path(), &whole);
    let json: Value = serde_json::from_str(&json).unwrap();
    let (refused, answer) = init(folder.path());
    assert_eq!((status, refused), (1, 502));
    assert_eq!(json["refusal"], answer["error"]);
    assert_eq!(json["grant"]["loads"], false);
    assert_eq!(json["grant"]["refusals"].as_array().unwrap().len(), 2);
}

#[test]
fn what_a_package_gets_of_what_it_asks_for_is_shown() {
    let folder = folder("deny");
    let (status, json) = inspect(folder.path(), &[&["package", "--json"][..], &UNDER].concat());
    let json: Value = serde_json::from_str(&json).unwrap();
    let grant = &json["grant"];
    assert_eq!((status, init(folder.path()).0), (0, 200));
    assert_eq!(
        grant["http"],
        json!({
            "asked": ["https://a.example.org", "https://b.example.com"],
            "allowed": ["https://*.example.org"],
            "granted": ["https://a.example.org"],
        })
    );
    let assets = json!({ "asked": "read-write", "allowed": "read-only", "granted": "read-only" });
    let quota = json!({ "bytes": 1000, "entries": 10 });
    let tmp = json!({ "asked": true, "allowed": quota, "granted": quota });
    assert_eq!((&grant["files"], &grant["tmp"]), (&json!({ "assets": assets }), &tmp));
    assert_eq!((&grant["action"], &grant["loads"]), (&json!("/acme/a"), &json!(true)));
    let (_, text) = inspect(folder.path(), &[&["package.zip"][..], &UNDER].concat());
    assert!(text.contains("\n          gets     https://a.example.org\n"), "{text}");
    assert!(text.contains("\n          gets     assets read-only\n"), "{text}");
    // Another action is allowed nothing.
    let other = ["package", "--policy", "policy.toml", "--action-name", "/beta/a", "--json"];
    let json: Value = serde_json::from_str(&inspect(folder.path(), &other).1).unwrap();
    assert_eq!(json["grant"]["http"]["granted"], json!([]));
    assert_eq!(json["grant"]["files"]["assets"]["granted"], Value::Null);
}
