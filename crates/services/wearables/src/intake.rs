//! The one way in: whoever sends, from whatever source, it is permitted, agreed to, stored, judged and told of in one
//! transaction, which many deliveries share.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use access::data::Wearables;
use access::{Grant, Related, Write};
use chrono::{DateTime, Utc};
use events::Log;
use kernel::{Builder, Clock, Error, PatientId, Result, request};
use serde_json::json;
use signals::{NewPoints, Outdoes, Point};
use store::{GroupCommit, Tx, Work};
use tokio::sync::Semaphore;
use uuid::Uuid;
use vault::{PatientKey, Vault};
use ward::WearableJudge;

use crate::judging::{self, Came};
use crate::model::{Delivered, Delivery, SourceOf};
use crate::queries::sources::{self as rows, Stored as Source};
use crate::{check, devices, settling, sources, times};

/// The edge through which everything that wearables send comes in.
pub struct Intake {
    group: GroupCommit<Group>,
    /// So much is on its way into the store at a time, so that no transaction is longer and no queue larger.
    room: Semaphore,
}

/// What is stored at a time, in [weights](Delivery::weight): about a tenth of a second on SQLite, where all others wait
/// meanwhile.
const ROOM: u32 = 2000;

impl Intake {
    /// Takes a delivery in, whole or not at all. The answer comes once it is durable.
    ///
    /// 404 when the caller has nothing to do with the patient, or the device is not the patient's; 403 without a live
    /// consent to keep what wearables send; 409 when the patient was deactivated. Points whose times cannot be right are
    /// left out: ask [`plausible_for`](crate::plausible_for) first to say which.
    pub async fn deliver(&self, delivery: Delivery) -> Result<Delivered> {
        check::delivery(&delivery)?;
        let weight = u32::try_from(delivery.weight()).unwrap_or(ROOM).min(ROOM);
        let _room = self.room.acquire_many(weight).await.map_err(|_| Error::unavailable("shutting down"))?;
        self.group.submit(delivery).await?
    }
}

/// Opens the edge; needs the vault, the event log and the ward's judge.
pub fn open(builder: Builder) -> Builder {
    let (vault, log) = (builder.edge::<Vault>().cloned(), builder.edge::<Log>().cloned());
    let judge = builder.edge::<WearableJudge>().cloned();
    let (Some(vault), Some(log), Some(judge)) = (vault, log, judge) else { return builder };
    let group = Group { vault, log, judge, clock: builder.clock().clone() };
    let group = GroupCommit::start(builder.db(), group);
    builder.with(Intake { group, room: Semaphore::new(ROOM as usize) })
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
    outdoes: Outdoes,
}

/// How many points and records that were not there before each source of a delivery sent.
type BySource = BTreeMap<Uuid, (usize, usize)>;

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
        let mut sent: Vec<BySource> = vec![BySource::new(); asks.len()];
        for (of, (ask, permitted)) in asks.iter().zip(&granted).enumerate() {
            answers.push(match permitted {
                Ok(granted) => {
                    Ok(self.keep(tx, &mut known, (of, ask, granted), (&mut batches, &mut sent[of]), now).await?)
                }
                Err(refused) => Err(refused.again()),
            });
        }
        self.follow_up(tx, &mut known, &granted, (&batches, &mut sent), &mut answers, now).await?;
        for (((ask, granted), answer), sent) in asks.iter().zip(&granted).zip(&answers).zip(&sent) {
            if let (Ok(granted), Ok(delivered)) = (granted, answer) {
                self.tell(tx, ask, granted, (delivered, sent), now).await?;
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
            asks.iter().filter(|ask| judging::may_be_judged(ask.all_points(), now)).map(|ask| ask.patient).collect();
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
        (batches, sent): (&mut Vec<Batch>, &mut BySource),
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
        sent.extend(source_of.iter().chain([&source.id]).map(|source| (*source, (0, 0))));
        let mut settled = settling::settle(tx, &self.vault, key, &ask.records, &source_of, now).await?;
        settled.points.push((source.id, ask.points.clone(), Outdoes::Versions));
        for (app, of_app) in &ask.of_apps {
            let source = known.source(tx, key, &SourceOf::app(app), now).await?;
            sent.insert(source.id, (0, 0));
            settled.points.push((source.id, of_app.clone(), Outdoes::Versions));
        }
        for (source, mut points, outdoes) in settled.points {
            points.retain(|point| times::plausible_for(point.metric, point.from, point.to, now).is_ok());
            if !points.is_empty() {
                batches.push(Batch { of, source, points, outdoes });
            }
        }
        for (source, new) in settled.new_of {
            sent.entry(source).or_default().1 += new;
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
        (batches, sent): (&[Batch], &mut [BySource]),
        answers: &mut [Result<Delivered>],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let news: Vec<bool> = batches.iter().map(|batch| judging::may_be_news(&batch.points, now)).collect();
        let mut new = Vec::with_capacity(batches.len());
        let mut whose: BTreeMap<PatientId, (&Grant<Write, Wearables>, &PatientKey)> = BTreeMap::new();
        for (batch, is_news) in batches.iter().zip(&news) {
            let Ok(Granted { grant, key, .. }) = &granted[batch.of] else { continue };
            let (source, outdoes) = (batch.source, batch.outdoes);
            new.push(NewPoints { grant, key, source, outdoes, points: &batch.points });
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
            if let Some((points, _)) = sent[batch.of].get_mut(&batch.source) {
                *points += outcome.new;
            }
            if let (true, Some(source)) = (is_news, sources.get(&batch.source)) {
                let relations = known.related.of(grant.patient());
                let came = Came { grant, key, relations, source, points: &batch.points, now };
                let raised = judging::follow_up(&self.judge, tx, &mut known.watched, &mut newest, &came).await?;
                delivered.alerts.extend(raised);
            }
        }
        self.judge.end(tx, &known.watched, &known.keys)
    }

    /// What others may want to know: the last sync of the sources, and the event.
    async fn tell(
        &self,
        tx: &mut Tx,
        ask: &Delivery,
        granted: &Granted,
        (delivered, sent): (&Delivered, &BySource),
        now: DateTime<Utc>,
    ) -> Result<()> {
        let records = delivered.records_new + delivered.replaced;
        for (source, (points, records)) in sent {
            rows::synced(tx, *source, now, *points, *records).await?;
        }
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
    // All at once, and before anything is written: a delivery that is refused leaves no source behind.
    let met = sources::meet(tx, &key, ask, |of| known.sources.contains_key(&(ask.patient, of.clone())), now).await?;
    known.sources.extend(met.into_iter().map(|(of, source)| ((ask.patient, of), source)));
    let source = known.source(tx, &key, &ask.source, now).await?;
    Ok(Granted { grant, key, source })
}
