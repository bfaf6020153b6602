//! Everything that can go wrong between a request and its reply.

use crate::protocol;
use std::{fmt, time::Duration};

/// Why there is no outcome. Each variant names whose fault it is, because that
/// decides the reply; [`crate::server`] has the mapping.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The platform sent something that cannot be read.
    #[error("{0}")]
    BadRequest(String),
    /// The platform sent more than it may.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The largest body in bytes.
        limit: usize,
    },
    /// The platform asked out of turn. The words are OpenWhisk's own.
    #[error("{0}")]
    Refused(&'static str),
    /// The action is at fault: its developer reads this.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// There is no room for another activation; the platform goes elsewhere.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The host is shutting down; the platform goes elsewhere.
    #[error("the host is shutting down")]
    Draining,
    /// A paused container was asked to run, before it had begun.
    #[error("the container is paused")]
    Paused,
    /// A run for a container that is no more, or never was.
    #[error("there is no container at this address")]
    Gone,
    /// An init for a container that is no more, or never was.
    #[error("there is no container at this address: the executor may have started anew")]
    NoContainer,
    /// The container was removed while it worked.
    #[error("the container was removed while it was at work")]
    Removed,
    /// We are at fault. The platform hears only that; the log has the cause.
    #[error("internal error of the host; the action is not at fault")]
    Host(#[source] anyhow::Error),
}

/// What there is none left of.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Busy {
    /// Every slot of the pool.
    #[error("there is no free instance slot: {0} are taken, the most that this host has")]
    Slots(u32),
    /// The container's memory.
    #[error(
        "there is no memory for another activation: those that run hold {held} of the {limit} bytes \
         of their container"
    )]
    Memory {
        /// The bytes that are held.
        held: usize,
        /// The bytes of the container.
        limit: usize,
    },
    /// The memory of the whole host.
    #[error(
        "there is no memory for another activation: those of all containers hold {held} of the \
         {limit} bytes of this host"
    )]
    Host {
        /// The bytes that are held.
        held: usize,
        /// The bytes of the host.
        limit: usize,
    },
    /// The pool itself, in wasmtime's words.
    #[error("there is no free instance slot: {0}")]
    Pool(String),
}

/// What an action can do wrong. The texts that OpenWhisk's own tests compare
/// are in [`protocol`].
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum ActionError {
    /// The code cannot be an action.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It hit `unreachable`, divided by zero, lied to the canonical ABI.
    #[error("the action trapped: {0}")]
    Trap(String),
    /// The same of one that was composed: in which part, by the name that `wow compose` gave it.
    #[error("the action trapped in {part}: {why}")]
    TrapInside {
        /// The part.
        part: String,
        /// Why.
        why: String,
    },
    /// It left by `wasi:cli/exit` instead of returning.
    #[error("the action exited with status {0} instead of returning a result")]
    Exit(i32),
    /// It asked for more memory than it may have, and gave up.
    #[error("{}", protocol::MEMORY_EXHAUSTED)]
    Memory,
    /// It ran until its deadline.
    #[error("{}", protocol::timed_out(*limit))]
    Deadline {
        /// The time that it had.
        limit: Duration,
    },
    /// It used the processor time that it may use.
    #[error("the action exceeded its CPU time limit of {} ms", limit.as_millis())]
    Cpu {
        /// The limit.
        limit: Duration,
    },
    /// It holds too many pollables, streams, fields or requests.
    #[error("the action holds more than {} handles of the host", crate::limits::MOST_HANDLES)]
    Handles,
    /// It returned a value that JSON does not have.
    #[error("the action's result cannot be JSON: {0}")]
    Result(String),
    /// Its HTTP response is none, or none that the platform can carry.
    #[error("{0}")]
    Response(String),
    /// It returned something that the platform does not accept.
    #[error("{}", protocol::NOT_A_DICTIONARY)]
    NotADictionary,
}

/// Why code cannot be loaded: one sentence, and what to do about it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadError {
    sentence: String,
    hint: Option<String>,
}

impl LoadError {
    /// A sentence in lower case, without a full stop.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), hint: None }
    }

    /// The same with a remedy.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)?;
        match &self.hint {
            Some(hint) => write!(f, "\n\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for LoadError {}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        Self::Action(error.into())
    }
}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        Self::Host(cause)
    }
}
