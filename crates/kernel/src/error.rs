//! The one error every handler returns: what the caller may know, and what only the log may.
use std::borrow::Cow;
use std::panic::Location;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::request;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error with two voices: `detail` and `errors` are shown to the caller, `cause` goes to the log.
#[derive(Debug)]
pub struct Error {
    status: StatusCode,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// Members of this problem alone.
    more: Option<Box<serde_json::Map<String, serde_json::Value>>>,
    retry_after: Option<u32>,
    quota: Option<Quota>,
    at: &'static Location<'static>,
}

/// How often something may be tried, for those who were turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// A word for the header, as `login`.
    pub name: &'static str,
    pub tries: u32,
    /// In this many seconds.
    pub seconds: u32,
}

/// What is wrong with one member of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The member's path, as `address.city` or `family_contacts[0].contact`.
    pub member: String,
    pub detail: String,
}

/// RFC 9457 problem details, with a plain `error` text for clients that read that.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A page that explains this kind of problem.
    pub r#type: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// The path that was asked for.
    pub instance: String,
    /// Ask the operator about this id.
    pub request_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    pub error: String,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(detail: impl Into<Cow<'static, str>>) -> Self { Self::new(StatusCode::$status, detail) }
    )*};
}

impl Error {
    #[track_caller]
    pub fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        let (errors, at) = (Vec::new(), Location::caller());
        Self { status, detail: detail.into(), errors, cause: None, more: None, retry_after: None, quota: None, at }
    }

    kinds!(
        /// The request cannot be read at all.
        malformed = BAD_REQUEST,
        /// No valid credentials.
        unauthenticated = UNAUTHORIZED,
        /// Known to exist, and not allowed.
        forbidden = FORBIDDEN,
        /// The world is not in the state the request needs.
        conflict = CONFLICT,
        /// It was there and is no more, on purpose and for good.
        gone = GONE,
        /// A precondition sent along does not hold.
        precondition_failed = PRECONDITION_FAILED,
        unsupported_media_type = UNSUPPORTED_MEDIA_TYPE,
        too_large = PAYLOAD_TOO_LARGE,
        too_many = TOO_MANY_REQUESTS,
        unprocessable = UNPROCESSABLE_ENTITY,
        unavailable = SERVICE_UNAVAILABLE,
    );

    /// Absent, or not the caller's to see: one answer for both. `what` is a word such as `patient`.
    #[track_caller]
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} not found"))
    }

    /// One member of the request does not fit.
    #[track_caller]
    pub fn invalid(member: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid_members(vec![FieldError { member: member.into(), detail: detail.into() }])
    }

    #[track_caller]
    pub fn invalid_members(errors: Vec<FieldError>) -> Self {
        let all: Vec<String> = errors.iter().map(|e| format!("{} {}", e.member, e.detail)).collect();
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, all.join("; ")) }
    }

    /// Names the member a conflict is about.
    #[must_use]
    pub fn about(mut self, member: &str) -> Self {
        self.errors.push(FieldError { member: member.to_owned(), detail: self.detail.to_string() });
        self
    }

    /// Adds a member to the problem, for a client that is to go on from here.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<serde_json::Value>) -> Self {
        self.more.get_or_insert_default().insert(member.to_owned(), value.into());
        self
    }

    /// Says in how many seconds trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds.try_into().unwrap_or(u32::MAX));
        self
    }

    /// Says which quota is used up.
    #[must_use]
    pub fn under(mut self, quota: Quota) -> Self {
        self.quota = Some(quota);
        self
    }

    /// A failure of ours. The caller learns only that it happened.
    #[track_caller]
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let shown = "something failed on our side; nothing was changed";
        Self { cause: Some(cause.into()), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, shown) }
    }

    /// The same refusal for another reader: what the caller is told, without the cause.
    #[must_use]
    pub fn again(&self) -> Self {
        let (detail, errors, more) = (self.detail.clone(), self.errors.clone(), self.more.clone());
        Self { detail, errors, more, cause: None, ..*self }
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What the caller is told.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    pub fn problem(&self) -> Problem {
        let request = request::current();
        let title = self.status.canonical_reason().unwrap_or("Error");
        Problem {
            r#type: format!("/errors#{}", title.to_lowercase().replace(' ', "-")),
            title: title.to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.to_string(),
            instance: request.path.clone(),
            request_id: request.id.clone(),
            errors: self.errors.clone(),
            error: self.detail.to_string(),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.status, self.detail)?;
        self.cause.as_ref().map_or(Ok(()), |cause| write!(f, " ({cause})"))
    }
}

