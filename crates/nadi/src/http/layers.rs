//! What every request passes through: its id, its log line, its measurements, headers for its answer.
use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use kernel::{Error, request};

/// What the process accepts.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a body.
    pub body: usize,
    pub trust_proxy: bool,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id, answers it, then logs and measures it.
pub async fn around(State(limits): State<Limits>, incoming: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = incoming.method().clone();
    let route = incoming.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let traceparent = text(incoming.headers(), "traceparent").unwrap_or_default().to_owned();
    let known = request::Request {
        id: request_id(incoming.headers()),
        path: incoming.uri().path().to_owned(),
        query: incoming.uri().query().unwrap_or_default().to_owned(),
        from: address(&incoming, limits),
        left: Arc::default(),
    };
    let (id, left) = (known.id.clone(), known.left.clone());
    let mut response = request::scope(known, next.run(incoming)).await;
    finish(response.headers_mut(), &id);
    if let Some(left) = left.get() {
        left.tell(response.headers_mut());
    }

    // The route's pattern and never the path: a path may hold a name, a query a token.
    let route = route.unwrap_or_else(|| "none".to_owned());
    let (status, seconds) = (response.status().as_u16(), started.elapsed().as_secs_f64());
    let labels = [("method", label(&method)), ("route", route.clone()), ("status", status.to_string())];
    metrics::histogram!("http_request_seconds", &labels).record(seconds);
    tracing::debug!(request_id = id, traceparent, %method, route, status, ms = seconds * 1000.0, "request");
    response
}

/// A method as a label. Callers may make up methods, and each label is kept for ever.
fn label(method: &Method) -> String {
    const KNOWN: [Method; 7] =
        [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS];
    if KNOWN.contains(method) { method.to_string() } else { "OTHER".to_owned() }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The caller's id when it is short and plain, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let plain = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    match text(headers, "x-request-id").filter(plain) {
        Some(id) => id.to_owned(),
        None => kernel::ids::new().simple().to_string(),
    }
}

fn address(incoming: &Request, limits: Limits) -> String {
    let forwarded = text(incoming.headers(), "x-forwarded-for").filter(|_| limits.trust_proxy);
    // The last entry is the one our own proxy wrote; earlier ones are whatever the caller sent.
    let forwarded = forwarded.and_then(|list| list.rsplit(',').next()).map(|a| a.trim().chars().take(45).collect());
    let peer = || incoming.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_string());
    forwarded.or_else(peer).unwrap_or_default()
}

fn finish(headers: &mut HeaderMap, id: &str) {
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// A handler's panic is one failed request, not a fallen server.
#[allow(clippy::needless_pass_by_value)] // The layer hands the panic over.
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let words =
        panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
    Error::internal(format!("a handler panicked: {}", words.unwrap_or_default())).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_that_callers_make_up_are_one_label() {
        assert_eq!(label(&Method::PATCH), "PATCH");
        for made_up in ["BREW", "get", "X1", "TRACE"] {
            assert_eq!(label(&Method::from_bytes(made_up.as_bytes()).expect("a method")), "OTHER");
        }
    }
}
