//! A monitor's alert becomes an emergency on the stream, and its end too.
use chrono::TimeDelta;
use serde_json::json;
use testkit::both;

use crate::is_flagged;
use crate::stream::Stream;

#[tokio::test(flavor = "multi_thread")]
async fn a_fast_heart_is_on_the_stream_and_gone_when_it_calms_down() {
    both(|t| async move {
        let w = t.ward().await;
        let (monitor, responder) = (t.monitor(&w.hospital).await, t.responder(&w.hospital).await);
        let (mut nurse, mut ready) = (Stream::open(&w.nurse, "").await, Stream::open(&responder, "").await);
        let reading = |rate: i64| json!({"patient_id": w.patient["id"], "hr_bpm": rate});
        monitor.post("/vitals", reading(140)).await.expect(201);
        for stream in [&mut nurse, &mut ready] {
            let told = stream.next().await.data;
            assert_eq!((&told["patient_id"], &told["patient_name"]), (&w.patient["id"], &json!("Lata Joshi")));
            assert_eq!((&told["alert_type"], &told["severity"]), (&json!("abnormal_vitals"), &json!("high")));
            assert_eq!(told["description"], "High Heart Rate detected: 140 BPM");
            assert_eq!(told["trigger_data"]["arithmetic"], "heart rate 140 > 130");
            assert_eq!(told["hospital_id"], w.hospital["id"]);
        }
        assert!(is_flagged(&w.nurse, &w.patient).await);
        for minutes in [1, 5] {
            t.clock.advance(TimeDelta::minutes(minutes));
            monitor.post("/vitals", reading(80)).await.expect(201);
        }
        for stream in [&mut nurse, &mut ready] {
            assert_eq!(stream.next().await.data["event"], "alert_resolved");
        }
        assert!(!is_flagged(&w.nurse, &w.patient).await);
    })
    .await;
}
