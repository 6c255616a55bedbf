//! Socket.IO: signing in at connect, and events both ways.
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use access::Caller;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, header, request::Parts};
use futures::StreamExt as _;
use kernel::{App, Error, Result, request};
use serde_json::{Value, json};
use socketioxide::extract::{SocketRef, TryData};
use socketioxide::handler::ConnectHandler as _;
use socketioxide::service::SocketIoService;
use socketioxide::{ParserConfig, SendError, SocketError, SocketIo};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tower_service::Service as _;

use crate::connection::{self, Admitted, WAITING};
use crate::model::{Auth, Command, Whom};
use crate::outlet::{End, Lost, Outlet};

/// The largest message a client may send, in bytes: the name of a patient.
const MESSAGE: usize = 16 * 1024;
/// Packets that wait for a client before it counts as slow.
const BACKLOG: usize = 128;
/// How long a client may take from the first packet to signing in.
const SIGN_IN_WITHIN: Duration = Duration::from_secs(30);
/// How long a slow client is given to read why it is dropped.
const LAST_WORDS: Duration = Duration::from_secs(30);

/// The edge that serves Socket.IO. It knows its clients, and nothing of what they follow.
pub struct Sockets(SocketIoService<Router>);

/// The connected client between signing in and being served.
type Waiting = Arc<Mutex<Option<Admitted>>>;

impl Sockets {
    pub fn open() -> Self {
        // Nothing here is sent as bytes: who sends some is not let take memory with them.
        let text_alone = ParserConfig::common().max_incoming_binaries(1).max_incoming_binary_buf_size(MESSAGE);
        let (service, io) = SocketIo::builder()
            .req_path("/socket.io")
            .max_payload(MESSAGE as u64)
            .ws_max_message_size(MESSAGE)
            .ws_max_frame_size(MESSAGE)
            .max_buffer_size(BACKLOG)
            .connect_timeout(SIGN_IN_WITHIN)
            .with_parser(text_alone)
            .build_with_inner_svc(Router::new());
        io.ns("/", connected.with(sign_in));
        Self(service)
    }

    /// Answers one of a client's HTTP requests: a handshake, a poll, a post, an upgrade. The request carries the app along
    /// for whoever serves the client later.
    pub async fn answer(&self, app: App, mut request: Request<Body>) -> Response<Body> {
        request.extensions_mut().insert(app);
        request.extensions_mut().insert(request::current());
        let mut service = self.0.clone();
        let Ok(answer) = service.call(request).await;
        answer.map(Body::new)
    }
}

/// What a refused client is told, as its connect error.
struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

async fn sign_in(socket: SocketRef, TryData(auth): TryData<Auth>) -> Result<(), Refused> {
    let admitted = admit(socket.req_parts(), auth.unwrap_or_default()).await;
    let admitted = admitted.map_err(|error| Refused(error.detail().to_owned()))?;
    socket.extensions.insert(Waiting::new(Mutex::new(Some(admitted))));
    Ok(())
}

async fn admit(parts: &Parts, auth: Auth) -> Result<Admitted> {
    let app = parts.extensions.get::<App>().ok_or_else(|| Error::internal("a socket came without the app"))?;
    let request = parts.extensions.get::<Arc<request::Request>>().cloned().unwrap_or_default();
    let signing_in = caller(app, parts, auth);
    let caller = request::scope(request::Request::clone(&request), signing_in).await?;
    Admitted::new(app, caller, request)
}

async fn caller(app: &App, parts: &Parts, auth: Auth) -> Result<Caller> {
    use axum::extract::FromRequestParts as _;
    if let Some(ticket) = auth.ticket {
        return Caller::by_ticket(app, &ticket).await;
    }
    let mut parts = parts.clone();
    if let Some(token) = auth.token {
        let token = token.trim();
        let bearer = if token.to_ascii_lowercase().starts_with("bearer ") {
            token.to_owned()
        } else {
            format!("Bearer {token}")
        };
        let bearer = HeaderValue::try_from(bearer).map_err(|_| Error::unauthenticated("this is no token"))?;
        parts.headers.insert(header::AUTHORIZATION, bearer);
    }
    Caller::from_request_parts(&mut parts, app).await
}

async fn connected(socket: SocketRef) {
    let Some(waiting) = socket.extensions.remove::<Waiting>() else { return };
    let admitted = waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(admitted) = admitted else { return };
    let (commands, asked) = mpsc::channel(WAITING);
    listen(&socket, "subscribe_patient", &commands, Command::Subscribe);
    listen(&socket, "unsubscribe_patient", &commands, Command::Unsubscribe);
    // The handlers above hold the other ends: a client that is gone has to be said.
    let (gone, mut left) = watch::channel(false);
    let gone = Arc::new(gone);
    socket.on_disconnect(async move |_: SocketRef| {
        gone.send_replace(true);
    });
    if !socket.connected() {
        return;
    }
    let left = async move { left.wait_for(|gone| *gone).await.map(drop) };
    let asked = ReceiverStream::new(asked).take_until(Box::pin(left)).boxed();
    connection::serve(admitted, asked, Client(socket), "socket.io").await;
}

/// Passes what a client asks for on to its connection.
fn listen(socket: &SocketRef, event: &'static str, commands: &mpsc::Sender<Command>, command: fn(Whom) -> Command) {
    let commands = commands.clone();
    socket.on(event, async move |socket: SocketRef, TryData(whom): TryData<Whom>| {
        let command = whom.map_or_else(|_| Command::Unreadable(NO_OBJECT.to_owned()), command);
        if commands.try_send(command).is_err() {
            // A client that does not even take this is dropped with the next thing it is told.
            let _ = socket.emit("error", &json!({"message": "too much at once; wait for the answers"}));
        }
    });
}

const NO_OBJECT: &str = "send an object that says whom: patient_aadhar_uid or patient_id";

/// A client over Socket.IO.
struct Client(SocketRef);

impl Outlet for Client {
    async fn say(&mut self, event: &str, body: &Value) -> Result<(), Lost> {
        match self.0.emit(event, body) {
            Ok(()) => Ok(()),
            full if is_full(&full) => Err(Lost::Slow),
            Err(_) => Err(Lost::Gone),
        }
    }

    async fn end(self, why: End) {
        let Some(words) = why.words() else { return };
        let words = json!({"message": words});
        let farewell = async {
            // No room for the last words yet: whoever reads no more at all is ended by the heartbeat.
            while is_full(&self.0.emit("error", &words)) || is_left(&self.0.clone().disconnect()) {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        let _ = tokio::time::timeout(LAST_WORDS, farewell).await;
    }
}

fn is_full(said: &Result<(), SendError>) -> bool {
    matches!(said, Err(SendError::Socket(SocketError::InternalChannelFull)))
}

/// Whether a client that was to be disconnected is there still.
fn is_left(ended: &Result<(), SocketError>) -> bool {
    matches!(ended, Err(SocketError::InternalChannelFull))
}
