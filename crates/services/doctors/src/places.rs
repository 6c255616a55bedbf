//! A doctor gets a place at a hospital.
use access::{Caller, Entry};
use hospitals::{Affiliation, Hospital};
use kernel::{App, Error, Result};
use store::Tx;

use crate::Doctor;
use crate::asked::AffiliationIn;
use crate::queries::doctors;

/// Affiliates a doctor with a hospital, or gives the doctor another place there. Conflict when nothing would change.
pub async fn affiliate(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    (doctor, hospital): (&Doctor, &Hospital),
    place: AffiliationIn,
) -> Result<Affiliation> {
    let now = app.clock().now();
    // The doctor cannot leave in between.
    if !doctors::exists_active(tx, doctor.id).await? {
        return Err(Error::not_found("doctor"));
    }
    let made = hospitals::affiliate(tx, doctor.id, hospital.id, place.department, place.position, now).await?;
    access::record(tx, Entry::of(caller, "affiliation.start", made.id, now));
    Ok(made)
}
