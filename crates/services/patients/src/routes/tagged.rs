//! Versions over HTTP: the `ETag` of an answered patient, and the `If-Match` of a change.
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Error, Result};

use crate::model::Patient;

/// A patient with its version as the `ETag` header.
pub struct Tagged(pub StatusCode, pub Patient);

impl IntoResponse for Tagged {
    fn into_response(self) -> Response {
        let tag = HeaderValue::try_from(format!("\"{}\"", self.1.version));
        let mut response = (self.0, Json(self.1)).into_response();
        if let Ok(tag) = tag {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// The versions that `If-Match` names; none when it was not sent or is `*`.
pub struct IfMatch(pub Option<Vec<i64>>);

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
