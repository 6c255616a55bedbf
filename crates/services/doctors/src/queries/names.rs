//! Statements on the words of doctors' names, by which doctors are found however a name is begun or misspelt.
use kernel::{DoctorId, Result, sound, words};
use store::{Args, Sql, Tx, args, from_row, sql};

use crate::Doctor;

sql!(DOCTOR_NAMES_CLEAR = "DELETE FROM doctor_names WHERE doctor_id = $1");
sql!(DOCTOR_NAME_ADD = "INSERT INTO doctor_names (doctor_id, part, sound) VALUES ($1, $2, $3)");

/// How the words of a name sound, in one text.
pub fn sounds(name: &str) -> String {
    words(name).iter().map(|word| sound(word)).collect::<Vec<_>>().join(" ")
}

/// Makes the words of a doctor's name those of the name now.
pub async fn index(tx: &mut Tx, doctor: &Doctor) -> Result<()> {
    put(tx, doctor.id, &doctor.name).await
}

async fn put(tx: &mut Tx, id: DoctorId, name: &str) -> Result<()> {
    tx.run(&DOCTOR_NAMES_CLEAR, args![id]).await?;
    // Bytes are ordered alike on both engines, whatever language a database sorts text in.
    let row = |word: String| args![id, word.as_bytes().to_vec(), sound(&word)];
    let rows: Vec<Args> = words(name).into_iter().map(row).collect();
    Ok(tx.run_each(&DOCTOR_NAME_ADD, &rows).await?)
}

struct Unsounded {
    id: DoctorId,
    name: String,
}
from_row!(Unsounded { id, name });

sql!(
    DOCTORS_UNSOUNDED = "SELECT id, name FROM doctors
    WHERE name_sound IS NULL
    ORDER BY id
    LIMIT 256
    FOR UPDATE"
);
sql!(DOCTOR_SOUND_SET = "UPDATE doctors SET name_sound = $2 WHERE id = $1");

/// Indexes the names of some doctors who were registered before names were indexed.
pub async fn catch_up(tx: &mut Tx) -> Result<()> {
    for doctor in tx.all::<Unsounded>(&DOCTORS_UNSOUNDED, args![]).await? {
        put(tx, doctor.id, &doctor.name).await?;
        tx.run(&DOCTOR_SOUND_SET, args![doctor.id, sounds(&doctor.name)]).await?;
    }
    Ok(())
}

sql!(DOCTOR_UNSOUNDED = "SELECT id AS value FROM doctors WHERE name_sound IS NULL LIMIT 1");

/// Whether there are such doctors.
pub async fn any_left(sql: &mut impl Sql) -> Result<bool> {
    Ok(sql.one::<DoctorId>(&DOCTOR_UNSOUNDED, args![]).await?.is_some())
}
