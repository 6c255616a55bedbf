//! Every SQL text of the program, on both engines.
use std::collections::BTreeSet;

use testkit::both;

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_can_be_prepared() {
    both(|t| async move {
        assert!(store::REGISTRY.len() > 100, "only {} statements are known", store::REGISTRY.len());
        assert_eq!(t.app.db().check_statements().await, []);
    })
    .await;
}

#[test]
fn no_two_statements_have_the_same_name() {
    // The look-ups of PostgreSQL are kept by name.
    let mut seen = BTreeSet::new();
    let twice: Vec<&str> = store::REGISTRY.iter().map(|s| s.name).filter(|name| !seen.insert(*name)).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
