//! Encounters as doctors, nurses and patients see them.
use access::{Caller, Chart, Clinician, Grant, Read, Role, Write, data};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::{
    App, DoctorId, EncounterId, Error, Errors, HospitalId, Json, PageQuery, Path, Query, Result, Success, Text as _,
};
use rules::news2;
use utoipa_axum::{router::OpenApiRouter, routes};
use vault::Vault;

use super::encounter;
use crate::model::{
    EncounterIn, EncounterOut, Encounters, Observation, ObservationIn, Observations, Overview, PatientOut, RoomOut,
};
use crate::{alerts, judge, observations};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(admit))
        .routes(routes!(overview))
        .routes(routes!(of_doctor))
        .routes(routes!(of_patient))
        .routes(routes!(observe))
        .routes(routes!(observed))
}

/// Admits a patient: takes a bed, names the doctor, puts the patient into a room if one is given.
#[utoipa::path(post, path = "/encounters", tag = "ward", request_body = EncounterIn,
    responses((status = 201, body = Success<EncounterOut>, description = "Admitted"), Errors))]
async fn admit(
    caller: access::By<Clinician>,
    State(app): State<App>,
    Json(new): Json<EncounterIn>,
) -> Result<(StatusCode, Success<EncounterOut>)> {
    let hospital = hospital(&app, &caller, new.hospital_id).await?;
    let patient = hospitals::patient_to_admit(&app, &caller, &new.patient_id).await?;
    let mut tx = app.db().begin().await?;
    let admission = hospitals::AdmissionIn {
        patient,
        hospital,
        doctor: Some(new.doctor_id),
        room_number: new.room_number,
        treatment_type: None,
        department: new.department,
        reason: new.reason,
        by: &caller,
    };
    let admitted = hospitals::admit(&app, &mut tx, admission).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Success::new(shown(&app, admitted).await?)))
}

/// The hospital to admit to: named, or the caller's own, or the only one a doctor is affiliated with. Only its staff
/// may: whoever admits a patient reads the patient's chart.
async fn hospital(app: &App, caller: &Caller, named: Option<HospitalId>) -> Result<HospitalId> {
    let hospital = match named.or(caller.hospital().map(HospitalId)) {
        Some(hospital) => hospital,
        None => only_affiliation(app, caller).await?,
    };
    match hospitals::works_at(&mut app.db(), caller, hospital).await? {
        true => Ok(hospital),
        false => Err(Error::forbidden("only for the staff of this hospital")),
    }
}

async fn only_affiliation(app: &App, caller: &Caller) -> Result<HospitalId> {
    let doctor = DoctorId(caller.reference.unwrap_or_default());
    match hospitals::affiliations_of(&mut app.db(), doctor).await?.as_slice() {
        [one] => Ok(one.hospital_id),
        _ => Err(Error::invalid("hospital_id", "is needed: you do not work at exactly one hospital")),
    }
}

/// An encounter with its patient's name, for somebody who was granted to see it.
async fn shown(app: &App, a: hospitals::Admission) -> Result<EncounterOut> {
    let card = patients::card(&mut app.db(), a.patient_id).await?.ok_or_else(|| Error::not_found("patient"))?;
    Ok(out(a, &card, app.clock().now()))
}

fn out(a: hospitals::Admission, card: &patients::Card, now: DateTime<Utc>) -> EncounterOut {
    let patient =
        PatientOut { id: card.id, name: card.name.clone(), age: card.age(now), gender: card.gender.word().to_owned() };
    EncounterOut {
        id: a.id,
        patient,
        room: a.room.map(|r| RoomOut { id: r.id, room_number: r.room_number }),
        hospital_id: a.hospital_id,
        doctor_id: a.doctor_id,
        admitted_at: a.admitted_at,
        status: a.status.word().to_owned(),
    }
}

/// Latest vitals, the newest observation, open alerts and the early warning score of one encounter.
#[utoipa::path(get, path = "/encounters/{encounter_id}/overview", tag = "ward",
    params(("encounter_id" = EncounterId, Path, description = "The encounter")),
    responses((status = 200, body = Success<Overview>, description = "The overview"), Errors))]
