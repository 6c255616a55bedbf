//! Who hears what of a patient, and from when until when.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::{Engine, both, on};
use tokio::time::Duration;

use crate::socket::Ws;
use crate::{looks, people, text, whom};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_treats_the_patient_hears_of_a_reading_and_of_its_alert() {
    both(|t| async move {
        let p = people(&t).await;
        let (mut nurse, mut doctor) =
            (Ws::following(&t, &p.w.nurse, &whom(&p)).await, Ws::following(&t, &p.w.doctor, &whom(&p)).await);
        let reading = p.heart_rate(&t, 145).await;
        for ws in [&mut nurse, &mut doctor] {
            let told = ws.hears("vitals").await;
            assert_eq!((&told["reading"]["id"], &told["reading"]["hr_bpm"]), (&json!(reading), &json!(145.0)));
            assert_eq!((&told["patient_uid"], &told["patient_id"]), (&json!(p.patient()), &json!(p.patient())));
            assert!(told.get("alerts").is_none(), "{told}");
            let alert = ws.hears("health_alert").await;
            assert_eq!((&alert["alert_type"], &alert["is_active"]), (&json!("TACHYCARDIA"), &json!(true)));
            let measured = json!({"metric_type": "heart_rate", "value": 145.0, "threshold": 130.0, "unit": "BPM"});
            assert_eq!(alert["metric_data"], measured);
            assert_eq!((&alert["resolved_at"], &alert["notes"]), (&Value::Null, &json!([])));
            assert!(alert["patient_aadhar_uid"].is_null() && alert["triggered_at"].is_string(), "{alert}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_told_once_again_when_it_gets_worse_and_when_it_ends() {
    both(|t| async move {
        let p = people(&t).await;
        let mut doctor = Ws::following(&t, &p.w.doctor, &whom(&p)).await;
        p.heart_rate(&t, 135).await;
        let opened = doctor.hears("health_alert").await;
        assert_eq!(opened["notified_doctors"], json!([p.w.doctor_id()]));
        // The same again is no news.
        p.heart_rate(&t, 136).await;
        let path = format!("/alerts/{}/resolve", text(&opened["alert_id"]));
        p.w.nurse.patch(&path, json!({"notes": "It was the stairs"})).await.expect(200);
        let ended = doctor.hears("health_alert_ended").await;
        assert_eq!((&ended["alert_id"], &ended["is_active"]), (&opened["alert_id"], &json!(false)));
        assert_eq!(ended["notes"], json!(["It was the stairs"]));
        assert!(doctor.hears_within("health_alert", Duration::from_millis(300)).await.is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_told_that_there_is_no_such_patient_and_the_look_is_on_record() {
    both(|t| async move {
        let p = people(&t).await;
        let mut nair = Ws::open(&t, &p.nair).await;
        for nobody in [whom(&p), json!({"patient_id": "nobody"}), json!({"patient_aadhar_uid": "f".repeat(64)})] {
            nair.send(json!({"subscribe": nobody})).await;
            assert_eq!(nair.hears("error").await["message"], "patient not found");
        }
        p.heart_rate(&t, 145).await;
        assert!(nair.hears_within("vitals", Duration::from_millis(300)).await.is_none());
        assert!(!nair.was_told("TACHYCARDIA"));
        let looks = looks(&p).await;
        let refused = |look: &&Value| look["name"] == "Dr. Nair" && look["allowed"] == false;
        assert!(looks.iter().any(|look| refused(&look)), "{looks:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_is_on_record_with_the_reason_and_the_address() {
    both(|t| async move {
        let p = people(&t).await;
        let given = p.agree(json!(["vitals", "alerts"])).await;
        Ws::following(&t, &p.nair, &whom(&p)).await;
        let looks = looks(&p).await;
        for action in ["read vitals", "read alerts"] {
            let look = looks.iter().find(|look| look["name"] == "Dr. Nair" && look["action"] == action);
            let look = look.unwrap_or_else(|| panic!("no {action}: {looks:?}"));
            assert_eq!(look["reason"], format!("consent:{}", text(&given["id"])));
            assert_eq!((&look["address"], &look["allowed"]), (&json!("127.0.0.1"), &json!(true)));
        }
        // What was not opened was not looked at.
        assert!(!looks.iter().any(|look| look["action"] == "read wearables"), "{looks:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_opens_what_it_names_and_nothing_beside() {
    both(|t| async move {
        let p = people(&t).await;
        let given = p.agree(json!(["vitals"])).await;
        let mut nair = Ws::open(&t, &p.nair).await;
        nair.send(json!({"subscribe": whom(&p)})).await;
        assert_eq!(nair.hears("subscribed").await["topics"], json!(["vitals"]));
        let mut nurse = Ws::following(&t, &p.w.nurse, &whom(&p)).await;
        p.heart_rate(&t, 145).await;
        nair.hears("vitals").await;
        nurse.hears("health_alert").await;
        assert!(nair.hears_within("health_alert", Duration::from_millis(300)).await.is_none());
        p.take_back(&given).await;
        p.agree(json!(["alerts"])).await;
        let mut nair = Ws::open(&t, &p.nair).await;
        nair.send(json!({"subscribe": whom(&p)})).await;
        assert_eq!(nair.hears("subscribed").await["topics"], json!(["alerts"]));
        let body = json!({"patient_id": p.patient(), "spo2_pct": 80});
        t.clock.advance(TimeDelta::seconds(1));
        p.w.nurse.post("/vitals", body).await.expect(201);
        nair.hears("health_alert").await;
        assert!(nair.hears_within("vitals", Duration::from_millis(300)).await.is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_once_the_consent_is_taken_back() {
    both(|t| async move {
        let p = people(&t).await;
        let given = p.agree(json!(["vitals", "alerts"])).await;
        let mut nair = Ws::following(&t, &p.nair, &whom(&p)).await;
        let mut nurse = Ws::following(&t, &p.w.nurse, &whom(&p)).await;
        p.heart_rate(&t, 71).await;
        nair.hears("vitals").await;
        nurse.hears("vitals").await;
        p.take_back(&given).await;
        let second = p.heart_rate(&t, 145).await;
        // Told by itself, with no need for a reading.
        assert_eq!(nair.hears("unsubscribed").await["patient_uid"], p.patient());
        assert_eq!(nurse.hears("vitals").await["reading"]["id"], json!(second));
        nurse.hears("health_alert").await;
        assert!(nair.hears_within("vitals", Duration::from_millis(300)).await.is_none());
        assert!(!nair.was_told(&second) && !nair.was_told("TACHYCARDIA"));
        // The connection is open still, and the patient no longer.
        nair.send(json!({"subscribe": whom(&p)})).await;
        assert_eq!(nair.hears("error").await["message"], "patient not found");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discharge_ends_what_the_ward_hears() {
    both(|t| async move {
        let p = people(&t).await;
        let mut doctor = Ws::following(&t, &p.w.doctor, &whom(&p)).await;
        let mut oneself = Ws::following(&t, &p.lata, &whom(&p)).await;
        let path = format!("/api/hospitals/{}/patients/{}/discharge", text(&p.w.hospital["id"]), p.patient());
        p.w.nurse.post(&path, json!({})).await.expect(200);
        t.clock.advance(TimeDelta::seconds(1));
        let sent = p.lata.post("/vitals", json!({"patient_id": p.patient(), "hr_bpm": 71})).await.expect(201);
        assert_eq!(oneself.hears("vitals").await["reading"]["id"], sent["data"]["id"]);
        doctor.hears("unsubscribed").await;
        assert!(!doctor.was_told(text(&sent["data"]["id"])), "the discharged patient's reading was shown");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_unsubscribes_hears_no_more_and_may_come_back() {
    both(|t| async move {
        let p = people(&t).await;
        let mut nurse = Ws::following(&t, &p.w.nurse, &whom(&p)).await;
        nurse.send(json!({"unsubscribe": whom(&p)})).await;
        nurse.hears("unsubscribed").await;
        nurse.send(json!({"unsubscribe": whom(&p)})).await;
        assert_eq!(nurse.hears("error").await["message"], "you do not follow this patient");
        let unheard = p.heart_rate(&t, 71).await;
        // Twice is once.
        for _ in 0..2 {
            nurse.send(json!({"subscribe": whom(&p)})).await;
            nurse.hears("subscribed").await;
        }
        let heard = p.heart_rate(&t, 72).await;
        assert_eq!(nurse.hears("vitals").await["reading"]["id"], json!(heard));
        assert!(nurse.hears_within("vitals", Duration::from_millis(300)).await.is_none());
        assert!(!nurse.was_told(&unheard));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_is_followed_by_the_uid_that_stands_for_the_aadhaar_number() {
    both(|t| async move {
        let body = json!({"aadhar_number": "2341 2341 2346", "full_name": "Asha Rao", "date_of_birth": "1980-02-03",
            "gender": "female", "phone": "+91-9822055555", "email": "asha@people.example", "password": "a-good-password"});
        let made = t.client().post("/api/v1/patient/register", body).await.expect(201);
        let uid = made["patient_uid"].clone();
        let asha = t.client().login("asha@people.example", "a-good-password").await;
        let mut ws = Ws::open(&t, &asha).await;
        ws.send(json!({"subscribe_patient": {"patient_aadhar_uid": uid, "doctor_id": "DOC_12345"}})).await;
        let subscribed = ws.hears("subscribed").await;
        assert_eq!(subscribed["patient_uid"], uid);
        let body = json!({"patient_id": subscribed["patient_id"], "hr_bpm": 145});
        asha.post("/vitals", body).await.expect(201);
        assert_eq!(ws.hears("vitals").await["patient_uid"], uid);
        assert_eq!(ws.hears("health_alert").await["patient_aadhar_uid"], uid);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_another_process_raised_is_told_too_and_once() {
    on(Engine::Postgres, |t| async move {
        let p = people(&t).await;
        let other = t.beside(|_| ()).await;
        let mut here = Ws::following(&t, &p.w.nurse, &whom(&p)).await;
        let mut there = Ws::following(&other, &p.w.nurse, &whom(&p)).await;
        p.heart_rate(&t, 145).await;
        let (one, two) = (here.hears("health_alert").await, there.hears("health_alert").await);
        assert_eq!(one["alert_id"], two["alert_id"]);
        for ws in [&mut here, &mut there] {
            assert!(ws.hears_within("health_alert", Duration::from_millis(1500)).await.is_none());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_band_sends_is_for_whom_wearables_are_open_and_its_alert_for_whom_alerts_are() {
    both(|t| async move {
        let p = people(&t).await;
        let agreed = json!({"patient_id": p.patient(), "consent_given": true, "purpose": "To follow my heart"});
        assert!(p.lata.post("/api/wearables/consent", agreed).await.status.is_success());
        let band = json!({"device_id": "band-1", "device_name": "Band", "device_type": "fitness_tracker",
            "manufacturer": "Xiaomi", "model": "7", "capabilities": ["heart_rate"]});
        p.lata.post("/api/v1/wearables/device/register", band).await.expect(201);
        p.agree(json!(["vitals", "alerts"])).await;
        let (mut nurse, mut nair) =
            (Ws::following(&t, &p.w.nurse, &whom(&p)).await, Ws::following(&t, &p.nair, &whom(&p)).await);
        let points = json!([{"metric_type": "heart_rate", "value": 145, "unit": "bpm", "timestamp": t.clock.now()}]);
        let sync = json!({"patient_id": p.patient(), "device_id": "band-1", "data_points": points});
        p.lata.post("/api/v1/wearables/data/sync", sync).await.expect(201);
        let told = nurse.hears("wearables").await;
        assert_eq!((&told["points"][0]["value"], &told["patient_uid"]), (&json!(145.0), &json!(p.patient())));
        assert!(told.get("alerts").is_none(), "{told}");
        for ws in [&mut nurse, &mut nair] {
            assert_eq!(ws.hears("health_alert").await["alert_type"], "TACHYCARDIA");
        }
        assert!(nair.hears_within("wearables", Duration::from_millis(300)).await.is_none());
    })
    .await;
}
