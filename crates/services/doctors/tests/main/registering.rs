//! Doctors registered at an institution: entry, affiliation and login together or not at all.
use serde_json::{Value, json};
use testkit::{TestApp, both};

use crate::{newcomer, text, v1, with};

/// How many doctors, and how many accounts of doctors, there are.
async fn counts(t: &TestApp) -> (usize, usize) {
    let admin = t.admin().await;
    let length = |list: Value| list.as_array().expect("a list").len();
    let doctors = admin.get("/api/v1/doctors").await.expect(200);
    (length(doctors), length(admin.get("/users?user_type=doctor").await.expect(200)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_is_registered_with_a_place_and_a_login() {
    both(|t| async move {
        let (admin, clinic) = (t.admin().await, t.hospital("One", 1).await);
        let more = json!({"specialty_id": "cardiology", "qualification": ["MD"], "gender": "female",
            "contact_phone": {"phone_number": "+91 98220 12345"}});
        let made = admin.post("/api/v1/doctors", with(newcomer(&clinic, "L-1"), &more)).await;
        assert_eq!(made.header("etag"), Some("\"1\""));
        let made = made.expect(201);
        assert_eq!(
            (&made["first_name"], &made["last_name"], &made["name"]),
            (&json!("Asha"), &json!("Rao"), &json!("Asha Rao"))
        );
        assert_eq!((&made["institution_id"], &made["medical_license"]), (&clinic["id"], &json!("L-1")));
        assert_eq!((&made["specialty"], made["specialty_id"].is_string()), (&json!("Cardiology"), true));
        assert_eq!((&made["years_experience"], &made["consultation_fee"]), (&json!(12), &json!(500.5)));
        assert_eq!(made["contact_email"], json!({"email_address": "l-1@doctors.example", "is_primary": true}));
        assert_eq!(made["contact_phone"]["phone_number"], "+91 98220 12345");
        assert_eq!((&made["professional_status"], &made["license_status"]), (&json!("active"), &json!("pending")));
        let doctor = t.client().login("l-1@doctors.example", "a-good-password").await;
        let places = doctor.get(&format!("/api/doctors/{}/hospitals", text(&made["id"]))).await.expect(200);
        assert_eq!((&places[0]["hospital_id"], places.as_array().map(Vec::len)), (&clinic["id"], Some(1)));
        // The same entry on the other surface.
        let entry = doctor.get(&format!("/api/doctors/{}", text(&made["id"]))).await.expect(200);
        assert_eq!((&entry["name"], &entry["license_number"]), (&made["name"], &json!("L-1")));
        assert_eq!((&entry["specializations"], &entry["version"]), (&json!(["Cardiology"]), &json!(1)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn little_is_needed_and_the_institution_is_named_in_any_way() {
    both(|t| async move {
        let (admin, clinic) = (t.admin().await, t.hospital("Lake Clinic", 1).await);
        let names = [clinic["id"].clone(), clinic["registration_number"].clone(), json!("lake clinic")];
        for (n, name) in names.into_iter().enumerate() {
            let mut said = with(newcomer(&clinic, &format!("L-{n}")), &json!({"institution_id": name}));
            for member in ["years_experience", "consultation_fee"] {
                said.as_object_mut().expect("an object").remove(member);
            }
            let made = admin.post("/api/v1/doctors", said).await.expect(201);
            assert_eq!((&made["institution_id"], &made["years_experience"]), (&clinic["id"], &json!(0)));
            assert_eq!((&made["contact_phone"], &made["consultation_fee"]), (&Value::Null, &Value::Null));
            assert_eq!((&made["gender"], &made["specialty"]), (&json!("prefer_not_to_say"), &Value::Null));
            let entry = admin.get(&format!("/api/doctors/{}", text(&made["id"]))).await.expect(200);
            assert_eq!(entry["contact"], Value::Null);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_institution_of_any_type_employs_doctors() {
    both(|t| async move {
        let admin = t.admin().await;
        let clinic = json!({"name": "Eye Clinic", "institution_type_id": "clinic", "license_number": "C-1",
            "contact_email": {"email_address": "desk@eye.example"}, "address": {"city": "Nagpur"}, "region": "Vidarbha"});
        let clinic = admin.post("/api/v1/institutions", clinic).await.expect(201);
        let made = admin.post("/api/v1/doctors", newcomer(&clinic, "L-1")).await.expect(201);
        let doctor = t.client().login("l-1@doctors.example", "a-good-password").await;
        let own = doctor.get("/api/v1/doctors/me/institution").await.expect(200);
        assert_eq!((&own["name"], &own["institution_type"]), (&json!("Eye Clinic"), &json!("clinic")));
        t.hospital("One", 1).await;
        for (query, found) in [
            ("institution=C-1", true),
            ("city=nagpur", true),
            ("region=VIDARBHA&search=asha", true),
            ("city=Nagpur&region=Vidarbha&institution=eye%20clinic", true),
            ("city=Pune", false),
            ("region=Vidarbha&institution=one", false),
        ] {
            let list = doctor.get(&format!("/api/v1/doctors?{query}")).await.expect(200);
            assert_eq!(list, if found { json!([made]) } else { json!([]) }, "{query}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_named_and_leaves_nothing() {
    both(|t| async move {
        let (admin, clinic, closed) = (t.admin().await, t.hospital("One", 1).await, t.hospital("Two", 1).await);
        admin.delete(&format!("/api/hospitals/{}", text(&closed["id"]))).await.expect(204);
        let wrong = [
            ("institution_id", json!("nowhere")),
            ("institution_id", closed["id"].clone()),
            ("institution_id", json!(" ")),
            ("first_name", json!("")),
            ("last_name", json!(" ")),
            ("medical_license", json!("")),
            ("specialty_id", json!("phrenology")),
            ("specialty_id", json!("0191d3a0-0000-7000-8000-000000000000")),
            ("years_experience", json!(71)),
            ("years_experience", json!(-1)),
            ("consultation_fee", json!(-1)),
            ("consultation_fee", json!(10.005)),
            ("gender", json!("unknown")),
            ("password", json!("short")),
        ];
        for (member, value) in wrong {
            let said = with(newcomer(&clinic, "L-1"), &json!({member: value}));
            admin.post("/api/v1/doctors", said).await.expect_about(422, member);
        }
        let said = with(newcomer(&clinic, "L-1"), &json!({"contact_email": {"email_address": "nobody"}}));
        admin.post("/api/v1/doctors", said).await.expect_about(422, "contact_email.email_address");
        for member in ["institution_id", "first_name", "last_name", "medical_license", "contact_email", "password"] {
            let mut said = newcomer(&clinic, "L-1");
            said.as_object_mut().expect("an object").remove(member);
            admin.post("/api/v1/doctors", said).await.expect(422);
        }
        assert_eq!(counts(&t).await, (0, 0));
        t.hospital("one", 1).await;
        let said = with(newcomer(&clinic, "L-1"), &json!({"institution_id": "One"}));
        admin.post("/api/v1/doctors", said).await.expect_about(409, "institution_id");
        assert_eq!(counts(&t).await, (0, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_address_or_licence_leaves_no_half_of_a_doctor() {
    both(|t| async move {
        let (admin, clinic) = (t.admin().await, t.hospital("One", 1).await);
        admin.post("/api/v1/doctors", newcomer(&clinic, "L-1")).await.expect(201);
        let email = |address: &str| json!({"contact_email": {"email_address": address}});
        let taken = with(newcomer(&clinic, "L-1"), &email("new@doctors.example"));
        let refused = admin.post("/api/v1/doctors", taken).await.expect_about(409, "medical_license");
        assert_eq!(refused["detail"], "another doctor has this medical_license");
        let taken = with(newcomer(&clinic, "L-2"), &email("L-1@Doctors.Example"));
        admin.post("/api/v1/doctors", taken).await.expect_about(409, "contact_email.email_address");
        // The address of an account that is no doctor's.
        let account = json!({"email": "nurse@people.example", "password": "a-good-password", "user_type": "nurse",
            "reference_id": clinic["id"]});
        admin.post("/users/create", account).await.expect(201);
        let taken = with(newcomer(&clinic, "L-2"), &email("nurse@people.example"));
        admin.post("/api/v1/doctors", taken).await.expect_about(409, "contact_email.email_address");
        assert_eq!(counts(&t).await, (1, 1));
        let staff = admin.get(&format!("/api/hospitals/{}/doctors", text(&clinic["id"]))).await.expect(200);
        assert_eq!(staff.as_array().map(Vec::len), Some(1));
        admin.post("/api/v1/doctors", newcomer(&clinic, "L-2")).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_would_be_and_keeps_nothing() {
    both(|t| async move {
        let (admin, clinic) = (t.admin().await, t.hospital("One", 1).await);
        let shown = admin.post("/api/v1/doctors?dry_run=true", newcomer(&clinic, "L-1")).await.expect(200);
        assert_eq!(shown["name"], "Asha Rao");
        admin.get(&v1(&shown, "")).await.expect(404);
        assert_eq!(counts(&t).await, (0, 0));
        admin.post("/api/v1/doctors", newcomer(&clinic, "L-1")).await.expect(201);
        admin.post("/api/v1/doctors?dry_run=true", newcomer(&clinic, "L-1")).await.expect(409);
        admin.post("/api/v1/doctors?dry_run=perhaps", newcomer(&clinic, "L-2")).await.expect_about(422, "dry_run");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_institution_registers_its_own_doctors_and_nobody_elses() {
    both(|t| async move {
        let (one, two) = (t.hospital("One", 1).await, t.hospital("Two", 1).await);
        let desk = t.account("hospital", Some(&one["id"])).await;
        desk.post("/api/v1/doctors", newcomer(&one, "L-1")).await.expect(201);
        desk.post("/api/v1/doctors", newcomer(&two, "L-2")).await.expect(403);
        let (_, doctor) = t.doctor("Dr. Sen").await;
        for client in [&t.nurse(&one).await, &doctor] {
            client.post("/api/v1/doctors", newcomer(&one, "L-2")).await.expect(403);
        }
        t.client().post("/api/v1/doctors", newcomer(&one, "L-2")).await.expect(401);
        assert_eq!(counts(&t).await, (2, 2));
    })
    .await;
}
