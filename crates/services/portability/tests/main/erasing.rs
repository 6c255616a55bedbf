//! Erasure: asked for, confirmed, and complete.
use axum::http::StatusCode;
use kernel::PatientId;
use serde_json::{Value, json};
use store::{Sql as _, Statement, args};
use testkit::{Client, TestApp, Ward, both, vitals};
use vault::Vault;

use crate::{exported, own, text};

static KEY: Statement = Statement::new("KEY", "SELECT wrapped AS value FROM data_keys WHERE patient_id = $1");
static PATIENTS_LIKE: Statement = Statement::new(
    "PATIENTS_LIKE",
    "SELECT count(*) AS value FROM patients
    WHERE id = $1 AND (name LIKE '%Lata%' OR contact <> '' OR email IS NOT NULL OR reference LIKE 'MRN%')",
);
static USERS_LIKE: Statement = Statement::new(
    "USERS_LIKE",
    "SELECT count(*) AS value FROM users WHERE reference_id = $1 AND (email IS NOT NULL OR is_active)",
);

fn id(patient: &str) -> PatientId {
    patient.parse().expect("an id")
}

async fn key(t: &TestApp, patient: &str) -> Option<Vec<u8>> {
    t.app.db().one(&KEY, args![id(patient)]).await.expect("a look")
}

/// A ward whose patient was discharged, with something in the chart.
pub async fn left(t: &TestApp) -> Ward {
    let w = t.ward().await;
    w.nurse.post("/vitals", vitals(w.patient_id())).await.expect(201);
    let allergy = json!({"condition_name": "Penicillin", "kind": "allergy"});
    w.nurse.post(&format!("/api/patients/{}/conditions", w.patient_id()), allergy).await.expect(201);
    w
}

pub async fn discharge(w: &Ward) {
    let path = format!("/api/hospitals/{}/patients/{}/discharge", text(&w.hospital["id"]), w.patient_id());
    w.nurse.post(&path, json!({})).await.expect(200);
}

fn wish(patient: &Value) -> Value {
    json!({"reason": "I move abroad", "confirm": patient["patient_id"]})
}

