//! One client's connection: what it asks for, what it is told, and when it ends. The same for Socket.IO and WebSockets.
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use access::{Caller, OpenStream, Place, Role, Span, Streams};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use kernel::{App, Buckets, Error, PatientId, Quota, Result, Text as _, request};
use serde_json::{Value, json};
use tokio::time::interval;
use tokio_stream::StreamMap;
use uuid::Uuid;

use crate::model::{Command, HealthAlert, Topic, Whom, tick};
use crate::outlet::{End, Lost, Outlet};
use crate::subscription::{self, Heard, Subscription};

/// Patients whom one connection follows at most.
const FOLLOWED: usize = 64;
/// Asks that wait while another is settled; a client that sends more at once is told so.
pub const WAITING: usize = 32;
/// How long a silent connection may outlive the session or the right to follow.
const CHECK: Duration = Duration::from_secs(5);
/// How often a client is asked by one account whether it may follow somebody.
const TRIES: Quota = Quota { name: "subscriptions", tries: 240, seconds: 60 };

/// How often each account tried to follow somebody, lately.
pub struct Attempts(Buckets<Uuid>);

impl Default for Attempts {
    fn default() -> Self {
        Self(Buckets::new(10_000))
    }
}

/// Who is connected, and from where.
pub struct Admitted {
    pub app: App,
    pub caller: Caller,
    pub place: Place,
    /// The request that opened the connection, for the audit chain.
    pub request: Arc<request::Request>,
}

impl Admitted {
    /// Takes one of the account's places; 429 when there is none left.
    pub fn new(app: &App, caller: Caller, request: Arc<request::Request>) -> Result<Self> {
        let place = app.edge::<Streams>().place(&caller)?;
        Ok(Self { app: app.clone(), caller, place, request })
    }
}

type Next = ControlFlow<End>;

/// Serves a connection until it ends. `commands` end when the client is gone.
pub async fn serve<O: Outlet>(
    admitted: Admitted,
    commands: BoxStream<'static, Command>,
    outlet: O,
    transport: &'static str,
) {
    let Admitted { app, caller, place, request } = admitted;
    let _counted = Counted::new(transport);
    let stopping = app.edge::<Streams>().begin(None);
    let connection =
        Connection { app, caller, stopping, outlet, followed: HashMap::new(), heard: StreamMap::new(), commands };
    let request = request::Request::clone(&request);
    let (outlet, end) = request::scope(request, connection.run()).await;
    metrics::counter!("live_connections_ended_total", "transport" => transport, "reason" => end.label()).increment(1);
    outlet.end(end).await;
    drop(place);
}

struct Connection<O> {
    app: App,
    caller: Caller,
    stopping: OpenStream,
    outlet: O,
    followed: HashMap<PatientId, Subscription>,
    heard: StreamMap<PatientId, BoxStream<'static, Heard>>,
    commands: BoxStream<'static, Command>,
}

impl<O: Outlet> Connection<O> {
    async fn run(mut self) -> (O, End) {
        let mut check = interval(CHECK);
        loop {
            let next = tokio::select! {
                biased;
                () = self.stopping.closed() => ControlFlow::Break(End::Stopping),
                command = self.commands.next() => match command {
                    Some(command) => self.obey(command).await,
                    None => ControlFlow::Break(End::Left),
                },
                Some((patient, heard)) = self.heard.next(), if !self.heard.is_empty() => self.tell(patient, heard).await,
                _ = check.tick() => self.check().await,
            };
            if let ControlFlow::Break(end) = next {
                return (self.outlet, end);
            }
        }
    }

    async fn obey(&mut self, command: Command) -> Next {
        match command {
            Command::Subscribe(whom) => self.subscribe(&whom).await,
            Command::Unsubscribe(whom) => self.unsubscribe(&whom).await,
            Command::Unreadable(why) => self.refuse(None, &why).await,
            Command::Broken(breach) => ControlFlow::Break(End::Broken(breach)),
        }
    }

    async fn subscribe(&mut self, whom: &Whom) -> Next {
        // An ended session learns nothing more, not even who is there.
        if !self.caller.still_lives(&self.app).await {
            return ControlFlow::Break(End::SessionEnded);
        }
        let Some(name) = whom.name() else {
            return self.refuse(None, "say whom: patient_aadhar_uid or patient_id").await;
        };
        match self.begin(name).await {
            Ok((patient, subscription, heard)) => {
                let body = json!({"patient_uid": name, "patient_id": patient,
                    "topics": subscription.topics.iter().map(|topic| topic.word()).collect::<Vec<_>>()});
                self.followed.insert(patient, subscription);
                self.heard.insert(patient, heard);
                self.say("subscribed", &body).await
            }
            Err(error) => self.refuse(Some(name), error.detail()).await,
        }
    }

    async fn begin(&mut self, name: &str) -> Result<(PatientId, Subscription, BoxStream<'static, Heard>)> {
        let tried = self.app.edge::<Attempts>().0.take(&self.caller.actor, TRIES, self.app.clock().now());
        tried.map_err(|seconds| TRIES.refused("too many subscriptions in a minute; wait a little", seconds))?;
        if self.followed.len() >= FOLLOWED {
            return Err(Error::too_many(format!("one connection follows {FOLLOWED} patients at most")));
        }
        let patient = patients::find(&self.app.db(), name).await?.ok_or_else(|| Error::not_found("patient"))?;
        let (subscription, heard) =
            subscription::begin(&self.app, &self.caller, patient, name.to_owned()).await.map_err(told)?;
        Ok((patient, subscription, heard))
    }

