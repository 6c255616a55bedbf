//! The `{status: "success", data}` envelope of the ward's surface.
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Wraps an answer as `{"status": "success", "data": …}`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Success<T> {
    /// Always `success`; errors are problem details.
    status: &'static str,
    pub data: T,
}

impl<T> Success<T> {
    pub fn new(data: T) -> Self {
        Self { status: "success", data }
    }
}

impl<T: Serialize> IntoResponse for Success<T> {
    fn into_response(self) -> Response {
        axum::Json(self).into_response()
    }
}
