//! The one way in: whoever sends, from whatever source, it is permitted, agreed to, stored, judged and told of in one
//! transaction, which many deliveries share.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use access::data::Wearables;
use access::{Grant, Related, Write};
use chrono::{DateTime, Utc};
use events::Log;
use kernel::{Builder, Clock, Error, PatientId, Result, request};
use serde_json::json;
use signals::{NewPoints, Point};
use store::{GroupCommit, Tx, Work};
use uuid::Uuid;
use vault::{PatientKey, Vault};
use ward::WearableJudge;

use crate::judging::{self, Came};
use crate::model::{Delivered, Delivery, SourceOf};
use crate::queries::sources::{self as rows, Stored as Source};
use crate::{check, devices, settling, sources, times};

/// The edge through which everything that wearables send comes in.
pub struct Intake(GroupCommit<Group>);

impl Intake {
    /// Takes a delivery in, whole or not at all. The answer comes once it is durable.
    ///
    /// 404 when the caller has nothing to do with the patient, or the device is not the patient's; 403 without a live
    /// consent to keep what wearables send; 409 when the patient was deactivated. Points whose times cannot be right are
    /// left out: ask [`plausible`](crate::plausible) first to say which.
    pub async fn deliver(&self, delivery: Delivery) -> Result<Delivered> {
        check::delivery(&delivery)?;
        self.0.submit(delivery).await?
    }
}

/// Opens the edge; needs the vault, the event log and the ward's judge.
pub fn open(builder: Builder) -> Builder {
    let (vault, log) = (builder.edge::<Vault>().cloned(), builder.edge::<Log>().cloned());
    let judge = builder.edge::<WearableJudge>().cloned();
    let (Some(vault), Some(log), Some(judge)) = (vault, log, judge) else { return builder };
    let group = Group { vault, log, judge, clock: builder.clock().clone() };
    let intake = Intake(GroupCommit::start(builder.db(), group));
    builder.with(intake)
}

struct Group {
    vault: Vault,
    log: Log,
    judge: WearableJudge,
    clock: Clock,
}

/// What is known of the patients of one group.
struct Known {
    related: Related,
    keys: HashMap<PatientId, PatientKey>,
    /// Why nothing may be kept of a patient; absent when it may.
    refused: HashMap<PatientId, Error>,
    sources: HashMap<(PatientId, SourceOf), Source>,
    watched: ward::Watched,
}

/// A delivery that may be kept.
struct Granted {
    grant: Grant<Write, Wearables>,
    key: PatientKey,
    source: Source,
}

/// Points on their way into the store.
struct Batch {
    /// Which delivery they are of.
    of: usize,
    source: Uuid,
    points: Vec<Point>,
}

impl Work for Group {
    type Ask = Delivery;
    type Answer = Result<Delivered>;

    fn about(ask: &Delivery) -> Uuid {
        ask.patient.0
    }

    async fn run(&self, tx: &mut Tx, asks: &[Delivery]) -> store::Result<Vec<Result<Delivered>>> {
        let now = self.clock.now();
        let mut known = self.load(tx, asks, now).await?;
        let mut granted = Vec::with_capacity(asks.len());
        for ask in asks {
            granted.push(permit(tx, ask, &mut known, now).await);
        }
        let (mut answers, mut batches) = (Vec::with_capacity(asks.len()), Vec::new());
        for (of, (ask, permitted)) in asks.iter().zip(&granted).enumerate() {
            answers.push(match permitted {
                Ok(granted) => Ok(self.keep(tx, &mut known, (of, ask, granted), &mut batches, now).await?),
                Err(refused) => Err(refused.again()),
            });
        }
        self.follow_up(tx, &mut known, &granted, &batches, &mut answers, now).await?;
        for ((ask, granted), answer) in asks.iter().zip(&granted).zip(&answers) {
            if let (Ok(granted), Ok(delivered)) = (granted, answer) {
                self.tell(tx, ask, granted, delivered, now).await?;
            }
        }
        Ok(answers)
    }
}

impl Group {
    /// Locks in the order in which the ward locks: the newest bedside values, then the patients.
    async fn load(&self, tx: &mut Tx, asks: &[Delivery], now: DateTime<Utc>) -> Result<Known> {
        let patients: BTreeSet<PatientId> = asks.iter().map(|ask| ask.patient).collect();
        let judged: BTreeSet<PatientId> =
            asks.iter().filter(|ask| judging::may_be_judged(points_of(ask), now)).map(|ask| ask.patient).collect();
        let (patients, ids): (Vec<_>, Vec<_>) = patients.into_iter().map(|patient| (patient, patient.0)).unzip();
        let keys = self.vault.keys(tx, &patients).await?;
        let in_order: Vec<&PatientKey> = judged.iter().filter_map(|patient| keys.get(patient)).collect();
        let watched = self.judge.begin(tx, &in_order).await?;
        let mut refused = HashMap::new();
        for patient in patients {
            if let Err(why) = may_keep(tx, patient, now).await {
                refused.insert(patient, why);
            }
        }
        let related = access::related(tx, &ids).await?;
        Ok(Known { related, keys, refused, sources: HashMap::new(), watched })
    }

