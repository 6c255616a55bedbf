//! Lists of emergencies show each caller their own patients'.
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::{another, at, call, people, raise, text, with};

async fn listed(by: &Client, query: &str) -> Vec<String> {
    let answer = by.get(&format!("/api/emergency/alerts{query}")).await.expect(200);
    answer.as_array().expect("a list").iter().map(|e| text(&e["id"]).to_owned()).collect()
}

fn ids<const N: usize>(emergencies: [&Value; N]) -> Vec<String> {
    emergencies.map(|e| text(&e["id"]).to_owned()).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_sees_the_emergencies_of_their_own_patients() {
    both(|t| async move {
        let p = people(&t).await;
        let (ours, theirs) =
            (raise(&p.here.nurse, &p.here.patient).await, raise(&p.there.nurse, &p.there.patient).await);
        let second = raise(&p.here.doctor, &p.here.patient).await;
        for insider in [&p.here.nurse, &p.here.doctor, &p.patient] {
            assert_eq!(listed(insider, "").await, ids([&second, &ours]), "newest first");
        }
        for other in [&p.there.nurse, &p.there.doctor, &p.other_patient] {
            assert_eq!(listed(other, "").await, ids([&theirs]));
        }
        assert_eq!(listed(&p.responder, "").await, ids([&second, &theirs, &ours]));
        let (_, idle) = t.doctor("Dr. Idle").await;
        assert!(listed(&idle, "?active_only=false").await.is_empty());
        t.admin().await.get("/api/emergency/alerts").await.expect(403);
        t.monitor(&p.here.hospital).await.get("/api/emergency/alerts").await.expect(403);
        t.client().get("/api/emergency/alerts").await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_ones_alone_unless_all_are_asked_for() {
    both(|t| async move {
        let w = t.ward().await;
        let severe = with(call(&w.patient), json!({"severity": "critical"}));
        let mut raised = Vec::new();
        for body in [call(&w.patient), severe, call(&w.patient)] {
            raised.push(w.nurse.post("/api/emergency/alerts", body).await.expect(201));
        }
        w.nurse.patch(&at(&raised[0], "/resolve"), json!({})).await.expect(200);
        w.nurse.patch(&at(&raised[2], "/respond"), json!({})).await.expect(200);
        assert_eq!(listed(&w.nurse, "").await, ids([&raised[2], &raised[1]]));
        assert_eq!(listed(&w.nurse, "?active_only=true").await, ids([&raised[2], &raised[1]]));
        assert_eq!(listed(&w.nurse, "?active_only=false").await, ids([&raised[2], &raised[1], &raised[0]]));
        assert_eq!(listed(&w.nurse, "?severity=critical").await, ids([&raised[1]]));
        assert_eq!(listed(&w.nurse, "?severity=high&active_only=false").await, ids([&raised[2], &raised[0]]));
        let of_patient = format!("/api/emergency/patients/{}/alerts?severity=high", w.patient_id());
        let found = w.nurse.get(&of_patient).await.expect(200);
        assert_eq!((found.as_array().map(Vec::len), &found[0]["id"]), (Some(1), &raised[2]["id"]));
        for (query, member) in [
            ("severity=awful", "severity"),
            ("active_only=perhaps", "active_only"),
            ("limit=0", "limit"),
            ("cursor=x", "cursor"),
        ] {
            w.nurse.get(&format!("/api/emergency/alerts?{query}")).await.expect_about(422, member);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gaps() {
    both(|t| async move {
        let p = people(&t).await;
        let neighbour = another(&p.here, "Ravi Rao").await;
        let mut ours = Vec::new();
        for round in 0..7 {
            let patient = if round % 2 == 0 { &p.here.patient } else { &neighbour };
            ours.insert(0, text(&raise(&p.here.nurse, patient).await["id"]).to_owned());
            // Somebody else's lie between ours.
            raise(&p.there.nurse, &p.there.patient).await;
        }
        for (path, all) in [
            ("/api/emergency/alerts?limit=2".to_owned(), ours.clone()),
            (
                format!("/api/emergency/patients/{}/alerts?limit=2", p.here.patient_id()),
                ours.iter().step_by(2).cloned().collect(),
            ),
        ] {
            let (mut found, mut next) = (Vec::new(), Some(path));
            while let Some(path) = next {
                let page = p.here.nurse.get(&path).await;
                next = page.next();
                let page = page.expect(200);
                let page = page.as_array().expect("a list");
                assert!(page.len() <= 2);
                found.extend(page.iter().map(|e| text(&e["id"]).to_owned()));
            }
            assert_eq!(found, all);
        }
        assert_eq!(listed(&p.here.nurse, "?skip=5").await, ours[5..]);
    })
    .await;
}
