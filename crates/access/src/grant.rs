//! Grants: proof, in a function's signature, that a look at a patient was allowed and is on record.
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use kernel::{App, Error, PatientId, Result, request};
use store::{Db, GroupCommit, Tx, Work};
use uuid::Uuid;
use vault::Vault;

use crate::presumed::Lately;
use crate::{
    Action, Caller, Category, Decision, Entry, Mark, Presumed, Proven, Reach, Refusal, Relation, Span, audit, decide,
    relation,
};

/// What may be done, as a type.
pub trait Act: Send + Sync + 'static {
    const ACTION: Action;
}
pub struct Read;
pub struct Write;
impl Act for Read {
    const ACTION: Action = Action::Read;
}
impl Act for Write {
    const ACTION: Action = Action::Write;
}

/// What it is done with, as a type.
pub trait Data: Send + Sync + 'static {
    const CATEGORY: Category;
}

/// The categories of data, as types.
pub mod data {
    use super::{Category, Data};
    macro_rules! data {
        ($($name:ident),* $(,)?) => {$(
            #[doc = concat!("[`Category::", stringify!($name), "`] as a type.")]
            pub struct $name;
            impl Data for $name { const CATEGORY: Category = Category::$name; }
        )*};
    }
    data!(
        Registration,
        Contacts,
        Vitals,
        Care,
        Alerts,
        Emergencies,
        Records,
        CareTeam,
        Appointments,
        Wearables,
        Consents,
        Sensitive
    );
}

/// Permission to do `A` with the `D` of one patient. Only this crate makes one, after [`decide`] said yes and the look
/// was put on the audit chain.
///
/// ```compile_fail,E0451
/// let forged = access::Grant::<access::Read, access::data::Vitals> {
///     patient: kernel::PatientId::new(),
///     actor: kernel::ids::new(),
///     because: access::Decision::Allowed { because: "self", basis: None, reach: access::Reach::ALL },
///     kind: std::marker::PhantomData,
/// };
/// ```
pub struct Grant<A: Act, D: Data> {
    patient: PatientId,
    actor: Uuid,
    because: Decision,
    kind: PhantomData<(A, D)>,
}

impl<A: Act, D: Data> Grant<A, D> {
    pub fn patient(&self) -> PatientId {
        self.patient
    }

    /// The account or device that was granted this.
    pub fn actor(&self) -> Uuid {
        self.actor
    }

    /// Refuses to open what belongs to another patient than the one granted. That is a mistake of ours, never the
    /// caller's: whoever opens a row says so before it opens it.
    pub fn covers(&self, patient: PatientId) -> Result<()> {
        match self.patient == patient {
            true => Ok(()),
            false => Err(Error::internal("a grant over one patient was used on the row of another")),
        }
    }

    /// How far the permission reaches within its data.
    pub fn reach(&self) -> Reach {
        match self.because {
            Decision::Allowed { reach, .. } => reach,
            Decision::Refused(_) => Reach { span: Span::ALWAYS, sensitive: None },
        }
    }

    /// Of which time what is shown may be.
    pub fn span(&self) -> Span {
        self.reach().span
    }

    /// Whether an entry of the chart is open: it is of the right time, and not too sensitive.
    pub fn shows(&self, mark: Mark) -> bool {
        self.reach().includes(self.actor, mark)
    }

    /// On what the permission rests: the id of the admission, the assignment or the emergency.
    pub fn basis(&self) -> Option<Uuid> {
        match self.because {
            Decision::Allowed { basis, .. } => basis,
            Decision::Refused(_) => None,
        }
    }
}

/// One look to decide on.
struct Look {
    caller: Presumed,
    action: Action,
    category: Category,
    patient: PatientId,
    at: DateTime<Utc>,
    request: Arc<request::Request>,
}

impl Look {
    fn new<A: Act, D: Data>(caller: Presumed, patient: PatientId, at: DateTime<Utc>) -> Self {
        Self { caller, action: A::ACTION, category: D::CATEGORY, patient, at, request: request::current() }
    }

    fn decide(&self, caller: &Caller, relations: &[Relation]) -> Decision {
        decide(caller, self.action, self.category, self.patient, relations, self.at)
    }

