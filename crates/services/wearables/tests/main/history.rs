//! What was measured, shown again.
use serde_json::{Value, json};
use testkit::both;

use crate::{BAND, People, SYNC, people, text};

const HISTORY: &str = "/api/v1/wearables/data/history";

impl People {
    async fn history(&self, query: &str) -> Value {
        self.lata.get(&format!("{HISTORY}?{query}")).await.expect(200)
    }
}

fn values(points: &Value) -> Vec<f64> {
    points.as_array().expect("points").iter().map(|point| point["value"].as_f64().expect("a value")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn points_sent_in_any_order_and_again_are_one_history() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        p.sync(vec![p.heart(60, 73.0), p.heart(180, 71.0), p.heart(120, 72.0), p.heart(120, 72.0)]).await;
        p.sync(vec![p.heart(240, 70.0), p.heart(60, 73.0), p.heart(120, 72.5)]).await;
        let found = p.history("metric_type=heart_rate").await;
        assert_eq!(values(&found["points"]), [70.0, 71.0, 72.5, 73.0]);
        let point = &found["points"][0];
        assert_eq!(
            (&point["unit"], &point["loinc"], &point["device_id"]),
            (&json!("/min"), &json!("8867-4"), &json!(BAND))
        );
        let by_doctor = p.w.doctor.get(&format!("{HISTORY}?patient_id={}", p.patient())).await.expect(200);
        assert_eq!(by_doctor["points"], found["points"]);
        p.stranger.get(&format!("{HISTORY}?patient_id={}", p.patient())).await.expect(404);
        t.admin().await.get(&format!("{HISTORY}?patient_id={}", p.patient())).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_a_gap_or_a_repeat() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let mut points: Vec<Value> = (0..50).map(|i| p.heart(10_000 - i * 60, 60.0 + i as f64)).collect();
        let steps = |i: i64| json!({"metric_type": "steps", "value": i, "start_time": p.ago(10_000 - i * 60), "end_time": p.ago(9_950 - i * 60)});
        points.extend((0..50).map(steps));
        p.sync(points).await;
        let (mut seen, mut path) = (Vec::new(), Some(format!("{HISTORY}?limit=7")));
        while let Some(next) = path {
            let answer = p.lata.get(&next).await;
            path = answer.next();
            seen.extend(answer.expect(200)["points"].as_array().expect("points").clone());
        }
        assert_eq!(seen.len(), 100);
        let whole = p.history("limit=1000").await;
        assert_eq!(whole["points"], json!(seen));
        assert_eq!(whole["next_cursor"], json!(null));
        let of_band = p.history(&format!("limit=1000&device_id={BAND}")).await;
        assert_eq!(of_band["points"], whole["points"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_begins_where_the_patient_lives() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        p.lata.put("/api/v1/patient/profile", json!({"time_zone": "Asia/Kolkata"})).await.expect(200);
        let day = (p.now - chrono::TimeDelta::days(3)).date_naive();
        let at = |time: &str| json!({"metric_type": "heart_rate", "value": 70, "timestamp": format!("{day}T{time}Z")});
        // Midnight in Kolkata is half past six in the evening of the day before in UTC.
        p.sync(vec![at("18:00:00"), at("18:29:59"), at("18:30:00"), at("20:00:00")]).await;
        let found = p.history("metric_type=heart_rate&bucket=day").await;
        let counts: Vec<&Value> = found["buckets"].as_array().expect("buckets").iter().map(|b| &b["count"]).collect();
        assert_eq!((counts, text(&found["zone"])), (vec![&json!(2), &json!(2)], "Asia/Kolkata"));
        let utc = p.history("metric_type=heart_rate&bucket=day&zone=UTC").await;
        assert_eq!(utc["buckets"].as_array().expect("buckets").len(), 1);
        p.lata.get(&format!("{HISTORY}?bucket=day&zone=Mars/Base")).await.expect_about(422, "zone");
        p.lata.put("/api/v1/patient/profile", json!({"time_zone": "Mars/Base"})).await.expect_about(422, "time_zone");
        let profile = p.lata.get("/api/v1/patient/profile").await.expect(200);
        assert_eq!(profile["time_zone"], "Asia/Kolkata");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_that_band_and_phone_both_counted_are_counted_once() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        p.device(json!({"device_id": "pixel", "device_type": "phone"})).await;
        let steps = |value: i64| json!({"metric_type": "steps", "value": value, "start_time": p.ago(7200), "end_time": p.ago(3600)});
        p.sync(vec![steps(4000)]).await;
        let mut of_phone = p.sync_of(vec![steps(3800)]);
        of_phone["device_id"] = json!("pixel");
        p.lata.post(SYNC, of_phone).await.expect(201);
        let sum = |found: &Value| found["buckets"].as_array().expect("buckets").iter().map(|b| b["sum"].as_f64().unwrap()).sum::<f64>();
        let query = "metric_type=steps&bucket=week&zone=UTC";
        let found = p.history(query).await;
        assert_eq!((sum(&found), &found["buckets"][0]["device_id"]), (4000.0, &json!(BAND)));
        let order = json!({"priorities": {"steps": ["pixel"]}});
        let chosen = p.lata.put("/api/v1/wearables/priorities", order.clone()).await.expect(200);
        assert_eq!(chosen["priorities"], order["priorities"]);
        assert_eq!(sum(&p.history(query).await), 3800.0);
        let odd = json!({"priorities": {"steps": ["nobody"]}});
        p.lata.put("/api/v1/wearables/priorities", odd).await.expect_about(422, "priorities.steps");
        let odd = json!({"priorities": {"aura": []}});
        p.lata.put("/api/v1/wearables/priorities", odd).await.expect_about(422, "priorities.aura");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_without_data_are_shown() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        p.sync(vec![p.heart(3600 * 5, 70.0), p.heart(3600 * 2, 71.0)]).await;
        let path = format!("/api/v1/wearables/data/coverage?from={}&to={}", p.ago(3600 * 6), p.ago(3600));
        let found = p.lata.get(&path).await.expect(200);
        let found = &found["metrics"];
        assert_eq!((&found[0]["metric_type"], &found[0]["points"]), (&json!("heart_rate"), &json!(2)));
        assert_eq!(found[0]["covered"].as_array().expect("stretches").len(), 2);
        assert!(found[0]["missing"].as_array().is_some_and(|all| !all.is_empty()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_sees_the_newest_of_all_patients_at_once() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        p.sync(vec![p.heart(120, 70.0), p.heart(60, 71.0)]).await;
        let found = p.w.doctor.get("/api/v1/wearables/latest").await.expect(200);
        assert_eq!(found[0]["patient_id"], p.patient());
        assert_eq!(found[0]["metrics"][0]["value"], 71.0);
        assert_eq!(p.stranger.get("/api/v1/wearables/latest").await.expect(200), json!([]));
        p.lata.get("/api/v1/wearables/latest").await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_of_no_age_is_refused_wherever_it_is_asked_for() {
    both(|t| async move {
        let p = people(&t).await;
        let of_patient = format!("/api/wearables/patients/{}", p.patient());
        for path in [HISTORY, "/api/v1/wearables/data/coverage", &of_patient, "/api/patients", "/api/v1/patients"] {
            let members = if path.ends_with("patients") { ["created_after", "created_before"] } else { ["from", "to"] };
            let by = if path.ends_with("patients") { &p.w.nurse } else { &p.lata };
            for (member, time) in members.into_iter().flat_map(|member| {
                ["-262143-01-01T00:00:00Z", "-5000-01-01T00:00:00Z", "%2B262142-12-31T23:59:59Z"].map(|at| (member, at))
            }) {
                let more = if path == HISTORY { "&bucket=week" } else { "" };
                by.get(&format!("{path}?{member}={time}{more}")).await.expect_about(422, member);
            }
        }
        p.lata.get(&format!("{HISTORY}?bucket=week&to=0001-01-01T00:00:00Z")).await.expect_about(422, "to");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_point_hides_nothing_of_the_time_a_consent_is_for() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let days = |days: i64| p.ago(days * 86_400);
        let steps = |from: i64, to: i64| json!({"metric_type": "steps", "value": 100, "start_time": days(from), "end_time": days(to)});
        p.sync(vec![steps(7, 6), steps(11, 4), steps(1, 0)]).await;
        let ask = json!({"patient_id": p.patient(), "data_categories": ["wearables"], "purpose": "A second opinion",
            "data_from": days(10), "data_to": days(5)});
        let asked = p.stranger.post("/api/v1/consents/request", ask).await.expect(201);
        p.lata.put(&format!("/api/v1/consents/{}/approve", text(&asked["id"])), json!({})).await.expect(200);
        let found = p.stranger.get(&format!("{HISTORY}?patient_id={}", p.patient())).await.expect(200);
        assert_eq!(values(&found["points"]), [100.0]);
        let latest = p.stranger.get(&format!("/api/wearables/patients/{}/latest", p.patient())).await.expect(200);
        assert_eq!(latest["metrics"].as_array().map(Vec::len), Some(1), "{latest}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_twice_is_answered_once_and_nothing_lasts_for_years() {
    both(|t| async move {
        let p = people(&t).await;
        p.band().await;
        let steps =
            |from: String| json!({"metric_type": "steps", "value": 100, "start_time": from, "end_time": p.ago(0)});
        p.sync(vec![steps(p.ago(30 * 86_400))]).await;
        let all_since_2000 = p.sync_of(vec![steps("2000-01-01T00:00:00Z".to_owned())]);
        p.lata.post(SYNC, all_since_2000).await.expect_about(422, "data_points[0].end_time");
        let once = p.history("bucket=day&metric_type=steps").await;
        let often = p.history("bucket=day&metric_type=steps,steps,step_count,steps").await;
        assert_eq!(once, often);
    })
    .await;
}
