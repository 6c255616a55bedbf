//! What is known of all series of a patient: the newest point of each metric, how far each reaches; one sealed row.
use std::collections::{BTreeMap, HashMap, HashSet};

use access::{Grant, Read, data};
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result};
use serde::{Deserialize, Serialize};
use store::{Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;
use vault::{PatientKey, Row};

use crate::history::opened;
use crate::load::last_live;
use crate::point::Entry;
use crate::{Found, Metric, codec};

/// How far a series reaches, and its newest point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reach {
    /// The first and the last `from` of any point, taken back or not.
    pub first: i64,
    pub last: i64,
    /// The length of the longest point.
    pub longest: i64,
    pub newest: Option<Newer>,
}

/// The newest point that was not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Newer {
    from: i64,
    to: i64,
    source: [u8; 16],
    value: f64,
    version: i64,
    quality: u8,
}

/// The sealed row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The number of the next chunk.
    pub next: i64,
    /// Chunks, and entries in them, that wait to be folded.
    pub chunks: u32,
    pub waiting: u32,
    /// By the code of their metric.
    reaches: BTreeMap<u16, Reach>,
}

impl Newer {
    fn of(entry: &Entry) -> Option<Self> {
        let Entry { from, to, source, version, quality, .. } = *entry;
        Some(Self { from, to, source: source.into_bytes(), value: entry.value?, version, quality })
    }

    fn entry(&self) -> Entry {
        let Self { from, to, source, value, version, quality } = *self;
        Entry { from, to, source: Uuid::from_bytes(source), value: Some(value), version, quality }
    }
}

impl Head {
    pub fn reach(&self, metric: Metric) -> Option<&Reach> {
        self.reaches.get(&metric.code())
    }

    /// Takes in what was stored of a series, settled. Answers whether the newest point was taken back, so that another has to
    /// be found.
    pub fn stretch(&mut self, metric: Metric, stored: &[Entry]) -> bool {
        let (Some(first), Some(last)) = (stored.first(), stored.last()) else { return false };
        let longest = stored.iter().map(|e| e.to - e.from).max().unwrap_or_default();
        let reach = self.reaches.entry(metric.code()).or_insert(Reach {
            first: first.from,
            last: last.from,
            longest,
            newest: None,
        });
        reach.first = reach.first.min(first.from);
        reach.last = reach.last.max(last.from);
        reach.longest = reach.longest.max(longest);
        let lost = reach.newest.is_some_and(|newest| {
            let newest = newest.entry().identity();
            stored.iter().any(|e| e.value.is_none() && e.identity() == newest)
        });
        // Whatever began last is the newest: an end can be said that was never reached, a day's mean ends tonight.
        let newest = stored.iter().rfind(|e| e.value.is_some());
        if let Some(newest) = newest
            && (lost || reach.newest.is_none_or(|known| known.entry().identity() <= newest.identity()))
        {
            reach.newest = Newer::of(newest);
        }
        lost
    }

    /// Says which point of a series is the newest.
    pub fn set_newest(&mut self, metric: Metric, newest: Option<&Entry>) {
        if let Some(reach) = self.reaches.get_mut(&metric.code()) {
            reach.newest = newest.and_then(Newer::of);
        }
    }
}

/// The newest wearable point of each metric: of those that were not taken back, the one that began last.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Newest(BTreeMap<Metric, Found>);

impl Newest {
    pub fn get(&self, metric: Metric) -> Option<Found> {
        self.0.get(&metric).copied()
    }

    /// In the order of the metrics' codes.
    pub fn iter(&self) -> impl Iterator<Item = Found> {
        self.0.values().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The end of the newest point of all.
    pub fn at(&self) -> Option<DateTime<Utc>> {
        self.iter().map(|found| found.point.to).max().and_then(DateTime::from_timestamp_micros)
    }
}

impl From<&Head> for Newest {
    fn from(head: &Head) -> Self {
        let known = head.reaches.iter().filter_map(|(code, reach)| {
            let metric = Metric::from_code(*code)?;
            Some((metric, reach.newest?.entry().found(metric)))
        });
        Self(known.collect())
    }
}

struct Stored {
    load_key: PatientId,
    sealed: Vec<u8>,
}
from_row!(Stored { load_key, sealed });

sql!(HEAD_OF = "SELECT patient_id AS load_key, sealed FROM signal_heads WHERE patient_id = $1");
sql!(
    /// Locked in the order of the ids, so that two processes never wait for each other.
    HEADS_LOCK = "SELECT patient_id AS load_key, sealed FROM signal_heads WHERE patient_id = $1 ORDER BY patient_id FOR UPDATE"
);
sql!(
    /// Makes the row of a patient without points and locks it; where another was faster, waits and reads what that one wrote.
    HEADS_BEGIN = "INSERT INTO signal_heads (patient_id, sealed) VALUES ($1, $2)
    ON CONFLICT (patient_id) DO UPDATE SET sealed = signal_heads.sealed RETURNING patient_id AS load_key, sealed"
);
sql!(
    HEADS_PUT = "INSERT INTO signal_heads (patient_id, sealed) VALUES ($1, $2)
    ON CONFLICT (patient_id) DO UPDATE SET sealed = excluded.sealed"
);

fn place(patient: PatientId) -> Row<'static> {
    Row { table: "signal_heads", id: patient.0 }
}

