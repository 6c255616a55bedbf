//! Looking at who is admitted, and at the figures.
use serde_json::{Value, json};
use store::{Sql as _, args, sql};
use testkit::both;

use crate::{admit, affiliate, at, discharge, text};

#[tokio::test(flavor = "multi_thread")]
async fn the_staff_sees_who_is_admitted_and_why() {
    both(|t| async move {
        let hospital = t.hospital("One", 5).await;
        let nurse = t.nurse(&hospital).await;
        let (first, second) = (t.patient(&nurse, "Lata Joshi").await, t.patient(&nurse, "Asha Rao").await);
        let admission = admit(&nurse, &hospital, &first, json!({"room_number": "101"})).await.expect(201);
        admit(&nurse, &hospital, &second, json!({"reason": "fever"})).await.expect(201);
        let listed = nurse.get(&at(&hospital, "/patients")).await.expect(200);
        assert_eq!(listed[0]["id"], admission["id"]);
        assert_eq!((&listed[0]["reason"], &listed[1]["reason"]), (&json!("shortness of breath"), &json!("fever")));
        assert_eq!((&listed[0]["patient"]["name"], &listed[0]["patient"]["id"]), (&json!("Lata Joshi"), &first["id"]));
        assert_eq!(
            (&listed[0]["patient"]["gender"], &listed[0]["room"]["room_number"]),
            (&json!("female"), &json!("101"))
        );
        assert!(listed[0]["patient"]["age"].as_i64().expect("an age") > 50);
        let page = nurse.get(&at(&hospital, "/patients?limit=1&total=true")).await;
        assert_eq!(page.header("x-total-count"), Some("2"));
        let next = nurse.get(&page.next().expect("a next page")).await.expect(200);
        assert_eq!((next[0]["patient"]["name"].clone(), next.as_array().map(Vec::len)), (json!("Asha Rao"), Some(1)));
        discharge(&nurse, &hospital, &first).await.expect(200);
        let listed = nurse.get(&at(&hospital, "/patients")).await.expect(200);
        assert_eq!(listed.as_array().map(Vec::len), Some(1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_do_not_see_who_is_admitted() {
    both(|t| async move {
        let (hospital, other) = (t.hospital("One", 5).await, t.hospital("Two", 5).await);
        let (nurse, admin) = (t.nurse(&hospital).await, t.admin().await);
        let (mine, theirs) = (t.patient(&nurse, "Lata Joshi").await, t.patient(&nurse, "Asha Rao").await);
        let (record, doctor) = t.doctor("Dr. Rao").await;
        admit(&nurse, &hospital, &mine, json!({"doctor_id": record["id"]})).await.expect(201);
        admit(&nurse, &hospital, &theirs, json!({})).await.expect(201);
        let oneself = t.account("patient", Some(&mine["id"])).await;
        for client in [t.nurse(&other).await, oneself, admin.clone(), doctor.clone()] {
            client.get(&at(&hospital, "/patients")).await.expect(403);
        }
        affiliate(&admin, &record, &hospital).await;
        let seen = doctor.get(&at(&hospital, "/patients")).await.expect(200);
        assert_eq!((&seen[0]["patient_id"], seen.as_array().map(Vec::len)), (&mine["id"], Some(1)));
    })
    .await;
}

sql!(
    REASONS_KEPT = "SELECT reason AS value FROM admissions
    WHERE reason IS NOT NULL"
);

#[tokio::test(flavor = "multi_thread")]
async fn reasons_are_sealed_and_looks_are_kept() {
    both(|t| async move {
        let hospital = t.hospital("One", 5).await;
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        admit(&nurse, &hospital, &patient, json!({})).await.expect(201);
        let kept: Vec<Vec<u8>> = t.app.db().all(&REASONS_KEPT, args![]).await.expect("the reasons");
        assert_eq!(kept.len(), 1);
        assert!(!kept[0].windows(6).any(|bytes| bytes == b"breath"));
        nurse.get(&at(&hospital, "/patients")).await.expect(200);
        discharge(&nurse, &hospital, &patient).await.expect(200);
        let chain = access::list(&mut t.app.db(), 0).await.expect("the audit chain");
        let looks: Vec<String> = chain.into_iter().filter(|look| look.allowed).map(|look| look.action).collect();
        let expected = ["admission.admitted", "read care", "write care", "admission.discharged"];
        assert!(looks.ends_with(&expected.map(str::to_owned)), "{looks:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_hear_of_admissions_and_discharges() {
    both(|t| async move {
        let hospital = t.hospital("One", 5).await;
        let nurse = t.nurse(&hospital).await;
        let patient = t.patient(&nurse, "Lata Joshi").await;
        let admission = admit(&nurse, &hospital, &patient, json!({})).await.expect(201);
        discharge(&nurse, &hospital, &patient).await.expect(200);
        let log = t.app.edge::<events::Log>();
        let heard = log.after(&mut t.app.db(), "admissions", 0, 10).await.expect("the events");
        let kinds: Vec<&Value> = heard.iter().map(|event| &event.body["kind"]).collect();
        assert_eq!(kinds, [&json!("admitted"), &json!("discharged")]);
        let body = json!({"kind": "admitted", "encounter_id": admission["id"], "patient_id": patient["id"],
            "hospital_id": hospital["id"], "doctor_id": null});
        assert_eq!((&heard[0].body, heard[0].subject.to_string().as_str()), (&body, text(&patient["id"])));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_in_figures() {
    both(|t| async move {
        let (hospital, other) = (t.hospital("One", 3).await, t.hospital("Two", 3).await);
        let (nurse, admin) = (t.nurse(&hospital).await, t.admin().await);
        let (first, second) = (t.patient(&nurse, "Lata Joshi").await, t.patient(&nurse, "Asha Rao").await);
        let (record, doctor) = t.doctor("Dr. Rao").await;
        affiliate(&admin, &record, &hospital).await;
        for patient in [&first, &first, &second] {
            admit(&nurse, &hospital, patient, json!({})).await.expect(201);
            discharge(&nurse, &hospital, patient).await.expect(200);
        }
        admit(&nurse, &hospital, &second, json!({})).await.expect(201);
        let expected = json!({
            "hospital_name": "One", "total_beds": 3, "available_beds": 2, "occupied_beds": 1, "occupancy_rate": 33.33,
            "doctor_count": 1, "current_patients": 1, "total_patients_treated": 2, "emergency_services": true,
            "specializations": ["cardiology"],
        });
        let path = at(&hospital, "/statistics");
        for client in [&nurse, &admin, &doctor] {
            assert_eq!(client.get(&path).await.expect(200), expected);
        }
        t.nurse(&other).await.get(&path).await.expect(403);
        t.account("patient", Some(&first["id"])).await.get(&path).await.expect(403);
        let empty = admin.put(&at(&other, ""), json!({"total_beds": 0})).await.expect(200);
        assert_eq!(admin.get(&at(&empty, "/statistics")).await.expect(200)["occupancy_rate"], 0.0);
    })
    .await;
}
