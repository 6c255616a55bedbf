//! `/socket.io/` and `/ws`.
use access::{Caller, Rates};
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts as _, State};
use axum::http::{Request, request::Parts};
use axum::response::Response;
use kernel::{App, Error, Errors, Query, Result, request};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::connection::Admitted;
use crate::socket_io::Sockets;
use crate::web_socket::{self, MESSAGE};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(polled)).routes(routes!(posted)).routes(routes!(plain))
}

#[derive(Debug, Deserialize, IntoParams)]
#[allow(dead_code)] // Read by the protocol, and here for the document.
struct Handshake {
    /// 4, the version of Engine.IO.
    #[serde(rename = "EIO")]
    #[param(minimum = 4, maximum = 4)]
    eio: u8,
    /// `polling` or `websocket`.
    transport: String,
    /// The session that the handshake answered.
    sid: Option<String>,
}

/// Socket.IO (protocol 5 over Engine.IO 4), by polling or over a WebSocket: connect with any of its clients.
///
/// Sign in with `{token}` or `{ticket}` in the auth payload, or with the Authorization header; without a valid one the answer
/// is a connect error. Then emit `subscribe_patient` or `unsubscribe_patient` with `{patient_aadhar_uid}` or `{patient_id}`.
/// The events that come are `subscribed`, `unsubscribed`, `error`, `health_alert`, `health_alert_ended`, `vitals` and
/// `wearables`.
#[utoipa::path(get, path = "/socket.io/", tag = "live", security(()), params(Handshake), responses(
    (status = 101, description = "The WebSocket is open"),
    (status = 200, body = String, content_type = "text/plain", description = "Packets of Engine.IO"),
    Errors))]
async fn polled(State(app): State<App>, request: Request<Body>) -> Result<Response> {
    answer(app, request).await
}

/// What a client that polls has to say: packets of Engine.IO.
#[utoipa::path(post, path = "/socket.io/", tag = "live", security(()), params(Handshake),
    request_body(content = String, content_type = "text/plain"), responses(
    (status = 200, body = String, content_type = "text/plain", description = "`ok`"), Errors))]
async fn posted(State(app): State<App>, request: Request<Body>) -> Result<Response> {
    answer(app, request).await
}

async fn answer(app: App, request: Request<Body>) -> Result<Response> {
    let begins = !request.uri().query().unwrap_or_default().split('&').any(|pair| pair.starts_with("sid="));
    let (mut parts, body) = request.into_parts();
    // Who it is comes with a later packet: until then it is a stranger's, and takes memory. A header is nobody's until it is
    // looked at.
    if begins && Caller::from_request_parts(&mut parts, &app).await.is_err() {
        app.edge::<Rates>().count_stranger(&request::current().from, app.clock().now())?;
    }
    let request = Request::from_parts(parts, body);
    Ok(app.edge::<Sockets>().answer(app.clone(), request).await)
}

#[derive(Debug, Deserialize, IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
struct Ticketed {
    /// A ticket from `POST /api/emergency/stream/ticket`, in place of the Authorization header.
    ticket: Option<String>,
}

/// A plain WebSocket with the topics of Socket.IO, each message a JSON object.
///
/// Send `{"subscribe": {"patient_id": …}}` or `{"unsubscribe": …}`, with `patient_id` or `patient_aadhar_uid`. What comes is
/// `{"event": …, "data": …}`, the events of `/socket.io/`. Browsers, whose WebSocket sends no header, bring a ticket.
#[utoipa::path(get, path = "/ws", tag = "live", params(Ticketed), responses(
    (status = 101, description = "The WebSocket is open"), Errors))]
async fn plain(State(app): State<App>, Query(query): Query<Ticketed>, mut parts: Parts) -> Result<Response> {
    let caller = match &query.ticket {
        Some(ticket) => Caller::by_ticket(&app, ticket).await?,
        None => Caller::from_request_parts(&mut parts, &app).await?,
    };
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &app).await;
    let upgrade = upgrade.map_err(|refused| Error::malformed(format!("this is a WebSocket: {refused}")))?;
    let admitted = Admitted::new(&app, caller, request::current())?;
    let upgrade = upgrade.max_message_size(MESSAGE).max_frame_size(MESSAGE);
    // With them the connection's place among all of the server's, as long as it is open.
    let extensions = parts.extensions;
    Ok(upgrade.on_upgrade(async move |socket| {
        web_socket::serve(admitted, socket).await;
        drop(extensions);
    }))
}
