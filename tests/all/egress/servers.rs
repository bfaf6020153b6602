//! Servers of a test's own: they answer as they are told and remember what they
//! heard. HTTP/1.1 in plain bytes, so that they can break every rule.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a server answers to the head of a request; nothing is waiting for ever.
type Answer = dyn Fn(&str) -> Vec<u8> + Send + Sync;

/// A server on a free port.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// One on 127.0.0.1.
    pub(super) fn start(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::on("127.0.0.1:0".parse().unwrap(), answer)
    }

    pub(super) fn on(
        address: SocketAddr,
        answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self::with(address, Arc::new(answer), |stream| Some(Box::new(stream)))
    }

    /// One that speaks TLS with every client that takes its certificate.
    pub(super) fn with_tls(config: rustls::ServerConfig) -> Self {
        let config = Arc::new(config);
        let wrap = move |stream: TcpStream| {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).ok()?;
            let mut stream = rustls::StreamOwned::new(connection, stream);
            stream.conn.complete_io(&mut stream.sock).ok()?;
            Some(Box::new(stream) as Box<dyn Stream>)
        };
        Self::with("127.0.0.1:0".parse().unwrap(), Arc::new(|_| text("secret")), wrap)
    }

    fn with(
        address: SocketAddr,
        answer: Arc<Answer>,
        wrap: impl Fn(TcpStream) -> Option<Box<dyn Stream>> + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, connections) = (Arc::default(), Arc::new(AtomicUsize::new(0)));
        let server =
            Self { address, heard: Arc::clone(&heard), connections: Arc::clone(&connections) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                connections.fetch_add(1, Ordering::SeqCst);
                let (answer, heard, wrap) = (Arc::clone(&answer), Arc::clone(&heard), wrap.clone());
                thread::spawn(move || {
                    if let Some(mut stream) = wrap(stream) {
                        converse(&mut *stream, &*answer, &heard);
                    }
                });
            }
        });
        server
    }

    /// Its URL.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The heads of the requests that came.
    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// How many connections came.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

pub(super) trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// Answers requests until the client goes away.
fn converse(stream: &mut dyn Stream, answer: &Answer, heard: &Mutex<Vec<String>>) {
    let mut bytes = Vec::new();
    loop {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            let mut more = [0; 4096];
            match stream.read(&mut more) {
                Ok(length) if length > 0 => bytes.extend_from_slice(&more[..length]),
                _ => return,
            }
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end + 2]).into_owned();
        bytes.drain(..end + 4);
        while bytes.len() < length(&head) {
            let mut more = [0; 65536];
            match stream.read(&mut more) {
                Ok(length) if length > 0 => bytes.extend_from_slice(&more[..length]),
                _ => return,
            }
        }
        bytes.drain(..length(&head));
        let response = answer(&head);
        heard.lock().unwrap().push(head);
        if stream.write_all(&response).and_then(|()| stream.flush()).is_err() {
            return;
        }
        // `Connection: close` is the server's to do.
        if String::from_utf8_lossy(&response).contains("Connection: close") {
            return;
        }
    }
}

fn length(head: &str) -> usize {
    let line = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    line.unwrap_or(0)
}

/// A response with a text.
pub(super) fn text(text: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len()).into_bytes()
}

/// The same from a server that closes the connection.
pub(super) fn last(text: &str) -> Vec<u8> {
    let length = text.len();
    format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{text}")
        .into_bytes()
}
