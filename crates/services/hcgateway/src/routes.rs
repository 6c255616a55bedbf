//! The routes, one file a resource.
mod apps;
mod phones;
mod push;
mod skipped;
mod sync;

use axum::extract::{FromRequest, Request};
use axum::middleware;
use kernel::{App, Error, Result};
use serde::de::DeserializeOwned;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wearables::body::Packed;

use crate::plain::plainly;

pub fn routes() -> OpenApiRouter<App> {
    let strangers = OpenApiRouter::new()
        .routes(routes!(phones::log_in))
        .routes(routes!(phones::refresh))
        .routes(routes!(apps::health));
    OpenApiRouter::new()
        .routes(routes!(phones::revoke, phones::revoke_post))
        .routes(routes!(sync::sync, sync::unsync))
        .routes(routes!(sync::fetch))
        .routes(routes!(push::push))
        .routes(routes!(push::take_out))
        .routes(routes!(apps::counts))
        .routes(routes!(apps::status))
        // Only whoever is known may send so much.
        .layer(wearables::body::limit())
        .merge(strangers)
        .layer(middleware::from_fn(plainly))
        .merge(OpenApiRouter::new().routes(routes!(skipped::skipped)))
}

/// A body, whatever it is said to be, and packed or not.
pub struct Sent(pub Packed);

impl FromRequest<App> for Sent {
    type Rejection = Error;
    async fn from_request(request: Request, app: &App) -> Result<Self> {
        Packed::whatever(request, app).await.map(Self)
    }
}

impl Sent {
    /// The body as JSON; 400 in these words when it is something else.
    pub async fn json<T: DeserializeOwned + Send + 'static>(self, refused: &'static str) -> Result<T> {
        self.0.read(move |body| serde_json::from_slice(body).map_err(|_| Error::malformed(refused))).await
    }
}
