//! At rest: what is clinical or secret stands nowhere in the files in plain words.
use serde_json::json;
use testkit::{Engine, TestApp, on};

use crate::{reading, text, with};

/// Every byte of the data directory but the keys.
fn disk(t: &TestApp) -> Vec<u8> {
    let files = std::fs::read_dir(&t.settings.data).expect("a data directory").flatten().map(|file| file.path());
    files.filter_map(|file| std::fs::read(file).ok()).flatten().collect()
}

fn holds(disk: &[u8], bytes: &[u8]) -> bool {
    disk.windows(bytes.len()).any(|part| part == bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_tells_neither_what_a_patient_has_nor_what_opens_the_door() {
    on(Engine::Sqlite, |t| async move {
        let w = t.ward().await;
        let odd = 137.28125;
        let measured = json!({"hr_bpm": odd, "device_flags": ["lead-off-left-arm"], "consciousness": "unresponsive"});
        let recorded = w.nurse.post("/vitals", reading(&w, measured)).await.expect(201)["data"].clone();
        let note = json!({"encounter_id": w.encounter["id"], "note": "Complains of palpitations since noon."});
        w.nurse.post("/observations", note).await.expect(201);
        let resolve = format!("/alerts/{}/resolve", text(&recorded["alerts"][0]["id"]));
        w.doctor.patch(&resolve, json!({"notes": "metoprolol given"})).await.expect(200);
        let chart = |rest: &str| format!("/api/patients/{}/{rest}", w.patient_id());
        let condition = json!({"condition_name": "thyrotoxicosis", "notes": "carbimazole"});
        let doctor = w.doctor.with_header("idempotency-key", "chart-1");
        doctor.post(&chart("conditions"), condition).await.expect(201);
        let record = json!({"record_type": "note", "title": "echocardiogram", "description": "ejection fraction 38",
            "diagnosis": ["cardiomyopathy"], "visit_date": "2024-02-03"});
        w.doctor.post(&chart("records"), record).await.expect(201);
        let call = json!({"patient_id": w.patient["id"], "alert_type": "seizure", "severity": "high", "triggered_by": "manual",
            "description": "convulsing for two minutes", "location": {"room": "behind the greenhouse"},
            "trigger_data": {"eeg": "spike-and-wave"}});
        let emergency = w.nurse.post("/api/emergency/alerts", call).await.expect(201);
        let step = format!("/api/emergency/alerts/{}/resolve", text(&emergency["id"]));
        w.nurse.patch(&step, json!({"resolution_notes": "lorazepam worked"})).await.expect(200);
        let other = with(json!({"name": "Ravi Rao", "date_of_birth": "1960-01-01", "gender": "male", "contact": "+91 98221 1"}),
            json!({"allergies": ["penicillin"], "chronic_conditions": ["hypertension"]}));
        let other = w.nurse.post("/api/patients", other).await.expect(201);
        let admit = format!("/api/hospitals/{}/patients/{}/admit", text(&w.hospital["id"]), text(&other["id"]));
        w.nurse.post(&admit, json!({"department": "medicine", "reason": "haemoptysis"})).await.expect(201);
        let leave = admit.replace("/admit", "/discharge");
        w.nurse.post(&leave, json!({"discharge_summary": "tuberculosis excluded"})).await.expect(200);
        let key = json!({"label": "Monitor", "hospital_id": w.hospital["id"]});
        let key = t.admin().await.post("/api/v1/device-keys", key).await.expect(201);
        let ticket = w.nurse.post("/api/emergency/stream/ticket", json!({})).await.expect(201);

        let disk = disk(&t);
        for plain in ["Lata Joshi", "TACHYCARDIA"] {
            assert!(holds(&disk, plain.as_bytes()), "{plain} is nowhere: the wrong files were read");
        }
        // The secret may have underscores of its own; the three before it are the prefix's and the id's.
        let secret = text(&key["key"]).splitn(4, '_').nth(3).expect("a secret").to_owned();
        let token = w.nurse.token.clone().expect("a token");
        for hidden in [
            "palpitations", "lead-off-left-arm", "unresponsive", "137.28125", "Heart Rate detected", "metoprolol",
            "thyrotoxicosis", "carbimazole", "echocardiogram", "ejection", "cardiomyopathy", "convulsing", "greenhouse",
            "spike-and-wave", "lorazepam", "penicillin", "hypertension", "haemoptysis", "tuberculosis",
            "correct-horse-battery", "a-good-password", &secret, text(&ticket["ticket"]), &token,
        ] {
            assert!(!holds(&disk, hidden.as_bytes()), "{hidden} is on the disk");
        }
        assert!(!holds(&disk, &f64::to_le_bytes(odd)) && !holds(&disk, &f64::to_be_bytes(odd)), "the value is on the disk");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_are_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    on(Engine::Sqlite, |t| async move {
        let keys: Vec<_> = std::fs::read_dir(t.settings.keys()).expect("keys").flatten().collect();
        assert_eq!(keys.len(), 2);
        for key in keys {
            let mode = key.metadata().expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", key.path().display());
        }
    })
    .await;
}
