//! Storing points: known batches are passed over, of the others what is new or different becomes one sealed chunk.
use std::collections::{BTreeMap, HashMap};

use kernel::{Error, PatientId, Result};
use store::{Args, Tx, args};
use uuid::Uuid;
use vault::PatientKey;

use crate::head::{self, Head};
use crate::load::{last_live, load};
use crate::pack::{ENTRIES, Series, lay_out};
use crate::point::{Entry, merge, settle};
use crate::rows::{self, stretch_of};
use crate::{Metric, NewPoints, Outcome, Outdoes, Point, fold};

/// From 1900 to 2200: what lies outside was never measured by anybody.
const POSSIBLE: std::ops::Range<i64> = -2_208_988_800_000_000..7_258_118_400_000_000;

/// A batch in order, with what it is known by.
struct Given {
    patient: PatientId,
    series: Series,
    sent: usize,
    plain: Vec<u8>,
    digest: Uuid,
    outdoes: Outdoes,
    first: i64,
    last: i64,
}

impl Given {
    fn of(batch: &NewPoints<'_>) -> Result<Self> {
        batch.grant.covers(batch.key.patient())?;
        let mut series = Series::new();
        for run in batch.points.chunk_by(|a, b| a.metric == b.metric) {
            let entries = series.entry(run[0].metric).or_insert_with(|| Vec::with_capacity(run.len()));
            for point in run {
                require_possible(point)?;
                entries.push(Entry::of(point, batch.source));
            }
        }
        series.values_mut().for_each(settle);
        let plain = lay_out(&series);
        let (first, last) = bounds(&series);
        let digest = batch.key.digest("signal_seen", &plain);
        let (patient, sent, outdoes) = (batch.key.patient(), batch.points.len(), batch.outdoes);
        Ok(Self { patient, series, sent, plain, digest, outdoes, first, last })
    }
}

fn require_possible(point: &Point) -> Result<()> {
    let finite = point.value.is_none_or(f64::is_finite);
    match point.to >= point.from && POSSIBLE.contains(&point.from) && POSSIBLE.contains(&point.to) && finite {
        true => Ok(()),
        false => Err(Error::invalid("points", "ends before it begins, lies in no possible year, or is no number")),
    }
}

fn bounds(series: &Series) -> (i64, i64) {
    let first = series.values().filter_map(|entries| entries.first()).map(|e| e.from).min();
    let last = series.values().filter_map(|entries| entries.last()).map(|e| e.from).max();
    (first.unwrap_or_default(), last.unwrap_or_default())
}

