//! That there is one way out, whoever goes it and wherever to.

use super::servers::{Server, text};
use super::{ACTION, failed, fetch, file, got, init, package, policy, zipped};
use serde_json::json;
use std::io::Write as _;
use wow_tests::hostile::{guest, hostile};
use wow_tests::process::{Runtime, wow};

#[test]
fn e_08_sockets_refuse_whatever_is_opened() {
    let policy = file(
        "version = 1\n[[grant]]\nhttp = [\"http://*:*\"]\n[egress]\nopen = [\"0.0.0.0/0\", \"::/0\"]",
    );
    let runtime = super::runtime(&policy);
    let manifest = "version = 1\n[capabilities]\nhttp = [\"http://127.0.0.1\"]";
    let package = zipped(&guest("g-18-sockets"), manifest);
    assert_eq!(init(&runtime, &package), (200, json!({ "ok": true })));
    assert_eq!(runtime.post("/run", &hostile()).whole(), (200, json!({})));
}

#[test]
fn e_11_the_hosts_own_proxy_is_not_the_actions() {
    let proxy = Server::start(|_| text("proxied"));
    let server = Server::start(|_| text("hello"));
    let policy = policy("");
    let mut program = wow();
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        program.env(name, proxy.url(""));
    }
    let path = policy.path().to_str().unwrap();
    let runtime = Runtime::start_with(&mut program, &["--policy", path]);
    assert_eq!(init(&runtime, &package(&[&server.url("")])).0, 200);
    assert_eq!(fetch(&runtime, &server.url("/")), (got("hello"), String::new()));
    assert_eq!((server.connections(), proxy.connections()), (1, 0));
}

#[test]
fn i_11_an_action_does_not_reach_the_host_that_runs_it() {
    let policy = file(
        "version = 1\n[[grant]]\nhttp = [\"http://*:*\"]\n[egress]\nopen = [\"0.0.0.0/0\", \"::/0\"]\n\
         [egress.hosts]\n\"invoker.test\" = [\"127.0.0.1\", \"::1\"]",
    );
    let path = policy.path().to_str().unwrap();
    let runtime = Runtime::observed(&["--policy", path]);
    let ports = [runtime.address.port(), runtime.metrics.unwrap().port()];
    let hosts = ["127.0.0.1", "invoker.test", "[::ffff:127.0.0.1]"];
    let urls: Vec<_> = ports
        .iter()
        .flat_map(|port| hosts.iter().map(move |host| format!("http://{host}:{port}")))
        .collect();
    let servers: Vec<_> = urls.iter().map(String::as_str).collect();
    assert_eq!(init(&runtime, &package(&servers)), (200, json!({ "ok": true })));
    for url in &urls {
        for path in ["/run", "/init", "/metrics"] {
            let there = format!("{url}{path}");
            let body = json!({ "url": there, "method": "POST", "body": "{}" });
            let (answer, log) = super::ask(&runtime, &body);
            // Of `invoker.test` the other address is nobody's.
            let refused = answer == failed(&there, "destination-IP-prohibited")
                || answer == failed(&there, "connection-refused");
            assert!(refused, "{there}: {answer} {log}");
        }
    }
    let (_, metrics) = runtime.told("/metrics");
    assert!(metrics.contains("wow_inits_total{outcome=\"success\"} 1\n"), "{metrics}");
    assert!(!metrics.contains("wow_inits_total{outcome=\"refused\"}"), "{metrics}");
}

#[test]
fn openwhisks_own_api_is_a_server_like_any_other() {
    let api = Server::start(|_| text("{}"));
    let allowing = policy("");
    let runtime = super::runtime(&allowing);
    let env = json!({ "__OW_ACTION_NAME": ACTION, "__OW_API_HOST": api.url("") });
    let code = base64_simd::STANDARD.encode_to_string(package(&["http://a.example"]));
    let body = wow_tests::process::init_body(&code, "main", env);
    assert_eq!(runtime.post("/init", &body).whole(), (200, json!({ "ok": true })));
    let (answer, log) = fetch(&runtime, &api.url("/api/v1"));
    assert_eq!(answer, failed(&api.url("/api/v1"), "HTTP-request-denied"));
    let why = format!("request to {} denied: wow.toml does not ask for it\n", api.url(""));
    assert!(log.starts_with(&why), "{log}");
    assert_eq!(api.connections(), 0);
}

#[test]
fn e_12_wow_run_goes_the_same_way() {
    let server = Server::start(|_| text("hello"));
    let mut archive = tempfile::Builder::new().suffix(".zip").tempfile().unwrap();
    archive.write_all(&package(&[&server.url("")])).unwrap();
    let run = |arguments: &[&str]| {
        let url = server.url("/");
        let output = wow()
            .args(["run", archive.path().to_str().unwrap(), "-p", "url", &url])
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, stdout, stderr) = run(&[]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    let asked = server.url("");
    let none = format!("`http = [\"{asked}\"]` in wow.toml: this host has no policy");
    assert!(stderr.contains(&none), "{stderr}");
    let allowing = policy("");
    let allowing = allowing.path().to_str().unwrap();
    // The policy is by name: an action without one has what all have.
    let (code, _, stderr) = run(&["--policy", allowing]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("allows an action without a name: no server"), "{stderr}");
    let (code, stdout, stderr) = run(&["--policy", allowing, "--action-name", ACTION]);
    assert_eq!(
        (code, stdout.as_str()),
        (Some(0), "{\"status\":200,\"body\":\"hello\"}\n"),
        "{stderr}"
    );
    let closed = file("version = 1\n[[grant]]\nhttp = [\"http://*:*\"]");
    let (code, stdout, stderr) = run(&["--policy", closed.path().to_str().unwrap()]);
    assert_eq!(code, Some(1), "{stdout}");
    assert!(stderr.contains("denied: its address 127.0.0.1 is a loopback address"), "{stderr}");
    assert_eq!(server.connections(), 1);
}
