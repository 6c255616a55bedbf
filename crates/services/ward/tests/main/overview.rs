//! The answers that document 002 prints, member by member.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::both;

use crate::{overview, send, text};

/// Every member of the printed answer is there with a value of its kind. Ids are texts here, as everywhere.
#[track_caller]
fn has_the_shape(of: &str, answer: &Value, printed: &Value) {
    match printed {
        Value::Object(members) => {
            for (name, value) in members {
                let member = answer.get(name).unwrap_or_else(|| panic!("{of}.{name} is missing in {answer}"));
                has_the_shape(&format!("{of}.{name}"), member, value);
            }
        }
        Value::Array(printed) => {
            let answered = answer.as_array().unwrap_or_else(|| panic!("{of} is no list"));
            assert_eq!(answered.len(), printed.len(), "{of}");
            answered.iter().zip(printed).for_each(|(answer, printed)| has_the_shape(of, answer, printed));
        }
        Value::Number(_) if of.ends_with("id") => assert!(answer.is_string(), "{of} is {answer}"),
        Value::Number(number) => assert_eq!(answer.as_f64(), number.as_f64(), "{of}"),
        Value::String(text) if text.contains("T1") || text.contains("T0") => {
            let time = answer.as_str().and_then(|time| time.parse::<chrono::DateTime<chrono::Utc>>().ok());
            assert!(time.is_some(), "{of} is {answer}, not a time");
        }
        Value::String(text) => assert_eq!(answer, &json!(text), "{of}"),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_is_as_the_document_prints_it() {
    both(|t| async move {
        let w = t.ward().await;
        let measured = json!({"hr_bpm": 80, "spo2_pct": 98, "temp_c": 37.0, "bp_systolic": 120, "bp_diastolic": 80, "resp_rate": 16});
        send(&w.nurse, &w, measured).await;
        let note = json!({"encounter_id": w.encounter["id"], "note": "Patient resting comfortably."});
        w.doctor.post("/observations", note).await.expect(201);
        let answer = w.doctor.get(&format!("/encounters/{}/overview", w.encounter_id())).await.expect(200);
        let printed = json!({
          "status": "success",
          "data": {
            "encounter_id": 101,
            "patient_id": 1,
            "latest_vitals": {
              "timestamp": "2023-10-27T10:05:00",
              "hr_bpm": 80,
              "spo2_pct": 98,
              "temp_c": 37.0,
              "bp_systolic": 120,
              "bp_diastolic": 80,
              "resp_rate": 16
            },
            "last_observation": {
              "id": 50,
              "note": "Patient resting comfortably.",
              "created_at": "2023-10-27T09:00:00",
              "author_id": 2
            },
            "alerts_count": 0,
            "status": "active"
          }
        });
        has_the_shape("overview", &answer, &printed);
        assert_eq!(answer["data"]["encounter_id"], w.encounter["id"]);
        assert_eq!(answer["data"]["patient_id"], w.patient["id"]);
        assert_eq!(answer["data"]["latest_vitals"]["timestamp"], json!(t.clock.now()));
        assert_eq!(answer["data"]["alerts_count"], 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctors_encounters_are_as_the_document_prints_them() {
    both(|t| async move {
        let w = t.ward().await;
        let answer = w.doctor.get(&format!("/doctors/{}/patients", w.doctor_id())).await.expect(200);
        let printed = json!({
          "status": "success",
          "data": {
            "encounters": [
              {
                "id": 101,
                "patient": { "id": 1, "name": "Lata Joshi", "age": null, "gender": "female" },
                "room": { "id": 5, "room_number": "101" },
                "admitted_at": "2023-10-27T10:00:00",
                "status": "active"
              }
            ]
          }
        });
        has_the_shape("encounters", &answer, &printed);
        assert_eq!(answer["data"]["encounters"][0]["id"], w.encounter["id"]);
        assert!(answer["data"]["encounters"][0]["patient"]["age"].as_u64().is_some_and(|age| age > 50));
        let lata = t.account("patient", Some(&w.patient["id"])).await;
        let own = lata.get(&format!("/patients/{}/encounter", w.patient_id())).await.expect(200);
        assert_eq!(own["data"], answer["data"]["encounters"][0]);
        // A doctor's list is for the doctor alone.
        let (_, other) = t.doctor("Dr. Other").await;
        for stranger in [&other, &w.nurse, &lata] {
            stranger.get(&format!("/doctors/{}/patients", w.doctor_id())).await.expect(404);
        }
        t.client().get(&format!("/doctors/{}/patients", w.doctor_id())).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overview_of_nothing_yet_says_so() {
    both(|t| async move {
        let w = t.ward().await;
        let empty = overview(&w).await;
        assert_eq!((&empty["latest_vitals"], &empty["last_observation"]), (&Value::Null, &Value::Null));
        assert_eq!((&empty["alerts_count"], &empty["status"]), (&json!(0), &json!("active")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_value_of_each_vital_is_shown_whenever_it_was_measured() {
    both(|t| async move {
        let w = t.ward().await;
        let start = t.clock.now();
        t.clock.advance(TimeDelta::minutes(2));
        send(&w.nurse, &w, json!({"hr_bpm": 70, "timestamp": start + TimeDelta::minutes(1)})).await;
        // Late: older for the heart, new for the temperature.
        send(&w.nurse, &w, json!({"hr_bpm": 60, "temp_c": 37.2, "timestamp": start})).await;
        let latest = overview(&w).await["latest_vitals"].clone();
        assert_eq!((&latest["hr_bpm"], &latest["temp_c"]), (&json!(70.0), &json!(37.2)));
        assert_eq!(latest["timestamp"], json!(start + TimeDelta::minutes(1)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encounter_is_seen_by_those_who_treat_and_the_patient_alone() {
    both(|t| async move {
        let w = t.ward().await;
        let lata = t.account("patient", Some(&w.patient["id"])).await;
        let (_, other_doctor) = t.doctor("Dr. Other").await;
        let other_nurse = t.nurse(&t.hospital("Lake Hospital", 4).await).await;
        let responder = t.responder(&w.hospital).await;
        for rest in ["overview", "alerts", "observations"] {
            let path = format!("/encounters/{}/{rest}", w.encounter_id());
            for insider in [&w.nurse, &w.doctor, &lata] {
                insider.get(&path).await.expect(200);
            }
            for stranger in [&other_doctor, &other_nurse, &responder] {
                let refused = stranger.get(&path).await.expect(404);
                assert_eq!(text(&refused["detail"]), "encounter not found");
            }
            t.admin().await.get(&path).await.expect(403);
            t.client().get(&path).await.expect(401);
            w.nurse.get(&format!("/encounters/0191d3a0-0000-7000-8000-000000000000/{rest}")).await.expect(404);
            w.nurse.get(&format!("/encounters/17/{rest}")).await.expect(404);
        }
    })
    .await;
}
