//! `nadi serve --demo`: a small hospital, filled through the same API that everybody uses, and monitors that deteriorate
//! and recover.
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use axum::Router;
use kernel::App;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::{Settings, http, private};

const ADMIN: &str = "admin@demo.nadi";
const PASSWORD: &str = "demo-password";
const NURSE: &str = "nurse@demo.nadi";
const DOCTOR: &str = "doctor@demo.nadi";
const OTHER: &str = "other.doctor@demo.nadi";
const EVERY: Duration = Duration::from_secs(2);

/// What the demonstration remembers between two starts.
#[derive(Serialize, Deserialize)]
pub struct Filled {
    device_key: String,
    hospital: String,
    doctor: String,
    patients: Vec<String>,
}

fn marker(settings: &Settings) -> PathBuf {
    settings.data.join("demo.json")
}

/// Refuses a data directory that holds anything but a demonstration.
pub fn refuse_real_data(settings: &Settings) -> Result<()> {
    if settings.data.join("nadi.db").exists() && !marker(settings).exists() {
        bail!("{} holds data that is not a demonstration's; give --demo another --data", settings.data.display());
    }
    if !marker(settings).exists() {
        settings.make_data_directory()?;
        private::write(&marker(settings), b"null").context("the demonstration cannot be marked")?;
    }
    Ok(())
}

/// Fills the hospital once, through a door of its own that closes again.
pub async fn fill_once(app: &App, settings: &Settings, router: Router) -> Result<Filled> {
    identity::ensure_admin(app, ADMIN, PASSWORD).await?;
    let kept = std::fs::read(marker(settings))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Option<Filled>>(&bytes).ok().flatten());
    if let Some(filled) = kept {
        return Ok(filled);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for the demonstration")?;
    let base = format!("http://{}", listener.local_addr()?);
    let (close, closed) = oneshot::channel::<()>();
    let door = tokio::spawn(http::serve(listener, router, 8, http::Patience::default(), async { drop(closed.await) }));
    let filled = fill(&Client::new(base)).await.context("the demonstration cannot be filled")?;
    drop(close);
    door.await?;
    private::write(&marker(settings), &serde_json::to_vec_pretty(&filled)?)?;
    Ok(filled)
}

/// Starts the monitors of the server at `base`, and says who can sign in there.
pub fn start(base: &str, filled: Filled) {
    announce(base, &filled);
    tokio::spawn(play(Client::new(base.to_owned()).with(&filled.device_key), filled.patients));
}

fn announce(base: &str, filled: &Filled) {
    println!("\nA small hospital is open on {base} (try {base}/docs). Sign in with the password {PASSWORD:?}:");
    for (email, who) in [
        (NURSE, "a nurse, who sees the ward's patients and alerts"),
        (DOCTOR, "a doctor, who treats them"),
        (OTHER, "another doctor, who does not"),
        (ADMIN, "the administrator, who keeps accounts and sees no clinical data"),
    ] {
        println!("  {email:24} {who}");
    }
    println!(
        "Hospital {}, doctor {}, {} patients. Made-up people; never put real ones here.\n",
        filled.hospital,
        filled.doctor,
        filled.patients.len()
    );
}

/// A client of the running server.
#[derive(Clone)]
struct Client {
    base: String,
    http: reqwest::Client,
    token: String,
}

impl Client {
    fn new(base: String) -> Self {
        Self { base, http: reqwest::Client::new(), token: String::new() }
    }

    fn with(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        let answer = self.http.post(format!("{}{path}", self.base)).bearer_auth(&self.token).json(&body).send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        if !status.is_success() {
            bail!("POST {path} answers {status}: {}", body["detail"]);
        }
        Ok(body)
    }

    async fn login(&self, email: &str) -> Result<Self> {
        let answer = self.post("/auth/login", json!({"email": email, "password": PASSWORD})).await?;
        Ok(self.with(text(&answer["access_token"])?))
    }
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().context("the answer lacks a member")
}