    /// Writes the records of a delivery and notes the points to store.
    async fn keep(
        &self,
        tx: &mut Tx,
        known: &mut Known,
        (of, ask, granted): (usize, &Delivery, &Granted),
        batches: &mut Vec<Batch>,
        now: DateTime<Utc>,
    ) -> Result<Delivered> {
        let Granted { key, source, .. } = granted;
        let mut source_of = Vec::with_capacity(ask.records.len());
        for record in &ask.records {
            source_of.push(match &record.app {
                Some(app) if *app != source.name => known.source(tx, key, &SourceOf::app(app), now).await?.id,
                _ => source.id,
            });
        }
        let mut settled = settling::settle(tx, &self.vault, key, &ask.records, &source_of, now).await?;
        if !ask.points.is_empty() {
            settled.points.push((source.id, ask.points.clone()));
        }
        for (app, points) in &ask.of_apps {
            let source = known.source(tx, key, &SourceOf::app(app), now).await?;
            settled.points.push((source.id, points.clone()));
        }
        for (source, mut points) in settled.points {
            points.retain(|point| times::plausible(point.from, point.to, now).is_ok());
            if !points.is_empty() {
                batches.push(Batch { of, source, points });
            }
        }
        let (records_new, same, replaced) = (settled.new, settled.same, settled.replaced);
        Ok(Delivered { source: source.id, records_new, same, replaced, ..Delivered::default() })
    }

    /// Stores the points of all deliveries, and judges what is news of them.
    async fn follow_up(
        &self,
        tx: &mut Tx,
        known: &mut Known,
        granted: &[Result<Granted>],
        batches: &[Batch],
        answers: &mut [Result<Delivered>],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let news: Vec<bool> = batches.iter().map(|batch| judging::may_be_news(&batch.points, now)).collect();
        let mut new = Vec::with_capacity(batches.len());
        let mut whose: BTreeMap<PatientId, (&Grant<Write, Wearables>, &PatientKey)> = BTreeMap::new();
        for (batch, is_news) in batches.iter().zip(&news) {
            let Ok(Granted { grant, key, .. }) = &granted[batch.of] else { continue };
            new.push(NewPoints { grant, key, source: batch.source, points: &batch.points });
            if *is_news {
                whose.insert(grant.patient(), (grant, key));
            }
        }
        let whose: Vec<_> = whose.into_values().collect();
        let mut newest = judging::Known::load(tx, &whose).await?;
        let outcomes = signals::store(tx, &new).await?;
        let sources: HashMap<Uuid, Source> = known.sources.values().map(|s| (s.id, s.clone())).collect();
        for ((batch, outcome), is_news) in batches.iter().zip(outcomes).zip(news) {
            let (Ok(Granted { grant, key, .. }), Ok(delivered)) = (&granted[batch.of], &mut answers[batch.of]) else {
                continue;
            };
            delivered.points += batch.points.iter().filter(|point| point.value.is_some()).count();
            delivered.points_new += outcome.new;
            if let (true, Some(source)) = (is_news, sources.get(&batch.source)) {
                let relations = known.related.of(grant.patient());
                let came = Came { grant, key, relations, source, points: &batch.points, now };
                let raised = judging::follow_up(&self.judge, tx, &mut known.watched, &mut newest, &came).await?;
                delivered.alerts.extend(raised);
            }
        }
        self.judge.end(tx, &known.watched, &known.keys)
    }

    /// What others may want to know: the last sync of the source, and the event.
    async fn tell(
        &self,
        tx: &mut Tx,
        ask: &Delivery,
        granted: &Granted,
        delivered: &Delivered,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let records = delivered.records_new + delivered.replaced;
        rows::synced(tx, granted.source.id, now, delivered.points_new, delivered.records_new).await?;
        rows::charged(tx, granted.source.id, ask.battery).await?;
        if delivered.points_new + records > 0 {
            let body = json!({
                "kind": "wearables.synced", "patient_id": ask.patient, "source_id": granted.source.id,
                "points": delivered.points_new, "records": records,
            });
            self.log.emit(tx, crate::TOPIC, ask.patient.0, body, now);
        }
        Ok(())
    }
}

impl Known {
    async fn source(&mut self, tx: &mut Tx, key: &PatientKey, of: &SourceOf, now: DateTime<Utc>) -> Result<Source> {
        let name = (key.patient(), of.clone());
        if let Some(known) = self.sources.get(&name) {
            return Ok(known.clone());
        }
        let found = sources::resolve(tx, key, of, now).await?;
        self.sources.insert(name, found.clone());
        Ok(found)
    }
}

fn points_of(ask: &Delivery) -> impl Iterator<Item = &Point> {
    let of_apps = ask.of_apps.iter().flat_map(|(_, points)| points);
    ask.points.iter().chain(of_apps).chain(ask.records.iter().flat_map(|record| &record.points))
}

/// Refuses to keep anything of a patient who left or did not agree. The patient's row stays locked until the transaction
/// ends, so that a consent that is taken back meanwhile is taken back before this or after.
async fn may_keep(tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<()> {
    patients::require_active(tx, patient).await?;
    devices::require_consent(tx, patient, now).await
}

/// Decides whether a delivery may be kept, and finds what it comes from.
async fn permit(tx: &mut Tx, ask: &Delivery, known: &mut Known, now: DateTime<Utc>) -> Result<Granted> {
    let relations = known.related.of(ask.patient);
    let grant = request::within(&ask.request, || Grant::ask_in(tx, ask.by.caller(), ask.patient, relations, now))?;
    if let Some(why) = known.refused.get(&ask.patient) {
        return Err(why.again());
    }
    let key = known.keys.get(&ask.patient).cloned().ok_or_else(|| Error::not_found("patient"))?;
    let source = known.source(tx, &key, &ask.source, now).await?;
    Ok(Granted { grant, key, source })
}
