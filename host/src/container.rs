//! A container: one place for an action, what its activations may use, where their
//! logs go, and whether it may run. Knows neither HTTP nor addresses.

use crate::Error;
use crate::actions::Place;
use crate::limits::Allowance;
use crate::logs::Sink;
use crate::protocol::{self, Environment};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::sync::watch;

/// A container and its one action.
pub(crate) struct Container {
    pub(crate) place: Place,
    /// The `__OW_*` that the platform gave it.
    pub(crate) environment: Environment,
    pub(crate) allowance: Allowance,
    pub(crate) sink: Arc<Sink>,
    /// Whether OpenWhisk's health check may come, which is Node.js.
    pub(crate) takes_health_checks: bool,
    /// Whether a run may begin while another is under way.
    concurrent: bool,
    life: watch::Sender<Life>,
    activations: AtomicU64,
    running: AtomicUsize,
}

/// Whether it may run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Life {
    Awake,
    Paused,
    Gone,
}

/// What a container is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum State {
    /// It has no action yet.
    Created,
    /// It has one.
    Running,
    /// It may not run.
    Paused,
}

/// Which containers there are: one (`wow runtime`), or many by their addresses
/// (`wow executor`).
pub(crate) trait Containers: Send + Sync {
    /// Whom a connection to this address is for. The address is asked for only by those
    /// who need it: it is a system call.
    fn at(&self, address: &mut dyn FnMut() -> std::io::Result<SocketAddr>) -> Whom;

    /// Whom a path is for, where the address does not say.
    fn named(&self, path: &str) -> Result<Named, Error>;

    /// How many there are.
    fn counts(&self) -> Counts;
}

/// Whom a connection is for.
#[derive(Clone)]
pub(crate) enum Whom {
    Container(Arc<Container>),
    Nobody,
    /// Each request's path says.
    ByPath,
}

/// What a path with a container's name means.
pub(crate) enum Named {
    /// This path of this container.
    Container(Arc<Container>, &'static str),
    /// It was for the containers' keeper, who says this.
    Done(serde_json::Value),
}

/// How many containers there are, and were.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    /// Without an action.
    pub(crate) created: usize,
    /// With one.
    pub(crate) running: usize,
    /// Paused, with one or without.
    pub(crate) paused: usize,
    /// Made since the start.
    pub(crate) made: u64,
    /// Removed since the start.
    pub(crate) removed: u64,
}

impl Counts {
    /// Counts one more.
    pub(crate) fn add(&mut self, state: State) {
        *match state {
            State::Created => &mut self.created,
            State::Running => &mut self.running,
            State::Paused => &mut self.paused,
        } += 1;
    }
}

/// Says whether a container's runs may overlap, in OpenWhisk's runtimes.
const ALLOW_CONCURRENT: &str = "__OW_ALLOW_CONCURRENT";

/// Whether the platform says that a container's runs overlap, if it says anything. Ansible
/// writes `True`.
fn overlap(environment: &Environment) -> Option<bool> {
    environment.get(ALLOW_CONCURRENT).map(|said| said.eq_ignore_ascii_case("true"))
}

/// Whether the platform says that a container's runs will overlap.
pub(crate) fn is_told_to_overlap(environment: &Environment) -> bool {
    overlap(environment) == Some(true)
}

impl Container {
    /// A container without an action, whose logs go to `sink`.
    pub(crate) fn new(allowance: Allowance, environment: Environment, sink: Arc<Sink>) -> Self {
        // Unset means yes: every activation has an instance of its own, so what the variable guards
        // in a Node.js process cannot happen here.
        let concurrent = overlap(&environment).unwrap_or(true);
        Self {
            place: Place::default(),
            environment,
            allowance,
            sink,
            takes_health_checks: false,
            concurrent,
            life: watch::Sender::new(Life::Awake),
            activations: AtomicU64::new(0),
            running: AtomicUsize::new(0),
        }
    }

    /// What it is doing.
    pub(crate) fn state(&self) -> State {
        match *self.life.borrow() {
            Life::Paused => State::Paused,
            Life::Awake | Life::Gone if self.place.is_taken() => State::Running,
            Life::Awake | Life::Gone => State::Created,
        }
    }

    /// How many runs it has begun.
    pub(crate) fn activations(&self) -> u64 {
        self.activations.load(Ordering::Relaxed)
    }

