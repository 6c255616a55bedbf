//! Finding patients: misspelt, by parts of a name, by phone, date or city, each among one's own.
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use testkit::{Client, TestApp, both};

use crate::{admit, at, each, patient_with_account, register, text};

store::sql!(TEST_FORGET_INDEX = "DELETE FROM patient_search");
store::sql!(TEST_NOT_INDEXED = "UPDATE patients SET search_version = 0");

async fn names(client: &Client, query: &str) -> Vec<String> {
    each(&client.get(&format!("/api/patients?{query}")).await.expect(200), "name")
}

async fn desk(t: &TestApp, name: &str) -> (Value, Client) {
    let hospital = t.hospital(name, 20).await;
    let desk = t.account("hospital", Some(&hospital["id"])).await;
    (hospital, desk)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_is_found_by_a_misspelt_name() {
    both(|t| async move {
        let (_, desk) = desk(&t, "City Hospital").await;
        for name in ["Priya Sharma", "Mohammed Khan", "Lakshmi Reddy", "Shreya Chowdhury", "Usha Rao"] {
            register(&desk, name, json!({})).await;
        }
        for client in [t.admin().await, desk] {
            for (heard, found) in [
                ("Preeya", "Priya Sharma"),
                ("muhamad", "Mohammed Khan"),
                ("Laxmi", "Lakshmi Reddy"),
                ("reddi laxmi", "Lakshmi Reddy"),
                ("Sreya%20Choudhary", "Shreya Chowdhury"),
            ] {
                assert_eq!(names(&client, &format!("sounds_like={heard}")).await, [found], "{heard}");
            }
            assert!(names(&client, "sounds_like=Asha").await.is_empty());
            assert!(names(&client, "sounds_like=Preeya%20Khan").await.is_empty());
            assert!(names(&client, "sounds_like=--").await.is_empty());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_is_found_by_the_beginning_of_any_word_of_the_name() {
    both(|t| async move {
        let (_, desk) = desk(&t, "City Hospital").await;
        for name in ["Anne-Marie D'Souza", "Venkataramanan Iyer", "Venkataraman Iyer", "José Anand", "प्रिया शर्मा"]
        {
            register(&desk, name, json!({})).await;
        }
        for client in [t.admin().await, desk] {
            assert_eq!(names(&client, "search=an").await, ["Anne-Marie D'Souza", "José Anand"]);
            assert_eq!(names(&client, "search=dsou").await, ["Anne-Marie D'Souza"]);
            assert_eq!(names(&client, "search=mar%20ann").await, ["Anne-Marie D'Souza"]);
            assert_eq!(names(&client, "search=JOSE").await, ["José Anand"]);
            assert_eq!(names(&client, "search=Venkataramana").await, ["Venkataramanan Iyer"]);
            assert_eq!(names(&client, "search=venkataraman%20iy").await.len(), 2);
            assert_eq!(names(&client, "search=%E0%A4%AA%E0%A5%8D%E0%A4%B0").await, ["प्रिया शर्मा"]);
            assert!(names(&client, "search=ouza").await.is_empty());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_is_found_by_any_phone_however_it_is_typed() {
    both(|t| async move {
        let (_, desk) = desk(&t, "City Hospital").await;
        let asha =
            register(&desk, "Asha Rao", json!({"contact": "+91 98765 43210", "email": "Asha@example.org"})).await;
        register(&desk, "Bala Rao", json!({"contact": "+91 98765 43211"})).await;
        let points = format!("/api/v1/patients/{}/contact-points", text(&asha["id"]));
        let office = json!({"kind": "phone", "label": "work", "value": "020 2612 3456"});
        let office = desk.post(&points, office).await.expect(201);
        for typed in ["%2B91%2098765%2043210", "098765-43210", "9876543210", "%2B91%2020%202612%203456", "02026123456"]
        {
            assert_eq!(names(&desk, &format!("phone={typed}")).await, ["Asha Rao"], "{typed}");
        }
        assert_eq!(names(&desk, "email=ASHA@example.ORG").await, ["Asha Rao"]);
        desk.get("/api/patients?phone=call").await.expect_about(422, "phone");
        // What is taken away is found no more, and what is new is.
        desk.delete(&format!("{points}/{}", text(&office["id"]))).await.expect(204);
        assert!(names(&desk, "phone=02026123456").await.is_empty());
        desk.put(&at(&asha, ""), json!({"contact": "99999 00000", "name": "Asha Iyer"})).await.expect(200);
        assert!(names(&desk, "phone=9876543210").await.is_empty());
        assert!(names(&desk, "search=asha%20rao").await.is_empty());
        assert_eq!(names(&desk, "phone=9999900000&search=iy").await, ["Asha Iyer"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_hold_together() {
    both(|t| async move {
        let (_, desk) = desk(&t, "City Hospital").await;
        let pune = json!({"city": "Pune"});
        let asha = register(&desk, "Asha Rao", json!({"date_of_birth": "1980-05-17", "address": pune})).await;
        let registered: DateTime<Utc> = text(&asha["created_at"]).parse().expect("a time");
        let later = (registered + TimeDelta::days(1)).to_rfc3339_opts(SecondsFormat::Secs, true);
        t.clock.advance(TimeDelta::days(3));
        // The tokens of three days ago have expired.
        let admin = t.client().login("admin@example.org", "correct-horse-battery").await;
        register(&admin, "Asha Joshi", json!({"date_of_birth": "1990-01-02", "address": {"city": " new  delhi "}}))
            .await;
        register(&admin, "Bala Rao", json!({"date_of_birth": "1980-05-17", "address": {"city": "Pune"}})).await;
        assert_eq!(names(&admin, "city=PUNE").await, ["Asha Rao", "Bala Rao"]);
        assert_eq!(names(&admin, "city=New%20Delhi").await, ["Asha Joshi"]);
        assert_eq!(names(&admin, "date_of_birth=1980-05-17&search=a").await, ["Asha Rao"]);
        assert_eq!(names(&admin, &format!("created_after={later}")).await, ["Asha Joshi", "Bala Rao"]);
        assert_eq!(names(&admin, &format!("created_before={later}")).await, ["Asha Rao"]);
        assert_eq!(names(&admin, &format!("created_after={later}&city=pune")).await, ["Bala Rao"]);
        assert!(names(&admin, &format!("created_after={later}&created_before={later}")).await.is_empty());
        assert_eq!(names(&admin, "validation_status=pending").await.len(), 3);
        assert!(names(&admin, "validation_status=full_access").await.is_empty());
        admin.delete(&at(&asha, "")).await.expect(204);
        assert_eq!(names(&admin, "status=inactive").await, ["Asha Rao"]);
        assert_eq!(names(&admin, "city=pune").await, ["Bala Rao"]);
        for wrong in ["date_of_birth=yesterday", "status=gone", "validation_status=so", "created_after=noon"] {
            admin.get(&format!("/api/patients?{wrong}")).await.expect(422);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_ones_own_patients_alone() {
    both(|t| async move {
        let (_, city) = desk(&t, "City Hospital").await;
        let (hospital, lake) = desk(&t, "Lake Hospital").await;
        let asha = register(&city, "Asha Rao", json!({"email": "asha@example.org", "address": {"city": "Pune"}})).await;
        let (_, ravi) = patient_with_account(&t, &city, "Ravi Rao", "ravi@example.org").await;
        let (_, doctor) = t.doctor("Dr Iyer").await;
        for query in ["search=Asha", "sounds_like=Aasha", "phone=9876543210", "email=asha@example.org", "city=Pune"] {
            assert_eq!(names(&city, query).await.first().map(String::as_str), Some("Asha Rao"), "{query}");
            for stranger in [&lake, &doctor, &ravi] {
                assert!(!names(stranger, query).await.contains(&"Asha Rao".to_owned()), "{query}");
            }
            let counted = lake.get(&format!("/api/patients?{query}&total=true")).await;
            assert_eq!(counted.header("x-total-count"), Some("0"), "{query}");
        }
        city.get("/api/patients?status=inactive").await.expect(403);
        // Whoever becomes related finds the patient.
        admit(&t.nurse(&hospital).await, &hospital, &asha).await;
        assert_eq!(names(&lake, "search=asha").await, ["Asha Rao"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_stay_together_while_patients_are_added() {
    both(|t| async move {
        let (_, desk) = desk(&t, "City Hospital").await;
        for number in 0..7 {
            register(&desk, &format!("Rao Number{number}"), json!({})).await;
        }
        let mut seen = Vec::new();
        let mut next = Some("/api/v1/patients?search=rao&limit=2".to_owned());
        while let Some(path) = next {
            let answer = desk.get(&path).await;
            next = answer.next();
            seen.append(&mut each(&answer.expect(200), "name"));
            if seen.len() < 7 {
                register(&desk, &format!("Rao Later{}", seen.len()), json!({})).await;
            }
        }
        assert_eq!(seen.len(), 10);
        assert_eq!(seen[..7], (0..7).map(|number| format!("Rao Number{number}")).collect::<Vec<_>>());
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_many_there_are_is_told_when_asked() {
    both(|t| async move {
        let (_, desk) = desk(&t, "City Hospital").await;
        for name in ["Asha Rao", "Bala Rao", "Chitra Iyer"] {
            register(&desk, name, json!({})).await;
        }
        register(&t.admin().await, "Devi Rao", json!({})).await;
        for (client, all, raos) in [(t.admin().await, "4", "3"), (desk, "3", "2")] {
            let first = client.get("/api/patients?limit=1&total=true").await;
            assert_eq!(first.header("x-total-count"), Some(all));
            let second = client.get(&first.next().expect("a next page")).await;
            assert_eq!(second.header("x-total-count"), None);
            let found = client.get("/api/v1/patients?search=rao&total=true&limit=1").await;
            assert_eq!(found.header("x-total-count"), Some(raos));
            assert_eq!(client.get("/api/patients?search=zz&total=true").await.header("x-total-count"), Some("0"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_registered_before_there_was_an_index_are_indexed() {
    both(|t| async move {
        let (_, desk) = desk(&t, "City Hospital").await;
        for number in 0..150 {
            register(&desk, &format!("Asha Number{number}"), json!({})).await;
        }
        let mut tx = t.app.db().begin().await.expect("a transaction");
        tx.run(&TEST_FORGET_INDEX, vec![]).await.expect("the index is gone");
        tx.run(&TEST_NOT_INDEXED, vec![]).await.expect("nobody is indexed");
        tx.commit().await.expect("as it was before");
        assert!(names(&desk, "search=asha").await.is_empty());
        patients::index_old(&t.app).await.expect("they are indexed");
        assert_eq!(names(&desk, "sounds_like=aasha&limit=1000").await.len(), 150);
        assert_eq!(names(&desk, "search=number149").await, ["Asha Number149"]);
    })
    .await;
}
