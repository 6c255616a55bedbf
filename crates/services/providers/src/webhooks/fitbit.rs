//! Fitbit's notifications: a JSON array, signed with HMAC-SHA1 under the application's secret.
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{Datelike as _, NaiveDate, NaiveTime, TimeDelta};
use kernel::{App, Error, Result};
use serde::Deserialize;
use serde_json::Value;

use super::{News, What, forged, put_down};
use crate::notices::Notice;
use crate::provider::{Application, Provider, Providers};

/// One thing that Fitbit tells of.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    collection_type: String,
    owner_id: String,
    date: Option<NaiveDate>,
}

/// Whether this is the code that proves the address to be ours.
pub fn is_code(known: &Application, code: &str) -> bool {
    known.webhook_secret.as_ref().is_some_and(|own| vault::equal(own.as_bytes(), code.as_bytes()))
}

/// Takes a notification in. 401 when Fitbit did not sign it, 400 when it is no array.
pub async fn take_in(app: &App, headers: &HeaderMap, body: &[u8]) -> Result<()> {
    let known = app.edge::<Providers>().application(Provider::Fitbit)?;
    let signature = headers.get("x-fitbit-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_signed(&known.client_secret, body, signature) {
        return Err(forged(app, Provider::Fitbit));
    }
    let all: Vec<Value> =
        serde_json::from_slice(body).map_err(|_| Error::malformed("the body is not an array of notifications"))?;
    put_down(app, Provider::Fitbit, all.into_iter().filter_map(news).collect()).await
}

fn is_signed(secret: &str, body: &[u8], signature: &str) -> bool {
    let key = format!("{secret}&");
    STANDARD.decode(signature.trim()).is_ok_and(|tag| vault::is_hmac_sha1(key.as_bytes(), body, &tag))
}

/// The years of which Fitbit can know anything.
const AGE: std::ops::Range<i32> = 2000..2200;

/// What one entry says; none for what this program does not know, which another version of Fitbit's may send.
fn news(told: Value) -> Option<News> {
    let told: Told = serde_json::from_value(told).ok()?;
    let what = match (told.collection_type.as_str(), told.date) {
        ("userRevokedAccess", _) => What::Revoked,
        (collection @ ("activities" | "body" | "foods" | "sleep"), Some(day)) if AGE.contains(&day.year()) => {
            // A day of the patient's own, wherever they are: it is kept as if it were one in UTC.
            let from_at = day.and_time(NaiveTime::MIN).and_utc();
            let to_at = from_at + TimeDelta::days(1);
            What::Changed(Notice { collection: collection.to_owned(), from_at, to_at, is_taken_back: false, told: 1 })
        }
        _ => return None,
    };
    Some(News { owner: told.owner_id, what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_of_the_contract_fits_and_no_other() {
        let secret = "123ab4567c890d123e4567f8abcdef9a";
        let body = br#"[{"collectionType":"activities","date":"2026-11-01","ownerId":"228S74","ownerType":"user","subscriptionId":"1234"}]"#;
        assert!(is_signed(secret, body, "AFbdH56MD+4MqRFCG1tuIcrIvWA="));
        assert!(!is_signed(secret, &body[1..], "AFbdH56MD+4MqRFCG1tuIcrIvWA="));
        assert!(!is_signed("another", body, "AFbdH56MD+4MqRFCG1tuIcrIvWA="));
        for odd in ["", "AFbdH56MD+4MqRFCG1tuIcrIvW", "not base64 at all", "AAAA"] {
            assert!(!is_signed(secret, body, odd), "{odd}");
        }
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        let told = |text: &str| news(serde_json::from_str(text).expect("JSON"));
        assert!(told(r#"{"collectionType":"dreams","date":"2026-11-01","ownerId":"A"}"#).is_none());
        assert!(told(r#"{"collectionType":"sleep","ownerId":"A"}"#).is_none());
        assert!(told(r#"{"collectionType":"sleep","date":"2026-13-01","ownerId":"A"}"#).is_none());
        assert!(told(r#""sleep""#).is_none());
        for day in ["+262142-12-31", "-262143-01-01", "-5000-01-01"] {
            assert!(told(&format!(r#"{{"collectionType":"sleep","date":"{day}","ownerId":"A"}}"#)).is_none(), "{day}");
        }
        assert!(matches!(
            told(r#"{"collectionType":"userRevokedAccess","ownerId":"A"}"#),
            Some(News { what: What::Revoked, .. })
        ));
    }
}
