//! One HTTP/1.1 connection that sends ready-made bytes and reads as little of the answer as it must.

use anyhow::{Context, Result, bail};
use memchr::memchr;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

/// What the head of an answer says: its status, where the body begins and where it ends.
#[derive(Debug, PartialEq)]
struct Head {
    status: u16,
    body: usize,
    end: usize,
}

impl Wire {
    pub async fn connect(address: SocketAddr) -> Result<Wire> {
        let stream = TcpStream::connect(address).await.context("connecting")?;
        stream.set_nodelay(true)?;
        Ok(Wire { stream, buffer: vec![0; 16 * 1024], filled: 0 })
    }

    /// Sends one request and waits for its answer; nothing else is in flight.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.filled = 0;
        self.stream.write_all(request).await?;
        let mut head = None;
        loop {
            if self.filled == self.buffer.len() {
                self.buffer.resize(self.buffer.len() * 2, 0);
            }
            let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
            if read == 0 {
                bail!("the server closed the connection");
            }
            self.filled += read;
            if head.is_none() {
                head = parse_head(&self.buffer[..self.filled])?;
            }
            if let Some(Head { status, body, end }) = head
                && self.filled >= end
            {
                return Ok(Answer { status, body: &self.buffer[body..end] });
            }
        }
    }
}

/// `None` while the head has not arrived in full.
fn parse_head(bytes: &[u8]) -> Result<Option<Head>> {
    let mut length = None;
    let mut line = 0;
    while let Some(newline) = memchr(b'\n', &bytes[line..]) {
        let next = line + newline + 1;
        if newline <= 1 {
            let status = bytes.get(9..12).and_then(digits).context("an answer without a status")?;
            let length = match (length, status) {
                (Some(length), _) => length,
                (None, 204 | 304) => 0,
                (None, _) => bail!("an answer without Content-Length (status {status})"),
            };
            return Ok(Some(Head { status: status as u16, body: next, end: next + length }));
        }
        // Only "content-length" can match, and few headers begin with a c.
        if bytes[line] | 0x20 == b'c' && newline > 16 && bytes[line..line + 15].eq_ignore_ascii_case(b"content-length:")
        {
            length = digits(bytes[line + 15..next].trim_ascii());
        }
        line = next;
    }
    Ok(None)
}

fn digits(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_only_when_it_is_complete() {
        let whole = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nContent-Length: 5\r\n\r\nhello";
        for cut in 0..whole.len() - 5 {
            assert_eq!(parse_head(&whole[..cut]).unwrap(), None, "cut at {cut}");
        }
        let head = parse_head(whole).unwrap().unwrap();
        assert_eq!(head, Head { status: 201, body: whole.len() - 5, end: whole.len() });
    }

    #[test]
    fn an_answer_without_a_length_is_refused() {
        assert!(parse_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert_eq!(parse_head(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap().unwrap().end, 27);
    }
}
