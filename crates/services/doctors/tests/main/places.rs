//! Doctors at hospitals.
use serde_json::{Value, json};
use testkit::both;

use crate::{at, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_gets_a_place_at_a_hospital() {
    both(|t| async move {
        let (admin, hospital) = (t.admin().await, t.hospital("City Hospital", 1).await);
        let (record, doctor) = t.doctor("Dr. Rao").await;
        let path = at(&record, "/hospitals/city%20hospital");
        let made = admin.post(&format!("{path}?department=Surgery&position=Consultant"), json!({})).await.expect(201);
        assert_eq!((&made["hospital_id"], &made["hospital_name"]), (&hospital["id"], &json!("City Hospital")));
        assert_eq!((&made["department"], &made["position"]), (&json!("Surgery"), &json!("Consultant")));
        assert_eq!(doctor.get(&at(&record, "/hospitals")).await.expect(200), json!([made]));
        let staff = doctor.get("/api/hospitals/City%20Hospital/doctors").await.expect(200);
        assert_eq!((&staff[0]["id"], &staff[0]["department"]), (&record["id"], &json!("Surgery")));
        assert_eq!((&staff[0]["name"], staff.as_array().map(Vec::len)), (&json!("Dr. Rao"), Some(1)));

        // The same place again changes nothing; another one takes its place.
        admin.post(&format!("{path}?department=Surgery&position=Consultant"), json!({})).await.expect(409);
        admin.post(&path, json!({"department": "Surgery", "position": "Head"})).await.expect(201);
        let places = doctor.get(&at(&record, "/hospitals")).await.expect(200);
        assert_eq!((&places[0]["position"], places.as_array().map(Vec::len)), (&json!("Head"), Some(1)));
        let bare = admin.request("POST".parse().expect("a method"), &path);
        assert_eq!(bare.send().await.expect("an answer").status(), 201);
        assert_eq!(doctor.get(&at(&record, "/hospitals")).await.expect(200)[0]["position"], Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_hospital_and_administrators_give_places() {
    both(|t| async move {
        let (one, two) = (t.hospital("One", 1).await, t.hospital("Two", 1).await);
        let (record, doctor) = t.doctor("Dr. Rao").await;
        let path = at(&record, &format!("/hospitals/{}", text(&one["id"])));
        let desk = t.account("hospital", Some(&two["id"])).await;
        for client in [&doctor, &t.nurse(&one).await, &desk] {
            client.post(&path, json!({})).await.expect(403);
        }
        t.account("hospital", Some(&one["id"])).await.post(&path, json!({})).await.expect(201);
        let admin = t.admin().await;
        admin.post(&at(&record, "/hospitals/nowhere"), json!({})).await.expect(404);
        admin.post(&path, json!({"department": "x".repeat(101)})).await.expect_about(422, "department");
        admin.post(&at(&one, "/hospitals/one"), json!({})).await.expect(404);
        admin.get("/api/hospitals/nowhere/doctors").await.expect(404);
        t.hospital("one", 1).await;
        admin.post(&at(&record, "/hospitals/one"), json!({})).await.expect(409);
        admin.get("/api/hospitals/ONE/doctors").await.expect(409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_ended_gives_no_rights_there_any_more() {
    both(|t| async move {
        let (admin, one) = (t.admin().await, t.hospital("One", 4).await);
        let (nurse, desk) = (t.nurse(&one).await, t.account("hospital", Some(&one["id"])).await);
        let other = t.account("hospital", Some(&t.hospital("Two", 1).await["id"])).await;
        let (record, doctor) = t.doctor("Dr. Rao").await;
        let (_, stranger) = t.doctor("Dr. Nair").await;
        let path = at(&record, "/hospitals/One");
        doctor.delete(&path).await.expect(404);
        desk.post(&path, json!({})).await.expect(201);
        let patient = json!({
            "first_name": "Asha", "last_name": "Rao", "date_of_birth": "1980-05-17", "institution_id": one["id"],
            "contact_phone": {"phone_number": "+91 98450 22222"},
        });
        let patient = admin.post("/api/v1/patients", patient).await.expect(201);
        let validation = format!("/api/v1/patients/{}/validation", text(&patient["id"]));
        doctor.get(&validation).await.expect(200);
        for refused in [&nurse, &other, &stranger] {
            refused.delete(&path).await.expect(403);
        }
        doctor.delete(&path).await.expect(204);
        assert_eq!(doctor.get(&at(&record, "/hospitals")).await.expect(200), json!([]));
        desk.delete(&path).await.expect(404);
        doctor.post(&validation, json!({})).await.expect(404);
        let ward = format!("/api/hospitals/One/patients/{}", text(&patient["id"]));
        let admission = json!({"department": "medicine", "reason": "observation"});
        doctor.post(&format!("{ward}/admit"), admission.clone()).await.expect(403);
        nurse.post(&format!("{ward}/admit"), admission).await.expect(201);
        doctor.post(&format!("{ward}/discharge"), json!({})).await.expect(403);
        let events = t.app.edge::<events::Log>().after(&mut t.app.db(), "doctors", 0, 100).await.expect("the log");
        assert!(events.iter().any(|event| event.body["kind"] == "doctor.affiliation_ended"));
        for by in [&desk, &admin] {
            desk.post(&path, json!({})).await.expect(201);
            by.delete(&path).await.expect(204);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospitals_doctors_come_in_pages() {
    both(|t| async move {
        let (admin, hospital) = (t.admin().await, t.hospital("One", 1).await);
        for name in ["Dr. A", "Dr. B", "Dr. C"] {
            let (record, _) = t.doctor(name).await;
            admin.post(&at(&record, "/hospitals/one"), json!({})).await.expect(201);
        }
        let path = format!("/api/hospitals/{}/doctors", text(&hospital["id"]));
        let first = admin.get(&format!("{path}?limit=2")).await;
        let next = admin.get(&first.next().expect("a next page")).await;
        assert!(next.next().is_none());
        assert_eq!(
            (first.expect(200)[1]["name"].clone(), next.expect(200)[0]["name"].clone()),
            (json!("Dr. B"), json!("Dr. C"))
        );
        admin.delete(&format!("/api/hospitals/{}", text(&hospital["id"]))).await.expect(204);
        let doctors = admin.get("/api/doctors?limit=1").await.expect(200);
        assert_eq!(admin.get(&at(&doctors[0], "/hospitals")).await.expect(200), json!([]));
    })
    .await;
}
