//! Called `runc`: rows 3 and 7 where `use-runc` is set.

use crate::executor::Executor;
use crate::{Installed, data, words};
use serde_json::{Value, json};

#[test]
fn row_7_runc_pauses_and_resumes() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let (_, id, _) = docker.docker(&["run", "-d", "wow/x"]);
    let id = id.trim_end();
    let state = || {
        let (status, stdout, stderr) = docker.program("runc", &["state", id]);
        assert_eq!((status, stderr.as_str()), (0, ""));
        serde_json::from_str::<Value>(&stdout).unwrap()
    };
    assert_eq!(docker.program("runc", &["pause", id]), data(""));
    let expected = json!({
        "ociVersion": "1.0.2", "id": id, "status": "paused", "bundle": "",
        "created": "2026-11-21T20:22:00.123456789Z",
    });
    assert_eq!(state(), expected);
    assert_eq!(docker.program("runc", &["--root", "/run/x", "resume", id]), data(""));
    assert_eq!(state()["status"], "running");
    let refused = docker.program("runc", &["resume", id]);
    assert_eq!(refused, words(1, "the container is running already"));
}

#[test]
fn other_containers_are_the_real_runcs() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let sentence = format!(
        "`runc kill x` is not the executor's, and there is no runc behind it\n\nhint: pause, resume and \
         state are answered here; set `runc` in {} for the others",
        docker.configuration()
    );
    assert_eq!(docker.program("runc", &["kill", "x"]), words(1, &sentence));
    assert_eq!(docker.program("docker-runc", &["kill", "x"]), words(1, &sentence));
    let real = docker.script("real-runc", 0);
    docker.reconfigure(&format!("runc = '{real}'"));
    let id = "0123456789abcdef";
    assert_eq!(docker.program("runc", &["pause", id]), data(&format!("real-runc: pause {id}\n")));
}
