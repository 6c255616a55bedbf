//! Every way to look at a patient, tried by every kind of caller, against the table in `docs/WHO-SEES-WHAT.md`.
use std::collections::{BTreeSet, HashMap};

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use store::{args, sql};
use testkit::{Client, TestApp, Ward, both};

use crate::coverage::operations;
use crate::{reading, text};

/// The table that a clinician reads.
const TABLE: &str = include_str!("../../../../docs/WHO-SEES-WHAT.md");

/// Looks that are not at one patient: the stream tells each caller of their own, as its tests show; the queue of reviews
/// and the audit chain as a whole are the administrators'; a patient's facilities and a hospital's figures are their own; an
/// export and an erasure have tests of their own, beside them; a phone asks how its own patient's data are; when a doctor
/// is busy names no patient.
const NOT_CLINICAL: &[&str] = &[
    "/api/appointments/busy",
    "/api/emergency/stream",
    "/socket.io/",
    "/ws",
    "/api/v1/break-glass",
    "/api/v1/audit",
    "/api/v1/audit/export",
    "/api/v1/audit/heads",
    "/api/v1/delegations",
    "/api/v1/patient/facilities",
    "/api/v1/hospital/dashboard",
    "/api/v1/erasures",
    "/api/v1/erasures/{erasure_id}",
    "/api/v1/patients/{id}/exports/{export_id}",
    "/api/v1/patients/{id}/exports/{export_id}/file",
    "/api/v1/wearables/providers/{provider}/callback",
    "/api/v2/counts",
    "/api/v2/status",
];

/// Beginnings of paths under which nothing about a patient is shown.
const ELSEWHERE: &[&str] = &[
    "/.well-known/",
    "/auth/",
    "/users",
    "/health",
    "/ready",
    "/metrics",
    "/api/auth/",
    "/api/v1/auth/",
    "/api/v1/device-keys",
    "/api/v1/service-accounts",
    "/api/v1/specialties",
    "/api/v1/webhooks/",
    "/api/v2/health",
    "/api/v1/institutions",
    "/api/v1/regions",
    "/api/v1/institution-types",
    "/api/hospitals",
    "/api/doctors",
    "/api/v1/doctors",
    "/api/emergency/statistics",
    "/api/wearables/statistics",
];

/// Paths under those beginnings that do show patients.
const HERE: &[&str] = &["/patients", "/medical-record"];

fn is_clinical(path: &str) -> bool {
    let elsewhere = path == "/" || ELSEWHERE.iter().any(|beginning| path.starts_with(beginning));
    !NOT_CLINICAL.contains(&path) && (!elsewhere || HERE.iter().any(|part| path.contains(part)))
}

sql!(
    TEST_CONNECTION_ADD = "INSERT INTO provider_connections (id, patient_id, provider, owner_index, sealed,
        tokens_version, connected_by, connected_role, connected_at, is_subscribed, synced_to, next_sync_at, is_due,
        failures)
    VALUES ($1, $2, 'fitbit', $3, $3, 1, $1, 'patient', $4, FALSE, $4, $5, FALSE, 0)"
);

/// An account at a provider that is not due while the test runs.
async fn connect(t: &TestApp, patient: &str) {
    let (id, now) = (kernel::ids::new(), t.clock.now());
    let patient: kernel::PatientId = patient.parse().expect("an id");
    let mut tx = t.app.db().begin().await.expect("a transaction");
    let row = args![id, patient, id.as_bytes().to_vec(), now, now + TimeDelta::days(1)];
    tx.run(&TEST_CONNECTION_ADD, row).await.expect("a connection");
    tx.commit().await.expect("committed");
}

/// What a band of the patient sent: a device and a datum named W-1.
async fn wear(lata: &Client, patient: &str, now: chrono::DateTime<chrono::Utc>) {
    let agreed = json!({"patient_id": patient, "purpose": "To follow my heart"});
    lata.post("/api/wearables/consent", agreed).await.expect(201);
    lata.post("/api/v1/wearables/device/register", json!({"device_id": "band"})).await.expect(201);
    let datum = json!({"data_id": "W-1", "patient_id": patient, "data_type": "steps", "data_source": "band",
        "data_snapshot": {"count": 812}, "recorded_at": now});
    lata.post("/api/wearables/sync", datum).await.expect(201);
}

