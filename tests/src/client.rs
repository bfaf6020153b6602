//! HTTP as OpenWhisk's invoker speaks it: a connection for every request, and a
//! reply counts only with a `Content-Length`, unless it is 204, chunked or
//! compressed (`ApacheBlockingContainerClient.scala`).

use crate::PATIENCE;
use serde_json::Value;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// Status and JSON: the whole answer, to compare.
    pub fn whole(&self) -> (u16, Value) {
        (self.status, self.json())
    }
}

/// Posts a body as the invoker does.
pub fn post(address: SocketAddr, path: &str, body: &[u8]) -> io::Result<Reply> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\nAccept-Encoding: gzip,deflate\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = send(address, head.as_bytes())?;
    stream.write_all(body)?;
    receive(stream)
}

/// Gets what is text.
pub fn get(address: SocketAddr, path: &str) -> io::Result<(u16, String)> {
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let reply = receive(send(address, head.as_bytes())?)?;
    Ok((reply.status, String::from_utf8_lossy(&reply.body).into_owned()))
}

/// Opens a connection and sends bytes, whatever they are.
pub fn send(address: SocketAddr, bytes: &[u8]) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE * 4))?;
    stream.write_all(bytes)?;
    Ok(stream)
}

/// Reads one reply, strictly.
pub fn receive(stream: impl io::Read) -> io::Result<Reply> {
    let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| broken(&format!("no status line: {line:?}")))?;
    let mut length = None;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok(),
            "transfer-encoding" | "content-encoding" => return Err(broken(&line)),
            _ => {}
        }
    }
    let length: usize = length.ok_or_else(|| broken("no Content-Length"))?;
    if status == 204 {
        return Err(broken("204 counts as no response"));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Reply { status, body })
}
