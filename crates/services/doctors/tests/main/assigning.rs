//! Which doctor looks after which patient.
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::both;

use crate::{at, pair, text};

#[tokio::test(flavor = "multi_thread")]
async fn an_assigned_doctor_sees_the_patient_until_the_assignment_ends() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("One", 1).await).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let (record, doctor) = t.doctor("Dr. Rao").await;
        let chart = format!("/api/patients/{}?include=records", text(&patient["id"]));
        doctor.get(&chart).await.expect(404);
        let path = pair(&record, &patient);
        let made = nurse.post(&format!("{path}?relationship_type=current"), json!({})).await.expect(201);
        assert_eq!((&made["doctor_id"], &made["patient_id"]), (&record["id"], &patient["id"]));
        assert_eq!((&made["relationship_type"], &made["ended_at"]), (&json!("current"), &Value::Null));
        doctor.get(&chart).await.expect(200);
        nurse.post(&path, json!({})).await.expect_about(409, "patient_id");
        doctor.delete(&path).await.expect(204);
        doctor.get(&chart).await.expect(404);
        nurse.delete(&path).await.expect(404);
        nurse.post(&path, json!({})).await.expect(201);
        nurse
            .post(&format!("{path}?relationship_type=previous"), json!({}))
            .await
            .expect_about(422, "relationship_type");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_does_not_assign_a_stranger_to_himself() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("One", 1).await).await;
        let other = t.nurse(&t.hospital("Two", 1).await).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let (record, doctor) = t.doctor("Dr. Rao").await;
        doctor.post(&pair(&record, &patient), json!({})).await.expect(404);
        other.post(&pair(&record, &patient), json!({})).await.expect(404);
        t.client().post(&pair(&record, &patient), json!({})).await.expect(401);
        let own = t.patient(&doctor, "Asha Rao").await;
        doctor.post(&pair(&record, &own), json!({})).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_patient_assigns_too_and_an_administrator_does_not() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("One", 1).await).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let oneself = t.account("patient", Some(&patient["id"])).await;
        let ((first, _), (second, _)) = (t.doctor("Dr. Rao").await, t.doctor("Dr. Sen").await);
        oneself.post(&pair(&first, &patient), json!({})).await.expect(201);
        let admin = t.admin().await;
        // Else an administrator could make a doctor's account and read any chart with it.
        admin.post(&pair(&second, &patient), json!({})).await.expect(403);
        admin.delete(&pair(&first, &patient)).await.expect(403);
        oneself.delete(&pair(&first, &patient)).await.expect(204);
        let nobody = t.hospital("Two", 1).await;
        oneself.post(&pair(&nobody, &patient), json!({})).await.expect(404);
        oneself.post(&pair(&first, &nobody), json!({})).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_assignments_of_a_pair_one_is_made() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("One", 1).await).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let (record, _) = t.doctor("Dr. Rao").await;
        let tries = join_all((0..10).map(|_| {
            let (nurse, path) = (nurse.clone(), pair(&record, &patient));
            async move { nurse.post(&path, json!({})).await.status.as_u16() }
        }));
        let statuses = tries.await;
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 9, "{statuses:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_lists_patients_current_and_previous() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("One", 1).await).await;
        let (record, doctor) = t.doctor("Dr. Rao").await;
        let (gone, here) = (t.patient(&nurse, "Lata Joshi").await, t.patient(&nurse, "Asha Sen").await);
        for patient in [&gone, &here] {
            nurse.post(&pair(&record, patient), json!({})).await.expect(201);
        }
        t.clock.advance(chrono::TimeDelta::minutes(5));
        nurse.delete(&pair(&record, &gone)).await.expect(204);
        let path = at(&record, "/patients");
        let all = doctor.get(&path).await.expect(200);
        assert_eq!(all.as_array().map(Vec::len), Some(2));
        assert_eq!((&all[0]["patient_id"], &all[0]["relationship_type"]), (&gone["id"], &json!("previous")));
        assert_eq!((&all[0]["patient"], all[0]["ended_at"].is_string()), (&Value::Null, true));
        assert_eq!((&all[1]["patient"]["name"], &all[1]["ended_at"]), (&json!("Asha Sen"), &Value::Null));
        for (kind, patient) in [("previous", &gone), ("current", &here)] {
            let found = doctor.get(&format!("{path}?relationship_type={kind}")).await.expect(200);
            assert_eq!((&found[0]["patient_id"], found.as_array().map(Vec::len)), (&patient["id"], Some(1)));
        }
        doctor.get(&format!("{path}?relationship_type=future")).await.expect_about(422, "relationship_type");
        let first = doctor.get(&format!("{path}?limit=1")).await;
        let next = doctor.get(&first.next().expect("a next page")).await.expect(200);
        assert_eq!(next[0]["patient_id"], here["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_lists_a_doctors_patients() {
    both(|t| async move {
        let hospital = t.hospital("One", 1).await;
        let (record, doctor) = t.doctor("Dr. Rao").await;
        let (_, other) = t.doctor("Dr. Sen").await;
        for client in [t.admin().await, t.nurse(&hospital).await, other] {
            client.get(&at(&record, "/patients")).await.expect(403);
        }
        assert_eq!(doctor.get(&at(&record, "/patients")).await.expect(200), json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_hear_of_assignments() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("One", 1).await).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let (record, _) = t.doctor("Dr. Rao").await;
        let made = nurse.post(&pair(&record, &patient), json!({})).await.expect(201);
        nurse.delete(&pair(&record, &patient)).await.expect(204);
        let log = t.app.edge::<events::Log>();
        let heard = log.after(&mut t.app.db(), "assignments", 0, 10).await.expect("the events");
        let body = |kind| {
            json!({"kind": kind, "assignment_id": made["id"], "doctor_id": record["id"], "patient_id": patient["id"]})
        };
        assert_eq!(heard.iter().map(|e| e.body.clone()).collect::<Vec<_>>(), [body("assigned"), body("ended")]);
    })
    .await;
}
