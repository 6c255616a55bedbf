//! Exports: complete, the patient's own, stopped with the session, gone after a week.
use chrono::TimeDelta;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use store::{Statement, args};
use testkit::{TestApp, Ward, both, vitals};

use crate::archive::{Archive, fetch};
use crate::{exported, own, text, until};

/// Everything that can be kept about a patient.
async fn live(t: &TestApp, w: &Ward) {
    let patient = w.patient_id();
    let (chart, ward) = (format!("/api/patients/{patient}"), format!("/api/v1/patients/{patient}"));
    let allergy = json!({"condition_name": "Penicillin", "kind": "allergy"});
    w.nurse.post(&format!("{chart}/conditions"), allergy).await.expect(201);
    for title in ["Fever", "Cough"] {
        let record = json!({"record_type": "consultation", "title": title, "visit_date": "2024-02-03"});
        w.doctor.post(&format!("{chart}/records"), record).await.expect(201);
    }
    let contact =
        json!({"name": "Ravi Joshi", "relationship": "son", "contact": "+91 98220 99887", "is_primary": true});
    w.nurse.post(&format!("{chart}/family-contacts"), contact).await.expect(201);
    let point = json!({"kind": "email", "value": "lata.second@example.org"});
    w.nurse.post(&format!("{ward}/contact-points"), point).await.expect(201);
    let prescription = json!({"medications": [{"name": "Paracetamol"}], "dosage_instructions": "after food"});
    w.doctor.post(&format!("{ward}/prescriptions"), prescription).await.expect(201);
    let illness = json!({"relative": "mother", "condition_name": "Diabetes"});
    w.doctor.post(&format!("{ward}/family-history"), illness).await.expect(201);
    w.doctor.put(&format!("{ward}/health-profile"), json!({"height_cm": 160, "weight_kg": 60})).await.expect(200);
    let note = json!({"encounter_id": w.encounter_id(), "note": "sleeps well"});
    w.nurse.post("/observations", note).await.expect(201);
    let at = t.clock.now() + TimeDelta::days(3);
    let visit = json!({"patient_id": patient, "title": "Check-up", "scheduled_at": at, "doctor_id": w.doctor_id()});
    w.nurse.post("/api/appointments", visit).await.expect(201);
    w.nurse.post("/vitals", vitals(patient)).await.expect(201);
    t.clock.advance(TimeDelta::seconds(30));
    let mut racing = vitals(patient);
    racing["hr_bpm"] = json!(150);
    w.nurse.post("/vitals", racing).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_holds_what_the_api_answers() {
    both(|t| async move {
        let w = t.ward().await;
        live(&t, &w).await;
        let (patient, (lata, _)) = (w.patient_id(), own(&t, &w.patient).await);
        let path = exported(&lata, patient).await;
        let file = fetch(&lata, &path).await;
        for (name, path) in [
            ("patient.json", format!("/api/patients/{patient}")),
            ("health_profile.json", format!("/api/v1/patients/{patient}/health-profile")),
        ] {
            assert_eq!(file.document(name), lata.get(&path).await.expect(200), "{name}");
        }
        for (name, path) in [
            ("contact_points.ndjson", format!("/api/v1/patients/{patient}/contact-points")),
            ("family_contacts.ndjson", format!("/api/patients/{patient}/family-contacts")),
            ("conditions.ndjson", format!("/api/patients/{patient}/conditions")),
            ("records.ndjson", format!("/api/patients/{patient}/records")),
            ("prescriptions.ndjson", format!("/api/v1/patients/{patient}/prescriptions")),
            ("family_history.ndjson", format!("/api/v1/patients/{patient}/family-history")),
            ("emergencies.ndjson", format!("/api/emergency/patients/{patient}/alerts?active_only=false")),
            ("appointments.ndjson", "/api/appointments".to_owned()),
        ] {
            let answered = lata.get(&path).await.expect(200);
            assert!(!answered.as_array().expect("a list").is_empty(), "{name}: nothing to compare");
            assert_eq!(Value::Array(file.lines(name)), answered, "{name}");
        }
        let of_stay = |member: &str| format!("/encounters/{}/{member}", w.encounter_id());
        for (name, member) in [("observations.ndjson", "observations"), ("alerts.ndjson", "alerts")] {
            let answered = lata.get(&of_stay(member)).await.expect(200)["data"][member].clone();
            assert!(!file.lines(name).is_empty(), "{name}");
            assert_eq!(Value::Array(file.lines(name)), answered, "{name}");
        }
        let readings = lata.get(&format!("/patients/{patient}/vitals")).await.expect(200)["data"]["readings"].clone();
        assert_eq!(Value::Array(file.vitals()), readings);
        let stays = file.lines("admissions.ndjson");
        assert_eq!((stays.len(), &stays[0]["id"]), (1, &w.encounter["id"]));
        let looks = file.lines("audit.ndjson");
        assert!(looks.iter().all(|look| look["patient_id"] == patient));
        assert!(looks.iter().any(|look| look["action"] == "write records" && look["role"] == "doctor"), "{looks:?}");
        assert!(file.0["README.txt"].contains("prescriptions.ndjson: what was prescribed"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_or_fetches_an_export() {
    both(|t| async move {
        let w = t.ward().await;
        let (patient, (lata, _)) = (w.patient_id(), own(&t, &w.patient).await);
        let path = exported(&lata, patient).await;
        let all = format!("/api/v1/patients/{patient}/exports");
        assert_eq!(lata.get(&all).await.expect(200).as_array().expect("a list").len(), 1);
        let other = t.patient(&w.nurse, "Asha Rao").await;
        let (asha, _) = own(&t, &other).await;
        // Who acts for the patient in everything else does not take everything along.
        let (mother, _) = own(&t, &t.patient(&w.nurse, "Sita Joshi").await).await;
        let me = mother.get("/auth/me").await.expect(200)["data"]["id"].clone();
        let parent = json!({"user": me, "relationship": "parent", "may": "manage"});
        lata.post(&format!("/api/v1/patients/{patient}/delegates"), parent).await.expect(201);
        mother.get(&format!("/api/patients/{patient}/records")).await.expect(200);
        let file = format!("{path}/file");
        for (who, status) in [
            (&asha, 404),
            (&mother, 403),
            (&w.doctor, 403),
            (&w.nurse, 403),
            (&t.admin().await, 403),
            (&t.client(), 401),
        ] {
            who.get(&path).await.expect(status);
            who.get(&file).await.expect(status);
            who.get(&all).await.expect(status);
            who.post(&all, json!({})).await.expect(status);
            who.delete(&path).await.expect(status);
        }
        // Under the other's own record it is not to be found either.
        let id = path.rsplit('/').next().expect("an id");
        asha.get(&format!("/api/v1/patients/{}/exports/{id}/file", text(&other["id"]))).await.expect(404);
        assert!(!fetch(&lata, &path).await.0.is_empty());
    })
    .await;
}

static AGAIN: Statement =
    Statement::new("AGAIN", "UPDATE jobs SET state = 'queued', run_after = created_at WHERE id = $1");

#[tokio::test(flavor = "multi_thread")]
async fn an_export_stops_with_the_session_that_asked_for_it() {
    both(|t| async move {
        let w = t.ward().await;
        let (patient, (lata, email)) = (w.patient_id(), own(&t, &w.patient).await);
        let path = exported(&lata, patient).await;
        lata.post("/auth/logout", json!({})).await.expect(200);
        // As if it had still been waiting then.
        let id: jobs::JobId = path.rsplit('/').next().expect("an id").parse().expect("an id");
        let mut tx = t.app.db().begin().await.expect("a transaction");
        tx.run(&AGAIN, args![id]).await.expect("put back");
        tx.commit().await.expect("a commit");
        let lata = t.client().login(&email, "a-good-password").await;
        let failed = until(&lata, &path, |export| export["state"] == "failed").await;
        assert!(text(&failed["error"]).contains("session"), "{failed}");
        lata.get(&format!("{path}/file")).await.expect(409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_can_be_fetched_for_a_week_or_until_it_is_removed() {
    both(|t| async move {
        let w = t.ward().await;
        let (patient, (lata, email)) = (w.patient_id(), own(&t, &w.patient).await);
        let (first, second) = (exported(&lata, patient).await, exported(&lata, patient).await);
        exported(&lata, patient).await;
        lata.post(&format!("/api/v1/patients/{patient}/exports"), json!({})).await.expect(409);
        lata.delete(&first).await.expect(204);
        lata.get(&format!("{first}/file")).await.expect(410);
        exported(&lata, patient).await;
        t.clock.advance(TimeDelta::days(6));
        let lata = t.client().login(&email, "a-good-password").await;
        fetch(&lata, &second).await;
        t.clock.advance(TimeDelta::days(2));
        let lata = t.client().login(&email, "a-good-password").await;
        lata.get(&format!("{second}/file")).await.expect(410);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_merged_records_the_account_takes_its_own_and_the_operator_all() {
    both(|t| async move {
        let w = t.ward().await;
        let other = t.patient(&w.nurse, "Lata Joshi").await;
        let merge = format!("/api/v1/patients/{}/merge", w.patient_id());
        t.admin()
            .await
            .post(&merge, json!({"absorbed_id": other["id"], "reason": "the same person"}))
            .await
            .expect(201);
        let (lata, _) = own(&t, &w.patient).await;
        let file = fetch(&lata, &exported(&lata, w.patient_id()).await).await;
        assert_eq!(file.document("patient.json")["id"], w.patient["id"]);
        let theirs = format!("{}/patient.json", text(&other["id"]));
        assert!(!file.0.contains_key(&theirs));
        let mut bytes = Vec::new();
        let patient = w.patient_id().parse().expect("an id");
        let size = portability::export_to(&t.app, patient, &mut bytes).await.expect("written");
        assert_eq!(size, bytes.len() as u64);
        let file = Archive::read(&bytes);
        assert_eq!(
            (&file.document("patient.json")["id"], &file.document(&theirs)["id"]),
            (&w.patient["id"], &other["id"])
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_comes_in_months_and_in_chunks() {
    both(|t| async move {
        let w = t.ward().await;
        let patient = w.patient_id();
        // From two months, and so many that the packed file has more chunks than one.
        let (nurse, start) = (&w.nurse, t.clock.now() - TimeDelta::days(40));
        stream::iter(0..4000)
            .for_each_concurrent(32, |n| async move {
                let mut reading = vitals(patient);
                let at = start + TimeDelta::minutes(14 * n) + TimeDelta::microseconds(n * 7919 % 1_000_000);
                (reading["timestamp"], reading["hr_bpm"]) = (json!(at), json!(60 + n * 31 % 40));
                nurse.post("/vitals", reading).await.expect(201);
            })
            .await;
        let (lata, _) = own(&t, &w.patient).await;
        let file = fetch(&lata, &exported(&lata, patient).await).await;
        let readings = file.vitals();
        assert_eq!(readings.len(), 4000);
        assert!(readings.is_sorted_by_key(|reading| {
            text(&reading["timestamp"]).parse::<chrono::DateTime<chrono::Utc>>().expect("a time")
        }));
        assert!(file.0.keys().filter(|name| name.starts_with("vitals/")).count() >= 2);
    })
    .await;
}
