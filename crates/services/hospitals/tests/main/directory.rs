//! Registering, finding, changing and closing hospitals.
use serde_json::{Value, json};
use testkit::both;

use crate::{admit, at, discharge, text};

fn registration(name: &str, number: &str) -> Value {
    json!({
        "hospital_name": name, "registration_number": number, "hospital_type": "general", "contact": "+91 20 1234 5678",
        "email": format!("{}@hospital.example", number.to_lowercase()), "address": {"city": "Nashik", "street": "1 Ghat Road"},
        "total_beds": 4, "available_beds": 3, "emergency_services": true,
        "specializations": ["Cardiology", "Oncology"], "accreditations": ["NABH"],
    })
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|hospital| text(&hospital["hospital_name"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_is_found_by_id_name_and_registration_number() {
    both(|t| async move {
        let admin = t.admin().await;
        let made = admin.post("/api/hospitals", registration("St. Anna & Söhne / Süd", "REG-7")).await.expect(201);
        assert_eq!((&made["available_beds"], &made["occupied_beds"]), (&json!(3), &json!(0)));
        let somebody = t.nurse(&made).await;
        for name in [text(&made["id"]), "REG-7", "st.%20anna%20%26%20S%C3%96HNE%20%2F%20s%C3%BCd"] {
            let found = somebody.get(&format!("/api/hospitals/{name}")).await.expect(200);
            assert_eq!(found, made, "{name}");
        }
        somebody.get("/api/hospitals/St.%20Anna").await.expect(404);
        t.client().get("/api/hospitals/REG-7").await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_two_hospitals_have_is_a_conflict() {
    both(|t| async move {
        let first = t.hospital("City Hospital", 2).await;
        let second = t.hospital("CITY hospital", 2).await;
        let nurse = t.nurse(&first).await;
        nurse.get("/api/hospitals/City%20Hospital").await.expect(409);
        let found = nurse.get(&format!("/api/hospitals/{}", text(&second["registration_number"]))).await.expect(200);
        assert_eq!(found["id"], second["id"]);
        t.admin().await.delete(&at(&second, "")).await.expect(204);
        nurse.get("/api/hospitals/City%20Hospital").await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_number_is_taken_once() {
    both(|t| async move {
        let admin = t.admin().await;
        admin.post("/api/hospitals", registration("One", "REG-1")).await.expect(201);
        admin.post("/api/hospitals", registration("Two", "REG-1")).await.expect_about(409, "registration_number");
        let two = admin.post("/api/hospitals", registration("Two", "REG-2")).await.expect(201);
        let taken = json!({"registration_number": "REG-1"});
        admin.put(&at(&two, ""), taken).await.expect_about(409, "registration_number");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_hospital_takes_the_place_of_another_by_its_name_or_number() {
    both(|t| async move {
        let admin = t.admin().await;
        let one = admin.post("/api/hospitals", registration("City Hospital", "REG-1")).await.expect(201);
        let two = admin.post("/api/hospitals", registration("Two", "REG-2")).await.expect(201);
        let wrong = [
            ("hospital_name", json!({"hospital_name": "REG-1"})),
            ("registration_number", json!({"registration_number": "CITY hospital"})),
        ];
        for (member, change) in wrong {
            admin.put(&at(&two, ""), change.clone()).await.expect_about(409, member);
            let mut body = registration("Three", "REG-3");
            body[member] = change[member].clone();
            admin.post("/api/hospitals", body).await.expect_about(409, member);
        }
        let desk = t.account("hospital", Some(&two["id"])).await;
        for change in [json!({"hospital_name": "Lake Hospital"}), json!({"registration_number": "REG-4"})] {
            desk.put(&at(&two, ""), change.clone()).await.expect(403);
            admin.put(&at(&two, ""), change).await.expect(200);
        }
        // What is said as it stands is no change.
        let same = json!({"hospital_name": "Lake Hospital", "registration_number": "REG-4", "website": null});
        desk.put(&at(&two, ""), same).await.expect(200);
        assert_eq!(admin.get("/api/hospitals/City%20Hospital").await.expect(200), one);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_monitors_of_a_closed_hospital_sign_in_no_more() {
    both(|t| async move {
        let hospital = t.hospital("One", 2).await;
        let monitor = t.monitor(&hospital).await;
        monitor.get("/auth/me").await.expect(403);
        t.admin().await.delete(&at(&hospital, "")).await.expect(204);
        monitor.get("/auth/me").await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_administrator_registers_a_hospital() {
    both(|t| async move {
        let hospital = t.hospital("One", 2).await;
        let (_, doctor) = t.doctor("Dr. Rao").await;
        for client in [t.nurse(&hospital).await, doctor, t.account("hospital", Some(&hospital["id"])).await] {
            client.post("/api/hospitals", registration("Two", "REG-2")).await.expect(403);
            client.delete(&at(&hospital, "")).await.expect(403);
        }
        t.client().post("/api/hospitals", registration("Two", "REG-2")).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_with_a_password_signs_in_and_keeps_its_own_entry() {
    both(|t| async move {
        let mut body = registration("One", "REG-1");
        body["password"] = json!("front-desk-1");
        let one = t.admin().await.post("/api/hospitals", body.clone()).await.expect(201);
        let two = t.hospital("Two", 2).await;
        let desk = t.client().login("reg-1@hospital.example", "front-desk-1").await;
        let changed =
            desk.put(&at(&one, ""), json!({"website": "https://one.example", "contact": "+91 20 7777 7777"})).await;
        let changed = changed.expect(200);
        assert_eq!((&changed["website"], &changed["version"]), (&json!("https://one.example"), &json!(2)));
        assert_eq!(changed["hospital_name"], "One");
        assert_eq!(desk.put(&at(&one, ""), json!({"website": null})).await.expect(200)["website"], Value::Null);
        desk.put(&at(&two, ""), json!({"hospital_name": "Mine"})).await.expect(403);
        t.nurse(&one).await.put(&at(&one, ""), json!({"hospital_name": "Mine"})).await.expect(403);

        // Another hospital under the same login is not made at all.
        body["registration_number"] = json!("REG-9");
        t.admin().await.post("/api/hospitals", body).await.expect_about(409, "email");
        t.admin().await.get("/api/hospitals/REG-9").await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_named() {
    both(|t| async move {
        let admin = t.admin().await;
        let wrong = [
            ("hospital_name", json!("  ")),
            ("registration_number", json!("x".repeat(101))),
            ("contact", json!("call us")),
            ("email", json!("nobody")),
            ("total_beds", json!(-1)),
            ("total_beds", json!("many")),
            ("available_beds", json!(5)),
            ("address", json!("1 Ghat Road")),
            ("address", json!({"city": "x".repeat(3000)})),
            ("specializations[1]", json!(["Cardiology", ""])),
            ("specializations", json!(vec!["x"; 51])),
            ("password", json!("short")),
        ];
        for (member, value) in wrong {
            let mut body = registration("One", "REG-1");
            body[member.split('[').next().expect("a name")] = value;
            admin.post("/api/hospitals", body).await.expect_about(422, member);
        }
        admin.post("/api/hospitals", json!({})).await.expect(422);
        admin.post_text("/api/hospitals", "application/json", "{").await.expect(400);
        admin.get("/api/hospitals?limit=0").await.expect_about(422, "limit");
        admin.get("/api/hospitals?cursor=nonsense").await.expect_about(422, "cursor");
        admin.get("/api/hospitals?has_beds=perhaps").await.expect_about(422, "has_beds");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hospitals_are_listed_by_what_is_asked() {
    both(|t| async move {
        let admin = t.admin().await;
        for (name, number, beds) in [("Alpha", "R-1", 3), ("Beta 100%", "R-2", 0), ("Gamma", "R-3", 1)] {
            let mut body = registration(name, number);
            body["available_beds"] = json!(beds);
            if name == "Gamma" {
                body["address"] = json!({"city": "Pune"});
                body["specializations"] = json!(["Paediatrics"]);
            }
            admin.post("/api/hospitals", body).await.expect(201);
        }
        let asked = [
            ("city=NASHIK", vec!["Alpha", "Beta 100%"]),
            ("city=", vec!["Alpha", "Beta 100%", "Gamma"]),
            ("specialization=paediatrics", vec!["Gamma"]),
            ("has_beds=true", vec!["Alpha", "Gamma"]),
            ("has_beds=false", vec!["Beta 100%"]),
            ("search=ALP", vec!["Alpha"]),
            ("search=10%25%20be", vec!["Beta 100%"]),
            ("search=lpha", vec![]),
            ("search=_", vec![]),
            ("skip=1&limit=1", vec!["Beta 100%"]),
        ];
        for (query, expected) in asked {
            let found = admin.get(&format!("/api/hospitals?{query}")).await.expect(200);
            assert_eq!(names(&found), expected, "{query}");
        }
        let first = admin.get("/api/hospitals?limit=2&city=").await;
        let next = admin.get(&first.next().expect("a next page")).await;
        assert!(next.next().is_none());
        assert_eq!(names(&next.expect(200)), ["Gamma"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_is_closed_once_everybody_has_left() {
    both(|t| async move {
        let (admin, hospital) = (t.admin().await, t.hospital("One", 2).await);
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        admit(&nurse, &hospital, &patient, json!({})).await.expect(201);
        admin.delete(&at(&hospital, "")).await.expect(409);
        discharge(&nurse, &hospital, &patient).await.expect(200);
        admin.delete(&at(&hospital, "")).await.expect(204);
        admin.delete(&at(&hospital, "")).await.expect(404);
        nurse.get(&at(&hospital, "")).await.expect(401);
        let (_, doctor) = t.doctor("Dr. Rao").await;
        doctor.get(&at(&hospital, "")).await.expect(404);
        assert_eq!(admin.get(&at(&hospital, "")).await.expect(200)["is_active"], false);
        assert_eq!(names(&admin.get("/api/hospitals").await.expect(200)), [""; 0]);
    })
    .await;
}