    async fn unsubscribe(&mut self, whom: &Whom) -> Next {
        let Some(name) = whom.name() else {
            return self.refuse(None, "say whom: patient_aadhar_uid or patient_id").await;
        };
        let patient = self.followed.iter().find(|(_, subscription)| subscription.name == name).map(|(id, _)| *id);
        match patient {
            Some(patient) => self.end(patient, "as you asked").await,
            None => self.refuse(Some(name), "you do not follow this patient").await,
        }
    }

    async fn refuse(&mut self, name: Option<&str>, why: &str) -> Next {
        self.say("error", &json!({"message": why, "patient_uid": name})).await
    }

    /// Follows a patient no longer.
    async fn end(&mut self, patient: PatientId, why: &str) -> Next {
        self.heard.remove(&patient);
        match self.followed.remove(&patient) {
            Some(gone) => self.say("unsubscribed", &json!({"patient_uid": gone.name, "message": why})).await,
            None => ControlFlow::Continue(()),
        }
    }

    async fn tell(&mut self, patient: PatientId, heard: Heard) -> Next {
        match heard {
            Heard::Alert(alert) => {
                let body = self.alert_for_caller(&alert);
                let of_its_time = |_: &str, span: &Span| span.includes(alert.at).then_some(body);
                self.tell_if_open(patient, Topic::Alerts, alert.event, of_its_time).await
            }
            Heard::Tick(topic, text) => {
                let shown = |name: &str, span: &Span| tick(&text, patient, name, span);
                self.tell_if_open(patient, topic, topic.word(), shown).await
            }
            // An alert that was missed must be known to have been; a reading is in the history, and the next is soon here.
            Heard::Missed(Topic::Alerts) => ControlFlow::Break(End::Slow),
            Heard::Missed(_) => ControlFlow::Continue(()),
            Heard::TakenBack if self.stopping.is_closed() => ControlFlow::Break(End::Stopping),
            Heard::TakenBack => self.end(patient, OVER).await,
        }
    }

    fn alert_for_caller(&self, alert: &HealthAlert) -> Value {
        let mut body = alert.body.clone();
        // Whom this very message tells: which others treat the patient is not everybody's to know.
        let told = self.caller.reference.filter(|_| self.caller.role == Role::Doctor);
        body.insert("notified_doctors".to_owned(), json!(told.into_iter().collect::<Vec<_>>()));
        Value::Object(body)
    }

    /// Says what of it is open to whoever still may hear it: asked anew each time, and what it rests on last.
    async fn tell_if_open(
        &mut self,
        patient: PatientId,
        topic: Topic,
        event: &str,
        shown: impl FnOnce(&str, &Span) -> Option<Value>,
    ) -> Next {
        if !self.caller.still_lives(&self.app).await {
            return ControlFlow::Break(End::SessionEnded);
        }
        let Some(followed) = self.followed.get(&patient) else { return ControlFlow::Continue(()) };
        match followed.open_span(&self.app, &self.caller, patient, topic).await {
            // Nothing is passed over in silence because we do not know.
            Err(error) => {
                tracing::warn!(%error, "a connection ends: nobody can say what may be told");
                ControlFlow::Break(End::Trouble)
            }
            // What it rests on may have been taken back while that was asked.
            Ok(Some(span)) if !followed.is_closed() => match shown(&followed.name, &span) {
                Some(body) => self.say(event, &body).await,
                None => ControlFlow::Continue(()),
            },
            Ok(_) => self.end(patient, OVER).await,
        }
    }

    /// Ends what is over though nothing is said.
    async fn check(&mut self) -> Next {
        if !self.caller.still_lives(&self.app).await {
            return ControlFlow::Break(End::SessionEnded);
        }
        let mut over = Vec::new();
        for (patient, followed) in &self.followed {
            if matches!(followed.lasts(&self.app, &self.caller, *patient).await, Ok(false)) {
                over.push(*patient);
            }
        }
        for patient in over {
            self.end(patient, OVER).await?;
        }
        said(self.outlet.ping().await)
    }

    async fn say(&mut self, event: &str, body: &Value) -> Next {
        said(self.outlet.say(event, body).await)
    }
}

const OVER: &str = "you may not follow this patient any more";

fn said(said: Result<(), Lost>) -> Next {
    said.map_or_else(|lost| ControlFlow::Break(lost.into()), ControlFlow::Continue)
}

/// To a stranger the patient does not exist, whatever was asked for.
fn told(error: Error) -> Error {
    if error.status().as_u16() == 404 { Error::not_found("patient") } else { error }
}

/// An open connection, in the metrics.
struct Counted(&'static str);

impl Counted {
    fn new(transport: &'static str) -> Self {
        metrics::gauge!("live_connections", "transport" => transport).increment(1);
        Self(transport)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!("live_connections", "transport" => self.0).decrement(1);
    }
}