async fn fill(client: &Client) -> Result<Filled> {
    let admin = client.login(ADMIN).await?;
    let hospital = admin.post("/api/hospitals", json!({
        "hospital_name": "Nadi Demonstration Hospital", "registration_number": "DEMO-1", "hospital_type": "hospital",
        "contact": "+91 20 5550 0100", "email": "desk@demo.nadi", "address": {"city": "Pune"}, "total_beds": 12,
        "available_beds": 12, "emergency_services": true, "specializations": ["cardiology", "pulmonology"], "accreditations": [],
    })).await?;
    let hospital = text(&hospital["id"])?.to_owned();
    let doctor = doctor(&admin, "Dr. Meera Iyer", DOCTOR, "DEMO-D1").await?;
    doctor_at_other_place(&admin).await?;
    admin.post("/users/create", json!({"email": NURSE, "password": PASSWORD, "user_type": "nurse", "reference_id": hospital, "name": "Asha Kale"})).await?;
    let key = admin.post("/api/v1/device-keys", json!({"label": "bedside monitors", "hospital_id": hospital})).await?;
    let nurse = client.login(NURSE).await?;
    let people = [
        ("Ravi Deshmukh", "male", "1958-03-14", "101"),
        ("Lata Joshi", "female", "1971-11-02", "102"),
        ("Imran Sheikh", "male", "1949-07-29", "103"),
        ("Kavita Rao", "female", "1985-01-20", "104"),
        ("Joseph D'Souza", "male", "1966-09-09", "105"),
        ("Nandini Patil", "female", "1993-05-17", "106"),
    ];
    let mut patients = Vec::new();
    for (name, gender, born, room) in people {
        let patient = nurse
            .post(
                "/api/patients",
                json!({"name": name, "gender": gender, "date_of_birth": born, "contact": "+91 98220 00000"}),
            )
            .await?;
        let id = text(&patient["id"])?.to_owned();
        nurse
            .post(
                "/encounters",
                json!({"patient_id": id, "doctor_id": doctor, "room_number": room, "department": "medicine"}),
            )
            .await?;
        patients.push(id);
    }
    Ok(Filled { device_key: text(&key["key"])?.to_owned(), hospital, doctor, patients })
}

async fn doctor(admin: &Client, name: &str, email: &str, license: &str) -> Result<String> {
    let made = admin.post("/api/doctors", json!({
        "name": name, "gender": "female", "contact": "+91 20 5550 0101", "email": email, "license_number": license,
        "specializations": ["cardiology"], "qualification": ["MD"], "experience": 12, "password": PASSWORD,
    })).await?;
    Ok(text(&made["id"])?.to_owned())
}

async fn doctor_at_other_place(admin: &Client) -> Result<()> {
    doctor(admin, "Dr. Arjun Nair", OTHER, "DEMO-D2").await.map(drop)
}

/// One monitor a patient, each with a rhythm and a bad quarter of an hour of its own.
async fn play(client: Client, patients: Vec<String>) {
    let mut ticks = tokio::time::interval(EVERY);
    for tick in 0_u64.. {
        ticks.tick().await;
        for (number, patient) in patients.iter().enumerate() {
            if let Err(error) = client.post("/vitals", vitals(patient, number, tick)).await {
                tracing::warn!(%error, "a simulated monitor was not heard");
            }
        }
    }
}

/// A patient's numbers at one moment: calm, then worse for a while, then calm again.
fn vitals(patient: &str, number: usize, tick: u64) -> Value {
    let n = number as f64;
    let phase = (tick as f64) / 40.0 + n;
    // Each patient is ill in a stretch of its own; the first begins a minute after the start.
    let cycle = (tick as i64 - 30 - 90 * number as i64).rem_euclid(600) as f64;
    let ill = if cycle < 90.0 { (cycle / 90.0 * std::f64::consts::PI).sin() } else { 0.0 };
    let wave = phase.sin();
    let (hr, rr, spo2, temp, systolic) = match number % 3 {
        0 => (72.0 + 70.0 * ill, 15.0 + 4.0 * ill, 97.5 - 2.0 * ill, 36.8, 124.0 - 10.0 * ill),
        1 => (78.0 + 25.0 * ill, 16.0 + 14.0 * ill, 97.0 - 9.0 * ill, 37.0, 128.0),
        _ => (80.0 + 35.0 * ill, 17.0 + 6.0 * ill, 96.5 - 2.0 * ill, 36.9 + 2.2 * ill, 132.0 - 45.0 * ill),
    };
    let rounded = |x: f64| (x * 10.0).round() / 10.0;
    json!({
        "patient_id": patient, "hr_bpm": rounded(hr + 3.0 * wave), "resp_rate": rounded(rr + wave), "temp_c": rounded(temp + 0.1 * wave),
        "spo2_pct": rounded((spo2 + 0.5 * wave).min(100.0)), "bp_systolic": rounded(systolic + 4.0 * wave), "bp_diastolic": rounded(78.0 + 3.0 * wave),
    })
}
