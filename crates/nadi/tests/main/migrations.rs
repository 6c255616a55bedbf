//! The schema: made once, never changed behind the program's back, never run by an older program.
use kernel::Clock;
use store::{Statement, args};
use testkit::both;

static NEWER: Statement =
    Statement::new("NEWER", "INSERT INTO schema_migrations (version, name, ddl) VALUES (9999, '9999_future', 'x')");
static CHANGED: Statement = Statement::new("CHANGED", "UPDATE schema_migrations SET ddl = 'x' WHERE version = 2");

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_finds_nothing_to_do_and_everything_there() {
    both(|t| async move {
        let w = t.ward().await;
        assert_eq!(t.app.db().migrate(nadi::SERIES).await.expect("the same schema"), 0);
        let again = nadi::open(&t.settings, Clock::system()).await.expect("it opens again");
        assert_eq!(again.made, [""; 0], "new keys were made over the old ones");
        let kept = patients::card(&mut again.app.db(), kernel::PatientId(w.patient_id().parse().expect("an id"))).await;
        assert_eq!(kept.expect("a look").map(|card| card.name).as_deref(), Some("Lata Joshi"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_or_another_schema_is_refused_in_a_sentence() {
    both(|t| async move {
        for (change, words) in
            [(&NEWER, ["9999_future", "newer"]), (&CHANGED, ["0002_identity", "not what was applied"])]
        {
            let mut tx = t.app.db().begin().await.expect("a transaction");
            tx.run(change, args![]).await.expect("a change");
            tx.commit().await.expect("a commit");
            let refused = nadi::open(&t.settings, Clock::system()).await.map(drop).expect_err("refused");
            let said = format!("{refused:#}");
            assert!(words.iter().all(|word| said.contains(word)), "{said}");
        }
    })
    .await;
}

#[test]
fn the_steps_are_numbered_without_gaps() {
    for (step, version) in nadi::SERIES.iter().zip(1..) {
        assert_eq!(step.version, version);
        assert!(step.name.starts_with(&format!("{version:04}_")), "{}", step.name);
    }
}
