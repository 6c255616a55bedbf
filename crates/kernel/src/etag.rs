//! Versions over HTTP: the `ETag` of an answer, and the `If-Match` of a change.
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};
use utoipa::{IntoParams, IntoResponses};

use crate::{Error, Problem, Result};

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

impl IfMatch {
    /// A header that is not ASCII names no version either: to drop it would be to drop the condition.
    fn of(headers: &HeaderMap) -> Self {
        let sent: Vec<&str> =
            headers.get_all(header::IF_MATCH).iter().map(|value| value.to_str().unwrap_or_default().trim()).collect();
        match sent.is_empty() || sent.contains(&"*") {
            true => Self(None),
            false => Self(Some(sent.into_iter().flat_map(versions).collect())),
        }
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let tag = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .description(Some("The ETag that was read: refused with 412 when it is outdated"))
            .required(Required::False)
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
        vec![tag.build()]
    }
}

/// How a change by whoever has not seen the newest version is refused, in the OpenAPI document.
#[derive(IntoResponses)]
#[response(status = 412, content_type = "application/problem+json", description = "Changed by someone else in between")]
#[allow(dead_code)]
pub struct Stale(Problem);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(Self::of(&parts.headers))
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

    #[test]
    fn what_cannot_be_read_is_a_condition_that_nothing_meets() {
        let of = |values: &[&[u8]]| {
            let values =
                values.iter().map(|value| (header::IF_MATCH, HeaderValue::from_bytes(value).expect("a value")));
            IfMatch::of(&values.collect())
        };
        assert!(of(&[b"\"\xe9\""]).require(1).is_err());
        assert!(of(&[b"\"1\"", b"\"2\""]).require(2).is_ok());
        assert!(of(&[]).require(1).is_ok() && of(&[b" * "]).require(1).is_ok());
        assert!(of(&[b""]).require(1).is_err());
    }
}
