//! Statements on the words of doctors' names, by which doctors are found however a name is begun or misspelt.
use kernel::{DoctorId, Result, sound, words};
use store::{Args, Sql as _, Tx, args, from_row, sql};

sql!(DOCTOR_NAMES_CLEAR = "DELETE FROM doctor_names WHERE doctor_id = $1");
sql!(DOCTOR_NAME_ADD = "INSERT INTO doctor_names (doctor_id, part, sound) VALUES ($1, $2, $3)");

/// Makes the words of a doctor's name those of this one.
pub async fn put(tx: &mut Tx, id: DoctorId, name: &str) -> Result<()> {
    tx.run(&DOCTOR_NAMES_CLEAR, args![id]).await?;
    // Bytes are ordered alike on both engines, whatever language a database sorts text in.
    let row = |word: String| args![id, word.as_bytes().to_vec(), sound(&word)];
    let rows: Vec<Args> = words(name).into_iter().map(row).collect();
    Ok(tx.run_each(&DOCTOR_NAME_ADD, &rows).await?)
}

struct Unindexed {
    id: DoctorId,
    name: String,
}
from_row!(Unindexed { id, name });

sql!(
    DOCTORS_UNINDEXED = "SELECT id, name FROM doctors
    WHERE NOT is_indexed
    ORDER BY id
    LIMIT 256
    FOR UPDATE"
);
sql!(DOCTOR_INDEXED = "UPDATE doctors SET is_indexed = TRUE WHERE id = $1");

/// Indexes the names of some doctors who were registered before names were indexed; answers how many.
pub async fn catch_up(tx: &mut Tx) -> Result<usize> {
    let found = tx.all::<Unindexed>(&DOCTORS_UNINDEXED, args![]).await?;
    for doctor in &found {
        put(tx, doctor.id, &doctor.name).await?;
        tx.run(&DOCTOR_INDEXED, args![doctor.id]).await?;
    }
    Ok(found.len())
}
