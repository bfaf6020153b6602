//! Docker's commands, as far as OpenWhisk and its test suites run them
//! (`DockerClient.scala`, `StandaloneDockerSupport.scala`, `ActionContainer.scala`).

mod about;
mod inspect;
mod lifecycle;
mod list;
mod logs;
mod run;

use crate::answer::{Answer, Failure};
use crate::arguments::{Arguments, Grammar, read};
use crate::config::Config;
use crate::{docker, record};

/// What is typed before the command, each with a value.
const GLOBAL: &[&str] = &["--config", "--context", "-c", "--host", "-H", "--log-level", "-l"];

const USAGE: &str = "usage: docker COMMAND, one of run, ps, inspect, logs, pause, unpause, rm, kill, \
                     stop, images, pull, info, version\n";

/// Does one of docker's commands.
pub(crate) fn answer(config: &Config, line: &[String]) -> Result<Answer, Failure> {
    let mut place = 0;
    while let Some(word) = line.get(place).filter(|word| word.starts_with('-')) {
        match word.as_str() {
            "--version" | "-v" => return Ok(about::version_line()),
            "--help" | "-h" => return Ok(Answer::data(USAGE)),
            word => place += if GLOBAL.contains(&word) { 2 } else { 1 },
        }
    }
    let Some(command) = line.get(place) else { return Ok(Answer::data(USAGE)) };
    let asked = Asked { config, line, command, rest: &line[place + 1..] };
    match command.as_str() {
        "run" => run::answer(&asked).map_err(|failure| failure.with(125)),
        "ps" => list::answer(&asked),
        "inspect" => inspect::answer(&asked),
        "logs" => logs::answer(&asked),
        "pause" | "unpause" | "rm" | "kill" | "stop" => lifecycle::answer(&asked),
        "images" => about::images(&asked),
        "pull" => about::pull(&asked),
        "info" => about::info(&asked),
        "version" => about::version(&asked),
        _ => Err(docker::pass(config, line, &format!("`docker {command}`"))),
    }
}

/// A command that was typed.
struct Asked<'a> {
    config: &'a Config,
    /// All of it, for the real docker.
    line: &'a [String],
    command: &'a str,
    /// What follows the command.
    rest: &'a [String],
}

impl Asked<'_> {
    /// Reads the options, and writes down those that nobody knows.
    fn arguments(&self, grammar: &Grammar) -> Result<Arguments, Failure> {
        let arguments = read(self.rest, grammar).map_err(Failure::new)?;
        record::unknown(self.config, self.command, &arguments.unknown);
        Ok(arguments)
    }

    /// The containers that a command names: ours, and those of the real docker. If none is ours the
    /// command is the real docker's.
    fn containers(&self, words: &[String]) -> Result<(Vec<String>, Vec<String>), Failure> {
        if words.is_empty() {
            return Err(Failure::new(format!("`docker {}` needs a container", self.command)));
        }
        let ours = |word: &String| docker::is_ours(self.config, word);
        let (ours, theirs): (Vec<_>, Vec<_>) = words.iter().cloned().partition(ours);
        match ours.is_empty() {
            true => Err(docker::pass(self.config, self.line, "the container")),
            false => Ok((ours, theirs)),
        }
    }

    /// What was typed without some words, for the real docker.
    fn line_without(&self, words: &[String]) -> Vec<String> {
        self.line.iter().filter(|word| !words.contains(word)).cloned().collect()
    }
}
