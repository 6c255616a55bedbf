//! `Idempotency-Key`: a POST sent again with the same key is answered again, and done once.
use access::Caller;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::response::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt as _, stream};
use kernel::{App, Error, Result, request};
use serde::{Deserialize, Serialize};
use store::{Sql as _, args, from_row, sql};
use vault::{Digest, SealedColumn, Vault, sealed_column};

sql!(
    KEY_CLAIM = "INSERT INTO idempotency_keys (key_hash, request_hash, created_at) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING"
);
sql!(KEY_FIND = "SELECT request_hash, answer FROM idempotency_keys WHERE key_hash = $1");
sql!(KEY_ANSWER = "UPDATE idempotency_keys SET answer = $2 WHERE key_hash = $1");
sql!(KEY_FORGET = "DELETE FROM idempotency_keys WHERE key_hash = $1");
sql!(KEYS_SWEEP = "DELETE FROM idempotency_keys WHERE created_at < $1");

/// How the answer begins to a request whose key came with one before that has begun and not ended; `nadi import` reads it.
pub const UNFINISHED: &str = "an earlier request with this key has not finished";

struct Kept {
    request_hash: Vec<u8>,
    answer: Option<Vec<u8>>,
}
from_row!(Kept { request_hash, answer });

/// An answer as it is kept, sealed.
#[derive(Serialize, Deserialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// It was larger than what is kept; only that it was given is known.
    #[serde(default)]
    is_too_large: bool,
}

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const SEALED_FOR: &str = "idempotency";
/// Of answers larger than this only that they were given is kept. What a change answers comes hardly near it.
const LARGEST: usize = 4 * 1024 * 1024;
/// POSTs under this path only read, and answer as much as there is: a key would keep years of records for a day.
const READS: &str = "/api/v2/fetch/";
/// What is sealed here with the master key.
pub static SYSTEM: &[SealedColumn] =
    &[sealed_column!("idempotency_keys"."answer" of "CAST($1 AS uuid) IS NOT NULL" by (key_hash: Vec<u8>),
        |row| (SEALED_FOR, uuid::Uuid::nil()), System)];
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);
const KEPT_HEADERS: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

/// Answers a POST with a key once. Without a key, or without a caller to whom the key belongs, it passes through.
pub async fn once(State(app): State<App>, incoming: Request, next: Next) -> Response {
    let does = incoming.method() == Method::POST && !incoming.uri().path().starts_with(READS);
    match incoming.headers().get(KEY).filter(|_| does).cloned() {
        None => next.run(incoming).await,
        // Boxed: the room that this takes would be part of every request.
        Some(key) => Box::pin(keyed(app, key, incoming, next)).await,
    }
}

async fn keyed(app: App, key: HeaderValue, incoming: Request, next: Next) -> Response {
    let (mut parts, body) = incoming.into_parts();
    let caller = match Caller::from_request_parts(&mut parts, &app).await {
        Ok(caller) => caller,
        // Nobody is known, so the key is nobody's: the handler refuses, or answers everyone alike.
        Err(error) if matches!(error.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
            return next.run(Request::from_parts(parts, body)).await;
        }
        // Without a claim the deed could be done twice.
        Err(error) => return error.into_response(),
    };
    // Spawned, so that a caller who hangs up and tries again finds the answer and not an unfinished request.
    let known = request::Request::clone(&request::current());
    let work = request::scope(known, async move {
        answer_once(&app, &caller, &key, Request::from_parts(parts, body), next)
            .await
            .unwrap_or_else(Error::into_response)
    });
    tokio::spawn(work).await.unwrap_or_else(|panic| Error::internal(panic).into_response())
}

