//! A hospital's day in figures.
use serde_json::json;
use testkit::{both, vitals};

use crate::{NUMBERS, done, registered, text, with};

const PATH: &str = "/api/v1/hospital/dashboard";

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_sees_its_day_in_figures() {
    both(|t| async move {
        let ward = t.ward().await;
        let desk = t.account("hospital", Some(&ward.hospital["id"])).await;
        let (_, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        own.post("/api/v1/patient/link-facility", json!({"facility_id": ward.hospital["id"]})).await.expect(201);
        let shown = desk.get(PATH).await.expect(200);
        let figures =
            ["total_beds", "available_beds", "occupied_beds", "admitted_patients", "linked_patients", "open_alerts"];
        assert_eq!(figures.map(|figure| shown[figure].as_i64()), [10, 9, 1, 1, 1, 0].map(Some));
        assert_eq!((&shown["hospital_id"], &shown["occupancy_rate"]), (&ward.hospital["id"], &json!(10.0)));
        let racing = with(vitals(ward.patient_id()), json!({"hr_bpm": 150}));
        ward.nurse.post("/vitals", racing).await.expect(201);
        own.delete(&format!("/api/v1/patient/facilities/{}", text(&ward.hospital["id"]))).await.expect(204);
        let shown = desk.get(PATH).await.expect(200);
        assert_eq!((&shown["open_alerts"], &shown["linked_patients"]), (&json!(1), &json!(0)));
        // Another hospital's alerts are not counted here.
        let other = t.ward().await;
        let other = t.account("hospital", Some(&other.hospital["id"])).await;
        assert_eq!(other.get(PATH).await.expect(200)["open_alerts"], 0);
        assert_eq!(done(&t, "read dashboard").await, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dashboard_is_the_hospitals_own() {
    both(|t| async move {
        let (ward, other) = (t.ward().await, t.hospital("Sahyadri", 4).await);
        let desk = t.account("hospital", Some(&ward.hospital["id"])).await;
        let asked = |id: &serde_json::Value| format!("{PATH}?hospital_id={}", text(id));
        desk.get(&asked(&ward.hospital["id"])).await.expect(200);
        desk.get(&asked(&other["id"])).await.expect(403);
        let admin = t.admin().await;
        assert_eq!(admin.get(&asked(&other["id"])).await.expect(200)["hospital_name"], "Sahyadri");
        admin.get(PATH).await.expect_about(422, "hospital_id");
        admin.get(&format!("{PATH}?hospital_id=0191d3a0-0000-7000-8000-000000000000")).await.expect(404);
        let (_, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        for client in [&ward.nurse, &ward.doctor, &own] {
            client.get(PATH).await.expect(403);
        }
        t.client().get(PATH).await.expect(401);
    })
    .await;
}
