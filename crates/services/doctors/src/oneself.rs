//! A doctor who registers without anybody's help: in the directory and with a login, and related to nobody before an
//! administrator has verified the licence.
use access::Caller;
use identity::PasswordHash;
use kernel::{App, HospitalId, Result};
use store::Tx;

use crate::asked::DoctorIn;
use crate::{Doctor, accounts, directory};

/// Registers the doctor. `named` is where the doctor says to work: it is kept as said, and affiliates nobody. 409 naming
/// the member when another doctor or account has the address or the licence.
pub async fn register_oneself(
    app: &App,
    tx: &mut Tx,
    said: DoctorIn,
    named: Option<HospitalId>,
    password: PasswordHash,
) -> Result<Doctor> {
    // Nobody is signed in: the program itself puts it down.
    let nobody = Caller::operator();
    let now = app.clock().now();
    let doctor = Doctor { institution_id: named, ..said.doctor(now) };
    let doctor = directory::create(app, tx, &nobody, doctor).await?;
    accounts::open(tx, &nobody, &doctor, Some(password)).await?;
    access::await_approval(tx, doctor.id.0, now).await?;
    Ok(doctor)
}
