//! What patients and providers see of connected accounts, through HTTP, on both engines, with a provider that is played.
mod connecting;
mod google;
mod maker;
mod syncing;
mod telling;

use std::time::Duration;

use access::data::Wearables;
use access::{Grant, Read};
use kernel::{App, PageQuery, PatientId};
use maker::Maker;
use serde_json::{Value, json};
use signals::{Metric, Point, Window};
use testkit::{Client, Engine, TestApp, on_with};
use vault::Vault;

pub const FITBIT: &str = "/api/v1/wearables/providers/fitbit";
pub const GOOGLE: &str = "/api/v1/wearables/providers/google_health";

/// Runs a test on both engines, each with providers of its own.
pub async fn each<F: Future<Output = ()>>(test: impl Fn(TestApp, Maker) -> F) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let maker = Maker::start().await;
        let test = |t| test(t, maker.clone());
        on_with(engine, |settings| maker.configure(settings), test).await;
    }
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// A patient with an account, who agrees that what wearables send is kept.
pub struct Person {
    app: App,
    pub id: PatientId,
    pub client: Client,
}

impl Person {
    pub async fn new(t: &TestApp, name: &str) -> Self {
        let nurse = t.nurse(&t.hospital(&format!("Hospital of {name} {}", kernel::ids::secret()), 4).await).await;
        let patient = t.patient(&nurse, name).await;
        let client = t.account("patient", Some(&patient["id"])).await;
        let person = Self { app: t.app.clone(), id: text(&patient["id"]).parse().expect("an id"), client };
        person.consent(true).await;
        person
    }

    pub async fn consent(&self, given: bool) {
        let said = json!({"patient_id": self.id, "consent_given": given});
        let answer = self.client.post("/api/wearables/consent", said).await;
        assert!(answer.status.is_success(), "{}", answer.text);
    }

    /// Sets out to a provider; answers the state to come back with.
    pub async fn set_out(&self, path: &str) -> String {
        let begun = self.client.post(&format!("{path}/connect"), json!({})).await.expect(200);
        let url = reqwest::Url::parse(text(&begun["authorization_url"])).expect("an address");
        let state = url.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
        state.expect("a state")
    }

    /// Connects an account at a provider.
    pub async fn connect(&self, path: &str, owner: &str) -> Value {
        let state = self.set_out(path).await;
        let back = json!({"state": state, "code": owner});
        self.client.post(&format!("{path}/callback"), back).await.expect(201)
    }

    /// As [`connect`](Self::connect), and everything was fetched once.
    pub async fn connected(&self, path: &str, owner: &str) {
        self.connect(path, owner).await;
        self.wait_until(|shown| !shown["last_sync_at"].is_null()).await;
    }

    /// The connection that was made last, as it is answered; also after the sign-in has run out.
    pub async fn shown(&self) -> Value {
        let grant = Grant::<Read, Wearables>::for_operator(&self.app, self.id).await.expect("a grant");
        let listed = providers::connections(&self.app, &grant, &PageQuery::default()).await.expect("a list");
        serde_json::to_value(&listed.entries[0]).expect("JSON")
    }

    /// Waits until the last connection is as it should be.
    pub async fn wait_until(&self, is_so: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..200 {
            let shown = self.shown().await;
            if is_so(&shown) {
                return shown;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it did not come to be so: {}", self.shown().await);
    }

    /// What is kept of a metric and was not taken back.
    pub async fn points(&self, t: &TestApp, metric: Metric) -> Vec<Point> {
        let grant = Grant::<Read, Wearables>::for_operator(&t.app, self.id).await.expect("a grant");
        let key = t.app.edge::<Vault>().key(&t.app.db(), self.id).await.expect("a key");
        let window = Window { metrics: vec![metric], from: 0, to: i64::MAX };
        let found = signals::history(&mut t.app.db(), &grant, &key, &window, None, 100_000).await.expect("a history");
        found.into_iter().map(|found| found.point).filter(|point| point.value.is_some()).collect()
    }

    /// Waits until so many points are kept of a metric.
    pub async fn wait_for(&self, t: &TestApp, metric: Metric, count: usize) -> Vec<Point> {
        for _ in 0..200 {
            let points = self.points(t, metric).await;
            if points.len() == count {
                return points;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not {count} points: {:?}", self.points(t, metric).await);
    }
}

/// Long enough for whatever is under way to be done, for tests that nothing happens.
pub async fn a_while() {
    tokio::time::sleep(Duration::from_millis(1500)).await;
}
