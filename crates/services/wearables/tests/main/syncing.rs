//! Data points of a device.
use std::io::Write as _;

use serde_json::{Value, json};
use testkit::both;

use crate::{BAND, SYNC, people};

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_point_in_a_thousand_is_named_and_the_rest_are_stored() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let mut points: Vec<Value> = (0..1000).map(|i| p.heart(100_000 + i * 60, 60.0 + (i % 40) as f64)).collect();
        points[417]["unit"] = json!("furlongs");
        let synced = p.sync(points).await;
        assert_eq!((&synced["status"], &synced["synced_count"]), (&json!("partial"), &json!(999)));
        assert_eq!(synced["inserted_ids"].as_array().expect("ids").len(), 999);
        assert_eq!(
            synced["errors"],
            json!([{"index": 417, "member": "unit", "detail": "is not a unit of this metric"}])
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_point_that_does_not_fit_is_named_by_its_place() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let at = |time: &str| json!({"metric_type": "heart_rate", "value": 72, "timestamp": time});
        let points = vec![
            p.heart(60, 72.0),
            at("1987-01-01T00:00:00Z"),
            at("2096-01-01T00:00:00Z"),
            at("yesterday"),
            json!({"metric_type": "steps", "value": 10, "start_time": p.ago(60), "end_time": p.ago(120)}),
            json!({"metric_type": "aura", "value": 1, "timestamp": p.ago(60)}),
            json!({"metric_type": "heart_rate", "value": 7200, "timestamp": p.ago(60)}),
            json!({"metric_type": "heart_rate", "value": [72], "timestamp": p.ago(60)}),
            json!({"metric_type": "heart_rate", "value": 72}),
            json!(7),
        ];
        let synced = p.sync(points).await;
        let named: Vec<(u64, &str)> = synced["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|e| (e["index"].as_u64().expect("a place"), crate::text(&e["member"])))
            .collect();
        let expected = [
            (1, "timestamp"),
            (2, "timestamp"),
            (3, "timestamp"),
            (4, "end_time"),
            (5, "metric_type"),
            (6, "value"),
            (7, "value"),
            (8, "timestamp"),
            (9, "value"),
        ];
        assert_eq!(named, expected);
        assert_eq!(synced["synced_count"], 1);
        let all_bad = p.lata.post(SYNC, p.sync_of(vec![at("yesterday")])).await;
        all_bad.expect_about(422, "data_points[0].timestamp");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_live_consent_nothing_is_stored() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        p.say_consent(false).await;
        p.lata.post(SYNC, p.sync_of(vec![p.heart(60, 72.0)])).await.expect(403);
        p.say_consent(true).await;
        let latest = p.lata.get(&format!("/api/wearables/patients/{}/latest", p.patient())).await.expect(200);
        assert_eq!(latest["metrics"], json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_patients_device_and_another_patient_are_not_found() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let other = t.patient(&p.w.nurse, "Asha Rao").await;
        let asha = t.account("patient", Some(&other["id"])).await;
        asha.post("/api/wearables/consent", json!({"patient_id": other["id"], "purpose": "Mine"})).await.expect(201);
        let mut theirs = p.sync_of(vec![p.heart(60, 72.0)]);
        theirs["patient_id"] = other["id"].clone();
        asha.post(SYNC, theirs).await.expect(404);
        asha.post(SYNC, p.sync_of(vec![p.heart(60, 72.0)])).await.expect(404);
        p.stranger.post(SYNC, p.sync_of(vec![p.heart(60, 72.0)])).await.expect(404);
        t.admin().await.post(SYNC, p.sync_of(vec![p.heart(60, 72.0)])).await.expect(403);
        t.client().post(SYNC, p.sync_of(vec![p.heart(60, 72.0)])).await.expect(401);
        let mut nobody = p.sync_of(vec![p.heart(60, 72.0)]);
        nobody["patient_id"] = json!("nobody");
        p.lata.post(SYNC, nobody).await.expect(404);
    })
    .await;
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packing = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packing.write_all(plain).expect("packed");
    packing.finish().expect("packed")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packed_body_is_read_and_a_bomb_is_refused() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let packed = p.lata.with_header("content-encoding", "gzip");
        let body = p.sync_of(vec![p.heart(60, 72.0)]).to_string();
        let whole = gzip(body.as_bytes());
        let synced = packed.post_text(SYNC, "application/json", whole.clone()).await.expect(201);
        assert_eq!(synced["synced_count"], 1);
        packed.post_text(SYNC, "application/json", whole[..whole.len() - 10].to_vec()).await.expect(400);
        packed.post_text(SYNC, "application/json", gzip(&vec![b' '; 17_000_000])).await.expect(413);
        let odd = p.lata.with_header("content-encoding", "br");
        odd.post_text(SYNC, "application/json", body).await.expect(415);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifteen_megabytes_are_taken_and_seventeen_are_not() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let body = |spaces: usize| format!("{}{}", p.sync_of(vec![p.heart(60, 72.0)]), " ".repeat(spaces));
        p.lata.post_text(SYNC, "application/json", body(15 * 1024 * 1024)).await.expect(201);
        p.lata.post_text(SYNC, "application/json", body(17 * 1024 * 1024)).await.expect(413);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_sync_is_refused_whole() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let text = |text: &str| p.lata.post_text(SYNC, "application/json", text.to_owned());
        text("{\"device_id\": \"").await.expect(400);
        text("[]").await.expect(422);
        text("").await.expect(400);
        text(&json!({"data_points": []}).to_string()).await.expect_about(422, "device_id");
        text(&json!({"device_id": BAND}).to_string()).await.expect_about(422, "data_points");
        let odd = json!({"device_id": BAND, "battery_level": 101, "data_points": []});
        text(&odd.to_string()).await.expect_about(422, "battery_level");
        let empty = text(&json!({"device_id": BAND, "data_points": []}).to_string()).await.expect(201);
        assert_eq!((&empty["status"], &empty["synced_count"]), (&json!("success"), &json!(0)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_names_that_are_not_one_patients_are_refused_and_tell_nothing() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let other = t.patient(&p.w.nurse, "Asha Rao").await;
        let nobody = json!("f".repeat(64));
        let sync = |id: &Value, uid: &Value| {
            let mut sync = p.sync_of(vec![p.heart(60, 72.0)]);
            (sync["patient_id"], sync["patient_aadhar_uid"]) = (id.clone(), uid.clone());
            sync
        };
        let own = json!(p.patient());
        for (id, uid) in [(&own, &other["id"]), (&own, &nobody), (&other["id"], &own), (&nobody, &own)] {
            p.lata.post(SYNC, sync(id, uid)).await.expect_about(422, "patient_aadhar_uid");
            p.stranger.post(SYNC, sync(id, uid)).await.expect_about(422, "patient_aadhar_uid");
        }
        let path =
            format!("/api/v1/wearables/devices?patient_id={}&patient_aadhar_uid={}", p.patient(), "f".repeat(64));
        p.lata.get(&path).await.expect_about(422, "patient_aadhar_uid");
        p.stranger.post(SYNC, sync(&own, &own)).await.expect(404);
        p.lata.post(SYNC, sync(&own, &own)).await.expect(201);
    })
    .await;
}
