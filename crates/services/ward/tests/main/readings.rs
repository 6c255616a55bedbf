//! Readings come in: stored once, judged, answered.
use chrono::{SecondsFormat, TimeDelta};
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{both, vitals};

use crate::{alerts, emergencies, overview, reading, readings, send, text, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_fast_heart_is_stored_judged_and_shown_with_its_reason() {
    both(|t| async move {
        let w = t.ward().await;
        let monitor = t.monitor(&w.hospital).await;
        let body = with(vitals(w.patient_id()), json!({"hr_bpm": 140, "timestamp": t.clock.now()}));
        let answer = monitor.post("/vitals", body).await.expect(201);
        assert_eq!(answer["status"], "success");
        let recorded = &answer["data"];
        assert_eq!(recorded["patient_id"], w.patient["id"]);
        assert_eq!(recorded["encounter_id"], w.encounter["id"]);
        assert_eq!(recorded["timestamp"], json!(t.clock.now()));
        assert_eq!(recorded["duplicate"], false);
        let raised = &recorded["alerts"][0];
        assert_eq!((&raised["type"], &raised["severity"]), (&json!("TACHYCARDIA"), &json!("high")));
        assert_eq!(raised["message"], "High Heart Rate detected: 140 BPM");

        let alerts = alerts(&w).await;
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        let alert = &alerts[0];
        assert_eq!(alert["id"], raised["id"]);
        assert_eq!((&alert["status"], &alert["repeats"]), (&json!("open"), &json!(0)));
        assert_eq!((&alert["message"], &alert["severity"]), (&raised["message"], &raised["severity"]));
        assert_eq!(alert["encounter_id"], w.encounter["id"]);
        assert_eq!(alert["timestamp"], recorded["timestamp"]);
        let why = &alert["explanation"];
        assert_eq!((&why["rule"], &why["arithmetic"]), (&json!("TACHYCARDIA"), &json!("heart rate 140 > 130")));
        assert_eq!(why["values"][0]["value"], 140.0);
        let one = w.doctor.get(&format!("/alerts/{}", text(&alert["id"]))).await.expect(200);
        assert_eq!(&one["data"], alert);

        let stored = readings(&w).await;
        assert_eq!(stored.len(), 1);
        assert_eq!((&stored[0]["id"], &stored[0]["hr_bpm"]), (&recorded["id"], &json!(140.0)));
        assert_eq!((&stored[0]["spo2_pct"], &stored[0]["temp_c"]), (&json!(98.0), &json!(36.8)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_measurement_comes_back_as_it_was_sent() {
    both(|t| async move {
        let w = t.ward().await;
        let sent = json!({
            "hr_bpm": 72.5, "spo2_pct": 97.5, "temp_c": 36.85, "bp_systolic": 121, "bp_diastolic": 79, "bp_mean": 93,
            "resp_rate": 15.5, "on_oxygen": true, "consciousness": "alert", "device_flags": ["motion", "lead off"],
        });
        send(&w.nurse, &w, with(sent.clone(), json!({"encounter_id": w.encounter["id"]}))).await;
        let stored = readings(&w).await.pop().expect("a reading");
        for (member, value) in sent.as_object().expect("an object") {
            let same = match value.as_f64() {
                Some(number) => stored[member].as_f64() == Some(number),
                None => stored[member] == *value,
            };
            assert!(same, "{member}: sent {value}, stored {}", stored[member]);
        }
        for (seconds, name) in (1..).zip(["resp_rate_bpm", "respiratory_rate"]) {
            let at = t.clock.now() + TimeDelta::seconds(seconds);
            send(&w.nurse, &w, json!({name: 18, "timestamp": at})).await;
            assert_eq!(readings(&w).await.pop().expect("a reading")["resp_rate"], 18.0, "{name}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_what_can_be_measured_are_themselves_taken() {
    both(|t| async move {
        let w = t.ward().await;
        for (member, low, high) in [
            ("hr_bpm", 0, 300),
            ("spo2_pct", 0, 100),
            ("temp_c", 20, 45),
            ("bp_systolic", 0, 300),
            ("bp_diastolic", 0, 300),
            ("bp_mean", 0, 300),
            ("resp_rate", 0, 100),
        ] {
            for value in [low, high] {
                t.clock.advance(TimeDelta::seconds(1));
                send(&w.nurse, &w, json!({member: value})).await;
            }
        }
        let ahead = t.clock.now() + TimeDelta::minutes(5);
        send(&w.nurse, &w, json!({"hr_bpm": 70, "timestamp": ahead})).await;
        assert_eq!(readings(&w).await.len(), 15);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_reading_twice_is_one_reading() {
    both(|t| async move {
        let w = t.ward().await;
        let body = reading(&w, json!({"hr_bpm": 140, "spo2_pct": 97, "timestamp": t.clock.now()}));
        let first = w.nurse.post("/vitals", body.clone()).await.expect(201)["data"].clone();
        let (stored, raised, called, seen) =
            (readings(&w).await, alerts(&w).await, emergencies(&w).await, overview(&w).await);
        t.clock.advance(TimeDelta::minutes(1));
        for _ in 0..3 {
            let again = w.nurse.post("/vitals", body.clone()).await.expect(200)["data"].clone();
            assert_eq!(again["id"], first["id"]);
            assert_eq!((&again["duplicate"], &again["alerts"]), (&json!(true), &json!([])));
        }
        // A part of what is known already says nothing new either.
        let part = reading(&w, json!({"hr_bpm": 140, "timestamp": body["timestamp"]}));
        assert_eq!(w.nurse.post("/vitals", part).await.expect(200)["data"]["id"], first["id"]);
        assert_eq!(readings(&w).await, stored);
        assert_eq!(alerts(&w).await, raised);
        assert_eq!(emergencies(&w).await, called);
        assert_eq!(overview(&w).await, seen);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_finer_than_microseconds_is_still_one_moment() {
    both(|t| async move {
        let w = t.ward().await;
        let micros = t.clock.now().to_rfc3339_opts(SecondsFormat::Micros, true);
        let body = |nanos: &str| reading(&w, json!({"hr_bpm": 70, "timestamp": micros.replace('Z', nanos)}));
        let first = w.nurse.post("/vitals", body("123Z")).await.expect(201)["data"].clone();
        for again in [body("123Z"), body("999Z"), body("Z"), body("+00:00")] {
            assert_eq!(w.nurse.post("/vitals", again).await.expect(200)["data"]["id"], first["id"]);
        }
        assert_eq!(readings(&w).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_monitor_that_says_more_of_the_same_moment_adds_to_its_reading() {
    both(|t| async move {
        let w = t.ward().await;
        let at = json!({"timestamp": t.clock.now()});
        let first = send(&w.nurse, &w, with(json!({"hr_bpm": 80, "device_flags": ["motion"]}), at.clone())).await;
        let low = json!({"spo2_pct": 85, "device_flags": ["motion", "low signal"]});
        let second = send(&w.nurse, &w, with(low, at.clone())).await;
        assert_eq!((&second["id"], &second["duplicate"]), (&first["id"], &json!(false)));
        assert_eq!(second["alerts"][0]["type"], "HYPOXIA");
        let stored = readings(&w).await;
        assert_eq!(stored.len(), 1);
        assert_eq!((&stored[0]["hr_bpm"], &stored[0]["spo2_pct"]), (&json!(80.0), &json!(85.0)));
        assert_eq!(stored[0]["device_flags"], json!(["motion", "low signal"]));
        // A correction of the same moment takes the place of what was said.
        send(&w.nurse, &w, with(json!({"hr_bpm": 82}), at)).await;
        assert_eq!(readings(&w).await[0]["hr_bpm"], 82.0);
        assert_eq!(overview(&w).await["latest_vitals"]["hr_bpm"], 82.0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sources_at_one_moment_are_two_readings() {
    both(|t| async move {
        let w = t.ward().await;
        let monitor = t.monitor(&w.hospital).await;
        let at = json!({"timestamp": t.clock.now()});
        let hers = send(&w.nurse, &w, with(json!({"hr_bpm": 80}), at.clone())).await;
        let its = send(&monitor, &w, with(json!({"hr_bpm": 81}), at)).await;
        assert_ne!(hers["id"], its["id"]);
        let stored = readings(&w).await;
        assert_eq!(stored.len(), 2);
        assert_ne!(stored[0]["source"], stored[1]["source"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_reading_from_sixty_four_connections_is_one_row() {
    both(|t| async move {
        let w = t.ward().await;
        let body = reading(&w, json!({"hr_bpm": 140, "spo2_pct": 97, "timestamp": t.clock.now()}));
        let sent = join_all((0..64).map(|_| {
            let (nurse, body) = (w.nurse.clone(), body.clone());
            tokio::spawn(async move { nurse.post("/vitals", body).await })
        }));
        let answers: Vec<_> = sent.await.into_iter().map(|answer| answer.expect("no panic")).collect();
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 63, "{statuses:?}");
        let stored = readings(&w).await;
        assert_eq!(stored.len(), 1);
        assert!(answers.iter().all(|answer| answer.json()["data"]["id"] == stored[0]["id"]));
        let raised = alerts(&w).await;
        assert_eq!(raised.len(), 1);
        assert_eq!(raised[0]["repeats"], 0);
        assert_eq!(emergencies(&w).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_readings_at_once_are_all_stored_and_open_one_alert() {
    both(|t| async move {
        let w = t.ward().await;
        let start = t.clock.now() - TimeDelta::hours(1);
        let sent = join_all((0..64).map(|second| {
            let at = start + TimeDelta::seconds(second);
            let (nurse, body) = (w.nurse.clone(), reading(&w, json!({"hr_bpm": 140 + second, "timestamp": at})));
            tokio::spawn(async move { nurse.post("/vitals", body).await.expect(201) })
        }));
        for answer in sent.await {
            answer.expect("every reading is taken");
        }
        let stored = readings(&w).await;
        let rates: Vec<f64> = stored.iter().map(|r| r["hr_bpm"].as_f64().expect("a number")).collect();
        assert_eq!(rates, (140..204).map(f64::from).collect::<Vec<_>>());
        assert_eq!(alerts(&w).await.len(), 1);
        assert_eq!(overview(&w).await["latest_vitals"]["hr_bpm"], 203.0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_is_named_by_the_hospitals_own_reference_too() {
    both(|t| async move {
        let w = crate::another(&t.ward().await, json!({"patient_id": "MRN-7"})).await;
        let body = json!({"patient_id": "MRN-7", "hr_bpm": 70});
        let recorded = w.nurse.post("/vitals", body).await.expect(201)["data"].clone();
        assert_eq!(recorded["patient_id"], w.patient["id"]);
        let recent = w.nurse.get("/patients/MRN-7/vitals/recent").await.expect(200);
        assert_eq!(recent["data"]["vitals"][0]["id"], recorded["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_at_home_measures_for_themselves() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let lata = t.account("patient", Some(&patient["id"])).await;
        let recorded = lata.post("/vitals", vitals(text(&patient["id"]))).await.expect(201)["data"].clone();
        assert_eq!(recorded["encounter_id"], Value::Null);
        let recent = lata.get(&format!("/patients/{}/vitals/recent", text(&patient["id"]))).await.expect(200);
        assert_eq!(recent["data"]["vitals"].as_array().map(Vec::len), Some(1));
        // Who only registered the patient may neither write nor read.
        nurse.post("/vitals", vitals(text(&patient["id"]))).await.expect(403);
        nurse.get(&format!("/patients/{}/vitals/recent", text(&patient["id"]))).await.expect(403);
    })
    .await;
}
