//! `/api/v1/wearables/apple/import`: what Apple Health holds.
use access::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Error, Errors, Result};

use crate::apple::{self, AppleImport, AppleImported};
use crate::body::Packed;
use crate::bounds::POINTS;
use crate::check::is_name;
use crate::intake::Intake;
use crate::model::{By, Delivery, SourceOf};
use crate::read;
use crate::sources::LONGEST_NAME;
use crate::whose::Named;

/// Stores samples of Apple Health: quantities, sleep, workouts. The same samples again change nothing, those that are
/// marked `deleted` are taken back, and those that do not fit are named.
///
/// 403 without the patient's consent to keep what wearables send.
#[utoipa::path(post, path = "/api/v1/wearables/apple/import", tag = "wearables", request_body = AppleImport, responses(
    (status = 201, body = AppleImported, description = "Stored, but for the samples in `errors`"),
    Errors,
))]
pub async fn import(
    caller: Caller,
    State(app): State<App>,
    body: Packed,
) -> Result<(StatusCode, axum::Json<AppleImported>)> {
    let now = app.clock().now();
    let (sent, samples) = body
        .read_at_most(("metrics", POINTS), move |text| {
            let sent: AppleImport = read::object(text)?;
            if !is_name(&sent.device, LONGEST_NAME) {
                return Err(Error::invalid("deviceId", format!("has 1 to {LONGEST_NAME} characters")));
            }
            let samples = apple::read(&sent.metrics, sent.device.trim(), now);
            Ok((sent, samples))
        })
        .await?;
    let patient = Named { patient_id: sent.patient.as_deref(), ..Named::default() }.find(&app, &caller).await?;
    let mut delivery = Delivery::new(By::Caller(caller), patient, SourceOf::app(sent.device.trim()));
    delivery.of_apps = samples.points.into_iter().collect();
    delivery.records = samples.workouts;
    let delivered = app.edge::<Intake>().deliver(delivery).await?;
    let imported = AppleImported {
        status: if samples.errors_count == 0 { "success" } else { "partial" },
        synced_count: samples.fitting,
        errors: samples.errors,
        errors_count: samples.errors_count,
        skipped: samples.skipped,
        alerts: delivered.alerts,
    };
    Ok((StatusCode::CREATED, axum::Json(imported)))
}
