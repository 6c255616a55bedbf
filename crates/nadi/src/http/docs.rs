//! The OpenAPI document and its two readers, both served without the Internet.
use aide::redoc::Redoc;
use axum::Router;
use axum::http::header;
use axum::response::Html;
use axum::routing::get;
use kernel::App;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa_swagger_ui::SwaggerUi;

/// The document's head; services add their paths.
#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Nadi",
    description = "Patients, wards, monitors and emergencies in one audited record.",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
pub struct Document;

const DOCUMENT: &str = "/openapi.json";
/// What each kind of problem means; problems' `type` members point here.
const ERRORS: &str = include_str!("../../../../docs/ERRORS.md");

/// Adds what holds for every operation: a bearer token, unless the operation says otherwise.
pub fn finish(document: &mut OpenApi) {
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    let bearer = SecurityScheme::Http(Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build());
    document.components.get_or_insert_default().add_security_scheme("bearer", bearer);
    document.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
}

/// `/openapi.json`, `/docs` (Swagger UI), `/redoc` and `/errors`.
pub fn pages(document: &OpenApi) -> Router<App> {
    let swagger: Router<App> = SwaggerUi::new("/docs").url(DOCUMENT, document.clone()).into();
    let errors = || async { ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], ERRORS) };
    swagger
        .route("/errors", get(errors))
        .route("/redoc", get(|| async { Html(Redoc::new(DOCUMENT).with_title("Nadi").html()) }))
}
