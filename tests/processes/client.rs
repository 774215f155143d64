//! A client on a socket of its own, which is told when the server goes away.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// A connection that is kept alive.
pub struct Client(TcpStream);

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
}

impl Client {
    pub fn connect(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    /// Claims, or fails as the server goes away.
    pub fn claim(&mut self, token: &str, key: &str, form: &Value) -> std::io::Result<Reply> {
        let body = form.to_string();
        self.ask(&format!(
            "POST /api/v1/vouchers HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    pub fn get(&mut self, path: &str, token: &str) -> std::io::Result<Reply> {
        self.ask(&format!("GET /api/v1{path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n\r\n"))
    }

    /// Sends a body that needs no token.
    pub fn send(&mut self, method: &str, path: &str, form: &Value) -> std::io::Result<Reply> {
        let body = form.to_string();
        self.ask(&format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    fn ask(&mut self, request: &str) -> std::io::Result<Reply> {
        self.0.write_all(request.as_bytes())?;
        let mut received = Vec::new();
        let mut buffer = [0_u8; 16 * 1024];
        loop {
            if let Some(reply) = whole(&received) {
                return Ok(reply);
            }
            match self.0.read(&mut buffer)? {
                0 => return Err(std::io::Error::other("the server went away")),
                count => received.extend_from_slice(&buffer[..count]),
            }
        }
    }
}

/// The answer, once all of its body is there.
fn whole(received: &[u8]) -> Option<Reply> {
    let text = std::str::from_utf8(received).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok())?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    (body.len() >= length).then(|| Reply { status, body: serde_json::from_str(body).unwrap_or_default() })
}