impl std::error::Error for Error {}

impl From<store::Error> for Error {
    #[track_caller]
    fn from(error: store::Error) -> Self {
        let shown = match error {
            store::Error::Unavailable(_) => {
                Self::unavailable("the database is not available; nothing was changed, try again")
            }
            store::Error::Duplicate { .. } => Self::conflict("the same thing exists already"),
            store::Error::Refused { .. } | store::Error::Internal(_) => return Self::internal(error),
        };
        Self { cause: Some(Box::new(error)), ..shown }
    }
}

/// Inside group commits, where only the database's kinds matter.
impl From<Error> for store::Error {
    fn from(error: Error) -> Self {
        match error.cause.as_ref().and_then(|cause| cause.downcast_ref::<Self>()) {
            Some(cause) => cause.clone(),
            None => Self::Internal(std::sync::Arc::new(Told(error.to_string()))),
        }
    }
}

/// The words of an error that was shown already.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Told(String);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let (true, Some(cause)) = (self.status.is_server_error(), &self.cause) {
            tracing::error!(request_id = request::current().id, at = %self.at, %cause, "{}", self.detail);
        }
        let shown = Shown { problem: self.problem(), more: self.more.as_deref() };
        let body = serde_json::to_vec(&shown).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let wait = self.retry_after.or((self.status == StatusCode::SERVICE_UNAVAILABLE).then_some(1));
        headers.extend(wait.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds))));
        if let Some(quota) = self.quota {
            quota.tell(headers, 0, wait.unwrap_or_default());
        }
        response
    }
}

/// A problem with the members that it alone has.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    problem: Problem,
    #[serde(flatten)]
    more: Option<&'a serde_json::Map<String, serde_json::Value>>,
}

impl Quota {
    /// The headers of the IETF draft on rate limits: the policy, and what is left of it for how many seconds.
    fn tell(self, headers: &mut HeaderMap, left: u32, seconds_left: u32) {
        let Self { name, tries, seconds } = self;
        let policy = format!("\"{name}\";q={tries};w={seconds}");
        let left = format!("\"{name}\";r={left};t={seconds_left}");
        for (name, text) in [("ratelimit-policy", policy), ("ratelimit", left)] {
            headers.extend(HeaderValue::try_from(text).map(|value| (HeaderName::from_static(name), value)));
        }
    }
}

impl crate::Left {
    /// Says in an answer what is left, unless it says already that nothing is.
    pub fn tell(self, headers: &mut HeaderMap) {
        if !headers.contains_key("ratelimit") {
            self.quota.tell(headers, self.tries, self.full_in);
        }
    }
}

/// The error answers that every operation shares in the OpenAPI document.
#[derive(IntoResponses)]
#[allow(dead_code)]
pub enum Errors {
    #[response(status = 400, content_type = "application/problem+json", description = "The request cannot be read")]
    Malformed(Problem),
    #[response(status = 401, content_type = "application/problem+json", description = "No valid credentials")]
    Unauthenticated(Problem),
    #[response(status = 403, content_type = "application/problem+json", description = "Not allowed for this caller")]
    Forbidden(Problem),
    #[response(status = 404, content_type = "application/problem+json", description = "Absent, or not yours to see")]
    NotFound(Problem),
    #[response(
        status = 408,
        content_type = "application/problem+json",
        description = "The body did not arrive in time"
    )]
    TimedOut(Problem),
    #[response(
        status = 409,
        content_type = "application/problem+json",
        description = "The state of things does not allow it"
    )]
    Conflict(Problem),
    #[response(status = 413, content_type = "application/problem+json", description = "The body is too large")]
    TooLarge(Problem),
    #[response(
        status = 415,
        content_type = "application/problem+json",
        description = "The body is not of the documented type"
    )]
    UnsupportedMediaType(Problem),
    #[response(
        status = 422,
        content_type = "application/problem+json",
        description = "A member does not fit; `errors` names it"
    )]
    Unprocessable(Problem),
    #[response(
        status = 429,
        content_type = "application/problem+json",
        description = "Too many requests; wait as `Retry-After` says"
    )]
    TooMany(Problem),
    #[response(
        status = 503,
        content_type = "application/problem+json",
        description = "The database is not available; nothing was changed"
    )]
    Unavailable(Problem),
}
