//! Who is told of an emergency, and who is not.
use serde_json::{Value, json};
use testkit::both;

use crate::stream::Stream;
use crate::{at, people, raise, with};

/// The ids of the emergencies that a stream tells of until it tells of `last`.
async fn told_until(stream: &mut Stream, last: &Value) -> Vec<Value> {
    let mut told = Vec::new();
    loop {
        let event = stream.next().await;
        told.push(event.data["id"].clone());
        if event.data["id"] == *last {
            return told;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_treat_respond_or_suffer_are_told_and_strangers_are_not() {
    both(|t| async move {
        let p = people(&t).await;
        let (_, assigned) = {
            let (record, client) = t.doctor("Dr. Assigned").await;
            let path = format!("/api/doctors/{}/patients/{}", crate::text(&record["id"]), p.here.patient_id());
            p.here.nurse.post(&path, json!({})).await.expect(201);
            (record, client)
        };
        let colleague = t.nurse(&p.here.hospital).await;
        let desk = t.account("hospital", Some(&p.here.hospital["id"])).await;
        let inside = [&p.here.nurse, &colleague, &desk, &p.here.doctor, &assigned, &p.patient];
        let outside = [&p.there.nurse, &p.there.doctor, &p.other_patient];
        let (mut told, mut strangers) = (Vec::new(), Vec::new());
        for caller in inside {
            told.push(Stream::open(caller, "").await);
        }
        for caller in outside {
            strangers.push(Stream::open(caller, "").await);
        }
        let mut responder = Stream::open(&p.responder, "").await;
        let ours = raise(&p.here.nurse, &p.here.patient).await;
        let theirs = raise(&p.there.nurse, &p.there.patient).await;
        // The last thing everybody here hears, so that what came before is known to be all.
        let last = raise(&p.here.nurse, &p.here.patient).await;
        for stream in &mut told {
            assert_eq!(told_until(stream, &last["id"]).await, [ours["id"].clone(), last["id"].clone()]);
        }
        let end = raise(&p.there.nurse, &p.there.patient).await;
        for stream in &mut strangers {
            assert_eq!(told_until(stream, &end["id"]).await, [theirs["id"].clone(), end["id"].clone()]);
        }
        let all = [&ours, &theirs, &last, &end].map(|e| e["id"].clone());
        assert_eq!(told_until(&mut responder, &end["id"]).await, all);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_that_only_registered_is_not_told() {
    both(|t| async move {
        let w = t.ward().await;
        let registered = t.patient(&w.nurse, "Ravi Rao").await;
        let ravi = t.account("patient", Some(&registered["id"])).await;
        let (mut nurse, mut responder) =
            (Stream::open(&w.nurse, "").await, Stream::open(&t.responder(&w.hospital).await, "").await);
        let own = raise(&ravi, &registered).await;
        let admitted = raise(&w.nurse, &w.patient).await;
        assert_eq!(told_until(&mut nurse, &admitted["id"]).await, [admitted["id"].clone()]);
        assert_eq!(told_until(&mut responder, &admitted["id"]).await, [own["id"].clone(), admitted["id"].clone()]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_no_longer_treats_is_no_longer_told() {
    both(|t| async move {
        let p = people(&t).await;
        let w = &p.here;
        let mut doctor = Stream::open(&w.doctor, "").await;
        let before = raise(&w.nurse, &w.patient).await;
        assert_eq!(doctor.next().await.data["id"], before["id"]);
        w.nurse.patch(&at(&before, "/resolve"), json!({})).await.expect(200);
        assert_eq!(doctor.next().await.data["event"], "alert_resolved");
        let path = format!("/api/hospitals/{}/patients/{}/discharge", crate::text(&w.hospital["id"]), w.patient_id());
        w.nurse.post(&path, json!({})).await.expect(200);
        raise(&p.patient, &w.patient).await;
        // The doctor's next patient is the next thing the doctor hears of.
        let other = t.patient(&w.nurse, "Ravi Rao").await;
        let encounter = json!({"patient_id": other["id"], "doctor_id": w.doctor_id()});
        w.nurse.post("/encounters", encounter).await.expect(201);
        let next = raise(&w.nurse, &other).await;
        assert_eq!(doctor.next().await.data["id"], next["id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_is_seen_and_answered_by_those_it_is_for() {
    both(|t| async move {
        let p = people(&t).await;
        let emergency = raise(&p.here.nurse, &p.here.patient).await;
        let of_patient = format!("/api/emergency/patients/{}/alerts", p.here.patient_id());
        for caller in [&p.here.nurse, &p.here.doctor, &p.responder, &p.patient] {
            assert_eq!(caller.get(&at(&emergency, "")).await.expect(200)["id"], emergency["id"]);
            assert_eq!(caller.get(&of_patient).await.expect(200)[0]["id"], emergency["id"]);
        }
        for stranger in [&p.there.nurse, &p.there.doctor, &p.other_patient] {
            let hidden = stranger.get(&at(&emergency, "")).await.expect(404);
            assert_eq!(hidden["detail"], "alert not found");
            stranger.get(&of_patient).await.expect(404);
            for step in ["/acknowledge", "/respond", "/resolve", "/false-alarm"] {
                stranger.patch(&at(&emergency, step), json!({})).await.expect(404);
            }
            stranger.post("/api/emergency/alerts", crate::call(&p.here.patient)).await.expect(404);
        }
        let admin = t.admin().await;
        admin.get(&at(&emergency, "")).await.expect(403);
        admin.get(&of_patient).await.expect(403);
        admin.patch(&at(&emergency, "/resolve"), json!({})).await.expect(403);
        admin.post("/api/emergency/alerts", crate::call(&p.here.patient)).await.expect(403);
        let monitor = t.monitor(&p.here.hospital).await;
        monitor.post("/api/emergency/alerts", crate::call(&p.here.patient)).await.expect(403);
        t.client().patch(&at(&emergency, "/resolve"), json!({})).await.expect(401);
        assert_eq!(p.here.nurse.get(&at(&emergency, "")).await.expect(200), with(emergency, json!({})));
        // A responder has to do with a patient as long as an emergency is open.
        let emergency = p.here.nurse.get(&of_patient).await.expect(200)[0].clone();
        p.responder.patch(&at(&emergency, "/resolve"), json!({})).await.expect(200);
        p.responder.get(&at(&emergency, "")).await.expect(404);
        p.responder.get(&of_patient).await.expect(404);
    })
    .await;
}
