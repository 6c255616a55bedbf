//! A database that cannot be asked for a moment: nobody loses a notice without a word.
use serde_json::json;
use store::{Statement, args};
use testkit::both;

use crate::stream::Stream;
use crate::{at, people, raise, text};

static AWAY: Statement = Statement::new("AWAY", "ALTER TABLE care_relations RENAME TO away");
static BACK: Statement = Statement::new("BACK", "ALTER TABLE away RENAME TO care_relations");

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_asked_about_comes_back_and_misses_nothing() {
    both(|t| async move {
        let p = people(&t).await;
        let w = &p.here;
        // A doctor who may follow by a consent, which is asked for again at each notice.
        let (_, nair) = t.doctor("Dr. Nair").await;
        let ask =
            json!({"patient_id": w.patient["id"], "data_categories": ["emergencies"], "purpose": "A second opinion"});
        let asked = nair.post("/api/v1/consents/request", ask).await.expect(201);
        p.patient.put(&format!("/api/v1/consents/{}/approve", text(&asked["id"])), json!({})).await.expect(200);
        let mut stream = Stream::open(&nair, "").await;
        let first = raise(&w.nurse, &w.patient).await;
        let seen = stream.next().await;
        assert_eq!(seen.data["id"], first["id"]);
        // What happens next is told by the log alone, while nobody can be asked who is related.
        let run = async |statement: &'static Statement| {
            let mut tx = t.app.db().begin().await.expect("a transaction");
            tx.run(statement, args![]).await.expect("run");
            tx.commit().await.expect("committed");
        };
        let event = t.app.edge::<events::Log>().after(&mut t.app.db(), "emergency", 0, 10).await.expect("the log");
        let body = event.last().expect("an event").body.clone();
        run(&AWAY).await;
        let mut tx = t.app.db().begin().await.expect("a transaction");
        let patient = text(&w.patient["id"]).parse().expect("an id");
        t.app.edge::<events::Log>().emit(&mut tx, "emergency", patient, body, t.clock.now());
        tx.commit().await.expect("committed");
        assert!(!stream.ends().await.contains("emergency_alert"), "the stream ends, and says nothing more");
        run(&BACK).await;
        let mut again = Stream::resume(&nair, seen.id).await;
        assert_eq!(again.next().await.data["id"], first["id"]);
        w.nurse.patch(&at(&first, "/acknowledge"), json!({})).await.expect(200);
        assert_eq!(again.next().await.data["event"], "alert_acknowledged");
    })
    .await;
}
