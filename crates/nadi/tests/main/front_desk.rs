//! A front desk's day, over HTTP alone.
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::text;

/// The ids of the patients that a question finds.
async fn found(desk: &Client, question: &str) -> Vec<String> {
    let page = desk.get(&format!("/api/v1/patients?{question}")).await.expect(200);
    page.as_array().expect("a list").iter().map(|patient| text(&patient["id"]).to_owned()).collect()
}

/// What everybody is told about a record, without the time of asking.
async fn seen(desk: &Client, id: &str) -> Vec<Value> {
    let mut seen = Vec::new();
    for part in ["", "/care-team", "/contact-points"] {
        seen.push(desk.get(&format!("/api/v1/patients/{id}{part}")).await.expect(200));
    }
    seen.push(desk.get(&format!("/api/patients/{id}/family-contacts")).await.expect(200));
    seen
}

fn newcomer(first: &str, last: &str, born: &str, phone: &str) -> Value {
    json!({
        "first_name": first, "last_name": last, "date_of_birth": born, "gender_id": "female",
        "emergency_contact_name": "Ravi Nair", "emergency_contact_phone": "+91 98450 11111",
        "contact_phone": {"phone_number": phone},
        "health_profile": {"height_cm": 162.0, "weight_kg": 58.0, "is_smoker": false},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_front_desk_works_a_day_with_the_directory() {
    both(|t| async move {
        let admin = t.admin().await;
        let hospital = admin
            .post(
                "/api/v1/institutions",
                json!({
                    "name": "Lakeside Hospital", "institution_type_id": "hospital", "license_number": "KA-7781",
                    "contact_email": {"email_address": "desk@lakeside.example", "is_primary": true},
                    "region": "Karnataka", "total_beds": 2, "password": "correct-horse-battery",
                }),
            )
            .await
            .expect(201);
        let desk = t.client().login("desk@lakeside.example", "correct-horse-battery").await;
        desk.get("/api/hospitals/KA-7781").await.expect(200);

        let doctor = admin
            .post(
                "/api/v1/doctors",
                json!({
                    "institution_id": hospital["id"], "first_name": "Meera", "last_name": "Iyer",
                    "medical_license": "KMC-1001", "specialty_id": "cardiology", "years_experience": 12,
                    "consultation_fee": 800.0, "password": "correct-horse-battery",
                    "contact_email": {"email_address": "meera@lakeside.example", "is_primary": true},
                }),
            )
            .await
            .expect(201);
        let meera = t.client().login("meera@lakeside.example", "correct-horse-battery").await;

        // Registered twice: by two clerks, who heard two names.
        let said = newcomer("Lakshmi", "Nair", "1984-03-12", "+91 98450 22222");
        let patient = desk.post("/api/v1/patients", said).await.expect(201);
        let again = newcomer("Laxmi", "Nayar", "1984-12-03", "098450 22222");
        let again = desk.post("/api/v1/patients", again).await.expect(201);
        desk.post("/api/v1/patients", newcomer("Farida", "Khan", "1990-01-05", "98450 33333")).await.expect(201);
        let (id, twin) = (text(&patient["id"]), text(&again["id"]));

        let mut both_records = [id.to_owned(), twin.to_owned()];
        both_records.sort();
        for question in ["sounds_like=Luxmi", "phone=%2B919845022222", "search=la%20na"] {
            let mut answer = found(&desk, question).await;
            answer.sort();
            assert_eq!(answer, both_records, "{question}");
        }

        desk.post(&format!("/api/doctors/{}/patients/{id}", text(&doctor["id"])), json!({})).await.expect(201);
        let mine = meera.get("/api/v1/doctors/me/patients").await.expect(200);
        assert_eq!((&mine["patient_count"], &mine["patients"][0]["id"]), (&json!(1), &json!(id)));

        let ward = format!("/api/hospitals/KA-7781/patients/{id}");
        desk.post(&format!("{ward}/admit"), json!({"department": "cardiology", "reason": "chest pain"}))
            .await
            .expect(201);
        let dashboard = meera.get(&format!("/api/v1/patients/{id}/dashboard")).await.expect(200);
        assert_eq!(dashboard["bmi"], json!(22.1), "58 kg at 1.62 m");
        desk.post(&format!("{ward}/discharge"), json!({})).await.expect(200);

        desk.get(&format!("/api/v1/patients/{id}/medical-record")).await.expect(403);
        for (by, said) in [(&meera, json!({})), (&desk, json!({})), (&desk, json!({"step": "full_access"}))] {
            by.post(&format!("/api/v1/patients/{id}/validation"), said).await.expect(200);
        }
        desk.get(&format!("/api/v1/patients/{id}/medical-record")).await.expect(200);

        // One person, it turns out.
        let suspects = desk.get(&format!("/api/v1/patients/{id}/duplicates")).await.expect(200);
        assert_eq!(suspects["candidates"][0]["patient"]["id"], json!(twin), "{suspects}");
        let before = [seen(&desk, id).await, seen(&desk, twin).await];
        let merge = json!({"absorbed_id": twin, "reason": "one person, two spellings"});
        desk.post(&format!("/api/v1/patients/{id}/merge"), merge.clone()).await.expect(201);
        assert_eq!(found(&desk, "sounds_like=Luxmi").await, [id.to_owned()]);
        assert_eq!(desk.get(&format!("/api/v1/patients/{twin}")).await.expect(200)["merged_into"], json!(id));
        meera.get(&format!("/api/v1/patients/{twin}/medical-record")).await.expect(200);
        desk.post(&format!("/api/v1/patients/{id}/unmerge"), merge).await.expect(200);
        assert_eq!([seen(&desk, id).await, seen(&desk, twin).await], before, "undone");
        meera.get(&format!("/api/v1/patients/{twin}/medical-record")).await.expect(404);
    })
    .await;
}