/// Stores points, of many patients in one go; answers what became of each batch. The same points again change nothing. The
/// patients' heads stay locked until the transaction ends.
pub async fn store(tx: &mut Tx, batches: &[NewPoints<'_>]) -> Result<Vec<Outcome>> {
    let given = batches.iter().map(Given::of).collect::<Result<Vec<_>>>()?;
    let keys: BTreeMap<PatientId, &PatientKey> = batches.iter().map(|b| (b.key.patient(), b.key)).collect();
    let mut heads = head::lock(tx, &keys).await?;
    let fresh = not_seen(tx, &given, &heads).await?;
    let mut outcomes: Vec<Outcome> = given.iter().map(|g| Outcome { same: g.sent, ..Outcome::default() }).collect();
    let (mut chunks, mut changed) = (Vec::new(), Vec::new());
    for (patient, key) in &keys {
        let head = heads.entry(*patient).or_default();
        let places: Vec<usize> = fresh.iter().copied().filter(|place| given[*place].patient == *patient).collect();
        if places.is_empty() {
            continue;
        }
        let taken = take(tx, key, head, &given, &places, &mut outcomes).await?;
        if !taken.is_empty() {
            add_chunks(&mut chunks, key, head, &taken, &given, &places)?;
            changed.push((*patient, taken));
        }
    }
    rows::add_chunks(tx, &chunks).await?;
    for (patient, taken) in &changed {
        let (Some(key), Some(head)) = (keys.get(patient), heads.get_mut(patient)) else { continue };
        follow(tx, key, head, taken).await?;
    }
    let written: Vec<(&PatientKey, &Head)> =
        changed.iter().filter_map(|(patient, _)| Some((*keys.get(patient)?, heads.get(patient)?))).collect();
    head::put(tx, &written).await?;
    Ok(outcomes)
}

/// The places of the batches that were not stored before, in order.
async fn not_seen(tx: &mut Tx, given: &[Given], heads: &HashMap<PatientId, Head>) -> Result<Vec<usize>> {
    let mut first: BTreeMap<Uuid, usize> = BTreeMap::new();
    for (place, batch) in given.iter().enumerate().filter(|(_, batch)| !batch.series.is_empty()) {
        first.entry(batch.digest).or_insert(place);
    }
    let mut places: Vec<usize> = first.into_values().collect();
    places.sort_unstable();
    let row = |place: &usize| {
        let batch = &given[*place];
        let number = heads.get(&batch.patient).map_or(0, |head| head.next);
        args![batch.patient, batch.digest, number, batch.first, batch.last]
    };
    let rows: Vec<Args> = places.iter().map(row).collect();
    let new = rows::remember(tx, &rows).await?;
    places.retain(|place| new.contains(&given[*place].digest));
    Ok(places)
}

/// What of a patient's new batches is new or different.
async fn take(
    tx: &mut Tx,
    key: &PatientKey,
    head: &Head,
    given: &[Given],
    places: &[usize],
    outcomes: &mut [Outcome],
) -> Result<Series> {
    let mut known = overlapped(tx, key, head, given, places).await?;
    if let [only] = places
        && known.is_empty()
    {
        let series = given[*only].series.clone();
        let new = series.values().map(Vec::len).sum();
        outcomes[*only] = Outcome { new, replaced: 0, same: given[*only].sent - new };
        return Ok(series);
    }
    let mut taken = Series::new();
    let mut replaced: Option<(i64, i64)> = None;
    for place in places {
        let batch = &given[*place];
        let mut outcome = Outcome::default();
        for (metric, entries) in &batch.series {
            let stored = known.get(metric).map_or(&[][..], Vec::as_slice);
            let new = unlike(stored, entries, batch.outdoes, &mut outcome, &mut replaced);
            if places.len() > 1 {
                let slot = known.entry(*metric).or_default();
                *slot = merge(std::mem::take(slot), &new);
            }
            if !new.is_empty() {
                let slot = taken.entry(*metric).or_default();
                *slot = merge(std::mem::take(slot), &new);
            }
        }
        outcome.same = batch.sent - outcome.new - outcome.replaced;
        outcomes[*place] = outcome;
    }
    if let Some(times) = replaced {
        // What those batches said holds no more: sent again, they are to be heard again. Of several that came at once a later
        // one may have changed what an earlier one said.
        let stays = if let [only] = places { Some(given[*only].digest) } else { None };
        rows::unremember(tx, key.patient(), times, stays).await?;
    }
    Ok(taken)
}

/// What is stored of the series, in the times, that the batches speak of; nothing of those that go on where the series end.
async fn overlapped(tx: &mut Tx, key: &PatientKey, head: &Head, given: &[Given], places: &[usize]) -> Result<Series> {
    // Stretch by stretch, so that a batch with one point of today and one of years ago opens two of them.
    let mut wanted: BTreeMap<(Metric, i64), (i64, i64)> = BTreeMap::new();
    for (metric, entries) in places.iter().flat_map(|place| &given[*place].series) {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { continue };
        if !head.reach(*metric).is_some_and(|reach| first.from <= reach.last && last.from >= reach.first) {
            continue;
        }
        for run in entries.chunk_by(|a, b| stretch_of(*metric, a.from) == stretch_of(*metric, b.from)) {
            let (first, last) = (run[0].from, run[run.len() - 1].from);
            let range = wanted.entry((*metric, stretch_of(*metric, first))).or_insert((first, last));
            *range = (range.0.min(first), range.1.max(last));
        }
    }
    let wanted: Vec<_> = wanted.into_iter().map(|((metric, _), (first, last))| (metric, first, last)).collect();
    load(tx, key, &wanted).await
}

/// Those of some settled entries that are not stored, or take the place of what is.
fn unlike(
    stored: &[Entry],
    said: &[Entry],
    outdoes: Outdoes,
    outcome: &mut Outcome,
    replaced: &mut Option<(i64, i64)>,
) -> Vec<Entry> {
    let mut new = Vec::with_capacity(if stored.is_empty() { said.len() } else { 0 });
    let mut at = 0;
    for entry in said {
        while stored.get(at).is_some_and(|known| known.identity() < entry.identity()) {
            at += 1;
        }
        let entry = &match stored.get(at).filter(|known| known.identity() == entry.identity()) {
            Some(known) => outdoes.raised(entry, known),
            None => *entry,
        };
        match stored.get(at).filter(|known| known.identity() == entry.identity()) {
            None => outcome.new += 1,
            Some(known) if entry.replaces(known) => {
                outcome.replaced += 1;
                let (first, last) = replaced.unwrap_or((entry.from, entry.from));
                *replaced = Some((first.min(entry.from), last.max(entry.from)));
            }
            Some(_) => continue,
        }
        new.push(*entry);
    }
    new
}

/// The rows of what is taken; the head counts them.
fn add_chunks(
    rows: &mut Vec<Args>,
    key: &PatientKey,
    head: &mut Head,
    taken: &Series,
    given: &[Given],
    places: &[usize],
) -> Result<()> {
    // One batch of which all is new, as most are, was laid out already.
    if let [only] = places
        && given[*only].series == *taken
        && taken.values().map(Vec::len).sum::<usize>() <= ENTRIES
    {
        return add_chunk(rows, key, head, taken, &given[*only].plain);
    }
    let (mut piece, mut held) = (Series::new(), 0);
    for (metric, entries) in taken {
        let mut rest = entries.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(ENTRIES - held));
            piece.insert(*metric, now.to_vec());
            (rest, held) = (later, held + now.len());
            if held == ENTRIES {
                add_chunk(rows, key, head, &piece, &lay_out(&piece))?;
                (piece, held) = (Series::new(), 0);
            }
        }
    }
    if held > 0 { add_chunk(rows, key, head, &piece, &lay_out(&piece)) } else { Ok(()) }
}

fn add_chunk(rows: &mut Vec<Args>, key: &PatientKey, head: &mut Head, series: &Series, plain: &[u8]) -> Result<()> {
    rows.push(rows::chunk(key, head.next, bounds(series), plain)?);
    head.next += 1;
    head.chunks += 1;
    head.waiting += series.values().map(Vec::len).sum::<usize>() as u32;
    Ok(())
}

/// Brings the head up to what was stored, and folds when enough has come together.
async fn follow(tx: &mut Tx, key: &PatientKey, head: &mut Head, taken: &Series) -> Result<()> {
    for (metric, entries) in taken {
        if head.stretch(*metric, entries) {
            let newest = last_live(tx, key, *metric, (i64::MIN, i64::MAX)).await?;
            head.set_newest(*metric, newest.as_ref());
        }
    }
    if fold::is_due(head) { fold::fold(tx, key, head).await } else { Ok(()) }
}
