//! `docker run`: a container in one request. The executor has written its files
//! before it answers, so that OpenWhisk needs no `inspect`.

use super::Asked;
use crate::answer::{Answer, Failure};
use crate::arguments::{Arguments, Grammar};
use crate::control::Control;
use crate::{docker, record};
use serde_json::{Map, Value, json};
use std::fmt;
use std::os::unix::process::parent_id;
use std::time::{SystemTime, UNIX_EPOCH};

/// The options of docker's `run`. What has no meaning for a virtual container
/// (capabilities, devices, shares of a processor) is known and without effect.
const GRAMMAR: Grammar = Grammar {
    flags: &[
        "detach",
        "disable-content-trust",
        "help",
        "init",
        "interactive",
        "no-healthcheck",
        "oom-kill-disable",
        "privileged",
        "publish-all",
        "quiet",
        "read-only",
        "rm",
        "sig-proxy",
        "tty",
        "use-api-socket",
    ],
    values: &[
        "add-host",
        "annotation",
        "attach",
        "blkio-weight",
        "blkio-weight-device",
        "cap-add",
        "cap-drop",
        "cgroup-parent",
        "cgroupns",
        "cidfile",
        "cpu-count",
        "cpu-percent",
        "cpu-period",
        "cpu-quota",
        "cpu-rt-period",
        "cpu-rt-runtime",
        "cpu-shares",
        "cpus",
        "cpuset-cpus",
        "cpuset-mems",
        "detach-keys",
        "device",
        "device-cgroup-rule",
        "device-read-bps",
        "device-read-iops",
        "device-write-bps",
        "device-write-iops",
        "dns",
        "dns-opt",
        "dns-option",
        "dns-search",
        "domainname",
        "entrypoint",
        "env",
        "env-file",
        "expose",
        "gpus",
        "group-add",
        "health-cmd",
        "health-interval",
        "health-retries",
        "health-start-interval",
        "health-start-period",
        "health-timeout",
        "hostname",
        "io-maxbandwidth",
        "io-maxiops",
        "ip",
        "ip6",
        "ipc",
        "isolation",
        "kernel-memory",
        "label",
        "label-file",
        "link",
        "link-local-ip",
        "log-driver",
        "log-opt",
        "mac-address",
        "memory",
        "memory-reservation",
        "memory-swap",
        "memory-swappiness",
        "mount",
        "name",
        "net",
        "net-alias",
        "network",
        "network-alias",
        "oom-score-adj",
        "pid",
        "pids-limit",
        "platform",
        "publish",
        "pull",
        "restart",
        "runtime",
        "security-opt",
        "shm-size",
        "stop-signal",
        "stop-timeout",
        "storage-opt",
        "sysctl",
        "tmpfs",
        "ulimit",
        "user",
        "userns",
        "uts",
        "volume",
        "volume-driver",
        "volumes-from",
        "workdir",
    ],
    letters: &[
        ('a', "attach"),
        ('c', "cpu-shares"),
        ('d', "detach"),
        ('e', "env"),
        ('h', "hostname"),
        ('i', "interactive"),
        ('l', "label"),
        ('m', "memory"),
        ('p', "publish"),
        ('P', "publish-all"),
        ('q', "quiet"),
        ('t', "tty"),
        ('u', "user"),
        ('v', "volume"),
        ('w', "workdir"),
    ],
    first_word_ends: true,
};

/// The port of OpenWhisk's action interface, in every container.
const ACTION_PORT: &str = "8080";

pub(super) fn answer(asked: &Asked<'_>) -> Result<Answer, Failure> {
    let arguments = crate::arguments::read(asked.rest, &GRAMMAR).map_err(Failure::new)?;
    let Some((image, command)) = arguments.words.split_first() else {
        return Err(Failure::new("`docker run` needs an image"));
    };
    if !asked.config.hosts(image) {
        // OpenWhisk's standalone asks a container which address its host has.
        if command == ["ip", "route"] && asked.config.docker.is_none() {
            let address = &asked.config.host_address;
            return Ok(Answer::data(format!("default via {address} dev eth0 \n")));
        }
        return Err(docker::pass(asked.config, asked.line, &format!("the image `{image}`")));
    }
    let mut without_effect = arguments.unknown.clone();
    without_effect.extend(command.iter().cloned());
    record::unknown(asked.config, asked.command, &without_effect);
    let body = request(asked, image, &arguments)?;
    let made: Value = Control(asked.config).post("/containers", Some(&body))?;
    match made["id"].as_str() {
        Some(id) => Ok(Answer::data(format!("{id}\n"))),
        None => Err(Failure::new("the executor made a container without an id")),
    }
}

