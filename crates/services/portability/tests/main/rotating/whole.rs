//! A patient of whom something lies in every sealed column.
use chrono::TimeDelta;
use kernel::PatientId;
use serde_json::{Value, json};
use store::{Args, Statement, args};
use testkit::{Client, TestApp, Ward, vitals};
use vault::{AadhaarNumber, AadhaarRules, AadhaarVault, PatientKey, Row, Vault};

use crate::{exported, own, text};

pub struct Whole {
    pub w: Ward,
    pub id: PatientId,
    pub lata: Client,
    /// The path of a finished export.
    pub export: String,
}

static STEP: Statement = Statement::new(
    "STEP",
    "INSERT INTO validation_steps (id, patient_id, from_status, to_status, by_id, by_role, sealed, at)
    VALUES ($1, $2, 'pending', 'validated_by_doctor', $1, 'doctor', $3, $4)",
);
static CONNECTION: Statement = Statement::new(
    "CONNECTION",
    "INSERT INTO provider_connections (id, patient_id, provider, owner_index, sealed, tokens_version, connected_by,
        connected_role, connected_at, is_subscribed, synced_to, next_sync_at, is_due, failures)
    VALUES ($1, $2, 'fitbit', $6, $3, 1, $1, 'patient', $4, FALSE, $4, $5, FALSE, 0)",
);
static JOURNEY: Statement = Statement::new(
    "JOURNEY",
    "INSERT INTO provider_journeys (hash, patient_id, provider, sealed, browser_hash, actor, role, expires_at)
    VALUES ($5, $2, 'google_health', $3, $5, $1, 'patient', $4)",
);

pub async fn run(t: &TestApp, statement: &'static Statement, args: Args) {
    let mut tx = t.app.db().begin().await.expect("a transaction");
    tx.run(statement, args).await.expect("a change");
    tx.commit().await.expect("a commit");
}

pub async fn key(t: &TestApp, patient: PatientId) -> PatientKey {
    t.app.edge::<Vault>().key(&t.app.db(), patient).await.expect("a key")
}

pub async fn whole(t: &TestApp) -> Whole {
    let w = t.ward().await;
    let (lata, email) = own(t, &w.patient).await;
    let id: PatientId = w.patient_id().parse().expect("an id");
    chart(&w).await;
    stay(t, &w, &lata).await;
    consents(t, &w, &lata).await;
    measure(t, &w).await;
    wear(t, &w, id, &lata).await;
    phone(t, &email).await;
    prove(t, id, &lata).await;
    by_hand(t, id).await;
    let export = exported(&lata, w.patient_id()).await;
    Whole { w, id, lata, export }
}

async fn chart(w: &Ward) {
    let (chart, ward) = (format!("/api/patients/{}", w.patient_id()), format!("/api/v1/patients/{}", w.patient_id()));
    w.nurse.post(&format!("{chart}/conditions"), json!({"condition_name": "Asthma"})).await.expect(201);
    let record = json!({"record_type": "consultation", "title": "Fever", "visit_date": "2024-02-03"});
    w.doctor.post(&format!("{chart}/records"), record).await.expect(201);
    let prescription = json!({"medications": [{"name": "Paracetamol"}], "dosage_instructions": "after food"});
    w.doctor.post(&format!("{ward}/prescriptions"), prescription).await.expect(201);
    let illness = json!({"relative": "mother", "condition_name": "Diabetes"});
    w.doctor.post(&format!("{ward}/family-history"), illness).await.expect(201);
    w.doctor.put(&format!("{ward}/health-profile"), json!({"height_cm": 160, "weight_kg": 60})).await.expect(200);
}

async fn stay(t: &TestApp, w: &Ward, lata: &Client) {
    let note = json!({"encounter_id": w.encounter_id(), "note": "sleeps well"});
    w.nurse.post("/observations", note).await.expect(201);
    let bed = format!("/api/hospitals/{}/patients/{}", text(&w.hospital["id"]), w.patient_id());
    w.nurse.post(&format!("{bed}/discharge"), json!({"discharge_summary": "well"})).await.expect(200);
    w.nurse
        .post(&format!("{bed}/admit"), json!({"department": "medicine", "reason": "fever", "doctor_id": w.doctor_id()}))
        .await
        .expect(201);
    let at = t.clock.now() + TimeDelta::days(3);
    let visit = json!({"patient_id": w.patient_id(), "title": "Check", "scheduled_at": at, "doctor_id": w.doctor_id()});
    w.nurse.post("/api/appointments", visit).await.expect(201);
    let insured = json!({"insurance_provider": "Star Health", "insurance_id": "SH-1"});
    lata.put("/api/v1/patient/profile", insured).await.expect(200);
}

async fn consents(t: &TestApp, w: &Ward, lata: &Client) {
    let agreed = json!({"patient_id": w.patient_id(), "consent_given": true, "purpose": "To follow my heart"});
    lata.post("/api/wearables/consent", agreed).await.expect(201);
    let (_, stranger) = t.doctor("Dr. Nair").await;
    let why = json!({"reason": "Found unconscious at the station"});
    let glass = stranger.post(&format!("/api/v1/patients/{}/break-glass", w.patient_id()), why).await.expect(201);
    let verdict = json!({"outcome": "justified", "note": "The station called"});
    t.admin().await.post(&format!("/api/v1/break-glass/{}/review", text(&glass["id"])), verdict).await.expect(200);
}

