//! The threads that answer, up to one for each processor, and which of them takes a
//! connection. Knows neither HTTP nor actions.
//!
//! Each thread runs a scheduler of its own: an activation never moves, and no
//! thread is woken to look for another's work. Compared with tokio's scheduler of
//! many threads that saves two futex calls and a wake-up a request
//! (`docs/evaluation.md`).

use crate::cgroup::processors;
use anyhow::Context as _;
use std::io;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What is done with a connection on the thread that takes it.
type Conversation = Box<dyn FnOnce(tokio::net::TcpStream) -> Answering + Send>;
type Answering = futures_util::future::BoxFuture<'static, ()>;

/// The thread that accepts, and its fellows: each is started for the first connection that finds
/// all others at work, since most containers have one caller. They end, with the connections
/// that are left, when this is dropped.
pub struct Workers {
    /// Connections of the thread that accepts.
    own: Arc<AtomicUsize>,
    others: Mutex<Others>,
    /// How many there may be, with the thread that accepts.
    most: LazyLock<usize>,
}

#[derive(Default)]
struct Others {
    started: Vec<Worker>,
    /// One could not be started: no more are.
    enough: bool,
}

#[derive(Clone)]
struct Worker {
    connections: Arc<AtomicUsize>,
    queue: UnboundedSender<(TcpStream, Conversation)>,
}

impl Workers {
    /// One for each processor.
    pub fn all() -> Self {
        Self::most(processors)
    }

    /// The thread that accepts, and no other.
    pub fn one() -> Self {
        Self::most(|| 1)
    }

    fn most(most: fn() -> usize) -> Self {
        Self { own: Arc::default(), others: Mutex::default(), most: LazyLock::new(most) }
    }

    /// Has the thread with the fewest connections answer `stream`; of equals this one, which need
    /// not wake.
    pub(crate) fn converse<F: Future<Output = ()> + Send + 'static>(
        &self,
        stream: tokio::net::TcpStream,
        conversation: impl FnOnce(tokio::net::TcpStream) -> F + Send + 'static,
    ) -> io::Result<()> {
        let other = self.other();
        let open = Open::count(other.as_ref().map_or(&self.own, |other| &other.connections));
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

    /// The thread with the fewest connections, unless it is this one.
    fn other(&self) -> Option<Worker> {
        let own = self.own.load(Ordering::Relaxed);
        if own == 0 {
            return None;
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let number = others.started.len() + 1;
        let is_idle = others.started.iter().any(|worker| worker.load() == 0);
        if !is_idle && !others.enough && number < *self.most {
            match Worker::start(number) {
                Ok(worker) => others.started.push(worker),
                Err(cause) => {
                    tracing::warn!("{number} threads answer, and no more: {cause:#}");
                    others.enough = true;
                }
            }
        }
        others
            .started
            .iter()
            .min_by_key(|worker| worker.load())
            .filter(|least| least.load() < own)
            .cloned()
    }
}

impl Worker {
    fn start(number: usize) -> anyhow::Result<Self> {
        let (queue, connections) = unbounded_channel();
        let runtime = runtime()?;
        thread::Builder::new()
            .name(format!("worker-{number}"))
            .spawn(move || runtime.block_on(work(connections)))
            .context("cannot start a thread")?;
        Ok(Self { connections: Arc::default(), queue })
    }

    fn load(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    /// Which thread answers a connection, and what ends its answer.
    async fn connect(workers: &Workers) -> (String, oneshot::Sender<()>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let address = listener.local_addr().expect("an address");
        let client = tokio::net::TcpStream::connect(address).await.expect("a connection");
        let (stream, _) = listener.accept().await.expect("accepted");
        let ((end, ended), (tell, told)) = (oneshot::channel(), oneshot::channel());
        let conversation = async move |_stream| {
            let name = thread::current().name().unwrap_or_default().to_owned();
            tell.send(name).expect("somebody asks");
            let _ = ended.await;
            drop(client);
        };
        workers.converse(stream, conversation).expect("answered");
        (told.await.expect("an answer"), end)
    }

    #[tokio::test]
    async fn a_worker_starts_for_who_finds_all_others_at_work() {
        let workers = Workers::most(|| 3);
        let own = thread::current().name().unwrap_or_default().to_owned();
        let started = || workers.others.lock().expect("nobody panicked").started.len();
        for _ in 0..3 {
            let (name, end) = connect(&workers).await;
            assert_eq!(name, own);
            end.send(()).expect("it waits");
            while workers.own.load(Ordering::Relaxed) > 0 {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(started(), 0);
        let mut open = Vec::new();
        for expected in [&own, "worker-1", "worker-2", &own, "worker-1"] {
            let (name, end) = connect(&workers).await;
            assert_eq!(name, expected);
            open.push(end);
        }
        assert_eq!(started(), 2);
    }

    #[tokio::test]
    async fn one_worker_answers_all() {
        let workers = Workers::one();
        let (first, second) = (connect(&workers).await, connect(&workers).await);
        assert_eq!(first.0, second.0);
    }
}
