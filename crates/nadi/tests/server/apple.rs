//! `nadi import apple-health`: an exported file is brought in once, however often it is sent.
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use testkit::Client;

use crate::command_line::{ADMIN, Server, nadi, said, serve};

const PASSWORD: &str = "a-good-password";

/// An export with a heart rate a minute, so many of them, and a workout.
fn export(many: usize) -> String {
    let record = |n: usize| {
        let at = format!("2026-01-{:02} {:02}:{:02}:00 +0530", 1 + n / 1440, n / 60 % 24, n % 60);
        format!(
            "<Record type=\"HKQuantityTypeIdentifierHeartRate\" sourceName=\"Watch\" unit=\"count/min\" startDate=\"{at}\" endDate=\"{at}\" value=\"{}\"/>\n",
            60 + n % 40
        )
    };
    let records: String = (0..many).map(record).collect();
    format!(
        "<?xml version=\"1.0\"?>\n<HealthData locale=\"en_IN\">\n{records}<Workout workoutActivityType=\"HKWorkoutActivityTypeRunning\" duration=\"30\" \
         durationUnit=\"min\" sourceName=\"Watch\" startDate=\"2026-01-01 08:00:00 +0530\" endDate=\"2026-01-01 08:30:00 +0530\"/>\n</HealthData>\n"
    )
}

fn zipped(text: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("apple_health_export/export.xml", zip::write::SimpleFileOptions::default()).expect("a file");
    archive.write_all(text.as_bytes()).expect("packed");
    archive.finish().expect("a ZIP").into_inner()
}

/// A server, and a patient who signed in and agreed.
async fn patient(server: &Server) -> Client {
    let admin = Client::new(&server.base).login(ADMIN[0].1, ADMIN[1].1).await;
    let who =
        json!({"name": "Lata Joshi", "date_of_birth": "1970-04-12", "gender": "female", "contact": "+91 98221 54321"});
    let patient = admin.post("/api/patients", who).await.expect(201);
    let account = json!({"email": "lata@people.example", "password": PASSWORD, "user_type": "patient",
        "reference_id": patient["id"]});
    admin.post("/users/create", account).await.expect(201);
    let lata = Client::new(&server.base).login("lata@people.example", PASSWORD).await;
    let agreed = json!({"patient_id": patient["id"], "purpose": "To keep what my watch knows"});
    lata.post("/api/wearables/consent", agreed).await.expect(201);
    lata
}

async fn import(home: &Path, base: &str, file: &Path) -> (Option<i32>, String) {
    let file = file.display().to_string();
    let mut command: Command =
        nadi(home, &["import", "apple-health", &file, "--url", base, "--login", "lata@people.example"]);
    command.env("NADI_PASSWORD", PASSWORD);
    let output: Output = tokio::task::spawn_blocking(move || command.output()).await.expect("an end").expect("it runs");
    (output.status.code(), said(&output))
}

async fn points(lata: &Client) -> u64 {
    let coverage =
        "/api/v1/wearables/data/coverage?metric_type=heart_rate&from=2025-12-01T00:00:00Z&to=2026-03-01T00:00:00Z";
    let found: Value = lata.get(coverage).await.expect(200);
    found["metrics"][0]["points"].as_u64().expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_brought_in_once_packed_or_not() {
    let home = tempfile::tempdir().expect("a folder");
    let server = serve(home.path(), &[]);
    let lata = patient(&server).await;
    let text = export(5_000);
    let (plain, packed, cut) =
        (home.path().join("export.xml"), home.path().join("export.zip"), home.path().join("cut.xml"));
    std::fs::write(&cut, &text[..text.len() / 2]).expect("a file");
    std::fs::write(&plain, &text).expect("a file");
    std::fs::write(&packed, zipped(&text)).expect("a file");
    let (code, told) = import(home.path(), &server.base, &cut).await;
    assert_eq!(code, Some(2), "{told}");
    for file in [&plain, &packed] {
        let (code, told) = import(home.path(), &server.base, file).await;
        assert!(code == Some(0) && told.contains("5001 samples are kept, 0 did not fit"), "{told}");
        assert_eq!(points(&lata).await, 5_000);
    }
    let (code, told) = import(home.path(), &server.base, &home.path().join("nowhere.xml")).await;
    assert_eq!(code, Some(2), "{told}");
}
