//! Registering, finding and changing doctors.
use serde_json::{Value, json};
use testkit::both;

use crate::{at, registration, text, with};

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|doctor| text(&doctor["name"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_is_found_by_id_and_by_reference() {
    both(|t| async move {
        let admin = t.admin().await;
        let named = with(registration("Asha Rao", "L-1"), &json!({"doctor_id": "STAFF 7/a", "age": 44}));
        let named = admin.post("/api/doctors", named).await.expect(201);
        assert_eq!((&named["doctor_id"], &named["age"]), (&json!("STAFF 7/a"), &json!(44)));
        assert_eq!((&named["is_available"], &named["experience"]), (&json!(true), &json!(0)));
        let plain = admin.post("/api/doctors", registration("Ravi Sen", "L-2")).await.expect(201);
        assert_eq!(plain["doctor_id"], plain["id"]);
        let hospital = t.hospital("One", 1).await;
        let nurse = t.nurse(&hospital).await;
        assert_eq!(nurse.get("/api/doctors/STAFF%207%2Fa").await.expect(200), named);
        assert_eq!(nurse.get(&at(&named, "")).await.expect(200), named);
        nurse.get("/api/doctors/staff").await.expect(404);
        t.client().get(&at(&named, "")).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_doctor_has_is_named() {
    both(|t| async move {
        let admin = t.admin().await;
        let first = with(registration("Asha Rao", "L-1"), &json!({"doctor_id": "D-1"}));
        admin.post("/api/doctors", first.clone()).await.expect(201);
        let second = with(registration("Ravi Sen", "L-2"), &json!({"doctor_id": "D-2"}));
        for (member, value) in [("license_number", "L-1"), ("email", "L-1@Doctors.example"), ("doctor_id", "D-1")] {
            let taken = with(second.clone(), &json!({member: value}));
            admin.post("/api/doctors", taken).await.expect_about(409, member);
        }
        let second = admin.post("/api/doctors", second).await.expect(201);
        admin.put(&at(&second, ""), json!({"license_number": "L-1"})).await.expect_about(409, "license_number");
        admin.put(&at(&second, ""), json!({"email": "l-1@doctors.example"})).await.expect_about(409, "email");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_and_the_login_are_made_together_or_not_at_all() {
    both(|t| async move {
        let admin = t.admin().await;
        let body = with(registration("Asha Rao", "L-1"), &json!({"password": "a-good-password"}));
        let made = admin.post("/api/doctors", body.clone()).await.expect(201);
        let doctor = t.client().login("l-1@doctors.example", "a-good-password").await;
        let changed = doctor.put(&at(&made, ""), json!({"name": "Asha Rao-Sen"})).await.expect(200);
        assert_eq!((&changed["name"], &changed["version"]), (&json!("Asha Rao-Sen"), &json!(2)));
        // The address is an administrator's login already.
        let taken = with(
            registration("Ravi Sen", "L-2"),
            &json!({"email": "admin@example.org", "password": "a-good-password"}),
        );
        admin.post("/api/doctors", taken).await.expect_about(409, "email");
        assert_eq!(names(&admin.get("/api/doctors").await.expect(200)), ["Asha Rao-Sen"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_and_hospitals_register_doctors() {
    both(|t| async move {
        let hospital = t.hospital("One", 1).await;
        let (record, doctor) = t.doctor("Dr. Rao").await;
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let oneself = t.account("patient", Some(&patient["id"])).await;
        for client in [&doctor, &nurse, &oneself] {
            client.post("/api/doctors", registration("Ravi Sen", "L-2")).await.expect(403);
        }
        let desk = t.account("hospital", Some(&hospital["id"])).await;
        desk.post("/api/doctors", registration("Ravi Sen", "L-2")).await.expect(201);
        for client in [&desk, &nurse, &oneself] {
            client.put(&at(&record, ""), json!({"name": "Other"})).await.expect(403);
            client.patch(&at(&record, "/availability"), json!({"is_available": false})).await.expect(403);
            client.delete(&at(&record, "")).await.expect(403);
            client.get(&at(&record, "")).await.expect(200);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_says_when_he_is_available() {
    both(|t| async move {
        let (record, doctor) = t.doctor("Dr. Rao").await;
        let (other, _) = t.doctor("Dr. Sen").await;
        let path = at(&record, "/availability");
        let bare = doctor.request("PATCH".parse().expect("a method"), &format!("{path}?is_available=false"));
        assert_eq!(bare.send().await.expect("an answer").status(), 200);
        let admin = t.admin().await;
        assert_eq!(names(&admin.get("/api/doctors?available=false").await.expect(200)), ["Dr. Rao"]);
        let changed = admin.patch(&path, json!({"is_available": true})).await.expect(200);
        assert_eq!(changed["is_available"], true);
        doctor.patch(&path, json!({})).await.expect_about(422, "is_available");
        doctor.patch(&format!("{path}?is_available=maybe"), json!({})).await.expect_about(422, "is_available");
        doctor.patch(&at(&other, "/availability"), json!({"is_available": false})).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctors_are_listed_by_what_is_asked() {
    both(|t| async move {
        let admin = t.admin().await;
        for (name, license, words) in [
            ("Asha Rao", "L-1", json!(["Cardiology", "cardiology", "Surgery"])),
            ("Ravi Sen", "L-2", json!(["Oncology"])),
            ("Tara Rao", "L-3", json!(["Surgery"])),
        ] {
            let body = with(registration(name, license), &json!({"specializations": words}));
            admin.post("/api/doctors", body).await.expect(201);
        }
        let asked = [
            ("specialization=SURGERY", vec!["Asha Rao", "Tara Rao"]),
            ("specialization=surg", vec![]),
            ("search=rao", vec!["Asha Rao", "Tara Rao"]),
            ("search=%25", vec![]),
            ("available=true&specialization=oncology", vec!["Ravi Sen"]),
            ("available=false", vec![]),
            ("skip=1&limit=1", vec!["Ravi Sen"]),
        ];
        for (query, expected) in asked {
            let found = admin.get(&format!("/api/doctors?{query}")).await.expect(200);
            assert_eq!(names(&found), expected, "{query}");
        }
        let first = admin.get("/api/doctors?limit=2&search=ra").await;
        let next = admin.get(&first.next().expect("a next page")).await;
        assert_eq!(names(&next.expect(200)), ["Tara Rao"]);
        let first = admin.get("/api/doctors?search=tara").await.expect(200);
        admin.put(&at(&first[0], ""), json!({"specializations": ["Oncology"]})).await.expect(200);
        assert_eq!(names(&admin.get("/api/doctors?specialization=surgery").await.expect(200)), ["Asha Rao"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_named() {
    both(|t| async move {
        let admin = t.admin().await;
        let wrong = [
            ("doctor_id", json!(" D-1")),
            ("doctor_id", json!("")),
            ("name", json!("")),
            ("age", json!(4)),
            ("age", json!(44.5)),
            ("gender", json!("unknown")),
            ("contact", json!("call me")),
            ("email", json!("a b@c")),
            ("license_number", json!(" ")),
            ("specializations", json!("Surgery")),
            ("specializations[0]", json!(["x".repeat(101)])),
            ("qualification", json!(vec!["MD"; 51])),
            ("experience", json!(-1)),
            ("password", json!("short")),
        ];
        for (member, value) in wrong {
            let body =
                with(registration("Asha Rao", "L-1"), &json!({member.split('[').next().expect("a name"): value}));
            admin.post("/api/doctors", body).await.expect_about(422, member);
        }
        admin.post("/api/doctors", json!({"name": "Asha Rao"})).await.expect(422);
        admin.get("/api/doctors?available=perhaps").await.expect_about(422, "available");
        assert_eq!(names(&admin.get("/api/doctors").await.expect(200)), [""; 0]);
    })
    .await;
}
