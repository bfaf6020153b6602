//! The same program, called `runc`: where `whisk.docker.container-factory.use-runc`
//! is set, OpenWhisk's invoker pauses and resumes with `/usr/bin/runc`, or in older versions
//! `/usr/bin/docker-runc` (`RuncClient.scala`).

use crate::answer::{Answer, Failure};
use crate::arguments::{Grammar, read};
use crate::config::Config;
use crate::control::{Container, Control, escape};
use crate::docker;
use serde_json::{Value, json};

/// What it may be called.
pub(crate) const NAMES: [&str; 2] = ["runc", "docker-runc"];

const GRAMMAR: Grammar = Grammar {
    flags: &["debug", "systemd-cgroup"],
    values: &["root", "log", "log-format", "rootless", "criu"],
    letters: &[],
    first_word_ends: false,
};

/// Does one of runc's commands.
pub(crate) fn answer(config: &Config, line: &[String]) -> Result<Answer, Failure> {
    let arguments = read(line, &GRAMMAR).map_err(Failure::new)?;
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    let [command @ ("pause" | "resume" | "state"), container] = words[..] else {
        return Err(pass(config, line, &format!("`runc {}`", words.join(" "))));
    };
    // Runc knows containers by their ids alone.
    if config.runc.is_some() && !docker::is_id_of_ours(container) {
        return Err(pass(config, line, &format!("the container `{container}`")));
    }
    let control = Control(config);
    let path = format!("/containers/{}", escape(container));
    match command {
        "pause" => control.post::<Value>(&format!("{path}/pause"), None)?,
        "resume" => control.post::<Value>(&format!("{path}/unpause"), None)?,
        _ => return state(&control.get(&path)?),
    };
    Ok(Answer::default())
}

/// A container's state, as the runtime specification of the OCI has it.
fn state(container: &Container) -> Result<Answer, Failure> {
    let state = json!({
        "ociVersion": "1.0.2",
        "id": container.id,
        "status": if container.is_paused() { "paused" } else { "running" },
        "bundle": "",
        "created": container.created,
    });
    let text = serde_json::to_string_pretty(&state).map_err(|e| Failure::new(e.to_string()))?;
    Ok(Answer::data(text + "\n"))
}

fn pass(config: &Config, line: &[String], what: &str) -> Failure {
    match &config.runc {
        Some(runc) => docker::become_program(runc, "runc", line),
        None => Failure::new(format!(
            "{what} is not the executor's, and there is no runc behind it\n\nhint: pause, resume and \
             state are answered here; set `runc` in {} for the others",
            config.file.display()
        )),
    }
}
