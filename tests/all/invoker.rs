//! An invoker's day: OpenWhisk's commands, files and HTTP, in their order, against
//! `wow executor` behind `wow-docker`.

use crate::{code, error};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Instant, SystemTime};
use tempfile::TempDir;
use wow_tests::executor::Executor;
use wow_tests::invoker::{Invoker, install, without_time};
use wow_tests::process::{init_body, programs};
use wow_tests::{PATIENCE, SENTINEL, client};

const IMAGE: &str = "wow/action-wasm-v1:latest";

/// A machine with an executor and a `docker`, as an operator sets it up.
struct Machine {
    folder: TempDir,
    executor: Executor,
}

impl Machine {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let executor = Executor::start(folder.path());
        install(&programs().join("wow-docker"), folder.path(), &executor.socket());
        Self { folder, executor }
    }

    fn invoker(&self, name: &str) -> Invoker {
        Invoker::start(&self.docker(), &self.executor.containers(), self.port(), name)
    }

    fn docker(&self) -> PathBuf {
        self.folder.path().join("docker")
    }

    /// Where a container's files are.
    fn files(&self, id: &str) -> PathBuf {
        self.executor.containers().join(id)
    }

    /// The port that the executor found free.
    fn port(&self) -> u16 {
        let container = self.executor.named("port");
        self.executor.remove(&container.id);
        container.address.port()
    }

    /// Ends the executor as nothing should end.
    fn kill(&mut self) {
        self.executor.signal("-KILL");
        self.executor.wait();
    }

    /// What a supervisor does; gives the new port.
    fn restart(&mut self) -> u16 {
        self.executor = Executor::start(self.folder.path());
        self.port()
    }
}

fn wait_for<T>(what: &str, mut there: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "in vain: {what}");
        thread::yield_now();
    }
}

fn init(guest: &str) -> Value {
    init_body(&code(guest), "main", json!({}))
}

#[test]
fn row_1_to_9_a_container_lives_and_is_logged_and_removed() {
    let machine = Machine::start();
    let invoker = machine.invoker("0");
    // Made ahead, and used later.
    let mut container = invoker.create("prewarm_wasm1", IMAGE, 256).unwrap();
    assert_eq!(container.id.len(), 64);
    assert_eq!(invoker.list(), [container.id.as_str()]);
    assert_eq!(container.init(&init("echo.rust")).unwrap().status, 200);
    for text in ["❄", "again"] {
        let parameters = json!({ "text": text });
        let start = SystemTime::now();
        assert_eq!(container.run(&parameters).unwrap().whole(), (200, parameters));
        let expected = ["stdout: hello stdout", "stderr: hello stderr"];
        assert_eq!(without_time(&container.collect().unwrap()), expected);
        let by_docker = container.collect_with_docker(start).unwrap();
        assert_eq!(without_time(&by_docker), expected, "of the activation that ended last");
    }
    // Ten seconds idle, and the next activation.
    container.pause().unwrap();
    let paused = container.run(&json!({})).unwrap();
    assert_eq!(paused.status, 503, "a paused container runs nothing");
    container.unpause().unwrap();
    assert_eq!(container.run(&json!({ "a": 1 })).unwrap().whole(), (200, json!({ "a": 1 })));
    assert_eq!(container.collect().unwrap().len(), 2);
    container.remove().unwrap();
    assert_eq!(invoker.list(), [""; 0]);
    assert!(!machine.files(&container.id).exists(), "its files go with it");
    assert_eq!(container.run(&json!({})).unwrap().status, 503, "OpenWhisk goes elsewhere");
}

#[test]
fn row_6_the_address_is_in_the_file_and_in_the_command() {
    let machine = Machine::start();
    let invoker = machine.invoker("0");
    let container = invoker.create("guest_hello", IMAGE, 256).unwrap();
    let template = "{{.NetworkSettings.Networks.bridge.IPAddress}}";
    let inspected = invoker.docker(&["inspect", "--format", template, &container.id]).unwrap();
    assert_eq!(inspected, container.address.ip().to_string());
    let elsewhere = ["run", "-d", "--network", "other", "--name", "wsk0_1_b", IMAGE];
    let id = invoker.docker(&elsewhere).unwrap();
    let network = ["inspect", "-f", "{{.HostConfig.NetworkMode}}", &id];
    assert_eq!(invoker.docker(&network).unwrap(), "other");
}

#[test]
fn rows_2_and_3_an_invoker_that_starts_again_removes_what_it_left() {
    let machine = Machine::start();
    let (first, other) = (machine.invoker("0"), machine.invoker("1"));
    let (running, paused) = ["a", "b"].map(|what| first.create(what, IMAGE, 256).unwrap()).into();
    paused.pause().unwrap();
    let kept = other.create("c", IMAGE, 256).unwrap();
    let again = machine.invoker("0");
    assert_eq!(again.list(), [""; 0]);
    assert_eq!(other.list(), [kept.id.as_str()]);
    for orphan in [&running, &paused] {
        assert!(!machine.files(&orphan.id).exists());
    }
}

#[test]
fn k_01_the_containers_of_an_invoker_that_was_killed_end_with_it() {
    let machine = Machine::start();
    let watcher = machine.invoker("0");
    // An invoker: a process that starts a container and lives on.
    let script =
        format!("{} run -d --name wsk0_9_x {IMAGE}; read nothing", machine.docker().display());
    let mut invoker = Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let id = wait_for("a container", || watcher.list().first().cloned());
    invoker.kill().unwrap();
    invoker.wait().unwrap();
    wait_for("no container", || watcher.list().is_empty().then_some(()));
    assert!(!machine.files(&id).exists());
}

