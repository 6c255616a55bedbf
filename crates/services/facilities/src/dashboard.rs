//! A hospital's day in figures.
use access::{Caller, Entry, Kind, Role, Who};
use chrono::{DateTime, Utc};
use garde::Validate;
use hospitals::{Hospital, VerificationStatus};
use kernel::{App, EncounterId, Error, HospitalId, PageQuery, Result};
use serde::{Deserialize, Serialize};
use store::Sql;
use utoipa::{IntoParams, ToSchema};

/// A hospital's own account, or an administrator.
pub struct Manager;
impl Who for Manager {
    const ROLES: &'static [Role] = &[Role::Admin, Role::Hospital];
}

#[derive(Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct DashboardQuery {
    /// Whose figures an administrator asks for. A hospital's account is shown its own.
    #[garde(skip)]
    pub hospital_id: Option<HospitalId>,
}

/// A hospital's figures of this moment. Requests for documents are not counted yet: none can be made.
#[derive(Debug, Serialize, ToSchema)]
pub struct HospitalDashboard {
    pub hospital_id: HospitalId,
    pub hospital_name: String,
    pub verification_status: VerificationStatus,
    pub total_beds: i64,
    pub available_beds: i64,
    pub occupied_beds: i64,
    /// Occupied beds in percent of all beds, to two decimals; 0 without beds.
    pub occupancy_rate: f64,
    pub doctor_count: i64,
    /// Patients admitted now.
    pub admitted_patients: i64,
    /// Patients who linked the hospital.
    pub linked_patients: i64,
    /// Open alerts about patients admitted now.
    pub open_alerts: i64,
    pub generated_at: DateTime<Utc>,
}

/// The hospital whose figures the caller may see.
pub async fn whose(sql: &mut impl Sql, caller: &Caller, asked: Option<HospitalId>) -> Result<Hospital> {
    let own = caller.reference.filter(|_| caller.role == Role::Hospital).map(HospitalId);
    let id = match (caller.role, asked) {
        (Role::Admin, Some(asked)) => asked,
        (Role::Admin, None) => return Err(Error::invalid("hospital_id", "is needed: whose figures are asked for")),
        (_, Some(asked)) if Some(asked) != own => return Err(Error::forbidden("only for this hospital")),
        _ => own.ok_or_else(|| Error::forbidden("your account stands for no hospital"))?,
    };
    let found = hospitals::by_id(sql, id).await?;
    found.ok_or_else(|| Error::not_found("hospital"))
}

/// Puts the figures together, and the look on the audit chain.
pub async fn dashboard(app: &App, caller: &Caller, hospital: Hospital) -> Result<HospitalDashboard> {
    let (mut db, now, id) = (app.db(), app.clock().now(), hospital.id);
    let verification_status = hospital.verification_status;
    let open_alerts = ward::open_alerts(&mut db, &admitted(&mut app.db(), id).await?).await?;
    let figures = hospitals::statistics(&mut db, hospital).await?;
    let shown = HospitalDashboard {
        hospital_id: id,
        hospital_name: figures.hospital_name,
        verification_status,
        total_beds: figures.total_beds,
        available_beds: figures.available_beds,
        occupied_beds: figures.occupied_beds,
        occupancy_rate: figures.occupancy_rate,
        doctor_count: figures.doctor_count,
        admitted_patients: figures.current_patients,
        linked_patients: access::count_held(&mut db, id.0, Kind::LinkedFacility).await?,
        open_alerts,
        generated_at: now,
    };
    let mut tx = app.db().begin().await?;
    access::record(&mut tx, Entry::of(caller, "read dashboard", id, now));
    tx.commit().await?;
    Ok(shown)
}

/// Every stay that goes on in the hospital, read a thousand at a time.
async fn admitted(sql: &mut impl Sql, hospital: HospitalId) -> Result<Vec<EncounterId>> {
    let mut page = PageQuery { limit: Some(1000), ..PageQuery::default() };
    let mut all = Vec::new();
    loop {
        let mut found = hospitals::active_of_hospital(sql, hospital, &page).await?;
        page.cursor = page.cut(&mut found, |admission| admission.id.0);
        all.extend(found.into_iter().map(|admission| admission.id));
        if page.cursor.is_none() {
            return Ok(all);
        }
    }
}
