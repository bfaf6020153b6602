//! `wow dev`: a project's action behind HTTP, as it is now.

use super::serving::shutdown;
use super::terms::Terms;
use super::{Exit, build, complain};
use crate::capabilities::{Outside, Own};
use crate::config::{Config, Settings};
use crate::container::{Container, Only};
use crate::library::Library;
use crate::limits::Allowance;
use crate::logs::{Record, Sink};
use crate::package;
use crate::project::{Changes, Project, State};
use crate::protocol::Environment;
use crate::server::{self, Host};
use crate::workers::{self, Workers};
use anyhow::{Context as _, anyhow};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Serve the project's action, and build it again when a source changes
///
/// POST / runs it with the body, JSON, as its parameters; POST /init and POST /run are as OpenWhisk knows them.
/// What the action prints, what each activation took and what a build says are on stderr.
/// While a build fails, the version before it goes on serving. Ctrl-C ends it. Exit status: 0 when it was
/// ended, 1 if there is no project, 2 if the host failed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: wow dev, and elsewhere: curl -d '{\"name\": \"Ada\"}' http://127.0.0.1:8080"
)]
pub(super) struct Dev {
    /// Where to listen; port 0 is a free one
    #[arg(long, env = "WOW_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    #[command(flatten)]
    terms: Terms,
}

/// How long what runs may go on after Ctrl-C: whoever typed it is waiting.
const DRAIN: Duration = Duration::from_secs(2);

impl Dev {
    pub(super) fn execute(self) -> Exit {
        let ready =
            build::here().and_then(|project| Ok((project, Config::read(self.settings(), None)?)));
        let (project, config) = match ready {
            Ok(ready) => ready,
            Err(error) => return complain(&error, Exit::Yours),
        };
        match workers::runtime().and_then(|runtime| runtime.block_on(self.serve(project, config))) {
            Ok(()) => Exit::Fine,
            Err(error) => complain(&error, Exit::Ours),
        }
    }

    fn settings(&self) -> Settings {
        Settings { listen: Some(self.listen), ..self.terms.settings() }
    }

    async fn serve(self, project: Project, config: Config) -> anyhow::Result<()> {
        let listener = server::listen(config.listen).map_err(|cause| {
            let address = config.listen;
            anyhow!("cannot listen on {address}: {cause}\n\nhint: choose another with --listen")
        })?;
        let shutdown = shutdown()?;
        let address = listener.local_addr().context("cannot read the address")?;
        let own = Own { listeners: vec![address], ..Own::nothing() };
        let library = Arc::new(config.library()?);
        let outside = Arc::new(Outside::open(config.policy, own)?);
        let workers = Workers::all();

        let allowance = Allowance::new(config.limits);
        let (limits, ledger) = (allowance.limits, Arc::clone(&allowance.ledger));
        let sink = Arc::new(Sink::of(Terminal));
        let container = Arc::new(Container::new(allowance, Environment::new(), sink));
        let only = Arc::new(Only(Arc::clone(&container)));
        let mut host = Host::of(only, &library, &ledger);
        host.outside = Arc::clone(&outside);
        (host.bill, host.is_for_people) = (true, true);

        let changes = Changes::watch(&project)?;
        let served =
            Served { project, container, library, outside, limits, terms: self.terms, address };
        let follow = tokio::spawn(served.follow(changes));
        server::serve(listener, Arc::new(host), &workers, DRAIN, shutdown).await;
        // A build that runs ends with it.
        follow.abort();
        let _ = follow.await;
        Ok(())
    }
}

/// The project, and where its action runs.
struct Served {
    project: Project,
    container: Arc<Container>,
    library: Arc<Library>,
    outside: Arc<Outside>,
    limits: crate::limits::Limits,
    terms: Terms,
    address: SocketAddr,
}

impl Served {
    /// Has the container run what the sources are, from now on.
    async fn follow(mut self, mut changes: Changes) {
        let mut sources = self.project.sources();
        let mut done = self.begin(&sources).await;
        loop {
            if let Err(error) = done {
                complain(&error, Exit::Yours);
                say(match self.container.place.is_taken() {
                    true => "the version before goes on serving",
                    false => "nothing is served until it is built",
                });
            }
            let now = changes.next(&self.project, &sources).await;
            if let Some(changed) = sources.change(&now) {
                say(&format!("{} has changed", changed.display()));
            }
            sources = now;
            done = match self.project.again() {
                Ok(project) => {
                    self.project = project;
                    self.build().await
                }
                Err(error) => Err(error),
            };
        }
    }

    /// Serves what was built before, and builds it if a source is newer.
    async fn begin(&self, sources: &State) -> anyhow::Result<()> {
        let package = self.project.package();
        if !package.is_file() {
            return self.build().await;
        }
        let loaded = self.load().await;
        match sources.newer_than(&package) {
            Some(newer) => {
                say(&format!("{} is newer", newer.display()));
                self.build().await
            }
            None => loaded,
        }
    }

    async fn build(&self) -> anyhow::Result<()> {
        let built = self.project.build().await?;
        say(&build::line(&built));
        self.load().await
    }

    /// Has the container run the package.
    async fn load(&self) -> anyhow::Result<()> {
        let start = Instant::now();
        let file = self.project.package();
        let bytes =
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let package = package::open(bytes)?;
        say("compiling it for this machine");
        let grant = (&*self.outside, &self.limits);
        let action = self.terms.action(self.project.name(), package, &self.library, grant).await?;
        self.container.place.replace(action);
        let Self { address, project, .. } = self;
        let (name, elapsed) = (project.name(), start.elapsed().as_secs_f64());
        say(&format!("compiled in {elapsed:.1} s; {name} is served: POST http://{address}/"));
        Ok(())
    }
}

fn say(line: &str) {
    // Who closed stderr wants to hear nothing.
    let _ = writeln!(std::io::stderr(), "wow: {line}");
}

/// A terminal, where a developer reads: both streams are stderr, and nobody looks for sentinels.
struct Terminal;

impl Record for Terminal {
    fn activation(&mut self, stdout: Vec<u8>, stderr: Vec<u8>) -> io::Result<()> {
        let mut terminal = io::stderr().lock();
        terminal.write_all(&stdout)?;
        terminal.write_all(&stderr)
    }

    fn say(&mut self, sentence: &str) -> io::Result<()> {
        writeln!(io::stderr(), "{sentence}")
    }
}
