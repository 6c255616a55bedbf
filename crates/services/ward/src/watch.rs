//! What the rules remember of each patient between two readings, sealed.
use std::collections::HashMap;

use kernel::{Error, PatientId, Result};
use rules::State;
use store::{Tx, args, from_row, sql};
use uuid::Uuid;
use vault::{PatientKey, Row};

struct Stored {
    load_key: PatientId,
    sealed: Vec<u8>,
}
from_row!(Stored { load_key, sealed });

sql!(WATCH_OF = "SELECT patient_id AS load_key, sealed FROM ward_watch WHERE patient_id = $1");
sql!(
    WATCH_PUT = "INSERT INTO ward_watch (patient_id, sealed) VALUES ($1, $2)
    ON CONFLICT (patient_id) DO UPDATE SET sealed = excluded.sealed"
);

fn place(patient: PatientId) -> Row<'static> {
    Row { table: "ward_watch", id: patient.0 }
}

/// The format written today: postcard after this number, times in microseconds since 1970.
const FORMAT: u8 = 2;

fn read(plain: &[u8]) -> Result<State> {
    match plain.split_first() {
        Some((&FORMAT, body)) => postcard::from_bytes(body).map_err(Error::internal),
        _ => Err(Error::internal("what the rules remember has a format this program does not know")),
    }
}

/// What is remembered of these patients; nothing of those about whom the rules are quiet.
/// The question is sent at once, so that others can go with it.
pub fn load<'k>(
    tx: &mut Tx,
    keys: &'k HashMap<PatientId, PatientKey>,
) -> impl Future<Output = Result<HashMap<PatientId, State>>> + use<'k> {
    let patients: Vec<Uuid> = keys.keys().map(|p| p.0).collect();
    let remembered = tx.all_each::<Stored>(&WATCH_OF, &patients);
    async {
        let mut found = HashMap::new();
        for stored in remembered.await? {
            if let Some(key) = keys.get(&stored.load_key) {
                let plain = key.open(place(stored.load_key), &stored.sealed)?;
                found.insert(stored.load_key, read(&plain)?);
            }
        }
        Ok(found)
    }
}

/// Writes what is remembered by the end of the transaction, one entry a patient.
pub fn put(tx: &mut Tx, changed: &[(&PatientKey, &State)]) -> Result<()> {
    let mut rows = Vec::with_capacity(changed.len());
    for (key, state) in changed {
        let plain = postcard::to_extend(state, vec![FORMAT]).map_err(Error::internal)?;
        rows.push(args![key.patient(), key.seal(place(key.patient()), &plain)?]);
    }
    tx.run_later(&WATCH_PUT, &rows);
    Ok(())
}
