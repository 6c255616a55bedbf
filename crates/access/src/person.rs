//! One person under several ids: whoever treats or registered one of a person's records is related to all of them.
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

use crate::{Action, Caller, Chart, Data, Grant, Kind, Read, Relation, decide};

sql!(
    GROUP_OF = "SELECT other.patient_id AS value
    FROM patient_groups AS one JOIN patient_groups AS other ON other.group_id = one.group_id
    WHERE one.patient_id = $1
    ORDER BY other.patient_id"
);
sql!(
    GROUP_PUT = "INSERT INTO patient_groups (patient_id, group_id) VALUES ($1, $2)
    ON CONFLICT (patient_id) DO UPDATE SET group_id = excluded.group_id"
);
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

/// Makes two groups of records one, which `head` stands for. Every row is locked by the caller, so that no relation
/// begins meanwhile.
pub async fn join(
    tx: &mut Tx,
    ours: &[PatientId],
    theirs: &[PatientId],
    head: PatientId,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut shared = Vec::new();
    for (from, to) in [(ours, theirs), (theirs, ours)] {
        for one in from {
            let begun: Vec<Relation> = tx.all(&RELATIONS_BEGUN, args![*one]).await?;
            let begun = begun.iter().filter(|relation| spreads(relation.kind));
            shared.extend(begun.flat_map(|relation| to.iter().map(|other| row(relation, *other, now))));
        }
    }
    tx.run_each(&RELATION_SHARE, &shared).await?;
    let members: Vec<Args> = ours.iter().chain(theirs).map(|member| args![*member, head]).collect();
    tx.run_each(&GROUP_PUT, &members).await?;
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
    for side in [staying, leaving] {
        match side {
            [alone] => drop(tx.run(&GROUP_LEAVE, args![*alone]).await?),
            [head, ..] => {
                let members: Vec<Args> = side.iter().map(|member| args![*member, *head]).collect();
                tx.run_each(&GROUP_PUT, &members).await?;
            }
            [] => {}
        }
    }
    Ok(())
}

/// Whether a relation to one record is one to the others too. What the patient's account of one record agreed to is not:
/// that account sees that record alone, whoever made it, and gives no more than it sees.
fn spreads(kind: Kind) -> bool {
    !matches!(kind, Kind::ConsentToDoctor | Kind::ConsentToHospital | Kind::Delegate)
}

/// Gives a relation that begins over the person's other records too.
pub(crate) async fn share(tx: &mut Tx, relation: &Relation, now: DateTime<Utc>) -> Result<()> {
    if !spreads(relation.kind) {
        return Ok(());
    }
    let members = group(tx, relation.load_key).await?;
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
