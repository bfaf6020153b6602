//! `docker run`: rows 5, 10 and 11 of the invoker's commands.

use crate::executor::{Executor, Request};
use crate::{Installed, data, words};
use serde_json::json;

/// As `DockerContainer.scala` puts it together, with all that it can have.
const OF_THE_INVOKER: &[&str] = &[
    "run",
    "-d",
    "--cpu-shares",
    "256",
    "--memory",
    "256m",
    "--memory-swap",
    "256m",
    "--network",
    "bridge",
    "-e",
    "__OW_API_HOST=http://10.0.0.1:3233",
    "-e",
    "__OW_ALLOW_CONCURRENT=true",
    "--dns",
    "10.0.0.2",
    "--dns-search",
    "example",
    "--dns-option",
    "ndots:1",
    "--name",
    "wsk0_1_prewarm_wasm1",
    "--cpus",
    "0.5",
    "--cap-drop",
    "NET_RAW",
    "--cap-drop",
    "NET_ADMIN",
    "--ulimit",
    "nofile=1024:1024",
    "--pids-limit",
    "1024",
    "--log-driver",
    "json-file",
    "wow/action-wasm-v1:latest",
];

const FIRST: &str = "776f772d00000000000000000000000000000000000000000000000000000001";

#[test]
fn row_5_the_invokers_run_is_one_request_and_one_line() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    assert_eq!(docker.docker(OF_THE_INVOKER), data(&format!("{FIRST}\n")));
    let body = json!({
        "name": "wsk0_1_prewarm_wasm1",
        "image": "wow/action-wasm-v1:latest",
        "memory": 268_435_456,
        "environment": {
            "__OW_API_HOST": "http://10.0.0.1:3233",
            "__OW_ALLOW_CONCURRENT": "true",
        },
        "labels": {},
        "network": "bridge",
        "publish": false,
        "owner": std::process::id(),
    });
    let request = Request { method: "POST".to_owned(), path: "/containers".to_owned(), body };
    assert_eq!(executor.requests(), [request]);
    assert_eq!(docker.log(), [""; 0], "all of them are known");
}

#[test]
fn row_5_options_have_no_order() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let (image, options) = OF_THE_INVOKER[1..].split_last().unwrap();
    // `-d` is alone, the others are pairs.
    let pairs = options[1..].chunks(2).rev().flatten().copied();
    let line: Vec<_> = ["run"].into_iter().chain(pairs).chain(["-d", image]).collect();
    assert_eq!(docker.docker(OF_THE_INVOKER).0, 0);
    let first = executor.requests().remove(0);
    let id = executor_id(2);
    docker.docker(&["rm", "-f", FIRST]);
    executor.requests();
    assert_eq!(docker.docker(&line), data(&format!("{id}\n")));
    assert_eq!(executor.requests(), [first]);
}

fn executor_id(number: usize) -> String {
    format!("776f772d{number:056x}")
}

#[test]
fn row_5_unknown_options_are_accepted_and_written_down() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let line =
        ["run", "-d", "--new-thing", "much", "--other=1", "--flag", "--name", "n", "-Z", "wow/x"];
    assert_eq!(docker.docker(&line), data(&format!("{FIRST}\n")));
    assert_eq!(executor.requests()[0].body["name"], "n");
    assert_eq!(docker.log(), ["run: without effect: --new-thing --other=1 --flag -Z"]);
}

#[test]
fn row_5_what_an_operator_adds_is_understood() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "reap = false");
    let line = [
        "run",
        "-d",
        "--env",
        "A=1=2",
        "-e",
        "EMPTY=",
        "-e",
        "NOT_IN_THE_ENVIRONMENT",
        "--label",
        "tier=a",
        "-l",
        "bare",
        "--net=wow_net",
        "-m",
        "1g",
        "--name",
        "x",
        "wow/x",
        "ignored",
        "--name",
        "y",
    ];
    assert_eq!(docker.docker(&line).0, 0);
    let expected = json!({
        "name": "x", "image": "wow/x", "memory": 1 << 30, "environment": { "A": "1=2", "EMPTY": "" },
        "labels": { "tier": "a", "bare": "" }, "network": "wow_net", "publish": false,
    });
    assert_eq!(executor.requests()[0].body, expected);
    assert_eq!(docker.log(), ["run: without effect: ignored --name y"]);
}

#[test]
fn row_5_who_wants_no_name_gets_one_of_its_own() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    for number in 1..=2 {
        assert_eq!(
            docker.docker(&["run", "-d", "wow/x"]),
            data(&format!("{}\n", executor_id(number)))
        );
    }
    assert!(executor.requests()[0].body["name"].as_str().unwrap().starts_with("wow_"));
}

