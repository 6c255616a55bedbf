//! Rotation beside erasures, other processes, and values that do not open.
use chrono::TimeDelta;
use jobs::State;
use kernel::PatientId;
use portability::{rotate_keys, rotations};
use serde_json::json;
use store::{Statement, args};
use testkit::{Client, Engine, TestApp, both, on};
use vault::{Row, STAYS_FOR, TOLD_FOR, Vault};

use super::whole::{run, send, whole};
use super::{jobs, renewed, retired, versions};
use crate::erasing::{discharge, erase, left};
use crate::own;

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_in_the_middle_of_a_rotation_leaves_no_key() {
    both(|t| async move {
        let w = left(&t).await;
        let (lata, _) = own(&t, &w.patient).await;
        discharge(&w).await;
        t.clock.advance(TimeDelta::seconds(1));
        rotate_keys(&t.app, None).await.expect("begun");
        jobs(&t, None, 2, State::Queued).await;
        assert_eq!(versions(&t).await, 2);
        erase(&t, &lata, &w.patient).await;
        assert_eq!(versions(&t).await, 0);
        t.clock.advance(TOLD_FOR);
        jobs(&t, None, 3, State::Queued).await;
        retired(&t, None).await;
        assert_eq!(versions(&t).await, 0);
        t.admin().await.get(&format!("/api/patients/{}", w.patient_id())).await.expect(410);
        // Nor is one made by whoever asks for that alone.
        let patient = w.patient_id().parse().expect("an id");
        let refused = rotate_keys(&t.app, Some(patient)).await.expect_err("there is no key");
        assert_eq!(refused.status().as_u16(), 410);
    })
    .await;
}

async fn keyed(t: &TestApp) -> PatientId {
    let patient = PatientId(kernel::ids::new());
    let mut tx = t.app.db().begin().await.expect("a transaction");
    t.app.edge::<Vault>().create_key(&mut tx, patient, t.clock.now()).await.expect("a key");
    tx.commit().await.expect("a commit");
    patient
}

/// Tells of a second version, as a rotation does that began a second from now.
async fn tell(t: &TestApp, patient: PatientId) -> (store::Tx, bool) {
    let now = t.clock.now();
    let mut tx = t.app.db().begin().await.expect("a transaction");
    let told = t.app.edge::<Vault>().tell_of_new(&mut tx, patient, now + TimeDelta::seconds(1), now).await;
    (tx, told.expect("told of, or not"))
}

