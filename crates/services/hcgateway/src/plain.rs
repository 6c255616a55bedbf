//! Errors as the apps read them: the status, and `{"error": …}`.
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// What went wrong, in plain words.
#[derive(Serialize, ToSchema)]
pub struct PlainError {
    pub error: String,
}

/// The refusals that the operations of this surface have in common.
#[derive(IntoResponses)]
#[allow(dead_code)]
pub enum PlainErrors {
    #[response(status = 400, description = "The request cannot be read")]
    Malformed(PlainError),
    #[response(status = 401, description = "No token, one that has expired, or one whose session has ended")]
    Unauthenticated(PlainError),
    #[response(status = 403, description = "Not a patient's account, or the patient has not agreed to it")]
    Forbidden(PlainError),
    #[response(status = 404, description = "Not found")]
    NotFound(PlainError),
    #[response(status = 408, description = "The body did not arrive in time")]
    TimedOut(PlainError),
    #[response(status = 409, description = "The state of things does not allow it")]
    Conflict(PlainError),
    #[response(status = 413, description = "The body is larger than 16 MB, as it is sent or as it is unpacked")]
    TooLarge(PlainError),
    #[response(status = 429, description = "Too many requests; wait as `Retry-After` says")]
    TooMany(PlainError),
    #[response(status = 503, description = "The database is not available; nothing was changed")]
    Unavailable(PlainError),
}

/// Problem details are larger than this only when they name many members, which this surface does not.
const LARGEST: usize = 64 * 1024;

/// Says every problem in this surface's way. Status and headers, as `Retry-After`, stay as they are.
pub async fn plainly(request: Request, next: Next) -> Response {
    let answer = next.run(request).await;
    let is_problem = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    if !is_problem {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, LARGEST).await.unwrap_or_default();
    let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let said = problem["error"].as_str().or(parts.status.canonical_reason()).unwrap_or("error");
    let body = serde_json::json!({"error": said}).to_string();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, Body::from(body))
}