    pub(crate) fn is_gone(&self) -> bool {
        *self.life.borrow() == Life::Gone
    }

    pub(crate) fn is_paused(&self) -> bool {
        *self.life.borrow() == Life::Paused
    }

    /// Has it run no more until it is woken; `false` if it was paused, or is gone.
    pub(crate) fn pause(&self) -> bool {
        self.turn(Life::Awake, Life::Paused)
    }

    /// Lets it run again; `false` if it was not paused.
    pub(crate) fn unpause(&self) -> bool {
        self.turn(Life::Paused, Life::Awake)
    }

    /// Ends it with what runs in it, and lets go of its action.
    pub(crate) fn end(&self) {
        self.life.send_replace(Life::Gone);
        self.place.clear();
    }

    fn turn(&self, from: Life, to: Life) -> bool {
        self.life.send_if_modified(|life| {
            let turns = *life == from;
            if turns {
                *life = to;
            }
            turns
        })
    }

    /// Does `work` for as long as the container is there.
    pub(crate) async fn hold<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let mut life = self.life.subscribe();
        tokio::select! {
            biased;
            done = work => done,
            _ = life.wait_for(|life| *life == Life::Gone) => Err(Error::Removed),
        }
    }

    /// Begins a run, which lasts until what this returns is dropped.
    pub(crate) fn begin(&self) -> Result<Turn<'_>, Error> {
        if self.is_paused() {
            return Err(Error::Paused);
        }
        let others = self.running.fetch_add(1, Ordering::SeqCst);
        let turn = Turn(self);
        if others > 0 && !self.concurrent {
            // As openwhisk-runtime-nodejs: said on stderr as well, without a sentinel.
            self.sink.say(protocol::STILL_RUNNING);
            return Err(Error::Refused(protocol::STILL_RUNNING));
        }
        self.activations.fetch_add(1, Ordering::Relaxed);
        Ok(turn)
    }
}

/// A run under way.
pub(crate) struct Turn<'a>(&'a Container);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The only container of a process.
pub(crate) struct Only(pub(crate) Arc<Container>);

impl Containers for Only {
    fn at(&self, _: &mut dyn FnMut() -> std::io::Result<SocketAddr>) -> Whom {
        Whom::Container(Arc::clone(&self.0))
    }

    fn named(&self, _: &str) -> Result<Named, Error> {
        Err(Error::NoContainer)
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts { made: 1, ..Counts::default() };
        counts.add(self.0.state());
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use std::time::Duration;

    fn container(environment: &[(&str, &str)]) -> Container {
        let limits = Limits { memory: 1, timeout: Duration::ZERO, cpu: None, result: 2, log: 0 };
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment = environment.iter().map(owned).collect();
        let sink = Arc::new(Sink::new(std::io::sink(), std::io::sink()));
        Container::new(Allowance::new(limits), environment, sink)
    }

    #[test]
    fn w_07_a_run_may_join_another_unless_the_platform_says_otherwise() {
        let said =
            [(None, true), (Some("true"), true), (Some("True"), true), (Some("false"), false)];
        for (said, may) in said {
            let environment: Vec<_> =
                said.map(|said| (ALLOW_CONCURRENT, said)).into_iter().collect();
            let container = container(&environment);
            let first = container.begin().expect("nobody runs");
            assert_eq!(container.begin().is_ok(), may, "{said:?}");
            drop(first);
            assert!(container.begin().is_ok());
            assert_eq!(container.activations(), 2 + u64::from(may));
        }
    }

    #[test]
    fn a_pause_holds_until_it_is_ended_and_an_end_for_good() {
        let container = container(&[]);
        assert_eq!(container.state(), State::Created);
        assert!(container.pause() && !container.pause());
        assert_eq!(container.state(), State::Paused);
        assert!(matches!(container.begin(), Err(Error::Paused)));
        assert!(container.unpause() && !container.unpause());
        assert!(container.begin().is_ok());
        container.end();
        assert!(container.is_gone() && !container.pause() && !container.unpause());
    }

    #[tokio::test]
    async fn work_ends_with_its_container() {
        let container = container(&[]);
        assert!(matches!(container.hold(async { Ok(7) }).await, Ok(7)));
        let endless = container.hold(std::future::pending::<Result<(), Error>>());
        let (ended, ()) = tokio::join!(endless, async { container.end() });
        assert!(matches!(ended, Err(Error::Removed)));
    }
}
