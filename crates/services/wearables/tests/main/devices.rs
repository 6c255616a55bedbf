//! Registering devices, listing them, letting them go.
use serde_json::json;
use testkit::both;

use crate::{BAND, SYNC, people};

const REGISTER: &str = "/api/v1/wearables/device/register";
const LIST: &str = "/api/v1/wearables/devices";

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_registered_once_and_its_words_come_back() {
    both(|t| async move {
        let p = people(&t).await;
        let first = p.device(json!({"settings": {"heart_rate_continuous": true, "alert_threshold": 120}})).await;
        assert_eq!(first["is_active"], true);
        let again = json!({"device_id": BAND, "device_name": "Left wrist", "battery_level": 40});
        let second = p.lata.post(REGISTER, again).await.expect(200);
        assert_eq!((&second["id"], &second["device_name"]), (&first["id"], &json!("Left wrist")));
        let listed = p.lata.get(LIST).await.expect(200);
        assert_eq!(listed.as_array().expect("a list").len(), 1);
        assert_eq!(listed[0]["battery_level"], 40);
        let by_doctor = p.w.doctor.get(&format!("{LIST}?patient_id={}", p.patient())).await.expect(200);
        assert_eq!(by_doctor, listed);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_device_sends_no_more_and_what_it_sent_stays() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        p.sync(vec![p.heart(60, 72.0)]).await;
        let path = format!("/api/v1/wearables/device/{BAND}");
        p.lata.delete(&path).await.expect(204);
        p.lata.delete(&path).await.expect(404);
        p.lata.post(SYNC, p.sync_of(vec![p.heart(30, 73.0)])).await.expect(404);
        let listed = p.lata.get(LIST).await.expect(200);
        assert_eq!(listed[0]["is_active"], false);
        p.band().await;
        p.sync(vec![p.heart(30, 73.0)]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_registers_or_removes_anothers_device() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let theirs = json!({"patient_id": p.patient(), "device_id": "spy"});
        p.stranger.post(REGISTER, theirs.clone()).await.expect(404);
        t.admin().await.post(REGISTER, theirs).await.expect(403);
        p.stranger.get(&format!("{LIST}?patient_id={}", p.patient())).await.expect(404);
        p.stranger.delete(&format!("/api/v1/wearables/device/{BAND}?patient_id={}", p.patient())).await.expect(404);
        p.stranger.get(LIST).await.expect_about(422, "patient_id");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_device_is_refused_by_its_member() {
    both(|t| async move {
        let p = people(&t).await;
        p.lata.post(REGISTER, json!({"device_id": " "})).await.expect_about(422, "device_id");
        p.lata.post(REGISTER, json!({"device_id": "a\nb"})).await.expect_about(422, "device_id");
        let odd = json!({"device_id": BAND, "settings": {"alert_threshold": "high"}});
        p.lata.post(REGISTER, odd).await.expect_about(422, "settings");
        p.say_consent(false).await;
        p.lata.post(REGISTER, json!({"device_id": BAND})).await.expect(403);
    })
    .await;
}
