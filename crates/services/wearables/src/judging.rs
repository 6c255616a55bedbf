//! What of a delivery is news: judged by the rules, and told to those who watch. What is older than what was known, as a
//! month that is sent again, is no news.
use std::collections::HashMap;

use access::data::Wearables;
use access::{Grant, Relation, Write};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{PatientId, Result};
use serde_json::{Value, json};
use signals::{Metric, Newest, Point};
use store::Tx;
use vault::PatientKey;
use ward::{Raised, Sample, Watched, WearableJudge, Wearer};

use crate::model::SourceKind;
use crate::queries::sources::Stored as Source;
use crate::sources::Told;
use crate::times;

/// What is older than this is history, whatever was known before.
const NEWS: TimeDelta = TimeDelta::hours(24);

/// Whether points may be news by their times alone; only then what is known has to be looked up.
pub fn may_be_news<'a>(points: impl IntoIterator<Item = &'a Point>, now: DateTime<Utc>) -> bool {
    points.into_iter().any(|point| is_recent(point, now))
}

/// As [`may_be_news`], of what the rules look at.
pub fn may_be_judged<'a>(points: impl IntoIterator<Item = &'a Point>, now: DateTime<Utc>) -> bool {
    points.into_iter().any(|point| ward::is_judged(point.metric) && is_recent(point, now))
}

fn is_recent(point: &Point, now: DateTime<Utc>) -> bool {
    point.value.is_some() && point.to >= (now - NEWS).timestamp_micros()
}

/// The newest points of some patients, kept up to date as their deliveries are judged.
#[derive(Default)]
pub struct Known(HashMap<PatientId, HashMap<Metric, Point>>);

impl Known {
    pub async fn load(tx: &mut Tx, patients: &[(&Grant<Write, Wearables>, &PatientKey)]) -> Result<Self> {
        if patients.is_empty() {
            return Ok(Self::default());
        }
        let found: HashMap<PatientId, Newest> = signals::newest_to_judge(tx, patients).await?;
        let of_patient = |newest: Newest| newest.iter().map(|found| (found.point.metric, found.point)).collect();
        Ok(Self(found.into_iter().map(|(patient, newest)| (patient, of_patient(newest))).collect()))
    }

    /// What of these points is newer than what is known of the patient, in the order of time; from now on it is known.
    fn learn(&mut self, patient: PatientId, points: &[Point], now: DateTime<Utc>) -> Vec<Point> {
        let known = self.0.entry(patient).or_default();
        let is_newer = |point: &&Point| known.get(&point.metric).is_none_or(|known| begins_after(point, known, now));
        let recent = points.iter().filter(|point| is_recent(point, now));
        let mut news: Vec<Point> = recent.filter(is_newer).copied().collect();
        news.sort_by_key(|point| (point.from, point.to));
        for point in &news {
            known.insert(point.metric, *point);
        }
        news
    }

    fn samples(&self, patient: PatientId, now: DateTime<Utc>) -> Vec<Sample> {
        let known = self.0.get(&patient).into_iter().flat_map(HashMap::values);
        known.filter_map(|known| sample(&at_the_latest(known, now))).collect()
    }
}

/// Whether a point is newer than what is known: whatever began last is. An end can be said that was never reached.
fn begins_after(point: &Point, known: &Point, now: DateTime<Utc>) -> bool {
    let since = at_the_latest(known, now);
    (since.from, since.to) < (point.from, point.to) && (known.from, known.to) != (point.from, point.to)
}

/// A point that is known, at the time at which it can have been measured. What lies ahead of our clock came from one that
/// is ahead, and may have come as much earlier: it must not make what others measure meanwhile look late.
fn at_the_latest(known: &Point, now: DateTime<Utc>) -> Point {
    let (now, ahead) = (now.timestamp_micros(), times::BEGINS.num_microseconds().unwrap_or_default());
    let by_now = |at: i64| if at > now { at - ahead } else { at };
    let from = by_now(known.from).min(now);
    let to = Some(by_now(known.to)).filter(|to| (from..=now).contains(to));
    Point { from, to: to.unwrap_or(from), ..*known }
}

/// What a wearable measured at the end of its time.
fn sample(point: &Point) -> Option<Sample> {
    let at = DateTime::from_timestamp_micros(point.to)?;
    Some(Sample { metric: point.metric, at, value: point.value? })
}

/// Points that came in, with whose they are and what they came from.
pub struct Came<'a> {
    pub grant: &'a Grant<Write, Wearables>,
    pub key: &'a PatientKey,
    pub relations: &'a [Relation],
    pub source: &'a Source,
    pub points: &'a [Point],
    pub now: DateTime<Utc>,
}

/// Judges what is news of it, and tells it to those who watch once it is durable.
pub async fn follow_up(
    judge: &WearableJudge,
    tx: &mut Tx,
    watched: &mut Watched,
    known: &mut Known,
    came: &Came<'_>,
) -> Result<Vec<Raised>> {
    let patient = came.grant.patient();
    let before = known.samples(patient, came.now);
    let news = known.learn(patient, came.points, came.now);
    if news.is_empty() {
        return Ok(Vec::new());
    }
    // A phone's clock may be a little ahead; what it measures is not of the future all the same.
    let at_most_now = |sample: Sample| Sample { at: sample.at.min(came.now), ..sample };
    let judged = news.iter().filter(|point| ward::is_judged(point.metric)).filter_map(sample).map(at_most_now);
    let judged: Vec<Sample> = judged.collect();
    let mut alerts = Vec::new();
    if !judged.is_empty() {
        let wearer = Wearer {
            grant: came.grant,
            key: came.key,
            relations: came.relations,
            source: &came.source.name,
            threshold: threshold(came)?,
            now: came.now,
        };
        alerts = judge.judge(tx, watched, &wearer, &before, &judged).await?;
    }
    tell(judge, tx, patient, came.source, news, alerts.clone());
    Ok(alerts)
}

fn threshold(came: &Came<'_>) -> Result<Option<f64>> {
    match came.source.kind {
        SourceKind::Device => Ok(Told::open(came.grant, came.key, came.source)?.alert_threshold()),
        SourceKind::App | SourceKind::Provider => Ok(None),
    }
}

/// The newest of each metric; whoever watches a heart needs no step-by-step account of an hour ago.
fn tell(
    judge: &WearableJudge,
    tx: &mut Tx,
    patient: PatientId,
    source: &Source,
    news: Vec<Point>,
    alerts: Vec<Raised>,
) {
    let name = source.name.clone();
    judge.tell(tx, patient, move || {
        let newest: HashMap<Metric, &Point> = news.iter().map(|point| (point.metric, point)).collect();
        let mut newest: Vec<&Point> = newest.into_values().collect();
        newest.sort_by_key(|point| point.metric);
        json!({"points": newest.iter().map(|point| shown(point, &name)).collect::<Vec<_>>(), "alerts": alerts})
    });
}

fn shown(point: &Point, source: &str) -> Value {
    let described = point.metric.describe();
    let at = DateTime::<Utc>::from_timestamp_micros(point.to);
    json!({
        "metric_type": described.name, "value": point.value, "unit": described.ucum, "timestamp": at, "device_id": source,
    })
}
