//! `docker pause`, `unpause`, `rm`, `kill` and `stop`. A virtual container that is
//! stopped is gone: nothing of it could be started again.

use super::Asked;
use crate::answer::{Answer, Failure};
use crate::arguments::Grammar;
use crate::control::{Control, Refusal, escape};
use crate::docker;
use serde_json::Value;

const GRAMMAR: Grammar = Grammar {
    flags: &["force", "link", "volumes"],
    values: &["signal", "time", "timeout"],
    letters: &[('f', "force"), ('l', "link"), ('v', "volumes"), ('s', "signal"), ('t', "time")],
    first_word_ends: false,
};

pub(super) fn answer(asked: &Asked<'_>) -> Result<Answer, Failure> {
    let arguments = asked.arguments(&GRAMMAR)?;
    let (ours, theirs) = asked.containers(&arguments.words)?;
    let control = Control(asked.config);
    let mut answer = Answer::default();
    for container in &ours {
        answer = answer.and(&change(&control, asked.command, container));
    }
    if !theirs.is_empty() {
        let beside = docker::beside(asked.config, &asked.line_without(&ours));
        answer = answer.and(&beside.unwrap_or_default());
    }
    Ok(answer)
}

/// Changes one container, and says its name as docker does.
fn change(control: &Control<'_>, command: &str, container: &str) -> Answer {
    let done = match command {
        "pause" | "unpause" => {
            let path = format!("/containers/{}/{command}", escape(container));
            control.post::<Value>(&path, None)
        }
        _ => control.delete(container),
    };
    match done {
        Ok(_) => Answer::data(format!("{container}\n")),
        // What shall be gone is gone: OpenWhisk removes orphans, its suites what
        // they have killed.
        Err(Refusal::Unknown(words)) if command == "rm" => {
            Answer { stderr: format!("wow-docker: {words}\n"), ..Answer::default() }
        }
        Err(refusal) => Failure::from(refusal).into(),
    }
}
