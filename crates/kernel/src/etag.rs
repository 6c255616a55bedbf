//! Versions over HTTP: the `ETag` of an answer, and the `If-Match` of a change.
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::{Error, Result};

/// What counts its changes.
pub trait Versioned {
    fn version(&self) -> i64;
}

/// An answer with its version as the `ETag` header.
pub struct Tagged<T>(pub StatusCode, pub T);

impl<T: Versioned> Tagged<T> {
    pub fn ok(answer: T) -> Self {
        Self(StatusCode::OK, answer)
    }

    pub fn created(answer: T) -> Self {
        Self(StatusCode::CREATED, answer)
    }
}

impl<T: Versioned + Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let tag = HeaderValue::try_from(format!("\"{}\"", self.1.version()));
        let mut response = (self.0, Json(self.1)).into_response();
        if let Ok(tag) = tag {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// The versions that `If-Match` names; none when it was not sent or is `*`.
#[derive(Debug, Clone, Default)]
pub struct IfMatch(pub Option<Vec<i64>>);

impl IfMatch {
    /// Refuses a change by whoever has not seen this version: 412. Asked after the row was locked.
    pub fn require(&self, version: i64) -> Result<()> {
        match &self.0 {
            Some(seen) if !seen.contains(&version) => {
                Err(Error::precondition_failed("it has been changed since you read it"))
            }
            _ => Ok(()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let sent = parts.headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()).map(str::trim);
        Ok(Self(sent.filter(|tags| *tags != "*").map(versions)))
    }
}

/// A tag that is not one of ours names no version, so it matches nothing.
fn versions(tags: &str) -> Vec<i64> {
    tags.split(',').filter_map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"').parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_versions() {
        assert_eq!(versions("\"3\", W/\"4\""), [3, 4]);
        assert!(versions("\"other\"").is_empty());
    }
}
