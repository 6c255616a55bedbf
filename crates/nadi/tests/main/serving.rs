//! `nadi serve` and its neighbours on the command line.
use std::path::Path;

use serde_json::{Value, json};
use store::{Sql as _, Statement};
use testkit::Client;

use crate::program::{Running, Server, nadi, said, serve};
use crate::{readings, text};

/// A nurse and the patient she has admitted, on a server that is a child process.
async fn at_work(server: &Server) -> (Client, Value) {
    let admin = Client::new(&server.base).login("admin@example.org", "correct-horse-battery").await;
    let hospital = json!({"hospital_name": "City Hospital", "registration_number": "R-1", "hospital_type": "hospital",
        "contact": "+91 20 1234 5678", "email": "desk@city.example", "address": {"city": "Pune"}, "total_beds": 4,
        "available_beds": 4, "emergency_services": true, "specializations": [], "accreditations": []});
    let hospital = admin.post("/api/hospitals", hospital).await.expect(201);
    let nurse = json!({"email": "nurse@city.example", "password": "a-good-password", "user_type": "nurse", "reference_id": hospital["id"]});
    admin.post("/users/create", nurse).await.expect(201);
    let nurse = Client::new(&server.base).login("nurse@city.example", "a-good-password").await;
    let patient =
        json!({"name": "Lata Joshi", "date_of_birth": "1970-04-12", "gender": "female", "contact": "+91 98221 5"});
    let patient = nurse.post("/api/patients", patient).await.expect(201);
    let admit = format!("/api/hospitals/{}/patients/{}/admit", text(&hospital["id"]), text(&patient["id"]));
    nurse.post(&admit, json!({"department": "medicine", "reason": "fever"})).await.expect(201);
    (nurse, patient)
}

fn verified(home: &Path, data: &Path) -> (bool, String) {
    let output = nadi(home, &["audit", "verify", "--data", &data.display().to_string()]).output().expect("it runs");
    (output.status.success(), said(&output))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_data_refuses_in_a_sentence() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data");
    let first = serve(home.path(), &data);
    let second = nadi(home.path(), &["serve", "--listen", "127.0.0.1:0", "--data", &data.display().to_string()]);
    let (status, words) = Running::start(second).end().await;
    assert!(!status.success());
    assert!(words.contains("another nadi serves"), "{words}");
    assert_eq!(words.trim().lines().count(), 1, "more than a sentence: {words}");
    assert_eq!(Client::new(&first.base).get("/ready").await.status.as_u16(), 200);
    // Once the first has gone, the place is free.
    first.child.signal("TERM");
    let (status, _) = first.child.end().await;
    assert!(status.success());
    let third = serve(home.path(), &data);
    assert_eq!(Client::new(&third.base).get("/ready").await.status.as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_the_process_being_killed() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data");
    let server = serve(home.path(), &data);
    let (nurse, patient) = at_work(&server).await;
    let mut acknowledged = Vec::new();
    for rate in 60..110 {
        let body = json!({"patient_id": patient["id"], "hr_bpm": rate});
        acknowledged.push(nurse.post("/vitals", body).await.expect(201)["data"]["id"].clone());
    }
    server.child.signal("KILL");
    let (status, _) = server.child.end().await;
    assert!(!status.success());
    let again = serve(home.path(), &data);
    let nurse = Client::new(&again.base).login("nurse@city.example", "a-good-password").await;
    let stored = readings(&nurse, text(&patient["id"])).await;
    assert_eq!(stored.iter().map(|r| r["id"].clone()).collect::<Vec<_>>(), acknowledged);
    let (whole, words) = verified(home.path(), &data);
    assert!(whole && words.contains("the audit chain is whole"), "{words}");
}

static MIDDLE: Statement = Statement::new("MIDDLE", "SELECT max(first) AS value FROM audit_log WHERE first <= 5");
static FLIP: Statement = Statement::new("FLIP", "UPDATE audit_log SET entries = entries || ' ' WHERE first = $1");

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_is_verified_beside_a_running_server_and_the_broken_row_is_named() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data");
    let server = serve(home.path(), &data);
    let (nurse, patient) = at_work(&server).await;
    nurse.get(&format!("/patients/{}/vitals", text(&patient["id"]))).await.expect(200);
    let (whole, words) = verified(home.path(), &data);
    assert!(whole, "{words}");
    let (patient, place) = (text(&patient["id"]), data.display().to_string());
    let mut list = nadi(home.path(), &["audit", "list", "--json", "--patient", patient, "--data", &place]);
    let listed = list.output().expect("it runs");
    let entries: Vec<Value> =
        String::from_utf8_lossy(&listed.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(entries.iter().any(|e| e["action"] == "read vitals" && e["allowed"] == true), "{entries:?}");
    drop(server);
    let db = store::Db::open(&data.join("nadi.db").display().to_string(), &store::Options::default())
        .await
        .expect("it opens");
    let mut tx = db.begin().await.expect("a transaction");
    let row: i64 = tx.one(&MIDDLE, Vec::new()).await.expect("a look").expect("a row");
    assert_eq!(tx.run(&FLIP, store::args![row]).await.expect("a change"), 1);
    tx.commit().await.expect("a commit");
    drop(db);
    let (whole, words) = verified(home.path(), &data);
    assert!(!whole && words.contains(&format!("broken at entry {row}:")), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_refused_in_a_sentence() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data").display().to_string();
    for (arguments, environment, words) in [
        (vec!["serve", "--services", "ward", "--data", &data], None, "PostgreSQL"),
        (vec!["serve", "--services", "laundry", "--data", &data], None, "no service \"laundry\""),
        (vec!["serve", "--data", &data], Some(("SECRET_KEY", "short")), "SECRET_KEY"),
        (
            vec!["serve", "--data", &data],
            Some(("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")),
            "cannot be opened",
        ),
        (vec!["serve", "--data", &data], Some(("NADI_ADMIN_EMAIL", "a@example.org")), "NADI_ADMIN_PASSWORD"),
        (vec!["serve", "--data", "/dev/null/data"], None, "cannot be made"),
        (vec!["audit", "verify", "--data", "/nowhere"], None, "no database"),
    ] {
        let mut command = nadi(home.path(), &arguments);
        command.envs(environment);
        let (status, said) = Running::start(command).end().await;
        assert!(!status.success() && said.contains(words), "{arguments:?} {environment:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_for_this_machine_and_for_administrators() {
    testkit::both(|t| async move {
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        let asked = async |client: &Client| client.get("/metrics").await.status.as_u16();
        assert_eq!(asked(&t.client()).await, 200, "Prometheus beside the server needs no token");
        for proxy in ["x-forwarded-for", "forwarded", "via"] {
            let passed_on = |client: &Client| client.with_header(proxy, "203.0.113.9");
            assert_eq!(asked(&passed_on(&t.client())).await, 401, "{proxy}");
            assert_eq!(asked(&passed_on(&nurse)).await, 403, "{proxy}");
            assert_eq!(asked(&passed_on(&t.admin().await)).await, 200, "{proxy}");
        }
    })
    .await;
}
