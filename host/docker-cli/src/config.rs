//! What the operator set: one file, read once for each command, refused whole if
//! any part is wrong. Never the environment: it is the invoker's, and reaches
//! every process that it starts.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Where the file is, unless one lies beside the program.
const FILE: &str = "/etc/wow/docker.toml";
/// The file beside the program.
const NEIGHBOUR: &str = "wow-docker.toml";

/// What can be set.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Config {
    /// The executor's control socket.
    pub(crate) socket: PathBuf,
    /// The images whose containers the executor hosts; `*` stands for any characters.
    pub(crate) images: Vec<String>,
    /// The real docker, for all other images.
    pub(crate) docker: Option<PathBuf>,
    /// The real runc, for the containers of the real docker.
    pub(crate) runc: Option<PathBuf>,
    /// Where options without effect are written down.
    pub(crate) log: Option<PathBuf>,
    /// The address under which containers reach this machine.
    pub(crate) host_address: String,
    /// Whether a container ends with the process that started it.
    pub(crate) reap: bool,
    /// The file that says so, or that would be read if it were there.
    #[serde(skip)]
    pub(crate) file: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            socket: PathBuf::from("/run/wow/executor.sock"),
            images: vec!["wow/*".to_owned()],
            docker: None,
            runc: None,
            log: Some(PathBuf::from("/var/log/wow-docker.log")),
            host_address: "127.0.0.1".to_owned(),
            reap: true,
            file: PathBuf::from(FILE),
        }
    }
}

impl Config {
    /// Reads the file beside the program, else the one in `/etc`, else nothing: all
    /// settings have defaults.
    pub(crate) fn read() -> Result<Self, String> {
        let program = std::env::current_exe().ok();
        let beside = program.and_then(|program| Some(program.parent()?.join(NEIGHBOUR)));
        for file in beside.iter().map(PathBuf::as_path).chain([Path::new(FILE)]) {
            match std::fs::read_to_string(file) {
                Ok(text) => {
                    let read =
                        Self::parse(&text).map_err(|e| format!("{}: {e}", file.display()))?;
                    return Ok(Self { file: file.to_owned(), ..read });
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(format!("cannot read {}: {error}", file.display())),
            }
        }
        Ok(Self::default())
    }

    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())
    }

    /// Whether the executor hosts the containers of an image.
    pub(crate) fn hosts(&self, image: &str) -> bool {
        self.images.iter().any(|pattern| matches(pattern, image))
    }
}

/// Whether a text is as a pattern says, in which `*` stands for any characters.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(place) = rest.find(part) else { return false };
        rest = &rest[place + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        let image = "registry.example:5000/wow/action-wasm-v1:latest";
        for pattern in ["*", "*/wow/*", "registry.*/action-wasm-v1:*", image] {
            assert!(matches(pattern, image), "{pattern}");
        }
        for pattern in ["", "wow/*", "*wasm", "registry.example:5000/wow/action-wasm-v1", "*v1*v1*"]
        {
            assert!(!matches(pattern, image), "{pattern}");
        }
        assert!(!matches("ab*ba", "aba"), "the ends do not overlap");
    }

    #[test]
    fn an_empty_file_means_the_defaults_and_a_wrong_one_nothing() {
        assert_eq!(Config::parse(""), Ok(Config::default()));
        let wrong = Config::parse("sockets = \"/x\"").unwrap_err();
        assert!(wrong.contains("unknown field `sockets`"), "{wrong}");
    }

    #[test]
    fn every_setting_can_be_set() {
        let text = "socket = '/s'\nimages = ['a', 'b*']\ndocker = '/d'\nrunc = '/r'\nlog = '/l'\n\
                    host-address = '10.0.0.1'\nreap = false";
        let path = |path: &str| PathBuf::from(path);
        let expected = Config {
            socket: path("/s"),
            images: vec!["a".to_owned(), "b*".to_owned()],
            docker: Some(path("/d")),
            runc: Some(path("/r")),
            log: Some(path("/l")),
            host_address: "10.0.0.1".to_owned(),
            reap: false,
            file: path(FILE),
        };
        assert_eq!(Config::parse(text), Ok(expected));
    }
}
