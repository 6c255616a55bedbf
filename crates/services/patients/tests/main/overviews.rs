//! The dashboard, the medical record and the care team.
use serde_json::{Value, json};
use testkit::{Engine, both, on};

use crate::people::{affiliate, person, v1};
use crate::{at, each, text, with};

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_shows_its_arithmetic() {
    both(|t| async move {
        let (_, meera) = t.doctor("Dr. Meera Iyer").await;
        let more = json!({"health_profile": {"height_cm": 175, "weight_kg": 80, "is_smoker": true, "smoking_years": 12,
            "consumes_alcohol": true, "alcohol_frequency": "weekly", "physical_activity_minutes_weekly": 90}});
        let patient = meera.post("/api/v1/patients", with(person("Asha", "Rao"), more)).await.expect(201);
        meera.get(&v1(&patient, "/dashboard")).await.expect(403);
        meera.post(&v1(&patient, "/validation"), json!({})).await.expect(200);
        for condition in [
            json!({"condition_name": "Angina", "severity": "high"}),
            json!({"condition_name": "Gout", "severity": "medium", "status": "managed"}),
            json!({"condition_name": "Flu", "severity": "high", "status": "resolved"}),
            json!({"condition_name": "Penicillin", "kind": "allergy", "severity": "critical"}),
        ] {
            meera.post(&at(&patient, "/conditions"), condition).await.expect(201);
        }
        let aspirin = json!({"medications": [{"name": "Aspirin"}]});
        meera.post(&v1(&patient, "/prescriptions"), aspirin).await.expect(201);
        let shown = meera.get(&v1(&patient, "/dashboard")).await.expect(200);
        // 80 / 1.75² = 26.1.
        assert_eq!((&shown["bmi"], &shown["bmi_classification"]), (&json!(26.1), &json!("overweight")));
        assert_eq!(shown["age"], patient["age"]);
        let parts: Vec<(&str, i64)> = shown["health_score_parts"]
            .as_array()
            .expect("parts")
            .iter()
            .map(|part| (text(&part["name"]), part["points"].as_i64().expect("points")))
            .collect();
        // Angina 7, managed gout 4 / 2.
        assert_eq!(parts, [("bmi", 5), ("smoking", 15), ("alcohol", 5), ("activity", 5), ("conditions", 9)]);
        assert_eq!(shown["health_score"], 100 - 5 - 15 - 5 - 5 - 9);
        assert_eq!(each(&shown["conditions"], "condition_name"), ["Angina", "Gout"]);
        assert_eq!(each(&shown["medications"], "name"), ["Aspirin"]);
        assert_eq!((&shown["appointments"], &shown["patient"]["name"]), (&json!([]), &json!("Asha Rao")));
        let kinds = each(&shown["recent_activity"], "kind");
        assert_eq!(kinds.iter().filter(|kind| *kind == "condition").count(), 4);
        assert!(kinds.contains(&"prescription".to_owned()) && kinds.contains(&"validation".to_owned()), "{kinds:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_is_not_counted() {
    both(|t| async move {
        let (_, meera) = t.doctor("Dr. Meera Iyer").await;
        let patient = meera.post("/api/v1/patients", person("Asha", "Rao")).await.expect(201);
        meera.post(&v1(&patient, "/validation"), json!({})).await.expect(200);
        let unknown = meera.get(&v1(&patient, "/dashboard")).await.expect(200);
        assert_eq!((&unknown["health_score"], &unknown["bmi"]), (&Value::Null, &Value::Null));
        assert!(unknown["health_score_parts"].as_array().expect("parts").iter().all(|part| part["points"] == 0));
        meera.put(&v1(&patient, "/health-profile"), json!({"weight_kg": 55, "is_smoker": false})).await.expect(200);
        let known = meera.get(&v1(&patient, "/dashboard")).await.expect(200);
        assert_eq!((&known["health_score"], &known["bmi"]), (&json!(100), &Value::Null));
        let because = text(&known["health_score_parts"][0]["because"]);
        assert!(because.contains("not both recorded"), "{because}");
        // Before the age of 19 the classes of adults say nothing.
        let body = json!({"date_of_birth": t.clock.now().date_naive() - chrono::TimeDelta::days(4000),
            "health_profile": {"height_cm": 140, "weight_kg": 60}});
        let child = meera.post("/api/v1/patients", with(person("Chinu", "Rao"), body)).await.expect(201);
        meera.post(&v1(&child, "/validation"), json!({})).await.expect(200);
        let shown = meera.get(&v1(&child, "/dashboard")).await.expect(200);
        assert_eq!((&shown["bmi"], &shown["bmi_classification"]), (&json!(30.6), &Value::Null));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_care_team_is_who_is_related_or_asked() {
    both(|t| async move {
        let w = t.ward().await;
        let team = format!("/api/v1/patients/{}/care-team", w.patient_id());
        let seen = w.nurse.get(&team).await.expect(200);
        assert_eq!(each(&seen["doctors"], "doctor_id"), [w.doctor_id()]);
        assert_eq!(seen["doctors"][0]["relations"], json!(["attending_doctor"]));
        assert_eq!(each(&seen["institutions"], "id"), [text(&w.hospital["id"])]);
        let mut relations = each(&json!([{"r": "registering_hospital"}, {"r": "admitting_hospital"}]), "r");
        relations.sort();
        let mut shown: Vec<String> = seen["institutions"][0]["relations"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|r| text(r).to_owned())
            .collect();
        shown.sort();
        assert_eq!(shown, relations);
        affiliate(&t, &w.doctor_record, &w.hospital).await;
        let (_, stranger) = t.doctor("Dr. Stranger").await;
        stranger.get(&team).await.expect(404);
        t.admin().await.get(&team).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_does_not_tell_what_was_charted() {
    on(Engine::Sqlite, |t| async move {
        let (_, meera) = t.doctor("Dr. Meera Iyer").await;
        let more = json!({"health_profile": {"notes": "sleepwalks"}});
        let patient = meera.post("/api/v1/patients", with(person("Asha", "Rao"), more)).await.expect(201);
        meera.post(&v1(&patient, "/validation"), json!({"note": "passport"})).await.expect(200);
        let said = json!({"medications": [{"name": "Warfarin"}], "notes": "bruises"});
        let made = meera.post(&v1(&patient, "/prescriptions"), said).await.expect(201);
        let end = v1(&patient, &format!("/prescriptions/{}", text(&made["id"])));
        meera.patch(&end, json!({"status": "stopped", "reason": "haematoma"})).await.expect(200);
        let told =
            json!({"relative": "grandfather", "condition": "Huntington", "code": {"system": "icd10", "code": "G10"}});
        meera.post(&v1(&patient, "/family-history"), told).await.expect(201);
        let files = std::fs::read_dir(&t.settings.data).expect("a data directory").flatten().map(|file| file.path());
        let disk: Vec<u8> = files.filter_map(|file| std::fs::read(file).ok()).flatten().collect();
        let holds = |text: &str| disk.windows(text.len()).any(|bytes| bytes == text.as_bytes());
        assert!(holds("Asha Rao"), "the database was not read");
        for secret in ["sleepwalks", "passport", "Warfarin", "bruises", "haematoma", "grandfather", "Huntington"] {
            assert!(!holds(secret), "{secret} is on the disk");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_of_one_body_or_one_life_is_refused() {
    both(|t| async move {
        let (_, meera) = t.doctor("Dr. Meera Iyer").await;
        let light = json!({"health_profile": {"height_cm": 175, "weight_kg": 8}});
        let refused = meera.post("/api/v1/patients", with(person("Asha", "Rao"), light)).await;
        refused.expect_about(422, "health_profile.weight_kg");
        let smokes = json!({"health_profile": {"height_cm": 175, "is_smoker": true, "smoking_years": 20}});
        let patient = meera.post("/api/v1/patients", with(person("Asha", "Rao"), smokes)).await.expect(201);
        meera.post(&v1(&patient, "/validation"), json!({})).await.expect(200);
        meera.put(&v1(&patient, "/health-profile"), json!({"weight_kg": 690})).await.expect_about(422, "weight_kg");
        let angina = json!({"condition_name": "Angina", "diagnosed_date": "1980-05-16"});
        meera.post(&at(&patient, "/conditions"), angina.clone()).await.expect_about(422, "diagnosed_date");
        let angina = with(angina, json!({"diagnosed_date": "1980-05-17"}));
        let angina = meera.post(&at(&patient, "/conditions"), angina).await.expect(201);
        let charted = at(&patient, &format!("/conditions/{}", text(&angina["id"])));
        meera.patch(&charted, json!({"diagnosed_date": "1979-01-01"})).await.expect_about(422, "diagnosed_date");
        let younger = json!({"date_of_birth": "2020-01-01"});
        meera.put(&v1(&patient, ""), younger).await.expect_about(422, "date_of_birth");
        meera.put(&v1(&patient, ""), json!({"date_of_birth": "1981-05-17"})).await.expect(200);
    })
    .await;
}
