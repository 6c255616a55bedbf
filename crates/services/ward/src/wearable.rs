//! What a patient's own devices measure, judged by the same rules as the bedside's readings.
//!
//! A phone brings hours at once. So decisions are made over all of them first and written after: an alert that was over
//! again before anybody heard of it is charted and calls nobody.
use std::collections::{BTreeSet, HashMap};

use access::{Grant, Kind, Relation, Write, data};
use chrono::{DateTime, Utc};
use events::Log;
use kernel::{Builder, EncounterId, HospitalId, PatientId, Result};
use rules::{Decision, Picture, RuleId, RuleSet, State};
use serde_json::{Value, json};
use signals::{Latest, Metric};
use store::Tx;
use vault::PatientKey;

use crate::judge::{self, Case};
use crate::live::Live;
use crate::model::{Raised, severity};
use crate::watch;

/// The edge through which what wearables measured is judged and told of.
#[derive(Clone)]
pub struct WearableJudge {
    log: Log,
    live: Live,
    rules: RuleSet,
}

/// Opens the edge; needs the event log and the live hub.
pub fn open(builder: Builder) -> Builder {
    let edges = builder.edge::<Log>().cloned().zip(builder.edge::<Live>().cloned());
    let Some((log, live)) = edges else { return builder };
    builder.with(WearableJudge { log, live, rules: RuleSet::documented() })
}

/// What is known of the patients whose wearables are judged in one transaction.
pub struct Watched {
    latest: HashMap<PatientId, Latest>,
    state: HashMap<PatientId, State>,
    changed: BTreeSet<PatientId>,
}

/// A value that a wearable measured.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub metric: Metric,
    pub at: DateTime<Utc>,
    pub value: f64,
}

/// Whose samples are judged, and what they come from.
pub struct Wearer<'a> {
    pub grant: &'a Grant<Write, data::Wearables>,
    pub key: &'a PatientKey,
    pub relations: &'a [Relation],
    /// The device or app, by its own name.
    pub source: &'a str,
    /// The heart rate above which the device's patient wants to be told.
    pub threshold: Option<f64>,
    pub now: DateTime<Utc>,
}

/// Whether the rules look at a metric at all.
pub fn is_judged(metric: Metric) -> bool {
    judge::vital(metric).is_some()
}

impl WearableJudge {
    /// Reads and locks what the rules know of these patients, given in the order of their ids. To be called before any
    /// other row of theirs is locked: a reading from the bedside locks in this order too.
    pub async fn begin(&self, tx: &mut Tx, keys: &[&PatientKey]) -> Result<Watched> {
        let by_patient: HashMap<PatientId, PatientKey> =
            keys.iter().map(|key| (key.patient(), (*key).clone())).collect();
        let latest = signals::ask_latest(tx, keys);
        let state = watch::load(tx, &by_patient);
        let latest = signals::locked_latest(tx, keys, latest).await?;
        Ok(Watched { latest, state: state.await?, changed: BTreeSet::new() })
    }

    /// Judges samples in the order of their times, and answers the alerts they opened or made worse. `known` are the
    /// newest values that came before them.
    pub async fn judge(
        &self,
        tx: &mut Tx,
        watched: &mut Watched,
        wearer: &Wearer<'_>,
        known: &[Sample],
        samples: &[Sample],
    ) -> Result<Vec<Raised>> {
        let patient = wearer.key.patient();
        wearer.grant.covers(patient)?;
        let rules = self.rules_of(wearer.threshold);
        let case = case(&self.log, &rules, wearer);
        let mut picture = watched.latest.get(&patient).map(judge::picture).unwrap_or_default();
        readings(known).iter().for_each(|reading| picture.fold(reading));
        let state = watched.state.entry(patient).or_default();
        let before = state.clone();
        let decided = decide(tx, &case, picture, state, &readings(samples)).await?;
        if *state != before {
            watched.changed.insert(patient);
        }
        write(tx, &case, decided, &json!({"kind": "wearable", "name": wearer.source})).await
    }

    /// Writes what the rules remember now.
    pub fn end(&self, tx: &mut Tx, watched: &Watched, keys: &HashMap<PatientId, PatientKey>) -> Result<()> {
        let changed = watched.changed.iter().filter_map(|p| Some((keys.get(p)?, watched.state.get(p)?)));
        watch::put(tx, &changed.collect::<Vec<_>>())
    }

