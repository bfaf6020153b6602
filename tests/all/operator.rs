//! What the operator is told.

use crate::code;
use serde_json::{Value, json};
use std::process::Command;
use std::thread;
use wow_tests::process::{self, Runtime};

#[test]
fn what_activations_took_is_counted() {
    let runtime = Runtime::observed(&[]);
    assert_eq!(runtime.init(&code("echo.rust")).0, 200);
    assert_eq!(runtime.init(&code("echo.rust")).0, 403);
    for n in 0..3 {
        assert_eq!(runtime.run(&json!({ "n": n })).0, 200);
    }
    assert_eq!(runtime.run(&json!("A")).0, 400);
    let (status, metrics) = runtime.told("/metrics");
    assert_eq!(status, 200);
    for (name, expected) in [
        ("wow_activations_total{outcome=\"success\"}", 3.0),
        ("wow_activations_total{outcome=\"bad_request\"}", 1.0),
        ("wow_inits_total{outcome=\"success\"}", 1.0),
        ("wow_inits_total{outcome=\"refused\"}", 1.0),
        ("wow_activation_bytes_total{direction=\"in\"}", 21.0),
        ("wow_activation_bytes_total{direction=\"out\"}", 21.0),
        ("wow_activation_wall_seconds_count", 3.0),
        ("wow_slots", 20.0),
        ("wow_slots_taken", 0.0),
        ("wow_memory_held_bytes", 0.0),
        ("wow_components_loaded", 1.0),
    ] {
        assert_eq!(runtime.metric(name), expected, "{name}");
    }
    assert!(runtime.metric("wow_activation_cpu_seconds_total") > 0.0);
    assert!(!metrics.contains("test"), "no name of an action: {metrics}");
}

#[test]
fn every_metric_is_documented_and_every_documented_one_is_there() {
    let runtime = Runtime::observed(&[]);
    assert_eq!(runtime.init(&code("panic.rust")).0, 200);
    let body = json!({ "value": { "memory_mb": 1000 } });
    assert_eq!(runtime.post("/run", &body).status, 502);
    let (_, metrics) = runtime.told("/metrics");
    let mut there: Vec<_> = metrics
        .lines()
        .filter_map(|line| {
            let (name, kind) = line.strip_prefix("# TYPE ")?.split_once(' ')?;
            Some(name.to_owned() + if kind == "counter" { "_total" } else { "" })
        })
        .collect();
    let source = include_str!("../../host/src/metrics.rs");
    let mut documented: Vec<_> = source
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
        .map(|line| line.split(['`', '{']).next().unwrap_or_default().to_owned())
        .collect();
    there.sort();
    documented.sort();
    assert_eq!(there, documented);
    assert!(runtime.metric("wow_limit_strikes_total{limit=\"memory\"}") >= 1.0);
}

#[test]
fn s_01_a_host_that_drains_is_alive_and_not_ready() {
    let mut runtime = Runtime::observed(&[]);
    assert_eq!(runtime.init(&code("sleep.rust")).0, 200);
    assert_eq!(runtime.told("/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(runtime.told("/readyz"), (200, "ready\n".to_owned()));
    assert_eq!(runtime.told("/run").0, 404);
    thread::scope(|scope| {
        let run = scope.spawn(|| runtime.run(&json!({ "milliseconds": 1500 })));
        while runtime.metric("wow_slots_taken") < 1.0 {
            thread::yield_now();
        }
        runtime.terminate();
        let not_ready = (503, "the host is shutting down\n".to_owned());
        while runtime.told("/readyz") != not_ready {
            thread::yield_now();
        }
        assert_eq!(runtime.told("/healthz").0, 200);
        assert_eq!(run.join().unwrap(), (200, json!({ "slept": 1500 })));
    });
    assert_eq!(runtime.wait().code(), Some(0));
}

#[test]
fn an_activation_is_one_event_with_the_platforms_names_and_the_bill() {
    let runtime = Runtime::start_with(process::wow().env("WOW_LOG", "wow=info"), &[]);
    assert_eq!(runtime.init(&code("hello.rust")).0, 200);
    let run = json!({ "value": {}, "activation_id": "a1", "transaction_id": "t2" });
    assert_eq!(runtime.post("/run", &run).status, 200);
    let (_, stderr) = runtime.log();
    let mut events = stderr.lines().filter(|line| line.contains("activation{"));
    let event = events.next().expect("an event");
    assert_eq!(events.next(), None, "{stderr}");
    for part in ["action=\"test\"", "activation=\"a1\"", "transaction=\"t2\"", "cpu_us=", "input=2"]
    {
        assert!(event.contains(part), "{part}: {event}");
    }
}

#[test]
fn an_event_is_a_line_of_json_where_the_operator_wants_it() {
    let guest = wow_tests::guests::path("hello.rust");
    let mut wow = process::wow();
    wow.arg("run").arg(guest).env("WOW_LOG", "wow=info").env("WOW_LOG_FORMAT", "json");
    let output = wow.output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let stderr = String::from_utf8(output.stderr).unwrap();
    let events: Vec<Value> =
        stderr.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let [event] = &events[..] else { panic!("{stderr}") };
    assert_eq!(event["span"]["name"], "activation");
    assert_eq!(event["span"]["outcome"], "success");
    assert_eq!(event["span"]["output"], 28);
}

#[test]
fn without_address_space_for_a_pool_the_host_says_so_and_runs() {
    let mut limited = Command::new("sh");
    // 64 GB: enough for the guest's own 4 GB, not for sixty.
    let wow = process::programs().join("wow");
    limited.args(["-c", "ulimit -v 67108864 && exec \"$0\" \"$@\""]).arg(wow);
    let runtime = Runtime::start_with(&mut limited, &[]);
    let warning = "instances are made on demand, there is no pool for 20";
    assert!(runtime.start.contains(warning), "{}", runtime.start);
    assert_eq!(runtime.init(&code("hello.rust")).0, 200);
    let hello: Value = json!({ "greeting": "Hello, Ada!" });
    assert_eq!(runtime.run(&json!({ "name": "Ada" })), (200, hello));
}