async fn overview(caller: Caller, State(app): State<App>, Path(id): Path<EncounterId>) -> Result<Success<Overview>> {
    let (admission, care) = encounter::<Read, data::Care>(&app, &caller, id).await?;
    let vitals = Grant::<Read, data::Vitals>::ask(&app, &caller, care.patient()).await?;
    let key = app.edge::<Vault>().key(&app.db(), care.patient()).await?;
    let latest = signals::latest(&mut app.db(), &vitals, &key).await?.within(vitals.span());
    let newest = observations::of_encounter(&mut app.db(), &care, &key, id, None, 1).await?.pop();
    let card = patients::card(&mut app.db(), care.patient()).await?.ok_or_else(|| Error::not_found("patient"))?;
    let inputs = judge::picture(&latest).news2_inputs(app.clock().now(), news2::Scale::One);
    let grown = card.age(app.clock().now()) >= judge::NEWS2_FROM_AGE;
    Ok(Success::new(Overview {
        encounter_id: id,
        patient_id: care.patient(),
        latest_vitals: latest.newest().map(|_| (&latest).into()),
        news2: grown.then(|| serde_json::to_value(news2::score(&inputs))).transpose().map_err(Error::internal)?,
        last_observation: newest,
        alerts_count: alerts::count_open(&mut app.db(), &care, id).await?,
        status: admission.status.word().to_owned(),
    }))
}

/// The doctor's active encounters: the signed-in doctor's own.
#[utoipa::path(get, path = "/doctors/{doctor_id}/patients", tag = "ward",
    params(("doctor_id" = DoctorId, Path, description = "The signed-in doctor"), PageQuery),
    responses((status = 200, body = Success<Encounters>, description = "The encounters"), Errors))]
async fn of_doctor(
    caller: Caller,
    State(app): State<App>,
    Path(doctor): Path<DoctorId>,
    Query(page): Query<PageQuery>,
) -> Result<Success<Encounters>> {
    if !caller.stands_for(Role::Doctor, doctor.0) {
        return Err(Error::not_found("doctor"));
    }
    let mut tx = app.db().begin().await?;
    access::record(&mut tx, access::Entry::of(&caller, "list encounters", doctor, app.clock().now()));
    tx.commit().await?;
    let mut admissions = hospitals::active_of_doctor(&mut app.db(), doctor, &page).await?;
    let next_cursor = page.cut(&mut admissions, |a| a.id.0);
    let ids: Vec<_> = admissions.iter().map(|a| a.patient_id).collect();
    let cards = patients::cards(&app.db(), &ids).await?;
    let named = admissions
        .into_iter()
        .filter_map(|a| cards.iter().find(|c| c.id == a.patient_id).map(|c| out(a, c, app.clock().now())));
    Ok(Success::new(Encounters { encounters: named.collect(), next_cursor }))
}

/// The patient's current encounter; 404 when there is none.
#[utoipa::path(get, path = "/patients/{patient_id}/encounter", tag = "ward",
    params(("patient_id" = String, Path, description = "Our id or the caller's own reference")),
    responses((status = 200, body = Success<EncounterOut>, description = "The encounter"), Errors))]
async fn of_patient(chart: Chart<Read, data::Care>, State(app): State<App>) -> Result<Success<EncounterOut>> {
    let current = hospitals::active_of_patient(&mut app.db(), chart.patient()).await?;
    let current = current.filter(|stay| chart.span().meets(stay.admitted_at, stay.discharged_at));
    Ok(Success::new(shown(&app, current.ok_or_else(|| Error::not_found("active encounter"))?).await?))
}

/// Writes down what a doctor or nurse observed.
#[utoipa::path(post, path = "/observations", tag = "ward", request_body = ObservationIn,
    responses((status = 201, body = Success<Observation>, description = "Written down"), Errors))]
async fn observe(
    caller: access::By<Clinician>,
    State(app): State<App>,
    Json(new): Json<ObservationIn>,
) -> Result<(StatusCode, Success<Observation>)> {
    let (admission, grant) = encounter::<Write, data::Care>(&app, &caller, new.encounter_id).await?;
    if admission.discharged_at.is_some() {
        return Err(Error::conflict("the patient was discharged from this encounter").about("encounter_id"));
    }
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let mut tx = app.db().begin().await?;
    let written = observations::add(&mut tx, &grant, &key, admission.id, new.note, app.clock().now()).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Success::new(written)))
}

/// An encounter's observations, newest first.
#[utoipa::path(get, path = "/encounters/{encounter_id}/observations", tag = "ward",
    params(("encounter_id" = EncounterId, Path, description = "The encounter"), PageQuery),
    responses((status = 200, body = Success<Observations>, description = "The observations"), Errors))]
async fn observed(
    caller: Caller,
    State(app): State<App>,
    Path(id): Path<EncounterId>,
    Query(page): Query<PageQuery>,
) -> Result<Success<Observations>> {
    let (_, grant) = encounter::<Read, data::Care>(&app, &caller, id).await?;
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let mut observations =
        observations::of_encounter(&mut app.db(), &grant, &key, id, page.after()?, page.rows()).await?;
    let next_cursor = page.cut(&mut observations, |o| o.id);
    Ok(Success::new(Observations { observations, next_cursor }))
}
