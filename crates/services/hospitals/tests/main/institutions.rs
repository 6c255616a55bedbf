//! Institutions of every type: registered with their login, listed, and the same rows as the hospitals.
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::{admit, at, discharge, text};

/// Where an institution, or something of one, is found.
pub fn institution_at(institution: &Value, rest: &str) -> String {
    format!("/api/v1/institutions/{}{rest}", text(&institution["id"]))
}

pub fn institution(name: &str, license: &str, kind: &str) -> Value {
    json!({
        "name": name, "institution_type_id": kind, "license_number": license, "region": "Maharashtra",
        "contact_email": {"email_address": format!("{}@institution.example", license.to_lowercase()), "is_primary": true},
        "contact_phone": {"phone_number": "+91 20 2345 6789"}, "address": {"city": "Nashik"}, "website": "https://one.example",
    })
}

/// Registers an institution.
pub async fn registered(admin: &Client, name: &str, license: &str, kind: &str) -> Value {
    admin.post("/api/v1/institutions", institution(name, license, kind)).await.expect(201)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_institution_of_type_hospital_is_the_hospital() {
    both(|t| async move {
        let admin = t.admin().await;
        let mut body = institution("Lake Hospital", "LIC-1", "hospital");
        body["total_beds"] = json!(2);
        let made = admin.post("/api/v1/institutions", body).await.expect(201);
        assert_eq!((&made["institution_type"], &made["verification_status"]), (&json!("hospital"), &json!("pending")));
        let hospital = admin.get("/api/hospitals/LIC-1").await.expect(200);
        assert_eq!(hospital["id"], made["id"]);
        assert_eq!((&hospital["hospital_name"], &hospital["available_beds"]), (&json!("Lake Hospital"), &json!(2)));
        // Admitted to on the one surface, seen on the other.
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        admit(&nurse, &hospital, &patient, json!({})).await.expect(201);
        let seen = nurse.get(&institution_at(&made, "")).await.expect(200);
        assert_eq!((&seen["occupied_beds"], &seen["available_beds"]), (&json!(1), &json!(1)));
        admin.delete(&institution_at(&made, "")).await.expect(409);
        let clinic = json!({"institution_type_id": "clinic"});
        admin.put(&institution_at(&made, ""), clinic).await.expect_about(409, "institution_type_id");
        discharge(&nurse, &hospital, &patient).await.expect(200);
        // Changed on the one surface, seen on the other.
        admin.put(&at(&hospital, ""), json!({"contact": "+91 20 7777 7777"})).await.expect(200);
        let seen = admin.get(&institution_at(&made, "")).await.expect(200);
        assert_eq!(seen["contact_phone"]["phone_number"], "+91 20 7777 7777");
        // And the other way round.
        let older = t.hospital("Old Hospital", 3).await;
        let shown = admin.get(&institution_at(&older, "")).await.expect(200);
        assert_eq!((&shown["name"], &shown["institution_type"]), (&json!("Old Hospital"), &json!("hospital")));
        admin.delete(&institution_at(&made, "")).await.expect(204);
        nurse.get(&at(&hospital, "")).await.expect(401);
        assert_eq!(admin.get(&institution_at(&made, "")).await.expect(200)["status"], "inactive");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clinic_is_no_hospital() {
    both(|t| async move {
        let admin = t.admin().await;
        let mut body = institution("City Clinic", "LIC-1", "clinic");
        body["total_beds"] = json!(5);
        let clinic = admin.post("/api/v1/institutions", body).await.expect(201);
        let hospital = t.hospital("City Clinic", 1).await;
        for name in [text(&clinic["id"]), "LIC-1"] {
            admin.get(&format!("/api/hospitals/{name}")).await.expect(404);
            admin.put(&format!("/api/hospitals/{name}"), json!({})).await.expect(404);
            admin.get(&format!("/api/v1/institutions/{name}")).await.expect(200);
        }
        // The name says enough among hospitals, and too little among institutions.
        assert_eq!(admin.get("/api/hospitals/city%20clinic").await.expect(200)["id"], hospital["id"]);
        admin.get("/api/v1/institutions/city%20clinic").await.expect(409);
        let listed = admin.get("/api/hospitals").await.expect(200);
        assert_eq!(listed.as_array().expect("a list").len(), 1);
        // Its nurse admits nobody, whatever beds it has.
        let nurse = t.nurse(&clinic).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let (doctor, _) = t.doctor("Dr. Rao").await;
        let encounter = json!({"patient_id": patient["id"], "doctor_id": doctor["id"]});
        nurse.post("/encounters", encounter).await.expect(409);
        assert_eq!(admin.get(&institution_at(&clinic, "")).await.expect(200)["occupied_beds"], 0);
        // Once it is a hospital, it is seen on both.
        admin.put(&institution_at(&clinic, ""), json!({"institution_type_id": "hospital"})).await.expect(200);
        assert_eq!(admin.get("/api/hospitals/LIC-1").await.expect(200)["hospital_type"], "hospital");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_institution_and_its_login_are_made_together_or_not_at_all() {
    both(|t| async move {
        let admin = t.admin().await;
        let mut body = institution("Lake Laboratory", "LIC-1", "laboratory");
        body["password"] = json!("a-good-password");
        let made = admin.post("/api/v1/institutions", body.clone()).await.expect(201);
        let own = t.client().login("lic-1@institution.example", "a-good-password").await;
        own.put(&institution_at(&made, ""), json!({"website": null})).await.expect(200);

        // The licence, the institution's address, and the address of somebody's account.
        let mut other = institution("Another", "LIC-1", "laboratory");
        other["contact_email"]["email_address"] = json!("another@institution.example");
        admin.post("/api/v1/institutions", other).await.expect_about(409, "license_number");
        let mut other = institution("Another", "LIC-2", "laboratory");
        other["contact_email"]["email_address"] = json!("LIC-1@institution.example");
        admin.post("/api/v1/institutions", other).await.expect_about(409, "contact_email.email_address");
        let account =
            json!({"email": "somebody@people.example", "password": "a-good-password", "user_type": "responder"});
        admin.post("/users/create", account).await.expect(201);
        let mut other = institution("Another", "LIC-2", "laboratory");
        other["password"] = json!("a-good-password");
        other["contact_email"]["email_address"] = json!("Somebody@People.example");
        admin.post("/api/v1/institutions", other).await.expect_about(409, "contact_email.email_address");
        admin.get("/api/v1/institutions/LIC-2").await.expect(404);
        let listed = admin.get("/api/v1/institutions?search=another").await.expect(200);
        assert_eq!(listed, json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_clerks_who_register_one_licence_at_once_one_does() {
    both(|t| async move {
        let admin = t.admin().await;
        let [one, two] = ["one@institution.example", "two@institution.example"].map(|email| {
            let mut body = institution("Lake Clinic", "LIC-1", "clinic");
            body["contact_email"]["email_address"] = json!(email);
            body
        });
        let (one, two) = tokio::join!(admin.post("/api/v1/institutions", one), admin.post("/api/v1/institutions", two));
        let (made, refused) = if one.status == 201 { (one, two) } else { (two, one) };
        made.expect(201);
        refused.expect_about(409, "license_number");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_an_institution_is_named() {
    both(|t| async move {
        let admin = t.admin().await;
        let wrong = [
            ("name", json!(" "), "name"),
            ("institution_type_id", json!("spaceship"), "institution_type_id"),
            ("institution_type_id", json!(7), "institution_type_id"),
            ("license_number", json!(""), "license_number"),
            ("contact_email", json!({"email_address": "nobody"}), "contact_email.email_address"),
            ("contact_email", json!({"is_primary": true}), "contact_email.email_address"),
            ("contact_phone", json!({"phone_number": "call us"}), "contact_phone.phone_number"),
            ("contact_phone", json!(5), "contact_phone"),
            ("address", json!("1 Ghat Road"), "address"),
            ("region", json!(" "), "region"),
            ("total_beds", json!(-1), "total_beds"),
            ("password", json!("short"), "password"),
        ];
        for (member, value, about) in wrong {
            let mut body = institution("One", "LIC-1", "clinic");
            body[member] = value;
            admin.post("/api/v1/institutions", body).await.expect_about(422, about);
        }
        let mut body = institution("One", "LIC-1", "spaceship");
        let problem = admin.post("/api/v1/institutions", body.clone()).await.expect(422);
        let detail = text(&problem["detail"]);
        assert!(["clinic", "insurer", "diagnostic_center"].iter().all(|word| detail.contains(word)), "{detail}");
        admin.get("/api/v1/institutions?institution_type=spaceship").await.expect_about(422, "institution_type");
        admin.get("/api/v1/institutions/LIC-1").await.expect(404);
        // A type is named by its id as well.
        let types = admin.get("/api/v1/institution-types").await.expect(200);
        let pharmacy = types.as_array().expect("a list").iter().find(|line| line["institution_type"] == "pharmacy");
        body["institution_type_id"] = pharmacy.expect("a pharmacy")["id"].clone();
        let made = admin.post("/api/v1/institutions", body.clone()).await.expect(201);
        assert_eq!(
            (&made["institution_type"], &made["institution_type_id"]),
            (&json!("pharmacy"), &body["institution_type_id"])
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_institution_keeps_its_own_entry_and_no_other() {
    both(|t| async move {
        let admin = t.admin().await;
        let one = registered(&admin, "One", "LIC-1", "clinic").await;
        let two = registered(&admin, "Two", "LIC-2", "clinic").await;
        let desk = t.account("institution", Some(&one["id"])).await;
        let (_, doctor) = t.doctor("Dr. Rao").await;
        desk.put(&institution_at(&one, ""), json!({"region": "Goa"})).await.expect(200);
        desk.put(&institution_at(&two, ""), json!({"region": "Goa"})).await.expect(403);
        for who in [&desk, &doctor, &t.nurse(&one).await] {
            who.post("/api/v1/institutions", institution("Three", "LIC-3", "clinic")).await.expect(403);
            who.delete(&institution_at(&one, "")).await.expect(403);
            who.post(&institution_at(&one, "/verification"), json!({"status": "verified"})).await.expect(403);
            who.get("/api/v1/institutions?status=inactive").await.expect(403);
            who.get(&institution_at(&two, "")).await.expect(200);
        }
        doctor.put(&institution_at(&one, ""), json!({})).await.expect(403);
        // What others know it by, an administrator changes.
        for change in
            [json!({"name": "Two"}), json!({"license_number": "LIC-9"}), json!({"institution_type_id": "insurer"})]
        {
            desk.put(&institution_at(&one, ""), change.clone()).await.expect(403);
            admin.put(&institution_at(&one, ""), change).await.expect(200);
        }
        admin
            .put(&institution_at(&one, ""), json!({"license_number": "LIC-2"}))
            .await
            .expect_about(409, "license_number");
        admin.put(&institution_at(&one, ""), json!({"name": "LIC-2"})).await.expect_about(409, "name");
        let taken = json!({"contact_email": {"email_address": "lic-2@institution.example"}});
        desk.put(&institution_at(&one, ""), taken).await.expect_about(409, "contact_email.email_address");
        t.client().get("/api/v1/institutions").await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_clerks_who_edit_one_entry_the_slower_is_told() {
    both(|t| async move {
        let admin = t.admin().await;
        let made = registered(&admin, "One", "LIC-1", "hospital").await;
        let (here, there) = (institution_at(&made, ""), at(&made, ""));
        let tag = admin.get(&here).await.header("etag").expect("a tag").to_owned();
        assert_eq!(admin.get(&there).await.header("etag"), Some(tag.as_str()));
        let clerk = admin.with_header("If-Match", &tag);
        let (region, website) = (json!({"region": "Goa"}), json!({"website": "https://two.example"}));
        let (one, two) = tokio::join!(clerk.put(&here, region), clerk.put(&there, website));
        let mut answers = [one.status.as_u16(), two.status.as_u16()];
        answers.sort_unstable();
        assert_eq!(answers, [200, 412]);
        // Every other way to change it looks at the tag too.
        clerk.patch(&format!("{there}/beds?available_beds=0"), json!({})).await.expect(412);
        clerk.post(&institution_at(&made, "/verification"), json!({"status": "verified"})).await.expect(412);
        clerk.delete(&here).await.expect(412);
        clerk.delete(&there).await.expect(412);
        assert_eq!(admin.get(&here).await.expect(200)["version"], 2);
        let tag = admin.get(&here).await.header("etag").expect("a tag").to_owned();
        admin.with_header("If-Match", &tag).delete(&here).await.expect(204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_licence_is_verified_and_what_was_found_stays_on_record() {
    both(|t| async move {
        let admin = t.admin().await;
        let made = registered(&admin, "One", "LIC-1", "insurer").await;
        let (here, history) = (institution_at(&made, ""), institution_at(&made, "/verification"));
        admin.post(&history, json!({"status": "pending"})).await.expect_about(422, "status");
        admin.post(&history, json!({"status": "rejected", "note": " "})).await.expect_about(422, "note");
        admin.post(&history, json!({"status": "rejected", "note": "the seal is missing"})).await.expect(201);
        let found = admin.post(&history, json!({"status": "verified"})).await.expect(201);
        assert_eq!(found["institution_id"], made["id"]);
        assert_eq!(admin.get(&here).await.expect(200)["verification_status"], "verified");
        let listed = admin.get("/api/v1/institutions?verification_status=verified").await.expect(200);
        assert_eq!(listed.as_array().expect("a list").len(), 1);
        // Another number is another licence; the same one is not.
        admin.put(&here, json!({"license_number": "LIC-1"})).await.expect(200);
        assert_eq!(admin.get(&here).await.expect(200)["verification_status"], "verified");
        admin.put(&here, json!({"license_number": "LIC-2"})).await.expect(200);
        assert_eq!(admin.get(&here).await.expect(200)["verification_status"], "pending");
        let desk = t.account("hospital", Some(&made["id"])).await;
        let seen = desk.get(&history).await.expect(200);
        let statuses: Vec<&str> = seen.as_array().expect("a list").iter().map(|entry| text(&entry["status"])).collect();
        assert_eq!(statuses, ["pending", "verified", "rejected"]);
        assert_eq!(seen[2]["note"], "the seal is missing");
        let first = desk.get(&format!("{history}?limit=2")).await;
        let rest = desk.get(&first.next().expect("a next page")).await.expect(200);
        assert_eq!(rest, json!([seen[2]]));
        let other = t.account("hospital", Some(&t.hospital("Two", 1).await["id"])).await;
        other.get(&history).await.expect(403);
    })
    .await;
}
