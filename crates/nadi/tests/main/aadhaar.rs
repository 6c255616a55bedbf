//! Aadhaar numbers stand and fall with the secrets they were kept under.
use kernel::Clock;
use nadi::Settings;
use serde_json::json;
use testkit::{TestApp, both};

async fn refusal(t: &TestApp, change: impl FnOnce(&mut Settings)) -> Option<String> {
    let mut settings = t.settings.clone();
    change(&mut settings);
    nadi::open(&settings, Clock::system()).await.err().map(|error| format!("{error:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_other_secrets_than_its_numbers_refuses_in_a_sentence() {
    both(|t| async move {
        let secret = || Some("another secret of more than thirty-two characters".into());
        // Before there is a number, each secret is as good as another.
        assert_eq!(refusal(&t, |settings| settings.aadhar_secret_key = secret()).await, None);
        let patient = json!({"aadhar_number": "1234 5678 9012", "full_name": "Rajesh Kumar", "date_of_birth": "1990-05-15",
            "email": "rajesh@example.com", "password": "SecurePassword123"});
        t.client().post("/api/v1/patient/register", patient).await.expect(201);
        for change in [
            |settings: &mut Settings, secret| settings.aadhar_secret_key = secret,
            |settings: &mut Settings, secret| settings.aadhar_encryption_key = secret,
        ] {
            let refused = refusal(&t, |settings| change(settings, secret())).await.expect("must be refused");
            assert!(refused.contains("AADHAR_SECRET_KEY"), "{refused}");
        }
        assert_eq!(refusal(&t, |_| {}).await, None);
    })
    .await;
}
