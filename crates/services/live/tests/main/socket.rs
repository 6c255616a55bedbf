//! A plain WebSocket in a test's hands.
use std::collections::VecDeque;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use testkit::{Client, TestApp};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// An open connection and what it was told.
pub struct Ws {
    stream: WebSocketStream<TcpStream>,
    told: VecDeque<(String, Value)>,
    /// The code and the reason that the server closed with.
    pub closed: Option<(u16, String)>,
    over: bool,
}

/// Much longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

impl Ws {
    /// Connects; the status of the refusal otherwise.
    pub async fn try_open(base: &str, token: Option<&str>, query: &str) -> Result<Self, u16> {
        let address = base.trim_start_matches("http://");
        let mut request = format!("ws://{address}/ws{query}").into_client_request().expect("a request");
        if let Some(token) = token {
            let bearer = format!("Bearer {token}").try_into().expect("a header");
            request.headers_mut().insert("authorization", bearer);
        }
        let stream = TcpStream::connect(address).await.expect("a connection");
        match client_async(request, stream).await {
            Ok((stream, _)) => Ok(Self { stream, told: VecDeque::new(), closed: None, over: false }),
            Err(Error::Http(refused)) => Err(refused.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    pub async fn open(t: &TestApp, by: &Client) -> Self {
        Self::try_open(&t.base, by.token.as_deref(), "").await.expect("a connection")
    }

    /// Connects and follows this patient.
    pub async fn following(t: &TestApp, by: &Client, whom: &Value) -> Self {
        let mut ws = Self::open(t, by).await;
        ws.send(json!({"subscribe": whom})).await;
        ws.hears("subscribed").await;
        ws
    }

    pub async fn send(&mut self, message: Value) {
        self.send_text(message.to_string()).await;
    }

    pub async fn send_text(&mut self, text: String) {
        // A server that has closed takes nothing more, which the test sees by what it hears.
        let _ = self.stream.send(Message::Text(text.into())).await;
    }

    /// Sends bytes as they are, past the library.
    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).await.expect("sent");
    }

    /// The next event of this name; what comes before it is kept.
    pub async fn hears(&mut self, event: &str) -> Value {
        let found = self.hears_within(event, PATIENCE).await;
        found.unwrap_or_else(|| panic!("no {event}; told {:?}, closed {:?}", self.told, self.closed))
    }

    /// The same, or nothing when it does not come in this time or the connection ends.
    pub async fn hears_within(&mut self, event: &str, time: Duration) -> Option<Value> {
        let end = Instant::now() + time;
        loop {
            if let Some(at) = self.told.iter().position(|(name, _)| name == event) {
                return self.told.remove(at).map(|(_, data)| data);
            }
            timeout_at(end, self.read()).await.ok()??;
        }
    }

    /// Reads one message; none once the connection is over.
    async fn read(&mut self) -> Option<()> {
        if self.over {
            return None;
        }
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => {
                let said: Value = serde_json::from_str(text.as_str()).expect("JSON");
                self.told.push_back((said["event"].as_str().expect("an event").to_owned(), said["data"].clone()));
            }
            Some(Ok(Message::Close(frame))) => {
                self.closed = frame.map(|frame| (frame.code.into(), frame.reason.to_string()));
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => self.over = true,
        }
        Some(())
    }

    /// Reads to the end of the connection, and answers everything that was told and not asked for yet.
    pub async fn rest_of_it(&mut self) -> Vec<(String, Value)> {
        let reading = async { while self.read().await.is_some() {} };
        timeout(PATIENCE, reading).await.expect("the connection ends");
        self.told.drain(..).collect()
    }

    /// Whether anything that was told holds these words.
    pub fn was_told(&self, words: &str) -> bool {
        self.told.iter().any(|(_, data)| data.to_string().contains(words))
    }
}
