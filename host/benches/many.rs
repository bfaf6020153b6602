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
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use wow::actions::Place;
use wow::config::{Config, Settings};
use wow::library::Library;
use wow::limits::Limits;
use wow::logs::Sink;
use wow::protocol::Environment;
use wow::server::{self, Host};

/// All containers of this process.
struct Many {
    library: Arc<Library>,
    limits: Limits,
    sink: Arc<Sink>,
    containers: Vec<Container>,
}

struct Container {
    shutdown: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

fn main() -> anyhow::Result<()> {
    // `cargo bench` adds flags of its own.
    let mut folders = std::env::args().skip(1).filter(|text| !text.starts_with("--"));
    let (Some(cache), Some(compiler)) = (folders.next(), folders.next()) else {
        writeln!(io::stderr(), "this is a part of `cargo xtask bench`")?;
        return Ok(());
    };
    let settings = Settings {
        cache: Some(PathBuf::from(cache)),
        compiler: Some(PathBuf::from(compiler)),
        ..Settings::default()
    };
    let config = Config::read(settings, None)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let mut many = Many {
        library: Arc::new(config.library()?),
        limits: config.limits,
        sink: Arc::new(Sink::new(io::stderr(), io::stderr())),
        containers: Vec::new(),
    };
    let mut stdout = io::stdout().lock();
    for command in io::stdin().lock().lines() {
        let answer = runtime.block_on(many.obey(&command?))?;
        writeln!(stdout, "{answer}")?;
        stdout.flush()?;
    }
    Ok(())
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
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let host = Host {
            place: Place::default(),
            library: Arc::clone(&self.library),
            limits: self.limits,
            container: Environment::new(),
            sink: Arc::clone(&self.sink),
            draining: watch::Sender::new(false),
        };
        let (shutdown, asked) = oneshot::channel();
        let served = tokio::spawn(server::serve(
            listener,
            Arc::new(host),
            Duration::from_secs(10),
            async move {
                // A container whose end was dropped ends as well.
                let _ = asked.await;
            },
        ));
        self.containers.push(Container { shutdown, served });
        Ok(address)
    }
}
