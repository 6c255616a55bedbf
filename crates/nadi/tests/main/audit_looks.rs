//! Every look at a patient is on the chain: who, what, why and in which request, refused ones too.
use access::Record;
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::audit_chain::records;
use crate::{reading, text};

/// The entries of one request.
async fn of_request(t: &TestApp, request: &str) -> Vec<Record> {
    records(t).await.into_iter().filter(|record| record.request_id == request).collect()
}

async fn id_of(client: &Client) -> String {
    text(&client.get("/auth/me").await.expect(200)["data"]["id"]).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_says_who_looked_at_what_and_why() {
    both(|t| async move {
        let w = t.ward().await;
        let (lata, responder) = (t.account("patient", Some(&w.patient["id"])).await, t.responder(&w.hospital).await);
        let (_, stranger) = t.doctor("Dr. Stranger").await;
        let other_nurse = t.nurse(&t.hospital("Lake Hospital", 4).await).await;
        let alert =
            w.nurse.post("/vitals", reading(&w, json!({"hr_bpm": 140}))).await.expect(201)["data"]["alerts"][0].clone();
        let emergency = w.nurse.get("/api/emergency/alerts").await.expect(200)[0]["id"].clone();
        let (patient, encounter) = (w.patient_id(), w.encounter_id());
        let admission = |kind: &str| format!("{kind}:{encounter}");
        let vitals = format!("/patients/{patient}/vitals/recent");
        let overview = format!("/encounters/{encounter}/overview");
        let alarm = format!("/alerts/{}", text(&alert["id"]));
        let rows: Vec<(&str, &Client, String, u16, &str, String)> = vec![
            ("nurse", &w.nurse, vitals.clone(), 200, "read vitals", admission("admitting_hospital")),
            ("doctor", &w.doctor, overview.clone(), 200, "read care", admission("attending_doctor")),
            ("doctor-alert", &w.doctor, alarm.clone(), 200, "read alerts", admission("attending_doctor")),
            ("patient", &lata, vitals.clone(), 200, "read vitals", "self".into()),
            ("responder", &responder, vitals.clone(), 200, "read vitals", format!("emergency:{}", text(&emergency))),
            ("responder-care", &responder, overview.clone(), 403, "read care", "related, but not to this data".into()),
            ("stranger", &stranger, vitals.clone(), 404, "read vitals", "no relation to this patient".into()),
            ("stranger-alert", &stranger, alarm, 404, "read alerts", "no relation to this patient".into()),
            ("other-nurse", &other_nurse, overview, 404, "read care", "no relation to this patient".into()),
        ];
        for (request, caller, path, status, action, reason) in rows {
            caller.with_header("x-request-id", request).get(&path).await.expect(status);
            let entries = of_request(&t, request).await;
            let entry = entries.iter().find(|e| e.action == action).unwrap_or_else(|| panic!("{request}: {entries:?}"));
            assert_eq!(entry.actor.to_string(), id_of(caller).await, "{request}");
            assert_eq!(entry.patient_id.map(|p| p.to_string()).as_deref(), Some(patient), "{request}");
            assert_eq!((entry.allowed, &entry.reason), (status == 200, &reason), "{request}");
            assert_eq!((&entry.object, entry.address.as_str()), (&path, "127.0.0.1"), "{request}");
            assert_eq!(entry.at, t.clock.now());
        }
        let admin = t.admin().await;
        admin.with_header("x-request-id", "admin").get(&vitals).await.expect(403);
        let entry = &of_request(&t, "admin").await[0];
        assert_eq!((&*entry.role, entry.allowed), ("admin", false));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_taken_or_refused_is_on_the_chain() {
    both(|t| async move {
        let w = t.ward().await;
        let foreign = t.monitor(&t.hospital("Lake Hospital", 4).await).await;
        let ask = json!({"label": "Monitor", "hospital_id": w.hospital["id"]});
        let made = t.admin().await.post("/api/v1/device-keys", ask).await.expect(201);
        let monitor = t.client().with_token(text(&made["key"]));
        monitor
            .with_header("x-request-id", "taken")
            .post("/vitals", reading(&w, json!({"hr_bpm": 70})))
            .await
            .expect(201);
        foreign
            .with_header("x-request-id", "refused")
            .post("/vitals", reading(&w, json!({"hr_bpm": 71})))
            .await
            .expect(404);
        let taken = of_request(&t, "taken").await;
        let entry = taken.iter().find(|e| e.action == "write vitals").expect("an entry");
        assert_eq!((entry.actor.to_string().as_str(), &*entry.role), (text(&made["id"]), "device"));
        assert!(entry.allowed && entry.reason == format!("device:{}", w.encounter_id()), "{entry:?}");
        let refused = of_request(&t, "refused").await;
        let entry = refused.iter().find(|e| e.action == "write vitals").expect("an entry");
        assert_eq!((entry.allowed, entry.reason.as_str()), (false, "no relation to this patient"));
        assert_eq!(entry.patient_id.map(|p| p.to_string()).as_deref(), Some(w.patient_id()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_see_a_patient_leaves_an_entry() {
    both(|t| async move {
        let w = t.ward().await;
        w.nurse.post("/vitals", reading(&w, json!({"hr_bpm": 140}))).await.expect(201);
        let (patient, encounter, hospital) = (w.patient_id(), w.encounter_id(), text(&w.hospital["id"]));
        let (doctor, me) = (w.doctor_id(), id_of(&w.doctor).await);
        w.nurse.post(&format!("/api/doctors/{doctor}/patients/{patient}"), json!({})).await.expect(201);
        let visit =
            json!({"title": "Check", "patient_id": patient, "doctor_id": doctor, "scheduled_at": t.clock.now()});
        let visit = w.nurse.post("/api/appointments", visit).await.expect(201);
        let paths = [
            "/api/patients".to_owned(),
            format!("/api/patients/{patient}"),
            format!("/api/patients/{patient}?include=records"),
            format!("/api/patients/{patient}/family-contacts"),
            format!("/api/patients/{patient}/conditions"),
            format!("/api/patients/{patient}/records"),
            "/api/v1/patients".to_owned(),
            format!("/api/v1/patients/{patient}"),
            format!("/api/v1/patients/{patient}/profile"),
            format!("/api/v1/patients/{patient}/medical-record"),
            format!("/api/v1/patients/{patient}/care-team"),
            format!("/api/v1/patients/{patient}/dashboard"),
            format!("/api/v1/patients/{patient}/health-profile"),
            format!("/api/v1/patients/{patient}/family-history"),
            format!("/api/v1/patients/{patient}/allergies"),
            format!("/api/v1/patients/{patient}/prescriptions"),
            format!("/api/v1/patients/{patient}/medications"),
            format!("/api/v1/patients/{patient}/validation"),
            "/api/v1/validations".to_owned(),
            "/api/appointments?doctor_id=me".to_owned(),
            format!("/api/appointments?patient_id={patient}"),
            format!("/api/appointments/{}", text(&visit["id"])),
            format!("/api/doctors/{doctor}/patients"),
            format!("/doctors/{doctor}/patients"),
            format!("/patients/{patient}/encounter"),
            format!("/patients/{patient}/vitals"),
            format!("/patients/{patient}/vitals/recent"),
            format!("/encounters/{encounter}/overview"),
            format!("/encounters/{encounter}/alerts"),
            format!("/encounters/{encounter}/observations"),
            "/api/emergency/alerts".to_owned(),
            format!("/api/emergency/patients/{patient}/alerts"),
            format!("/api/wearables/consent/{patient}"),
            format!("/api/wearables/patients/{patient}/skipped"),
            format!("/api/wearables/patients/{patient}"),
            format!("/api/wearables/patients/{patient}/latest"),
            format!("/api/v1/wearables/devices?patient_id={patient}"),
            format!("/api/v1/wearables/data/history?patient_id={patient}"),
            format!("/api/v1/wearables/data/coverage?patient_id={patient}"),
            format!("/api/v1/wearables/priorities?patient_id={patient}"),
            "/api/v1/wearables/latest".to_owned(),
            format!("/api/v1/consents?patient={patient}"),
        ];
        for (n, path) in paths.iter().enumerate() {
            let request = format!("look-{n}");
            let answer = w.doctor.with_header("x-request-id", &request).get(path).await;
            assert_eq!(answer.header("x-request-id"), Some(request.as_str()));
            let lists_patients = path.ends_with("patients") || path.ends_with("alerts");
            assert!(!lists_patients || answer.text.contains(patient), "{path} shows nobody: {}", answer.text);
            answer.expect(200);
            let entries = of_request(&t, &request).await;
            assert!(entries.iter().any(|e| e.actor.to_string() == me && e.allowed), "{path} leaves {entries:?}");
        }
        let request = "look-at-the-ward";
        w.nurse
            .with_header("x-request-id", request)
            .get(&format!("/api/hospitals/{hospital}/patients"))
            .await
            .expect(200);
        assert!(!of_request(&t, request).await.is_empty());
        for (n, path) in
            [format!("/patients/{patient}/vitals/stream"), "/api/emergency/stream".to_owned()].iter().enumerate()
        {
            let request = format!("stream-{n}");
            let by = w.doctor.with_header("x-request-id", &request);
            let stream = by.request(reqwest::Method::GET, path).send().await.expect("an answer");
            assert_eq!(stream.status().as_u16(), 200);
            assert!(!of_request(&t, &request).await.is_empty(), "{path} leaves nothing");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_that_is_no_id_is_replaced() {
    both(|t| async move {
        let w = t.ward().await;
        for wrong in ["with space", "<script>", &"x".repeat(65)] {
            let by = w.nurse.with_header("x-request-id", wrong);
            let answer = by.get(&format!("/patients/{}/vitals", w.patient_id())).await;
            let given = answer.header("x-request-id").expect("an id").to_owned();
            assert_ne!(given, wrong);
            answer.expect(200);
            assert_eq!(of_request(&t, &given).await.len(), 1);
            assert!(of_request(&t, wrong).await.is_empty());
        }
        let refused: Value =
            w.nurse.with_header("x-request-id", "abc_1-2").get("/patients/nobody/vitals").await.expect(404);
        assert_eq!(refused["request_id"], "abc_1-2");
    })
    .await;
}