async fn destroy(t: &TestApp, patient: PatientId) -> store::Tx {
    let mut tx = t.app.db().begin().await.expect("a transaction");
    t.app.edge::<Vault>().erase(&mut tx, patient, t.clock.now()).await.expect("erased");
    tx
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_rotation_and_an_erasure_at_once_the_erasure_wins() {
    both(|t| async move {
        let moment = || tokio::time::sleep(std::time::Duration::from_millis(100));
        // The erasure waits for the rotation, and takes the version along that it made.
        let patient = keyed(&t).await;
        let (tx, told) = tell(&t, patient).await;
        assert!(told);
        let erasing = tokio::spawn({
            let t = t.clone();
            async move { destroy(&t, patient).await.commit().await }
        });
        moment().await;
        tx.commit().await.expect("a commit");
        erasing.await.expect("no panic").expect("a commit");
        assert_eq!(versions(&t).await, 0);
        // The rotation waits for the erasure, and makes nothing.
        let patient = keyed(&t).await;
        let tx = destroy(&t, patient).await;
        let telling = tokio::spawn({
            let t = t.clone();
            async move {
                let (tx, told) = tell(&t, patient).await;
                tx.commit().await.map(|()| told)
            }
        });
        moment().await;
        tx.commit().await.expect("a commit");
        assert!(!telling.await.expect("no panic").expect("a commit"));
        assert_eq!(versions(&t).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_seals_when_everybody_knows_it_and_the_old_one_stays_for_who_holds_it() {
    both(|t| async move {
        let (vault, patient) = (t.app.edge::<Vault>().clone(), keyed(&t).await);
        let (tx, _) = tell(&t, patient).await;
        tx.commit().await.expect("a commit");
        let sealed_with = || async {
            let key = vault.key(&t.app.db(), patient).await.expect("a key");
            let sealed = key.seal(Row { table: "readings", id: patient.0 }, b"72").expect("sealed");
            sealed[1]
        };
        let step = || async {
            let now = t.clock.now();
            let mut tx = t.app.db().begin().await.expect("a transaction");
            vault.use_new(&mut tx, patient, now).await.expect("a look");
            let retired = vault.retire_old(&mut tx, patient, now).await.expect("a look");
            tx.commit().await.expect("a commit");
            retired
        };
        t.clock.advance(TOLD_FOR - TimeDelta::seconds(1));
        assert_eq!((step().await, sealed_with().await), (0, 1), "too early to use it");
        t.clock.advance(TimeDelta::seconds(1));
        assert_eq!((step().await, sealed_with().await), (0, 2));
        t.clock.advance(STAYS_FOR - TimeDelta::seconds(1));
        assert_eq!(step().await, 0, "too early to destroy the first");
        t.clock.advance(TimeDelta::seconds(1));
        assert_eq!((step().await, sealed_with().await), (1, 2));
    })
    .await;
}

static DAMAGE: Statement = Statement::new("DAMAGE", "UPDATE patient_conditions SET sealed = $2 WHERE patient_id = $1");

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_does_not_open_keeps_its_key_and_holds_up_nothing_else() {
    both(|t| async move {
        let p = whole(&t).await;
        let garbage = [vec![1, 1, 0, 0, 0], vec![7; 40]].concat();
        run(&t, &DAMAGE, args![p.id, garbage]).await;
        let others = versions(&t).await - 1;
        renewed(&t, None).await;
        retired(&t, None).await;
        assert_eq!(versions(&t).await, others + 2, "the patient with the damaged value keeps the old version");
        let last = rotations(&t.app, None).await.expect("a look").remove(0);
        assert_eq!(last.job.result.expect("a result")["damaged"], 1);
        assert_eq!(super::under(&t, 1).await, ["patient_conditions.sealed"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_reads_and_writes_all_the_while() {
    on(Engine::Postgres, |t| async move {
        let here = whole(&t).await;
        let other = t.beside(|_| {}).await;
        let token = here.lata.token.clone().expect("a token");
        let there = Client::new(&other.base).with_token(&token);
        let id = here.w.patient_id();
        let conditions = format!("/api/patients/{id}/conditions");
        let before = here.lata.get(&conditions).await.expect(200);
        let round = |value: i64| {
            let (t, here, there, conditions, before) = (&t, &here.lata, &there, &conditions, &before);
            async move {
                for (value, by, reader) in [(value, here, there), (value + 10, there, here)] {
                    send(t, by, id, value, value).await;
                    assert_eq!(reader.get(conditions).await.expect(200), *before);
                    let path = "/api/v1/wearables/data/history?metric_type=heart_rate";
                    let found = reader.get(path).await.expect(200).to_string();
                    assert!(found.contains(&format!("{value}.0")), "{value} is not in {found}");
                }
            }
        };
        round(61).await;
        renewed(&t, None).await;
        round(62).await;
        retired(&t, None).await;
        round(63).await;
        assert_eq!(super::under(&t, 1).await, [""; 0]);
        let insured = json!({"insurance_provider": "Moon Health", "insurance_id": "MH-1"});
        there.put("/api/v1/patient/profile", insured).await.expect(200);
        let profile = here.lata.get("/api/v1/patient/profile").await.expect(200);
        assert_eq!(profile["insurance_provider"], "Moon Health");
    })
    .await;
}
