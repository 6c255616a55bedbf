//! What lies on the disk.
use serde_json::json;
use testkit::{Engine, on};

use crate::{PATH, visit, with};

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_does_not_tell_what_a_visit_is_for() {
    on(Engine::Sqlite, |t| async move {
        let w = t.ward().await;
        let words =
            json!({"title": "palpitations", "notes": "amlodipine", "location": "chemotherapy ward", "doctor_name": "Dr. Sen"});
        w.nurse.post(PATH, with(visit(&t, &w, 60), words)).await.expect(201);
        let files = std::fs::read_dir(&t.settings.data).expect("a data directory").flatten().map(|file| file.path());
        let disk: Vec<u8> = files.filter_map(|file| std::fs::read(file).ok()).flatten().collect();
        let holds = |text: &str| disk.windows(text.len()).any(|bytes| bytes == text.as_bytes());
        assert!(holds("Lata Joshi"), "the database was not read");
        for secret in ["palpitations", "amlodipine", "chemotherapy ward", "Dr. Sen"] {
            assert!(!holds(secret), "{secret} is on the disk");
        }
    })
    .await;
}
