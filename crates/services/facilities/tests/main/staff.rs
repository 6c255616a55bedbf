//! Doctors and hospitals who register themselves: they sign in, and see nobody before an administrator has looked.
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::{PASSWORD, text, with};

const PATH: &str = "/api/v1/auth/register";

fn doctor(email: &str) -> Value {
    json!({"user_type": "doctor", "full_name": "Dr. Asha Sharma", "registration_number": format!("MCI-{email}"),
        "specialization": "Cardiology", "qualification": "MD", "email": email, "phone": "+91 98220 12345",
        "password": PASSWORD})
}

fn hospital(email: &str) -> Value {
    json!({"user_type": "hospital", "hospital_name": format!("Hospital of {email}"), "registration_number": format!("R-{email}"),
        "type": "hospital", "address": "12 MG Road", "city": "Pune", "state": "Maharashtra", "pincode": "411001",
        "email": email, "phone": "+91 20 1234 5678", "password": PASSWORD, "total_beds": 10})
}

/// Registers and signs in.
async fn newcomer(t: &TestApp, body: Value) -> (Value, Client) {
    let made = t.client().post(PATH, body.clone()).await.expect(201);
    (made, t.client().login(text(&body["email"]), PASSWORD).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_who_registers_signs_in_and_treats_nobody_until_verified() {
    both(|t| async move {
        let ward = t.ward().await;
        let said = with(doctor("asha@example.com"), json!({"hospital_id": ward.hospital["id"]}));
        let (made, own) = newcomer(&t, said).await;
        assert_eq!((text(&made["user_type"]), text(&made["verification_status"])), ("doctor", "pending"));
        let profile = own.get("/api/v1/doctors/me/profile").await.expect(200);
        assert_eq!((text(&profile["license_status"]), text(&profile["specialty"])), ("pending", "Cardiology"));
        // Where the doctor says to work, nobody is let in for it.
        let places = own.get(&format!("/api/doctors/{}/hospitals", text(&made["doctor_id"]))).await.expect(200);
        assert_eq!(places, json!([]));
        let path = format!("/api/patients/{}", ward.patient_id());
        own.get(&path).await.expect(404);
        let assign = format!("/api/doctors/{}/patients/{}", text(&made["doctor_id"]), ward.patient_id());
        own.post(&assign, json!({})).await.expect(404);
        ward.nurse.post(&assign, json!({})).await.expect(409);
        let born =
            json!({"name": "Ravi Das", "date_of_birth": "1980-01-01", "gender": "male", "contact": "+91 98220 00000"});
        own.post("/api/patients", born.clone()).await.expect(409);
        let place = format!("/api/doctors/{}/hospitals/{}", text(&made["doctor_id"]), text(&ward.hospital["id"]));
        t.admin().await.post(&place, json!({})).await.expect(409);
        own.get(&path).await.expect(404);

        let decide = format!("/api/v1/doctors/{}/license-verification", text(&made["doctor_id"]));
        t.admin().await.post(&decide, json!({"status": "verified"})).await.expect(201);
        ward.nurse.post(&assign, json!({})).await.expect(201);
        own.get(&path).await.expect(200);
        own.post("/api/patients", born).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_who_is_rejected_stays_outside() {
    both(|t| async move {
        let (made, own) = newcomer(&t, doctor("asha@example.com")).await;
        let decide = format!("/api/v1/doctors/{}/license-verification", text(&made["doctor_id"]));
        t.admin().await.post(&decide, json!({"status": "rejected"})).await.expect(201);
        let ward = t.ward().await;
        let assign = format!("/api/doctors/{}/patients/{}", text(&made["doctor_id"]), ward.patient_id());
        ward.nurse.post(&assign, json!({})).await.expect(409);
        own.get(&format!("/api/patients/{}", ward.patient_id())).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_that_registers_admits_nobody_until_verified() {
    both(|t| async move {
        let ward = t.ward().await;
        let (made, desk) = newcomer(&t, hospital("desk@new.example")).await;
        assert_eq!((text(&made["user_type"]), text(&made["verification_status"])), ("hospital", "pending"));
        let id = text(&made["hospital_id"]);
        let shown = desk.get(&format!("/api/v1/institutions/{id}")).await.expect(200);
        assert_eq!((text(&shown["verification_status"]), text(&shown["address"]["city"])), ("pending", "Pune"));
        // Somebody's patient whose id leaked: registering as a hospital is no way to the chart.
        let patient = t.patient(&ward.nurse, "Ravi Das").await;
        let admit = format!("/api/hospitals/{id}/patients/{}/admit", text(&patient["id"]));
        let body = json!({"department": "cardiology", "reason": "curious"});
        desk.post(&admit, body.clone()).await.expect(409);
        desk.get(&format!("/api/patients/{}", text(&patient["id"]))).await.expect(404);
        assert_eq!(desk.get(&format!("/api/hospitals/{id}")).await.expect(200)["occupied_beds"], 0);
        // Nor by the doctors of others, whose patients it could be asked to validate.
        let place = format!("/api/doctors/{}/hospitals/{id}", ward.doctor_id());
        desk.post(&place, json!({})).await.expect(409);
        assert_eq!(desk.get("/api/v1/validations").await.expect(200), json!([]));

        let decide = format!("/api/v1/institutions/{id}/verification");
        t.admin().await.post(&decide, json!({"status": "verified"})).await.expect(201);
        desk.post(&admit, body).await.expect(201);
        desk.get(&format!("/api/patients/{}", text(&patient["id"]))).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_has_is_refused_by_the_name_it_was_sent_under() {
    both(|t| async move {
        newcomer(&t, doctor("asha@example.com")).await;
        newcomer(&t, hospital("desk@new.example")).await;
        let post = |body| {
            let client = t.client();
            async move { client.post(PATH, body).await }
        };
        let taken = json!({"email": "second@example.com", "registration_number": "MCI-asha@example.com"});
        post(with(doctor("x@example.com"), taken)).await.expect_about(409, "registration_number");
        post(with(doctor("asha@example.com"), json!({"registration_number": "other"})))
            .await
            .expect_about(409, "email");
        let taken = json!({"registration_number": "R-desk@new.example"});
        post(with(hospital("second@new.example"), taken)).await.expect_about(409, "registration_number");
        post(with(hospital("desk@new.example"), json!({"registration_number": "other"})))
            .await
            .expect_about(409, "email");
        let nowhere = json!({"hospital_id": "no such place"});
        post(with(doctor("third@example.com"), nowhere)).await.expect_about(422, "hospital_id");
        for (body, member) in [
            (with(doctor("third@example.com"), json!({"email": null})), "email"),
            (with(doctor("third@example.com"), json!({"registration_number": null})), "registration_number"),
            (with(doctor("third@example.com"), json!({"full_name": null})), "full_name"),
            (with(hospital("third@example.com"), json!({"email": null})), "email"),
            (with(hospital("third@example.com"), json!({"hospital_name": null})), "hospital_name"),
            (with(hospital("third@example.com"), json!({"registration_number": null})), "registration_number"),
            (with(hospital("third@example.com"), json!({"type": "shop"})), "type"),
        ] {
            post(body).await.expect_about(422, member);
        }
        // The licence number stands in where there is no registration number.
        let lab = json!({"registration_number": null, "license_number": "L-1", "type": "lab"});
        let made = post(with(hospital("lab@new.example"), lab)).await.expect(201);
        let path = format!("/api/v1/institutions/{}", text(&made["hospital_id"]));
        let shown = t.admin().await.get(&path).await.expect(200);
        assert_eq!((text(&shown["institution_type"]), text(&shown["license_number"])), ("laboratory", "L-1"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_way_leads_around_the_approval() {
    both(|t| async move {
        let ward = t.ward().await;
        let patient = t.account("patient", Some(&ward.patient["id"])).await;
        let (_, doctor) = newcomer(&t, doctor("asha@example.com")).await;
        let (made, desk) = newcomer(&t, hospital("desk@new.example")).await;
        let nurse = t.account("nurse", Some(&made["hospital_id"])).await;
        let path = format!("/api/patients/{}", ward.patient_id());
        // Not by breaking the glass, …
        let glass = format!("/api/v1/patients/{}/break-glass", ward.patient_id());
        for outsider in [&doctor, &desk, &nurse] {
            outsider.post(&glass, json!({"reason": "I say it is an emergency"})).await.expect(409);
            outsider.get(&path).await.expect(404);
        }
        // … not by a consent that somebody talked the patient into, …
        let wanted =
            json!({"patient_id": ward.patient_id(), "data_categories": ["records"], "purpose": "a second opinion"});
        let asked = doctor.post("/api/v1/consents/request", wanted).await;
        if asked.status.is_success() {
            let consent = asked.json();
            let approve = format!("/api/v1/consents/{}/approve", text(&consent["id"]));
            patient.put(&approve, json!({})).await.expect(409);
        }
        // … and not by a link.
        let link = json!({"facility_id": made["hospital_id"]});
        patient.post("/api/v1/patient/link-facility", link).await.expect(409);
        for outsider in [&doctor, &desk, &nurse] {
            outsider.get(&path).await.expect(404);
            outsider.get(&format!("{path}/conditions")).await.expect(404);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_that_waits_takes_no_name_from_another_and_makes_no_accounts() {
    both(|t| async move {
        let (real, admin) = (t.hospital("Ruby Hall", 4).await, t.admin().await);
        let named = |name: &str, number: &str| json!({"hospital_name": name, "registration_number": number});
        let (made, desk) = newcomer(&t, with(hospital("desk@new.example"), named("Ruby Hall", "Sahyadri"))).await;
        newcomer(&t, with(hospital("third@new.example"), named("RUBY HALL", "R-3"))).await;
        assert_eq!(admin.get("/api/hospitals/ruby%20hall").await.expect(200)["id"], real["id"]);
        let works = with(doctor("asha@example.com"), json!({"hospital_id": "Ruby Hall"}));
        t.client().post(PATH, works).await.expect(201);
        admin.get("/api/hospitals/Sahyadri").await.expect(404);
        let other = t.hospital("Sahyadri", 4).await;
        assert_eq!(admin.get("/api/hospitals/Sahyadri").await.expect(200)["id"], other["id"]);
        let own = format!("/api/hospitals/{}", text(&made["hospital_id"]));
        assert_eq!(desk.get(&own).await.expect(200)["hospital_name"], "Ruby Hall");
        let taken = with(hospital("fourth@new.example"), named("New", "Ruby Hall"));
        t.client().post(PATH, taken).await.expect_about(409, "registration_number");

        let nurse = json!({"email": "nurse@new.example", "password": PASSWORD, "user_type": "nurse"});
        desk.post("/users/create", nurse.clone()).await.expect(403);
        let decide = format!("/api/v1/institutions/{}/verification", text(&made["hospital_id"]));
        admin.post(&decide, json!({"status": "verified"})).await.expect_about(409, "license_number");
        admin.put(&own, json!({"registration_number": "R-2"})).await.expect(200);
        admin.post(&decide, json!({"status": "verified"})).await.expect(201);
        desk.post("/users/create", nurse).await.expect(201);
        admin.get("/api/hospitals/ruby%20hall").await.expect(409);
    })
    .await;
}
