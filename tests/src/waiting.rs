//! Activations that wait for a server all at once: the server that lets them wait,
//! and the clients that call.

use crate::PATIENCE;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

/// The text that [`slow_server`] answers.
pub const ANSWER: &str = "it was worth the wait";

/// The connections that a listener's queue takes at once.
const BACKLOG: u32 = 4096;

/// A server that answers every request after a while, however many there are. It ends
/// with the process.
pub fn slow_server(delay: Duration) -> SocketAddr {
    let (told, address) = channel();
    thread::spawn(move || {
        runtime().block_on(async move {
            let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
            socket.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
            let listener: TcpListener = socket.listen(BACKLOG).expect("it listens");
            told.send(listener.local_addr().expect("an address")).expect("who asked is there");
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, delay));
            }
        });
    });
    address.recv().expect("it starts")
}

async fn answer(mut stream: TcpStream, delay: Duration) -> io::Result<()> {
    let mut bytes = [0; 4096];
    // A request of `fetch` without a body is one small write.
    while stream.read(&mut bytes).await? > 0 {
        tokio::time::sleep(delay).await;
        let length = ANSWER.len();
        let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{ANSWER}");
        stream.write_all(response.as_bytes()).await?;
    }
    Ok(())
}

/// Posts one `/run` over so many connections at once. How long it took until all were
/// answered, and the answers that were not 200.
pub fn burst(address: SocketAddr, body: &str, count: usize) -> (Duration, Vec<String>) {
    let length = body.len();
    let request: Arc<str> = format!(
        "POST /run HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\
         \r\n\r\n{body}"
    )
    .into();
    runtime().block_on(async move {
        let start = Instant::now();
        let mut calls = JoinSet::new();
        for _ in 0..count {
            let request = Arc::clone(&request);
            calls.spawn(async move {
                let called = tokio::time::timeout(PATIENCE, call(address, &request)).await;
                called.map_err(|_| "no answer".to_owned())?.map_err(|error| error.to_string())
            });
        }
        let mut others = Vec::new();
        while let Some(answered) = calls.join_next().await {
            match answered.expect("a call does not panic") {
                Ok(text) if text.starts_with("HTTP/1.1 200 ") => {}
                Ok(other) | Err(other) => others.push(other),
            }
        }
        (start.elapsed(), others)
    })
}

async fn call(address: SocketAddr, request: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    Ok(text)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}
