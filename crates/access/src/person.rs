//! One person under several ids: whoever treats or registered one of a person's records is related to all of them, when a
//! hospital that knew both merged them. An administrator's merge opens no record to anybody.
//!
//! Nothing is moved when records turn out to be one person's. Relations are given over the others too, with a note
//! `through` whom they came, so that what came can go again and nothing else does.
use std::collections::HashMap;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use kernel::{App, Error, PatientId, Result};
use store::{Args, Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;

use crate::{Action, Caller, Chart, Data, Grant, Kind, Read, Relation, decide};

sql!(
    GROUP_OF = "SELECT other.patient_id AS value
    FROM patient_groups AS one JOIN patient_groups AS other ON other.group_id = one.group_id
    WHERE one.patient_id = $1
    ORDER BY other.patient_id"
);
sql!(
    GROUP_PUT = "INSERT INTO patient_groups (patient_id, group_id, circle) VALUES ($1, $2, $3)
    ON CONFLICT (patient_id) DO UPDATE SET group_id = excluded.group_id, circle = excluded.circle"
);
sql!(
    /// Those of a person's records that share who is related to them.
    CIRCLE_OF = "SELECT other.patient_id AS value
    FROM patient_groups AS one
    JOIN patient_groups AS other ON other.group_id = one.group_id AND other.circle = one.circle
    WHERE one.patient_id = $1
    ORDER BY other.patient_id"
);
sql!(GROUP_HOLD = "SELECT group_id AS value FROM patient_groups WHERE patient_id = $1 FOR UPDATE");
sql!(GROUP_LEAVE = "DELETE FROM patient_groups WHERE patient_id = $1");
sql!(
    /// What began with this patient; what came through another goes back to that one.
    RELATIONS_BEGUN = "SELECT patient_id AS load_key, holder_id, kind, basis_id, opens, expires_at FROM care_relations
    WHERE patient_id = $1 AND through IS NULL AND ended_at IS NULL"
);
sql!(
    RELATION_SHARE =
        "INSERT INTO care_relations (id, patient_id, holder_id, kind, basis_id, started_at, through, opens,
        expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING"
);
sql!(
    RELATIONS_UNSHARE = "UPDATE care_relations SET ended_at = $3
    WHERE patient_id = $1 AND through = $2 AND ended_at IS NULL"
);

/// The records of this patient's person, ordered by id: most people have the one.
pub async fn group(sql: &mut impl Sql, patient: PatientId) -> Result<Vec<PatientId>> {
    let found: Vec<PatientId> = sql.all(&GROUP_OF, args![patient]).await?;
    Ok(if found.is_empty() { vec![patient] } else { found })
}

/// Lets one transaction at a time write what the head of a group is found by. Whoever asks has locked the row of a record of
/// the group before, and locks no other row of a patient after: those who merge and part lock all rows first.
pub async fn hold_group(tx: &mut Tx, head: PatientId) -> Result<()> {
    tx.one::<PatientId>(&GROUP_HOLD, args![head]).await?;
    Ok(())
}

struct Headed {
    patient_id: PatientId,
    group_id: PatientId,
}
from_row!(Headed { patient_id, group_id });

/// Records that are asked about in one statement.
const BATCH: usize = 256;

/// Of these records those that were merged, each with the one that stands for its person.
pub async fn heads_among(sql: &mut impl Sql, patients: &[PatientId]) -> Result<HashMap<PatientId, PatientId>> {
    let mut heads = HashMap::new();
    for some in patients.chunks(BATCH) {
        let among = Where::new("SELECT patient_id, group_id FROM patient_groups").among("patient_id", some);
        heads.extend(sql.find::<Headed>(among).await?.into_iter().map(|found| (found.patient_id, found.group_id)));
    }
    Ok(heads)
}

/// Whether those who are related to one record become related to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    Relations,
    /// The records are one person's, and each is open to those it was open to.
    Nothing,
}

