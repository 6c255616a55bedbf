//! Extractors that refuse with problem details and name the member that does not fit.
use axum::RequestExt as _;
use axum::body::{BodyDataStream, Bytes, HttpBody as _};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use futures::StreamExt as _;
use http_body_util::LengthLimitError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, FieldError, Result};

/// A JSON body, parsed and checked; as an answer, JSON.
pub struct Json<T>(pub T);

/// A body that may be left out altogether.
pub struct Body<T>(pub T);

/// Query parameters, parsed and checked.
pub struct Query<T>(pub T);

/// The path's parameters, in order. What cannot be one does not exist: 404.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T> FromRequest<S> for Json<T>
where
    T: DeserializeOwned + garde::Validate<Context: Default>,
{
    type Rejection = Error;
    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !is_json(kind) {
            return Err(Error::unsupported_media_type("send the body as application/json"));
        }
        parse(&body(request).await?).map(Self)
    }
}

impl<S: Send + Sync, T> FromRequest<S> for Body<T>
where
    T: DeserializeOwned + Default + garde::Validate<Context: Default>,
{
    type Rejection = Error;
    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let bytes = body(request).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) { Ok(Self(T::default())) } else { parse(&bytes).map(Self) }
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The whole body. 413 when it is larger than the server accepts, 408 when it takes longer than the server waits.
pub async fn body(request: Request) -> Result<Bytes> {
    let mut arriving = Arriving::of(request)?;
    let Some(first) = arriving.next().await? else { return Ok(Bytes::new()) };
    // Most bodies come in one piece, which is not copied.
    let Some(second) = arriving.next().await? else { return Ok(first) };
    let mut whole = Vec::with_capacity((first.len() + second.len()).max(arriving.expected.min(AT_ONCE)));
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&second);
    while let Some(part) = arriving.next().await? {
        whole.extend_from_slice(&part);
    }
    Ok(whole.into())
}

/// Room made for a body before it is there, in bytes: its length is its sender's word.
const AT_ONCE: usize = 64 * 1024;

/// A body on its way in, for those who have to know how much has come before all of it is here.
pub struct Arriving {
    parts: BodyDataStream,
    expected: usize,
}

impl Arriving {
    /// 413 at once when the body is said to be larger than the server accepts.
    pub fn of(request: Request) -> Result<Self> {
        let said = request.body().size_hint().lower();
        let body = request.into_limited_body();
        // The limit is nobody's to read, but a body that it bounds does not claim to be longer.
        match body.size_hint().upper() {
            Some(most) if said > most => Err(too_large()),
            _ => Ok(Self { parts: body.into_data_stream(), expected: said.try_into().unwrap_or(usize::MAX) }),
        }
    }

    /// What came next; none at the end. 413 and 408 as [`body`] answers them.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        match self.parts.next().await {
            None => Ok(None),
            Some(Ok(part)) => Ok(Some(part)),
            Some(Err(error)) if causes(&error).any(|cause| cause.is::<LengthLimitError>()) => Err(too_large()),
            Some(Err(error)) if is_late(&error) => {
                Err(Error::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time"))
            }
            Some(Err(_)) => Err(Error::malformed("the body ended early")),
        }
    }
}

#[track_caller]
fn too_large() -> Error {
    Error::too_large("the body is larger than this server accepts")
}

/// Whether waiting was given up, somewhere down the causes.
fn is_late(error: &(dyn std::error::Error + 'static)) -> bool {
    let late = |error: &std::io::Error| error.kind() == std::io::ErrorKind::TimedOut;
    causes(error).any(|error| error.downcast_ref().is_some_and(late))
}

fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// Parses and checks a JSON text as the [`Json`] extractor does.
fn parse<T: DeserializeOwned + garde::Validate<Context: Default>>(bytes: &[u8]) -> Result<T> {
    if bytes.windows(6).any(|w| w == b"\\u0000") {
        return Err(Error::unprocessable("NUL characters are not text"));
    }
    // A positional list would be read as the members in their order, and a number land in the wrong vital.
    if bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Error::unprocessable("the body is not an object"));
    }
    match serde_json::from_slice(bytes) {
        Ok(value) => check(value),
        // Read once more for the member's name, which it costs much to keep at hand.
        Err(_) => check(parse_by_name(bytes)?),
    }
}

