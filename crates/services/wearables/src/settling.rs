//! Settling the records of a delivery: which are new, which read otherwise than before, and which points that makes.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::Result;
use signals::{Outdoes, Point};
use store::Tx;
use uuid::Uuid;
use vault::{PatientKey, Vault};

use crate::holding::{self, Holders, LetGo};
use crate::model::NewRecord;
use crate::queries::records as rows;
use crate::records::{digest, known};
use crate::spots;

/// What became of the records of one delivery.
#[derive(Debug, Default)]
pub struct Settled {
    pub new: usize,
    /// The new ones by their sources.
    pub new_of: HashMap<Uuid, usize>,
    pub same: usize,
    pub replaced: usize,
    /// Points to store, each batch with its source and what it outdoes.
    pub points: Vec<(Uuid, Vec<Point>, Outdoes)>,
}

/// Writes those records that are new or read otherwise than before. `source_of` is each one's source, in their order.
pub async fn settle(
    tx: &mut Tx,
    vault: &Vault,
    key: &PatientKey,
    records: &[NewRecord],
    source_of: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Settled> {
    let mut settled = Settled::default();
    for (kind, places) in by_kind(records) {
        settled.same += places.repeated;
        let ids: Vec<&str> = places.kept.iter().map(|place| records[*place].id.as_str()).collect();
        let known = known(tx, key.patient(), kind, &ids).await?;
        let mut changed = Vec::new();
        for place in places.kept {
            let record = &records[place];
            let digest = digest(vault, key.patient(), kind, &record.body);
            match known.get(&record.id) {
                Some(known) if known.version > record.version || known.digest == digest => settled.same += 1,
                known => changed.push((place, known.map(|known| known.id), digest)),
            }
        }
        write(tx, key, (records, source_of), changed, &mut settled, now).await?;
    }
    Ok(settled)
}

/// The places of one kind's records: of those that name one record twice, the one that counts.
#[derive(Default)]
struct Places {
    kept: Vec<usize>,
    repeated: usize,
}

fn by_kind(records: &[NewRecord]) -> HashMap<&str, Places> {
    let mut seen: HashMap<(&str, &str), usize> = HashMap::with_capacity(records.len());
    let mut kinds: HashMap<&str, Places> = HashMap::new();
    for (place, record) in records.iter().enumerate() {
        let of_kind = kinds.entry(&record.kind).or_default();
        match seen.get_mut(&(record.kind.as_str(), record.id.as_str())) {
            Some(at) => {
                of_kind.repeated += 1;
                if records[of_kind.kept[*at]].version <= record.version {
                    of_kind.kept[*at] = place;
                }
            }
            None => {
                seen.insert((&record.kind, &record.id), of_kind.kept.len());
                of_kind.kept.push(place);
            }
        }
    }
    kinds
}

async fn write(
    tx: &mut Tx,
    key: &PatientKey,
    (records, source_of): (&[NewRecord], &[Uuid]),
    changed: Vec<(usize, Option<Uuid>, Vec<u8>)>,
    settled: &mut Settled,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(kind) = changed.first().map(|(place, ..)| records[*place].kind.as_str()) else { return Ok(()) };
    let replaced: Vec<&str> =
        changed.iter().filter(|(_, id, _)| id.is_some()).map(|(place, ..)| records[*place].id.as_str()).collect();
    let before = rows::whole(tx, key.patient(), kind, &replaced).await?;
    let before: HashMap<&str, &rows::Stored> = before.iter().map(|row| (row.record_id.as_str(), row)).collect();
    let (mut written, mut let_go) = (Vec::with_capacity(changed.len()), Vec::new());
    let mut holders = Holders { but: before.values().map(|row| row.id).collect(), ..Holders::default() };
    for (place, id, digest) in changed {
        let (record, source) = (&records[place], source_of[place]);
        match before.get(record.id.as_str()) {
            Some(row) => {
                let (_, spots) = spots::open(key, row.id, &row.sealed)?;
                // Another source's points are other points, even of the same time.
                let stays: &[Point] = if row.source_id == source { &record.points } else { &[] };
                let gone = spots::without(spots, stays);
                let_go.push(LetGo { source: row.source_id, version: record.version, spots: gone });
                settled.replaced += 1;
            }
            None => {
                settled.new += 1;
                *settled.new_of.entry(source).or_default() += 1;
            }
        }
        holders.new.extend(record.points.iter().map(|point| (source, spots::of(point))));
        let at_version = |point: &Point| Point { version: point.version.max(record.version), ..*point };
        let outdoes = if id.is_some() { Outdoes::Everything } else { Outdoes::Presence };
        settled.points.push((source, record.points.iter().map(at_version).collect(), outdoes));
        let id = id.unwrap_or_else(kernel::ids::new);
        written.push(rows::Stored {
            id,
            patient_id: key.patient(),
            record_id: record.id.clone(),
            kind: record.kind.clone(),
            app: record.app.clone(),
            source_id: source,
            starts_at: record.from,
            ends_at: record.to,
            version: record.version,
            digest,
            sealed: spots::seal(key, id, &record.body, &record.points)?,
            received_at: now,
        });
    }
    let taken = holding::take_back(tx, key, kind, let_go, &holders).await?;
    settled.points.extend(taken.into_iter().map(|(source, points)| (source, points, Outdoes::Presence)));
    rows::put(tx, written).await
}