#[test]
fn x_07_while_the_executor_is_gone_run_fails_and_afterwards_it_does_not() {
    let mut machine = Machine::start();
    let invoker = machine.invoker("0");
    let mut container = invoker.create("a", IMAGE, 256).unwrap();
    assert_eq!(container.init(&init("hello.rust")).unwrap().status, 200);
    machine.kill();
    assert!(container.run(&json!({})).is_err(), "refused: OpenWhisk sends it elsewhere");
    let failed = invoker.create("b", IMAGE, 256).unwrap_err();
    assert_eq!((failed.status, failed.stdout.as_str()), (125, ""));
    assert!(
        failed.stderr.starts_with("wow-docker: the executor does not answer at "),
        "{failed:?}"
    );
    let port = machine.restart();
    invoker.set_port(port);
    container.address.set_port(port);
    assert_eq!(container.run(&json!({})).unwrap().status, 503, "nobody's address");
    assert_eq!(container.remove().unwrap(), "", "gone is as good as removed");
    let container = invoker.create("c", IMAGE, 256).unwrap();
    assert_eq!(container.init(&init("hello.rust")).unwrap().status, 200);
    let reply = container.run(&json!({ "name": "Ada" })).unwrap().whole();
    assert_eq!(reply, (200, json!({ "greeting": "Hello, Ada!" })));
}

#[test]
fn k_01_an_executor_that_is_killed_at_any_step_is_never_taken_for_a_success() {
    let mut machine = Machine::start();
    let invoker = machine.invoker("0");
    // Before each of: /init, /run, log, pause, unpause, rm.
    for step in 0..6 {
        let mut container = invoker.create("a", IMAGE, 256).unwrap();
        let mut gone = false;
        let outcomes: Vec<bool> = (0..6)
            .map(|now| {
                if now == step {
                    machine.kill();
                    gone = true;
                }
                match now {
                    // The invoker would ask again until the action's time is over.
                    0 => {
                        !gone && container.init(&init("hello.rust")).is_ok_and(|r| r.status == 200)
                    }
                    1 => container.run(&json!({ "name": "Ada" })).is_ok_and(|r| r.status == 200),
                    // The file outlives the executor, so a run that was answered has its log.
                    2 => step > 1 && container.collect().is_ok(),
                    3 => container.pause().is_ok(),
                    4 => container.unpause().is_ok(),
                    _ => container.remove().is_ok(),
                }
            })
            .collect();
        let before: Vec<bool> = (0..6).map(|now| now < step || (now == 2 && step == 2)).collect();
        assert_eq!(outcomes, before, "killed before step {step}");
        let port = machine.restart();
        invoker.set_port(port);
        assert_eq!(invoker.list(), [""; 0]);
        assert!(!machine.files(&container.id).exists(), "nothing is left of it");
    }
}

#[test]
fn row_10_a_published_container_has_a_port_of_this_machine() {
    let machine = Machine::start();
    let invoker = machine.invoker("0");
    let run = ["run", "-d", "-p", "0:8080", "--name", "wsk0_1_a", IMAGE];
    let id = invoker.docker(&run).unwrap();
    let template = r#"{{(index (index .NetworkSettings.Ports "8080/tcp") 0).HostPort}}"#;
    let port = invoker.docker(&["inspect", "--format", template, &id]).unwrap();
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let init = client::post(address, "/init", init("hello.rust").to_string().as_bytes()).unwrap();
    assert_eq!(init.status, 200);
    let body = json!({ "value": { "name": "Ada" } }).to_string();
    let reply = client::post(address, "/run", body.as_bytes()).unwrap().whole();
    assert_eq!(reply, (200, json!({ "greeting": "Hello, Ada!" })));
}

#[test]
fn the_suites_of_the_runtimes_can_drive_it() {
    let machine = Machine::start();
    let invoker = machine.invoker("0");
    let docker = |line: &[&str]| invoker.docker(line).unwrap();
    docker(&["run", "--name", "suite", "-e", "__OW_API_HOST=xyz", "-d", IMAGE]);
    let ip = docker(&["inspect", "--format", "{{.NetworkSettings.IPAddress}}", "suite"]);
    let address = format!("{ip}:{}", machine.port()).parse().unwrap();
    let post = |path: &str, body: &Value| {
        client::post(address, path, body.to_string().as_bytes()).unwrap().whole()
    };
    assert_eq!(post("/init", &init("echo.rust")).0, 200);
    assert_eq!(
        post("/init", &init("echo.rust")),
        (403, error("Cannot initialize the action more than once."))
    );
    assert_eq!(post("/run", &json!({ "value": { "a": "b" } })), (200, json!({ "a": "b" })));
    let logs = Command::new(machine.docker()).args(["logs", "suite"]).output().unwrap();
    let (stdout, stderr) =
        (String::from_utf8_lossy(&logs.stdout), String::from_utf8_lossy(&logs.stderr));
    assert_eq!(stdout.matches(SENTINEL).count(), 1, "{stdout}");
    assert!(stdout.contains("hello stdout\n"), "{stdout}");
    assert!(stderr.ends_with(&format!("hello stderr\n{SENTINEL}\n")), "{stderr}");
    docker(&["kill", "suite"]);
    docker(&["rm", "suite"]);
    assert_eq!(docker(&["ps", "-q"]), "");
}
