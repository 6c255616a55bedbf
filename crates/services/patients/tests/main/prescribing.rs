//! Prescriptions, what is taken now, allergies, coded conditions and family history.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::people::{person, v1};
use crate::{at, each, named, text, with};

/// A doctor and the patient assigned to her.
async fn treated(t: &TestApp) -> (Value, Client, Value) {
    let (doctor, meera) = t.doctor("Dr. Meera Iyer").await;
    let more = json!({"patient_id": "MRN-1"});
    let patient = meera.post("/api/v1/patients", with(person("Asha", "Rao"), more)).await.expect(201);
    meera.post(&v1(&patient, "/validation"), json!({})).await.expect(200);
    (doctor, meera, patient)
}

fn metformin() -> Value {
    json!({"medications": [{"name": "Metformin", "dosage": "500 mg", "frequency": "twice a day"}, {"name": "Aspirin"}],
        "dosage_instructions": "after food", "duration": "10 days", "notes": "check kidneys"})
}

fn day(t: &TestApp, days: i64) -> String {
    (t.clock.now().date_naive() + TimeDelta::days(days)).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_prescribed_is_taken_until_it_ends() {
    both(|t| async move {
        let (doctor, meera, patient) = treated(&t).await;
        let path = v1(&patient, "/prescriptions");
        let record =
            json!({"record_id": "R-1", "record_type": "consultation", "title": "Diabetes", "visit_date": "2024-02-03"});
        let record = meera.post(&at(&patient, "/records"), record).await.expect(201);
        let said = with(
            metformin(),
            json!({"prescription_id": "P-1", "patient_id": "MRN-1", "doctor_id": doctor["id"],
            "record_id": "R-1", "start_date": day(&t, -1), "end_date": day(&t, 9)}),
        );
        let made = meera.post(&path, said).await;
        assert_eq!(made.header("etag"), Some("\"1\""));
        let made = made.expect(201);
        assert_eq!((&made["doctor_id"], &made["record_id"]), (&doctor["id"], &record["id"]));
        assert_eq!((&made["status"], &made["dosage_instructions"]), (&json!("active"), &json!("after food")));
        assert_eq!(meera.get(&format!("{path}/P-1")).await.expect(200), made);
        let endless = meera.post(&path, json!({"medications": [{"name": "Aspirin"}]})).await.expect(201);
        assert_eq!(endless["start_date"], day(&t, 0));
        assert_eq!(each(&meera.get(&path).await.expect(200), "id"), [text(&endless["id"]), text(&made["id"])]);
        let taken = meera.get(&v1(&patient, "/medications")).await.expect(200);
        assert_eq!(each(&taken, "name"), ["Aspirin", "Metformin", "Aspirin"]);
        assert_eq!((&taken[1]["dosage"], &taken[1]["prescription_id"]), (&json!("500 mg"), &json!("P-1")));

        let end = format!("{path}/{}", text(&endless["id"]));
        meera.patch(&end, json!({"status": "active"})).await.expect_about(422, "status");
        meera.with_header("if-match", "\"2\"").patch(&end, json!({"status": "stopped"})).await.expect(412);
        let stopped = json!({"status": "stopped", "reason": "stomach pain"});
        let stopped = meera.with_header("if-match", "\"1\"").patch(&end, stopped).await.expect(200);
        assert_eq!((&stopped["status"], &stopped["reason"]), (&json!("stopped"), &json!("stomach pain")));
        meera.patch(&end, json!({"status": "completed"})).await.expect_about(409, "status");
        assert_eq!(each(&meera.get(&format!("{path}?status=active")).await.expect(200), "id"), [text(&made["id"])]);
        assert_eq!(each(&meera.get(&v1(&patient, "/medications")).await.expect(200), "name"), ["Metformin", "Aspirin"]);
        meera.get(&format!("{path}/P-2")).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prescription_that_expired_or_begins_later_is_not_taken_now() {
    both(|t| async move {
        let (_, meera, patient) = treated(&t).await;
        for (name, from, to) in [("past", -9, -1), ("last day", -9, 0), ("later", 3, 9)] {
            let said = json!({"medications": [{"name": name}], "start_date": day(&t, from), "end_date": day(&t, to)});
            meera.post(&v1(&patient, "/prescriptions"), said).await.expect(201);
        }
        assert_eq!(each(&meera.get(&v1(&patient, "/medications")).await.expect(200), "name"), ["last day"]);
        let path = v1(&patient, "/prescriptions");
        let all = meera.get(&path).await.expect(200);
        assert_eq!(each(&all, "status"), ["planned", "active", "expired"]);
        for (at, status) in ["planned", "active", "expired"].into_iter().enumerate() {
            let found = meera.get(&format!("{path}?status={status}")).await.expect(200);
            assert_eq!(found, json!([all[at]]), "{status}");
        }
        let end = format!("{path}/{}", text(&all[2]["id"]));
        meera.patch(&end, json!({"status": "expired"})).await.expect_about(422, "status");
        assert_eq!(meera.patch(&end, json!({"status": "completed"})).await.expect(200)["status"], "completed");
        meera.patch(&end, json!({"status": "stopped"})).await.expect_about(409, "status");
        assert_eq!(meera.get(&format!("{path}?status=expired")).await.expect(200), json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_doctors_who_treat_prescribe_and_in_their_own_name() {
    both(|t| async move {
        let w = t.ward().await;
        let path = format!("/api/v1/patients/{}/prescriptions", w.patient_id());
        let (other, stranger) = t.doctor("Dr. Stranger").await;
        stranger.post(&path, metformin()).await.expect(404);
        stranger.get(&path).await.expect(404);
        w.nurse.post(&path, metformin()).await.expect(403);
        t.admin().await.post(&path, metformin()).await.expect(403);
        t.account("patient", Some(&w.patient["id"])).await.post(&path, metformin()).await.expect(403);
        for (member, value) in [
            ("doctor_id", other["id"].clone()),
            ("doctor_id", json!("nobody")),
            ("patient_id", json!("another")),
            ("record_id", json!("R-9")),
            ("record_id", w.patient["id"].clone()),
            ("end_date", json!("2020-01-01")),
            ("start_date", json!("tomorrow")),
            ("start_date", json!("-9999-01-01")),
            ("end_date", json!("+20260-01-01")),
            ("medications", json!([])),
            ("medications", json!(vec![json!({"name": "x"}); 51])),
            ("notes", json!("x".repeat(4001))),
        ] {
            let refused = w.doctor.post(&path, with(metformin(), json!({member: value}))).await.expect(422);
            assert_eq!(named(&refused), [member], "{refused}");
        }
        let nameless = with(metformin(), json!({"medications": [{"name": "Aspirin"}, {"name": " "}]}));
        w.doctor.post(&path, nameless).await.expect_about(422, "medications[1].name");
        assert_eq!(w.doctor.get(&path).await.expect(200), json!([]));
        let one = with(metformin(), json!({"prescription_id": "P-1"}));
        w.doctor.post(&path, one.clone()).await.expect(201);
        w.doctor.post(&path, one).await.expect_about(409, "prescription_id");
        w.nurse.get(&path).await.expect(200);
        w.nurse.patch(&format!("{path}/P-1"), json!({"status": "stopped"})).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_allergies_and_relatives_illnesses_carry_codes() {
    both(|t| async move {
        let (_, meera, patient) = treated(&t).await;
        let code = json!({"system": "icd10", "code": "E11.9"});
        let said = json!({"condition_name": "Type 2 diabetes", "kind": "chronic", "code": {"system": "ICD-10", "code": "E11.9"}});
        let charted = meera.post(&at(&patient, "/conditions"), said).await.expect(201);
        assert_eq!(charted["code"], code);
        let allergy = json!({"condition_name": "Penicillin", "severity": "high", "code": {"system": "snomed", "code": "91936005"}});
        let allergy = meera.post(&v1(&patient, "/allergies"), allergy).await.expect(201);
        assert_eq!(allergy["kind"], "allergy");
        let illness = json!({"condition_name": "Asthma", "kind": "chronic"});
        meera.post(&v1(&patient, "/allergies"), illness).await.expect_about(422, "kind");
        let mother = json!({"relative": "mother", "condition": "Type 2 diabetes", "code": code, "age_at_onset": 52, "notes": "insulin"});
        let told = meera.post(&v1(&patient, "/family-history"), mother.clone()).await.expect(201);
        assert_eq!(with(told.clone(), mother), told);
        for (system, code, member) in [
            ("icd10", "diabetes", "code.code"),
            ("snomed", "E11.9", "code.code"),
            ("loinc", "45484", "code.code"),
            ("gdm", "E11.9", "code.system"),
        ] {
            let said = json!({"condition_name": "Diabetes", "code": {"system": system, "code": code}});
            meera.post(&at(&patient, "/conditions"), said).await.expect_about(422, member);
        }
        let old = json!({"relative": "mother", "condition": "Gout", "age_at_onset": 121});
        meera.post(&v1(&patient, "/family-history"), old).await.expect_about(422, "age_at_onset");
        assert_eq!(meera.get(&v1(&patient, "/family-history")).await.expect(200), json!([told]));
        assert_eq!(meera.get(&v1(&patient, "/allergies")).await.expect(200), json!([allergy]));
        let whole = meera.get(&v1(&patient, "/medical-record")).await.expect(200);
        assert_eq!(whole["conditions"], json!([charted]));
        assert_eq!((&whole["allergies"], &whole["family_history"]), (&json!([allergy]), &json!([told])));
        for rest in ["/allergies", "/family-history"] {
            t.admin().await.get(&v1(&patient, rest)).await.expect(403);
        }
    })
    .await;
}
