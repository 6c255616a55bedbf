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

/// The format written today: postcard after this number.
const FORMAT: u8 = 1;

fn read(plain: &[u8]) -> Result<State> {
    match plain.split_first() {
        Some((&FORMAT, body)) => postcard::from_bytes(body).map_err(Error::internal),
        _ => Err(Error::internal("what the rules remember has a format this program does not know")),
    }
}

/// What is remembered of these patients; nothing of those about whom the rules are quiet.
pub async fn load(tx: &mut Tx, keys: &HashMap<PatientId, PatientKey>) -> Result<HashMap<PatientId, State>> {
    let patients: Vec<Uuid> = keys.keys().map(|p| p.0).collect();
    let mut found = HashMap::new();
    for stored in tx.all_each::<Stored>(&WATCH_OF, &patients).await? {
        if let Some(key) = keys.get(&stored.load_key) {
            let plain = key.open(place(stored.load_key), &stored.sealed)?;
            found.insert(stored.load_key, read(&plain)?);
        }
    }
    Ok(found)
}

pub async fn put(tx: &mut Tx, key: &PatientKey, state: &State) -> Result<()> {
    let plain = postcard::to_extend(state, vec![FORMAT]).map_err(Error::internal)?;
    tx.run(&WATCH_PUT, args![key.patient(), key.seal(place(key.patient()), &plain)?]).await?;
    Ok(())
}
