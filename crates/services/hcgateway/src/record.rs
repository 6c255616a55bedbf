//! What every record has: its id, who wrote it when, and of what time it is. Read without looking at what it measured,
//! because most records that come were there already.
use chrono::{DateTime, Datelike as _, Utc};
use serde::Deserialize;
use serde_json::Value;

/// From when to when; the same moment twice for what has no length.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// The head of a record, as far as its writer said anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub id: Option<String>,
    pub app: Option<String>,
    pub time: Option<Span>,
    /// The later a record was changed, the higher. None when its writer says nothing of it: then whoever comes last counts.
    pub version: Option<i64>,
    pub is_manual: bool,
}

/// The head of a record that can be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub id: String,
    pub app: Option<String>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub version: Option<i64>,
    /// Whether a person typed it in.
    pub is_manual: bool,
}

/// The longest name of an app, as the sources of wearables have it.
const LONGEST_APP: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame {
    metadata: Option<Metadata>,
    time: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    id: Option<String>,
    data_origin: Option<String>,
    last_modified_time: Option<String>,
    #[serde(default)]
    client_record_version: Value,
    #[serde(default)]
    recording_method: Value,
}

/// How Health Connect says that a person typed a record in.
const MANUAL: i64 = 3;

impl Head {
    /// Reads the head of a record; an error says why nobody can keep it. Nothing was changed later than now.
    pub fn read(record: &str, now: DateTime<Utc>) -> Result<Self, String> {
        if !record.trim_start().starts_with('{') {
            return Err("is no object".to_owned());
        }
        let frame: Frame = serde_json::from_str(record).map_err(|error| plain(&error))?;
        let time = time(&frame)?;
        let Some(metadata) = frame.metadata else {
            return Ok(Self { id: None, app: None, time, version: None, is_manual: false });
        };
        if metadata.id.as_deref().is_some_and(|id| !wearables::is_name(id, wearables::LONGEST_ID)) {
            return Err("metadata.id is empty, or too long, or no text".to_owned());
        }
        let app = metadata.data_origin.as_deref().map(str::trim).filter(|app| !app.is_empty()).map(str::to_owned);
        if app.as_deref().is_some_and(|app| !wearables::is_name(app, LONGEST_APP)) {
            return Err("metadata.dataOrigin is too long, or no text".to_owned());
        }
        let version = version(metadata.last_modified_time.as_deref(), metadata.client_record_version.as_i64(), now);
        let is_manual = metadata.recording_method.as_i64() == Some(MANUAL);
        Ok(Self { id: metadata.id, app, time, version, is_manual })
    }
}

fn time(frame: &Frame) -> Result<Option<Span>, String> {
    let (name, from) = match (&frame.time, &frame.start_time) {
        (Some(time), _) => ("time", time),
        (None, Some(start)) => ("startTime", start),
        (None, None) => return Ok(None),
    };
    let from = moment(from).ok_or_else(|| format!("{name} is no time"))?;
    let to = match frame.end_time.as_ref().filter(|_| frame.time.is_none()) {
        Some(end) => moment(end).ok_or("endTime is no time")?,
        None => from,
    };
    match () {
        () if to < from => Err("endTime is before startTime".to_owned()),
        () if !AGE.contains(&from.year()) || !AGE.contains(&to.year()) => Err(format!("{name} is no time of this age")),
        () => Ok(Some((from, to))),
    }
}

/// The years in which something can have been recorded, or be planned.
const AGE: std::ops::Range<i32> = 1900..2200;

/// When it was last modified, and among those of one millisecond, which of its writer's versions it is. A phone whose clock
/// is years ahead writes records that could never be changed again, if it were believed.
fn version(modified: Option<&str>, of_writer: Option<i64>, now: DateTime<Utc>) -> Option<i64> {
    let modified = modified.and_then(moment).map(|at| at.min(now).timestamp_millis().max(0));
    // Writers that count no versions say 0.
    let of_writer = of_writer.filter(|version| *version > 0);
    (modified.is_some() || of_writer.is_some())
        .then(|| modified.unwrap_or_default() * 1000 + of_writer.unwrap_or_default().min(999))
}

