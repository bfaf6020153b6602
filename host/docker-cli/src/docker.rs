//! The real docker, if there is one: it takes the images and containers that are
//! not the executor's. Every virtual container's id begins with `776f772d`, so most
//! commands are routed without asking anybody.

use crate::answer::{Answer, Failure};
use crate::config::Config;
use crate::control::{Control, escape};
use serde_json::Value;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The first digits of every virtual container's id: `wow-` in ASCII.
const OURS: &str = "776f772d";
/// The fewest digits of an id that docker prints.
const SHORT_ID: usize = 12;

/// Becomes the real docker, or says that there is none.
pub(crate) fn pass(config: &Config, line: &[String], what: &str) -> Failure {
    let Some(docker) = &config.docker else {
        return Failure::new(format!(
            "{what} is not the executor's, and there is no docker behind it\n\nhint: the executor's \
             images are {}; set `images` or `docker` in {}",
            config.images.join(", "),
            config.file.display()
        ));
    };
    become_program(docker, "docker", line)
}

/// Replaces this process by another program.
pub(crate) fn become_program(program: &Path, name: &str, line: &[String]) -> Failure {
    if let Some(failure) = ourselves(program, name) {
        return failure;
    }
    let error = Command::new(program).arg0(name).args(line).exec();
    Failure::new(format!("cannot run {}: {error}", program.display()))
}

/// A configuration that names this program would start it for ever.
fn ourselves(program: &Path, name: &str) -> Option<Failure> {
    let real = |path: PathBuf| path.canonicalize().ok();
    let this = std::env::current_exe().ok().and_then(real)?;
    (real(program.to_owned())? == this).then(|| {
        let path = program.display();
        Failure::new(format!("{path} is this program itself\n\nhint: set `{name}` to the real one"))
    })
}

/// Runs the real docker beside us, its errors on our standard error.
pub(crate) fn beside(config: &Config, line: &[String]) -> Option<Answer> {
    let docker = config.docker.as_ref()?;
    if let Some(failure) = ourselves(docker, "docker") {
        return Some(failure.into());
    }
    let mut command = Command::new(docker);
    command.arg0("docker").args(line).stderr(Stdio::inherit());
    Some(match command.output() {
        Ok(output) => Answer {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::new(),
            code: output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
        },
        Err(error) => Failure::new(format!("cannot run {}: {error}", docker.display())).into(),
    })
}

/// Whether a container, by its id or its name, is the executor's.
pub(crate) fn is_ours(config: &Config, container: &str) -> bool {
    if config.docker.is_none() || is_id_of_ours(container) {
        return true;
    }
    if is_digits(container) && container.len() >= SHORT_ID {
        return false;
    }
    let path = format!("/containers/{}", escape(container));
    Control(config).get::<Value>(&path).is_ok()
}

/// Whether a text is the id of a virtual container, or begins one.
pub(crate) fn is_id_of_ours(container: &str) -> bool {
    is_digits(container) && container.starts_with(OURS)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
