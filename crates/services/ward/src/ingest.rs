//! Taking readings in: permission, storage, judgement and audit of many readings in one transaction and one sync.
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use access::{Grant, Kind, Presumed, Proven, Related, Relation, Write, data};
use chrono::{DateTime, Utc};
use events::Log;
use kernel::{Builder, Clock, EncounterId, Error, HospitalId, PatientId, ReadingId, Result, request};
use rules::{RuleSet, State};
use signals::{Added, Latest, Measured, NewReading, Reading};
use store::{GroupCommit, Tx, Work};
use uuid::Uuid;
use vault::{PatientKey, Vault};

use crate::judge::Case;
use crate::live::Live;
use crate::model::{Raised, Recorded};
use crate::watch;

/// A reading that waits to be taken in.
pub struct Ask {
    pub caller: Presumed,
    pub patient: PatientId,
    pub encounter: Option<EncounterId>,
    pub at: DateTime<Utc>,
    pub measured: Measured,
    pub request: Arc<request::Request>,
}

/// The edge through which readings come in.
pub struct Ingest(GroupCommit<Intake>);

impl Ingest {
    /// Takes a reading in. The answer comes once the reading, its alerts and its audit entry are durable.
    pub async fn submit(&self, ask: Ask) -> Result<Recorded> {
        self.0.submit(ask).await?
    }
}

struct Intake {
    vault: Vault,
    log: Log,
    live: Live,
    clock: Clock,
    rules: RuleSet,
}

/// Opens the edge; needs the vault and the event log.
pub fn open(builder: Builder) -> Builder {
    let edges = builder.edge::<Vault>().cloned().zip(builder.edge::<Log>().cloned());
    let Some((vault, log)) = edges else { return builder };
    let live = Live::default();
    let intake =
        Intake { vault, log, live: live.clone(), clock: builder.clock().clone(), rules: RuleSet::documented() };
    let ingest = Ingest(GroupCommit::start(builder.db(), intake));
    builder.with(ingest).with(live)
}

/// What is known of the patients of one group.
struct Known {
    callers: Proven,
    related: Related,
    keys: HashMap<PatientId, PatientKey>,
    latest: HashMap<PatientId, Latest>,
    watch: HashMap<PatientId, State>,
}

/// A reading that may be taken in.
struct Granted {
    grant: Grant<Write, data::Vitals>,
    encounter: Option<EncounterId>,
}

impl Work for Intake {
    type Ask = Ask;
    type Answer = Result<Recorded>;

    fn about(ask: &Ask) -> Uuid {
        ask.patient.0
    }

    async fn run(&self, tx: &mut Tx, asks: &[Ask]) -> store::Result<Vec<Result<Recorded>>> {
        let now = self.clock.now();
        let mut known = self.load(tx, asks).await?;
        let mut granted = Vec::with_capacity(asks.len());
        for ask in asks {
            granted.push(permit(tx, ask, &known, now).await);
        }
        let added = add(tx, asks, &granted, &known, now).await?;
        let mut answers = Vec::with_capacity(asks.len());
        let mut touched = Touched::default();
        let mut added = added.into_iter();
        for permitted in &granted {
            answers.push(match permitted {
                Ok(granted) => {
                    let added = added.next().ok_or_else(|| Error::internal("a reading was not stored"))?;
                    Ok(self.follow_up(tx, &mut known, granted, added, &mut touched, now).await?)
                }
                Err(refused) => Err(refused.again()),
            });
        }
        self.write_back(tx, &known, &granted, &touched).await?;
        Ok(answers)
    }
}

#[derive(Default)]
struct Touched {
    latest: HashSet<PatientId>,
    watch: BTreeSet<PatientId>,
}

impl Intake {
    async fn load(&self, tx: &mut Tx, asks: &[Ask]) -> Result<Known> {
        let patients: Vec<PatientId> = asks.iter().map(|a| a.patient).collect::<BTreeSet<_>>().into_iter().collect();
        let ids: Vec<Uuid> = patients.iter().map(|p| p.0).collect();
        let keys = self.vault.keys(tx, &patients).await?;
        // In the order of the ids: see `lock_latest`.
        let in_order: Vec<&PatientKey> = patients.iter().filter_map(|p| keys.get(p)).collect();
        // All of it is asked before the first answer is awaited.
        let callers = Proven::among(tx, asks.iter().map(|ask| &ask.caller));
        let related = access::related(tx, &ids);
        let latest = signals::ask_latest(tx, &in_order);
        let watch = watch::load(tx, &keys);
        let latest = signals::locked_latest(tx, &in_order, latest).await?;
        let (callers, related, watch) = (callers.await?, related.await?, watch.await?);
        Ok(Known { callers, related, keys, latest, watch })
    }

