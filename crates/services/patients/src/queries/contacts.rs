//! The table of family contacts.
use kernel::{PageQuery, PatientId, Result};
use store::{Sql, Tx, args, sql};
use uuid::Uuid;

use crate::model::FamilyContact;

sql!(
    CONTACT_ADD = "INSERT INTO family_contacts (id, patient_id, name, relationship, contact, email, is_primary,
        is_emergency_contact, created_by, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
);

/// Adds contacts, of whom at most one is primary. `by` is the account that names them.
pub async fn add(tx: &mut Tx, contacts: &[FamilyContact], by: Uuid) -> Result<()> {
    let row = |c: &FamilyContact| {
        args![
            c.id,
            c.patient_id,
            &c.name,
            &c.relationship,
            &c.contact,
            &c.email,
            c.is_primary,
            c.is_emergency_contact,
            by,
            c.created_at,
            c.updated_at,
        ]
    };
    let rows: Vec<_> = contacts.iter().map(row).collect();
    tx.run_each(&CONTACT_ADD, &rows).await?;
    Ok(())
}

sql!(
    CONTACT_PRIMARY = "SELECT id, patient_id, name, relationship, contact, email, is_primary, is_emergency_contact,
        created_at, updated_at
    FROM family_contacts
    WHERE patient_id = $1 AND is_primary
    FOR UPDATE"
);

/// A patient's primary contact, who does not change until the transaction ends.
pub async fn primary(tx: &mut Tx, patient: PatientId) -> Result<Option<FamilyContact>> {
    Ok(tx.one(&CONTACT_PRIMARY, args![patient]).await?)
}

sql!(
    CONTACTS_OF = "SELECT id, patient_id, name, relationship, contact, email, is_primary, is_emergency_contact,
        created_at, updated_at
    FROM family_contacts
    WHERE patient_id = $1 AND id > $2
    ORDER BY id
    LIMIT $3 OFFSET $4"
);

/// A patient's contacts in the order they were named.
pub async fn of_patient(sql: &mut impl Sql, patient: PatientId, page: &PageQuery) -> Result<Vec<FamilyContact>> {
    let after = page.after()?.unwrap_or_default();
    Ok(sql.all(&CONTACTS_OF, args![patient, after, page.rows(), page.skip()]).await?)
}

sql!(
    CONTACT_IN_EMERGENCY =
        "SELECT id, patient_id, name, relationship, contact, email, is_primary, is_emergency_contact, created_at,
        updated_at
    FROM family_contacts
    WHERE patient_id = $1 AND is_emergency_contact
    ORDER BY is_primary DESC, id
    LIMIT 1"
);

/// Who is called in an emergency: the primary contact, if that is one for emergencies, or else the one named first.
pub async fn in_emergency(sql: &mut impl Sql, patient: PatientId) -> Result<Option<FamilyContact>> {
    Ok(sql.one(&CONTACT_IN_EMERGENCY, args![patient]).await?)
}

sql!(
    CONTACT_LOCK = "SELECT id, patient_id, name, relationship, contact, email, is_primary, is_emergency_contact,
        created_at, updated_at
    FROM family_contacts
    WHERE id = $1 AND patient_id = $2
    FOR UPDATE"
);

/// A patient's contact, who does not change until the transaction ends.
pub async fn lock(tx: &mut Tx, patient: PatientId, id: Uuid) -> Result<Option<FamilyContact>> {
    Ok(tx.one(&CONTACT_LOCK, args![id, patient]).await?)
}

sql!(
    CONTACT_CHANGE = "UPDATE family_contacts
    SET name = $2, relationship = $3, contact = $4, email = $5, is_primary = $6, is_emergency_contact = $7,
        updated_at = $8
    WHERE id = $1"
);

/// Writes what is said of a contact now.
pub async fn change(tx: &mut Tx, c: &FamilyContact) -> Result<()> {
    let row = args![
        c.id,
        &c.name,
        &c.relationship,
        &c.contact,
        &c.email,
        c.is_primary,
        c.is_emergency_contact,
        c.updated_at,
    ];
    tx.run(&CONTACT_CHANGE, row).await?;
    Ok(())
}

sql!(CONTACT_REMOVE = "DELETE FROM family_contacts WHERE id = $1");

/// Forgets a contact.
pub async fn remove(tx: &mut Tx, id: Uuid) -> Result<()> {
    tx.run(&CONTACT_REMOVE, args![id]).await?;
    Ok(())
}
