//! The caller of a request: who signed in, in which role, on behalf of whom.
use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use kernel::{App, Error, Result, SessionId, request};
use uuid::Uuid;

use crate::{Presumed, Rates, device, presumed, service};

kernel::text_enum!(
    /// What an account is for.
    Role {
        Patient = "patient",
        Doctor = "doctor",
        Nurse = "nurse",
        /// A hospital's own account: its front desk.
        Hospital = "hospital" | "institution",
        Responder = "responder",
        /// A bedside monitor or gateway with a device key.
        Device = "device",
        Admin = "admin",
        /// The program itself, delivering what was decided before. No account has this role.
        System = "system",
    }
);

/// Proof that the caller is who the request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account, the service account, or the device key.
    pub actor: Uuid,
    pub role: Role,
    /// Whom the account stands for: the patient, the doctor, or the hospital of a nurse or a front desk.
    pub reference: Option<Uuid>,
    /// `None` for devices and service accounts, whose keys are not sessions.
    pub session: Option<SessionId>,
}

impl Caller {
    /// The operator at the machine, who has no account.
    pub const fn operator() -> Self {
        Self { actor: Uuid::nil(), role: Role::System, reference: None, session: None }
    }

    /// True for the account that stands for this doctor, patient or hospital.
    pub fn stands_for(&self, role: Role, reference: Uuid) -> bool {
        self.role == role && self.reference == Some(reference)
    }

    /// Refuses other programs than this one: whoever gives out rights is a person, who signed in.
    pub fn must_be_person(&self) -> Result<()> {
        match self.session {
            None if self.role != Role::System => {
                Err(Error::forbidden("this is done by people who sign in, not by programs"))
            }
            _ => Ok(()),
        }
    }

    /// The hospital whose staff the caller is, if any.
    pub fn hospital(&self) -> Option<Uuid> {
        self.reference.filter(|_| matches!(self.role, Role::Nurse | Role::Hospital))
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let caller = presumed(parts, app).await?.prove(app).await?;
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

/// The caller as remembered, for requests whose transaction asks again.
pub(crate) async fn presumed(parts: &mut Parts, app: &App) -> Result<Presumed> {
    if let Some(known) = parts.extensions.get::<Caller>() {
        return Ok(known.clone().into());
    }
    if let Some(known) = parts.extensions.get::<Presumed>() {
        return Ok(known.clone());
    }
    let token = bearer(parts).ok_or_else(|| Error::unauthenticated("sign in first: no bearer token was sent"))?;
    let presumed = match (token.strip_prefix(device::PREFIX), token.strip_prefix(service::PREFIX)) {
        (Some(key), _) => presumed::by_device_key(app, key).await?,
        (_, Some(key)) => Box::pin(service::caller(app, key, &parts.method)).await?.into(),
        _ => presumed::by_token(app, token).await?,
    };
    let actor = presumed.actor();
    app.edge::<Rates>().count(actor, &parts.method, parts.uri.path(), app.clock().now())?;
    tracing::debug!(%actor, request_id = request::current().id, "caller");
    parts.extensions.insert(presumed.clone());
    Ok(presumed)
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// A set of roles, as a type: a handler's first argument says who may call it.
pub trait Who: Send + Sync {
    const ROLES: &'static [Role];
}

macro_rules! who {
    ($($(#[$doc:meta])* $name:ident = $($role:ident)|+),* $(,)?) => {$(
        $(#[$doc])*
        pub struct $name;
        impl Who for $name { const ROLES: &'static [Role] = &[$(Role::$role),+]; }
    )*};
}
who!(
    Admin = Admin,
    Doctor = Doctor,
    /// Treats patients: doctors, nurses, a hospital's front desk.
    Clinician = Doctor | Nurse | Hospital,
    /// Keeps the directory: whoever may register patients and doctors.
    Clerk = Admin | Doctor | Nurse | Hospital,
    /// Anyone who signed in as a person.
    Anyone = Patient | Doctor | Nurse | Hospital | Responder | Admin,
);

/// A caller in one of the roles of `W`; others are refused with 403.
pub struct By<W>(Caller, PhantomData<W>);

impl<W> Deref for By<W> {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl<W: Who> FromRequestParts<App> for By<W> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = Caller::from_request_parts(parts, app).await?;
        match W::ROLES.contains(&caller.role) {
            true => Ok(Self(caller, PhantomData)),
            false => Err(Error::forbidden(format!("not for the role {}", caller.role))),
        }
    }
}