    /// Judges a reading that is new, and says what became of it.
    async fn follow_up(
        &self,
        tx: &mut Tx,
        known: &mut Known,
        granted: &Granted,
        added: Added,
        touched: &mut Touched,
        now: DateTime<Utc>,
    ) -> Result<Recorded> {
        let (id, encounter_id, timestamp) = (added.reading().id, added.reading().encounter, added.reading().at);
        let recorded = |duplicate, alerts| Recorded {
            id,
            patient_id: granted.grant.patient(),
            encounter_id,
            timestamp,
            duplicate,
            alerts,
        };
        let (Added::New(reading) | Added::Merged(reading)) = added else { return Ok(recorded(true, Vec::new())) };
        let alerts = self.judge(tx, known, granted, &reading, touched, now).await?;
        self.push(tx, reading, &alerts);
        Ok(recorded(false, alerts))
    }

    async fn judge(
        &self,
        tx: &mut Tx,
        known: &mut Known,
        granted: &Granted,
        reading: &Reading,
        touched: &mut Touched,
        now: DateTime<Utc>,
    ) -> Result<Vec<Raised>> {
        let patient = granted.grant.patient();
        let Some(key) = known.keys.get(&patient) else { return Err(Error::not_found("patient")) };
        let relations = known.related.of(patient);
        let case = Case {
            log: &self.log,
            rules: &self.rules,
            key,
            relations,
            encounter: granted.encounter,
            hospital: admission(relations).map(|r| HospitalId(r.holder_id)),
            now,
        };
        let latest = known.latest.entry(patient).or_default();
        let state = known.watch.entry(patient).or_default();
        let before = state.clone();
        // A monitor whose clock is ahead must not make everybody else's readings look late.
        let reading = match reading.at > now {
            true => Cow::Owned(Reading { at: now, ..reading.clone() }),
            false => Cow::Borrowed(reading),
        };
        let reading = &*reading;
        let raised = case.judge(tx, latest, state, reading).await?;
        if *state != before {
            touched.watch.insert(patient);
        }
        latest.fold(reading);
        touched.latest.insert(patient);
        Ok(raised)
    }

    fn push(&self, tx: &mut Tx, reading: Reading, alerts: &[Raised]) {
        let (live, alerts) = (self.live.clone(), alerts.to_vec());
        tx.after_commit(move || live.tell(&reading, &alerts));
    }

    async fn write_back(
        &self,
        tx: &mut Tx,
        known: &Known,
        granted: &[Result<Granted>],
        touched: &Touched,
    ) -> Result<()> {
        let mut left = touched.latest.clone();
        let mut changed = Vec::with_capacity(left.len());
        for granted in granted.iter().flatten() {
            let patient = granted.grant.patient();
            if left.remove(&patient)
                && let (Some(key), Some(latest)) = (known.keys.get(&patient), known.latest.get(&patient))
            {
                changed.push((&granted.grant, key, latest));
            }
        }
        signals::put_latest(tx, &changed)?;
        let remembered = touched.watch.iter().filter_map(|p| Some((known.keys.get(p)?, known.watch.get(p)?)));
        watch::put(tx, &remembered.collect::<Vec<_>>())
    }
}

/// Decides whether a reading may be taken in, and to which encounter it belongs.
async fn permit(tx: &mut Tx, ask: &Ask, known: &Known, now: DateTime<Utc>) -> Result<Granted> {
    let relations = known.related.of(ask.patient);
    let caller = known.callers.of(&ask.caller, now)?;
    let grant = request::within(&ask.request, || Grant::ask_in(tx, &caller, ask.patient, relations, now))?;
    if !known.keys.contains_key(&ask.patient) {
        return Err(Error::not_found("patient"));
    }
    let current = admission(relations).map(|r| EncounterId(r.basis_id));
    match ask.encounter {
        Some(named) if current != Some(named) => Err(not_current(tx, ask.patient, named).await?),
        _ => Ok(Granted { grant, encounter: current }),
    }
}

fn admission(relations: &[Relation]) -> Option<&Relation> {
    relations.iter().find(|r| r.kind == Kind::AdmittingHospital)
}

/// Why a named encounter cannot take a reading.
async fn not_current(tx: &mut Tx, patient: PatientId, named: EncounterId) -> Result<Error> {
    let found = hospitals::admission(tx, named).await?.filter(|a| a.patient_id == patient);
    Ok(match found {
        Some(_) => Error::conflict("the patient was discharged from this encounter").about("encounter_id"),
        None => Error::invalid("encounter_id", "is not an encounter of this patient"),
    })
}

async fn add(
    tx: &mut Tx,
    asks: &[Ask],
    granted: &[Result<Granted>],
    known: &Known,
    now: DateTime<Utc>,
) -> Result<Vec<Added>> {
    let mut readings = Vec::with_capacity(asks.len());
    for (ask, granted) in asks.iter().zip(granted) {
        let (Ok(granted), Some(key)) = (granted, known.keys.get(&ask.patient)) else { continue };
        let reading = Reading {
            id: ReadingId::new(),
            patient: ask.patient,
            at: ask.at,
            source: granted.grant.actor(),
            encounter: granted.encounter,
            received_at: now,
            measured: ask.measured.clone(),
        };
        readings.push(NewReading { grant: &granted.grant, key, reading });
    }
    signals::add(tx, readings).await
}
