//! Google Health: what to ask for, page by page, and how its answers read.
mod answers;

use chrono::{DateTime, SecondsFormat, Utc};
use signals::{Metric, Point};

use crate::client::Client;
use crate::connections::Connection;
use crate::fetch::{Fetched, Session, Span, Tally, since, with_notices};
use crate::notices::Notice;
use crate::provider::Application;
use crate::trouble::Trouble;

/// One type of Google Health's data.
pub struct DataType {
    /// As addresses name it.
    pub name: &'static str,
    /// As its points name it.
    pub member: &'static str,
    /// The value's name, its metric and its unit; none for sleep, which is a record with stages.
    pub value: Option<(&'static str, Metric, &'static str)>,
    /// What a filter calls the time.
    time: &'static str,
}

macro_rules! types {
    ($($name:literal $member:literal $value:literal $metric:ident $unit:literal $time:ident;)*) => {
        &[$(DataType { name: $name, member: $member, value: Some(($value, Metric::$metric, $unit)), time: $time },)*
            DataType { name: "sleep", member: "sleep", value: None, time: "interval.end_time" }]
    };
}

const MOMENT: &str = "sample_time.physical_time";
const INTERVAL: &str = "interval.start_time";

const TYPES: &[DataType] = types!(
    "heart-rate" "heartRate" "beatsPerMinute" HeartRate "bpm" MOMENT;
    "steps" "steps" "count" Steps "steps" INTERVAL;
    "distance" "distance" "millimeters" Distance "mm" INTERVAL;
    "floors" "floors" "count" Floors "count" INTERVAL;
    "active-energy-burned" "activeEnergyBurned" "kcal" ActiveEnergy "kcal" INTERVAL;
    "weight" "weight" "weightGrams" Weight "g" MOMENT;
    "body-fat" "bodyFat" "percentage" BodyFat "%" MOMENT;
    "oxygen-saturation" "oxygenSaturation" "percentage" Spo2 "%" MOMENT;
    "heart-rate-variability" "heartRateVariability" "rootMeanSquareOfSuccessiveDifferencesMilliseconds" HrvRmssd "ms" MOMENT;
);

fn type_of(name: &str) -> Option<&'static DataType> {
    TYPES.iter().find(|kind| kind.name == name)
}

/// Whether data of this type is fetched.
pub fn is_known(name: &str) -> bool {
    type_of(name).is_some()
}

/// Who a token's owner is, as notifications name them.
pub async fn owner(client: &Client, known: &Application, token: &str) -> Result<String, Trouble> {
    let url = format!("{}/v4/users/me/identity", known.api_url.trim_end_matches('/'));
    let said = client.get(&url, token).await?;
    let unsaid = Trouble::Refused { why: "the provider does not say whose tokens they are" };
    said["healthUserId"].as_str().filter(|owner| !owner.is_empty()).map(str::to_owned).ok_or(unsaid)
}

/// What to ask for: everything since it was asked for last, when that is due, and what was told of.
pub fn spans(connection: &Connection, told: Vec<Notice>, now: DateTime<Utc>) -> Vec<Span> {
    let from = since(connection, now);
    let all = TYPES.iter().filter(|_| connection.is_due).map(|kind| Span::new(kind.name, from, now));
    with_notices(all.collect(), told)
}

/// Pages of one question at most: a week of heart rates, second by second.
const PAGES: usize = 100;

/// Fetches one type of data over one stretch of time.
pub async fn fetch(session: &mut Session<'_>, span: &Span, tally: &mut Tally) -> Result<(), Trouble> {
    let Some(kind) = type_of(&span.collection) else { return Ok(()) };
    let (mut page, mut found) = (String::new(), Found::default());
    for _ in 0..PAGES {
        let said = session.get(&address(kind, span, &page)?).await?;
        let fetched = answers::read(kind, &said);
        if span.is_taken_back {
            found.points.extend(fetched.points.iter().map(|point| (point.from, point.to)));
            found.records.extend(fetched.records.iter().map(|record| record.id.clone()));
        }
        session.deliver(fetched, tally).await?;
        match said["nextPageToken"].as_str() {
            Some(next) if !next.is_empty() => page = next.to_owned(),
            _ => return take_back(session, kind, span, &found, tally).await,
        }
    }
    Err(Trouble::Refused { why: "the provider's answer has no end" })
}

fn address(kind: &DataType, span: &Span, page: &str) -> Result<String, Trouble> {
    let field = format!("{}.{}", kind.name.replace('-', "_"), kind.time);
    let at = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let filter = format!("{field} >= \"{}\" AND {field} < \"{}\"", at(span.from), at(span.to));
    // Sleep comes in small pages, whatever is asked for.
    let size = if kind.value.is_some() { "10000" } else { "25" };
    let mut query = vec![("pageSize", size), ("filter", &filter)];
    if !page.is_empty() {
        query.push(("pageToken", page));
    }
    let query = serde_urlencoded::to_string(query).map_err(kernel::Error::internal)?;
    Ok(format!("/v4/users/me/dataTypes/{}/dataPoints?{query}", kind.name))
}

/// What is still there where something was deleted.
#[derive(Default)]
struct Found {
    /// From when until when each point is.
    points: Vec<(i64, i64)>,
    records: Vec<String>,
}

/// Takes back what was there before something was deleted and is not among what was found.
async fn take_back(
    session: &Session<'_>,
    kind: &DataType,
    span: &Span,
    found: &Found,
    tally: &mut Tally,
) -> Result<(), Trouble> {
    if !span.is_taken_back {
        return Ok(());
    }
    let Some((_, metric, _)) = kind.value else {
        return session.remove_others(answers::SLEEP, span, &found.records).await;
    };
    let gone = session.kept(metric, span).await?;
    let gone = gone.into_iter().filter(|point| !found.points.contains(&(point.from, point.to)));
    let points: Vec<Point> = gone.map(|point| Point { value: None, ..point }).collect();
    session.deliver(Fetched { points, ..Fetched::default() }, tally).await
}
