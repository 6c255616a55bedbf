//! The profile that patients see and keep of themselves.
use serde_json::{Value, json};
use testkit::both;

use crate::{NUMBERS, registered, text};

const PATH: &str = "/api/v1/patient/profile";

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_changes_what_was_sent_and_nothing_else() {
    both(|t| async move {
        let (_, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let was = own.get(PATH).await.expect(200);
        let change = json!({"full_name": "Rajesh K. Kumar", "blood_type": "B+", "phone": "+91 98220 99999",
            "address": {"street": "12 MG Road", "city": "Pune"}, "emergency_contact": "Sita Kumar",
            "emergency_phone": "+91 98220 11111", "insurance_provider": "Star Health", "insurance_id": "SH-1"});
        let now = own.put(PATH, change).await.expect(200);
        assert_eq!((text(&now["full_name"]), text(&now["blood_type"])), ("Rajesh K. Kumar", "B_POSITIVE"));
        assert_eq!(now["address"], json!({"street": "12 MG Road", "city": "Pune"}));
        assert_eq!((text(&now["emergency_contact"]), text(&now["insurance_id"])), ("Sita Kumar", "SH-1"));
        for member in ["email", "date_of_birth", "gender", "patient_uid", "aadhar_number", "id"] {
            assert_eq!(was[member], now[member], "{member}");
        }
        let cleared = json!({"insurance_id": null, "email": null, "address": null});
        let now = own.put(PATH, cleared).await.expect(200);
        assert_eq!((&now["insurance_id"], &now["email"], &now["address"]), (&Value::Null, &Value::Null, &json!({})));
        assert_eq!(text(&now["insurance_provider"]), "Star Health");
        // Members that are not the patient's to change are passed over.
        let now =
            own.put(PATH, json!({"aadhar_number": NUMBERS[1], "id": "x", "aadhar_verified": true})).await.expect(200);
        assert_eq!((&now["aadhar_number"], &now["aadhar_verified"]), (&json!("XXXX XXXX 2346"), &json!(false)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_change_one_profile_do_not_undo_each_other() {
    both(|t| async move {
        let (_, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let tag = |answer: &testkit::Answer| answer.header("etag").expect("a version").to_owned();
        let first = tag(&own.get(PATH).await);
        for change in [
            json!({"insurance_id": "SH-1"}),
            json!({"phone": "+91 98220 99999"}),
            json!({"emergency_contact": "Sita Kumar", "emergency_phone": "+91 98220 11111"}),
        ] {
            let before = tag(&own.get(PATH).await);
            let answer = own.with_header("if-match", &before).put(PATH, change.clone()).await;
            assert_ne!(tag(&answer), before, "{change}");
            answer.expect(200);
            own.with_header("if-match", &before).put(PATH, change).await.expect(412);
        }
        own.with_header("if-match", &first).put(PATH, json!({"full_name": "Too Late"})).await.expect(412);
        assert_eq!(own.get(PATH).await.expect(200)["full_name"], "Rajesh Kumar");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_changes_nothing() {
    both(|t| async move {
        let (_, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let was = own.get(PATH).await;
        for (change, member) in [
            (json!({"full_name": ""}), "full_name"),
            (json!({"date_of_birth": "2990-01-01"}), "date_of_birth"),
            (json!({"gender": "x"}), "gender"),
            (json!({"blood_type": "Z+"}), "blood_type"),
            (json!({"phone": "x"}), "phone"),
            (json!({"email": "x"}), "email"),
            (json!({"address": 7}), "address"),
            (json!({"address": "x".repeat(5000)}), "address"),
            (json!({"emergency_contact": "Sita"}), "emergency_phone"),
            (json!({"insurance_provider": "x".repeat(256)}), "insurance_provider"),
        ] {
            let both = own.put(PATH, crate::with(change, json!({"insurance_id": "kept?"}))).await;
            both.expect_about(422, member);
        }
        assert_eq!(own.get(PATH).await.text, was.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_only_ones_own() {
    both(|t| async move {
        let (first, own) = registered(&t, NUMBERS[0], "rajesh@example.com").await;
        let (second, other) = registered(&t, NUMBERS[1], "other@example.com").await;
        let id = text(&first["patient_id"]);
        // There is no member and no parameter by which another could be named.
        for path in [
            format!("{PATH}?patient_id={id}"),
            format!("{PATH}?id={id}"),
            format!("{PATH}?patient_uid={}", text(&first["patient_uid"])),
        ] {
            assert_eq!(other.get(&path).await.expect(200)["id"], second["patient_id"], "{path}");
        }
        let named =
            json!({"id": id, "patient_id": id, "patient_uid": first["patient_uid"], "full_name": "Somebody Else"});
        other.put(PATH, named).await.expect(200);
        assert_eq!(own.get(PATH).await.expect(200)["full_name"], "Rajesh Kumar");
        other.get(&format!("{PATH}/{id}")).await.expect(404);
        let ward = t.ward().await;
        for client in [&ward.nurse, &ward.doctor, &t.admin().await, &t.responder(&ward.hospital).await] {
            client.get(PATH).await.expect(403);
            client.put(PATH, json!({"full_name": "x"})).await.expect(403);
        }
        t.client().get(PATH).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_whom_a_hospital_registered_has_a_profile_too() {
    both(|t| async move {
        let ward = t.ward().await;
        let own = t.account("patient", Some(&ward.patient["id"])).await;
        let profile = own.get(PATH).await.expect(200);
        assert_eq!((text(&profile["full_name"]), &profile["aadhar_number"]), ("Lata Joshi", &Value::Null));
        assert_eq!(profile["address"], json!({}));
    })
    .await;
}