    /// Tells those who follow the patient's wearables, once the transaction is durable.
    pub fn tell(&self, tx: &mut Tx, patient: PatientId, points: impl FnOnce() -> Value + Send + 'static) {
        let live = self.live.clone();
        tx.after_commit(move || live.tell_wearables(patient, points));
    }

    /// A device's own threshold only tightens: what the ward would be told of, it is told of.
    fn rules_of(&self, threshold: Option<f64>) -> RuleSet {
        let mut rules = self.rules.clone();
        if let (Some(threshold), Some(rule)) = (threshold, rules.rule_mut(RuleId::Tachycardia)) {
            for limit in rule.condition.limits_mut() {
                limit.limit = limit.limit.min(threshold);
            }
        }
        rules
    }
}

fn case<'a>(log: &'a Log, rules: &'a RuleSet, wearer: &'a Wearer<'a>) -> Case<'a> {
    let admission = wearer.relations.iter().find(|relation| relation.kind == Kind::AdmittingHospital);
    Case {
        log,
        rules,
        key: wearer.key,
        relations: wearer.relations,
        encounter: admission.map(|relation| EncounterId(relation.basis_id)),
        hospital: admission.map(|relation| HospitalId(relation.holder_id)),
        now: wearer.now,
    }
}

/// Samples of one moment are one reading; readings in the order of their times.
fn readings(samples: &[Sample]) -> Vec<rules::Reading> {
    let mut ordered = samples.to_vec();
    ordered.sort_by_key(|sample| sample.at);
    let mut readings: Vec<rules::Reading> = Vec::with_capacity(ordered.len());
    for sample in ordered {
        let Some(vital) = judge::vital(sample.metric) else { continue };
        match readings.last_mut().filter(|last| last.at == sample.at) {
            Some(last) => last.values.set(vital, sample.value),
            None => readings.push(rules::Reading::new(sample.at).with(vital, sample.value)),
        }
    }
    readings
}

async fn decide(
    tx: &mut Tx,
    case: &Case<'_>,
    mut picture: Picture,
    state: &mut State,
    readings: &[rules::Reading],
) -> Result<Vec<(DateTime<Utc>, Decision)>> {
    let mut decided: Vec<(DateTime<Utc>, Decision)> = Vec::new();
    for reading in readings {
        for decision in case.decide(tx, &picture, state, reading).await? {
            // A thousand abnormal values are one alert that was seen a thousand times, and one line to write.
            if matches!(decision, Decision::Repeated { .. }) {
                let last = decided.iter().rposition(|(_, earlier)| earlier.rule() == decision.rule());
                if let Some(at) = last.filter(|at| matches!(decided[*at].1, Decision::Repeated { .. })) {
                    decided.remove(at);
                }
            }
            decided.push((reading.at, decision));
        }
        picture.fold(reading);
    }
    Ok(decided)
}

async fn write(
    tx: &mut Tx,
    case: &Case<'_>,
    decided: Vec<(DateTime<Utc>, Decision)>,
    source: &Value,
) -> Result<Vec<Raised>> {
    let over = |place: usize, rule: RuleId| {
        decided[place + 1..].iter().any(|(_, d)| matches!(d, Decision::Closed { rule: closed, .. } if *closed == rule))
    };
    let passing: Vec<bool> = decided.iter().enumerate().map(|(place, (_, d))| over(place, d.rule())).collect();
    let mut raised: Vec<Raised> = Vec::new();
    for ((at, decision), passing) in decided.into_iter().zip(passing) {
        let alert = match decision {
            Decision::Opened { rule, severity: decided, message, explanation } if passing => {
                let detail = judge::detail(message, &explanation, Some(source))?;
                Some(case.open_quietly(tx, rule, severity(decided), detail, at).await?)
            }
            // It got worse and is over: nobody is called either, and the row that closes says enough.
            Decision::Worsened { .. } if passing => None,
            decision => case.write_of(tx, decision, at, Some(source)).await?,
        };
        if let Some(alert) = alert {
            raised.retain(|earlier| earlier.id != alert.id);
            raised.push(alert);
        }
    }
    Ok(raised)
}