fn open(key: &PatientKey, sealed: &[u8]) -> Result<Head> {
    if sealed.is_empty() { Ok(Head::default()) } else { codec::read(&key.open(place(key.patient()), sealed)?) }
}

/// The head of one patient, as it is at this moment.
pub async fn of(sql: &mut impl Sql, key: &PatientKey) -> Result<Head> {
    let stored: Option<Stored> = sql.one(&HEAD_OF, args![key.patient()]).await?;
    stored.map_or_else(|| Ok(Head::default()), |stored| open(key, &stored.sealed))
}

/// The heads of several patients, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, keys: &BTreeMap<PatientId, &PatientKey>) -> Result<HashMap<PatientId, Head>> {
    let patients: Vec<Uuid> = keys.keys().map(|patient| patient.0).collect();
    let mut stored: Vec<Stored> = tx.all_each(&HEADS_LOCK, &patients).await?;
    let there: HashSet<Uuid> = stored.iter().map(|s| s.load_key.0).collect();
    let first: Vec<_> = patients.iter().filter(|p| !there.contains(*p)).map(|p| args![*p, Vec::<u8>::new()]).collect();
    stored.extend(tx.all_rows(&HEADS_BEGIN, &first).await?);
    let known = stored.iter().filter_map(|stored| Some((stored, keys.get(&stored.load_key)?)));
    known.map(|(stored, key)| Ok((stored.load_key, open(key, &stored.sealed)?))).collect()
}

/// Writes heads, one entry a patient.
pub async fn put(tx: &mut Tx, heads: &[(&PatientKey, &Head)]) -> Result<()> {
    let row = |(key, head): &(&PatientKey, &Head)| {
        Ok(args![key.patient(), key.seal(place(key.patient()), &codec::write(*head)?)?])
    };
    let rows = heads.iter().map(row).collect::<Result<Vec<_>>>()?;
    Ok(tx.run_each(&HEADS_PUT, &rows).await?)
}

/// The newest wearable point of each metric.
pub async fn newest(sql: &mut impl Sql, grant: &Grant<Read, data::Wearables>, key: &PatientKey) -> Result<Newest> {
    grant.covers(key.patient())?;
    let head = of(sql, key).await?;
    shown(sql, grant, key, &head).await
}

/// The newest that the grant opens: where the very newest is of another time, the one before it that is not.
async fn shown(
    sql: &mut impl Sql,
    grant: &Grant<Read, data::Wearables>,
    key: &PatientKey,
    head: &Head,
) -> Result<Newest> {
    let (mut newest, (first, last)) = (Newest::from(head), opened(grant));
    let metrics: Vec<Metric> = newest.0.keys().copied().collect();
    for metric in metrics {
        let is_shown = |from: i64| (first..=last).contains(&from);
        if newest.get(metric).is_some_and(|found| is_shown(found.point.from)) {
            continue;
        }
        newest.0.remove(&metric);
        if head.reach(metric).is_none_or(|reach| reach.first > last || first > reach.last) {
            continue;
        }
        if let Some(entry) = last_live(sql, key, metric, (first, last)).await? {
            newest.0.insert(metric, entry.found(metric));
        }
    }
    Ok(newest)
}

/// As [`newest`], of many patients with one question. Those without a point are absent.
pub async fn newest_of_many(
    sql: &mut impl Sql,
    patients: &[(&Grant<Read, data::Wearables>, &PatientKey)],
) -> Result<HashMap<PatientId, Newest>> {
    patients.iter().try_for_each(|(grant, key)| grant.covers(key.patient()))?;
    let asked: HashMap<PatientId, _> = patients.iter().map(|(grant, key)| (key.patient(), (*grant, *key))).collect();
    let ids: Vec<Uuid> = asked.keys().map(|patient| patient.0).collect();
    let wanted = Where::new("SELECT patient_id AS load_key, sealed FROM signal_heads").among("patient_id", &ids);
    let stored: Vec<Stored> = sql.find(wanted).await?;
    let mut found = HashMap::with_capacity(stored.len());
    for stored in stored {
        let Some((grant, key)) = asked.get(&stored.load_key) else { continue };
        let head = open(key, &stored.sealed)?;
        found.insert(stored.load_key, shown(sql, grant, key, &head).await?);
    }
    Ok(found)
}

/// The newest points of patients whose points are about to be stored, within the transaction that does it. To see what was
/// measured one has to be allowed to read it; whoever may store may know what is newer than what they bring.
pub async fn newest_to_judge(
    tx: &mut Tx,
    patients: &[(&Grant<access::Write, data::Wearables>, &PatientKey)],
) -> Result<HashMap<PatientId, Newest>> {
    patients.iter().try_for_each(|(grant, key)| grant.covers(key.patient()))?;
    let keys: BTreeMap<PatientId, &PatientKey> = patients.iter().map(|(_, key)| (key.patient(), *key)).collect();
    let heads = lock(tx, &keys).await?;
    Ok(heads.iter().map(|(patient, head)| (*patient, Newest::from(head))).collect())
}
