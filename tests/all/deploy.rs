//! What is in `deploy/`, as far as a parser is at hand: that it can be read, that what
//! it names exists, and that its parts agree with each other and with the programs.

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Value, json as literal};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wow_tests::process::wow;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn yaml(name: &str) -> Value {
    let text = read(name);
    let documents = Yaml::load_from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(documents.len(), 1, "{name}");
    json(&documents[0])
}

/// As JSON, which is easier to compare.
fn json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Mapping(pairs) => {
            let pair = |(key, value)| (Yaml::as_str(key).unwrap().to_owned(), json(value));
            Value::Object(pairs.iter().map(pair).collect())
        }
        Yaml::Sequence(items) => items.iter().map(json).collect(),
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(is)) => (*is).into(),
        Yaml::Value(Scalar::Integer(number)) => (*number).into(),
        Yaml::Value(Scalar::FloatingPoint(number)) => number.into_inner().into(),
        Yaml::Value(Scalar::String(text)) => text.as_ref().into(),
        other => panic!("not as these files have it: {other:?}"),
    }
}

fn toml(name: &str) -> toml::Table {
    read(name).parse().unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The flags of `wow executor`, without their dashes.
fn flags() -> BTreeSet<String> {
    let help = wow().args(["executor", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let flag = |line: &str| {
        let name = line.trim_start().strip_prefix("--")?;
        let end = name.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
        Some(name[..end.unwrap_or(name.len())].to_owned())
    };
    help.lines().filter_map(flag).collect()
}

/// The images of a manifest's family, as `docker run` gets them.
fn images(family: &str) -> Vec<String> {
    let manifest: Value = serde_json::from_str(&read("runtimes.json")).unwrap();
    let kinds = manifest["runtimes"][family].as_array().unwrap().clone();
    let image = |kind: &Value| {
        let part = |name: &str| kind["image"][name].as_str().unwrap().to_owned();
        format!("{}/{}:{}", part("prefix"), part("name"), part("tag"))
    };
    kinds.iter().map(image).collect()
}

#[test]
fn the_manifest_is_as_openwhisk_reads_one() {
    let manifest: Value = serde_json::from_str(&read("runtimes.json")).unwrap();
    for (family, kinds) in manifest["runtimes"].as_object().unwrap() {
        assert!(family.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{family}");
        let kinds = kinds.as_array().unwrap();
        let defaults = kinds.iter().filter(|kind| kind["default"] == true).count();
        assert_eq!(defaults, 1, "{family} has one default");
        for kind in kinds {
            assert!(kind["kind"].as_str().unwrap().starts_with(&format!("{family}:")));
            assert!(kind["image"]["name"].is_string());
            assert!(
                kind["attached"]["attachmentName"].is_string(),
                "else the code is in the document"
            );
            for cells in kind["stemCells"].as_array().into_iter().flatten() {
                assert!(cells["initialCount"].is_u64() && cells["memory"].is_string());
            }
        }
    }
    let wasm = &manifest["runtimes"]["wasm"][0];
    assert_eq!((&wasm["kind"], &wasm["sentinelledLogs"]), (&"wasm:1".into(), &true.into()));
    assert_ne!(manifest["runtimes"]["nodejs"], Value::Null, "OpenWhisk's health check needs it");
}

#[test]
fn the_executor_starts_with_its_file_and_every_flag_exists() {
    let flags = flags();
    let settings = toml("executor.toml");
    for key in settings.keys() {
        assert!(flags.contains(key), "there is no --{key}");
    }
    let sidecar = executor_of(&yaml("helm/invoker-patch.yaml"));
    let mut arguments = sidecar["args"].as_array().unwrap().iter().map(|a| a.as_str().unwrap());
    assert_eq!(arguments.next(), Some("executor"));
    for argument in arguments {
        let (flag, value) = argument.strip_prefix("--").unwrap().split_once('=').unwrap();
        assert!(flags.contains(flag), "there is no --{flag}");
        if let "listen" | "socket" | "containers" | "range" | "cache" = flag {
            assert_eq!(Some(value), settings[flag].as_str(), "the file says so, too");
        }
    }
}

/// The executor's part of a pod.
fn executor_of(patch: &Value) -> Value {
    let containers = patch["spec"]["template"]["spec"]["containers"].as_array().unwrap();
    containers.iter().find(|container| container["name"] == "executor").unwrap().clone()
}

#[test]
fn the_stand_in_and_the_executor_agree() {
    let (docker, executor) = (toml("docker.toml"), toml("executor.toml"));
    assert_eq!(docker["socket"], executor["socket"]);
    assert_eq!(docker["images"], executor["images"]);
    let patterns: Vec<_> = docker["images"].as_array().unwrap().iter().collect();
    let patterns = patterns.iter().map(|pattern| pattern.as_str().unwrap().trim_end_matches('*'));
    let hosted = |image: &str| patterns.clone().any(|pattern| image.starts_with(pattern));
    assert!(images("wasm").iter().all(|image| hosted(image)), "{:?}", images("wasm"));
    let manifest: Value = serde_json::from_str(&read("runtimes.json")).unwrap();
    let nodejs = manifest["runtimes"]["nodejs"].as_array().unwrap();
    let default = nodejs.iter().position(|kind| kind["default"] == true).unwrap();
    assert!(hosted(&images("nodejs")[default]), "the health check finds the executor");
}

#[test]
fn the_stand_in_reads_its_file() {
    let folder = tempfile::TempDir::new_in(wow_tests::process::programs()).unwrap();
    let program = folder.path().join("docker");
    fs::hard_link(wow_tests::process::programs().join("wow-docker"), &program).unwrap();
    fs::copy(path("docker.toml"), folder.path().join("wow-docker.toml")).unwrap();
    let said =
        Command::new(&program).args(["images", "-q", "wow/action-wasm-v1"]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert_eq!(said.stdout.len(), "0123456789ab\n".len(), "an image of the executor's");
}

#[test]
fn the_charts_values_and_the_patch_agree() {
    let (runtime, values) = (yaml("helm/runtime-values.yaml"), yaml("helm/executor-values.yaml"));
    assert_eq!(runtime["invoker"]["containerFactory"]["impl"], "kubernetes");
    assert_eq!(values["invoker"]["containerFactory"]["impl"], "docker");
    assert_eq!(values["invoker"]["containerFactory"]["useRunc"], false);
    let listen = toml("executor.toml")["listen"].as_str().unwrap().to_owned();
    let port = listen.rsplit_once(':').unwrap().1.to_owned();
    assert_eq!(port, "8080", "OpenWhisk knows no other");
    assert_ne!(values["invoker"]["port"].to_string(), port, "both are in one pod");
    let patch = yaml("helm/invoker-patch.yaml");
    let pod = &patch["spec"]["template"]["spec"];
    assert_eq!(pod["shareProcessNamespace"], true, "the executor sees the invoker");
    let named = |list: &Value| -> BTreeSet<String> {
        let names = list.as_array().unwrap().iter();
        names.map(|volume| volume["name"].as_str().unwrap().to_owned()).collect()
    };
    let volumes = named(&pod["volumes"]);
    assert!(named(&executor_of(&patch)["volumeMounts"]).is_subset(&volumes), "{volumes:?}");
    let kustomization = yaml("helm/kustomization.yaml");
    let file = kustomization["patches"][0]["path"].as_str().unwrap();
    assert!(path("helm").join(file).is_file(), "{file}");
    assert_eq!(kustomization["patches"][0]["target"]["kind"], patch["kind"]);
    let plugin = &yaml("helm/plugin.yaml")["runtimeConfig"]["platformCommand"];
    assert_eq!(*plugin, literal!([{ "command": "${HELM_PLUGIN_DIR}/post-render.sh" }]));
    let checked = Command::new("sh").arg("-n").arg(path("helm/post-render.sh")).status().unwrap();
    assert!(checked.success());
}

#[test]
fn the_playbooks_variables_name_what_is_there() {
    let variables = yaml("ansible/wow.yml");
    assert_eq!(variables["invoker_use_runc"], false);
    assert_eq!(variables["skip_pull_runtimes"], true);
    // A log store of the controllers' as well, and theirs have no docker daemon.
    assert_eq!(variables["userLogs_spi"], Value::Null);
    assert_eq!(variables["runtimes_enable_concurrency"], "true", "in quotes");
    let volumes = variables["invoker_docker_volumes"].as_array().unwrap();
    let inside = |volume: &Value| volume.as_str().unwrap().split(':').nth(1).unwrap().to_owned();
    let inside: Vec<_> = volumes.iter().map(inside).collect();
    assert_eq!(inside, ["/usr/bin/docker", "/etc/wow", "/run/wow"]);
}

#[test]
fn the_unit_is_one_and_runs_a_command_that_exists() {
    let unit = read("systemd/wow-executor.service");
    let value = |key: &str| {
        let line = unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("no {key}"))
    };
    let command: Vec<_> = value("ExecStart").split(' ').collect();
    assert_eq!(command[1..], ["executor", "--config", "/etc/wow/executor.toml"]);
    assert!(flags().contains("config"));
    let drain = toml("executor.toml")["drain"].as_integer().unwrap();
    let stop: i64 = value("TimeoutStopSec").trim_end_matches('s').parse().unwrap();
    assert!(stop * 1000 > drain, "systemd waits longer than the executor drains");
    assert_eq!(value("Restart"), "always");
    let socket = toml("executor.toml")["socket"].as_str().unwrap().to_owned();
    assert_eq!(socket, format!("/run/{}/executor.sock", value("RuntimeDirectory")));
    assert!(toml("executor.toml")["cache"].as_str().unwrap().starts_with("/var/cache/wow/"));
    let (name, setting) = ("GLIBC_TUNABLES", value("Environment=GLIBC_TUNABLES"));
    let sidecar = executor_of(&yaml("helm/invoker-patch.yaml"));
    assert_eq!(sidecar["env"], literal!([{ "name": name, "value": setting }]));
    let mut section = "";
    for line in unit.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[') {
            Some(name) => section = name.trim_end_matches(']'),
            None => assert!(line.contains('=') && !section.is_empty(), "{line}"),
        }
    }
}

#[test]
fn the_images_hold_what_their_commands_need() {
    let runtime = read("docker/runtime.Dockerfile");
    assert!(
        runtime.contains("cargo xtask release") && runtime.contains("cp target/dist/* /image/")
    );
    assert!(runtime.contains("\nFROM scratch\n") && runtime.contains("ENTRYPOINT [\"/wow\"]"));
    let rust = include_str!("../../Cargo.toml");
    let version = rust.lines().find_map(|line| line.strip_prefix("rust-version = \"")).unwrap();
    assert!(runtime.contains(&format!("FROM rust:{}", version.trim_end_matches('"'))));
    let invoker = read("docker/invoker.Dockerfile");
    for copied in invoker.lines().filter_map(|line| line.strip_prefix("COPY deploy/")) {
        let (file, _) = copied.split_once(' ').unwrap();
        assert!(path(file).is_file(), "{file}");
    }
    assert!(invoker.contains(" /usr/bin/docker\n"));
}
