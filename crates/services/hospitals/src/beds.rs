//! Beds: how many there are, how many are taken, how many can be taken now.
use access::{Caller, Entry};
use kernel::{App, Error, HospitalId, IfMatch, Result};
use store::Tx;

use crate::Hospital;
use crate::queries::{beds, hospitals};

/// Says how many beds can be taken now; the rest that nobody lies in become unavailable. 412 when the hospital is another
/// version than the caller has seen.
pub async fn set_available(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    id: HospitalId,
    available: i64,
    seen: &IfMatch,
) -> Result<Hospital> {
    let now = app.clock().now();
    let was = hospitals::locked(tx, id).await?;
    seen.require(was.version)?;
    let hospital = beds::set(tx, id, available, now).await?.ok_or_else(|| too_many(&was, available))?;
    access::record(tx, Entry::of(caller, "hospital.beds", id, now).because(format!("{available} available")));
    Ok(hospital)
}

/// The beds nobody can take, when `total` are there, the hospital's occupied ones stay, and `available` can be taken.
/// When nothing is said of those, as many as before stay out of use as far as there are beds left.
pub fn unavailable(hospital: &Hospital, total: i64, available: Option<i64>) -> Result<i64> {
    let free = total - hospital.occupied_beds;
    if free < 0 {
        let detail = format!("beds below occupied: {} of {total} beds are taken", hospital.occupied_beds);
        return Err(Error::malformed(detail).about("total_beds"));
    }
    match available {
        Some(available) if available > free => {
            Err(too_many(&Hospital { total_beds: total, ..hospital.clone() }, available))
        }
        Some(available) => Ok(free - available),
        None => Ok(hospital.unavailable_beds.min(free)),
    }
}

fn too_many(hospital: &Hospital, available: i64) -> Error {
    let (total, occupied) = (hospital.total_beds, hospital.occupied_beds);
    let detail = match available > total {
        true => format!("{available} available beds are more than the {total} beds of the hospital"),
        false => {
            format!("beds below occupied: {occupied} of {total} beds are taken, so {available} cannot be available")
        }
    };
    Error::malformed(detail).about("available_beds")
}
