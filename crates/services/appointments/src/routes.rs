//! `/api/appointments`: booking, listing, reading, changing and cancelling.
use access::By;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Errors, IfMatch, Json, Listed, PageQuery, Path, Query, Result, Stale, Tagged};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::asked::{AppointmentFilter, AppointmentIn, AppointmentPatch};
use crate::busy::{self, Busy, BusyQuery, Desk};
use crate::model::{Appointment, AppointmentId};
use crate::whose::{self, Scheduler};
use crate::{book, cancel, change, list, show};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(appointments, book_appointment)).routes(routes!(busy_times)).routes(routes!(
        appointment,
        change_appointment,
        cancel_appointment
    ))
}

/// Lists appointments by the time they begin: a patient's own, those of a patient or a doctor whom staff names, a
/// signed-in doctor's own.
#[utoipa::path(get, path = "/api/appointments", tag = "appointments", params(AppointmentFilter, PageQuery), responses(
    (status = 200, body = Vec<Appointment>, description = "A page of appointments, the earliest first",
        headers(("Link" = String, description = "The next page, when there is one"),
            ("X-Total-Count" = i64, description = "How many there are, when `total=true` asked for it"))),
    Errors,
))]
async fn appointments(
    caller: By<Scheduler>,
    State(app): State<App>,
    Query(filter): Query<AppointmentFilter>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Appointment>> {
    list::list(&app, &caller, &filter, &page).await
}

/// Books an appointment: the patient, and staff that treats or registered the patient. A doctor is not booked twice at once.
#[utoipa::path(post, path = "/api/appointments", tag = "appointments", request_body = AppointmentIn, responses(
    (status = 201, body = Appointment, description = "The appointment", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
async fn book_appointment(
    caller: By<Scheduler>,
    State(app): State<App>,
    Json(said): Json<AppointmentIn>,
) -> Result<Tagged<Appointment>> {
    let grant = whose::grant(&app, &caller, said.patient_id.as_deref()).await?;
    let mut tx = app.db().begin().await?;
    let booked = book::book(&app, &mut tx, &caller, &grant, said).await?;
    tx.commit().await?;
    Ok(Tagged::created(booked))
}

/// Lists when a doctor is busy, for whoever finds a free time: the doctor, and staff of a hospital where the doctor works.
#[utoipa::path(get, path = "/api/appointments/busy", tag = "appointments", params(BusyQuery, PageQuery), responses(
    (status = 200, body = Vec<Busy>, description = "A page of times, the earliest first",
        headers(("Link" = String, description = "The next page, when there is one"),
            ("X-Total-Count" = i64, description = "How many there are, when `total=true` asked for it"))),
    Errors,
))]
async fn busy_times(
    caller: By<Desk>,
    State(app): State<App>,
    Query(query): Query<BusyQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Listed<Busy>> {
    busy::busy(&app, &caller, &query, &page).await
}

/// Reads one appointment.
#[utoipa::path(get, path = "/api/appointments/{id}", tag = "appointments", params(
    ("id" = AppointmentId, Path, description = "The appointment"),
), responses(
    (status = 200, body = Appointment, description = "The appointment", headers(("ETag" = String, description = "Its version"))),
    Errors,
))]
async fn appointment(
    caller: By<Scheduler>,
    State(app): State<App>,
    Path(id): Path<AppointmentId>,
) -> Result<Tagged<Appointment>> {
    let grant = whose::grant_of(&app, &caller, id).await?;
    show::show(&app, &grant, id).await.map(Tagged::ok)
}

/// Changes a booked appointment, or says what became of it. Members left out stay as they are.
#[utoipa::path(put, path = "/api/appointments/{id}", tag = "appointments", params(
    ("id" = AppointmentId, Path, description = "The appointment"),
    IfMatch,
), request_body = AppointmentPatch, responses(
    (status = 200, body = Appointment, description = "The changed appointment", headers(("ETag" = String, description = "Its new version"))),
    Stale,
    Errors,
))]
async fn change_appointment(
    caller: By<Scheduler>,
    State(app): State<App>,
    Path(id): Path<AppointmentId>,
    seen: IfMatch,
    Json(patch): Json<AppointmentPatch>,
) -> Result<Tagged<Appointment>> {
    let grant = whose::grant_of(&app, &caller, id).await?;
    whose::require_same(&app, grant.patient(), patch.patient_id.as_deref()).await?;
    let mut tx = app.db().begin().await?;
    let changed = change::change(&app, &mut tx, &caller, &grant, (id, patch, seen)).await?;
    tx.commit().await?;
    Ok(Tagged::ok(changed))
}

/// Cancels an appointment: its time is free again, and it stays in the lists as cancelled.
#[utoipa::path(delete, path = "/api/appointments/{id}", tag = "appointments", params(
    ("id" = AppointmentId, Path, description = "The appointment"),
    IfMatch,
), responses(
    (status = 204, description = "The appointment is cancelled"),
    Stale,
    Errors,
))]
async fn cancel_appointment(
    caller: By<Scheduler>,
    State(app): State<App>,
    Path(id): Path<AppointmentId>,
    seen: IfMatch,
) -> Result<StatusCode> {
    let grant = whose::grant_of(&app, &caller, id).await?;
    let mut tx = app.db().begin().await?;
    cancel::cancel(&app, &mut tx, &caller, &grant, (id, seen)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
