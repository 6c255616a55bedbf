//! The gateway as both apps speak to it, through HTTP, on both engines.
mod alerting;
mod apps;
mod bad;
mod bounds;
mod fetching;
mod health_connect;
mod month;
mod pushing;
mod signing_in;
mod syncing;

use kernel::PatientId;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp, Ward};

pub const PASSWORD: &str = "a-good-password";

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// A patient with an account, who agreed that what wearables send is kept.
pub struct Patient {
    pub ward: Ward,
    pub email: String,
    /// The patient's account, signed in as everybody does.
    pub account: Client,
}

impl Patient {
    pub async fn new(t: &TestApp) -> Self {
        let ward = t.ward().await;
        let email = format!("{}@people.example", kernel::ids::secret().simple());
        let body =
            json!({"email": email, "password": PASSWORD, "user_type": "patient", "reference_id": ward.patient["id"]});
        t.admin().await.post("/users/create", body).await.expect(201);
        let account = t.client().login(&email, PASSWORD).await;
        let patient = Self { ward, email, account };
        patient.agree(true).await;
        patient
    }

    /// Gives the consent, or takes it back.
    pub async fn agree(&self, given: bool) {
        let said = json!({"patient_id": self.ward.patient_id(), "consent_given": given});
        let answer = self.account.post("/api/wearables/consent", said).await;
        assert!(answer.status.is_success(), "{}", answer.text);
    }

    pub fn id(&self) -> PatientId {
        self.ward.patient_id().parse().expect("an id")
    }

    pub async fn log_in(&self, t: &TestApp, more: Value) -> Answer {
        let mut body = json!({"username": self.email, "password": PASSWORD});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        t.client().post("/api/v2/login", body).await
    }

    /// The patient's phone, signed in.
    pub async fn phone(&self, t: &TestApp) -> Phone {
        let tokens = self.log_in(t, json!({})).await.expect(201);
        Phone { client: t.client().with_token(text(&tokens["token"])), refresh: text(&tokens["refresh"]).to_owned() }
    }
}

/// A phone that is signed in.
pub struct Phone {
    pub client: Client,
    pub refresh: String,
}

impl Phone {
    pub async fn sync(&self, kind: &str, data: Value) -> Answer {
        self.client.post(&format!("/api/v2/sync/{kind}"), json!({"data": data})).await
    }

    pub async fn fetch(&self, kind: &str, queries: Value) -> Answer {
        self.client.post(&format!("/api/v2/fetch/{kind}"), json!({"queries": queries})).await
    }

    pub async fn unsync(&self, kind: &str, uuid: Value) -> Value {
        self.send(Method::DELETE, &format!("/api/v2/sync/{kind}"), json!({"uuid": uuid})).await.1
    }

    /// Sends a body by any method; answers the status and the body.
    pub async fn send(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let answer = self.client.request(method, path).json(&body).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    pub async fn counts(&self) -> Value {
        self.client.get("/api/v2/counts").await.expect(200)
    }

    /// Renews the token, as the apps do now and then.
    pub async fn renew(&mut self) {
        let answer = self.client.post("/api/v2/refresh", json!({"refresh": self.refresh})).await.expect(200);
        assert_eq!(answer["refresh"], self.refresh.as_str());
        self.client = self.client.with_token(text(&answer["token"]));
    }
}

/// What the apps are told of an error: these words and nothing else.
#[track_caller]
pub fn plainly(answer: Answer, status: u16, error: &str) {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{}", answer.text);
    assert_eq!(answer.expect(status), json!({"error": error}));
}

/// One heart-rate record of a few samples.
pub fn heart_rate(id: &str, at: &str, beats: &[i64]) -> Value {
    let samples: Vec<Value> = beats
        .iter()
        .enumerate()
        .map(|(second, bpm)| json!({"time": format!("{at}:{second:02}Z"), "beatsPerMinute": bpm}))
        .collect();
    json!({"startTime": format!("{at}:00Z"), "endTime": format!("{at}:59Z"), "samples": samples,
        "metadata": {"id": id, "dataOrigin": "com.sec.android.app.shealth"}})
}

/// Every wearable value of a metric that is kept, in the order of time.
pub async fn history(t: &TestApp, patient: PatientId, metric: signals::Metric) -> Vec<f64> {
    let grant = access::Grant::for_operator(&t.app, patient).await.expect("a grant");
    let key = t.app.edge::<vault::Vault>().key(&t.app.db(), patient).await.expect("a key");
    let window = signals::Window { metrics: vec![metric], from: 0, to: i64::MAX };
    let found = signals::history(&mut t.app.db(), &grant, &key, &window, None, 1_000_000).await.expect("a history");
    found.iter().map(|found| found.point.value.expect("a value")).collect()
}
