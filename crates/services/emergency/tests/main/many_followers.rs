//! Thousands follow the stream of one process, and each is told.
use futures::StreamExt as _;
use futures::stream::iter;
use testkit::{Engine, TestApp, both};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};

use crate::{raise, text};

const WANTED: usize = 5_000;

/// How many may follow: each needs two files of this process, its own end and the server's.
fn followers() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files =
        limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next()?.parse().ok());
    let files: usize = files.unwrap_or(1024);
    let possible = (files.saturating_sub(500) / 2).min(WANTED);
    if possible < WANTED {
        eprintln!("{files} files may be open: {possible} followers instead of {WANTED}");
    }
    possible
}

/// A connection with as little HTTP as can be.
struct Follower(TcpStream, Vec<u8>);

impl Follower {
    async fn open(address: &str, token: &str) -> Self {
        let mut socket = TcpStream::connect(address).await.expect("a connection");
        let request =
            format!("GET /api/emergency/stream HTTP/1.1\r\nhost: nadi\r\nauthorization: Bearer {token}\r\n\r\n");
        socket.write_all(request.as_bytes()).await.expect("a request");
        let mut follower = Self(socket, Vec::new());
        follower.until(": open").await;
        assert!(follower.1.starts_with(b"HTTP/1.1 200"));
        follower
    }

    /// Reads until these words were said.
    async fn until(&mut self, words: &str) {
        let reading = async {
            while !self.1.windows(words.len()).any(|said| said == words.as_bytes()) {
                let mut part = [0; 2048];
                let read = self.0.read(&mut part).await.expect("a readable socket");
                assert!(read > 0, "the stream ended after {}", String::from_utf8_lossy(&self.1));
                self.1.extend_from_slice(&part[..read]);
            }
        };
        timeout(Duration::from_secs(120), reading).await.expect("everybody is told");
    }
}

async fn everybody_is_told(t: TestApp) {
    let w = t.ward().await;
    // Fewer on PostgreSQL, where only the way to the log differs.
    let count = if t.engine == Engine::Sqlite { followers() } else { followers() / 10 };
    let (address, token) = (t.base.trim_start_matches("http://"), w.nurse.token.as_deref().expect("a token"));
    let opening = iter(0..count).map(|_| Follower::open(address, token)).buffer_unordered(64);
    let mut open: Vec<Follower> = opening.collect().await;
    assert_eq!(open.len(), count);
    let first = raise(&w.doctor, &w.patient).await;
    let second = raise(&w.doctor, &w.patient).await;
    for follower in &mut open {
        follower.until(text(&second["id"])).await;
        let said = String::from_utf8_lossy(&follower.1);
        for emergency in [&first, &second] {
            let told = said.matches(&format!("\"id\":\"{}\"", text(&emergency["id"]))).count();
            assert_eq!(told, 1, "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_followers_are_each_told_once() {
    both(everybody_is_told).await;
}
