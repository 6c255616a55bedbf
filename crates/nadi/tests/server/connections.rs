//! Connections: how many, and how long a slow client is waited for.
use std::time::Duration;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts as _, Request};
use axum::response::Response;
use axum::routing::{get, post};
use nadi::http::{Patience, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(60);
const PATIENT: Patience = Patience { first: LONG, next: LONG, body: LONG };

struct Server {
    address: std::net::SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    done: tokio::task::JoinHandle<()>,
}

async fn start(connections: usize, patience: Patience) -> Server {
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/slow", get(|| async { sleep(SHORT).await }))
        .route("/socket", get(socket))
        .route("/", post(|request: Request| async { kernel::body(request).await.map(|b| b.len().to_string()) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async move { drop(stopped.await) };
    let done = tokio::spawn(serve(listener, router, connections, patience, stopped));
    Server { address, stop: Some(stop), done }
}

/// Listens until the client goes.
async fn socket(request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await.expect("an upgrade");
    let kept = parts.extensions;
    upgrade.on_upgrade(async move |mut socket| {
        while let Some(Ok(_)) = socket.recv().await {}
        drop(kept);
    })
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }
}

/// What comes until the server hangs up, or nothing more comes for a while.
async fn heard(stream: &mut TcpStream) -> (String, bool) {
    let (mut all, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match timeout(SHORT * 5, stream.read(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => return (String::from_utf8_lossy(&all).into_owned(), true),
            Ok(Ok(n)) => all.extend_from_slice(&buffer[..n]),
            Err(_) => return (String::from_utf8_lossy(&all).into_owned(), false),
        }
    }
}

/// Sends a byte now and then, as a client does that means harm, until the server has enough of it.
async fn trickle(stream: &mut TcpStream, text: &str) {
    for byte in text.as_bytes() {
        if stream.write_all(&[*byte]).await.is_err() {
            return;
        }
        sleep(SHORT / 8).await;
    }
}

#[tokio::test]
async fn a_client_that_never_finishes_its_headers_is_hung_up_on() {
    let server = start(8, Patience { first: SHORT, ..PATIENT }).await;
    for beginning in ["", "GET / HTTP/1.1\r\nx-slow: yes, very"] {
        let mut stream = server.connect().await;
        trickle(&mut stream, beginning).await;
        assert_eq!(heard(&mut stream).await, (String::new(), true), "{beginning:?}");
    }
    // Who asked in time may stay beyond it.
    let mut stream = server.connect().await;
    stream.write_all(ASK).await.expect("sent");
    sleep(SHORT * 2).await;
    stream.write_all(ASK).await.expect("sent");
    let (answers, hung_up) = heard(&mut stream).await;
    assert_eq!((answers.matches("hello").count(), hung_up), (2, false), "{answers}");
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_closed_in_the_end() {
    let server = start(8, Patience { next: SHORT, ..PATIENT }).await;
    let mut stream = server.connect().await;
    stream.write_all(ASK).await.expect("sent");
    let (answer, hung_up) = heard(&mut stream).await;
    assert!(answer.ends_with("hello") && hung_up, "{answer}");
}

#[tokio::test]
async fn a_body_that_trickles_is_given_up_with_408() {
    let server = start(8, Patience { body: SHORT, ..PATIENT }).await;
    let mut stream = server.connect().await;
    stream.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n").await.expect("sent");
    trickle(&mut stream, "0123456789abcdef").await;
    let (answer, hung_up) = heard(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 408") && hung_up, "{answer}");
    // A whole body is whole however it is cut.
    let mut stream = server.connect().await;
    stream.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nab").await.expect("sent");
    sleep(SHORT / 4).await;
    stream.write_all(b"cd").await.expect("sent");
    let (answer, _) = heard(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with('4'), "{answer}");
}

#[tokio::test]
async fn a_body_that_is_said_to_be_too_large_is_refused_before_it_comes() {
    let server = start(8, PATIENT).await;
    for length in ["99999999999", "18446744073709551615", "2097153"] {
        let mut stream = server.connect().await;
        let head = format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("sent");
        let answer = timeout(LONG / 4, heard(&mut stream)).await.expect("an answer at once").0;
        assert!(answer.starts_with("HTTP/1.1 4"), "{length}: {answer}");
        assert!(answer.starts_with("HTTP/1.1 413") || length.len() == 20, "{length}: {answer}");
    }
}

#[tokio::test]
async fn beyond_the_most_connections_the_next_one_waits_its_turn() {
    let server = start(1, PATIENT).await;
    let mut first = server.connect().await;
    first.write_all(ASK).await.expect("sent");
    assert!(heard(&mut first).await.0.ends_with("hello"));
    let mut second = server.connect().await;
    second.write_all(ASK).await.expect("sent");
    assert_eq!(heard(&mut second).await, (String::new(), false));
    drop(first);
    assert!(heard(&mut second).await.0.ends_with("hello"));
}

#[tokio::test]
async fn who_is_being_answered_when_the_server_stops_is_answered() {
    let mut server = start(8, PATIENT).await;
    let mut idle = server.connect().await;
    idle.write_all(ASK).await.expect("sent");
    let mut asking = server.connect().await;
    asking.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
    sleep(SHORT / 4).await;
    drop(server.stop.take());
    let (answer, hung_up) = heard(&mut asking).await;
    assert!(answer.starts_with("HTTP/1.1 200") && hung_up, "{answer}");
    assert!(heard(&mut idle).await.1, "an idle connection stays open");
    timeout(SHORT, server.done).await.expect("the server stops").expect("in order");
}

#[tokio::test]
async fn a_websocket_keeps_its_place_among_the_connections() {
    let server = start(1, PATIENT).await;
    let mut socket = server.connect().await;
    let upgrade = b"GET /socket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    socket.write_all(upgrade).await.expect("sent");
    assert!(heard(&mut socket).await.0.starts_with("HTTP/1.1 101"));
    let mut next = server.connect().await;
    next.write_all(ASK).await.expect("sent");
    assert_eq!(heard(&mut next).await.0, "");
    drop(socket);
    assert!(heard(&mut next).await.0.ends_with("hello"));
}
