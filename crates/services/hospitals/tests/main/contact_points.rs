//! Contact points of institutions, doctors and patients: one primary of each kind, and who may change which.
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::institutions::{institution_at, registered};
use crate::{at, text};

/// The values of a kind, the primary first.
async fn values(client: &Client, path: &str, kind: &str) -> Vec<String> {
    let listed = client.get(&format!("{path}?kind={kind}")).await.expect(200);
    let points = listed.as_array().expect("a list");
    for (index, point) in points.iter().enumerate() {
        assert_eq!(point["is_primary"], json!(index == 0), "{listed}");
        assert_eq!(point["id"].is_null(), index == 0, "{listed}");
    }
    points.iter().map(|point| text(&point["value"]).to_owned()).collect()
}

fn phone(number: &str) -> Value {
    json!({"kind": "phone", "label": "mobile", "value": number})
}

fn point_at(path: &str, point: &Value) -> String {
    format!("{path}/{}", text(&point["id"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_has_one_primary_of_each_kind() {
    both(|t| async move {
        let admin = t.admin().await;
        let made = registered(&admin, "One", "LIC-1", "hospital").await;
        let points = institution_at(&made, "/contact-points");
        let first = text(&made["contact_phone"]["phone_number"]).to_owned();
        let mut second_primary = phone("+91 98765 43210");
        second_primary["is_primary"] = json!(true);
        admin.post(&points, second_primary).await.expect_about(409, "is_primary");
        let added = admin.post(&points, phone("+91 98765 43210")).await.expect(201);
        assert_eq!((&added["label"], &added["is_primary"]), (&json!("mobile"), &json!(false)));
        assert_eq!(values(&admin, &points, "phone").await, [first.as_str(), "+91 98765 43210"]);
        // The two change places.
        let here = point_at(&points, &added);
        let now = admin.put(&here, json!({"is_primary": true})).await.expect(200);
        assert_eq!((&now["is_primary"], &now["id"]), (&json!(true), &Value::Null));
        assert_eq!(values(&admin, &points, "phone").await, ["+91 98765 43210", first.as_str()]);
        let hospital = admin.get(&at(&made, "")).await.expect(200);
        assert_eq!(hospital["contact"], "+91 98765 43210");
        assert_eq!(hospital["version"], now["version"]);
        admin.put(&here, json!({"is_primary": true})).await.expect(404);
        admin.delete(&here).await.expect(404);
        // What is not there can be given at once.
        admin.put(&institution_at(&made, ""), json!({"contact_phone": null, "address": {}})).await.expect(200);
        let mut address = json!({"kind": "address", "value": {"city": "Goa"}, "is_primary": true});
        admin.post(&points, address.clone()).await.expect(201);
        assert_eq!(admin.get(&at(&made, "")).await.expect(200)["address"], json!({"city": "Goa"}));
        address["is_primary"] = json!(false);
        admin.post(&points, address).await.expect_about(409, "value");
        let all = admin.get(&points).await.expect(200);
        let kinds: Vec<&str> = all.as_array().expect("a list").iter().map(|point| text(&point["kind"])).collect();
        assert_eq!(kinds, ["email", "phone", "address"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_number_is_listed_once_however_it_is_typed() {
    both(|t| async move {
        let admin = t.admin().await;
        let made = registered(&admin, "One", "LIC-1", "clinic").await;
        let (here, points) = (institution_at(&made, ""), institution_at(&made, "/contact-points"));
        // The primary is +91 20 2345 6789.
        admin.post(&points, phone("020 2345 6789")).await.expect_about(409, "value");
        let one = admin.post(&points, phone("+91 98765 43210")).await.expect(201);
        let two = admin.post(&points, phone("+91 98765 43211")).await.expect(201);
        for spelling in ["098765 43210", "9876543210", "0091 98765 43210"] {
            admin.post(&points, phone(spelling)).await.expect_about(409, "value");
            admin.put(&point_at(&points, &two), json!({"value": spelling})).await.expect_about(409, "value");
        }
        // Its own spelling may change.
        admin.put(&point_at(&points, &one), json!({"value": "9876543210", "label": "work"})).await.expect(200);
        let mail = json!({"kind": "email", "value": "LIC-1@Institution.example"});
        admin.post(&points, mail).await.expect_about(409, "value");
        // The record takes over what was a further point.
        admin.put(&here, json!({"contact_phone": {"phone_number": "098765 43210"}})).await.expect(200);
        assert_eq!(values(&admin, &points, "phone").await, ["098765 43210", "+91 98765 43211"]);
        let many = crowd(&admin, &points, 25).await;
        assert_eq!(many, (19, 6), "made, and refused for being too many");
    })
    .await;
}

/// Adds this many phones, and counts those that were taken and those that were not.
async fn crowd(client: &Client, points: &str, count: usize) -> (usize, usize) {
    let mut taken = 0;
    for number in 0..count {
        let answer = client.post(points, phone(&format!("+91 77777 {:05}", 10_000 + number))).await;
        taken += usize::from(answer.status == 201);
    }
    (taken, count - taken)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_contact_point_is_named() {
    both(|t| async move {
        let admin = t.admin().await;
        let made = registered(&admin, "One", "LIC-1", "clinic").await;
        let points = institution_at(&made, "/contact-points");
        let wrong = [
            (json!({"kind": "pigeon", "value": "x"}), "kind"),
            (json!({"kind": "email", "value": "nobody"}), "value"),
            (json!({"kind": "email", "value": {"email_address": "a@b"}}), "value"),
            (json!({"kind": "phone", "value": "call us"}), "value"),
            (json!({"kind": "phone", "value": 5}), "value"),
            (json!({"kind": "address", "value": {}}), "value"),
            (json!({"kind": "phone", "value": "+91 98765 43210", "label": "moon"}), "label"),
        ];
        for (body, member) in wrong {
            admin.post(&points, body).await.expect_about(422, member);
        }
        admin.get(&format!("{points}?kind=pigeon")).await.expect_about(422, "kind");
        admin.put(&format!("{points}/nothing"), json!({})).await.expect(404);
        assert_eq!(admin.get(&points).await.expect(200).as_array().expect("a list").len(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_points_of_one_institution_are_not_anothers_to_change() {
    both(|t| async move {
        let admin = t.admin().await;
        let one = registered(&admin, "One", "LIC-1", "clinic").await;
        let two = registered(&admin, "Two", "LIC-2", "clinic").await;
        let own = t.account("institution", Some(&one["id"])).await;
        let other = t.account("institution", Some(&two["id"])).await;
        let (mine, theirs) = (institution_at(&one, "/contact-points"), institution_at(&two, "/contact-points"));
        let added = own.post(&mine, phone("+91 98765 43210")).await.expect(201);
        let (_, doctor) = t.doctor("Dr. Rao").await;
        for stranger in [&other, &doctor, &t.nurse(&one).await] {
            stranger.post(&mine, phone("+91 98765 43211")).await.expect(403);
            stranger.put(&point_at(&mine, &added), json!({"label": "home"})).await.expect(403);
            stranger.put(&point_at(&mine, &added), json!({"is_primary": true})).await.expect(403);
            stranger.delete(&point_at(&mine, &added)).await.expect(403);
            // The directory is read by anyone who signed in.
            stranger.get(&mine).await.expect(200);
        }
        // Under one's own record, another's point does not exist.
        other.put(&point_at(&theirs, &added), json!({"label": "home"})).await.expect(404);
        other.delete(&point_at(&theirs, &added)).await.expect(404);
        t.client().get(&mine).await.expect(401);
        own.delete(&point_at(&mine, &added)).await.expect(204);
        assert_eq!(values(&own, &mine, "phone").await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_changed_in_between_is_not_overwritten() {
    both(|t| async move {
        let admin = t.admin().await;
        let made = registered(&admin, "One", "LIC-1", "clinic").await;
        let points = institution_at(&made, "/contact-points");
        let answer = admin.post(&points, phone("+91 98765 43210")).await;
        let clerk = admin.with_header("If-Match", answer.header("etag").expect("a tag"));
        let here = point_at(&points, &answer.expect(201));
        let (one, two) =
            tokio::join!(clerk.put(&here, json!({"label": "home"})), clerk.put(&here, json!({"label": "billing"})));
        let mut answers = [one.status.as_u16(), two.status.as_u16()];
        answers.sort_unstable();
        assert_eq!(answers, [200, 412]);
        clerk.put(&here, json!({"is_primary": true})).await.expect(412);
        clerk.delete(&here).await.expect(412);
        let listed = admin.get(&format!("{points}?kind=phone")).await.expect(200);
        admin.with_header("If-Match", &format!("\"{}\"", listed[1]["version"])).delete(&here).await.expect(204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_make_different_points_primary_at_once_each_is_whole() {
    both(|t| async move {
        let admin = t.admin().await;
        let made = registered(&admin, "One", "LIC-1", "clinic").await;
        let points = institution_at(&made, "/contact-points");
        let mut added = Vec::new();
        for number in 0..6 {
            added.push(admin.post(&points, phone(&format!("+91 98765 4321{number}"))).await.expect(201));
        }
        let mut tasks = Vec::new();
        for point in &added {
            let (admin, here) = (admin.clone(), point_at(&points, point));
            tasks.push(tokio::spawn(async move { admin.put(&here, json!({"is_primary": true})).await.expect(200) }));
        }
        for task in tasks {
            task.await.expect("an answer");
        }
        // Nothing was lost and nothing doubled: the first primary and the six are there, one of them as the primary.
        let mut left = values(&admin, &points, "phone").await;
        left.sort();
        left.dedup();
        assert_eq!(left.len(), 7, "{left:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_another_has_does_not_become_primary_and_nothing_moves() {
    both(|t| async move {
        let admin = t.admin().await;
        let one = registered(&admin, "One", "LIC-1", "clinic").await;
        registered(&admin, "Two", "LIC-2", "clinic").await;
        let points = institution_at(&one, "/contact-points");
        // As a further point it may be shared.
        let shared = json!({"kind": "email", "value": "lic-2@institution.example"});
        let added = admin.post(&points, shared).await.expect(201);
        admin.put(&point_at(&points, &added), json!({"is_primary": true})).await.expect_about(409, "value");
        let after = values(&admin, &points, "email").await;
        assert_eq!(after, ["lic-1@institution.example", "lic-2@institution.example"]);
        assert_eq!(admin.get(&institution_at(&one, "")).await.expect(200)["version"], 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctors_have_contact_points_of_their_own() {
    both(|t| async move {
        let admin = t.admin().await;
        let (record, doctor) = t.doctor("Dr. Rao").await;
        let (other, colleague) = t.doctor("Dr. Nair").await;
        let points = format!("/api/v1/doctors/{}/contact-points", text(&record["id"]));
        let mail = json!({"kind": "email", "label": "work", "value": "rao@clinic.example"});
        let added = doctor.post(&points, mail).await.expect(201);
        colleague.put(&point_at(&points, &added), json!({"is_primary": true})).await.expect(403);
        colleague.post(&points, phone("+91 98765 43210")).await.expect(403);
        colleague.delete(&point_at(&points, &added)).await.expect(403);
        doctor.put(&point_at(&points, &added), json!({"is_primary": true})).await.expect(200);
        assert_eq!(values(&colleague, &points, "email").await, ["rao@clinic.example", text(&record["email"])]);
        let shown = doctor.get(&format!("/api/doctors/{}", text(&record["id"]))).await.expect(200);
        assert_eq!((&shown["email"], &shown["version"]), (&json!("rao@clinic.example"), &json!(2)));
        // Another doctor's address, and a kind that an entry has no member for.
        let taken = json!({"kind": "email", "value": other["email"]});
        let taken = admin.post(&points, taken).await.expect(201);
        doctor.put(&point_at(&points, &taken), json!({"is_primary": true})).await.expect_about(409, "value");
        let home = json!({"kind": "address", "value": {"city": "Pune"}, "is_primary": true});
        doctor.post(&points, home).await.expect_about(422, "is_primary");
        let home = json!({"kind": "address", "label": "work", "value": {"city": "Pune"}});
        let home = doctor.post(&points, home).await.expect(201);
        doctor.put(&point_at(&points, &home), json!({"is_primary": true})).await.expect_about(422, "is_primary");
        doctor.delete(&point_at(&points, &home)).await.expect(204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn patients_have_contact_points_for_those_who_keep_their_registration() {
    both(|t| async move {
        let ward = t.ward().await;
        let points = format!("/api/v1/patients/{}/contact-points", ward.patient_id());
        let added = ward.nurse.post(&points, phone("+91 98765 43210")).await.expect(201);
        // By any of the numbers the patient is found.
        let found = ward.nurse.get("/api/v1/patients?phone=098765%2043210").await.expect(200);
        assert_eq!(found[0]["id"], ward.patient["id"]);
        // No e-mail was given at registration: the first is the primary at once.
        let mail = json!({"kind": "email", "value": "lata@home.example", "is_primary": true});
        assert_eq!(ward.nurse.post(&points, mail).await.expect(201)["id"], Value::Null);
        let own = t.account("patient", Some(&ward.patient["id"])).await;
        own.put(&point_at(&points, &added), json!({"is_primary": true})).await.expect(200);
        let shown = own.get(&format!("/api/patients/{}", ward.patient_id())).await.expect(200);
        assert_eq!((&shown["contact"], &shown["email"]), (&json!("+91 98765 43210"), &json!("lata@home.example")));
        assert_eq!(values(&ward.nurse, &points, "phone").await, ["+91 98765 43210", text(&ward.patient["contact"])]);
        // To strangers the patient does not exist.
        let (_, stranger) = t.doctor("Dr. Nair").await;
        let elsewhere = t.nurse(&t.hospital("Elsewhere", 1).await).await;
        let another = t.account("patient", Some(&t.patient(&elsewhere, "Asha Rao").await["id"])).await;
        let listed = ward.nurse.get(&format!("{points}?kind=phone")).await.expect(200);
        for who in [&stranger, &elsewhere, &another] {
            who.get(&points).await.expect(404);
            who.post(&points, phone("+91 98765 43219")).await.expect(404);
            who.put(&point_at(&points, &listed[1]), json!({"is_primary": true})).await.expect(404);
            who.delete(&point_at(&points, &listed[1])).await.expect(404);
        }
        // A deactivated patient keeps the points, and nobody changes them.
        let admin = t.admin().await;
        ward.nurse
            .post(&at(&ward.hospital, &format!("/patients/{}/discharge", ward.patient_id())), json!({}))
            .await
            .expect(200);
        admin.delete(&format!("/api/patients/{}", ward.patient_id())).await.expect(204);
        admin.post(&points, phone("+91 98765 43219")).await.expect(409);
        admin.delete(&point_at(&points, &listed[1])).await.expect(409);
        assert_eq!(values(&admin, &points, "phone").await.len(), 2);
    })
    .await;
}
