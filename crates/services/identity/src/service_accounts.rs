//! Service accounts: made and revoked by administrators, for programs that act in one role.
use access::{Admin, By, Entry, NewServiceAccount, Role, ServiceAccount};
use chrono::{DateTime, Utc};
use kernel::{App, Error, Listed, PageQuery, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ReferenceCheck;

/// A program's role: `hospital`, `nurse` and `responder` act for a hospital, `admin` keeps the directory.
#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct ServiceAccountIn {
    /// What people call the program, as `Laboratory gateway`.
    #[garde(length(chars, max = 100), custom(kernel::not_blank))]
    #[schema(min_length = 1, max_length = 100)]
    pub label: String,
    #[garde(skip)]
    pub role: Role,
    /// The hospital; not for the role `admin`.
    #[garde(skip)]
    pub reference_id: Option<Uuid>,
    /// Refuses it everything but reading.
    #[garde(skip)]
    #[serde(default)]
    pub read_only: bool,
    /// Until when it is good; for good when left out.
    #[garde(skip)]
    pub expires_at: Option<DateTime<Utc>>,
}

/// A service account with its secret, shown this once.
#[derive(Serialize, ToSchema)]
pub struct NewSecret {
    #[serde(flatten)]
    pub account: ServiceAccount,
    /// Sent as `Authorization: Bearer …`; it is not kept here and cannot be shown again.
    pub secret: String,
}

pub async fn create(app: &App, caller: &By<Admin>, ask: ServiceAccountIn) -> Result<NewSecret> {
    caller.must_be_person()?;
    let now = app.clock().now();
    if ask.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::invalid("expires_at", "is past already"));
    }
    if let Some(hospital) = hospital_of(&ask)? {
        ReferenceCheck::ask(app, ask.role, hospital, "reference_id").await?;
    }
    let ServiceAccountIn { label, role, reference_id, read_only, expires_at } = ask;
    let label = label.trim().to_owned();
    let new = NewServiceAccount { label: label.clone(), role, reference: reference_id, read_only, expires_at };
    let mut tx = app.db().begin().await?;
    let (id, secret) = access::add_service_account(&mut tx, &new, caller, now).await?;
    access::record(&mut tx, Entry::of(caller, "service_account.create", id, now).because(role.to_string()));
    tx.commit().await?;
    let (created_at, revoked_at) = (now, None);
    let account = ServiceAccount { id, label, role, reference_id, read_only, created_at, expires_at, revoked_at };
    Ok(NewSecret { account, secret })
}

/// Every service account, revoked ones too.
pub async fn list(app: &App, page: &PageQuery) -> Result<Listed<ServiceAccount>> {
    access::service_accounts(app, page).await
}

pub async fn revoke(app: &App, caller: &By<Admin>, id: Uuid) -> Result<()> {
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    if !access::revoke_service_account(&mut tx, id, now).await? {
        return Err(Error::not_found("service account"));
    }
    access::record(&mut tx, Entry::of(caller, "service_account.revoke", id, now));
    Ok(tx.commit().await?)
}

/// The hospital that the program acts for. Doctors and patients are people, and monitors have device keys.
fn hospital_of(ask: &ServiceAccountIn) -> Result<Option<Uuid>> {
    match (ask.role, ask.reference_id) {
        (Role::Hospital | Role::Nurse | Role::Responder, Some(hospital)) => Ok(Some(hospital)),
        (Role::Hospital | Role::Nurse | Role::Responder, None) => {
            Err(Error::invalid("reference_id", "is needed: the hospital that the program acts for"))
        }
        (Role::Admin, None) => Ok(None),
        (Role::Admin, Some(_)) => Err(Error::invalid("reference_id", "is not for the role admin")),
        _ => Err(Error::invalid("role", "is not for programs: it is hospital, nurse, responder or admin")),
    }
}

#[cfg(test)]
mod tests {
    use kernel::Text as _;

    use super::*;

    #[test]
    fn programs_act_for_a_hospital_or_keep_the_directory_and_are_nobody_else() {
        let ask = |role, reference_id| {
            let label = "Laboratory".to_owned();
            hospital_of(&ServiceAccountIn { label, role, reference_id, read_only: false, expires_at: None }).is_ok()
        };
        let hospital = Some(kernel::ids::new());
        for role in Role::ALL.iter().copied() {
            let staff = matches!(role, Role::Hospital | Role::Nurse | Role::Responder);
            assert_eq!(ask(role, hospital), staff, "{role}");
            assert_eq!(ask(role, None), role == Role::Admin, "{role}");
        }
    }
}