/// Asks and confirms.
pub async fn erase(t: &TestApp, by: &Client, patient: &Value) -> Value {
    let path = format!("/api/v1/patients/{}/erasure", text(&patient["id"]));
    let asked = by.post(&path, wish(patient)).await.expect(202);
    let confirm = format!("/api/v1/erasures/{}/confirm", text(&asked["id"]));
    t.admin().await.post(&confirm, json!({})).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_patient_asks_may_withdraw_and_an_administrator_confirms() {
    both(|t| async move {
        let w = left(&t).await;
        let (lata, _) = own(&t, &w.patient).await;
        let (admin, path) = (t.admin().await, format!("/api/v1/patients/{}/erasure", w.patient_id()));
        lata.get(&path).await.expect(404);
        lata.post(&path, wish(&w.patient)).await.expect(409); // Admitted.
        discharge(&w).await;
        lata.post(&path, json!({"reason": "I move", "confirm": "somebody else"})).await.expect_about(422, "confirm");
        lata.post(&path, json!({"reason": " ", "confirm": w.patient["patient_id"]})).await.expect_about(422, "reason");
        admin.post(&path, wish(&w.patient)).await.expect(403);
        let first = lata.post(&path, wish(&w.patient)).await.expect(202);
        assert_eq!((&first["status"], &first["reason"]), (&json!("requested"), &json!("I move abroad")));
        lata.post(&path, wish(&w.patient)).await.expect(409);
        assert_eq!(lata.delete(&path).await.expect(200)["status"], "withdrawn");
        lata.delete(&path).await.expect(404);
        let confirm = |erasure: &Value| format!("/api/v1/erasures/{}/confirm", text(&erasure["id"]));
        admin.post(&confirm(&first), json!({})).await.expect(409);
        let second = lata.post(&path, wish(&w.patient)).await.expect(202);
        for who in [&lata, &w.nurse, &w.doctor] {
            who.post(&confirm(&second), json!({})).await.expect(403);
            who.get("/api/v1/erasures").await.expect(403);
        }
        let waiting = admin.get("/api/v1/erasures?status=requested").await.expect(200);
        assert_eq!(waiting.as_array().expect("a list").len(), 1);
        // Whatever begins in between has to be settled before it is confirmed.
        let report = json!({"emergency_type": "other"});
        lata.post(&format!("/api/patients/{}/emergency", w.patient_id()), report).await.expect(201);
        admin.post(&confirm(&second), json!({})).await.expect(409);
        lata.delete(&format!("/api/patients/{}/emergency", w.patient_id())).await.expect(200);
        let done = admin.post(&confirm(&second), json!({})).await.expect(200);
        assert_eq!((&done["status"], &done["reason"]), (&json!("done"), &json!("I move abroad")));
        admin.post(&confirm(&second), json!({})).await.expect(409);
        assert_eq!(admin.get(&format!("/api/v1/erasures/{}", text(&done["id"]))).await.expect(200), done);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_confirmation_on_nothing_of_the_patient_can_be_read() {
    both(|t| async move {
        let w = left(&t).await;
        let (lata, email) = own(&t, &w.patient).await;
        let export = exported(&lata, w.patient_id()).await;
        discharge(&w).await;
        assert!(key(&t, w.patient_id()).await.is_some());
        erase(&t, &lata, &w.patient).await;
        let (admin, patient) = (t.admin().await, w.patient_id());
        let chart = format!("/api/patients/{patient}");
        // To whom an administrator is, the patient was erased; to everybody else there is no such patient.
        admin.get(&chart).await.expect(410);
        admin.get(&format!("/api/v1/patients/{patient}")).await.expect(410);
        admin.put(&chart, json!({"gender": "male"})).await.expect(410);
        admin.post(&format!("{chart}/activate"), json!({})).await.expect(410);
        admin.get(&format!("{chart}/family-contacts")).await.expect(410);
        for (who, status) in [(&w.doctor, 404), (&w.nurse, 404), (&lata, 401)] {
            who.get(&chart).await.expect(status);
            who.get(&format!("{chart}/conditions")).await.expect(status);
            who.get(&format!("/patients/{patient}/vitals")).await.expect(status);
            who.post("/vitals", vitals(patient)).await.expect(status);
            who.get(&format!("{export}/file")).await.expect(status);
        }
        let listed = admin.get("/api/patients?include_inactive=true").await.expect(200);
        assert!(listed.as_array().expect("a list").iter().all(|one| one["id"] != patient));
        let login = json!({"email": email, "password": "a-good-password"});
        t.client().post("/auth/login", login).await.expect(401);
        // The rows that stay name nobody, and what they hold sealed has lost its key.
        assert_eq!(key(&t, patient).await, None);
        for statement in [&PATIENTS_LIKE, &USERS_LIKE] {
            assert_eq!(t.app.db().one::<i64>(statement, args![id(patient)]).await.expect("a look"), Some(0));
        }
        let refused = t.app.edge::<Vault>().key(&t.app.db(), id(patient)).await.map(drop);
        assert_eq!(refused.expect_err("no key").status(), StatusCode::GONE);
        let verdict = access::verify(&mut t.app.db(), |_| {}).await.expect("a walk");
        assert!(matches!(verdict, access::Verdict::Whole { .. }), "{verdict:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_record_is_parted_before_it_is_erased() {
    both(|t| async move {
        let w = left(&t).await;
        discharge(&w).await;
        let other = t.patient(&w.nurse, "Lata Joshi").await;
        let merge = format!("/api/v1/patients/{}/merge", w.patient_id());
        t.admin()
            .await
            .post(&merge, json!({"absorbed_id": other["id"], "reason": "the same person"}))
            .await
            .expect(201);
        let (lata, _) = own(&t, &w.patient).await;
        let path = format!("/api/v1/patients/{}/erasure", w.patient_id());
        let refused = lata.post(&path, wish(&w.patient)).await.expect(409);
        assert!(text(&refused["detail"]).contains("merged"), "{refused}");
    })
    .await;
}
