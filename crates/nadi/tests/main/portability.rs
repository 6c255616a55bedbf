//! Exports and erasures with the process and the disk in the test's hands.
use std::fs;
use std::path::Path;

use axum::http::StatusCode;
use kernel::{Clock, PatientId};
use serde_json::{Value, json};
use store::{Sql as _, Statement, args};
use testkit::{Client, TestApp, Ward, both};
use vault::Vault;

use crate::program::{Server, nadi, said, serve};
use crate::{text, until};

static KEY: Statement = Statement::new("KEY", "SELECT wrapped AS value FROM data_keys WHERE patient_id = $1");
static KEY_BACK: Statement = Statement::new(
    "KEY_BACK",
    "INSERT INTO data_keys (patient_id, version, wrapped, created_at) VALUES ($1, 1, $2, $3)",
);
static PATIENT_BACK: Statement = Statement::new(
    "PATIENT_BACK",
    "UPDATE patients SET name = 'Lata Joshi', is_active = TRUE, erased_at = NULL WHERE id = $1",
);
static NAME: Statement = Statement::new("NAME", "SELECT name AS value FROM patients WHERE id = $1");
static KEYS: Statement = Statement::new("KEYS", "SELECT count(*) AS value FROM data_keys WHERE patient_id = $1");

async fn login(server: &Server, email: &str, password: &str) -> Client {
    Client::new(&server.base).login(email, password).await
}

async fn admin(server: &Server) -> Client {
    login(server, "admin@example.org", "correct-horse-battery").await
}

const PASSWORD: &str = "a-good-password";
const NURSE: &str = "nurse@city.example";

/// A patient with an account, registered by this caller.
async fn patient(by: &Client) -> Value {
    let patient = json!({"name": "Lata Joshi", "date_of_birth": "1970-04-12", "gender": "female",
        "contact": "+91 98221 54321", "email": "lata@example.org", "password": PASSWORD});
    by.post("/api/patients", patient).await.expect(201)
}

/// A hospital and its nurse.
async fn hospital(server: &Server) -> (Value, Client) {
    let admin = admin(server).await;
    let hospital = json!({"hospital_name": "City Hospital", "registration_number": "R-1", "hospital_type": "hospital",
        "contact": "+91 20 1234 5678", "email": "desk@city.example", "address": {"city": "Pune"}, "total_beds": 1,
        "available_beds": 1, "emergency_services": true, "specializations": [], "accreditations": []});
    let hospital = admin.post("/api/hospitals", hospital).await.expect(201);
    let nurse = json!({"email": NURSE, "password": PASSWORD, "user_type": "nurse", "reference_id": hospital["id"]});
    admin.post("/users/create", nurse).await.expect(201);
    (hospital, login(server, NURSE, PASSWORD).await)
}

async fn stop(server: Server) {
    server.child.signal("TERM");
    server.child.end().await;
}