    fn entry(&self, caller: &Caller, decision: Decision) -> Entry {
        Entry {
            at: self.at,
            actor: caller.actor,
            role: caller.role,
            action: format!("{} {}", self.action, self.category),
            patient: Some(self.patient),
            object: self.request.path.clone(),
            allowed: decision.is_allowed(),
            reason: decision.explain(),
            address: self.request.from.clone(),
            request_id: self.request.id.clone(),
        }
    }
}

/// Finds a patient by the reference a caller's own system uses. The patients service provides it.
pub struct PatientNames(pub fn(Db, String) -> BoxFuture<'static, Result<Option<PatientId>>>);

/// The edge through which grants are asked for: looks that wait share one transaction and its sync.
pub struct Access {
    looks: GroupCommit<Looks>,
    pub(crate) lately: Lately,
}

struct Looks;

impl Work for Looks {
    type Ask = Look;
    /// The caller as the database has them, and what was decided; 401 for one who is nobody any more.
    type Answer = Result<(Caller, Decision)>;

    fn about(look: &Look) -> Uuid {
        look.patient.0
    }

    async fn run(&self, tx: &mut Tx, looks: &[Look]) -> store::Result<Vec<Self::Answer>> {
        let proven = Proven::among(tx, looks.iter().map(|look| &look.caller));
        let mut patients: Vec<Uuid> = looks.iter().map(|look| look.patient.0).collect();
        patients.sort_unstable();
        patients.dedup();
        let (relations, proven) = (relation::related(tx, &patients), proven.await?);
        let relations = relations.await?;
        let answer = |look: &Look| {
            let caller = proven.of(&look.caller, look.at)?;
            let decision = look.decide(&caller, relations.of(look.patient));
            audit::record(tx, look.entry(&caller, decision));
            Ok((caller, decision))
        };
        Ok(looks.iter().map(answer).collect())
    }
}

impl Access {
    pub fn open(db: &Db) -> Self {
        Self { looks: GroupCommit::start(db, Looks), lately: Lately::default() }
    }
}

impl<A: Act, D: Data> Grant<A, D> {
    /// Asks for permission. The answer comes once the look is durable on the audit chain, allowed or refused.
    pub async fn ask(app: &App, caller: &Caller, patient: PatientId) -> Result<Self> {
        Self::ask_for(app, caller.clone().into(), patient).await.map(|(_, grant)| grant)
    }

    /// As [`ask`](Self::ask), for a caller about whom the same transaction asks.
    async fn ask_for(app: &App, caller: Presumed, patient: PatientId) -> Result<(Caller, Self)> {
        let look = Look::new::<A, D>(caller, patient, app.clock().now());
        let (caller, decision) = app.edge::<Access>().looks.submit(look).await??;
        let grant = Self { patient, actor: caller.actor, because: decision, kind: PhantomData }.if_allowed()?;
        // Only to those who would see the patient: to the others an erased patient is as unknown as before.
        match app.edge::<Vault>().is_erased(patient) {
            true => Err(Error::gone("the patient was erased")),
            false => Ok((caller, grant)),
        }
    }

    /// Permission for the operator, who sits at the machine and holds its keys: for the command line alone. The look is on
    /// the audit chain as everybody's.
    pub async fn for_operator(app: &App, patient: PatientId) -> Result<Self> {
        let because = Decision::Allowed { because: "operator", basis: None, reach: Reach::ALL };
        let operator = Caller::operator();
        let mut tx = app.db().begin().await?;
        let entry = Entry::of(&operator, format!("{} {}", A::ACTION, D::CATEGORY), "command line", app.clock().now());
        audit::record(&mut tx, entry.about(patient).because(because.explain()));
        tx.commit().await?;
        Ok(Self { patient, actor: operator.actor, because, kind: PhantomData })
    }

    /// Decides inside a transaction that goes on to do the thing: look and deed are durable together. A refusal is on
    /// the chain too, provided that the caller commits.
    pub fn ask_in(
        tx: &mut Tx,
        caller: &Caller,
        patient: PatientId,
        relations: &[Relation],
        at: DateTime<Utc>,
    ) -> Result<Self> {
        let look = Look::new::<A, D>(caller.clone().into(), patient, at);
        let decision = look.decide(caller, relations);
        audit::record(tx, look.entry(caller, decision));
        Self { patient, actor: caller.actor, because: decision, kind: PhantomData }.if_allowed()
    }

    /// Permission to render things once for an audience that was decided when they happened, each said as its patient
    /// and what it is. Who receives it is decided caller by caller, over that audience. One transaction for all of them.
    pub async fn to_deliver(app: &App, things: &[(PatientId, String)]) -> Result<Vec<Self>> {
        let because = Decision::Allowed { because: "audience", basis: None, reach: Reach::ALL };
        let system = Caller::operator();
        let (mut tx, now) = (app.db().begin().await?, app.clock().now());
        for (patient, what) in things {
            let entry = Entry::of(&system, format!("deliver {}", D::CATEGORY), what, now);
            audit::record(&mut tx, entry.about(*patient).because(because.explain()));
        }
        tx.commit().await?;
        let grant = |(patient, _): &_| Self { patient: *patient, actor: system.actor, because, kind: PhantomData };
        Ok(things.iter().map(grant).collect())
    }

    fn if_allowed(self) -> Result<Self> {
        match self.because {
            Decision::Allowed { .. } => Ok(self),
            Decision::Refused(Refusal::Stranger) => Err(Error::not_found("patient")),
            Decision::Refused(Refusal::NotTheirs) => Err(Error::forbidden("this is not yours to see or change")),
        }
    }
}

/// A grant over the patient in the path (`{patient_id}` or `{id}`: our id or the caller's own reference).
pub struct Chart<A: Act, D: Data> {
    pub caller: Caller,
    pub(crate) grant: Grant<A, D>,
}

impl<A: Act, D: Data> Deref for Chart<A, D> {
    type Target = Grant<A, D>;
    fn deref(&self) -> &Grant<A, D> {
        &self.grant
    }
}

impl<A: Act, D: Data> FromRequestParts<App> for Chart<A, D> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = Presumed::from_request_parts(parts, app).await?;
        let path = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Error::not_found("patient"))?;
        let named =
            path.iter().find(|(name, _)| matches!(*name, "patient_id" | "id")).map(|(_, value)| value.to_owned());
        let name = named.ok_or_else(|| Error::internal("the path names no patient"))?;
        let (caller, grant) = chart(app, caller, name).await?;
        parts.extensions.insert(caller.clone());
        Ok(Self { caller, grant })
    }
}