/// The people of the table, each with a name that is the head of a column; the consent in force; the assigned doctor.
async fn callers(t: &TestApp, w: &Ward) -> (Vec<(&'static str, Client)>, [String; 2]) {
    let admin = t.admin().await;
    let patient = w.patient_id();
    let lata = t.account("patient", Some(&w.patient["id"])).await;
    let asha = t.patient(&w.nurse, "Asha Rao").await;
    let other_patient = t.account("patient", Some(&asha["id"])).await;
    let mother = t.patient(&w.nurse, "Sita Joshi").await;
    let delegate = t.account("patient", Some(&mother["id"])).await;
    let me = delegate.get("/auth/me").await.expect(200)["data"]["id"].clone();
    let parent = json!({"user": me, "relationship": "parent", "may": "read"});
    lata.post(&format!("/api/v1/patients/{patient}/delegates"), parent).await.expect(201);
    let (assigned_record, assigned) = t.doctor("Dr. Assigned").await;
    let (former_record, former) = t.doctor("Dr. Former").await;
    for doctor in [&assigned_record, &former_record] {
        let path = format!("/api/doctors/{}/patients/{patient}", text(&doctor["id"]));
        w.nurse.post(&path, json!({})).await.expect(201);
    }
    let ended = format!("/api/doctors/{}/patients/{patient}", text(&former_record["id"]));
    let answer = w.nurse.delete(&ended).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    let consented = consent(t, w, &lata, None).await;
    let (expired, revoked) = (consent(t, w, &lata, Some(5)).await, consent(t, w, &lata, None).await);
    lata.put(&format!("/api/v1/consents/{}/revoke", text(&revoked.1["id"])), json!({})).await.expect(200);
    let (_, breaker) = t.doctor("Dr. Breaker").await;
    let why = json!({"reason": "Found unconscious at the station"});
    breaker.post(&format!("/api/v1/patients/{patient}/break-glass"), why).await.expect(201);
    let desk = t.account("hospital", Some(&w.hospital["id"])).await;
    let other_desk = t.account("hospital", Some(&t.hospital("Lake Hospital", 4).await["id"])).await;
    let responder = t.responder(&w.hospital).await;
    let device = t.monitor(&w.hospital).await;
    t.clock.advance(TimeDelta::minutes(6));
    let given = [&consented.1, &assigned_record].map(|one| text(&one["id"]).to_owned());
    let callers = vec![
        ("self", lata),
        ("other patient", other_patient),
        ("delegate", delegate),
        ("assigned doctor", assigned),
        ("former doctor", former),
        ("doctor with consent", consented.0),
        ("with expired", expired.0),
        ("with revoked", revoked.0),
        ("broke the glass", breaker),
        ("admitting hospital", desk),
        ("other hospital", other_desk),
        ("nurse of the ward", w.nurse.clone()),
        ("responder in an emergency", responder),
        ("admin", admin),
        ("device", device),
        ("nobody", t.client()),
    ];
    (callers, given)
}

/// A doctor with a consent to read vitals and records, that ends after so many minutes; and the consent.
async fn consent(t: &TestApp, w: &Ward, lata: &Client, minutes: Option<i64>) -> (Client, Value) {
    let (_, doctor) = t.doctor("Dr. Consented").await;
    let ends = minutes.map(|minutes| (t.clock.now() + TimeDelta::minutes(minutes)).to_rfc3339());
    let ask = json!({"patient_id": w.patient_id(), "data_categories": ["vitals", "records"], "purpose": "A second opinion",
        "expires_at": ends});
    let asked = doctor.post("/api/v1/consents/request", ask).await.expect(201);
    let given = lata.put(&format!("/api/v1/consents/{}/approve", text(&asked["id"])), json!({})).await.expect(200);
    (doctor, given)
}

/// What the names in the paths stand for.
async fn names(t: &TestApp, w: &Ward) -> HashMap<&'static str, String> {
    let alert = w.nurse.post("/vitals", reading(w, json!({"hr_bpm": 140}))).await.expect(201);
    let alert = text(&alert["data"]["alerts"][0]["id"]).to_owned();
    let emergency = w.nurse.get("/api/emergency/alerts").await.expect(200);
    let visit = json!({"title": "Check", "patient_id": w.patient_id(), "doctor_id": w.doctor_id(),
        "scheduled_at": t.clock.now() + TimeDelta::hours(2)});
    let visit = w.nurse.post("/api/appointments", visit).await.expect(201);
    let note = json!({"encounter_id": w.encounter["id"], "note": "Feels better."});
    w.nurse.post("/observations", note).await.expect(201);
    let condition = json!({"condition_name": "asthma"});
    w.doctor.post(&format!("/api/patients/{}/conditions", w.patient_id()), condition).await.expect(201);
    let taken = json!({"medications": [{"name": "Salbutamol", "dosage": "100 µg"}], "dosage_instructions": "When short of breath",
        "duration": "30 days", "start_date": "2026-11-01"});
    let path = format!("/api/v1/patients/{}/prescriptions", w.patient_id());
    let prescription = w.doctor.post(&path, taken).await.expect(201);
    let taken = json!({"medications": [{"name": "Sertraline"}], "is_sensitive": true});
    let sensitive = w.doctor.post(&path, taken).await.expect(201);
    HashMap::from([
        ("patient", w.patient_id().to_owned()),
        ("encounter", w.encounter_id().to_owned()),
        ("hospital", text(&w.hospital["id"]).to_owned()),
        ("alert", alert),
        ("emergency", text(&emergency[0]["id"]).to_owned()),
        ("appointment", text(&visit["id"]).to_owned()),
        ("prescription", text(&prescription["id"]).to_owned()),
        ("sensitive", text(&sensitive["id"]).to_owned()),
    ])
}