/// The body of `POST /containers`.
fn request(asked: &Asked<'_>, image: &str, arguments: &Arguments) -> Result<Value, Failure> {
    if !arguments.flag("detach") {
        let words = "a virtual container has no terminal to attach to\n\nhint: run it with `-d`";
        return Err(Failure::new(words));
    }
    let mut body = Map::new();
    body.insert("image".to_owned(), json!(image));
    let name = arguments.value("name").map_or_else(new_name, str::to_owned);
    body.insert("name".to_owned(), json!(name));
    if let Some(memory) = arguments.value("memory") {
        body.insert("memory".to_owned(), json!(bytes(memory)?));
    }
    body.insert("environment".to_owned(), environment(arguments));
    body.insert("labels".to_owned(), labels(arguments));
    let network = arguments.value("network").or(arguments.value("net")).unwrap_or("bridge");
    body.insert("network".to_owned(), json!(network));
    body.insert("publish".to_owned(), json!(publish(arguments)?));
    if asked.config.reap {
        body.insert("owner".to_owned(), json!(parent_id()));
    }
    Ok(Value::Object(body))
}

/// A name where none is wanted: docker makes one up, too.
fn new_name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("wow_{}_{}", std::process::id(), now.as_nanos())
}

/// The variables: `K=V`, or `K` for one that this process has, as docker does it.
fn environment(arguments: &Arguments) -> Value {
    let pair = |variable: &str| match variable.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), json!(value))),
        None => Some((variable.to_owned(), json!(std::env::var(variable).ok()?))),
    };
    Value::Object(arguments.values("env").filter_map(pair).collect())
}

fn labels(arguments: &Arguments) -> Value {
    let pair = |label: &str| {
        let (name, value) = label.split_once('=').unwrap_or((label, ""));
        (name.to_owned(), json!(value))
    };
    Value::Object(arguments.values("label").map(pair).collect())
}

/// Whether the container gets a port of this machine: `-p 0:8080`, for OpenWhisk's
/// `DockerForMacContainerFactoryProvider`.
fn publish(arguments: &Arguments) -> Result<bool, Failure> {
    let mut publish = arguments.flag("publish-all");
    for port in arguments.values("publish") {
        let plain = port.strip_suffix("/tcp").unwrap_or(port);
        let (outside, inside) = plain.rsplit_once(':').unwrap_or(("0", plain));
        let outside = outside.rsplit(':').next().unwrap_or_default();
        if inside != ACTION_PORT || !matches!(outside, "" | "0") {
            return Err(Failure::new(format!(
                "cannot publish `{port}`: a virtual container has the port {ACTION_PORT} and gets a \
                 free one outside\n\nhint: `-p 0:{ACTION_PORT}`"
            )));
        }
        publish = true;
    }
    Ok(publish)
}

/// A size as docker reads it: `256m`, `1g`, `512kb`, a number of bytes.
fn bytes(size: &str) -> Result<u64, Unreadable<'_>> {
    let lower = size.to_ascii_lowercase();
    let digits = lower.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let shift = match &lower[digits.len()..] {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err(Unreadable(size)),
    };
    let number: u64 = digits.trim_end().parse().map_err(|_| Unreadable(size))?;
    number.checked_mul(1 << shift).ok_or(Unreadable(size))
}

#[derive(Debug, PartialEq)]
struct Unreadable<'a>(&'a str);

impl fmt::Display for Unreadable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read the memory limit `{}`\n\nhint: `--memory 256m`", self.0)
    }
}

impl From<Unreadable<'_>> for Failure {
    fn from(unreadable: Unreadable<'_>) -> Self {
        Self::new(unreadable.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_as_docker_reads_it() {
        for (text, size) in [("256m", 256 << 20), ("256MB", 256 << 20), ("1g", 1 << 30), ("77", 77)]
        {
            assert_eq!(bytes(text), Ok(size));
        }
        for text in ["", "m", "-1", "1.5g", "12 parsecs", "99999999999g", "256mm"] {
            assert_eq!(bytes(text), Err(Unreadable(text)));
        }
    }
}
