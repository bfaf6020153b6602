//! The control API: what it takes, and what it says.

use super::{hello, loaded, start};
use crate::error;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn both_files_are_there_before_the_answer() {
    let (_folder, executor) = start();
    let spec = json!({ "name": "one", "image": "wow/x", "network": "mine" });
    let container = executor.create(&spec);
    let folder = executor.containers().join(&container.id);
    let log = fs::metadata(folder.join(container.id.clone() + "-json.log")).unwrap();
    assert!(log.is_file() && log.len() == 0);
    let described = fs::read_to_string(folder.join("config.v2.json")).unwrap();
    let expected = json!({
        "ID": container.id, "Name": "/one", "Config": { "Image": "wow/x" },
        "State": { "OOMKilled": false },
        "NetworkSettings": { "Networks": { "mine": { "IPAddress": container.address.ip() } } },
    });
    assert_eq!(serde_json::from_str::<Value>(&described).unwrap(), expected);
    executor.remove("one");
    assert!(!folder.exists());
}

#[test]
fn all_that_was_asked_for_is_told_again() {
    let (_folder, executor) = start();
    let spec = json!({
        "name": "one", "image": "wow/x", "network": "mine", "memory": 33_554_432,
        "labels": { "a": "b" }, "environment": { "__OW_API_HOST": "h" },
    });
    executor.create(&spec);
    let told = executor.inspect("one");
    for (key, asked) in spec.as_object().unwrap() {
        assert_eq!(&told[key], asked, "{key}");
    }
    executor.named("two");
    assert_eq!(executor.inspect("two")["network"], "bridge");
}

#[test]
fn an_id_is_dockers_in_form_and_ours_in_how_it_begins() {
    let (_folder, executor) = start();
    let (status, made) = executor.try_create(&json!({ "name": "one", "image": "wow/x" }));
    assert_eq!(status, 201);
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("776f772d") && id.len() == 64, "{id}");
    assert!(id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)), "{id}");
    assert_eq!(made["name"], "one");
    let created = made["created"].as_str().unwrap();
    assert!(created.ends_with('Z') && created.len() == 30, "{created}");
    assert_eq!(made.as_object().unwrap().len(), 5, "{made}");
}