async fn chart<A: Act, D: Data>(app: &App, caller: Presumed, name: String) -> Result<(Caller, Grant<A, D>)> {
    // PostgreSQL keeps no text with this character, and would fail where there is nothing to find.
    if name.contains('\0') {
        return Err(Error::not_found("patient"));
    }
    let by_id = name.parse::<PatientId>().ok();
    if let Some(id) = by_id {
        match Grant::ask_for(app, caller.clone(), id).await {
            Err(error) if error.status() == axum::http::StatusCode::NOT_FOUND => {}
            decided => return decided,
        }
    }
    // Another system may use UUIDs as its own references. Whether one is known is not told to those who are nobody any more.
    let caller = caller.prove(app).await?;
    let found = (app.edge::<PatientNames>().0)(app.db(), name).await?;
    match found.filter(|found| by_id != Some(*found)) {
        Some(patient) => Grant::ask_for(app, caller.into(), patient).await,
        None => Err(Error::not_found("patient")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_opens_nothing_of_another_patient() {
        let (patient, other) = (PatientId(Uuid::from_u128(1)), PatientId(Uuid::from_u128(2)));
        let because = Decision::Allowed { because: "self", basis: None, reach: Reach::ALL };
        let grant = Grant::<Read, data::Vitals> { patient, actor: Uuid::nil(), because, kind: PhantomData };
        assert!(grant.covers(patient).is_ok());
        assert!(grant.covers(other).is_err_and(|error| error.status().as_u16() == 500));
    }
}
