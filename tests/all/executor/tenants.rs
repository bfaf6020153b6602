//! What two tenants of one executor could do to each other.

use super::{gone, loaded, start, start_with};
use crate::{code, error};
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::thread;
use wow_tests::process::init_body;
use wow_tests::wat;

/// Fills all its memory above the parameters with a marker.
const FILL: &str = "
  (drop (memory.grow (i32.const 8)))
  (memory.fill (i32.const 65536) (i32.const 0xa5) (i32.const 589824))
  (call $ok (local.get $p) (local.get $l))";

/// Looks for the marker in all the memory that it can have, and traps if it is there.
const LOOK: &str = "(local $i i32)
  (drop (memory.grow (i32.const 8)))
  (local.set $i (i32.const 65536))
  (loop $next
    (if (i64.eq (i64.load (local.get $i)) (i64.const 0xa5a5a5a5a5a5a5a5)) (then unreachable))
    (local.set $i (i32.add (local.get $i) (i32.const 8)))
    (br_if $next (i32.lt_u (local.get $i) (i32.const 655360))))
  (call $ok (local.get $p) (local.get $l))";

#[test]
fn x_01_nothing_of_ones_memory_is_in_anothers() {
    let (_folder, executor) = start_with(&["--instances", "1"]);
    let load = |name: &str, run: &str| {
        let container = executor.named(name);
        container.load(&STANDARD.encode_to_string(wat::action(run)));
        container
    };
    let (fills, looks) = (load("a", FILL), load("b", LOOK));
    for round in 0..200 {
        let parameters = json!({ "round": round });
        assert_eq!(fills.run(&parameters), (200, parameters.clone()));
        assert_eq!(looks.run(&parameters), (200, parameters));
    }
}

#[test]
fn x_02_each_container_has_its_own_environment_also_when_both_run_at_once() {
    let (_folder, executor) = start();
    let containers: Vec<_> = ["a", "b"]
        .map(|name| {
            let environment = json!({ "__OW_API_HOST": name, "SECRET_OF_THE_INVOKER": name });
            let container = executor.create(&json!({ "name": name, "environment": environment }));
            let env = json!({ "TOKEN": name, "__OW_API_HOST": "forged" });
            let init = init_body(&code("environment.rust"), "main", env);
            assert_eq!(container.post("/init", &init).0, 200);
            (name, container)
        })
        .into();
    thread::scope(|scope| {
        for (name, container) in &containers {
            scope.spawn(move || {
                for _ in 0..50 {
                    let run = json!({ "value": {}, "activation_id": name, "api_key": name });
                    let seen = json!({
                        "__OW_API_HOST": name, "TOKEN": name, "__OW_ACTIVATION_ID": name,
                        "__OW_API_KEY": name,
                    });
                    assert_eq!(container.post("/run", &run), (200, seen));
                }
            });
        }
    });
}

#[test]
fn x_03_each_container_has_its_own_log() {
    let (_folder, executor) = start();
    for name in ["a", "b"] {
        let container = executor.named(name);
        let print = "(call $print (i32.const 0) (local.get $p) (local.get $l))";
        let code = wat::wasi_action(&format!("{print} {}", wat::ECHO));
        container.load(&STANDARD.encode_to_string(code));
        assert_eq!(container.run(&json!([name])).0, 200);
    }
    for (name, other) in [("a", "b"), ("b", "a")] {
        let (_, log) = executor.control("GET", &format!("/containers/{name}/logs"));
        let log = log.to_string();
        assert!(log.contains(&format!("[\\\"{name}\\\"]")), "{log}");
        assert!(!log.contains(&format!("[\\\"{other}\\\"]")), "{log}");
    }
}

#[test]
fn each_container_has_its_own_memory_limit_and_together_they_have_the_hosts() {
    let (_folder, executor) = start_with(&["--memory-total", "96"]);
    let load = |name: &str, megabytes: usize| {
        let container = executor.create(&json!({ "name": name, "memory": megabytes << 20 }));
        container.load(&code("panic.rust"));
        container
    };
    let (small, large) = (load("small", 16), load("large", 64));
    let exhausted = error("The action exhausted its memory and was aborted.");
    let takes = |megabytes: usize| json!({ "memory_mb": megabytes });
    assert_eq!(small.run(&takes(32)), (502, exhausted.clone()));
    assert_eq!(large.run(&takes(32)), (200, json!({ "survived": true })));
    let huge = load("huge", 128);
    assert_eq!(huge.run(&takes(120)), (502, exhausted), "more than the host has");
    let (_, log) = executor.control("GET", "/containers/huge/logs");
    assert!(log.to_string().contains("MB of the 96 MB of this host"), "{log}");
    assert_eq!(executor.metric("wow_memory_held_bytes"), 0.0);
    assert_eq!(executor.metric("wow_memory_limit_bytes"), f64::from(96 << 20));
    assert_eq!(large.run(&takes(32)).0, 200);
}

#[test]
fn o_02_a_herd_of_containers_shares_one_copy_of_their_code() {
    let (_folder, executor) = start();
    let code = code("echo.rust");
    thread::scope(|scope| {
        for number in 0..40 {
            let (executor, code) = (&executor, &code);
            scope.spawn(move || {
                let container = executor.named(&format!("c{number}"));
                container.load(code);
                let parameters = json!([number]);
                assert_eq!(container.run(&parameters), (200, parameters));
            });
        }
    });
    assert_eq!(executor.metric("wow_components_loaded"), 1.0);
    assert_eq!(executor.metric("wow_containers{state=\"running\"}"), 40.0);
}

#[test]
fn x_06_no_name_of_a_tenant_is_in_the_metrics() {
    let (_folder, executor) = start();
    let container = loaded(&executor, "wsk0_1_tenant_secretname", "hello.rust");
    assert_eq!(container.run(&super::ada()), super::hello());
    let (_, metrics) = executor.told("/metrics");
    assert!(!metrics.contains("secretname") && !metrics.contains(&container.id), "{metrics}");
}

#[test]
fn x_07_what_one_does_to_itself_does_not_happen_to_another() {
    let (_folder, executor) = start();
    let good = loaded(&executor, "good", "hello.rust");
    let bad = loaded(&executor, "bad", "panic.rust");
    for run in [json!({ "overflow_stack": true }), json!({ "message": "x" }), json!({ "exit": 3 })]
    {
        assert_eq!(bad.run(&run).0, 502);
        assert_eq!(good.run(&super::ada()), super::hello());
    }
    executor.remove("bad");
    assert_eq!(bad.run(&json!({})), gone());
    assert_eq!(good.run(&super::ada()), super::hello());
}

#[test]
fn an_address_that_nobody_has_says_so_on_every_path() {
    let (_folder, executor) = start_with(&["--range", "127.98.0.0/16"]);
    let mut nobody = executor.named("one");
    let address = format!("127.97.0.1:{}", nobody.address.port());
    nobody.address = address.parse().unwrap();
    assert_eq!(nobody.run(&json!({})), gone());
    assert_eq!(nobody.init("AAAA").0, 404);
    let only = error("there is only POST /init and POST /run");
    assert_eq!(nobody.post("/other", &Value::Null), (404, only));
}
