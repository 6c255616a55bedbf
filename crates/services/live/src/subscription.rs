//! Following one patient: who is meant, what of them the caller may follow, and what is heard.
use std::sync::Arc;

use access::{Caller, Data, Grant, OpenStream, Read, Span, Streams, data, still_open};
use futures::StreamExt as _;
use futures::stream::{BoxStream, once, select_all};
use kernel::{App, Error, PatientId, Result};
use tokio::sync::broadcast::Receiver;
use tokio_stream::wrappers::BroadcastStream;
use uuid::Uuid;
use ward::Live;

use crate::alerts::Told;
use crate::model::{HealthAlert, Topic};

/// What is heard of a patient.
pub enum Heard {
    Alert(Arc<HealthAlert>),
    /// What a hub told, as JSON.
    Tick(Topic, Arc<str>),
    /// Things came faster than they were taken.
    Missed(Topic),
    /// What the subscription rests on was taken back, or the process stops.
    TakenBack,
}

/// A patient whom a connection follows.
pub struct Subscription {
    /// As the client names the patient.
    pub name: String,
    pub topics: Vec<Topic>,
    rests_on: Vec<OpenStream>,
}

impl Subscription {
    /// Whether any of what it rests on was taken back.
    pub fn is_closed(&self) -> bool {
        self.rests_on.iter().any(OpenStream::is_closed)
    }

    /// Of which time the caller may still be told; none when the topic is over. An error when that cannot be said.
    pub async fn open_span(
        &self,
        app: &App,
        caller: &Caller,
        patient: PatientId,
        topic: Topic,
    ) -> Result<Option<Span>> {
        let open = still_open(app, caller, patient, &[topic.category()]).await?;
        Ok(open.first().map(|(_, span)| *span))
    }

    /// Whether anything of it is open still.
    pub async fn lasts(&self, app: &App, caller: &Caller, patient: PatientId) -> Result<bool> {
        let categories: Vec<_> = self.topics.iter().map(|topic| topic.category()).collect();
        Ok(!self.is_closed() && !still_open(app, caller, patient, &categories).await?.is_empty())
    }
}

/// Follows what of a patient the caller may see. Each right is asked for, so that the look is on the audit chain, refused
/// or not; what the caller has no right to is left out, unless that is everything.
pub async fn begin(
    app: &App,
    caller: &Caller,
    patient: PatientId,
    name: String,
) -> Result<(Subscription, BoxStream<'static, Heard>)> {
    let categories = Topic::ALL.map(Topic::category);
    let now = app.clock().now();
    let open = still_open(app, caller, patient, &categories).await?;
    let may = |topic: &Topic| open.iter().any(|(category, span)| *category == topic.category() && span.includes(now));
    let topics: Vec<Topic> = Topic::ALL.into_iter().filter(may).collect();
    if topics.is_empty() {
        ask::<data::Vitals>(app, caller, patient).await?;
        return Err(Error::forbidden("what you may see of this patient is of another time"));
    }
    let (mut heard, mut rests_on) = (Vec::new(), Vec::new());
    for topic in &topics {
        // Followed before it is asked for: what happens meanwhile is not lost.
        heard.push(follow(app, *topic, patient));
        let basis = match topic {
            Topic::Alerts => ask::<data::Alerts>(app, caller, patient).await?,
            Topic::Vitals => ask::<data::Vitals>(app, caller, patient).await?,
            Topic::Wearables => ask::<data::Wearables>(app, caller, patient).await?,
        };
        let open = app.edge::<Streams>().begin(basis);
        rests_on.push(open.clone());
        heard.push(until_closed(open));
    }
    Ok((Subscription { name, topics, rests_on }, select_all(heard).boxed()))
}

async fn ask<D: Data>(app: &App, caller: &Caller, patient: PatientId) -> Result<Option<Uuid>> {
    Ok(Grant::<Read, D>::ask(app, caller, patient).await?.basis())
}

fn follow(app: &App, topic: Topic, patient: PatientId) -> BoxStream<'static, Heard> {
    match topic {
        Topic::Alerts => hear(app.edge::<Told>().follow(patient), topic, Heard::Alert),
        Topic::Vitals => hear(app.edge::<Live>().follow(patient), topic, move |text| Heard::Tick(topic, text)),
        Topic::Wearables => {
            hear(app.edge::<Live>().follow_wearables(patient), topic, move |text| Heard::Tick(topic, text))
        }
    }
}

fn hear<T: Clone + Send + 'static>(
    told: Receiver<T>,
    topic: Topic,
    heard: impl Fn(T) -> Heard + Send + 'static,
) -> BoxStream<'static, Heard> {
    BroadcastStream::new(told).map(move |told| told.map_or(Heard::Missed(topic), &heard)).boxed()
}

fn until_closed(mut open: OpenStream) -> BoxStream<'static, Heard> {
    once(async move {
        open.closed().await;
        Heard::TakenBack
    })
    .boxed()
}
