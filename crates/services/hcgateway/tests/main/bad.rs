//! Records that nobody can read: set aside with the reason, and never in the way of the others.
use serde_json::{Value, json};
use signals::Metric;
use testkit::both;

use crate::{Patient, heart_rate, history, text};

fn skipped(patient: &Patient) -> String {
    format!("/api/wearables/patients/{}/skipped", patient.ward.patient_id())
}

fn steps(id: &str, more: Value) -> Value {
    let mut record = json!({"startTime": "2026-11-19T05:00:00Z", "endTime": "2026-11-19T05:10:00Z", "count": 10,
        "metadata": {"id": id, "dataOrigin": "x"}});
    let Value::Object(members) = more else { panic!("{more} is no object") };
    record.as_object_mut().expect("an object").extend(members);
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_record_is_set_aside_and_the_rest_is_kept() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let sent = json!([
            steps("good-1", json!({})),
            7,
            [],
            null,
            "x",
            {},
            steps("no-count", json!({"count": null})),
            steps("text", json!({"count": "many"})),
            steps("negative", json!({"count": -5})),
            steps("backwards", json!({"endTime": "2026-11-19T04:00:00Z"})),
            steps("when", json!({"startTime": "noon"})),
            steps("clock", json!({"startTime": "1970-01-02T00:00:00Z", "endTime": "1970-01-02T00:10:00Z"})),
            steps("ahead", json!({"startTime": "2099-01-02T00:00:00Z", "endTime": "2099-01-02T00:10:00Z"})),
            steps("nameless", json!({"metadata": {"dataOrigin": "x"}})),
            steps("number", json!({"metadata": {"id": 7}})),
            steps("null\0", json!({"metadata": {"id": "a\u{0}b"}})),
            steps("good-2", json!({"startTime": "2026-11-19T05:00:00Z"})),
        ]);
        let all = sent.as_array().expect("a list").len();
        for _ in 0..2 {
            let answer = phone.sync("Steps", sent.clone()).await.expect(200);
            assert_eq!(answer, json!({"success": true, "count": 2, "skipped": all - 2}));
        }
        assert_eq!(phone.counts().await, json!({"Steps": 2}));
        let listed = patient.account.get(&skipped(&patient)).await.expect(200);
        let listed = listed.as_array().expect("a list");
        assert_eq!(listed.len(), all - 2, "sent twice, set aside once");
        let of = |id: &str| listed.iter().find(|one| one["record_id"] == id).expect("an entry");
        assert_eq!((&of("negative")["kind"], text(&of("negative")["why"]).contains("count")), (&json!("Steps"), true));
        assert!(text(&of("clock")["why"]).contains("2000"), "{}", of("clock"));
        assert!(text(&of("ahead")["why"]).contains("future"), "{}", of("ahead"));
        assert!(text(&of("no-count")["record"]).contains("no-count"));
        assert!(listed.iter().all(|one| one["at"].is_string() && !text(&one["why"]).is_empty()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_sample_in_a_record_is_named_and_the_others_are_kept() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let record = heart_rate("a", "2026-11-19T05:00", &[70, 9999, 72]);
        for _ in 0..2 {
            let answer = phone.sync("HeartRate", record.clone()).await.expect(200);
            assert_eq!(answer, json!({"success": true, "count": 1, "skipped": 0}));
        }
        assert_eq!(history(&t, patient.id(), Metric::HeartRate).await, [70.0, 72.0]);
        let listed = patient.account.get(&skipped(&patient)).await.expect(200);
        assert_eq!((listed.as_array().map(Vec::len), &listed[0]["record_id"]), (Some(1), &json!("a")));
        assert!(text(&listed[0]["why"]).starts_with("samples[1].beatsPerMinute"), "{listed}");
        // The record itself is there as it was sent.
        let fetched = phone.fetch("heartRate", json!({})).await.expect(200);
        assert_eq!(fetched[0]["data"]["samples"], record["samples"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_set_aside_is_seen_by_those_who_see_the_wearables_and_page_by_page() {
    both(|t| async move {
        let (patient, stranger) = (Patient::new(&t).await, Patient::new(&t).await);
        let phone = patient.phone(&t).await;
        let bad: Vec<Value> = (0..5).map(|n| steps(&format!("bad-{n}"), json!({"count": null}))).collect();
        phone.sync("Steps", bad.into()).await.expect(200);
        let path = skipped(&patient);
        assert_eq!(patient.ward.doctor.get(&path).await.expect(200).as_array().map(Vec::len), Some(5));
        stranger.account.get(&path).await.expect(404);
        t.admin().await.get(&path).await.expect(403);
        t.client().get(&path).await.expect(401);
        let (mut next, mut seen) = (Some(format!("{path}?limit=2")), Vec::new());
        while let Some(page) = next {
            let answer = patient.account.get(&page).await;
            next = answer.next();
            seen.extend(answer.expect(200).as_array().expect("a list").iter().map(|one| one["record_id"].clone()));
        }
        let expected: Vec<Value> = (0..5).rev().map(|n| json!(format!("bad-{n}"))).collect();
        assert_eq!(seen, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_to_some_time_alone_shows_nothing_of_what_was_set_aside() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let bad =
            json!({"time": "2026-11-19T05:00:00Z", "level": 9_000_000.5, "notes": "private", "metadata": {"id": "g"}});
        assert_eq!(phone.sync("BloodGlucose", bad).await.expect(200)["skipped"], 1);
        let (_, nair) = t.doctor("Dr. Nair").await;
        let agree = async |more: Value| {
            let mut ask = json!({"patient_id": patient.ward.patient_id(), "data_categories": ["wearables"],
                "purpose": "A second opinion"});
            ask.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            let asked = nair.post("/api/v1/consents/request", ask).await.expect(201);
            let approve = format!("/api/v1/consents/{}/approve", text(&asked["id"]));
            patient.account.put(&approve, json!({})).await.expect(200);
        };
        agree(json!({"data_from": "2026-11-01T00:00:00Z", "data_to": "2026-11-10T00:00:00Z"})).await;
        assert_eq!(nair.get(&skipped(&patient)).await.expect(200), json!([]));
        agree(json!({})).await;
        assert_eq!(nair.get(&skipped(&patient)).await.expect(200).as_array().map(Vec::len), Some(1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_of_no_time_and_what_can_be_no_pressure_is_set_aside() {
    both(|t| async move {
        let patient = Patient::new(&t).await;
        let phone = patient.phone(&t).await;
        let aura = |at: &str, id: &str| json!({"time": at, "hue": 7, "metadata": {"id": id}});
        let sent = json!([
            aura("9999-12-31T23:59:59-23:59", "late"),
            aura("0000-01-01T00:00:00+23:59", "early"),
            aura("2027-11-20T05:00:00Z", "planned"),
        ]);
        let answer = phone.sync("Aura", sent).await.expect(200);
        assert_eq!(answer, json!({"success": true, "count": 1, "skipped": 2}));
        let pressure =
            json!({"time": "2026-11-20T05:00:00Z", "systolic": 80, "diastolic": 120, "metadata": {"id": "p"}});
        let answer = phone.sync("BloodPressure", pressure).await.expect(200);
        assert_eq!(answer, json!({"success": true, "count": 0, "skipped": 1}));
        assert!(history(&t, patient.id(), Metric::BpSystolic).await.is_empty());
    })
    .await;
}
