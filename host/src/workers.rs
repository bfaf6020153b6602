//! The threads that answer, one for each processor, and which of them takes a
//! connection. Knows neither HTTP nor actions.
//!
//! Each thread runs a scheduler of its own: an activation never moves, and no
//! thread is woken to look for another's work. Compared with tokio's scheduler of
//! many threads that saves two futex calls and a wake-up a request
//! (`docs/evaluation.md`).

use anyhow::Context as _;
use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What is done with a connection on the thread that takes it.
type Conversation = Box<dyn FnOnce(tokio::net::TcpStream) -> Answering + Send>;
type Answering = futures_util::future::BoxFuture<'static, ()>;

/// The thread that accepts, and its fellows.
pub struct Workers {
    /// Connections of the thread that accepts.
    own: Arc<AtomicUsize>,
    others: Vec<Worker>,
}

struct Worker {
    connections: Arc<AtomicUsize>,
    queue: UnboundedSender<(TcpStream, Conversation)>,
}

impl Workers {
    /// The calling thread, and as many more as make `count`. Those end, with the connections that
    /// are left, when what this returns is dropped.
    pub fn start(count: usize) -> anyhow::Result<Self> {
        let start = |number| {
            let (queue, connections) = unbounded_channel();
            let worker = Worker { connections: Arc::default(), queue };
            let runtime = runtime()?;
            thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(move || runtime.block_on(work(connections)))
                .context("cannot start a thread")?;
            Ok(worker)
        };
        let others = (1..count).map(start).collect::<anyhow::Result<_>>()?;
        Ok(Self { own: Arc::default(), others })
    }

    /// Has the thread with the fewest connections answer `stream`; of equals this one, which need
    /// not wake.
    pub(crate) fn converse<F: Future<Output = ()> + Send + 'static>(
        &self,
        stream: tokio::net::TcpStream,
        conversation: impl FnOnce(tokio::net::TcpStream) -> F + Send + 'static,
    ) -> io::Result<()> {
        let load = |worker: &&Worker| worker.connections.load(Ordering::Relaxed);
        let other = self.others.iter().min_by_key(load);
        let other = other.filter(|other| load(other) < self.own.load(Ordering::Relaxed));
        let open = Open::count(other.map_or(&self.own, |other| &other.connections));
        let conversation = move |stream| {
            let answering = conversation(stream);
            async move {
                let _open = open;
                answering.await;
            }
        };
        match other {
            None => drop(tokio::spawn(conversation(stream))),
            Some(worker) => {
                let conversation = move |stream| -> Answering { Box::pin(conversation(stream)) };
                let sent = worker.queue.send((stream.into_std()?, Box::new(conversation)));
                sent.map_err(|_| io::Error::other("a worker has ended"))?;
            }
        }
        Ok(())
    }
}

/// A scheduler for one thread.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_current_thread().enable_all().build().context("cannot start a runtime")
}

async fn work(mut connections: UnboundedReceiver<(TcpStream, Conversation)>) {
    while let Some((stream, conversation)) = connections.recv().await {
        match tokio::net::TcpStream::from_std(stream) {
            Ok(stream) => drop(tokio::spawn(conversation(stream))),
            Err(cause) => tracing::warn!(%cause, "a connection is lost"),
        }
    }
}

/// A connection that is counted until it ends.
struct Open(Arc<AtomicUsize>);

impl Open {
    fn count(connections: &Arc<AtomicUsize>) -> Self {
        connections.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(connections))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
