//! Statements on beds and rooms. Every change of a count is one statement that also holds its condition.
use chrono::{DateTime, Utc};
use kernel::{HospitalId, Result};
use store::{Sql, Tx, args, sql};
use uuid::Uuid;

use crate::{Hospital, Room};

sql!(
    /// Hospitals alone admit: the paths of a stay are theirs.
    BED_TAKE = "UPDATE hospitals
    SET occupied_beds = occupied_beds + 1
    WHERE id = $1 AND is_active AND institution_type = 'hospital' AND total_beds - occupied_beds - unavailable_beds > 0
    RETURNING id AS value"
);

/// Takes a bed. None when there is none to take: of two who want the last one, the second finds it taken.
pub async fn take(tx: &mut Tx, hospital: HospitalId) -> Result<Option<HospitalId>> {
    Ok(tx.one(&BED_TAKE, args![hospital]).await?)
}

sql!(
    BED_FREE = "UPDATE hospitals
    SET occupied_beds = occupied_beds - 1
    WHERE id = $1 AND occupied_beds > 0"
);

/// Frees a bed.
pub async fn free(tx: &mut Tx, hospital: HospitalId) -> Result<()> {
    tx.run(&BED_FREE, args![hospital]).await?;
    Ok(())
}

sql!(
    BEDS_SET = "UPDATE hospitals
    SET unavailable_beds = total_beds - occupied_beds - $2, updated_at = $3, version = version + 1
    WHERE id = $1 AND is_active AND occupied_beds + $2 <= total_beds
    RETURNING *"
);

/// Says how many beds can be taken now. None when that many are not there besides the occupied ones.
pub async fn set(tx: &mut Tx, id: HospitalId, available: i64, now: DateTime<Utc>) -> Result<Option<Hospital>> {
    Ok(tx.one(&BEDS_SET, args![id, available, now]).await?)
}

sql!(
    /// Writes the number over itself so that the room is answered whether it was new or known.
    ROOM_NAMED = "INSERT INTO rooms (id, hospital_id, room_number)
    VALUES ($1, $2, $3)
    ON CONFLICT (hospital_id, room_number) DO UPDATE SET room_number = excluded.room_number
    RETURNING id AS value"
);

/// The room with this number, made when nobody was put there before.
pub async fn room(tx: &mut Tx, hospital: HospitalId, room_number: String) -> Result<Option<Room>> {
    let id: Option<Uuid> = tx.one(&ROOM_NAMED, args![kernel::ids::new(), hospital, &room_number]).await?;
    Ok(id.map(|id| Room { id, room_number }))
}
