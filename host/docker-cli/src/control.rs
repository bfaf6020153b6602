//! The executor's control API, from the other side: HTTP/1.1 with JSON over a unix
//! socket, one request for each connection. `docs/executor.md` has the API.

use crate::answer::Failure;
use crate::config::Config;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{self, Read, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// OpenWhisk gives most commands 10 s (`whisk.docker.client.timeouts`): an answer in
/// words in that time is better than none.
const PATIENCE: Duration = Duration::from_secs(9);
/// More than any list or log that the executor keeps; what is larger is not ours.
const LARGEST_ANSWER: usize = 256 << 20;

/// A virtual container.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Container {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) state: String,
    pub(crate) address: String,
    pub(crate) port: u16,
    #[serde(default)]
    pub(crate) memory: Option<u64>,
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) created: String,
    #[serde(default)]
    pub(crate) network: Option<String>,
    #[serde(default)]
    pub(crate) log: Option<String>,
}

impl Container {
    pub(crate) fn is_paused(&self) -> bool {
        self.state == "paused"
    }
}

/// Why there is no answer to use.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Nobody answers at the socket.
    Gone(String),
    /// There is no such container.
    Unknown(String),
    /// The executor says no.
    Refused(String),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Gone(words) | Refusal::Unknown(words) | Refusal::Refused(words) => {
                Self::new(words)
            }
        }
    }
}

/// The executor, at the socket that the configuration names.
#[derive(Debug)]
pub(crate) struct Control<'a>(pub(crate) &'a Config);

impl Control<'_> {
    /// Gets what a path names.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refusal> {
        self.ask("GET", path, None)
    }

    /// Posts, with or without a body.
    pub(crate) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, Refusal> {
        self.ask("POST", path, body)
    }

    /// Removes a container.
    pub(crate) fn delete(&self, container: &str) -> Result<Value, Refusal> {
        self.ask("DELETE", &format!("/containers/{}", escape(container)), None)
    }

    fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, Refusal> {
        let (status, body) = self.exchange(method, path, body).map_err(|error| {
            let (socket, file) = (self.0.socket.display(), self.0.file.display());
            let remedy = if error.kind() == io::ErrorKind::PermissionDenied {
                "add this user to the socket's group".to_owned()
            } else {
                format!("start it with `systemctl start wow-executor`, or set `socket` in {file}")
            };
            Refusal::Gone(format!(
                "the executor does not answer at {socket}: {error}\n\nhint: {remedy}"
            ))
        })?;
        if !(200..300).contains(&status) {
            let error: Option<Value> = serde_json::from_slice(&body).ok();
            let words = error.as_ref().and_then(|error| error["error"].as_str());
            let words =
                words.map_or_else(|| format!("the executor answered {status}"), str::to_owned);
            return Err(if status == 404 {
                Refusal::Unknown(words)
            } else {
                Refusal::Refused(words)
            });
        }
        let unread =
            |e| Refusal::Refused(format!("cannot read the executor's answer to {path}: {e}"));
        serde_json::from_slice(&body).map_err(unread)
    }

    fn exchange(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> io::Result<(u16, Vec<u8>)> {
        let mut stream = UnixStream::connect(&self.0.socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        receive(&mut stream)
    }
}

/// Reads one answer: its status and its body, as long as it says.
fn receive(stream: &mut impl Read) -> io::Result<(u16, Vec<u8>)> {
    let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut bytes = Vec::with_capacity(4096);
    let head = loop {
        let mut piece = [0; 4096];
        let read = match stream.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        bytes.extend_from_slice(&piece[..read]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if read == 0 || bytes.len() > 65_536 {
            return Err(broken("it closed the connection before it had answered"));
        }
    };
    let (status, length) =
        read_head(&bytes[..head]).ok_or_else(|| broken("not an answer in HTTP"))?;
    if length > LARGEST_ANSWER {
        return Err(broken(&format!(
            "an answer of {length} bytes; at most {LARGEST_ANSWER} are read"
        )));
    }
    let mut body = bytes.split_off(head + 4);
    let missing = length.saturating_sub(body.len());
    stream.take(missing as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(broken("it closed the connection within its answer"));
    }
    body.truncate(length);
    Ok((status, body))
}

/// The status and the length that an answer's head names.
fn read_head(head: &[u8]) -> Option<(u16, usize)> {
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let mut fields = lines.filter_map(|line| line.split_once(':'));
    let (_, length) = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    Some((status, length.trim().parse().ok()?))
}

/// A text as a part of a path or a query.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(byte.into());
            }
            _ => escaped += &format!("%{byte:02X}"),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_it_says() {
        let mut whole: &[u8] = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}more";
        assert_eq!(receive(&mut whole).unwrap(), (201, b"{}".to_vec()));
    }

    #[test]
    fn half_an_answer_is_none() {
        for half in
            ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "SSH-2\r\n\r\n"]
        {
            let error = receive(&mut half.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{half}");
        }
    }

    #[test]
    fn what_means_something_in_a_path_is_escaped() {
        assert_eq!(escape("wsk0_1 a/b?é"), "wsk0_1%20a%2Fb%3F%C3%A9");
    }
}
