//! Conditions and medical records.
use serde_json::{Value, json};
use testkit::{Client, Engine, TestApp, both, on};

use crate::{admit, at, each, named, register, with};

/// A nurse and the admitted patient she treats.
async fn treated(t: &TestApp) -> (Client, Value) {
    let hospital = t.hospital("City Hospital", 4).await;
    let nurse = t.nurse(&hospital).await;
    let patient = register(&nurse, "Asha Rao", json!({"patient_id": "MRN-1"})).await;
    admit(&nurse, &hospital, &patient).await;
    (nurse, patient)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charted_condition_is_read_back() {
    both(|t| async move {
        let (nurse, patient) = treated(&t).await;
        let path = at(&patient, "/conditions");
        let said = json!({"condition_name": "Type 2 diabetes", "kind": "chronic", "status": "managed",
            "severity": "medium", "diagnosed_date": "2019-03-01", "notes": "metformin"});
        let charted = nurse.post(&path, said.clone()).await.expect(201);
        assert_eq!(with(charted.clone(), said), charted);
        nurse.post(&path, json!({"condition": "Sprained ankle"})).await.expect(201);
        let listed = nurse.get(&path).await.expect(200);
        assert_eq!(listed[0], charted);
        assert_eq!(each(&listed, "condition_name"), ["Type 2 diabetes", "Sprained ankle"]);
        assert_eq!((&listed[1]["kind"], &listed[1]["status"]), (&json!("condition"), &json!("active")));
        let chronic = nurse.get("/api/patients/MRN-1/conditions?kind=chronic").await.expect(200);
        assert_eq!(each(&chronic, "condition_name"), ["Type 2 diabetes"]);
        for (member, value) in [
            ("condition_name", json!(" ")),
            ("severity", json!("awful")),
            ("diagnosed_date", json!("2999-01-01")),
            ("resolved_date", json!("2018-01-01")),
            ("notes", json!("x".repeat(4001))),
        ] {
            let said = json!({"condition_name": "Asthma", "diagnosed_date": "2019-01-01"});
            let refused = nurse.post(&path, with(said, json!({member: value}))).await.expect(422);
            assert_eq!(named(&refused), [member]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_medical_record_is_kept_with_the_wearable_data_it_rests_on() {
    both(|t| async move {
        let (nurse, patient) = treated(&t).await;
        let path = at(&patient, "/records");
        let said = json!({"record_id": "R-1", "doctor_id": "D-7", "record_type": "consultation", "title": "Chest pain",
            "description": "Since Monday", "diagnosis": ["angina"], "symptoms": ["chest pain"],
            "vital_signs": {"hr_bpm": 92}, "wearable_data_ids": ["w-1", "w-2"], "notes": "Seen with family"});
        let kept = nurse.post(&path, with(said.clone(), json!({"visit_date": "2024-02-03"}))).await.expect(201);
        assert_eq!(with(kept.clone(), said.clone()), kept);
        assert_eq!(kept["visit_date"], "2024-02-03T00:00:00Z");
        let later =
            json!({"record_type": "lab_report", "title": "Troponin", "visit_date": "2024-02-04T10:00:00+05:30"});
        nurse.post(&path, later).await.expect(201);
        let listed = nurse.get(&path).await.expect(200);
        assert_eq!(each(&listed, "title"), ["Troponin", "Chest pain"]);
        assert_eq!(listed[1], kept);
        let again = with(said, json!({"visit_date": "2024-02-03"}));
        assert_eq!(named(&nurse.post(&path, again.clone()).await.expect(409)), ["record_id"]);
        for (member, value) in [
            ("visit_date", json!("soon")),
            ("visit_date", json!("2999-01-01")),
            ("visit_date", json!("1066-10-14")),
            ("title", json!("")),
            ("diagnosis", json!(["x".repeat(501)])),
        ] {
            let refused = nurse.post(&path, with(again.clone(), json!({member: value}))).await.expect(422);
            assert!(named(&refused)[0].starts_with(member), "{refused}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_are_read_page_by_page() {
    both(|t| async move {
        let (nurse, patient) = treated(&t).await;
        for name in ["a", "b", "c"] {
            nurse.post(&at(&patient, "/conditions"), json!({"condition_name": name})).await.expect(201);
            let record = json!({"record_type": "note", "title": name, "visit_date": "2024-02-03"});
            nurse.post(&at(&patient, "/records"), record).await.expect(201);
        }
        for (rest, member, order) in
            [("/conditions", "condition_name", ["a", "b", "c"]), ("/records", "title", ["c", "b", "a"])]
        {
            let first = nurse.get(&at(&patient, &format!("{rest}?limit=2"))).await;
            let next = first.next().expect("a next page");
            assert_eq!(each(&first.expect(200), member), order[..2]);
            assert_eq!(each(&nurse.get(&next).await.expect(200), member), order[2..]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_does_not_tell_what_a_patient_has() {
    on(Engine::Sqlite, |t| async move {
        let hospital = t.hospital("City Hospital", 4).await;
        let nurse = t.nurse(&hospital).await;
        let patient =
            register(&nurse, "Asha Rao", json!({"allergies": ["penicillin"], "chronic_conditions": ["asthma"]})).await;
        admit(&nurse, &hospital, &patient).await;
        let condition = json!({"condition_name": "hypertension", "notes": "amlodipine"});
        nurse.post(&at(&patient, "/conditions"), condition).await.expect(201);
        let record = json!({"record_type": "note", "title": "palpitations", "visit_date": "2024-02-03"});
        nurse.post(&at(&patient, "/records"), record).await.expect(201);
        let files = std::fs::read_dir(&t.settings.data).expect("a data directory").flatten().map(|file| file.path());
        let disk: Vec<u8> = files.filter_map(|file| std::fs::read(file).ok()).flatten().collect();
        let holds = |text: &str| disk.windows(text.len()).any(|bytes| bytes == text.as_bytes());
        assert!(holds("Asha Rao"), "the database was not read");
        for secret in ["penicillin", "asthma", "hypertension", "amlodipine", "palpitations"] {
            assert!(!holds(secret), "{secret} is on the disk");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_moves_on_and_stays_in_the_chart() {
    both(|t| async move {
        let (nurse, patient) = treated(&t).await;
        let path = at(&patient, "/conditions");
        let said = json!({"condition_name": "Pneumonia", "severity": "high", "diagnosed_date": "2024-02-03"});
        let charted = nurse.post(&path, said).await;
        let read = charted.headers["etag"].to_str().expect("a tag").to_owned();
        let one = format!("{path}/{}", charted.json()["id"].as_str().expect("an id"));

        let ward = nurse.with_header("if-match", &read);
        let better = ward.patch(&one, json!({"severity": "low", "notes": "eats again"})).await.expect(200);
        assert_eq!((&better["severity"], &better["status"]), (&json!("low"), &json!("active")));
        ward.patch(&one, json!({"severity": "critical"})).await.expect(412);
        let refused = nurse.patch(&one, json!({"resolved_date": "2024-03-01"})).await.expect(422);
        assert_eq!(named(&refused), ["resolved_date"]);
        let early = json!({"status": "resolved", "resolved_date": "2024-01-01"});
        assert_eq!(named(&nurse.patch(&one, early).await.expect(422)), ["resolved_date"]);

        let over = json!({"status": "resolved", "resolved_date": "2024-03-01", "notes": null});
        let over = nurse.patch(&one, over).await.expect(200);
        assert_eq!((&over["resolved_date"], &over["notes"]), (&json!("2024-03-01"), &Value::Null));
        assert_eq!(nurse.get(&path).await.expect(200), json!([over]));
        let back = nurse.patch(&one, json!({"status": "active"})).await.expect(200);
        assert_eq!(back["resolved_date"], Value::Null);

        let stranger = t.nurse(&t.hospital("Hill Hospital", 4).await).await;
        stranger.patch(&one, json!({"status": "resolved"})).await.expect(404);
        nurse.patch(&format!("{path}/{}", patient["id"].as_str().expect("an id")), json!({})).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_new_list_resolves_is_another_version() {
    both(|t| async move {
        let (nurse, patient) = treated(&t).await;
        nurse.put(&at(&patient, ""), json!({"allergies": ["dust"]})).await.expect(200);
        let path = at(&patient, "/conditions");
        let listed = nurse.get(&path).await.expect(200);
        let one = format!("{path}/{}", listed[0]["id"].as_str().expect("an id"));
        let seen = nurse.patch(&one, json!({"severity": "high"})).await;
        let seen = seen.header("etag").expect("a version").to_owned();
        // In the same moment, by a clock that stands still.
        nurse.put(&at(&patient, ""), json!({"allergies": []})).await.expect(200);
        nurse.with_header("if-match", &seen).patch(&one, json!({"status": "active"})).await.expect(412);
    })
    .await;
}