/// The rows of the table: the path, and the cell of each column.
fn rows() -> (Vec<String>, Vec<(String, Vec<String>)>) {
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut lines = TABLE.lines().filter(|line| line.starts_with('|'));
    let heads = cells(lines.next().expect("a head"))[1..].to_vec();
    let rows = lines.skip(1).map(|line| {
        let mut cells = cells(line);
        let path = cells.remove(0).trim_matches('`').to_owned();
        (path, cells)
    });
    (heads, rows.collect())
}

/// What in a row names something of the one patient: whoever gets an answer sees it.
const OF_THE_PATIENT: [&str; 6] = ["{patient}", "{encounter}", "{alert}", "{emergency}", "{appointment}", "{consent}"];

/// What a caller saw, in the word of the table.
async fn seen(caller: &Client, row: &str, path: &str, patient: &str) -> String {
    let answer = caller.request(Method::GET, path).send().await.expect("an answer");
    let looked_at = row.split('?').next().unwrap_or(row);
    let streams = answer.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/event"));
    match answer.status().as_u16() {
        200 if streams || OF_THE_PATIENT.iter().any(|name| looked_at.contains(name)) => "sees".to_owned(),
        // A list without the patient in its path shows the patient or does not.
        200 if answer.text().await.expect("a body").contains(patient) => "sees".to_owned(),
        200 => "nothing".to_owned(),
        401 => "sign in".to_owned(),
        403 => "refused".to_owned(),
        404 => "hidden".to_owned(),
        other => format!("{other}"),
    }
}

#[test]
fn every_look_at_a_patient_is_in_the_table() {
    let pattern = |path: &str| {
        path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect::<Vec<_>>().join("/")
    };
    let listed: BTreeSet<String> =
        rows().1.iter().map(|(path, _)| pattern(path.split('?').next().expect("a path"))).collect();
    let missing: Vec<String> = operations()
        .into_iter()
        .filter(|(method, path, _)| *method == Method::GET && is_clinical(path))
        .map(|(_, path, _)| path)
        .filter(|path| !listed.contains(&pattern(path)))
        .collect();
    assert!(missing.is_empty(), "not in docs/WHO-SEES-WHAT.md: {missing:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_what_the_table_says_and_nothing_else() {
    both(|t| async move {
        let w = t.ward().await;
        let mut names = names(&t, &w).await;
        connect(&t, w.patient_id()).await;
        let (callers, [consent, doctor]) = callers(&t, &w).await;
        wear(&callers[0].1, w.patient_id(), t.clock.now()).await;
        names.extend([("consent", consent), ("doctor", doctor), ("datum", "W-1".to_owned())]);
        let (heads, rows) = rows();
        assert_eq!(heads, callers.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        let (mut table, mut wrong) = (String::new(), 0);
        for (path, cells) in rows {
            let mut at = path.clone();
            for (name, value) in &names {
                at = at.replace(&format!("{{{name}}}"), value);
            }
            let mut found = Vec::new();
            for (_, caller) in &callers {
                found.push(seen(caller, &path, &at, w.patient_id()).await);
            }
            wrong += usize::from(found != cells);
            table.push_str(&format!(
                "| `{path}` | {} |{}\n",
                found.join(" | "),
                if found == cells { "" } else { " <--" }
            ));
        }
        assert_eq!(wrong, 0, "{wrong} rows are not as the table says; this is how it is:\n{table}");
    })
    .await;
}
