//! Connections: accepted, answered one request after the other, drained. Knows how
//! HTTP is carried, not what is asked.

use super::{Host, Stage};
use crate::workers::Workers;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, mpsc};

/// The longest wait for a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// The most that is read from a connection at once, and so the longest head of a request. hyper's
/// own 400 KB are too much for the processor's cache, and each new page of them costs a fault.
const LARGEST_READ: usize = 64 << 10;
/// The wait after an `accept` that failed, mostly for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The longest wait for the first request of a connection that was accepted when
/// the host began to drain.
const FIRST_REQUEST: Duration = Duration::from_secs(1);

/// The most connections that the kernel holds for us until they are accepted; on most machines it
/// allows no more (`net.core.somaxconn`).
const MOST_WAITING: u32 = 4096;

/// Listens where many come at once. Of more than wait to be accepted the kernel drops the first
/// packet, and each tries again after a second: the 128 of the standard library are one burst.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A host that starts again does not wait for the connections of the one before.
    socket.set_reuseaddr(true)?;
    // A reply is one small write; waiting for more would only delay it. Connections have it from here.
    socket.set_nodelay(true)?;
    socket.bind(address)?;
    socket.listen(MOST_WAITING)
}

/// Serves `listener`, one of [`listen`], until `shutdown`, then drains: the listener closes first,
/// since OpenWhisk retries a refused connection; what is accepted is answered;
/// after `drain` the rest is dropped.
pub async fn serve(
    listener: TcpListener,
    host: Arc<Host>,
    workers: &Workers,
    drain: Duration,
    shutdown: impl Future<Output = ()>,
) {
    let (_, nowhere) = mpsc::unbounded_channel();
    serve_with(listener, nowhere, host, workers, drain, shutdown).await;
}

/// The same, with connections that others have accepted.
pub(crate) async fn serve_with(
    listener: TcpListener,
    mut elsewhere: mpsc::UnboundedReceiver<std::net::TcpStream>,
    host: Arc<Host>,
    workers: &Workers,
    drain: Duration,
    shutdown: impl Future<Output = ()>,
) {
    // Every conversation holds a sender: that none is left is how their end is seen.
    let (talking, mut silence) = mpsc::channel::<()>(1);
    let accept = |stream| {
        let (host, talking) = (Arc::clone(&host), talking.clone());
        let conversation = async move |stream| {
            converse(stream, host).await;
            drop(talking);
        };
        if let Err(cause) = workers.converse(stream, conversation) {
            tracing::warn!(%cause, "a connection is lost");
        }
    };
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => accept(stream),
                Err(cause) => {
                    tracing::warn!(%cause, "cannot accept a connection: idle ones are closed");
                    host.crowded.notify_waiters();
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(stream) = elsewhere.recv() => match TcpStream::from_std(stream) {
                Ok(stream) => accept(stream),
                Err(cause) => tracing::warn!(%cause, "a connection is lost"),
            },
            () = &mut shutdown => break,
        }
    }
    host.stage.send_replace(Stage::Draining);
    // Who accepts elsewhere sees it and stops.
    elsewhere.close();
    let sent = std::iter::from_fn(|| elsewhere.try_recv().ok());
    let sent: Vec<_> = sent.filter_map(|stream| TcpStream::from_std(stream).ok()).collect();
    sent.into_iter().chain(pending(listener)).for_each(accept);
    drop(talking);
    if tokio::time::timeout(drain, silence.recv()).await.is_err() {
        tracing::warn!("activations were still running after {} s of draining", drain.as_secs());
    }
    host.stage.send_replace(Stage::Over);
}

/// Closes the listener, but for what the kernel has accepted already: it would be
/// reset. Asked of the kernel itself, since tokio may not have heard of it yet.
fn pending(listener: TcpListener) -> Vec<TcpStream> {
    let Ok(listener) = listener.into_std() else { return Vec::new() };
    let accepted = std::iter::from_fn(|| listener.accept().ok());
    let streams = accepted.take(MOST_WAITING as usize).filter_map(|(stream, _)| {
        stream.set_nonblocking(true).ok()?;
        TcpStream::from_std(stream).ok()
    });
    streams.collect()
}

/// Answers the requests of one connection: until it closes, until the host drains
/// and what was asked is answered, or until time is over.
async fn converse(stream: TcpStream, host: Arc<Host>) {
    // Once for a connection: one that was opened to a container never reaches the next at its
    // address.
    let whom = host.containers.at(&mut || stream.local_addr());
    let mut stage = host.stage.subscribe();
    let asked = Arc::new(Notify::new());
    let busy = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let (asked, busy, host) = (Arc::clone(&asked), Arc::clone(&busy), Arc::clone(&host));
        move |request| {
            asked.notify_one();
            let (busy, host) = (Arc::clone(&busy), Arc::clone(&host));
            let whom = whom.clone();
            async move {
                busy.store(true, Ordering::Relaxed);
                let answer = host.answer(&whom, request).await;
                busy.store(false, Ordering::Relaxed);
                Ok::<_, Infallible>(answer)
            }
        }
    });
    let mut http = http1::Builder::new();
    // Without a timer hyper has no timeouts.
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    http.max_buf_size(LARGEST_READ);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    // An error is a client that went away, or one that does not speak HTTP.
    loop {
        tokio::select! {
            _ = &mut connection => return,
            _ = stage.wait_for(|stage| *stage != Stage::Serving) => break,
            () = host.crowded.notified() => if !busy.load(Ordering::Relaxed) { return },
        }
    }
    // hyper would close a connection that has not asked yet, though its request may be here. In
    // this order, so that on a busy machine what is here is read before time is up.
    tokio::select! {
        biased;
        _ = &mut connection => return,
        () = asked.notified() => {}
        () = tokio::time::sleep(FIRST_REQUEST) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection => {}
        _ = stage.wait_for(|stage| *stage == Stage::Over) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_have_no_delay_from_the_listener_on() {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let _client = TcpStream::connect(address).await.expect("a connection");
        let (stream, _) = listener.accept().await.expect("accepted");
        assert!(stream.nodelay().expect("an answer"));
    }
}