#[test]
fn row_5_a_log_that_cannot_be_written_costs_no_container() {
    let executor = Executor::start();
    let socket = executor.socket().display().to_string();
    let docker = Installed::configured(&format!("socket = '{socket}'\nlog = '/proc/none/log'"));
    assert_eq!(docker.docker(&["run", "-d", "--odd", "1", "wow/x"]).0, 0);
}

#[test]
fn x_07_without_an_executor_run_fails_with_125_and_a_sentence() {
    let executor = Executor::start();
    let nobody = executor.nobody().display().to_string();
    let docker = Installed::configured(&format!("socket = '{nobody}'"));
    let sentence = format!(
        "the executor does not answer at {nobody}: No such file or directory (os error 2)\n\nhint: \
         start it with `systemctl start wow-executor`, or set `socket` in {}",
        docker.configuration()
    );
    assert_eq!(docker.docker(OF_THE_INVOKER), words(125, &sentence));
}

#[test]
fn k_01_an_executor_that_dies_while_it_answers_is_a_failure_with_125() {
    let folder = tempfile::TempDir::new().unwrap();
    let socket = folder.path().join("socket");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let docker = Installed::configured(&format!("socket = '{}'", socket.display()));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            use std::io::{Read as _, Write as _};
            let (mut stream, _) = listener.accept().unwrap();
            let mut piece = [0; 4096];
            assert!(stream.read(&mut piece).unwrap() > 0);
            stream
                .write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 90\r\n\r\n{\"id\":\"776f")
                .unwrap();
        });
        let (status, stdout, stderr) = docker.docker(OF_THE_INVOKER);
        assert_eq!((status, stdout.as_str()), (125, ""), "no half of an id");
        assert!(stderr.contains("it closed the connection within its answer"), "{stderr}");
    });
}

#[test]
fn row_5_a_name_that_is_taken_is_125_without_an_id() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    assert_eq!(docker.docker(OF_THE_INVOKER).0, 0);
    let taken = words(125, "the name `wsk0_1_prewarm_wasm1` is taken");
    assert_eq!(docker.docker(OF_THE_INVOKER), taken);
}

#[test]
fn row_5_what_cannot_be_read_is_125_and_asks_nobody() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let refused = |line: &[&str], sentence| {
        assert_eq!(docker.docker(line), words(125, sentence), "{line:?}");
    };
    refused(&["run"], "`docker run` needs an image");
    refused(&["run", "-d", "--name"], "the option `--name` needs a value");
    refused(
        &["run", "-d", "-m", "much", "wow/x"],
        "cannot read the memory limit `much`\n\nhint: `--memory 256m`",
    );
    refused(
        &["run", "wow/x"],
        "a virtual container has no terminal to attach to\n\nhint: run it with `-d`",
    );
    refused(
        &["run", "-d", "-p", "80:80", "wow/x"],
        "cannot publish `80:80`: a virtual container has the port 8080 and gets a free one \
         outside\n\nhint: `-p 0:8080`",
    );
    assert_eq!(executor.requests(), []);
}

#[test]
fn a_wrong_configuration_stops_every_command() {
    let docker = Installed::configured("sockets = '/x'");
    let (status, stdout, stderr) = docker.docker(OF_THE_INVOKER);
    assert_eq!((status, stdout.as_str()), (125, ""));
    assert!(stderr.contains("wow-docker.toml: ") && stderr.contains("`sockets`"), "{stderr}");
    assert_eq!(docker.docker(&["ps"]).0, 1);
}

#[test]
fn row_10_a_published_port_is_found_with_docker_for_macs_template() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    assert_eq!(docker.docker(&["run", "-d", "-p", "0:8080", "wow/x"]), data(&format!("{FIRST}\n")));
    assert_eq!(executor.requests()[0].body["publish"], true);
    let template = r#"{{(index (index .NetworkSettings.Ports "8080/tcp") 0).HostPort}}"#;
    assert_eq!(docker.docker(&["inspect", "--format", template, FIRST]), data("40123\n"));
    let hidden = executor_id(2);
    assert_eq!(docker.docker(&["run", "-d", "--name", "b", "wow/x"]).0, 0);
    assert_eq!(
        docker.docker(&["inspect", "--format", template, &hidden]),
        words(1, "the container has no port outside\n\nhint: run it with `-p 0:8080`")
    );
}

#[test]
fn row_11_the_standalone_learns_its_hosts_address() {
    let executor = Executor::start();
    let line = ["run", "--rm", "alpine", "ip", "route"];
    let docker = Installed::with(&executor, "");
    assert_eq!(docker.docker(&line), data("default via 127.0.0.1 dev eth0 \n"));
    let docker = Installed::with(&executor, "host-address = '172.17.0.1'");
    assert_eq!(docker.docker(&line), data("default via 172.17.0.1 dev eth0 \n"));
    assert_eq!(executor.requests(), []);
}
