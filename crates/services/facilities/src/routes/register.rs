//! Registering without anybody's help.
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, Json, Result};

use crate::Registrations;
use crate::answer::{PatientRegistered, Registered};
use crate::asked::{PatientRegisterIn, RegisterIn};
use crate::newcomer::{self, Newcomer};
use crate::newcomers::Ready;

/// Registers a patient with an Aadhaar number and a login, all or nothing. 409 when the number is registered already.
#[utoipa::path(post, path = "/api/v1/patient/register", tag = "patients", security(()), request_body = PatientRegisterIn,
    responses((status = 201, body = PatientRegistered, description = "The patient is registered"), Errors))]
pub async fn register_patient(
    State(app): State<App>,
    Json(said): Json<PatientRegisterIn>,
) -> Result<(StatusCode, Json<PatientRegistered>)> {
    app.edge::<Registrations>().count(app.clock().now())?;
    let new = Newcomer::of(&app, said.into()).await?;
    let mut tx = app.db().begin().await?;
    let (patient_id, patient_uid) = newcomer::register(&app, &mut tx, new).await?;
    tx.commit().await?;
    let message = "Patient registered successfully";
    Ok((StatusCode::CREATED, Json(PatientRegistered { status: "success", message, patient_uid, patient_id })))
}

/// Registers a patient, a doctor or a hospital with a login. Doctors and hospitals sign in at once, and are related to no
/// patient before an administrator has verified them.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "identity", security(()), request_body = RegisterIn,
    responses((status = 201, body = Registered, description = "Who was registered"), Errors))]
pub async fn register(State(app): State<App>, Json(said): Json<RegisterIn>) -> Result<(StatusCode, Json<Registered>)> {
    app.edge::<Registrations>().count(app.clock().now())?;
    let ready = Ready::of(&app, said).await?;
    let mut tx = app.db().begin().await?;
    let made = ready.register(&app, &mut tx).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}
