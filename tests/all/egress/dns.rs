//! A name server of a test's own (RFC 1035): what it answers may change from one
//! question to the next, and nobody may remember it.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What a name is.
pub(super) enum Is {
    /// These addresses.
    At(Vec<Ipv4Addr>),
    /// Another name, and that one's address.
    Alias(&'static str, Ipv4Addr),
    /// Nobody's.
    Nothing,
}

/// Answers by UDP.
pub(super) struct NameServer {
    pub(super) address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

const A: u16 = 1;
const CNAME: u16 = 5;

impl NameServer {
    /// `answer` is told the name, and how many questions for an IPv4 address came before.
    pub(super) fn start(answer: impl Fn(&str, usize) -> Is + Send + 'static) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        thread::spawn(move || {
            let mut packet = [0; 1500];
            while let Ok((length, client)) = socket.recv_from(&mut packet) {
                let (name, end) = name(&packet[..length]);
                let kind = u16::from_be_bytes([packet[end], packet[end + 1]]);
                let is = match kind {
                    A => answer(&name, counter.fetch_add(1, Ordering::SeqCst)),
                    _ => Is::At(Vec::new()),
                };
                socket.send_to(&reply(&packet[..end + 4], &is), client).unwrap();
            }
        });
        Self { address, asked }
    }

    /// How often it was asked for an IPv4 address.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// The name in a question, and where it ends.
fn name(packet: &[u8]) -> (String, usize) {
    let (mut labels, mut at) = (Vec::new(), 12);
    while packet[at] != 0 {
        let length = usize::from(packet[at]);
        labels.push(String::from_utf8_lossy(&packet[at + 1..=at + length]).to_ascii_lowercase());
        at += 1 + length;
    }
    (labels.join("."), at + 1)
}

fn reply(question: &[u8], is: &Is) -> Vec<u8> {
    let mut records = Vec::new();
    match is {
        Is::At(addresses) => {
            for address in addresses {
                records.push(record(&[0xc0, 12], A, &address.octets()));
            }
        }
        Is::Alias(other, address) => {
            let other = encoded(other);
            records.push(record(&[0xc0, 12], CNAME, &other));
            records.push(record(&other, A, &address.octets()));
        }
        Is::Nothing => {}
    }
    let code = if matches!(is, Is::Nothing) { 3 } else { 0 };
    let mut reply = question[..2].to_vec();
    // A response, recursion asked for and available; one question.
    reply.extend_from_slice(&[0x81, 0x80 | code, 0, 1, 0, records.len() as u8, 0, 0, 0, 0]);
    reply.extend_from_slice(&question[12..]);
    reply.extend(records.concat());
    reply
}

/// A record that nobody keeps: its time to live is 0.
fn record(name: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    let mut record = name.to_vec();
    record.extend_from_slice(&kind.to_be_bytes());
    record.extend_from_slice(&[0, 1, 0, 0, 0, 0]);
    record.extend_from_slice(&(data.len() as u16).to_be_bytes());
    record.extend_from_slice(data);
    record
}

fn encoded(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.') {
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes
}
