//! Fitbit: what to ask for day by day, in the patient's own days, and how its answers read.
mod answers;
mod days;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use reqwest::Method;
use signals::{Metric, Point};
use wearables::NewRecord;

use crate::client::{self, Client};
use crate::connections::ConnectionId;
use crate::fetch::{Fetched, Session, Span, Tally, since, with_notices};
use crate::notices::Notice;
use crate::provider::{Application, Providers};
use crate::trouble::Trouble;

pub use days::Zone;

/// What everything new is made of.
const COLLECTIONS: [&str; 4] = ["activities", "body", "foods", "sleep"];

/// Measured minute by minute: the resource, the metric, and the unit of its values.
const BY_MINUTE: [(&str, Metric, &str); 4] = [
    ("heart", Metric::HeartRate, "bpm"),
    ("steps", Metric::Steps, "steps"),
    ("distance", Metric::Distance, "km"),
    ("calories", Metric::TotalEnergy, "kcal"),
];

/// Asks Fitbit to tell of news. What it answers but for a refusal of the token is no reason not to fetch: without its word
/// there is the quarter of an hour.
pub async fn subscribe(session: &mut Session<'_>) -> Result<(), Trouble> {
    let url = subscription(session.known, session.connection.id);
    let token = session.token(None).await?;
    let asked = session.app.edge::<Providers>().client().ask(|http| http.post(&url).bearer_auth(&token)).await;
    match asked {
        Ok(_) => session.subscribed().await,
        Err(trouble @ (Trouble::Ended { .. } | Trouble::Ours(_))) => Err(trouble),
        Err(_) => Ok(()),
    }
}

/// Asks Fitbit to tell of nothing more.
pub async fn unsubscribe(client: &Client, known: &Application, of: ConnectionId, token: &str) -> Result<(), Trouble> {
    let question = client.http().request(Method::DELETE, subscription(known, of)).bearer_auth(token);
    client::once(question).await.map(drop)
}

fn subscription(known: &Application, of: ConnectionId) -> String {
    format!("{}/1/user/-/apiSubscriptions/{}.json", known.api_url.trim_end_matches('/'), of.0.simple())
}

/// What to ask for: each day since everything was asked for last, when that is due, and the days that were told of. Days
/// are the patient's own and are kept as if they were in UTC.
pub async fn spans(session: &mut Session<'_>, told: Vec<Notice>, now: DateTime<Utc>) -> Result<Vec<Span>, Trouble> {
    let mut spans = Vec::new();
    if session.connection.is_due {
        let zone = Zone::of(session).await?;
        let (mut day, today) = (zone.day_of(since(session.connection, now)), zone.day_of(now));
        while day <= today {
            let (from, to) = days::as_utc(day);
            spans.extend(COLLECTIONS.iter().map(|collection| Span::new(collection, from, to)));
            day += Duration::days(1);
        }
    }
    Ok(with_notices(spans, told))
}

/// Fetches one collection of one day.
pub async fn fetch(session: &mut Session<'_>, span: &Span, tally: &mut Tally) -> Result<(), Trouble> {
    let (zone, day) = (Zone::of(session).await?, span.from.date_naive());
    match span.collection.as_str() {
        "activities" => activities(session, &zone, day, tally).await,
        "body" => {
            let said = session.get(&format!("/1/user/-/body/log/weight/date/{day}.json")).await?;
            record(session, "fitbit.weight", day, answers::weights(&said, &zone), &said["weight"], &zone, tally).await
        }
        "foods" => {
            let said = session.get(&format!("/1/user/-/foods/log/date/{day}.json")).await?;
            record(session, "fitbit.foods", day, answers::foods(&said, &zone, day), &said["foods"], &zone, tally).await
        }
        "sleep" => {
            let said = session.get(&format!("/1.2/user/-/sleep/date/{day}.json")).await?;
            record(session, "fitbit.sleep", day, answers::sleep(&said, &zone), &said["sleep"], &zone, tally).await?;
            let said = session.get(&format!("/1/user/-/spo2/date/{day}/all.json")).await?;
            session.deliver(Fetched { points: answers::oxygen(&said, &zone), ..Fetched::default() }, tally).await
        }
        _ => Ok(()),
    }
}

async fn activities(session: &mut Session<'_>, zone: &Zone, day: NaiveDate, tally: &mut Tally) -> Result<(), Trouble> {
    let (mut points, mut refused) = (Vec::new(), None);
    for (resource, metric, unit) in BY_MINUTE {
        match session.get(&format!("/1/user/-/activities/{resource}/date/{day}/1d/1min.json")).await {
            Ok(said) => {
                points.extend(answers::by_minute(&said, (resource, metric, unit), zone, day));
                if metric == Metric::HeartRate {
                    points.extend(answers::resting(&said, zone, day));
                }
            }
            // An account that does not give the one gives the others.
            Err(Trouble::Refused { why }) => refused = Some(Trouble::Refused { why }),
            Err(trouble) => return Err(trouble),
        }
    }
    session.deliver(Fetched { points, ..Fetched::default() }, tally).await?;
    refused.map_or(Ok(()), Err)
}

/// Delivers what a day's log says as one record: what is gone from the log goes from the record, and its points with it.
async fn record(
    session: &Session<'_>,
    kind: &'static str,
    day: NaiveDate,
    points: Vec<Point>,
    log: &serde_json::Value,
    zone: &Zone,
    tally: &mut Tally,
) -> Result<(), Trouble> {
    let id = format!("{kind} {day}");
    let is_empty = log.as_array().is_none_or(Vec::is_empty);
    if is_empty && !session.is_kept(kind, &id).await? {
        return Ok(());
    }
    let (from, to) = zone.bounds(day);
    let record =
        NewRecord { id, kind: kind.to_owned(), app: None, from, to, version: 0, body: log.to_string(), points };
    session.deliver(Fetched { records: vec![record], ..Fetched::default() }, tally).await
}
