//! A container as its front end knows it: what was asked for, and what it became.

use crate::container::{Container, State};
use crate::protocol::Environment;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::task::AbortHandle;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) image: String,
    /// In bytes.
    pub(crate) memory: Option<usize>,
    pub(crate) environment: Environment,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) network: Option<String>,
    /// Whether it has a port of the loopback address to itself.
    pub(crate) publish: bool,
    /// The process that it must not outlive.
    pub(crate) owner: Option<u32>,
}

impl Spec {
    pub(crate) fn network(&self) -> &str {
        self.network.as_deref().unwrap_or("bridge")
    }

    /// What is wrong with it, if anything.
    pub(crate) fn fault(&self) -> Option<String> {
        let name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        // Docker's rule.
        let first = self.name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        if !first || !self.name.bytes().all(name) || self.name.len() > LONGEST_NAME {
            return Some(format!(
                "the name {:?} is not 1 to {LONGEST_NAME} of [a-zA-Z0-9_.-] that begin with a \
                 letter or a digit",
                self.name.chars().take(LONGEST_NAME).collect::<String>()
            ));
        }
        let memory = self.memory.filter(|memory| *memory < SMALLEST_MEMORY)?;
        Some(format!("memory is {memory} bytes: a container has at least {SMALLEST_MEMORY}"))
    }
}

/// Docker has no limit. OpenWhisk makes a name of a namespace's and an action's, of up to 256 each,
/// and some more.
const LONGEST_NAME: usize = 1024;
/// Less holds no guest.
const SMALLEST_MEMORY: usize = 1 << 20;

/// A container, its name and its address.
pub(crate) struct Virtual {
    /// Counts up: the order of creation.
    pub(crate) number: u64,
    pub(crate) id: Arc<str>,
    pub(crate) spec: Spec,
    pub(crate) address: SocketAddr,
    pub(crate) created: SystemTime,
    pub(crate) container: Arc<Container>,
    /// Its own listener, if it has one.
    pub(crate) published: Option<AbortHandle>,
}

impl Virtual {
    /// What the one who made it is told.
    pub(crate) fn receipt(&self) -> Value {
        json!({
            "id": &*self.id,
            "name": self.spec.name,
            "address": self.address.ip(),
            "port": self.address.port(),
            "created": time(self.created),
        })
    }

    /// All that there is to know.
    pub(crate) fn describe(&self, log: &Path) -> Value {
        let Spec { name, image, environment, labels, .. } = &self.spec;
        let state = self.container.state();
        json!({
            "id": &*self.id,
            "name": name,
            "image": image,
            "state": match state {
                State::Created => "created",
                State::Running => "running",
                State::Paused => "paused",
            },
            "address": self.address.ip(),
            "port": self.address.port(),
            "memory": self.container.allowance.limits.memory,
            "labels": labels,
            "environment": environment,
            "network": self.spec.network(),
            "created": time(self.created),
            "initialized": self.container.place.is_taken(),
            "activations": self.container.activations(),
            "log": log,
        })
    }
}

/// A time as Docker writes it.
pub(crate) fn time(time: SystemTime) -> String {
    humantime::format_rfc3339_nanos(time).to_string()
}
