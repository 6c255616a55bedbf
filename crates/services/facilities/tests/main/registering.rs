//! Patients who register themselves, with an Aadhaar number and without.
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{TestApp, both};

use crate::{NUMBERS, PASSWORD, audit, done, rajesh, text, with};

const PATH: &str = "/api/v1/patient/register";

async fn patients(t: &TestApp) -> usize {
    t.admin().await.get("/api/v1/patients").await.expect(200).as_array().expect("a list").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_registers_as_the_document_prints_it() {
    both(|t| async move {
        let answer = t.client().post(PATH, rajesh("1234 5678 9012", "rajesh@example.com")).await.expect(201);
        let members: Vec<&String> = answer.as_object().expect("an object").keys().collect();
        assert_eq!(members, ["message", "patient_id", "patient_uid", "status"]);
        assert_eq!((text(&answer["status"]), text(&answer["message"])), ("success", "Patient registered successfully"));
        let uid = text(&answer["patient_uid"]);
        assert!(uid.len() == 64 && uid.bytes().all(|byte| byte.is_ascii_hexdigit()), "{uid}");
        let own = t.client().login("rajesh@example.com", PASSWORD).await;
        let profile = own.get("/api/v1/patient/profile").await.expect(200);
        assert_eq!(profile["full_name"], "Rajesh Kumar");
        assert_eq!(profile["aadhar_number"], "XXXX XXXX 9012");
        assert_eq!((&profile["patient_uid"], &profile["id"]), (&answer["patient_uid"], &answer["patient_id"]));
        assert_eq!(profile["aadhar_verified"], false);
        assert_eq!(done(&t, "aadhaar.register").await, 1);
        // The same patient on the other surfaces.
        let path = format!("/api/patients/{}", text(&answer["patient_id"]));
        assert_eq!(own.get(&path).await.expect(200)["name"], "Rajesh Kumar");
        t.doctor("Dr. Nair").await.1.get(&path).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_uid_names_the_patient_and_no_reference_hides_it() {
    both(|t| async move {
        let answer = t.client().post(PATH, rajesh(NUMBERS[0], "rajesh@example.com")).await.expect(201);
        let (uid, id) = (text(&answer["patient_uid"]), &answer["patient_id"]);
        // A front desk may choose any reference, even one that looks like somebody's uid.
        let nurse = t.ward().await.nurse;
        let other = json!({"patient_id": uid, "name": "Somebody Else", "date_of_birth": "1970-01-01", "gender": "male",
            "contact": "+91 98220 11111"});
        nurse.post("/api/patients", other).await.expect(201);
        let (_, doctor) = t.doctor("Dr. Nair").await;
        let ask = json!({"patient_id": uid, "data_categories": ["records"], "purpose": "A second opinion"});
        assert_eq!(&doctor.post("/api/v1/consents/request", ask).await.expect(201)["patient_id"], id);
        let own = t.client().login("rajesh@example.com", PASSWORD).await;
        assert_eq!(&own.get(&format!("/api/patients/{}", uid.to_uppercase())).await.expect(200)["id"], id);
        doctor.get(&format!("/api/patients/{uid}")).await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_registration_of_a_number_is_refused_however_it_is_written() {
    both(|t| async move {
        t.client().post(PATH, rajesh(NUMBERS[0], "first@example.com")).await.expect(201);
        for (at, again) in
            ["234123412346", "2341 2341 2346", "2341-2341-2346", "२३४१ २३४१ २३४६"].into_iter().enumerate()
        {
            let body = rajesh(again, &format!("second{at}@example.com"));
            let problem = t.client().post(PATH, body).await.expect_about(409, "aadhar_number");
            assert_eq!(problem["error"], "Patient already registered");
        }
        let as_number = with(rajesh("", "third@example.com"), json!({"aadhar_number": 234_123_412_346_u64}));
        t.client().post(PATH, as_number).await.expect_about(409, "aadhar_number");
        assert_eq!(patients(&t).await, 1);
        // Nobody was registered in part: the addresses are free.
        t.client().post(PATH, rajesh(NUMBERS[1], "second0@example.com")).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_bring_one_number_at_once_one_is_registered() {
    both(|t| async move {
        let ask = |at: usize| {
            let (client, body) = (t.client(), rajesh(NUMBERS[2], &format!("twin{at}@example.com")));
            async move { client.post(PATH, body).await.status.as_u16() }
        };
        let answers = join_all((0..20).map(ask)).await;
        assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|status| **status == 409).count(), 19, "{answers:?}");
        assert_eq!(patients(&t).await, 1);
        let entries = audit(&t).await;
        assert_eq!(
            entries.iter().filter(|entry| entry.action == "account.create").count(),
            2,
            "the administrator's too"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_registers_nobody() {
    both(|t| async move {
        let good = rajesh(NUMBERS[0], "rajesh@example.com");
        let bad = [
            (json!({"aadhar_number": "23412341234"}), "aadhar_number"),
            (json!({"aadhar_number": "2341234123461"}), "aadhar_number"),
            (json!({"aadhar_number": "2341x2341x2346"}), "aadhar_number"),
            (json!({"aadhar_number": ""}), "aadhar_number"),
            (json!({"aadhar_number": 1.5}), "aadhar_number"),
            (json!({"aadhar_number": [NUMBERS[0]]}), "aadhar_number"),
            (json!({"full_name": " "}), "full_name"),
            (json!({"date_of_birth": "2990-05-15"}), "date_of_birth"),
            (json!({"date_of_birth": "15.05.1990"}), "date_of_birth"),
            (json!({"gender": "unknown word"}), "gender"),
            (json!({"phone": "call me"}), "phone"),
            (json!({"email": "rajesh"}), "email"),
            (json!({"password": "short"}), "password"),
            (json!({"address": 5}), "address"),
            (json!({"address": "x".repeat(5000)}), "address"),
            (json!({"emergency_contact": "Sita Kumar"}), "emergency_phone"),
            (json!({"emergency_phone": "+91 98765 43210"}), "emergency_contact"),
            (json!({"insurance_id": "x".repeat(101)}), "insurance_id"),
        ];
        for (change, member) in bad {
            t.client().post(PATH, with(good.clone(), change)).await.expect_about(422, member);
        }
        for member in ["aadhar_number", "full_name", "date_of_birth", "password"] {
            let mut body = good.clone();
            body.as_object_mut().expect("an object").remove(member);
            let problem = t.client().post(PATH, body).await.expect(422);
            assert!(text(&problem["detail"]).contains(member), "{problem}");
        }
        assert_eq!(patients(&t).await, 0);
        t.client().post(PATH, good).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_address_undoes_the_number_too() {
    both(|t| async move {
        t.client().post(PATH, rajesh(NUMBERS[0], "rajesh@example.com")).await.expect(201);
        t.client().post(PATH, rajesh(NUMBERS[1], "Rajesh@Example.com")).await.expect_about(409, "email");
        t.client().post(PATH, rajesh(NUMBERS[1], "other@example.com")).await.expect(201);
        assert_eq!(patients(&t).await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_never_the_only_way_in() {
    both(|t| async move {
        let mut bare = rajesh(NUMBERS[0], "");
        for member in ["email", "phone", "gender"] {
            bare.as_object_mut().expect("an object").remove(member);
        }
        let made = t.client().post(PATH, bare).await.expect(201);
        let by_id = json!({"username": made["patient_id"], "password": PASSWORD});
        t.client().post("/api/v1/auth/login", by_id).await.expect(200);
        // With a phone and no address, the phone is the name.
        let mut phone = rajesh(NUMBERS[1], "");
        phone.as_object_mut().expect("an object").remove("email");
        t.client().post(PATH, phone).await.expect(201);
        let by_phone = json!({"phone": "+91 98765 43210", "password": PASSWORD});
        t.client().post("/api/v1/auth/login", by_phone).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_the_document_keeps_of_a_patient_is_kept() {
    both(|t| async move {
        let more = json!({"blood_type": "O+", "address": "12 MG Road, Pune 411001", "emergency_contact": "Sita Kumar",
            "emergency_phone": "+91 98220 11111", "insurance_provider": "Star Health", "insurance_id": "SH-2211"});
        t.client().post(PATH, with(rajesh(NUMBERS[0], "rajesh@example.com"), more)).await.expect(201);
        let own = t.client().login("rajesh@example.com", PASSWORD).await;
        let profile = own.get("/api/v1/patient/profile").await.expect(200);
        assert_eq!(profile["blood_type"], "O_POSITIVE");
        assert_eq!(profile["address"], "12 MG Road, Pune 411001");
        assert_eq!(
            (text(&profile["emergency_contact"]), text(&profile["emergency_phone"])),
            ("Sita Kumar", "+91 98220 11111")
        );
        assert_eq!((text(&profile["insurance_provider"]), text(&profile["insurance_id"])), ("Star Health", "SH-2211"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_works_without_a_number() {
    both(|t| async move {
        let body = json!({"user_type": "patient", "full_name": "Lata Joshi", "date_of_birth": "1970-04-12",
            "email": "lata@example.com", "password": PASSWORD});
        let made = t.client().post("/api/v1/auth/register", body.clone()).await.expect(201);
        assert_eq!((text(&made["status"]), text(&made["user_type"])), ("success", "patient"));
        assert!(made.get("patient_uid").is_none() && made["patient_id"].is_string(), "{made}");
        let own = t.client().login("lata@example.com", PASSWORD).await;
        let profile = own.get("/api/v1/patient/profile").await.expect(200);
        assert_eq!((&profile["patient_uid"], &profile["aadhar_number"]), (&Value::Null, &Value::Null));
        let numbered = with(body.clone(), json!({"email": "other@example.com", "aadhar_number": NUMBERS[0]}));
        let made = t.client().post("/api/v1/auth/register", numbered).await.expect(201);
        assert_eq!(text(&made["patient_uid"]).len(), 64);
        for member in ["full_name", "date_of_birth"] {
            let mut body = with(body.clone(), json!({"email": "third@example.com"}));
            body.as_object_mut().expect("an object").remove(member);
            t.client().post("/api/v1/auth/register", body).await.expect_about(422, member);
        }
        for kind in ["admin", "nurse", "responder", "device", "system", ""] {
            let body = with(body.clone(), json!({"user_type": kind, "email": "fourth@example.com"}));
            t.client().post("/api/v1/auth/register", body).await.expect_about(422, "user_type");
        }
    })
    .await;
}