fn parse_by_name<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (member, why) = named(error.path().to_string(), &error.inner().to_string());
        match error.inner().classify() {
            serde_json::error::Category::Data if member == "." => {
                Error::unprocessable(format!("the body does not fit: {why}"))
            }
            serde_json::error::Category::Data => Error::invalid(member, why),
            _ => Error::malformed(format!("the body is not JSON: {}", error.inner())),
        }
    })?;
    json.end().map_err(|error| Error::malformed(format!("the body is not JSON: {error}")))?;
    Ok(value)
}

fn check<T: garde::Validate<Context: Default>>(value: T) -> Result<T> {
    value.validate().map_err(|report| {
        let errors =
            report.iter().map(|(path, error)| FieldError { member: path.to_string(), detail: error.to_string() });
        Error::invalid_members(errors.collect())
    })?;
    Ok(value)
}

/// The member that an error is about, and what is wrong with it. Of a member that is missing, serde says so about the object
/// around it.
fn named(around: String, message: &str) -> (String, String) {
    let why = plain(message);
    let missing = why.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    match missing {
        Some(member) if around == "." => (member.to_owned(), "is required".to_owned()),
        Some(member) => (format!("{around}.{member}"), "is required".to_owned()),
        None => (around, why),
    }
}

/// serde_json's message without its position in the text, which tells a caller nothing about the member.
fn plain(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<S: Send + Sync, T> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned + garde::Validate<Context: Default>,
{
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let query = parts.uri.query().unwrap_or_default();
        if query.contains("%00") {
            return Err(Error::unprocessable("NUL characters are not text"));
        }
        if let Some((name, _)) = form_pairs(query.as_bytes()).find(|(_, value)| is_of_no_age(value)) {
            return Err(Error::invalid(name, "is not a time of this age"));
        }
        let pairs = serde_urlencoded::Deserializer::new(form_pairs(query.as_bytes()));
        let value = serde_path_to_error::deserialize(pairs).map_err(|error| {
            let (member, why) = named(error.path().to_string(), &error.inner().to_string());
            Error::invalid(if member == "." { "query".to_owned() } else { member }, why)
        })?;
        check(value).map(Self)
    }
}

/// Whether this is a time or a date whose year has a sign or more than four digits: no database keeps all of these, and to
/// reckon with them goes wrong.
fn is_of_no_age(value: &str) -> bool {
    let signed = value.trim_start().starts_with(['+', '-']);
    signed && (value.parse::<DateTime<Utc>>().is_ok() || value.parse::<NaiveDate>().is_ok())
}

fn form_pairs(query: &[u8]) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query)
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let raw = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Error::not_found("page"))?;
        if raw.iter().any(|(_, value)| value.contains('\0')) {
            return Err(Error::not_found("page"));
        }
        let found = axum::extract::Path::from_request_parts(parts, state).await;
        found.map(|axum::extract::Path(value)| Self(value)).map_err(|_| Error::not_found("page"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, garde::Validate)]
    #[garde(allow_unvalidated)]
    #[allow(dead_code)]
    struct Order {
        patient: String,
        lines: Option<Vec<Line>>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code)]
    struct Line {
        name: String,
    }

    #[test]
    fn a_time_before_or_after_all_ages_is_known() {
        for time in ["-262143-01-01T00:00:00Z", "+262142-12-31T23:59:59Z", "-5000-01-01T00:00:00+05:30", "+10000-01-01"]
        {
            assert!(is_of_no_age(time), "{time}");
        }
        for other in ["2026-11-20T10:30:00Z", "0001-01-01", "-5", "+91 98450 12345", "-", "", "-anything"] {
            assert!(!is_of_no_age(other), "{other}");
        }
    }

    #[test]
    fn a_member_that_is_missing_is_named() {
        let member = |text: &str| parse::<Order>(text.as_bytes()).unwrap_err().problem().errors[0].member.clone();
        assert_eq!(member("{}"), "patient");
        assert_eq!(member(r#"{"patient": "P-1", "lines": [{"name": "x"}, {}]}"#), "lines[1].name");
        assert_eq!(member(r#"{"patient": 7}"#), "patient");
        let problem = parse::<Order>(b"7").unwrap_err().problem();
        assert!(problem.errors.is_empty(), "{problem:?}");
    }
}
