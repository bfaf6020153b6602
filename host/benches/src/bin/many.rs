//! Many containers in one process, each with its listener and its one action, all
//! with one library: what `cargo xtask bench` measures from outside. Measures
//! nothing itself.
//!
//! `many CACHE COMPILER` reads commands from stdin, a line each, and answers each
//! with a line on stdout:
//!
//! - `container`: makes one; its address.
//! - `drop`: ends all of them, with their actions; how many they were.
//! - `hibernate`: puts all code to sleep; how much is loaded now.
//! - `loaded`: how much is loaded.
//!
//! The activations' logs go to stderr. It ends when stdin does.

use anyhow::{Context as _, bail};
use std::io::{self, BufRead as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use wow::config::{Config, Settings};
use wow::library::Library;
use wow::limits::Limits;
use wow::logs::Sink;
use wow::pages;
use wow::protocol::Environment;
use wow::server::{self, Host};
use wow::workers::Workers;

/// All containers of this process.
struct Many {
    library: Arc<Library>,
    limits: Limits,
    sink: Arc<Sink>,
    workers: Arc<Workers>,
    containers: Vec<Container>,
}

struct Container {
    shutdown: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

fn main() -> anyhow::Result<()> {
    let mut folders = std::env::args().skip(1);
    let (Some(cache), Some(compiler)) = (folders.next(), folders.next()) else {
        bail!("usage: many CACHE COMPILER; `cargo xtask bench` does it");
    };
    let settings = Settings {
        cache: Some(PathBuf::from(cache)),
        compiler: Some(PathBuf::from(compiler)),
        ..Settings::default()
    };
    let config = Config::read(settings, None)?;
    pages::keep();
    // This thread accepts for all of them, as that of `wow runtime` does; another reads commands.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut many = Many {
        library: Arc::new(config.library()?),
        limits: config.limits,
        sink: Arc::new(Sink::new(io::stderr(), io::stderr())),
        workers: Arc::new(Workers::all()),
        containers: Vec::new(),
    };
    let (tell, mut told) = mpsc::unbounded_channel();
    thread::spawn(move || {
        // Whoever is told has ended if nobody takes it.
        io::stdin().lock().lines().try_for_each(|command| tell.send(command))
    });
    let mut stdout = io::stdout().lock();
    runtime.block_on(async {
        while let Some(command) = told.recv().await {
            let answer = many.obey(&command?).await?;
            writeln!(stdout, "{answer}")?;
            stdout.flush()?;
        }
        Ok(())
    })
}

impl Many {
    async fn obey(&mut self, command: &str) -> anyhow::Result<String> {
        Ok(match command {
            "container" => self.container().await.context("cannot make a container")?.to_string(),
            "drop" => {
                let containers = std::mem::take(&mut self.containers);
                let count = containers.len();
                for Container { shutdown, served } in containers {
                    // One that has ended already has nothing to shut down.
                    let _ = shutdown.send(());
                    served.await?;
                }
                count.to_string()
            }
            "hibernate" => {
                self.library.hibernate(Duration::ZERO);
                self.library.loaded().to_string()
            }
            "loaded" => self.library.loaded().to_string(),
            other => bail!("there is no command `{other}`"),
        })
    }

    async fn container(&mut self) -> anyhow::Result<SocketAddr> {
        let listener = server::listen(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let address = listener.local_addr()?;
        let sink = Arc::clone(&self.sink);
        let host = Host::new(&self.library, self.limits, Environment::new(), sink);
        let (shutdown, asked) = oneshot::channel();
        let asked = async move {
            // A container whose end was dropped ends as well.
            let _ = asked.await;
        };
        let workers = Arc::clone(&self.workers);
        let served = tokio::spawn(async move {
            server::serve(listener, Arc::new(host), &workers, Duration::from_secs(10), asked).await;
        });
        self.containers.push(Container { shutdown, served });
        Ok(address)
    }
}
