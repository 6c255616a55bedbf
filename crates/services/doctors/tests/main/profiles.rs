//! Profiles shown, changed and taken away, on both surfaces.
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::both;

use crate::{at, newcomer, registration, text, v1, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_of_one_name_has_it_split_and_gets_two() {
    both(|t| async move {
        let admin = t.admin().await;
        let body =
            with(registration("Meera Devi Iyer", "L-1"), &json!({"specializations": ["heart rhythm", "Cardiology"]}));
        let record = admin.post("/api/doctors", body).await.expect(201);
        let shown = admin.get(&v1(&record, "")).await.expect(200);
        assert_eq!((&shown["first_name"], &shown["last_name"]), (&json!("Meera Devi"), &json!("Iyer")));
        // What is not in the catalogue is shown as it was written.
        assert_eq!((&shown["specialty"], &shown["specialty_id"]), (&json!("heart rhythm"), &Value::Null));
        let changed = admin.put(&v1(&record, ""), json!({"last_name": "Nair", "specialty_id": "cardiology"})).await;
        let changed = changed.expect(200);
        assert_eq!((&changed["name"], &changed["first_name"]), (&json!("Meera Devi Nair"), &json!("Meera Devi")));
        assert_eq!(changed["specializations"], json!(["Cardiology"]));
        let renamed = admin.put(&at(&record, ""), json!({"name": "Tara"})).await.expect(200);
        assert_eq!(renamed["name"], "Tara");
        let shown = admin.get(&v1(&record, "")).await.expect(200);
        assert_eq!((&shown["first_name"], &shown["last_name"]), (&json!("Tara"), &json!("")));
        let single = admin.put(&v1(&record, ""), json!({"first_name": "Uma"})).await.expect(200);
        assert_eq!((&single["name"], &single["last_name"]), (&json!("Uma"), &json!("")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_changes_and_nothing_else() {
    both(|t| async move {
        let (admin, clinic, other) = (t.admin().await, t.hospital("One", 1).await, t.hospital("Two", 1).await);
        let more = json!({"contact_phone": {"phone_number": "+91 98220 12345"}});
        let made = admin.post("/api/v1/doctors", with(newcomer(&clinic, "L-1"), &more)).await.expect(201);
        let patch = json!({"years_experience": 20, "consultation_fee": null, "contact_phone": null,
            "qualification": ["MD", "DM"], "gender": "other", "specialty_id": "Neurology",
            "contact_email": {"email_address": "New@Doctors.example"}, "institution_id": other["id"]});
        let changed = admin.put(&v1(&made, ""), patch).await.expect(200);
        let expected = with(made.clone(), &json!({"years_experience": 20, "consultation_fee": null, "contact_phone": null,
            "qualification": ["MD", "DM"], "gender": "other", "specialty": "Neurology", "specializations": ["Neurology"],
            "specialty_id": changed["specialty_id"], "institution_id": other["id"], "version": 2,
            "contact_email": {"email_address": "new@doctors.example", "is_primary": true}}));
        assert_eq!(changed, expected);
        assert_eq!(admin.get(&v1(&made, "")).await.expect(200), expected);
        let places = admin.get(&at(&made, "/hospitals")).await.expect(200);
        assert_eq!(places.as_array().map(Vec::len), Some(1), "{places}");
        // The same institution again is nothing new.
        admin.put(&v1(&made, ""), json!({"institution_id": other["id"]})).await.expect(200);
        // In place of the one before.
        let places = admin.get(&at(&made, "/hospitals")).await.expect(200);
        assert_eq!((&places[0]["hospital_id"], places.as_array().map(Vec::len)), (&other["id"], Some(1)));
        let wrong = [
            ("institution_id", json!("nowhere")),
            ("specialty_id", json!("phrenology")),
            ("years_experience", json!(71)),
            ("consultation_fee", json!(0.001)),
            ("first_name", json!(" ")),
            ("contact_phone", json!({"phone_number": "call me"})),
        ];
        for (member, value) in wrong {
            admin.put(&v1(&made, ""), json!({member: value, "gender": "male"})).await.expect_about(422, member);
        }
        assert_eq!(admin.get(&v1(&made, "")).await.expect(200)["gender"], "other");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_doctor_has_is_refused_by_its_name_here() {
    both(|t| async move {
        let (admin, clinic) = (t.admin().await, t.hospital("One", 1).await);
        admin.post("/api/v1/doctors", newcomer(&clinic, "L-1")).await.expect(201);
        let second = admin.post("/api/v1/doctors", newcomer(&clinic, "L-2")).await.expect(201);
        admin.put(&v1(&second, ""), json!({"medical_license": "L-1"})).await.expect_about(409, "medical_license");
        let taken = json!({"contact_email": {"email_address": "l-1@doctors.example"}});
        admin.put(&v1(&second, ""), taken).await.expect_about(409, "contact_email.email_address");
        assert_eq!(admin.get(&v1(&second, "")).await.expect(200), second);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_and_administrators_change_an_entry_and_nobody_else() {
    both(|t| async move {
        let (admin, clinic) = (t.admin().await, t.hospital("One", 1).await);
        let made = admin.post("/api/v1/doctors", newcomer(&clinic, "L-1")).await.expect(201);
        let oneself = t.client().login("l-1@doctors.example", "a-good-password").await;
        let (_, other) = t.doctor("Dr. Sen").await;
        let desk = t.account("hospital", Some(&clinic["id"])).await;
        for client in [&other, &desk, &t.nurse(&clinic).await] {
            client.put(&v1(&made, ""), json!({"first_name": "Eve"})).await.expect(403);
            client.delete(&v1(&made, "")).await.expect(403);
            client.get(&v1(&made, "")).await.expect(200);
        }
        oneself.put(&v1(&made, ""), json!({"first_name": "Usha"})).await.expect(200);
        // Doctors do not employ themselves.
        oneself.put(&v1(&made, ""), json!({"institution_id": clinic["id"]})).await.expect(403);
        oneself.delete(&v1(&made, "")).await.expect(403);
        t.client().get(&v1(&made, "")).await.expect(401);
        admin.get("/api/v1/doctors/nobody").await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_saw_the_same_version_one_changes_it_on_either_surface() {
    both(|t| async move {
        let (admin, clinic) = (t.admin().await, t.hospital("One", 1).await);
        let made = admin.post("/api/v1/doctors", newcomer(&clinic, "L-1")).await.expect(201);
        let tag = admin.get(&at(&made, "")).await.header("etag").expect("a tag").to_owned();
        assert_eq!(admin.get(&v1(&made, "")).await.header("etag"), Some(tag.as_str()));
        let seen = admin.with_header("if-match", &tag);
        let tries = join_all((0..8).map(|n| {
            let (seen, made) = (seen.clone(), made.clone());
            async move {
                match n % 2 {
                    0 => seen.put(&v1(&made, ""), json!({"years_experience": n})).await.status.as_u16(),
                    _ => seen.put(&at(&made, ""), json!({"experience": n})).await.status.as_u16(),
                }
            }
        }));
        let statuses = tries.await;
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 7, "{statuses:?}");
        let now = admin.get(&v1(&made, "")).await.expect(200);
        assert_eq!(now["version"], 2);
        seen.delete(&v1(&made, "")).await.expect(412);
        seen.delete(&at(&made, "")).await.expect(412);
        seen.patch(&at(&made, "/availability"), json!({"is_available": false})).await.expect(412);
        let status = json!({"status": "suspended", "reason": "inquiry"});
        seen.put(&v1(&made, "/professional-status"), status).await.expect(412);
        seen.post(&v1(&made, "/license-verification"), json!({"status": "verified"})).await.expect(412);
        assert_eq!(admin.get(&v1(&made, "")).await.expect(200), now);
        admin.with_header("if-match", "\"2\"").delete(&v1(&made, "")).await.expect(204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_taken_away_is_gone_from_both_surfaces_and_kept() {
    both(|t| async move {
        let (admin, clinic) = (t.admin().await, t.hospital("One", 1).await);
        let made = admin.post("/api/v1/doctors", newcomer(&clinic, "L-1")).await.expect(201);
        let doctor = t.client().login("l-1@doctors.example", "a-good-password").await;
        admin.delete(&v1(&made, "")).await.expect(204);
        doctor.get(&v1(&made, "")).await.expect(401);
        let nurse = t.nurse(&clinic).await;
        for path in [v1(&made, ""), at(&made, "")] {
            nurse.get(&path).await.expect(404);
            assert_eq!(admin.get(&path).await.expect(200)["is_active"], false);
        }
        assert_eq!(admin.get("/api/v1/doctors").await.expect(200), json!([]));
        let kinds = |events: Vec<events::Event>| events.into_iter().map(|e| text(&e.body["kind"]).to_owned());
        let log = t.app.edge::<events::Log>();
        let heard = kinds(log.after(&mut t.app.db(), "doctors", 0, 10).await.expect("the events"));
        assert_eq!(heard.collect::<Vec<_>>(), ["doctor.created", "doctor.deactivated"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_of_specialties_is_read_by_all_and_kept_by_administrators() {
    both(|t| async move {
        let (admin, clinic) = (t.admin().await, t.hospital("One", 1).await);
        let nurse = t.nurse(&clinic).await;
        let all = nurse.get("/api/v1/specialties").await.expect(200);
        let known = all.as_array().expect("a list");
        assert!(known.len() >= 40, "{}", known.len());
        let cardiology = known.iter().find(|s| s["word"] == "cardiology").expect("cardiology");
        assert_eq!(cardiology["name"], "Cardiology");
        let new = json!({"word": "space_medicine", "name": "Space medicine"});
        nurse.post("/api/v1/specialties", new.clone()).await.expect(403);
        let made = admin.post("/api/v1/specialties", new).await.expect(201);
        for (member, value) in [("word", "space_medicine"), ("name", "SPACE MEDICINE")] {
            let taken = with(json!({"word": "other", "name": "Other"}), &json!({member: value}));
            admin.post("/api/v1/specialties", taken).await.expect_about(409, member);
        }
        for word in ["Space", "space medicine", "", "1st"] {
            admin.post("/api/v1/specialties", json!({"word": word, "name": "New"})).await.expect_about(422, "word");
        }
        for (n, said) in [&made["id"], &made["word"], &made["name"]].into_iter().enumerate() {
            let said = with(newcomer(&clinic, &format!("L-{n}")), &json!({"specialty_id": said}));
            let doctor = admin.post("/api/v1/doctors", said).await.expect(201);
            assert_eq!((&doctor["specialty_id"], &doctor["specialty"]), (&made["id"], &json!("Space medicine")));
        }
    })
    .await;
}