/// An export of many readings that runs when this answers; none when it was too quick.
async fn begun(lata: &Client, patient: &str) -> Option<String> {
    let asked = lata.post(&format!("/api/v1/patients/{patient}/exports"), json!({})).await;
    let path = asked.header("location").expect("a location").to_owned();
    asked.expect(202);
    loop {
        let export = lata.get(&path).await.expect(200);
        match text(&export["state"]) {
            "running" if export["progress"].as_i64() > Some(0) => return Some(path),
            "queued" | "running" => {}
            _ => return None,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_goes_on_after_the_process_was_killed_in_the_middle() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data");
    let server = serve(home.path(), &data);
    let patient = patient(&admin(&server).await).await;
    let (lata, id) = (login(&server, "lata@example.org", PASSWORD).await, text(&patient["id"]));
    for n in 0..300 {
        lata.post("/vitals", json!({"patient_id": id, "hr_bpm": 60 + n % 40, "spo2_pct": 98})).await.expect(201);
    }
    let mut path = None;
    for _ in 0..3 {
        path = begun(&lata, id).await;
        if path.is_some() {
            break;
        }
    }
    let path = path.expect("three exports were quicker than the test");
    server.child.signal("KILL");
    server.child.end().await;
    let again = serve(home.path(), &data);
    let lata = login(&again, "lata@example.org", PASSWORD).await;
    assert_ne!(lata.get(&path).await.expect(200)["state"], "done", "it was done before it was killed");
    // The lease of the process that was killed has to run out first.
    until("the export is done", || async { lata.get(&path).await.expect(200)["state"] == "done" }).await;
    let file = lata.request(reqwest::Method::GET, &format!("{path}/file")).send().await.expect("an answer");
    assert_eq!(file.status().as_u16(), 200);
    let bytes = file.bytes().await.expect("a body");
    assert!(bytes.starts_with(b"PK\x03\x04"));
    // What one who sits at the machine takes has the same parts.
    let out = home.path().join("lata.zip");
    let arguments =
        ["export", "--patient", id, "--out", &out.display().to_string(), "--data", &data.display().to_string()];
    let output = nadi(home.path(), &arguments).output().expect("it runs");
    assert!(output.status.success(), "{}", said(&output));
    let names = |bytes: &[u8], name: &str| bytes.windows(name.len()).any(|w| w == name.as_bytes());
    let own = fs::read(&out).expect("a file");
    for name in ["README.txt", "patient.json", "records.ndjson", "vitals/", "audit.ndjson"] {
        assert!(names(&bytes, name) && names(&own, name), "{name}");
    }
    let second = nadi(home.path(), &arguments).output().expect("it runs");
    assert!(!second.status.success(), "a file that is there is not written over");
    let list = ["audit", "list", "--patient", id, "--data", &data.display().to_string()];
    let listed = said(&nadi(home.path(), &list).output().expect("it runs"));
    assert!(listed.contains("export.operator") && listed.contains("export.fetch"), "{listed}");
}

fn copy(from: &Path, to: &Path) {
    for file in fs::read_dir(from).expect("a folder").map(|file| file.expect("a file").path()) {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        if name.starts_with("nadi.db") {
            fs::copy(&file, to.join(name)).expect("a copy");
        }
    }
}

async fn keys(data: &Path, patient: &str) -> i64 {
    let place = data.join("nadi.db").display().to_string();
    let mut db = store::Db::open(&place, &store::Options::default()).await.expect("it opens");
    let patient: PatientId = patient.parse().expect("an id");
    db.one(&KEYS, args![patient]).await.expect("a look").unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_backup_does_not_bring_an_erased_patient_back() {
    let home = tempfile::tempdir().expect("a folder");
    let (data, aside) = (home.path().join("data"), home.path().join("aside"));
    fs::create_dir(&aside).expect("a folder");
    let server = serve(home.path(), &data);
    let (hospital, nurse) = hospital(&server).await;
    let patient = patient(&nurse).await;
    let id = text(&patient["id"]).to_owned();
    // The backup is made while everything holds on to the patient that has to be settled before an erasure.
    let stay = format!("/api/hospitals/{}/patients/{id}", text(&hospital["id"]));
    nurse.post(&format!("{stay}/admit"), json!({"department": "medicine", "reason": "fever"})).await.expect(201);
    let emergency = format!("/api/patients/{id}/emergency");
    nurse.post(&emergency, json!({"emergency_type": "other"})).await.expect(201);
    let twin =
        json!({"name": "Lata Joshi", "date_of_birth": "1970-04-12", "gender": "female", "contact": "+91 98221 54321"});
    let twin = nurse.post("/api/patients", twin).await.expect(201);
    let merge = json!({"absorbed_id": twin["id"], "reason": "the same person"});
    admin(&server).await.post(&format!("/api/v1/patients/{id}/merge"), merge).await.expect(201);
    stop(server).await;
    copy(&data, &aside);

    let server = serve(home.path(), &data);
    let (nurse, lata) = (login(&server, NURSE, PASSWORD).await, login(&server, "lata@example.org", PASSWORD).await);
    let part = json!({"absorbed_id": twin["id"]});
    admin(&server).await.post(&format!("/api/v1/patients/{id}/unmerge"), part).await.expect(200);
    nurse.delete(&emergency).await.expect(200);
    nurse.post(&format!("{stay}/discharge"), json!({})).await.expect(200);
    let wish = json!({"reason": "I move abroad", "confirm": patient["patient_id"]});
    let asked = lata.post(&format!("/api/v1/patients/{id}/erasure"), wish).await.expect(202);
    let confirm = format!("/api/v1/erasures/{}/confirm", text(&asked["id"]));
    admin(&server).await.post(&confirm, json!({})).await.expect(200);
    admin(&server).await.get(&format!("/api/patients/{id}")).await.expect(410);
    stop(server).await;
    assert_eq!(keys(&data, &id).await, 0);
    let stones = fs::read_to_string(data.join("keys/erased")).expect("tombstones");
    assert_eq!(
        stones,
        format!("{id}\n"),
        "the id, by which a database is asked for the patient, and nothing that names anybody"
    );

    for file in fs::read_dir(&data).expect("a folder").map(|file| file.expect("a file").path()) {
        if file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("nadi.db")) {
            fs::remove_file(file).expect("gone");
        }
    }
    copy(&aside, &data);
    assert_eq!(keys(&data, &id).await, 1, "the backup has the key");
    let place = data.display().to_string();
    let doctor = nadi(home.path(), &["doctor", "--data", &place]).output().expect("it runs");
    assert!(said(&doctor).contains("WRONG erased patients: 1 have keys"), "{}", said(&doctor));
    assert_eq!(keys(&data, &id).await, 1, "the doctor says what is wrong and changes nothing");

    let server = serve(home.path(), &data);
    admin(&server).await.get(&format!("/api/patients/{id}")).await.expect(410);
    let login = json!({"email": "lata@example.org", "password": PASSWORD});
    Client::new(&server.base).post("/auth/login", login).await.expect(401);
    // The bed is free again, and the other record is a person's own.
    let path = format!("/api/hospitals/{}", text(&hospital["id"]));
    let shown = Client::new(&server.base).login(NURSE, PASSWORD).await.get(&path).await.expect(200);
    assert_eq!((&shown["available_beds"], &shown["occupied_beds"]), (&json!(1), &json!(0)));
    admin(&server).await.get(&format!("/api/patients/{}", text(&twin["id"]))).await.expect(200);
    stop(server).await;
    assert_eq!(keys(&data, &id).await, 0);
}

fn id(patient: &str) -> PatientId {
    patient.parse().expect("an id")
}

async fn key(t: &TestApp, patient: &str) -> Option<Vec<u8>> {
    t.app.db().one(&KEY, args![id(patient)]).await.expect("a look")
}

async fn discharge(w: &Ward) {
    let path = format!("/api/hospitals/{}/patients/{}/discharge", text(&w.hospital["id"]), w.patient_id());
    w.nurse.post(&path, json!({})).await.expect(200);
}

/// Discharges the ward's patient, who then asks to be erased, and confirms it.
async fn erase(t: &TestApp, w: &Ward) {
    let lata = t.account("patient", Some(&w.patient["id"])).await;
    discharge(w).await;
    let wish = json!({"reason": "I move abroad", "confirm": w.patient["patient_id"]});
    let asked = lata.post(&format!("/api/v1/patients/{}/erasure", w.patient_id()), wish).await.expect(202);
    let confirm = format!("/api/v1/erasures/{}/confirm", text(&asked["id"]));
    t.admin().await.post(&confirm, json!({})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_lets_go_of_the_key_it_holds() {
    both(|t| async move {
        let w = t.ward().await;
        let other = nadi::open(&t.settings, Clock::system()).await.expect("a second process");
        other.services.iter().flat_map(|s| (s.work)(&other.app)).for_each(|task| drop(tokio::spawn(task)));
        let (vault, db) = (other.app.edge::<Vault>(), other.app.db());
        vault.key(&db, id(w.patient_id())).await.expect("a key to hold");
        erase(&t, &w).await;
        for _ in 0..500 {
            match vault.key(&db, id(w.patient_id())).await {
                Ok(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                Err(error) => return assert_eq!(error.status(), StatusCode::GONE),
            }
        }
        panic!("the other process still holds the key");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_broke_off_before_its_commit_is_finished() {
    both(|t| async move {
        let w = t.ward().await;
        let lata = t.account("patient", Some(&w.patient["id"])).await;
        discharge(&w).await;
        let wish = json!({"reason": "I move abroad", "confirm": w.patient["patient_id"]});
        let path = format!("/api/v1/patients/{}/erasure", w.patient_id());
        lata.post(&path, wish).await.expect(202);
        // All that is left of a confirmation whose commit failed.
        t.app.edge::<Vault>().learn_erased(id(w.patient_id())).expect("a tombstone");
        lata.get(&path).await.expect(410);
        assert_eq!(portability::erase_again(&t.app).await.expect("erased"), 1);
        assert_eq!(key(&t, w.patient_id()).await, None);
        let all = t.admin().await.get("/api/v1/erasures").await.expect(200);
        assert_eq!((&all[0]["status"], &all[0]["reason"]), (&json!("done"), &json!("I move abroad")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_brings_an_erased_patient_back_erases_them_again() {
    both(|t| async move {
        let w = t.ward().await;
        let (patient, wrapped) = (w.patient_id(), key(&t, w.patient_id()).await.expect("a key"));
        erase(&t, &w).await;
        let mut tx = t.app.db().begin().await.expect("a transaction");
        tx.run(&KEY_BACK, args![id(patient), wrapped, t.clock.now()]).await.expect("the key is back");
        tx.run(&PATIENT_BACK, args![id(patient)]).await.expect("the name is back");
        tx.commit().await.expect("a commit");
        nadi::open(&t.settings, t.clock.clone()).await.expect("it opens");
        assert_eq!(key(&t, patient).await, None);
        let name: Option<String> = t.app.db().one(&NAME, args![id(patient)]).await.expect("a look");
        assert_eq!(name.as_deref(), Some("erased"));
        t.admin().await.get(&format!("/api/patients/{patient}")).await.expect(410);
        let all = t.admin().await.get("/api/v1/erasures?status=done").await.expect(200);
        assert!(text(&all[0]["reason"]).contains("older copy"), "{all}");
    })
    .await;
}