/// The circle of each of these records: records of one circle share who is related to them. One that was never merged is a
/// circle of its own.
async fn circles(sql: &mut impl Sql, records: &[PatientId]) -> Result<HashMap<PatientId, Uuid>> {
    let mut circles: HashMap<PatientId, Uuid> = records.iter().map(|record| (*record, record.0)).collect();
    for some in records.chunks(BATCH) {
        let among = Where::new("SELECT patient_id, circle FROM patient_groups").among("patient_id", some);
        circles.extend(sql.find::<Circled>(among).await?.into_iter().map(|found| (found.patient_id, found.circle)));
    }
    Ok(circles)
}

struct Circled {
    patient_id: PatientId,
    circle: Uuid,
}
from_row!(Circled { patient_id, circle });

/// Makes the groups of two records one, which the first stands for. Every row is locked by the caller, so that no relation
/// begins meanwhile.
pub async fn join(
    tx: &mut Tx,
    (survivor, ours): (PatientId, &[PatientId]),
    (absorbed, theirs): (PatientId, &[PatientId]),
    sharing: Sharing,
    now: DateTime<Utc>,
) -> Result<()> {
    let members: Vec<PatientId> = ours.iter().chain(theirs).copied().collect();
    let mut circles = circles(tx, &members).await?;
    if sharing == Sharing::Relations {
        let of = |one: PatientId, side: &[PatientId]| -> Vec<PatientId> {
            side.iter().copied().filter(|member| circles.get(member) == circles.get(&one)).collect()
        };
        let (ours, theirs) = (of(survivor, ours), of(absorbed, theirs));
        for (from, to) in [(&ours, &theirs), (&theirs, &ours)] {
            spread(tx, from, to, now).await?;
        }
        // A name that no circle ever had: what was parted is not joined by chance.
        let circle = kernel::ids::new();
        circles.extend(ours.into_iter().chain(theirs).map(|member| (member, circle)));
    }
    put(tx, &members, survivor, &circles).await
}

async fn spread(tx: &mut Tx, from: &[PatientId], to: &[PatientId], now: DateTime<Utc>) -> Result<()> {
    let mut shared = Vec::new();
    for one in from {
        let begun: Vec<Relation> = tx.all(&RELATIONS_BEGUN, args![*one]).await?;
        let begun = begun.iter().filter(|relation| spreads(relation.kind));
        shared.extend(begun.flat_map(|relation| to.iter().map(|other| row(relation, *other, now))));
    }
    tx.run_each(&RELATION_SHARE, &shared).await?;
    Ok(())
}

async fn put(tx: &mut Tx, members: &[PatientId], head: PatientId, circles: &HashMap<PatientId, Uuid>) -> Result<()> {
    let row = |member: &PatientId| args![*member, head, circles.get(member).copied().unwrap_or(member.0)];
    let rows: Vec<Args> = members.iter().map(row).collect();
    tx.run_each(&GROUP_PUT, &rows).await?;
    Ok(())
}

/// Parts those who leave from those who stay: what came through one side to the other ends. The first of each side
/// stands for it from now on.
pub async fn part(tx: &mut Tx, staying: &[PatientId], leaving: &[PatientId], now: DateTime<Utc>) -> Result<()> {
    for one in staying {
        for other in leaving {
            tx.run(&RELATIONS_UNSHARE, args![*one, *other, now]).await?;
            tx.run(&RELATIONS_UNSHARE, args![*other, *one, now]).await?;
        }
    }
    let mut circles = circles(tx, &[staying, leaving].concat()).await?;
    let mut parted: HashMap<Uuid, Uuid> = HashMap::new();
    for one in leaving {
        let circle = circles.get(one).copied().unwrap_or(one.0);
        if staying.iter().any(|other| circles.get(other) == Some(&circle)) {
            let apart = kernel::ids::new();
            circles.insert(*one, *parted.entry(circle).or_insert(apart));
        }
    }
    for side in [staying, leaving] {
        match side {
            [alone] => drop(tx.run(&GROUP_LEAVE, args![*alone]).await?),
            [head, ..] => put(tx, side, *head, &circles).await?,
            [] => {}
        }
    }
    Ok(())
}

