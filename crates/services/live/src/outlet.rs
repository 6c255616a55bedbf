//! Where a connection's events go, whatever the protocol.
use serde_json::Value;

/// One client's end of a connection.
pub trait Outlet: Send {
    /// Sends one event.
    fn say(&mut self, event: &str, body: &Value) -> impl Future<Output = Result<(), Lost>> + Send;

    /// Shows a silent client that the server is there, where the protocol does not do so itself.
    fn ping(&mut self) -> impl Future<Output = Result<(), Lost>> + Send {
        async { Ok(()) }
    }

    /// Says why the connection ends, and ends it.
    fn end(self, why: End) -> impl Future<Output = ()> + Send;
}

/// Why nothing more can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The client takes things more slowly than they come.
    Slow,
    Gone,
}

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The client went.
    Left,
    Slow,
    SessionEnded,
    Stopping,
    /// Something failed on our side, such as the database.
    Trouble,
    /// The client does not keep to the protocol.
    Broken(Breach),
}

/// What a client did that its protocol forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    TooLarge,
    NoText,
    Frames,
}

impl End {
    /// What the client is told; nothing when there is nobody to tell.
    pub fn words(self) -> Option<&'static str> {
        match self {
            Self::Left => None,
            Self::Slow => Some("you read more slowly than things happen: connect again and read the history"),
            Self::SessionEnded => Some("the session has ended: sign in again"),
            Self::Stopping => Some("the server stops: connect again"),
            Self::Trouble => Some("something failed on our side: connect again and read the history"),
            Self::Broken(Breach::TooLarge) => Some("the message is too large"),
            Self::Broken(Breach::NoText) => Some("the message is no UTF-8"),
            Self::Broken(Breach::Frames) => Some("these are no frames of a WebSocket client"),
        }
    }

    /// For the metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Slow => "slow",
            Self::SessionEnded => "session_ended",
            Self::Stopping => "stopping",
            Self::Trouble => "trouble",
            Self::Broken(_) => "broken",
        }
    }
}

impl From<Lost> for End {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Slow => Self::Slow,
            Lost::Gone => Self::Left,
        }
    }
}
