//! The floor: the same HTTP stack parsing the same JSON into a typed struct and answering as many bytes, keeping nothing.

use crate::options::Floor;
use anyhow::{Context, Result};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Deserialize)]
struct Reading {
    patient_id: Uuid,
    timestamp: DateTime<Utc>,
    hr_bpm: Option<f64>,
    spo2_pct: Option<f64>,
    temp_c: Option<f64>,
    bp_systolic: Option<f64>,
    bp_diastolic: Option<f64>,
    resp_rate: Option<f64>,
}

#[derive(Serialize)]
struct Kept {
    status: &'static str,
    data: Data,
}

#[derive(Serialize)]
struct Data {
    id: Uuid,
    timestamp: DateTime<Utc>,
    measured: usize,
    alerts: [u8; 0],
    /// Makes the answer as long as Nadi's.
    rest: &'static str,
}

#[derive(Serialize)]
struct Patient {
    id: Uuid,
    rest: &'static str,
}

#[derive(Clone, Copy)]
struct Rest {
    vitals: &'static str,
    patient: &'static str,
}

async fn keep_nothing(State(rest): State<Rest>, Json(reading): Json<Reading>) -> (StatusCode, Json<Kept>) {
    let measured = [
        reading.hr_bpm,
        reading.spo2_pct,
        reading.temp_c,
        reading.bp_systolic,
        reading.bp_diastolic,
        reading.resp_rate,
    ];
    let measured = measured.iter().flatten().count();
    let data = Data { id: reading.patient_id, timestamp: reading.timestamp, measured, alerts: [], rest: rest.vitals };
    (StatusCode::CREATED, Json(Kept { status: "success", data }))
}

async fn show_nothing(State(rest): State<Rest>, Path(id): Path<Uuid>) -> Json<Patient> {
    Json(Patient { id, rest: rest.patient })
}

/// The part of an answer that is not padding, in bytes.
const VITALS_FRAME: usize = 147;
const PATIENT_FRAME: usize = 55;

fn router(options: &Floor) -> Router {
    let rest = Rest {
        vitals: padding(options.vitals_bytes, VITALS_FRAME),
        patient: padding(options.read_bytes, PATIENT_FRAME),
    };
    Router::new()
        .route("/vitals", post(keep_nothing))
        .route("/api/patients/{id}", get(show_nothing))
        .route("/api/v1/wearables/data/sync", post(crate::signals::parse_only))
        .route("/ready", get(|| async { StatusCode::OK }))
        .with_state(rest)
}

/// Made twice in the life of the process, hence leaked.
fn padding(bytes: usize, frame: usize) -> &'static str {
    "x".repeat(bytes.saturating_sub(frame)).leak()
}

pub fn serve(options: &Floor) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(options.listen).await.context("listening")?;
        let listener = listener.tap_io(|stream| {
            // A connection that cannot turn Nagle off still works, only slower.
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router(options)).await.context("serving")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_are_as_long_as_asked() {
        let id = Uuid::nil();
        let timestamp = DateTime::from_timestamp_millis(1_795_157_619_123).unwrap();
        let data = Data { id, timestamp, measured: 6, alerts: [], rest: padding(300, VITALS_FRAME) };
        assert_eq!(serde_json::to_string(&Kept { status: "success", data }).unwrap().len(), 300);
        assert_eq!(serde_json::to_string(&Patient { id, rest: padding(600, PATIENT_FRAME) }).unwrap().len(), 600);
    }
}
