//! A real docker behind it: played by a script that says its arguments.

use crate::executor::Executor;
use crate::{Installed, data};

const THEIRS: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// With a real docker that ends with a status.
fn hybrid(executor: &Executor, status: u8) -> Installed {
    let docker = Installed::with(executor, "");
    let real = docker.script("real", status);
    docker.reconfigure(&format!("docker = '{real}'"));
    docker
}

#[test]
fn other_images_are_run_by_the_real_docker() {
    let executor = Executor::start();
    let docker = hybrid(&executor, 7);
    let line = ["run", "-d", "--name", "a", "openwhisk/action-nodejs-v20", "x"];
    let passed =
        (7, "real: run -d --name a openwhisk/action-nodejs-v20 x\n".to_owned(), String::new());
    assert_eq!(docker.docker(&line), passed);
    assert_eq!(docker.docker(&["pull", "alpine"]).1, "real: pull alpine\n");
    assert_eq!(docker.docker(&["exec", "-it", "a", "sh"]).1, "real: exec -it a sh\n");
    let route = ["run", "--rm", "alpine", "ip", "route"];
    assert_eq!(docker.docker(&route).1, "real: run --rm alpine ip route\n");
    assert_eq!(executor.requests(), []);
}

#[test]
fn ids_are_told_apart_by_their_first_digits_and_nobody_is_asked() {
    let executor = Executor::start();
    let docker = hybrid(&executor, 0);
    for command in ["pause", "unpause", "rm", "kill", "stop", "inspect", "logs"] {
        assert_eq!(docker.docker(&[command, THEIRS]), data(&format!("real: {command} {THEIRS}\n")));
    }
    assert_eq!(executor.requests(), []);
    let (_, id, _) = docker.docker(&["run", "-d", "wow/x"]);
    assert_eq!(docker.docker(&["pause", id.trim_end()]), data(&id));
    assert_eq!(executor.requests().len(), 2);
}

#[test]
fn a_name_is_ours_if_the_executor_knows_it() {
    let executor = Executor::start();
    let docker = hybrid(&executor, 0);
    docker.docker(&["run", "-d", "--name", "ours", "wow/x"]);
    let template = "{{.Config.Image}}";
    assert_eq!(docker.docker(&["inspect", "-f", template, "ours"]), data("wow/x\n"));
    let theirs = docker.docker(&["inspect", "-f", template, "theirs"]);
    assert_eq!(theirs, data("real: inspect -f {{.Config.Image}} theirs\n"));
}

#[test]
fn inspect_describes_both_in_one_array() {
    let executor = Executor::start();
    let docker = hybrid(&executor, 0);
    let (_, id, _) = docker.docker(&["run", "-d", "wow/x"]);
    let real = docker.path().join("real");
    std::fs::write(&real, "#!/bin/sh\necho '[{\"Id\":\"theirs\"}]'\n").unwrap();
    let (status, stdout, _) = docker.docker(&["inspect", THEIRS, id.trim_end()]);
    let described: Vec<serde_json::Value> = serde_json::from_str(&stdout).unwrap();
    let ids: Vec<_> = described.iter().map(|one| one["Id"].as_str().unwrap()).collect();
    assert_eq!((status, ids), (0, vec![id.trim_end(), "theirs"]));
}

#[test]
fn ps_and_rm_reach_both() {
    let executor = Executor::start();
    let docker = hybrid(&executor, 0);
    let (_, id, _) = docker.docker(&["run", "-d", "--name", "wsk0_1", "wow/x"]);
    let ps = ["ps", "--quiet", "--no-trunc", "--all", "--filter", "name=wsk0_"];
    assert_eq!(docker.docker(&ps), data(&format!("{id}real: {}\n", ps.join(" "))));
    let rm = docker.docker(&["rm", "-f", THEIRS, id.trim_end()]);
    assert_eq!(rm, data(&format!("{id}real: rm -f {THEIRS}\n")));
    let (_, id, _) = docker.docker(&["run", "-d", "--name", "wsk0_2", "wow/x"]);
    // OpenWhisk lists what an invoker left behind, and gives up where that fails.
    let failing = hybrid(&executor, 3);
    assert_eq!(failing.docker(&["ps", "-q"]), data(&format!("{}\nreal: ps -q\n", &id[..12])));
}

#[test]
fn a_configuration_that_names_itself_is_refused() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let itself = docker.path().join("docker");
    docker.reconfigure(&format!("docker = '{}'", itself.display()));
    let sentence = format!(
        "wow-docker: {} is this program itself\n\nhint: set `docker` to the real one\n",
        itself.display()
    );
    assert_eq!(docker.docker(&["run", "-d", "alpine"]), (125, String::new(), sentence));
}
