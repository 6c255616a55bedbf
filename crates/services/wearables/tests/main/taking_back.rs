//! A consent that is taken back while a phone sends, a patient who takes everything along, and one who is erased.
use serde_json::{Value, json};
use testkit::both;

use crate::{People, SYNC, people, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_taken_back_while_a_phone_sends_leaves_nothing_after_its_answer() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let syncs = (0..40).map(|i| {
            let (lata, body) = (p.lata.clone(), p.sync_of(vec![p.heart(100_000 + i * 60, 70.0)]));
            tokio::spawn(async move { lata.post(SYNC, body).await.status.as_u16() })
        });
        let syncs: Vec<_> = syncs.collect();
        p.say_consent(false).await;
        let before = count(&p).await;
        let mut stored = 0;
        for sync in syncs {
            match sync.await.expect("an answer") {
                201 => stored += 1,
                status => assert_eq!(status, 403),
            }
        }
        assert_eq!(count(&p).await, stored);
        assert_eq!(before, stored, "something was stored after the consent was taken back");
    })
    .await;
}

async fn count(p: &People) -> usize {
    let found = p.lata.get("/api/v1/wearables/data/history?limit=1000").await.expect(200);
    found["points"].as_array().expect("points").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_medical_record_shows_the_wearable_data_it_rests_on_to_whoever_may_see_both() {
    both(|t| async move {
        let p = people(&t).await;
        let datum = json!({"data_id": "W-1", "patient_id": p.patient(), "data_type": "heart_rate", "data_source": "band",
            "data_snapshot": {"value": 72, "unit": "bpm"}, "recorded_at": p.ago(60)});
        p.lata.post("/api/wearables/sync", datum).await.expect(201);
        let path = format!("/api/patients/{}/records", p.patient());
        let record = json!({"record_type": "consultation", "visit_date": p.now, "title": "Palpitations",
            "wearable_data_ids": ["W-1", "W-9"]});
        p.w.doctor.post(&path, record).await.expect(201);
        let listed = p.w.doctor.get(&path).await.expect(200);
        let shown = listed[0]["wearable_data"].as_array().expect("data");
        assert_eq!(shown.iter().map(|datum| text(&datum["data_id"])).collect::<Vec<_>>(), ["W-1"]);
        assert_eq!(shown[0]["data_snapshot"]["value"], 72);
        let ask = json!({"patient_id": p.patient(), "data_categories": ["records"], "purpose": "A second opinion"});
        let asked = p.stranger.post("/api/v1/consents/request", ask).await.expect(201);
        let approve = format!("/api/v1/consents/{}/approve", text(&asked["id"]));
        p.lata.put(&approve, json!({})).await.expect(200);
        let listed = p.stranger.get(&path).await.expect(200);
        assert_eq!((&listed[0]["title"], listed[0].get("wearable_data")), (&json!("Palpitations"), None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_erased_patient_no_device_and_no_record_is_left() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        p.sync(vec![p.heart(100_000, 70.0)]).await;
        p.w.nurse
            .post(
                &format!("/api/hospitals/{}/patients/{}/discharge", text(&p.w.hospital["id"]), p.patient()),
                json!({}),
            )
            .await
            .expect(200);
        let path = format!("/api/v1/patients/{}/erasure", p.patient());
        let why = json!({"reason": "I move away", "confirm": p.w.patient["patient_id"]});
        let asked: Value = p.lata.post(&path, why).await.expect(202);
        let confirm = format!("/api/v1/erasures/{}/confirm", text(&asked["id"]));
        t.admin().await.post(&confirm, json!({})).await.expect(200);
        let answer = p.w.doctor.get(&format!("/api/wearables/patients/{}/latest", p.patient())).await;
        assert!(matches!(answer.status.as_u16(), 404 | 410), "{answer:?}");
        let figures = t.admin().await.get("/api/wearables/statistics").await.expect(200);
        assert_eq!((&figures["active_devices"], &figures["total_points"]), (&json!(0), &json!(0)));
    })
    .await;
}