async fn answer_once(app: &App, caller: &Caller, key: &HeaderValue, incoming: Request, next: Next) -> Result<Response> {
    if !(1..=255).contains(&key.len()) {
        return Err(Error::invalid("Idempotency-Key", "has 1 to 255 characters"));
    }
    let (parts, body) = incoming.into_parts();
    let mut whole = Request::new(body);
    // The limit on bodies is among the extensions.
    whole.extensions_mut().clone_from(&parts.extensions);
    let body = kernel::body(whole).await?;
    let key_hash =
        Digest::default().part(caller.actor.as_bytes()).part(parts.uri.path().as_bytes()).part(key.as_bytes()).finish();
    let query = parts.uri.query().unwrap_or_default();
    let request_hash = Digest::default().part(query.as_bytes()).part(&body).finish();
    if !claim(app, &key_hash, &request_hash).await? {
        return replay(app, &key_hash, &request_hash).await;
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    // Read before anything is kept: a body that fails half-way is no answer.
    let (parts, body) = response.into_parts();
    let (bytes, more) = begin(body).await.map_err(Error::internal)?;
    if let Err(error) = keep(app, key_hash, &parts, more.is_none().then_some(&bytes[..])).await {
        // The deed is done; to answer otherwise would have it done again.
        tracing::error!(request_id = request::current().id, %error, "an answer was not kept for its idempotency key");
    }
    Ok(Response::from_parts(
        parts,
        match more {
            None => Body::from(bytes),
            Some(more) => Body::from_stream(stream::once(async { Ok(Bytes::from(bytes)) }).chain(more)),
        },
    ))
}

/// An answer's body, and the rest of it when it is larger than what is kept.
async fn begin(body: Body) -> Result<(Vec<u8>, Option<BodyDataStream>), axum::Error> {
    let mut parts = body.into_data_stream();
    let mut begun = Vec::new();
    while let Some(part) = parts.next().await.transpose()? {
        begun.extend_from_slice(&part);
        if begun.len() > LARGEST {
            return Ok((begun, Some(parts)));
        }
    }
    Ok((begun, None))
}

async fn claim(app: &App, key_hash: &[u8], request_hash: &[u8]) -> Result<bool> {
    let mut tx = app.db().begin().await?;
    let new = tx.run(&KEY_CLAIM, args![key_hash.to_vec(), request_hash.to_vec(), app.clock().now()]).await? > 0;
    tx.commit().await?;
    Ok(new)
}

async fn replay(app: &App, key_hash: &[u8], request_hash: &[u8]) -> Result<Response> {
    let kept: Option<Kept> = app.db().one(&KEY_FIND, args![key_hash.to_vec()]).await?;
    let unfinished = || Error::conflict(format!("{UNFINISHED}; look at what it did before you repeat it"));
    let Some(kept) = kept else { return Err(unfinished()) };
    if kept.request_hash != request_hash {
        return Err(Error::invalid("Idempotency-Key", "was used for another request"));
    }
    let sealed = kept.answer.ok_or_else(unfinished)?;
    let plain = app.edge::<Vault>().open_system(SEALED_FOR, &sealed)?;
    let answer: Answer = serde_json::from_slice(&plain).map_err(Error::internal)?;
    if answer.is_too_large {
        let done = format!("this was done, and answered with {}; that answer was too large to be kept", answer.status);
        let mut response = Error::conflict(done).with("done", true).with("answered", answer.status).into_response();
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        return Ok(response);
    }
    let mut response = (StatusCode::from_u16(answer.status).map_err(Error::internal)?, answer.body).into_response();
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// Keeps the answer for the next time, without its body when there is too much of it; a failure of ours is forgotten, so that
/// trying again tries again.
async fn keep(app: &App, key_hash: Vec<u8>, parts: &Parts, body: Option<&[u8]>) -> Result<()> {
    let mut tx = app.db().begin().await?;
    if parts.status.is_server_error() {
        tx.run(&KEY_FORGET, args![key_hash]).await?;
    } else {
        let sealed = sealed(app, parts, body).ok_or_else(|| Error::internal("the answer cannot be sealed"))?;
        tx.run(&KEY_ANSWER, args![key_hash, sealed]).await?;
    }
    Ok(tx.commit().await?)
}

fn sealed(app: &App, parts: &Parts, body: Option<&[u8]>) -> Option<Vec<u8>> {
    let header = |name: &HeaderName| Some((name.to_string(), parts.headers.get(name)?.to_str().ok()?.to_owned()));
    let answer = Answer {
        status: parts.status.as_u16(),
        headers: KEPT_HEADERS.iter().filter_map(header).collect(),
        body: String::from_utf8(body.unwrap_or_default().to_vec()).ok()?,
        is_too_large: body.is_none(),
    };
    app.edge::<Vault>().seal_system(SEALED_FOR, &serde_json::to_vec(&answer).ok()?).ok()
}

/// Forgets keys older than a day.
pub async fn sweep(app: &App, now: DateTime<Utc>) -> Result<()> {
    let mut tx = app.db().begin().await?;
    tx.run(&KEYS_SWEEP, args![now - KEPT_FOR]).await?;
    Ok(tx.commit().await?)
}
