//! Google Health's notifications: one or many, signed with a key of Google's; and its two questions whether we are there.
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use kernel::{App, Error, Result};
use serde::Deserialize;
use serde_json::Value;

use super::{News, What, forged, put_down};
use crate::google;
use crate::notices::Notice;
use crate::provider::{Application, Provider, Providers};

#[derive(Deserialize)]
struct Notification {
    data: Told,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    health_user_id: String,
    operation: String,
    data_type: String,
    #[serde(default)]
    intervals: Vec<Interval>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interval {
    physical_time_interval: Physical,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    start_time: DateTime<Utc>,
    end_time: DateTime<Utc>,
}

/// Takes in what Google sends, and answers 204; 201 when it asks whether we are there. 401 when it did not sign it, 503
/// while its keys cannot be had: it tells again then.
pub async fn take_in(app: &App, headers: &HeaderMap, body: &[u8]) -> Result<StatusCode> {
    let known = app.edge::<Providers>().application(Provider::GoogleHealth)?;
    let Some(signature) = headers.get("x-healthapi-signature").and_then(|value| value.to_str().ok()) else {
        return verify(app, known, headers, body);
    };
    if !is_signed(app, known, signature, body).await? {
        return Err(forged(app, Provider::GoogleHealth));
    }
    let said: Value = serde_json::from_slice(body).map_err(|_| Error::malformed("the body is not JSON"))?;
    if is_question(&said) {
        return verify(app, known, headers, body);
    }
    let all = if let Value::Array(all) = said { all } else { vec![said] };
    put_down(app, Provider::GoogleHealth, all.into_iter().flat_map(news).collect()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn is_question(said: &Value) -> bool {
    let said = said.as_array().and_then(|all| all.first()).unwrap_or(said);
    said["type"] == "verification"
}

/// Answers the question whether we know what Google was told to prove itself with.
fn verify(app: &App, known: &Application, headers: &HeaderMap, body: &[u8]) -> Result<StatusCode> {
    let sent = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
    let own = known.webhook_secret.as_ref().filter(|own| vault::equal(own.as_bytes(), sent));
    match (serde_json::from_slice(body).is_ok_and(|said: Value| is_question(&said)), own) {
        (true, Some(_)) => Ok(StatusCode::CREATED),
        (true, None) => Err(Error::unauthenticated("the Authorization is not the one that was agreed on")),
        (false, _) => Err(forged(app, Provider::GoogleHealth)),
    }
}

/// Tink's prefix: one byte for the form, four for the key's number.
const PREFIX: usize = 5;
const FORM: u8 = 1;

async fn is_signed(app: &App, known: &Application, signature: &str, body: &[u8]) -> Result<bool> {
    let Ok(signature) = STANDARD.decode(signature.trim()) else { return Ok(false) };
    let Some((&[FORM, a, b, c, d], der)) = signature.split_first_chunk::<PREFIX>() else { return Ok(false) };
    let url = known.keyset_url.as_deref();
    let url = url.ok_or_else(|| Error::unavailable("no keys of Google Health are set up here"))?;
    let providers = app.edge::<Providers>();
    let key = providers.keyset().key(app, providers.client(), url, u32::from_be_bytes([a, b, c, d])).await?;
    Ok(key.is_some_and(|key| vault::is_ecdsa_p256(&key, body, der)))
}

/// The furthest back that is fetched because of one notice, so that nobody's watch asks for years.
const FURTHEST: TimeDelta = TimeDelta::days(31);

fn news(told: Value) -> Vec<News> {
    let Ok(Notification { data }) = serde_json::from_value::<Notification>(told) else { return Vec::new() };
    if google::is_known(&data.data_type) {
        data.intervals.iter().filter_map(|interval| one(&data, &interval.physical_time_interval)).collect()
    } else {
        Vec::new()
    }
}

/// The years of which a watch can know anything.
const AGE: std::ops::Range<i32> = 2000..2200;

fn one(data: &Told, time: &Physical) -> Option<News> {
    if !AGE.contains(&time.start_time.year()) || !AGE.contains(&time.end_time.year()) {
        return None;
    }
    // What is asked for ends just before: a moment lasts a second.
    let to_at = time.end_time.max(time.start_time.checked_add_signed(TimeDelta::seconds(1))?);
    let from_at = time.start_time.max(to_at.checked_sub_signed(FURTHEST)?);
    let micros = |at: DateTime<Utc>| DateTime::from_timestamp_micros(at.timestamp_micros());
    let notice = Notice {
        collection: data.data_type.clone(),
        from_at: micros(from_at)?,
        to_at: micros(to_at)?,
        is_taken_back: data.operation == "DELETE",
        told: 1,
    };
    let what = What::Changed(notice);
    (time.start_time <= time.end_time).then(|| News { owner: data.health_user_id.clone(), what })
}