/// A time with 0 to 9 digits of a second's fraction; what is finer than a microsecond is cut off.
pub fn moment(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    DateTime::from_timestamp_micros(time.timestamp_micros())
}

/// A time as microseconds since 1970.
pub fn micros(value: &Value) -> Option<i64> {
    Some(moment(value.as_str()?)?.timestamp_micros())
}

/// serde_json's words without the position, which is one in the whole body.
fn plain(error: &serde_json::Error) -> String {
    let words = error.to_string();
    words.split(" at line ").next().unwrap_or(&words).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn read(record: &str) -> Head {
        Head::read(record, now()).unwrap()
    }

    #[test]
    fn both_apps_heads_are_read() {
        let upstream = read(
            r#"{"startTime":"2026-11-20T05:00:00Z","endTime":"2026-11-20T05:00:59.123456789Z","samples":[1],
            "metadata":{"id":"6f0c","clientRecordId":null,"clientRecordVersion":2,"dataOrigin":"com.sec.android.app.shealth",
            "lastModifiedTime":"2026-11-20T05:01:02.345Z","device":null,"recordingMethod":2}}"#,
        );
        assert_eq!(
            (upstream.id.as_deref(), upstream.app.as_deref()),
            (Some("6f0c"), Some("com.sec.android.app.shealth"))
        );
        assert_eq!(upstream.time.unwrap().1.timestamp_subsec_micros(), 123_456);
        assert_eq!(upstream.version.map(|version| version % 1_000_000), Some(345_002));
        let fork = read(r#"{"metadata":{"id":"a","dataOrigin":"x"},"time":"2026-11-20T05:00:00Z","weight":70.5}"#);
        assert_eq!((fork.version, fork.time.map(|(from, to)| from == to)), (None, Some(true)));
    }

    #[test]
    fn what_was_modified_later_is_a_higher_version() {
        let at = |modified, version| super::version(modified, version, now());
        assert!(at(Some("2026-11-20T05:00:00.001Z"), Some(0)) > at(Some("2026-11-20T05:00:00Z"), Some(7)));
        assert!(at(Some("2026-11-20T05:00:00Z"), Some(7)) > at(Some("2026-11-20T05:00:00Z"), Some(6)));
        assert!(at(None, Some(2)) > at(None, Some(1)));
        assert_eq!([at(Some("long ago"), Some(i64::MIN)), at(None, Some(0)), at(None, None)], [None; 3]);
        let later = "2026-11-20T12:00:01Z".parse().unwrap();
        let ahead = Some("9999-12-31T23:59:59Z");
        assert!(super::version(Some("2026-11-20T12:00:01Z"), None, later) > super::version(ahead, None, now()));
    }

    #[test]
    fn what_cannot_be_kept_says_why() {
        for (record, why) in [
            ("7", "is no object"),
            ("[]", "is no object"),
            (r#"{"metadata":{"id":7}}"#, "invalid type"),
            (r#"{"metadata":{"id":" "}}"#, "metadata.id"),
            (r#"{"metadata":{"id":"a\u0000b"}}"#, "metadata.id"),
            (r#"{"metadata":{"id":"a\ud800"}}"#, "hex escape"),
            (r#"{"time":"noon"}"#, "time is no time"),
            (r#"{"startTime":"2026-11-20T05:00:00Z","endTime":"2026-11-20T04:00:00Z"}"#, "before"),
            (r#"{"time":"9999-12-31T23:59:59-23:59"}"#, "of this age"),
            (r#"{"startTime":"0000-01-01T00:00:00+23:59","endTime":"2026-11-20T04:00:00Z"}"#, "of this age"),
        ] {
            let said = Head::read(record, now()).unwrap_err();
            assert!(said.contains(why), "{record}: {said}");
        }
    }
}