#[test]
fn who_may_speak_to_the_socket_is_its_owner_and_its_group() {
    let (_folder, executor) = start();
    let mode = fs::metadata(executor.socket()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
}

#[test]
fn a_name_is_taken_once() {
    let (_folder, executor) = start();
    let one = executor.named("one");
    let taken = error("there is a container named \"one\" already");
    assert_eq!(executor.try_create(&json!({ "name": "one" })), (409, taken));
    executor.remove(&one.id);
    executor.named("one");
}

#[test]
fn a_name_is_as_long_as_openwhisk_makes_it_of_a_namespace_and_an_action() {
    let (_folder, executor) = start();
    let name = format!("wsk0_1_{}_{}", "n".repeat(256), "a".repeat(256));
    let made = executor.named(&name);
    assert_eq!(executor.inspect(&name)["id"], *made.id);
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let (_folder, executor) = start();
    for (spec, part) in [
        (json!({}), "the name \"\" is not 1 to 1024 of [a-zA-Z0-9_.-]"),
        (json!({ "name": "-x" }), "the name \"-x\""),
        (json!({ "name": "../x" }), "the name \"../x\""),
        (json!({ "name": "x", "memory": 7 }), "memory is 7 bytes"),
        (json!({ "name": "x", "memory": "7" }), "the body is not readable: invalid type"),
        (json!([1]), "the body is not readable"),
    ] {
        let (status, said) = executor.try_create(&spec);
        assert_eq!(status, 400, "{spec}");
        assert!(said["error"].as_str().unwrap().contains(part), "{spec}: {said}");
    }
    let large = "x".repeat(2 << 20);
    let large = executor.ask("POST", "/containers", &large).unwrap().whole();
    assert_eq!(large, (400, error("the body has 2097152 bytes, at most 1048576")));
    let nothing = error("there is no GET /nothing: docs/executor.md has what there is");
    assert_eq!(executor.control("GET", "/nothing"), (400, nothing));
    assert_eq!(executor.control("PUT", "/containers").0, 400);
    assert_eq!(executor.control("GET", "/containers/").0, 404);
    assert_eq!(executor.metric("wow_containers{state=\"created\"}"), 0.0);
}

#[test]
fn a_container_is_found_by_its_name_and_by_what_only_its_id_begins_with() {
    let (_folder, executor) = start();
    let one = executor.named("one");
    assert_eq!(executor.inspect("776f772d")["name"], "one");
    executor.named("two");
    assert_eq!(executor.inspect(&one.id[..16])["name"], "one");
    let several = error("several containers' ids begin with \"776f772d\"");
    assert_eq!(executor.control("GET", "/containers/776f772d"), (409, several));
    assert_eq!(executor.control("GET", "/containers/on").0, 404);
}

#[test]
fn a_list_is_in_order_of_creation_and_by_part_of_the_name() {
    let (_folder, executor) = start();
    for name in ["wsk0_3_z", "wsk0_2_a", "other", "wsk0_1_z"] {
        executor.named(name);
    }
    executor.command("POST", "/containers/wsk0_2_a/pause");
    let names = |path: &str| {
        let (status, list) = executor.control("GET", path);
        assert_eq!(status, 200);
        let containers = list["containers"].as_array().unwrap();
        containers.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("/containers?name=wsk0_&all=true"), ["wsk0_3_z", "wsk0_2_a", "wsk0_1_z"]);
    assert_eq!(names("/containers?name=_z"), ["wsk0_3_z", "wsk0_1_z"]);
    assert_eq!(names("/containers").len(), 4);
    assert_eq!(names("/containers?name=nobody"), Vec::<String>::new());
}

#[test]
fn the_executor_says_what_it_is() {
    let (_folder, executor) = start();
    executor.named("one");
    let health = json!({ "state": "serving", "containers": 1 });
    assert_eq!(executor.control("GET", "/health"), (200, health));
    let version = json!({ "version": env!("CARGO_PKG_VERSION") });
    assert_eq!(executor.control("GET", "/version"), (200, version));
    assert_eq!(executor.control("GET", "/images"), (200, json!({ "images": ["wow/*"] })));
}

#[test]
fn w_01_openwhisks_health_check_is_answered_and_no_other_javascript() {
    let (_folder, executor) = start();
    let container = executor.named("healthy");
    container.load("function main(params) { return params; }");
    for parameters in [json!({}), json!({ "a": [1, "\u{2744}"] }), json!(["a"])] {
        assert_eq!(container.run(&parameters), (200, parameters));
    }
    let (_, logs) = executor.control("GET", "/containers/healthy/logs");
    assert_eq!(logs["lines"].as_array().unwrap().len(), 6, "two sentinels each: {logs}");
    let (status, said) = executor.named("other").init("function main(p) { return { a: 1 }; }");
    assert_eq!(status, 502);
    let said = said["error"].as_str().unwrap();
    assert!(said.starts_with("the code is JavaScript: "), "{said}");
}

#[test]
fn containers_are_counted_by_their_state() {
    let (_folder, executor) = start();
    executor.named("created");
    let running = loaded(&executor, "running", "hello.rust");
    executor.named("paused");
    executor.command("POST", "/containers/paused/pause");
    executor.named("removed");
    executor.remove("removed");
    assert_eq!(running.run(&super::ada()), hello());
    for (name, expected) in [
        ("wow_containers{state=\"created\"}", 1.0),
        ("wow_containers{state=\"running\"}", 1.0),
        ("wow_containers{state=\"paused\"}", 1.0),
        ("wow_containers_created_total", 4.0),
        ("wow_containers_removed_total", 1.0),
        ("wow_activations_total{outcome=\"success\"}", 1.0),
    ] {
        assert_eq!(executor.metric(name), expected, "{name}");
    }
}
