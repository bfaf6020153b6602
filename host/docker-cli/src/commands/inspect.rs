//! `docker inspect`, by id or name, whole or through a template.

use super::Asked;
use crate::answer::{Answer, Failure};
use crate::arguments::Grammar;
use crate::control::{Container, Control, escape};
use crate::{docker, template};
use serde_json::{Map, Value, json};

const GRAMMAR: Grammar = Grammar {
    flags: &["size"],
    values: &["format", "type"],
    letters: &[('f', "format"), ('s', "size")],
    first_word_ends: false,
};

pub(super) fn answer(asked: &Asked<'_>) -> Result<Answer, Failure> {
    let arguments = asked.arguments(&GRAMMAR)?;
    let (ours, theirs) = asked.containers(&arguments.words)?;
    let control = Control(asked.config);
    let mut found = Vec::new();
    for container in &ours {
        let path = format!("/containers/{}", escape(container));
        found.push(object(&control.get::<Container>(&path)?));
    }
    let beside = match theirs.is_empty() {
        true => None,
        false => docker::beside(asked.config, &asked.line_without(&ours)),
    };
    let beside = beside.unwrap_or_default();
    let Some(format) = arguments.value("format") else {
        return whole(found, beside);
    };
    let mut stdout = String::new();
    for object in &found {
        stdout += &template::fill(format, object)?;
        stdout.push('\n');
    }
    Ok(Answer::data(stdout).and(&beside))
}

/// One array of ours and of the real docker's.
fn whole(found: Vec<Map<String, Value>>, beside: Answer) -> Result<Answer, Failure> {
    let mut all: Vec<Value> = found.into_iter().map(Value::Object).collect();
    if let Ok(theirs) = serde_json::from_str::<Vec<Value>>(&beside.stdout) {
        all.extend(theirs);
    }
    let text = serde_json::to_string_pretty(&all).map_err(|e| Failure::new(e.to_string()))?;
    Ok(Answer { stdout: text + "\n", ..beside })
}

/// A container as docker describes one, in so far as it has the same.
fn object(container: &Container) -> Map<String, Value> {
    let variables = container.environment.iter().map(|(name, value)| format!("{name}={value}"));
    let variables: Vec<_> = variables.collect();
    let network = container.network.as_deref().unwrap_or("bridge");
    let address = &container.address;
    // One with a port of its own has it at this address, and no other is there.
    let published = address == "127.0.0.1";
    let port = json!([{ "HostIp": address, "HostPort": container.port.to_string() }]);
    let paused = container.is_paused();
    let object = json!({
        "Id": container.id,
        "Name": format!("/{}", container.name),
        "Created": container.created,
        "Image": container.image,
        "LogPath": container.log,
        "State": {
            "Status": if paused { "paused" } else { "running" },
            "Running": true,
            "Paused": paused,
            "OOMKilled": false,
        },
        "Config": { "Image": container.image, "Env": variables, "Labels": container.labels },
        "HostConfig": { "Memory": container.memory, "NetworkMode": network },
        "NetworkSettings": {
            "IPAddress": address,
            "Ports": { "8080/tcp": if published { port } else { Value::Null } },
            "Networks": { network: { "IPAddress": address } },
        },
    });
    if let Value::Object(object) = object { object } else { Map::new() }
}
