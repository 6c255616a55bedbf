//! One job's conversation with a provider: questions with a token that is good, and answers that are delivered.
use access::data::Wearables;
use access::{Grant, Read, Write};
use axum::http::StatusCode;
use kernel::{App, Text as _, request};
use serde_json::Value;
use signals::{Metric, Place, Point, Window};
use uuid::Uuid;
use vault::{PatientKey, Vault};
use wearables::records::{Found as Record, Wanted};
use wearables::{By, Delivery, Intake, NewRecord, SourceOf};

use super::{Span, Tally};
use crate::connections::{self, Connection, LEASE};
use crate::fitbit::Zone;
use crate::notices;
use crate::provider::{Application, Providers};
use crate::tokens::{self, Access};
use crate::trouble::Trouble;

/// What one question brought.
#[derive(Default)]
pub struct Fetched {
    pub points: Vec<Point>,
    pub records: Vec<NewRecord>,
}

/// Points read at a time.
const PAGE: usize = 5000;

/// One job at one connection.
pub struct Session<'a> {
    pub app: &'a App,
    pub known: &'a Application,
    pub connection: &'a Connection,
    job: Uuid,
    access: Option<Access>,
    /// Where the account is, once it was asked.
    pub zone: Option<Zone>,
}

impl<'a> Session<'a> {
    pub fn new(app: &'a App, known: &'a Application, connection: &'a Connection, job: Uuid) -> Self {
        Self { app, known, connection, job, access: None, zone: None }
    }

    /// The patient's key, asked for anew each time: the job may go on for longer than a key is lent.
    async fn key(&self) -> kernel::Result<PatientKey> {
        self.app.edge::<Vault>().key(&self.app.db(), self.connection.patient_id).await
    }

    /// Asks for what is at a path of the provider's API.
    pub async fn get(&mut self, path: &str) -> Result<Value, Trouble> {
        let url = format!("{}{path}", self.known.api_url.trim_end_matches('/'));
        let client = self.app.edge::<Providers>().client();
        let token = self.token(None).await?;
        match client.get(&url, &token).await {
            // It was renewed elsewhere, or the provider lets it end early: another is tried once.
            Err(Trouble::Unknown) => {
                let refused = self.access.as_ref().map(|access| access.version);
                let token = self.token(refused).await?;
                let again = client.get(&url, &token).await;
                again.map_err(|trouble| match trouble {
                    Trouble::Unknown => Trouble::later("the provider does not take its own tokens"),
                    trouble => trouble,
                })
            }
            answer => answer,
        }
    }

    /// A token to ask with, other than the one that was refused.
    pub async fn token(&mut self, refused: Option<i64>) -> Result<String, Trouble> {
        match &self.access {
            Some(access) if refused.is_none() => Ok(access.token.clone()),
            _ => {
                let access = tokens::access(self.app, self.connection.id, &self.key().await?, refused).await?;
                let token = access.token.clone();
                self.access = Some(access);
                Ok(token)
            }
        }
    }

    /// Hands over what was fetched, on behalf of whoever connected the provider. Decided anew each time.
    pub async fn deliver(&self, mut fetched: Fetched, tally: &mut Tally) -> Result<(), Trouble> {
        if let Some(from) = self.connection.kept_from {
            fetched.points.retain(|point| point.from >= from.timestamp_micros());
            fetched.records.retain(|record| record.from >= from);
        }
        if fetched.points.is_empty() && fetched.records.is_empty() {
            return Ok(());
        }
        let delivery = Delivery {
            points: fetched.points,
            records: fetched.records,
            request: request::current(),
            ..Delivery::new(By::Job(self.connection.caller()), self.connection.patient_id, self.source())
        };
        match self.app.edge::<Intake>().deliver(delivery).await {
            Ok(delivered) => {
                tally.points += delivered.points;
                tally.records += delivered.records_new + delivered.replaced;
                Ok(())
            }
            Err(error) => Err(match error.status() {
                StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::CONFLICT => {
                    Trouble::NotAllowed { why: "it may not be kept: by its consent, or for who connected it" }
                }
                status if status.is_server_error() => Trouble::Ours(error),
                _ => Trouble::Refused { why: "the provider's answer cannot be kept" },
            }),
        }
    }

    /// Whether records of these ids are kept: of what is gone at the provider, only they need to go.
    pub async fn is_kept(&self, kind: &str, id: &str) -> Result<bool, Trouble> {
        let known = wearables::records::known(&mut self.app.db(), self.connection.patient_id, kind, &[id]).await?;
        Ok(!known.is_empty())
    }

    /// The points of one metric that were kept of this provider and are not taken back.
    pub async fn kept(&self, metric: Metric, span: &Span) -> Result<Vec<Point>, Trouble> {
        let (app, patient) = (self.app, self.connection.patient_id);
        let grant = Grant::<Read, Wearables>::ask(app, &self.connection.caller(), patient).await?;
        let own = wearables::source_id(&mut app.db(), patient, &self.source()).await?;
        let (from, to) = (span.from.timestamp_micros(), span.to.timestamp_micros());
        let window = Window { metrics: vec![metric], from, to };
        let (mut kept, mut after) = (Vec::new(), None);
        loop {
            let page = signals::history(&mut app.db(), &grant, &self.key().await?, &window, after, PAGE).await?;
            after = page.last().map(Place::of);
            let of_own = page.iter().filter(|found| Some(found.source) == own && found.point.value.is_some());
            kept.extend(of_own.map(|found| found.point));
            if page.len() < PAGE {
                return Ok(kept);
            }
        }
    }

    /// Removes the records of a kind that ended in this stretch of time and are not among those that were found.
    pub async fn remove_others(&self, kind: &str, span: &Span, found: &[String]) -> Result<(), Trouble> {
        let (app, caller, patient) = (self.app, self.connection.caller(), self.connection.patient_id);
        let grant = Grant::<Read, Wearables>::ask(app, &caller, patient).await?;
        let wanted = Wanted { kind: Some(kind.to_owned()), from: Some(span.from), to: Some(span.to), app: None };
        let kept = wearables::records::list(&mut app.db(), &grant, &wanted, None, PAGE as i64).await?;
        let is_gone = |record: &&Record| record.to() < span.to && !found.iter().any(|id| id == record.record_id());
        let gone: Vec<&str> = kept.iter().filter(is_gone).map(Record::record_id).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let grant = Grant::<Write, Wearables>::ask(app, &caller, patient).await?;
        let mut tx = app.db().begin().await?;
        wearables::records::delete(app, &mut tx, &caller, &grant, kind, &gone).await?;
        Ok(tx.commit().await?)
    }

    fn source(&self) -> SourceOf {
        SourceOf::provider(self.connection.provider.word())
    }

    /// Takes away the notices that were answered, and keeps the lease.
    pub async fn done(&self, span: &Span) -> Result<(), Trouble> {
        let (mut tx, now) = (self.app.db().begin().await?, self.app.clock().now());
        if !connections::keep(&mut tx, self.connection.id, self.job, now + LEASE).await? {
            return Err(Trouble::Ended { why: "it ended, or another job is at it" });
        }
        for notice in &span.notices {
            notices::done(&mut tx, self.connection.id, notice).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Writes down that the provider tells of news.
    pub async fn subscribed(&self) -> Result<(), Trouble> {
        let mut tx = self.app.db().begin().await?;
        connections::subscribed(&mut tx, self.connection.id).await?;
        Ok(tx.commit().await?)
    }
}
