//! What OpenWhisk does with a container that runs: rows 2, 3, 6, 7 and 8.

use crate::executor::Executor;
use crate::{Installed, data, words};
use serde_json::{Value, json};

/// A container of a name, and its id.
fn run(docker: &Installed, name: &str) -> String {
    let (status, id, stderr) =
        docker.docker(&["run", "-d", "-m", "256m", "-e", "A=1", "--name", name, "wow/x:1"]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    id.trim_end().to_owned()
}

#[test]
fn row_2_ps_lists_the_ids_of_a_name() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let ps = ["ps", "--quiet", "--no-trunc", "--all", "--filter", "name=wsk0_"];
    assert_eq!(docker.docker(&ps), data(""), "an empty list is fine");
    let ids = ["wsk0_1_a", "wsk1_1_b", "wsk0_2_c"].map(|name| run(&docker, name));
    executor.requests();
    assert_eq!(docker.docker(&ps), data(&format!("{}\n{}\n", ids[2], ids[0])));
    assert_eq!(executor.requests()[0].path, "/containers?all=true&name=wsk0_");
    // As docker's: any of one key.
    let two = ["ps", "-aq", "--filter", "name=wsk1", "--filter", "name=_c"];
    assert_eq!(docker.docker(&two), data(&format!("{}\n{}\n", &ids[2][..12], &ids[1][..12])));
    assert_eq!(docker.docker(&["ps", "-q", "-f", "status=paused"]), data(""));
}

#[test]
fn row_2_an_unknown_filter_lists_nothing() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    run(&docker, "a");
    let sentence =
        "cannot filter by `before`\n\nhint: name, id, label, status and ancestor are known";
    assert_eq!(docker.docker(&["ps", "-q", "--filter", "before=x"]), words(1, sentence));
}

#[test]
fn row_2_ps_is_a_table_for_people() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    run(&docker, "a");
    let table = "\
CONTAINER ID   IMAGE     CREATED                          STATUS   PORTS                       NAMES
776f772d0000   wow/x:1   2026-11-21T20:22:00.123456789Z   Up       127.64.0.1:8080->8080/tcp   a
";
    assert_eq!(docker.docker(&["ps"]), data(table));
    let formatted = docker.docker(&["ps", "--format", "{{.Names}} {{.Status}}"]);
    assert_eq!(formatted, data("a Up\n"));
}

#[test]
fn rows_3_and_8_orphans_are_resumed_and_removed() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let id = run(&docker, "a");
    assert_eq!(docker.docker(&["unpause", &id]).0, 1, "it was not paused: OpenWhisk goes on");
    assert_eq!(docker.docker(&["rm", "-f", &id]), data(&format!("{id}\n")));
    assert_eq!(docker.docker(&["ps", "-q"]), data(""));
    let gone = (0, String::new(), format!("wow-docker: there is no container `{id}`\n"));
    assert_eq!(docker.docker(&["rm", "-f", &id]), gone, "unknown is as good as removed");
}

#[test]
fn row_8_many_are_removed_at_once() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let (a, b) = (run(&docker, "a"), run(&docker, "b"));
    let (status, stdout, _) = docker.docker(&["rm", "--force", &a, "never", &b]);
    assert_eq!((status, stdout), (0, format!("{a}\n{b}\n")));
    assert_eq!(docker.docker(&["ps", "-q"]), data(""));
}

#[test]
fn row_6_inspect_gives_the_address_in_the_invokers_network() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let id = run(&docker, "a");
    let inspect = |template: &str| docker.docker(&["inspect", "--format", template, &id]);
    assert_eq!(inspect("{{.NetworkSettings.Networks.bridge.IPAddress}}"), data("127.64.0.1\n"));
    assert_eq!(inspect("{{.NetworkSettings.Networks.other.IPAddress}}"), data("<no value>\n"));
    let in_another = ["run", "-d", "--network", "other", "--name", "b", "wow/x:1"];
    assert_eq!(docker.docker(&in_another).0, 0);
    let template = "{{.HostConfig.NetworkMode}} {{.NetworkSettings.Networks.other.IPAddress}} \
                    {{.NetworkSettings.Networks.bridge.IPAddress}}";
    let told = docker.docker(&["inspect", "-f", template, "b"]);
    assert_eq!(told, data("other 127.64.0.2 <no value>\n"));
    assert_eq!(docker.docker(&["rm", "-f", "b"]).0, 0);
    // The suites of the runtimes ask by name.
    let by_name = ["inspect", "--format", "{{.NetworkSettings.IPAddress}}", "a"];
    assert_eq!(docker.docker(&by_name), data("127.64.0.1\n"));
    assert_eq!(inspect("{{.State.OOMKilled}} {{.State.Status}}"), data("false running\n"));
    let sentence = "cannot read the template `{{range .}}`\n\nhint: `{{.Key.Key}}` and `{{json .Key}}` \
                    are known";
    assert_eq!(inspect("{{range .}}"), words(64, sentence));
    let unknown = words(1, "there is no container `b`");
    assert_eq!(docker.docker(&["inspect", "b"]), unknown);
}

#[test]
fn row_6_inspect_without_a_template_is_what_docker_has_too() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let id = run(&docker, "a");
    let (status, stdout, stderr) = docker.docker(&["inspect", "a"]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    let expected = json!([{
        "Id": id,
        "Name": "/a",
        "Created": "2026-11-21T20:22:00.123456789Z",
        "Image": "wow/x:1",
        "LogPath": "/log",
        "State": { "Status": "running", "Running": true, "Paused": false, "OOMKilled": false },
        "Config": { "Image": "wow/x:1", "Env": ["A=1"], "Labels": {} },
        "HostConfig": { "Memory": 268_435_456, "NetworkMode": "bridge" },
        "NetworkSettings": {
            "IPAddress": "127.64.0.1",
            "Ports": { "8080/tcp": null },
            "Networks": { "bridge": { "IPAddress": "127.64.0.1" } },
        },
    }]);
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap(), expected);
}

#[test]
fn row_7_pause_and_unpause_are_the_executors() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let id = run(&docker, "a");
    assert_eq!(docker.docker(&["pause", &id]), data(&format!("{id}\n")));
    assert_eq!(docker.docker(&["pause", &id]), words(1, "the container is paused already"));
    let status = ["inspect", "-f", "{{.State.Status}} {{.State.Paused}}", &id];
    assert_eq!(docker.docker(&status), data("paused true\n"));
    assert_eq!(docker.docker(&["unpause", &id]), data(&format!("{id}\n")));
    assert_eq!(docker.docker(&["pause", "never"]), words(1, "there is no container `never`"));
    assert_eq!(docker.docker(&["pause"]), words(1, "`docker pause` needs a container"));
}

#[test]
fn the_suites_kill_and_then_remove_by_name() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    run(&docker, "a");
    assert_eq!(docker.docker(&["kill", "a"]), data("a\n"));
    assert_eq!(docker.docker(&["rm", "a"]).0, 0, "what is killed is gone, and that is fine");
    run(&docker, "b");
    assert_eq!(docker.docker(&["stop", "-t", "0", "b"]), data("b\n"));
    assert_eq!(docker.docker(&["kill", "b"]), words(1, "there is no container `b`"));
}
