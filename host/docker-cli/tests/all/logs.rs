//! `docker logs`: row 9, and as the runtimes' suites read it.

use crate::executor::Executor;
use crate::{Installed, data, words};

const SENTINEL: &str = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n";
const T: &str = "2026-11-21T20:22:00.123456789Z";

/// A container with the log of two activations.
fn logged() -> (Executor, Installed) {
    let executor = Executor::start();
    let docker = Installed::with(&executor, "");
    assert_eq!(docker.docker(&["run", "-d", "--name", "a", "wow/x"]).0, 0);
    executor.set_log(&[
        (T, "stdout", "one\n"),
        (T, "stdout", SENTINEL),
        (T, "stderr", SENTINEL),
        ("2026-11-21T20:22:00.2Z", "stdout", "❄ two\n"),
        (T, "stderr", "why\n"),
        (T, "stdout", SENTINEL),
        (T, "stderr", SENTINEL),
    ]);
    executor.requests();
    (executor, docker)
}

#[test]
fn row_9_openwhisk_gets_the_activation_that_ended_last_with_both_streams() {
    let (executor, docker) = logged();
    let line = ["logs", "a", "--since", "1795292520", "--until", "1795292522", "--timestamps"];
    let expected = "2026-11-21T20:22:00.2Z         stdout: ❄ two\n\
                    2026-11-21T20:22:00.123456789Z stderr: why\n";
    assert_eq!(docker.docker(&line), data(expected));
    let asked = executor.requests().remove(0).path;
    assert_eq!(asked, "/containers/a/logs?since=1795292520&until=1795292522");
}

#[test]
fn the_suites_get_each_stream_with_its_sentinels() {
    let (executor, docker) = logged();
    let (status, stdout, stderr) = docker.docker(&["logs", "a"]);
    assert_eq!(status, 0);
    assert_eq!(stdout, format!("one\n{SENTINEL}❄ two\n{SENTINEL}"));
    assert_eq!(stderr, format!("{SENTINEL}why\n{SENTINEL}"));
    assert_eq!(executor.requests().remove(0).path, "/containers/a/logs");
    let (_, stdout, stderr) = docker.docker(&["logs", "--tail", "2", "-t", "a"]);
    assert_eq!((stdout, stderr), (format!("{T} {SENTINEL}"), format!("{T} {SENTINEL}")));
}

#[test]
fn what_cannot_be_answered_is_said() {
    let (_executor, docker) = logged();
    let refused =
        |line: &[&str], sentence: &str| assert_eq!(docker.docker(line), words(1, sentence));
    refused(
        &["logs", "-f", "a"],
        "a virtual container's log cannot be followed\n\nhint: ask again, with `--since`",
    );
    for time in ["yesterday", "-1", "NaN", "1&all=true"] {
        let sentence = format!(
            "cannot read `--since {time}`\n\nhint: seconds since 1970, such as `date +%s` prints"
        );
        refused(&["logs", "--since", time, "a"], &sentence);
    }
    refused(&["logs", "never"], "there is no container `never`");
    refused(&["logs", "a", "b"], "`docker logs` needs one container");
}
