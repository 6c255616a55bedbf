//! Lists of patients.
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::{admit, at, each, patient_with_account, register};

/// Every page of a list, as its `Link` headers lead.
async fn pages(client: &Client, first: &str) -> Vec<Vec<String>> {
    let (mut pages, mut next) = (Vec::new(), Some(first.to_owned()));
    while let Some(path) = next {
        let answer = client.get(&path).await;
        next = answer.next();
        pages.push(each(&answer.expect(200), "name"));
    }
    pages
}

async fn five(client: &Client) -> Vec<Value> {
    let mut made = Vec::new();
    for name in ["Anu", "anand", "Bala", "Chitra", "Devi"] {
        made.push(register(client, name, json!({})).await);
    }
    made
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_page_by_page() {
    both(|t| async move {
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        five(&nurse).await;
        for client in [t.admin().await, nurse] {
            let two_by_two = pages(&client, "/api/patients?limit=2").await;
            assert_eq!(two_by_two, [vec!["Anu", "anand"], vec!["Bala", "Chitra"], vec!["Devi"]]);
            let skipped = client.get("/api/patients?skip=3&limit=10").await.expect(200);
            assert_eq!(each(&skipped, "name"), ["Chitra", "Devi"]);
            assert_eq!(pages(&client, "/api/patients?search=AN&limit=1").await, [["Anu"], ["anand"]]);
            let second = client.get("/api/patients?search=an&skip=1").await.expect(200);
            assert_eq!(each(&second, "name"), ["anand"]);
            assert_eq!(client.get("/api/patients?search=%25").await.expect(200), json!([]));
            for wrong in ["limit=0", "limit=1001", "skip=-1", "cursor=x", "emergency_only=maybe"] {
                client.get(&format!("/api/patients?{wrong}")).await.expect(422);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_sees_their_own_patients() {
    both(|t| async move {
        let admin = t.admin().await;
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        let other = t.nurse(&t.hospital("Lake Hospital", 4).await).await;
        let (_, doctor) = t.doctor("Dr Iyer").await;
        register(&nurse, "Anu", json!({})).await;
        register(&other, "Bala", json!({})).await;
        register(&doctor, "Chitra", json!({})).await;
        let (_, devi) = patient_with_account(&t, &admin, "Devi", "devi@example.org").await;
        let all = ["Anu", "Bala", "Chitra", "Devi"];
        for (client, names) in
            [(&admin, &all[..]), (&nurse, &["Anu"]), (&other, &["Bala"]), (&doctor, &["Chitra"]), (&devi, &["Devi"])]
        {
            assert_eq!(each(&client.get("/api/patients").await.expect(200), "name"), names);
        }
        t.client().get("/api/patients").await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_in_an_emergency_are_listed_apart() {
    both(|t| async move {
        let hospital = t.hospital("City Hospital", 4).await;
        let nurse = t.nurse(&hospital).await;
        let made = five(&nurse).await;
        admit(&nurse, &hospital, &made[2]).await;
        nurse.post(&at(&made[2], "/emergency"), json!({"emergency_type": "seizure"})).await.expect(201);
        for client in [t.admin().await, nurse] {
            let listed = client.get("/api/patients?emergency_only=true").await.expect(200);
            assert_eq!(each(&listed, "name"), ["Bala"]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deactivated_are_listed_to_administrators_who_ask() {
    both(|t| async move {
        let admin = t.admin().await;
        let nurse = t.nurse(&t.hospital("City Hospital", 4).await).await;
        let made = five(&nurse).await;
        admin.delete(&at(&made[0], "")).await.expect(204);
        for client in [&admin, &nurse] {
            let listed = client.get("/api/patients").await.expect(200);
            assert_eq!(each(&listed, "name"), ["anand", "Bala", "Chitra", "Devi"]);
        }
        let listed = admin.get("/api/patients?include_inactive=true&limit=1").await.expect(200);
        assert_eq!((&listed[0]["name"], &listed[0]["is_active"]), (&json!("Anu"), &json!(false)));
        nurse.get("/api/patients?include_inactive=true").await.expect(403);
    })
    .await;
}
