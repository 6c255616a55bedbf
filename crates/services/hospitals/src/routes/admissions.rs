//! Patients of a hospital: admitted, listed, discharged.
use access::{By, Clinician, Grant};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Body, Error, Errors, Json, Listed, PageQuery, Path, Query, Result};

use super::{AtHospital, HospitalPath};
use crate::list::{self, AdmittedPatient};
use crate::queries::hospitals;
use crate::stay::{AdmitIn, DischargeIn};
use crate::{Admission, admissions, rights};

/// Lists the patients who are admitted, to the hospital's staff.
#[utoipa::path(get, path = "/api/hospitals/{hospital_name}/patients", tag = "hospitals",
    params(HospitalPath, PageQuery), responses(
    (status = 200, body = Vec<AdmittedPatient>, description = "Who is admitted, the longest first",
        headers(("Link" = String, description = "The next page, when there is one"),
            ("X-Total-Count" = i64, description = "How many there are, when `total=true` asked for it"))),
    Errors,
))]
pub async fn admitted_patients(
    caller: By<Clinician>,
    State(app): State<App>,
    Path(path): Path<HospitalPath>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<AdmittedPatient>> {
    let hospital = hospitals::find(&mut app.db(), &path.hospital_name).await?;
    rights::staff(&mut app.db(), &caller, &hospital).await?;
    list::admitted(&app, &caller, hospital.id, &page).await
}

/// Admits a patient: takes a bed. The hospital's nurses, its front desk, and doctors affiliated with it may.
#[utoipa::path(post, path = "/api/hospitals/{hospital_name}/patients/{patient_id}/admit", tag = "hospitals",
    params(AtHospital), request_body = AdmitIn,
    responses((status = 201, body = Admission, description = "The admission"), Errors))]
pub async fn admit_patient(
    caller: By<Clinician>,
    State(app): State<App>,
    Path(path): Path<AtHospital>,
    Json(input): Json<AdmitIn>,
) -> Result<(StatusCode, Json<Admission>)> {
    let hospital = hospitals::find(&mut app.db(), &path.hospital_name).await?;
    rights::staff(&mut app.db(), &caller, &hospital).await?;
    let patient = rights::patient_to_admit(&app, &caller, &path.patient_id).await?;
    let mut tx = app.db().begin().await?;
    let admission = admissions::admit(&app, &mut tx, input.of(patient, hospital.id, &caller)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(admission)))
}

/// Discharges a patient: frees the bed. The staff that may admit may, as long as it treats the patient.
#[utoipa::path(post, path = "/api/hospitals/{hospital_name}/patients/{patient_id}/discharge", tag = "hospitals",
    params(AtHospital, DischargeIn), request_body = Option<DischargeIn>,
    responses((status = 200, body = Admission, description = "The admission, ended"), Errors))]
pub async fn discharge_patient(
    caller: By<Clinician>,
    State(app): State<App>,
    Path(path): Path<AtHospital>,
    Query(query): Query<DischargeIn>,
    Body(body): Body<DischargeIn>,
) -> Result<Json<Admission>> {
    let hospital = hospitals::find(&mut app.db(), &path.hospital_name).await?;
    rights::staff(&mut app.db(), &caller, &hospital).await?;
    let patient = patients::find(&app.db(), &path.patient_id).await?.ok_or_else(|| Error::not_found("patient"))?;
    let admission = match admissions::open_here(&mut app.db(), hospital.id, patient).await {
        // The same answer as above: to whom the patient is a stranger, it must not tell that there is such a patient.
        Err(error) if error.status() == StatusCode::NOT_FOUND && !rights::knows(&app, &caller, patient).await? => {
            return Err(Error::not_found("patient"));
        }
        found => found?,
    };
    let grant = Grant::ask(&app, &caller, patient).await?;
    let summary = body.discharge_summary.or(query.discharge_summary);
    let mut tx = app.db().begin().await?;
    let admission = admissions::discharge(&app, &mut tx, &grant, admission.id, summary, &caller).await?;
    tx.commit().await?;
    Ok(Json(admission))
}
