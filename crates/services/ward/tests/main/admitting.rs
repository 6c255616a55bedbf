//! Whom the ward admits, and what a refusal tells.
use serde_json::json;
use testkit::both;

use crate::{another, text, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_guessed_reference_is_nobodys_encounter() {
    both(|t| async move {
        let (here, there) = (t.ward().await, t.ward().await);
        another(&here, json!({"patient_id": "MRN-1"})).await;
        let fine = json!({"doctor_id": there.doctor_id()});
        for name in ["MRN-1", "MRN-2"] {
            // The patient comes first: a wrong doctor must not tell which patients there are.
            for doctor in [there.doctor_id(), "0191d3a0-0000-7000-8000-000000000000"] {
                let body = with(fine.clone(), json!({"patient_id": name, "doctor_id": doctor}));
                let refused = there.nurse.post("/encounters", body).await.expect(404);
                assert_eq!(refused["detail"], "patient not found", "{name}");
            }
        }
        let born = json!({"patient_id": "MRN-3", "name": "Ravi Rao", "date_of_birth": "1970-04-12", "gender": "male",
            "contact": "+91 98221 54322"});
        let own = there.nurse.post("/api/patients", born).await.expect(201);
        let made = there.nurse.post("/encounters", with(fine, json!({"patient_id": "MRN-3"}))).await.expect(201);
        assert_eq!(text(&made["data"]["patient"]["id"]), text(&own["id"]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_has_a_number() {
    both(|t| async move {
        let w = t.ward().await;
        let patient = t.patient(&w.nurse, "Ravi Rao").await;
        let body = json!({"patient_id": patient["id"], "doctor_id": w.doctor_id(), "room_number": "  "});
        w.nurse.post("/encounters", body).await.expect_about(422, "room_number");
    })
    .await;
}
