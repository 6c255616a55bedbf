//! Patients as document 001 registers and changes them.
use serde_json::{Value, json};
use testkit::{TestApp, both};

use crate::{PASSWORD, at, each, named, text, with};

/// A person as a desk would type one in, without anybody who could validate them.
pub fn person(first: &str, last: &str) -> Value {
    json!({"first_name": first, "last_name": last, "date_of_birth": "1980-05-17", "sex_id": "female",
        "contact_phone": {"phone_number": "+91 98765 43210"}})
}

pub fn v1(patient: &Value, rest: &str) -> String {
    format!("/api/v1/patients/{}{rest}", text(&patient["id"]))
}

/// Gives a doctor a place at a hospital.
pub async fn affiliate(t: &TestApp, doctor: &Value, hospital: &Value) {
    let path = format!("/api/doctors/{}/hospitals/{}", text(&doctor["id"]), text(&hospital["id"]));
    t.admin().await.post(&path, json!({"department": "medicine"})).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_registered_with_account_health_profile_and_emergency_contact() {
    both(|t| async move {
        let (doctor, meera) = t.doctor("Dr. Meera Iyer").await;
        let more = json!({"patient_id": "MRN-1", "contact_email": {"email_address": "asha@example.org"},
            "emergency_contact_name": "Ravi Rao", "emergency_contact_phone": "98220 11111", "password": PASSWORD,
            "address": {"city": "Pune"}, "health_profile": {"height_cm": 160, "weight_kg": 55.5, "blood_type_id": "A+",
            "is_smoker": false, "notes": "walks to work"}});
        let made = meera.post("/api/v1/patients", with(person(" Asha", "Rao "), more)).await;
        assert_eq!(made.header("etag"), Some("\"1\""));
        let made = made.expect(201);
        assert_eq!((&made["name"], &made["first_name"]), (&json!("Asha Rao"), &json!("Asha")));
        assert_eq!((&made["gender"], &made["sex_id"]), (&json!("female"), &json!("female")));
        assert_eq!((&made["blood_type"], &made["contact"]), (&json!("A_POSITIVE"), &json!("+91 98765 43210")));
        assert_eq!(made["contact_email"], json!({"email_address": "asha@example.org", "is_primary": true}));
        // A doctor who names no other is the one who is asked to validate.
        assert_eq!((&made["doctor_id"], &made["validation_status"]), (&doctor["id"], &json!("pending")));

        let asha = t.client().login("asha@example.org", PASSWORD).await;
        let profile = asha.get(&v1(&made, "/profile")).await.expect(200);
        assert_eq!(with(profile.clone(), made.clone()), profile, "the profile is the patient with more");
        assert_eq!(
            (&profile["health_profile"]["height_cm"], &profile["health_profile"]["notes"]),
            (&json!(160.0), &json!("walks to work"))
        );
        assert_eq!(profile["health_profile"]["blood_type_id"], "A_POSITIVE");
        assert_eq!(
            (&profile["emergency_contact_name"], &profile["emergency_contact_phone"]),
            (&json!("Ravi Rao"), &json!("98220 11111"))
        );
        // The other surface shows the same rows.
        let other = asha.get("/api/patients/MRN-1").await.expect(200);
        assert_eq!((&other["id"], &other["last_name"]), (&made["id"], &json!("Rao")));
        assert_eq!(each(&asha.get(&at(&made, "/family-contacts")).await.expect(200), "name"), ["Ravi Rao"]);
        assert_eq!(meera.get("/api/v1/patients/MRN-1").await.expect(200), made);
        assert_eq!(each(&meera.get("/api/v1/patients").await.expect(200), "patient_id"), ["MRN-1"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_whose_address_is_taken_leaves_nothing_at_all() {
    both(|t| async move {
        let (_, meera) = t.doctor("Dr. Meera Iyer").await;
        let login = json!({"contact_email": {"email_address": "asha@example.org"}, "password": PASSWORD});
        meera.post("/api/v1/patients", with(person("Asha", "Rao"), login.clone())).await.expect(201);
        let again = json!({"patient_id": "MRN-2", "emergency_contact_name": "Ravi", "emergency_contact_phone": "98220 11111",
            "contact_email": {"email_address": "ASHA@example.org"}, "health_profile": {"height_cm": 160}});
        let body = with(with(person("Usha", "Rao"), login), again);
        meera.post("/api/v1/patients", body).await.expect_about(409, "contact_email.email_address");
        t.admin().await.get("/api/v1/patients/MRN-2").await.expect(404);
        assert_eq!(each(&t.admin().await.get("/api/v1/patients").await.expect(200), "name"), ["Asha Rao"]);
        assert_eq!(meera.get("/api/v1/validations").await.expect(200).as_array().map(Vec::len), Some(1));
        let free = json!({"patient_id": "MRN-2", "contact_email": {"email_address": "usha@example.org"}, "password": PASSWORD});
        meera.post("/api/v1/patients", with(person("Usha", "Rao"), free)).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_a_person_is_refused_naming_the_member() {
    both(|t| async move {
        let (_, meera) = t.doctor("Dr. Meera Iyer").await;
        let health = |member: &str, value: Value| json!({"health_profile": {member: value}});
        for (more, expected) in [
            (json!({"first_name": " "}), "first_name"),
            (json!({"last_name": "x".repeat(101)}), "last_name"),
            (json!({"date_of_birth": "2999-01-01"}), "date_of_birth"),
            (json!({"sex_id": 1}), "sex_id"),
            (json!({"gender_id": "woman"}), "gender_id"),
            (json!({"contact_email": {}}), "contact_email.email_address"),
            (json!({"contact_email": {"email_address": "no address"}}), "contact_email.email_address"),
            (json!({"contact_phone": {"phone_number": "call me"}}), "contact_phone.phone_number"),
            (json!({"emergency_contact_name": "Ravi"}), "emergency_contact_phone"),
            (json!({"emergency_contact_phone": "98220 11111"}), "emergency_contact_name"),
            (json!({"emergency_contact_name": "Ravi", "emergency_contact_phone": "?"}), "emergency_contact_phone"),
            (json!({"password": "short"}), "password"),
            (health("height_cm", json!(19.9)), "health_profile.height_cm"),
            (health("height_cm", json!(281)), "health_profile.height_cm"),
            (health("weight_kg", json!(0.1)), "health_profile.weight_kg"),
            (health("weight_kg", json!(701)), "health_profile.weight_kg"),
            (health("blood_type_id", json!("C+")), "health_profile.blood_type_id"),
            (health("smoking_years", json!(-1)), "health_profile.smoking_years"),
            (health("smoking_years", json!(70)), "health_profile.smoking_years"),
            (
                health("physical_activity_minutes_weekly", json!(10_081)),
                "health_profile.physical_activity_minutes_weekly",
            ),
            (health("alcohol_frequency", json!("often")), "health_profile.alcohol_frequency"),
            (health("notes", json!("x".repeat(4001))), "health_profile.notes"),
            (
                json!({"health_profile": {"consumes_alcohol": false, "alcohol_frequency": "daily"}}),
                "health_profile.alcohol_frequency",
            ),
        ] {
            let refused = meera.post("/api/v1/patients", with(person("Asha", "Rao"), more.clone())).await.expect(422);
            assert_eq!(named(&refused), [expected], "{more}: {refused}");
        }
        let mut unreachable = person("Asha", "Rao");
        unreachable.as_object_mut().expect("an object").remove("contact_phone");
        let refused = meera.post("/api/v1/patients", unreachable).await.expect(422);
        assert_eq!(named(&refused), ["contact_email", "contact_phone"]);
        assert_eq!(meera.get("/api/v1/patients").await.expect(200), json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_named_who_could_validate_the_patient() {
    both(|t| async move {
        let (here, there) = (t.hospital("City Hospital", 4).await, t.hospital("Lake Hospital", 4).await);
        let (doctor, meera) = t.doctor("Dr. Meera Iyer").await;
        affiliate(&t, &doctor, &here).await;
        let (admin, nurse) = (t.admin().await, t.nurse(&here).await);
        let refused = admin.post("/api/v1/patients", person("Asha", "Rao")).await.expect(422);
        assert_eq!(named(&refused), ["doctor_id", "institution_id"]);
        let nobody = "0191d3a0-0000-7000-8000-000000000000";
        for (caller, member, value) in [
            (&admin, "doctor_id", json!(nobody)),
            (&admin, "doctor_id", here["id"].clone()),
            (&admin, "institution_id", json!("Moon Hospital")),
            (&meera, "institution_id", there["id"].clone()),
            (&nurse, "institution_id", there["id"].clone()),
        ] {
            let body = with(person("Asha", "Rao"), json!({member: value}));
            caller.post("/api/v1/patients", body).await.expect_about(422, member);
        }
        assert_eq!(admin.get("/api/v1/patients").await.expect(200), json!([]));
        // By id, reference, name or licence; what is left out is who the caller stands for.
        let by_name = json!({"institution_id": here["registration_number"], "doctor_id": doctor["doctor_id"]});
        let made = admin.post("/api/v1/patients", with(person("Asha", "Rao"), by_name)).await.expect(201);
        assert_eq!((&made["institution_id"], &made["doctor_id"]), (&here["id"], &doctor["id"]));
        let made = nurse.post("/api/v1/patients", person("Ravi", "Rao")).await.expect(201);
        assert_eq!((&made["institution_id"], &made["doctor_id"]), (&here["id"], &Value::Null));
        let mine = json!({"institution_id": "city hospital"});
        let made = meera.post("/api/v1/patients", with(person("Lata", "Rao"), mine)).await.expect(201);
        assert_eq!((&made["institution_id"], &made["doctor_id"]), (&here["id"], &doctor["id"]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_leaves_nothing() {
    both(|t| async move {
        let (_, meera) = t.doctor("Dr. Meera Iyer").await;
        let more = json!({"patient_id": "MRN-1", "contact_email": {"email_address": "asha@example.org"}, "password": PASSWORD,
            "health_profile": {"height_cm": 160}});
        let body = with(person("Asha", "Rao"), more);
        let tried = meera.post("/api/v1/patients?dry_run=true", body.clone()).await.expect(200);
        assert_eq!((&tried["name"], &tried["validation_status"]), (&json!("Asha Rao"), &json!("pending")));
        meera.get(&v1(&tried, "")).await.expect(404);
        assert_eq!(t.admin().await.get("/api/v1/patients").await.expect(200), json!([]));
        assert_eq!(meera.get("/api/v1/validations").await.expect(200), json!([]));
        meera.post("/api/v1/patients", body.clone()).await.expect(201);
        // What a real one would be refused for, a dry one is refused for too.
        meera.post("/api/v1/patients?dry_run=true", body).await.expect_about(409, "patient_id");
        let tried: Vec<_> = chain(&t).await.into_iter().filter(|entry| entry.action == "patient.create dry run").collect();
        let outcomes: Vec<&str> = tried.iter().map(|entry| entry.object.as_str()).collect();
        assert_eq!(outcomes, ["would be registered", "refused: 409 Conflict"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_on_either_surface_is_seen_on_the_other() {
    both(|t| async move {
        let (doctor, meera) = t.doctor("Dr. Meera Iyer").await;
        let made = meera.post("/api/v1/patients", person("Asha", "Rao")).await.expect(201);
        let changed =
            json!({"last_name": "Rao Patil", "gender_id": "other", "contact_email": {"email_address": "a@b.example"}});
        let changed = meera.put(&v1(&made, ""), changed).await.expect(200);
        assert_eq!((&changed["name"], &changed["last_name"]), (&json!("Asha Rao Patil"), &json!("Rao Patil")));
        assert_eq!((&changed["email"], &changed["sex_id"]), (&json!("a@b.example"), &json!("female")));
        assert_eq!(meera.get(&at(&made, "")).await.expect(200)["gender"], "other");
        // One name on the other surface is parted at its last space.
        let renamed = meera.put(&at(&made, ""), json!({"name": "Usha Rao Patil"})).await.expect(200);
        assert_eq!((&renamed["first_name"], &renamed["last_name"]), (&json!("Usha Rao"), &json!("Patil")));
        let phoneless = meera.put(&v1(&made, ""), json!({"contact_phone": null})).await.expect(200);
        assert_eq!((&phoneless["contact_phone"], &phoneless["contact"]), (&Value::Null, &json!("")));
        let refused = meera.put(&v1(&made, ""), json!({"contact_email": null})).await.expect(422);
        assert_eq!(named(&refused), ["contact_email", "contact_phone"]);
        let wrong = json!({"contact_email": {"email_address": "x"}});
        meera.put(&v1(&made, ""), wrong).await.expect_about(422, "contact_email");
        meera
            .put(&v1(&made, ""), json!({"emergency_contact_name": "Ravi"}))
            .await
            .expect_about(422, "emergency_contact_phone");
        let call = json!({"emergency_contact_name": "Ravi", "emergency_contact_phone": "98220 11111"});
        meera.put(&v1(&made, ""), call).await.expect(200);
        assert_eq!(each(&meera.get(&at(&made, "/family-contacts")).await.expect(200), "name"), ["Ravi"]);
        // The health profile is for those who treat, and the registration stays as it was.
        let both = json!({"first_name": "Mala", "health_profile": {"height_cm": 160}});
        meera.put(&v1(&made, ""), both.clone()).await.expect(403);
        assert_eq!(meera.get(&v1(&made, "")).await.expect(200)["first_name"], "Usha Rao");
        let assign = format!("/api/doctors/{}/patients/{}", text(&doctor["id"]), text(&made["id"]));
        meera.post(&assign, json!({})).await.expect(201);
        let wrong = json!({"first_name": "Mala", "health_profile": {"smoking_years": 100}});
        meera.put(&v1(&made, ""), wrong).await.expect_about(422, "health_profile.smoking_years");
        assert_eq!(meera.get(&v1(&made, "")).await.expect(200)["first_name"], "Usha Rao");
        meera.put(&v1(&made, ""), both).await.expect(200);
        assert_eq!(meera.get(&v1(&made, "/health-profile")).await.expect(200)["height_cm"], 160.0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outdated_version_changes_nothing() {
    both(|t| async move {
        let (doctor, meera) = t.doctor("Dr. Meera Iyer").await;
        let made = meera.post("/api/v1/patients", person("Asha", "Rao")).await.expect(201);
        let assign = format!("/api/doctors/{}/patients/{}", text(&doctor["id"]), text(&made["id"]));
        meera.post(&assign, json!({})).await.expect(201);
        let first = meera.with_header("if-match", "\"1\"");
        first.put(&v1(&made, ""), json!({"first_name": "Usha"})).await.expect(200);
        first.put(&v1(&made, ""), json!({"first_name": "Mala"})).await.expect(412);
        t.admin().await.with_header("if-match", "\"1\"").delete(&v1(&made, "")).await.expect(412);
        let profile = v1(&made, "/health-profile");
        let empty = meera.get(&profile).await;
        assert_eq!(empty.header("etag"), Some("\"0\""));
        assert_eq!(empty.expect(200)["height_cm"], Value::Null);
        let unseen = meera.with_header("if-match", "\"0\"");
        unseen.put(&profile, json!({"height_cm": 160, "is_smoker": true})).await.expect(200);
        unseen.put(&profile, json!({"height_cm": 170})).await.expect(412);
        let changed =
            meera.with_header("if-match", "\"1\"").put(&profile, json!({"is_smoker": null, "weight_kg": 55})).await;
        assert_eq!(changed.header("etag"), Some("\"2\""));
        let changed = changed.expect(200);
        assert_eq!((&changed["height_cm"], &changed["is_smoker"]), (&json!(160.0), &Value::Null));
        // The blood type is one on both surfaces: who has read the profile has not seen a new one.
        meera.put(&at(&made, ""), json!({"blood_type": "O-"})).await.expect(200);
        meera.with_header("if-match", "\"2\"").put(&profile, json!({"weight_kg": 56})).await.expect(412);
        let typed = meera.put(&profile, json!({"blood_type_id": "B+"})).await.expect(200);
        assert_eq!(typed["blood_type_id"], "B_POSITIVE");
        assert_eq!(meera.get(&at(&made, "")).await.expect(200)["blood_type"], "B_POSITIVE");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deactivated_person_is_written_no_more() {
    both(|t| async move {
        let (doctor, meera) = t.doctor("Dr. Meera Iyer").await;
        let made = meera.post("/api/v1/patients", person("Asha", "Rao")).await.expect(201);
        meera.delete(&v1(&made, "")).await.expect(403);
        let admin = t.admin().await;
        admin.delete(&v1(&made, "")).await.expect(204);
        admin.put(&v1(&made, ""), json!({"first_name": "Usha"})).await.expect(409);
        meera.post(&v1(&made, "/validation"), json!({})).await.expect(404);
        meera.get(&v1(&made, "")).await.expect(404);
        assert_eq!(meera.get("/api/v1/validations").await.expect(200), json!([]));
        assert_eq!(doctor["is_active"], true);
    })
    .await;
}

/// The whole audit chain.
async fn chain(t: &testkit::TestApp) -> Vec<access::Record> {
    let (mut db, mut all) = (t.app.db(), Vec::<access::Record>::new());
    loop {
        let page = access::list(&mut db, all.last().map_or(0, |entry| entry.seq)).await.expect("the chain");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_something_one_can_read() {
    both(|t| async move {
        let (_, meera) = t.doctor("Dr. Meera Iyer").await;
        for name in ["--", "As\nha", "\u{202E}ahsA", "As\u{2068}ha", "\u{7}Asha"] {
            meera.post("/api/v1/patients", person(name, "Rao")).await.expect_about(422, "first_name");
            meera.post("/api/patients", crate::registration(name)).await.expect_about(422, "name");
        }
        let asha = meera.post("/api/v1/patients", person("अनुष्का", "D'Souza-Rao 2")).await.expect(201);
        let queue = meera.get("/api/v1/validations?total=true").await;
        assert_eq!(queue.header("x-total-count"), Some("1"));
        meera.put(&v1(&asha, ""), json!({"last_name": "\u{202E}oaR"})).await.expect_about(422, "last_name");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_is_named_by_the_licence_and_nobody_is_called_me() {
    both(|t| async move {
        let (meera, _) = t.doctor("Dr. Meera Iyer").await;
        let admin = t.admin().await;
        let licensed = with(person("Asha", "Rao"), json!({"doctor_id": meera["license_number"]}));
        let made = admin.post("/api/v1/patients", licensed.clone()).await.expect(201);
        assert_eq!(made["doctor_id"], meera["id"]);
        // Another who is registered under that number as a reference makes it say too little.
        let other = json!({"doctor_id": meera["license_number"], "name": "Dr. Other", "gender": "female",
            "contact": "+91 98220 12345", "email": "other@example.org", "license_number": "L-OTHER"});
        admin.post("/api/doctors", other.clone()).await.expect(201);
        admin.post("/api/v1/patients", licensed).await.expect_about(422, "doctor_id");
        let me = with(person("Asha", "Rao"), json!({"doctor_id": meera["id"], "patient_id": "Me"}));
        admin.post("/api/v1/patients", me).await.expect_about(422, "patient_id");
        let me = with(other, json!({"doctor_id": "me", "email": "me@example.org", "license_number": "L-ME"}));
        admin.post("/api/doctors", me).await.expect_about(422, "doctor_id");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_two_parts_is_no_longer_than_a_whole_one() {
    both(|t| async move {
        let (_, meera) = t.doctor("Dr. Meera Iyer").await;
        let (long, short) = ("a".repeat(100), "b".repeat(99));
        meera.post("/api/v1/patients", person(&long, &long)).await.expect_about(422, "last_name");
        let made = meera.post("/api/v1/patients", person(&long, &short)).await.expect(201);
        meera.put(&v1(&made, ""), json!({"last_name": long})).await.expect_about(422, "last_name");
        meera.post("/api/v1/patients", json!({})).await.expect_about(422, "first_name");
    })
    .await;
}
