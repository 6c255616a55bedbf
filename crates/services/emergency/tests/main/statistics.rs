//! Figures over all emergencies, which tell of no patient.
use chrono::TimeDelta;
use serde_json::{Value, json};
use testkit::both;

use crate::{at, call, raise, with};

#[tokio::test(flavor = "multi_thread")]
async fn emergencies_are_counted_by_how_far_they_are() {
    both(|t| async move {
        let w = t.ward().await;
        let figures = |by: testkit::Client| async move { by.get("/api/emergency/statistics").await.expect(200) };
        let none = json!({"total_alerts": 0, "active_alerts": 0, "acknowledged_alerts": 0, "responding_alerts": 0,
            "resolved_alerts": 0, "false_alarms": 0, "critical_alerts": 0, "average_response_seconds": null});
        assert_eq!(figures(w.nurse.clone()).await, none);
        let critical = with(call(&w.patient), json!({"severity": "critical"}));
        let mut raised = vec![w.nurse.post("/api/emergency/alerts", critical).await.expect(201)];
        for _ in 0..4 {
            raised.push(raise(&w.nurse, &w.patient).await);
        }
        t.clock.advance(TimeDelta::seconds(30));
        w.nurse.patch(&at(&raised[1], "/acknowledge"), json!({})).await.expect(200);
        t.clock.advance(TimeDelta::seconds(60));
        w.nurse.patch(&at(&raised[2], "/acknowledge"), json!({})).await.expect(200);
        w.nurse.patch(&at(&raised[2], "/respond"), json!({})).await.expect(200);
        w.nurse.patch(&at(&raised[3], "/resolve"), json!({})).await.expect(200);
        w.nurse.patch(&at(&raised[4], "/false-alarm"), json!({})).await.expect(200);
        let expected = json!({"total_alerts": 5, "active_alerts": 1, "acknowledged_alerts": 1, "responding_alerts": 1,
            "resolved_alerts": 1, "false_alarms": 1, "critical_alerts": 1, "average_response_seconds": 60.0});
        for who in [w.nurse.clone(), w.doctor.clone(), t.responder(&w.hospital).await, t.admin().await] {
            assert_eq!(figures(who).await, expected);
        }
        let lata = t.account("patient", Some(&w.patient["id"])).await;
        lata.get("/api/emergency/statistics").await.expect(403);
        t.monitor(&w.hospital).await.get("/api/emergency/statistics").await.expect(403);
        assert_eq!(t.client().get("/api/emergency/statistics").await.expect(401)["status"], Value::from(401));
    })
    .await;
}
