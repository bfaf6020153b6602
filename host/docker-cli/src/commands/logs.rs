//! `docker logs`: both streams as docker gives them, or, for OpenWhisk's
//! `DockerCliLogStore`, the log of one activation.

use super::Asked;
use crate::answer::{Answer, Failure};
use crate::arguments::{Arguments, Grammar};
use crate::control::{Control, escape};
use crate::docker;
use serde::Deserialize;

const GRAMMAR: Grammar = Grammar {
    flags: &["details", "follow", "timestamps"],
    values: &["since", "tail", "until"],
    letters: &[('f', "follow"), ('n', "tail"), ('t', "timestamps")],
    first_word_ends: false,
};

/// Ends an activation's log on each stream (`Container.ACTIVATION_LOG_SENTINEL`).
const SENTINEL: &str = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX";

#[derive(Debug, Deserialize)]
struct Log {
    lines: Vec<Line>,
}

#[derive(Debug, Deserialize)]
struct Line {
    log: String,
    stream: String,
    time: String,
}

pub(super) fn answer(asked: &Asked<'_>) -> Result<Answer, Failure> {
    let arguments = asked.arguments(&GRAMMAR)?;
    let [container] = &arguments.words[..] else {
        return Err(Failure::new("`docker logs` needs one container"));
    };
    if !docker::is_ours(asked.config, container) {
        return Err(docker::pass(asked.config, asked.line, "the container"));
    }
    if arguments.flag("follow") {
        let words =
            "a virtual container's log cannot be followed\n\nhint: ask again, with `--since`";
        return Err(Failure::new(words));
    }
    let path = format!("/containers/{}/logs{}", escape(container), window(&arguments)?);
    let log: Log = Control(asked.config).get(&path)?;
    let of_openwhisk =
        ["since", "until", "timestamps"].iter().all(|o| arguments.value(o).is_some());
    if of_openwhisk {
        return Ok(Answer::data(last_activation(&log.lines)));
    }
    Ok(streams(last(&log.lines, arguments.value("tail"))?, arguments.flag("timestamps")))
}

/// `since` and `until` as a query: seconds since 1970, with or without a fraction.
fn window(arguments: &Arguments) -> Result<String, Failure> {
    let mut query = String::new();
    for name in ["since", "until"] {
        let Some(time) = arguments.value(name) else { continue };
        let is_number =
            time.parse::<f64>().is_ok_and(|seconds| seconds.is_finite() && seconds >= 0.0);
        if !is_number {
            return Err(Failure::new(format!(
                "cannot read `--{name} {time}`\n\nhint: seconds since 1970, such as `date +%s` prints"
            )));
        }
        let mark = if query.is_empty() { '?' } else { '&' };
        query += &format!("{mark}{name}={time}");
    }
    Ok(query)
}

/// The activation that ended last, each line as OpenWhisk keeps it.
///
/// OpenWhisk asks for a window of whole seconds, keeps what is on standard output
/// and stops at the first sentinel: of several activations in a second it would take
/// the wrong one, and nothing of standard error.
fn last_activation(lines: &[Line]) -> String {
    let (mut start, mut ended) = (0, lines);
    let (mut out, mut err) = (false, false);
    for (place, line) in lines.iter().enumerate() {
        if line.log.trim_end() != SENTINEL {
            continue;
        }
        out |= line.stream == "stdout";
        err |= line.stream == "stderr";
        if out && err {
            ended = &lines[start..place];
            (start, out, err) = (place + 1, false, false);
        }
    }
    let of_user = ended.iter().filter(|line| line.log.trim_end() != SENTINEL);
    let as_kept = of_user.map(|line| {
        let text = line.log.strip_suffix('\n').unwrap_or(&line.log);
        format!("{:<30} {}: {text}\n", line.time, line.stream)
    });
    as_kept.collect()
}

/// The last lines, if only so many are wanted.
fn last<'a>(lines: &'a [Line], tail: Option<&str>) -> Result<&'a [Line], Failure> {
    let Some(tail) = tail.filter(|tail| *tail != "all") else { return Ok(lines) };
    let unread =
        || Failure::new(format!("cannot read `--tail {tail}`\n\nhint: a number, or `all`"));
    let most: usize = tail.parse().map_err(|_| unread())?;
    Ok(&lines[lines.len().saturating_sub(most)..])
}

/// Each stream where docker has it.
fn streams(lines: &[Line], timestamps: bool) -> Answer {
    let mut answer = Answer::default();
    for line in lines {
        let stream = if line.stream == "stderr" { &mut answer.stderr } else { &mut answer.stdout };
        if timestamps {
            *stream += &format!("{} ", line.time);
        }
        *stream += &line.log;
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(stream: &str, log: &str) -> Line {
        let time = "2026-11-21T20:22:00.123456789Z".to_owned();
        Line { log: format!("{log}\n"), stream: stream.to_owned(), time }
    }

    fn activation(text: &str) -> Vec<Line> {
        let lines =
            [("stdout", text), ("stderr", "why"), ("stdout", SENTINEL), ("stderr", SENTINEL)];
        lines.iter().map(|(stream, log)| line(stream, log)).collect()
    }

    #[test]
    fn the_activation_that_ended_last_is_the_one() {
        let mut lines = activation("first");
        lines.extend(activation("second"));
        lines.push(line("stdout", "not yet ended"));
        let expected = "2026-11-21T20:22:00.123456789Z stdout: second\n\
                        2026-11-21T20:22:00.123456789Z stderr: why\n";
        assert_eq!(last_activation(&lines), expected);
    }

    #[test]
    fn without_a_sentinel_there_is_what_there_is() {
        let expected = "2026-11-21T20:22:00.123456789Z stdout: half\n";
        assert_eq!(last_activation(&[line("stdout", "half")]), expected);
        assert_eq!(last_activation(&[]), "");
    }

    #[test]
    fn an_activation_that_was_silent_has_an_empty_log() {
        let mut lines = activation("first");
        lines.extend([line("stdout", SENTINEL), line("stderr", SENTINEL)]);
        assert_eq!(last_activation(&lines), "");
    }
}
