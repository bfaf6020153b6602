//! What OpenWhisk asks before it starts containers: rows 1, 4 and 11.

use crate::executor::Executor;
use crate::{Installed, data, words};

const VERSION: &str = concat!("23.0.6+wow.", env!("CARGO_PKG_VERSION"));

#[test]
fn row_1_the_version_needs_no_executor() {
    let executor = Executor::start();
    let nobody = executor.nobody().display().to_string();
    let docker = Installed::configured(&format!("socket = '{nobody}'"));
    let version = docker.docker(&["version", "--format", "{{.Client.Version}}"]);
    assert_eq!(version, data(&format!("{VERSION}\n")));
    let (status, stdout, stderr) = docker.docker(&["version"]);
    assert_eq!((status, stdout.as_str()), (1, ""), "docker's client fails without its server, too");
    assert!(stderr.contains("the executor does not answer at "), "{stderr}");
}

#[test]
fn row_1_the_version_in_full_names_both_sides() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let expected = format!(
        "Client: wow-docker\n Version: {VERSION}\n\nServer: wow executor\n Version: 0.1.0\n"
    );
    assert_eq!(docker.docker(&["version"]), data(&expected));
    executor.requests();
    assert_eq!(docker.docker(&["version", "-f", "{{.Client.Version}}"]).0, 0);
    assert_eq!(executor.requests(), [], "an executor that hangs keeps no invoker from starting");
    let server = docker.docker(&["version", "-f", "{{.Server.Version}}"]);
    assert_eq!(server, data("0.1.0\n"));
}

#[test]
fn row_11_the_standalones_preflight_checks_pass() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let line = format!("Docker version {VERSION}, build wow\n");
    assert_eq!(docker.docker(&["--version", "'{{.Client.Version}}'"]), data(&line));
    let info = format!(
        "Client: wow-docker\n Version: {VERSION}\n\nServer: wow executor\n Version: 0.1.0\n State: \
         serving\n Containers: 0\n Images: wow/*\n"
    );
    assert_eq!(docker.docker(&["info"]), data(&info));
    assert_eq!(docker.docker(&["info", "--format", "{{.ServerVersion}}"]), data("0.1.0\n"));
}

#[test]
fn row_4_our_images_are_there_and_need_no_pull() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "images = ['wow/*', 'registry:5000/wow/x']");
    let (status, stdout, stderr) = docker.docker(&["pull", "wow/x:1"]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert_eq!(stdout, "wow/x:1: the executor is its runtime, there is nothing to pull\n");
    let (_, id, _) = docker.docker(&["images", "-q", "wow/x:1"]);
    let id = id.trim_end();
    assert_eq!(id.len(), 12);
    let table = format!("REPOSITORY   TAG   IMAGE ID\nwow/x        1     {id}\n");
    assert_eq!(docker.docker(&["images", "wow/x:1"]), data(&table));
    let (_, all, _) = docker.docker(&["images"]);
    assert!(all.contains("\nwow/*                 latest   "), "{all}");
    assert!(all.contains("\nregistry:5000/wow/x   latest   "), "{all}");
    assert_eq!(docker.docker(&["images", "-q", "alpine"]), data(""));
}

#[test]
fn other_images_and_commands_fail_in_words() {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    let sentence = |what: &str| {
        format!(
            "{what} is not the executor's, and there is no docker behind it\n\nhint: the executor's \
             images are wow/*; set `images` or `docker` in {}",
            docker.configuration()
        )
    };
    let image = sentence("the image `openwhisk/action-nodejs-v20`");
    assert_eq!(docker.docker(&["run", "-d", "openwhisk/action-nodejs-v20"]), words(125, &image));
    assert_eq!(docker.docker(&["pull", "openwhisk/action-nodejs-v20"]), words(1, &image));
    assert_eq!(docker.docker(&["exec", "a", "sh"]), words(1, &sentence("`docker exec`")));
    assert_eq!(executor.requests(), []);
    let (status, stdout, _) = docker.docker(&[]);
    assert_eq!(status, 0);
    assert!(stdout.starts_with("usage: docker COMMAND"), "{stdout}");
}
