//! Syncing: both forms, both spellings, packed and not; whose records they are.
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::header;
use serde_json::{Value, json};
use signals::Metric;
use testkit::both;

use crate::{Patient, Phone, heart_rate, history, plainly};

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_examples_are_taken_as_they_stand() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let beats = json!({"startTime":"2026-11-20T05:00:00Z","endTime":"2026-11-20T05:00:59Z",
            "samples":[{"time":"2026-11-20T05:00:10Z","beatsPerMinute":72}],
            "metadata":{"id":"6f0c","clientRecordId":null,"clientRecordVersion":0,"dataOrigin":"com.sec.android.app.shealth",
            "lastModifiedTime":"2026-11-20T05:01:02.345Z","device":null,"recordingMethod":2}});
        let answer = phone.sync("HeartRate", beats).await.expect(200);
        assert_eq!(answer, json!({"success": true, "count": 1, "skipped": 0}));
        let pressure = json!([{"time":"2026-11-20T05:00:00Z","measurementLocation":3,"bodyPosition":2,
            "systolic":{"inMillimetersOfMercury":128},"diastolic":{"inMillimetersOfMercury":82},"metadata":{"id":"6f0d"}}]);
        phone.sync("BloodPressure", pressure).await.expect(200);
        assert_eq!(history(&t, patient.id(), Metric::HeartRate).await, [72.0]);
        assert_eq!(history(&t, patient.id(), Metric::BpSystolic).await, [128.0]);
        assert_eq!(phone.sync("Steps", json!([])).await.expect(200)["count"], 0);
        // Both spellings are one kind.
        phone.sync("heartRate", heart_rate("6f0c", "2026-11-20T05:00", &[71, 73])).await.expect(200);
        assert_eq!(phone.counts().await, json!({"HeartRate": 1, "BloodPressure": 1}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_not_data() {
    both(|t| async move {
        let phone = Patient::new(&t).await.phone(&t).await;
        for body in [json!({}), json!({"data": null}), json!({"data": "x"}), json!({"data": 7})] {
            plainly(phone.client.post("/api/v2/sync/Steps", body).await, 400, "no data provided");
        }
        plainly(phone.client.post_text("/api/v2/sync/Steps", "application/json", "").await, 400, "no data provided");
        plainly(
            phone.client.post_text("/api/v2/sync/Steps", "application/json", "{").await,
            400,
            "the body is not JSON",
        );
        plainly(phone.sync("no%20kind", json!([])).await, 400, "invalid method");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_nobody_knows_is_kept_as_it_comes() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let aura = json!([{"metadata": {"id": "n-1", "dataOrigin": "x"}, "time": "2026-11-20T05:00:00Z", "hue": {"a": [1]}},
            {"hue": "no head at all"}]);
        for _ in 0..2 {
            assert_eq!(phone.sync("Aura", aura.clone()).await.expect(200)["count"], 2);
        }
        assert_eq!(phone.counts().await, json!({"Aura": 2}));
        let fetched = phone.fetch("aura", json!({"id": "n-1"})).await.expect(200);
        assert_eq!(fetched, json!([{"_id": "n-1", "id": "n-1", "app": "x", "start": "2026-11-20T05:00:00Z", "end": null,
            "data": {"hue": {"a": [1]}}}]));
        let plan = json!({"metadata": {"id": "p"}, "startTime": "2027-01-01T07:00:00Z", "endTime": "2027-01-01T08:00:00Z"});
        assert_eq!(phone.sync("PlannedExerciseSession", plan).await.expect(200)["count"], 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_of_two_that_name_one_record_counts() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let steps = |count: i64, modified: &str| {
            json!({"startTime": "2026-11-19T05:00:00Z", "endTime": "2026-11-19T05:10:00Z", "count": count,
                "metadata": {"id": "s", "dataOrigin": "x", "lastModifiedTime": format!("2026-11-19T{modified}Z")}})
        };
        let sent = json!([steps(1, "06:00:00"), steps(2, "08:00:00"), steps(3, "07:00:00")]);
        assert_eq!(phone.sync("Steps", sent).await.expect(200), json!({"success": true, "count": 3, "skipped": 0}));
        assert_eq!(history(&t, patient.id(), Metric::Steps).await, [2.0]);
        // Of one time of change, the writer's own version decides, and then whoever comes last.
        let versioned = |count: i64, version: i64| {
            let mut record = steps(count, "08:00:00");
            record["metadata"]["clientRecordVersion"] = version.into();
            record
        };
        phone.sync("Steps", versioned(5, 2)).await.expect(200);
        phone.sync("Steps", versioned(4, 1)).await.expect(200);
        assert_eq!(history(&t, patient.id(), Metric::Steps).await, [5.0]);
        phone.sync("Steps", versioned(6, 2)).await.expect(200);
        assert_eq!(history(&t, patient.id(), Metric::Steps).await, [6.0]);
        // An app that counts no versions says how it is now.
        let mut plain = versioned(7, 0);
        plain["metadata"] = json!({"id": "s", "dataOrigin": "x"});
        phone.sync("Steps", plain).await.expect(200);
        assert_eq!(history(&t, patient.id(), Metric::Steps).await, [7.0]);
    })
    .await;
}

async fn send_packed(phone: &Phone, body: Vec<u8>) -> (u16, Value) {
    let request = phone.client.request(reqwest::Method::POST, "/api/v2/sync/Nutrition").body(body);
    let request = request.header(header::CONTENT_ENCODING, "gzip").header(header::CONTENT_TYPE, "application/json");
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

fn packed(plain: &[u8]) -> Vec<u8> {
    let mut packing = GzEncoder::new(Vec::new(), Compression::fast());
    packing.write_all(plain).expect("room");
    packing.finish().expect("room")
}

#[tokio::test(flavor = "multi_thread")]
async fn large_and_packed_bodies_are_taken_and_bombs_are_not() {
    both(|t| async move {
        let phone = Patient::new(&t).await.phone(&t).await;
        let meal = |id: usize| {
            json!({"startTime": "2026-11-19T05:00:00Z", "endTime": "2026-11-19T05:10:00Z", "energy": 300,
                "name": "x".repeat(6000), "metadata": {"id": format!("m-{id}"), "dataOrigin": "x"}})
        };
        let thousand: Vec<Value> = (0..1000).map(meal).collect();
        let body = json!({"data": thousand});
        assert_eq!(phone.client.post("/api/v2/sync/Nutrition", body.clone()).await.expect(200)["count"], 1000);
        let small = packed(body.to_string().as_bytes());
        let (status, answer) = send_packed(&phone, small.clone()).await;
        assert_eq!((status, answer["count"].as_u64()), (200, Some(1000)));
        assert_eq!(phone.counts().await, json!({"Nutrition": 1000}));
        let (status, answer) = send_packed(&phone, small[..small.len() / 2].to_vec()).await;
        assert_eq!((status, answer["error"].is_string()), (400, true));
        let (status, answer) = send_packed(&phone, packed(&vec![b' '; 64 * 1024 * 1024])).await;
        assert_eq!((status, answer["error"].is_string()), (413, true));
        // What is too large is refused before it has come whole: then the phone may find the connection closed.
        let large = phone.client.request(reqwest::Method::POST, "/api/v2/sync/Nutrition").body(vec![b' '; 17 << 20]);
        if let Ok(answer) = large.send().await {
            assert_eq!(answer.status(), 413);
            let said: Value = answer.json().await.expect("JSON");
            assert_eq!(said["error"], "the body is larger than this server accepts");
        }
        assert_eq!(phone.counts().await, json!({"Nutrition": 1000}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_patients_records_are_neither_seen_nor_touched() {
    both(|t| async move {
        let (lata, asha) = (Patient::new(&t).await, Patient::new(&t).await);
        let (hers, others) = (lata.phone(&t).await, asha.phone(&t).await);
        hers.sync("HeartRate", heart_rate("one-id", "2026-11-19T05:00", &[70, 71])).await.expect(200);
        assert_eq!(others.fetch("HeartRate", json!({"id": "one-id"})).await.expect(200), json!([]));
        assert_eq!(others.unsync("HeartRate", json!(["one-id", "absent", "a\u{0}b"])).await, json!({"success": true}));
        others.sync("HeartRate", heart_rate("one-id", "2026-11-19T05:00", &[99])).await.expect(200);
        assert_eq!(history(&t, lata.id(), Metric::HeartRate).await, [70.0, 71.0]);
        assert_eq!(history(&t, asha.id(), Metric::HeartRate).await, [99.0]);
        // Nor is this surface for anybody but patients.
        for caller in [&lata.ward.nurse, &lata.ward.doctor, &t.admin().await] {
            let answer = caller.post("/api/v2/fetch/HeartRate", json!({})).await;
            assert_eq!(answer.status.as_u16(), 403, "{}", answer.text);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_takes_one_or_many_and_what_was_measured_with_them() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        for (id, minute) in [("a", "05:00"), ("b", "05:01"), ("c", "05:02")] {
            phone.sync("HeartRate", heart_rate(id, &format!("2026-11-19T{minute}"), &[70, 71])).await.expect(200);
        }
        assert_eq!(phone.unsync("heartRate", json!("a")).await, json!({"success": true}));
        assert_eq!(phone.unsync("HeartRate", json!(["b", "nobody's"])).await, json!({"success": true}));
        assert_eq!(phone.unsync("Steps", json!(["c"])).await, json!({"success": true}));
        assert_eq!(history(&t, patient.id(), Metric::HeartRate).await, [70.0, 71.0]);
        let (status, answer) = phone.send(reqwest::Method::DELETE, "/api/v2/sync/Steps", json!({})).await;
        assert_eq!((status, answer), (400, json!({"error": "no uuid provided"})));
        // What was deleted and comes again was not to be deleted after all.
        phone.sync("HeartRate", heart_rate("a", "2026-11-19T05:00", &[70, 71])).await.expect(200);
        assert_eq!(history(&t, patient.id(), Metric::HeartRate).await.len(), 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_tells_whether_the_phone_still_sends() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let mut phone = patient.phone(&t).await;
        let status = async |phone: &Phone| phone.client.get("/api/v2/status").await.expect(200)["components"].clone();
        assert_eq!(status(&phone).await["dataSync"]["status"], "unknown");
        phone.sync("HeartRate", heart_rate("a", "2026-11-19T05:00", &[70])).await.expect(200);
        assert_eq!(status(&phone).await["dataSync"]["status"], "ok");
        assert_eq!(status(&phone).await["db"]["status"], "ok");
        t.clock.advance(chrono::TimeDelta::hours(13));
        phone.renew().await;
        assert_eq!(status(&phone).await["dataSync"]["status"], "degraded");
        patient.account.clone().login(&patient.email, crate::PASSWORD).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_stays_as_long_as_one_of_its_records_does() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let at = "2026-11-19T05:00";
        let beats = async || history(&t, patient.id(), Metric::HeartRate).await;
        phone.sync("HeartRate", json!([heart_rate("old", at, &[70]), heart_rate("new", at, &[70])])).await.expect(200);
        phone.unsync("HeartRate", json!(["old"])).await;
        assert_eq!(beats().await, [70.0]);
        // One that is written anew lets go of a point that the other still says; both at once let go of it.
        phone.sync("HeartRate", heart_rate("old", at, &[70, 71])).await.expect(200);
        phone.sync("HeartRate", heart_rate("old", "2026-11-19T06:00", &[72])).await.expect(200);
        assert_eq!(beats().await, [70.0, 72.0]);
        let later = "2026-11-19T07:00";
        let both = json!([heart_rate("old", later, &[73]), heart_rate("new", later, &[73])]);
        phone.sync("HeartRate", both).await.expect(200);
        assert_eq!(beats().await, [73.0]);
        // One takes over what the other lets go of with the same body.
        let swapped = json!([
            heart_rate("new", "2026-11-19T08:00", &[74]),
            heart_rate("third", later, &[73]),
            heart_rate("old", "2026-11-19T08:00", &[74])
        ]);
        phone.sync("HeartRate", swapped).await.expect(200);
        assert_eq!(beats().await, [73.0, 74.0]);
        phone.unsync("HeartRate", json!(["old", "new", "third"])).await;
        assert!(beats().await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_comes_again_after_it_was_removed_is_there_with_its_points() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let modified = json!({"id": "w", "dataOrigin": "x", "lastModifiedTime": "2026-11-19T06:00:00Z"});
        let weight = |kilograms: f64, metadata: &Value| {
            json!({"time": "2026-11-19T05:00:00Z", "weight": kilograms, "metadata": metadata})
        };
        let plain = json!({"id": "w", "dataOrigin": "x"});
        let weights = async || history(&t, patient.id(), Metric::Weight).await;
        phone.sync("Weight", weight(70.0, &modified)).await.expect(200);
        for again in [71.0, 72.0, 72.0] {
            phone.unsync("Weight", json!("w")).await;
            assert!(weights().await.is_empty());
            // The newer app says nothing of when a record was changed.
            assert_eq!(phone.sync("Weight", weight(again, &plain)).await.expect(200)["count"], 1);
            assert_eq!(weights().await, [again]);
        }
        phone.sync("Weight", weight(73.0, &plain)).await.expect(200);
        assert_eq!(weights().await, [73.0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_a_phone_whose_clock_is_years_ahead_can_be_changed() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        for (kilograms, ahead) in [(70.0, 36_500), (75.0, 0), (76.0, 0)] {
            t.clock.advance(chrono::TimeDelta::seconds(1));
            let modified = t.clock.now() + chrono::TimeDelta::days(ahead);
            let weight = json!({"time": "2026-11-19T05:00:00Z", "weight": kilograms, "metadata": {"id": "w",
                "lastModifiedTime": modified}});
            phone.sync("Weight", weight).await.expect(200);
            assert_eq!(history(&t, patient.id(), Metric::Weight).await, [kilograms]);
        }
    })
    .await;
}
