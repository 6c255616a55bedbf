//! The plain WebSocket: each message is a JSON object.
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use futures::stream::{BoxStream, SplitSink, SplitStream, unfold};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};

use crate::connection::{self, Admitted};
use crate::model::Command;
use crate::outlet::{Breach, End, Lost, Outlet};

/// The largest message a client may send, in bytes: the name of a patient.
pub const MESSAGE: usize = 16 * 1024;
/// A client that takes nothing for so long is dropped.
const TAKES: Duration = Duration::from_secs(10);
/// A client from which nothing comes for so long, not even the answer to a ping, is gone.
const SILENCE: Duration = Duration::from_secs(45);

pub async fn serve(admitted: Admitted, socket: WebSocket) {
    let (said, heard) = socket.split();
    connection::serve(admitted, commands(heard), Client(said), "websocket").await;
}

/// What a client asks for, until it is gone.
fn commands(heard: SplitStream<WebSocket>) -> BoxStream<'static, Command> {
    unfold(heard, |mut heard| async {
        loop {
            match timeout(SILENCE, heard.next()).await.ok()?? {
                Ok(Message::Text(text)) => return Some((read(text.as_str()), heard)),
                Ok(Message::Binary(_)) => return Some((Command::Unreadable("send text".to_owned()), heard)),
                // A ping is answered by the library.
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(Message::Close(_)) => return None,
                Err(error) => return breach(error).map(|breach| (Command::Broken(breach), heard)),
            }
        }
    })
    .boxed()
}

/// How a client broke the protocol; none when it is only gone.
fn breach(error: axum::Error) -> Option<Breach> {
    match *error.into_inner().downcast::<tungstenite::Error>().ok()? {
        tungstenite::Error::Capacity(_) => Some(Breach::TooLarge),
        tungstenite::Error::Utf8(_) => Some(Breach::NoText),
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        tungstenite::Error::Protocol(_) => Some(Breach::Frames),
        _ => None,
    }
}

fn read(text: &str) -> Command {
    const USAGE: &str = "send {\"subscribe\": {\"patient_id\": …}} or {\"unsubscribe\": {\"patient_id\": …}}";
    serde_json::from_str(text).unwrap_or_else(|_| Command::Unreadable(USAGE.to_owned()))
}

/// A client over a plain WebSocket.
struct Client(SplitSink<WebSocket, Message>);

impl Client {
    async fn send(&mut self, message: Message) -> Result<(), Lost> {
        match timeout(TAKES, self.0.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Lost::Gone),
            Err(_) => Err(Lost::Slow),
        }
    }
}

impl Outlet for Client {
    async fn say(&mut self, event: &str, body: &Value) -> Result<(), Lost> {
        let text = json!({"event": event, "data": body}).to_string();
        self.send(Message::Text(text.into())).await
    }

    async fn ping(&mut self) -> Result<(), Lost> {
        self.send(Message::Ping(Default::default())).await
    }

    async fn end(mut self, why: End) {
        let Some(words) = why.words() else { return };
        let code = match why {
            End::Stopping => close_code::AWAY,
            End::SessionEnded => close_code::POLICY,
            End::Broken(Breach::TooLarge) => close_code::SIZE,
            End::Broken(Breach::NoText) => close_code::INVALID,
            End::Broken(Breach::Frames) => close_code::PROTOCOL,
            _ => close_code::AGAIN,
        };
        let reason = Utf8Bytes::from_static(words);
        // Whoever does not take the last words in time goes without them.
        let _ = timeout(Duration::from_secs(1), async {
            let _ = self.say("error", &json!({"message": words})).await;
            self.send(Message::Close(Some(CloseFrame { code, reason }))).await
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_a_wish_to_follow_or_to_follow_no_more() {
        let named = |text: &str| match read(text) {
            Command::Subscribe(whom) => format!("+{}", whom.name().unwrap_or_default()),
            Command::Unsubscribe(whom) => format!("-{}", whom.name().unwrap_or_default()),
            Command::Unreadable(_) | Command::Broken(_) => "?".to_owned(),
        };
        assert_eq!(named(r#"{"subscribe": {"patient_id": "P-1"}}"#), "+P-1");
        assert_eq!(named(r#"{"subscribe_patient": {"patient_aadhar_uid": "ab", "doctor_id": 7}}"#), "+ab");
        assert_eq!(named(r#"{"unsubscribe": {"patient_id": "P-1"}}"#), "-P-1");
        for nonsense in ["", "{}", "[1]", r#"{"shout": {}}"#, r#"{"subscribe": 7}"#, r#"{"Unreadable": ""}"#] {
            assert_eq!(named(nonsense), "?", "{nonsense}");
        }
    }
}