/// Readings of now that raise an alarm, and some of long ago that lie on a shelf.
async fn measure(t: &TestApp, w: &Ward) {
    let mut said = vitals(w.patient_id());
    for days in [9, 8] {
        said["timestamp"] = json!(t.clock.now() - TimeDelta::days(days));
        w.nurse.post("/vitals", said.clone()).await.expect(201);
    }
    ward::shelve_all(&t.app).await.expect("shelved");
    (said["timestamp"], said["hr_bpm"]) = (json!(t.clock.now()), json!(150));
    w.nurse.post("/vitals", said).await.expect(201);
}

/// One batch that is folded into a segment, and one that waits in a chunk.
async fn wear(t: &TestApp, w: &Ward, id: PatientId, lata: &Client) {
    lata.post("/api/v1/wearables/device/register", json!({"device_id": "band"})).await.expect(201);
    lata.put("/api/v1/wearables/priorities", json!({"priorities": {"steps": ["band"]}})).await.expect(200);
    let datum = json!({"data_id": "W-1", "patient_id": w.patient_id(), "data_type": "steps", "data_source": "band",
        "data_snapshot": {"count": 812}, "recorded_at": t.clock.now()});
    lata.post("/api/wearables/sync", datum).await.expect(201);
    send(t, lata, w.patient_id(), 7200, 71).await;
    let key = key(t, id).await;
    let mut tx = t.app.db().begin().await.expect("a transaction");
    signals::fold_waiting(&mut tx, &key).await.expect("folded");
    tx.commit().await.expect("a commit");
    send(t, lata, w.patient_id(), 3600, 72).await;
}

/// One heart rate of the band, so many seconds ago.
pub async fn send(t: &TestApp, lata: &Client, patient: &str, ago: i64, value: i64) -> Value {
    let point = json!({"metric_type": "heart_rate", "value": value, "unit": "bpm",
        "timestamp": t.clock.now() - TimeDelta::seconds(ago)});
    let batch = json!({"patient_id": patient, "device_id": "band", "data_points": [point]});
    lata.post("/api/v1/wearables/data/sync", batch).await.expect(201)
}

/// A phone that can be reached by push, for which something waits, and which sent what nobody can read.
async fn phone(t: &TestApp, email: &str) {
    let login = json!({"username": email, "password": "a-good-password", "fcmToken": "f-1"});
    let tokens = t.client().post("/api/v2/login", login).await.expect(201);
    let phone = t.client().with_token(text(&tokens["token"]));
    phone.post("/api/v2/sync/Steps", json!({"data": [7]})).await.expect(200);
    let steps = json!({"data": [{"recordType": "Steps", "count": 5}]});
    phone.put("/api/v2/push/Steps", steps).await.expect(202);
}

/// A number that is kept and not proved yet, and a code that was sent for it.
async fn prove(t: &TestApp, id: PatientId, lata: &Client) {
    let number = AadhaarNumber::parse("234123412346", AadhaarRules::Issued).expect("a number");
    let (key, now) = (key(t, id).await, t.clock.now());
    let mut tx = t.app.db().begin().await.expect("a transaction");
    t.app.edge::<AadhaarVault>().keep(&mut tx, &key, &number, None, now).await.expect("kept");
    tx.commit().await.expect("a commit");
    lata.post("/api/v1/auth/verify-aadhar", json!({})).await.expect(200);
}

/// What takes another server to make.
async fn by_hand(t: &TestApp, id: PatientId) {
    let (key, row, now) = (key(t, id).await, kernel::ids::new(), t.clock.now());
    let seal = |table: &str, id| key.seal(Row { table, id }, b"\"seen\"").expect("sealed");
    run(t, &STEP, args![row, id, seal("validation_steps", row), now]).await;
    let digest = vault::sha256(b"somebody");
    let later = now + TimeDelta::days(1);
    run(t, &CONNECTION, args![row, id, seal("provider_connections", row), now, later, digest.clone()]).await;
    run(t, &JOURNEY, args![row, id, seal("provider_journeys", id.0), later, digest]).await;
}

impl Whole {
    /// What of it can be read through HTTP, by path.
    pub async fn read(&self) -> Vec<(String, Value)> {
        let (id, mut read) = (self.w.patient_id(), Vec::new());
        let (chart, v1) = (format!("/api/patients/{id}"), format!("/api/v1/patients/{id}"));
        for path in [
            format!("{chart}/conditions"),
            format!("{chart}/records"),
            format!("{v1}/prescriptions"),
            format!("{v1}/family-history"),
            format!("{v1}/health-profile"),
            format!("{v1}/validation"),
            format!("/api/emergency/patients/{id}/alerts?active_only=false"),
            "/api/appointments".to_owned(),
            format!("/encounters/{}/observations", self.w.encounter_id()),
            format!("/patients/{id}/vitals"),
            "/api/v1/patient/profile".to_owned(),
            "/api/v1/consents".to_owned(),
            format!("{v1}/break-glass"),
            "/api/v1/wearables/devices".to_owned(),
            "/api/v1/wearables/priorities".to_owned(),
            format!("/api/wearables/patients/{id}/latest"),
            "/api/v1/wearables/data/history?metric_type=heart_rate".to_owned(),
            format!("/api/wearables/patients/{id}"),
            format!("/api/wearables/patients/{id}/skipped"),
        ] {
            let found = self.lata.get(&path).await.expect(200);
            read.push((path, found));
        }
        let file = self.lata.request(reqwest::Method::GET, &format!("{}/file", self.export)).send().await;
        let bytes = file.expect("an answer").bytes().await.expect("the whole file");
        read.push(("the export".to_owned(), json!(vault::hex(&vault::sha256(&bytes)))));
        read
    }
}
