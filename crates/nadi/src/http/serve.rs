//! Serving connections: how many, and how long a slow or silent client is waited for.
//!
//! HTTP/1.1 alone, as proxies speak it to a server behind them: `axum::serve` waits for ever for a request's headers.
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request};
use axum::http::header;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1::{self, UpgradeableConnection};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Sleep, sleep};
use tower_service::Service as _;

/// How long clients are waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a new connection's first request.
    pub first: Duration,
    /// For the next request of an open connection, its headers included.
    pub next: Duration,
    /// For a request's whole body.
    pub body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        // A minute is what proxies keep an idle connection for; who closes later than they do never cuts a request off.
        Self { first: Duration::from_secs(10), next: Duration::from_secs(75), body: Duration::from_secs(30) }
    }
}

/// The largest request head, and what one connection may take up in memory.
const BUFFER: usize = 64 * 1024;

/// Serves until `stop`, then lets open requests finish. At most `connections` are open; further ones wait their turn.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    connections: usize,
    patience: Patience,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(connections));
    let ((stopping, stopped), mut stop) = (watch::channel(false), pin!(stop));
    loop {
        let (place, stream, peer) = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        tokio::spawn(attend(stream, peer, router.clone(), patience, stopped.clone(), place));
    }
    drop((listener, stopped));
    stopping.send_replace(true);
    // Each connection holds one of the other ends.
    stopping.closed().await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (Option<OwnedSemaphorePermit>, TcpStream, SocketAddr) {
    // The semaphore is never closed, so there is always a permit in the end.
    let place = places.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (place, stream, peer),
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                // Out of file descriptors, mostly: trying again at once would only turn in circles.
                sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn attend(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    patience: Patience,
    stopped: watch::Receiver<bool>,
    place: Option<OwnedSemaphorePermit>,
) {
    // Without TCP_NODELAY a live event waits 40 ms for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let asked = AtomicBool::new(false);
    let place = Arc::new(place);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        asked.store(true, Ordering::Relaxed);
        if request.headers().contains_key(header::UPGRADE) {
            // What becomes a WebSocket is served elsewhere from then on, and keeps its place with the request.
            request.extensions_mut().insert(place.clone());
        }
        answer(router.clone(), request, peer, patience.body)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience.next).max_buf_size(BUFFER);
    let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
    let mut served = pin!(until_stopped(connection, stopped));
    tokio::select! {
        biased;
        done = &mut served => return told(done),
        () = sleep(patience.first) => {}
    }
    if asked.load(Ordering::Relaxed) {
        told(served.await);
    }
}

/// Serves a connection until it ends, or becomes a WebSocket; once the server stops, until its present request is answered.
async fn until_stopped<S, B>(
    connection: UpgradeableConnection<TokioIo<TcpStream>, S>,
    mut stopped: watch::Receiver<bool>,
) -> hyper::Result<()>
where
    S: HttpService<Incoming, ResBody = B>,
    S::Error: Into<axum::BoxError>,
    B: HttpBody + 'static,
    B::Error: Into<axum::BoxError>,
{
    let mut connection = pin!(connection);
    tokio::select! {
        biased;
        done = &mut connection => return done,
        // An error means that nobody can say stop any more, which stops as well.
        _ = stopped.wait_for(|stopped| *stopped) => connection.as_mut().graceful_shutdown(),
    }
    connection.await
}

fn answer(
    mut router: Router,
    request: hyper::Request<Incoming>,
    peer: SocketAddr,
    within: Duration,
) -> impl Future<Output = Result<axum::response::Response, Infallible>> {
    let mut request: Request = request.map(|body| Body::new(Hurried { body, within, late: None }));
    request.extensions_mut().insert(ConnectInfo(peer));
    router.call(request)
}

/// Clients go away in the middle of things all the time.
fn told(done: hyper::Result<()>) {
    if let Err(error) = done {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// A body that fails when it is not whole in time, however steadily it trickles.
struct Hurried<B> {
    body: B,
    within: Duration,
    /// Set when the body is first waited for: most bodies come with their headers and need no clock.
    late: Option<Pin<Box<Sleep>>>,
}

impl<B> HttpBody for Hurried<B>
where
    B: HttpBody<Data = Bytes, Error: Into<axum::BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            // Bytes that are there are taken also when they are late, unless others were waited for.
            let waited = this.late.as_ref().is_some_and(|late| late.is_elapsed());
            return Poll::Ready(if waited { Some(Err(too_late())) } else { frame.map(|f| f.map_err(Into::into)) });
        }
        let within = this.within;
        ready!(this.late.get_or_insert_with(|| Box::pin(sleep(within))).as_mut().poll(cx));
        Poll::Ready(Some(Err(too_late())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// [`kernel::body`] answers 408 to this.
fn too_late() -> axum::BoxError {
    io::Error::from(io::ErrorKind::TimedOut).into()
}
