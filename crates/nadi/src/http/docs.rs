//! The OpenAPI document and its two readers, both served without the Internet.
use aide::redoc::Redoc;
use axum::Router;
use axum::http::header;
use axum::response::Html;
use axum::routing::get;
use kernel::{App, Errors, Stale};
use utoipa::IntoResponses as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{OpenApi, PathItem, Ref};
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
    share_problems(document);
}

/// Describes the refusals that all operations have in common once: said at each, they were half of the document.
fn share_problems(document: &mut OpenApi) {
    for (status, shared) in Errors::responses().into_iter().chain(Stale::responses()) {
        let name = format!("Problem{status}");
        for operation in document.paths.paths.values_mut().flat_map(operations) {
            if operation.responses.responses.get(&status) == Some(&shared) {
                operation.responses.responses.insert(status.clone(), Ref::from_response_name(&name).into());
            }
        }
        document.components.get_or_insert_default().responses.insert(name, shared);
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

/// `/openapi.json`, `/docs` (Swagger UI), `/redoc` and `/errors`.
pub fn pages(document: &OpenApi) -> Router<App> {
    let swagger: Router<App> = SwaggerUi::new("/docs").url(DOCUMENT, document.clone()).into();
    let errors = || async { ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], ERRORS) };
    swagger
        .route("/errors", get(errors))
        .route("/redoc", get(|| async { Html(Redoc::new(DOCUMENT).with_title("Nadi").html()) }))
}
