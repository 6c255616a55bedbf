//! Which points stay when a record lets go of them: those that another record of the same app says too.
use std::collections::{BTreeMap, HashSet};

use kernel::Result;
use signals::Point;
use store::Tx;
use uuid::Uuid;
use vault::PatientKey;

use crate::queries::records as rows;
use crate::spots::{self, Spot};

/// What a record lets go of, because it is removed or reads otherwise now.
pub struct LetGo {
    pub source: Uuid,
    pub version: i64,
    pub spots: Vec<Spot>,
}

/// The records that hold points.
#[derive(Default)]
pub struct Holders {
    /// Stored records that hold nothing any more: they are removed, or written anew.
    pub but: HashSet<Uuid>,
    /// What the records hold that are written now, by their sources.
    pub new: HashSet<(Uuid, Spot)>,
}

/// The points that take back what records of one kind let go of, and nobody else holds; each batch with its source.
pub async fn take_back(
    tx: &mut Tx,
    key: &PatientKey,
    kind: &str,
    let_go: Vec<LetGo>,
    holders: &Holders,
) -> Result<Vec<(Uuid, Vec<Point>)>> {
    let mut of_source: BTreeMap<Uuid, HashSet<Spot>> = BTreeMap::new();
    for LetGo { source, spots, .. } in &let_go {
        let lost = spots.iter().filter(|spot| !holders.new.contains(&(*source, **spot)));
        of_source.entry(*source).or_default().extend(lost);
    }
    for (source, lost) in &mut of_source {
        for spot in held(tx, key, (kind, *source), lost, &holders.but).await? {
            lost.remove(&spot);
        }
    }
    let taken = let_go.into_iter().filter_map(|LetGo { source, version, mut spots }| {
        spots.retain(|spot| of_source.get(&source).is_some_and(|lost| lost.contains(spot)));
        (!spots.is_empty()).then(|| (source, spots::taken_back(&spots, version)))
    });
    Ok(taken.collect())
}

/// Those of the spots at which a stored record of this kind and source has a point.
async fn held(
    tx: &mut Tx,
    key: &PatientKey,
    (kind, source): (&str, Uuid),
    spots: &HashSet<Spot>,
    but: &HashSet<Uuid>,
) -> Result<Vec<Spot>> {
    let mut held = Vec::new();
    for stretch in stretches(spots) {
        for row in rows::around(tx, key.patient(), (kind, source), stretch).await? {
            if !but.contains(&row.id) {
                let (_, own) = spots::open(key, row.id, &row.sealed)?;
                held.extend(own.into_iter().filter(|spot| spots.contains(spot)));
            }
        }
    }
    Ok(held)
}

/// Spots that lie as close as this, in microseconds, are looked for with one question.
const CLOSE: i64 = 3_600_000_000;

/// From when to when the spots lie, with the time in which there are none left out.
fn stretches(spots: &HashSet<Spot>) -> Vec<(i64, i64)> {
    let mut times: Vec<(i64, i64)> = spots.iter().map(|(_, from, to)| (*from, *to)).collect();
    times.sort_unstable();
    times.dedup_by(|next, before| {
        let close = next.0 <= before.1.saturating_add(CLOSE);
        if close {
            before.1 = before.1.max(next.1);
        }
        close
    });
    times
}

#[cfg(test)]
mod tests {
    use signals::Metric;

    use super::*;

    #[test]
    fn spots_of_two_days_are_two_questions() {
        let spot = |hours: i64, length: i64| (Metric::Steps, hours * CLOSE, (hours + length) * CLOSE);
        let spots = HashSet::from([spot(0, 1), spot(2, 0), spot(1, 8), spot(48, 0), spot(49, 0)]);
        assert_eq!(stretches(&spots), [(0, 9 * CLOSE), (48 * CLOSE, 49 * CLOSE)]);
    }
}