/// Whether a relation to one record is one to the others too: who treats, registered or validated a person does so by
/// whatever id, and whoever helps in an emergency needs the whole record.
///
/// What the patient's account of one record agreed to, or what was agreed with it, is not: that account sees that record
/// alone, whoever made it, and gives no more than it sees. Each kind is named, so that a new one has to be thought about.
fn spreads(kind: Kind) -> bool {
    match kind {
        Kind::AssignedDoctor
        | Kind::AttendingDoctor
        | Kind::AdmittingHospital
        | Kind::RegisteringHospital
        | Kind::RegisteringDoctor
        | Kind::ValidatingInstitution
        | Kind::TreatingInstitution
        | Kind::BreakGlass
        | Kind::Emergency => true,
        Kind::BookedDoctor
        | Kind::LinkedFacility
        | Kind::ConsentToDoctor
        | Kind::ConsentToHospital
        | Kind::Delegate => false,
    }
}

/// Gives a relation that begins over the person's other records too, as far as they share.
pub(crate) async fn share(tx: &mut Tx, relation: &Relation, now: DateTime<Utc>) -> Result<()> {
    if !spreads(relation.kind) {
        return Ok(());
    }
    let members: Vec<PatientId> = tx.all(&CIRCLE_OF, args![relation.load_key]).await?;
    let others = members.into_iter().filter(|member| *member != relation.load_key);
    let rows: Vec<Args> = others.map(|other| row(relation, other, now)).collect();
    tx.run_each(&RELATION_SHARE, &rows).await?;
    Ok(())
}

fn row(relation: &Relation, other: PatientId, now: DateTime<Utc>) -> Args {
    let Relation { load_key, holder_id, kind, basis_id, opens, expires_at } = relation;
    args![kernel::ids::new(), other, *holder_id, *kind, *basis_id, now, *load_key, opens.clone(), *expires_at]
}

impl<D: Data> Grant<Read, D> {
    /// Grants over the other records of the person, for most people none. Each is asked for and on the audit chain by
    /// itself; a record that was parted a moment ago is left out.
    pub async fn others(&self, app: &App, caller: &Caller) -> Result<Vec<Self>> {
        let members = group(&mut app.db(), self.patient()).await?;
        let mut grants = Vec::new();
        for other in members.into_iter().filter(|member| *member != self.patient()) {
            // The patient's account, and who has its consent, ask for nothing here: the record is theirs alone.
            let relations = crate::of_patient(&mut app.db(), other).await?;
            if !decide(caller, Action::Read, D::CATEGORY, other, &relations, app.clock().now()).is_allowed() {
                continue;
            }
            match Self::ask(app, caller, other).await {
                Ok(grant) => grants.push(grant),
                Err(error) if matches!(error.status(), StatusCode::NOT_FOUND | StatusCode::FORBIDDEN) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(grants)
    }
}

/// Grants to read the data of one person: over the record in the path (as [`Chart`] finds it), which comes first, and
/// over those that were merged with it.
pub struct Person<D: Data> {
    pub caller: Caller,
    grants: Vec<Grant<Read, D>>,
}

impl<D: Data> Deref for Person<D> {
    type Target = [Grant<Read, D>];
    fn deref(&self) -> &[Grant<Read, D>] {
        &self.grants
    }
}

impl<D: Data> FromRequestParts<App> for Person<D> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let Chart { caller, grant } = Chart::<Read, D>::from_request_parts(parts, app).await?;
        let mut others = grant.others(app, &caller).await?;
        let mut grants = vec![grant];
        grants.append(&mut others);
        Ok(Self { caller, grants })
    }
}

#[cfg(test)]
mod tests {
    use kernel::Text as _;

    use super::*;

    #[test]
    fn whoever_treats_one_record_of_a_person_treats_all_and_what_the_patient_gave_stays_with_one() {
        let table = [
            ("assigned_doctor", true),
            ("attending_doctor", true),
            ("admitting_hospital", true),
            ("registering_hospital", true),
            ("registering_doctor", true),
            ("booked_doctor", false),
            ("validating_institution", true),
            ("treating_institution", true),
            ("linked_facility", false),
            ("consent_to_doctor", false),
            ("consent_to_hospital", false),
            ("break_glass", true),
            ("delegate", false),
            ("emergency", true),
        ];
        let spread: Vec<(&str, bool)> = Kind::ALL.iter().map(|kind| (kind.word(), spreads(*kind))).collect();
        assert_eq!(spread, table);
    }
}
