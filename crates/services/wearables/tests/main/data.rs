//! Wearable data as document 000 has it.
use serde_json::{Value, json};
use testkit::both;

use crate::{People, people};

const SYNC: &str = "/api/wearables/sync";

impl People {
    fn datum(&self, id: &str, ago: i64, bpm: i64) -> Value {
        json!({
            "data_id": id, "patient_id": self.patient(), "data_type": "heart_rate", "data_source": "hcgateway",
            "data_snapshot": {"value": bpm, "unit": "bpm"}, "recorded_at": self.ago(ago),
        })
    }

    fn of_patient(&self, rest: &str) -> String {
        format!("/api/wearables/patients/{}{rest}", self.patient())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_datum_or_many_are_kept_listed_sealed_and_read_one_by_one() {
    both(|t| async move {
        let p = people(&t).await;
        let one = p.lata.post(SYNC, p.datum("W-1", 120, 72)).await.expect(201);
        assert_eq!(one["data_id"], "W-1");
        let mut opaque = p.datum("W-3", 60, 74);
        opaque["encrypted_data"] = json!("gAAAAB…");
        let many = p.lata.post(SYNC, json!([p.datum("W-2", 90, 73), opaque])).await.expect(201);
        assert_eq!(many.as_array().expect("an array").len(), 2);
        let listed = p.w.doctor.get(&p.of_patient("")).await.expect(200);
        assert_eq!(listed.as_array().expect("a list").len(), 3);
        assert!(!listed.to_string().contains("bpm"));
        let read = p.w.doctor.get(&p.of_patient("/decrypt/W-3")).await.expect(200);
        assert_eq!(read["data_snapshot"], json!({"value": 74, "unit": "bpm"}));
        assert_eq!(read["encrypted_data"], "gAAAAB…");
        let latest = p.lata.get(&p.of_patient("/latest")).await.expect(200);
        assert_eq!(latest["metrics"][0]["value"], 74.0);
        p.lata.get(&p.of_patient("/decrypt/W-9")).await.expect(404);
        p.stranger.get(&p.of_patient("/decrypt/W-1")).await.expect(404);
        t.admin().await.get(&p.of_patient("")).await.expect(403);
        assert_eq!(p.lata.post(SYNC, json!([])).await.expect(201), json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_datum_again_replaces_it_and_its_points() {
    both(|t| async move {
        let p = people(&t).await;
        p.lata.post(SYNC, p.datum("W-1", 120, 72)).await.expect(201);
        p.lata.post(SYNC, p.datum("W-1", 120, 72)).await.expect(201);
        p.lata.post(SYNC, p.datum("W-1", 60, 80)).await.expect(201);
        let listed = p.lata.get(&p.of_patient("")).await.expect(200);
        assert_eq!(listed.as_array().expect("a list").len(), 1);
        let history = p.lata.get("/api/v1/wearables/data/history").await.expect(200);
        let values: Vec<&Value> = history["points"].as_array().expect("points").iter().map(|p| &p["value"]).collect();
        assert_eq!(values, [&json!(80.0)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_kept_without_consent_or_of_anothers_patient_or_in_part() {
    both(|t| async move {
        let p = people(&t).await;
        let mut refused = p.datum("W-1", 60, 72);
        refused["consent_given"] = json!(false);
        p.lata.post(SYNC, refused).await.expect(403);
        p.stranger.post(SYNC, p.datum("W-1", 60, 72)).await.expect(404);
        t.admin().await.post(SYNC, p.datum("W-1", 60, 72)).await.expect(403);
        let mut odd = p.datum("W-2", 60, 72);
        odd["data_type"] = json!("aura");
        p.lata.post(SYNC, json!([p.datum("W-1", 60, 72), odd])).await.expect_about(422, "[1].data_type");
        let mut early = p.datum("W-2", 60, 72);
        early["recorded_at"] = json!("1987-01-01T00:00:00Z");
        p.lata.post(SYNC, json!([p.datum("W-1", 60, 72), early.clone()])).await.expect_about(422, "[1].recorded_at");
        p.lata.post(SYNC, early).await.expect_about(422, "recorded_at");
        let mut backwards = p.datum("W-2", 60, 72);
        backwards["start_time"] = json!(p.ago(60));
        backwards["end_time"] = json!(p.ago(120));
        p.lata.post(SYNC, backwards).await.expect_about(422, "end_time");
        let mut other = p.datum("W-2", 60, 72);
        other["patient_id"] = json!("P-9");
        p.lata.post(SYNC, json!([p.datum("W-1", 60, 72), other])).await.expect_about(422, "[1].patient_id");
        p.say_consent(false).await;
        p.lata.post(SYNC, p.datum("W-1", 60, 72)).await.expect(403);
        assert_eq!(p.lata.get(&p.of_patient("")).await.expect(200), json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_tell_of_nobody() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        p.sync(vec![p.heart(60, 72.0), p.heart(30, 73.0)]).await;
        p.lata.post(SYNC, p.datum("W-1", 20, 72)).await.expect(201);
        let figures = t.admin().await.get("/api/wearables/statistics").await.expect(200);
        let expected = json!({"active_devices": 1, "apps": 1, "providers": 0, "synced_last_24h": 2, "total_records": 1, "total_points": 3});
        assert_eq!(figures, expected);
        p.lata.get("/api/wearables/statistics").await.expect(403);
    })
    .await;
}
