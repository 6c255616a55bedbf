//! Rotation of patients' keys: begun by the operator, and carried on in the background while everything is served.
//!
//! Three jobs, one after another. The first tells of a new version for each patient. When every process knows it, the second
//! puts it in use and seals anew what lies under older versions. When whoever still held one of those has let go of it, the
//! third looks once more, and destroys older versions under which nothing is left.
use access::{Caller, Entry};
use chrono::{DateTime, TimeDelta, Utc};
use jobs::{Job, JobId, NewJob, Run};
use kernel::{App, Error, PageQuery, PatientId, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Tx;
use uuid::Uuid;
use vault::{Pass, STAYS_FOR, SealedColumn, TOLD_FOR, Vault};

/// The kind of the jobs.
pub const KIND: &str = "key_rotation";
/// How often one is begun at most. It goes on where it was, so being killed often is no reason to give up.
pub const ATTEMPTS: i64 = 1000;
/// Patients asked for at a time.
const PATIENTS: i64 = 100;
/// When what was written during the last look is looked at again.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// What one job does, and for whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Plan {
    step: Step,
    /// Everybody, when left out.
    patient: Option<PatientId>,
    /// Keys that were made since are new enough.
    began: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Tell,
    Renew,
    Retire,
}

/// How a rotation stands: its newest job.
pub struct Rotation {
    pub job: Job,
    /// A word for what it does.
    pub step: String,
}

/// Every column that holds values sealed with patients' keys, by the crate it belongs to.
pub fn sealed_columns() -> impl Iterator<Item = (&'static str, &'static SealedColumn)> {
    let all = [
        ("vault", vault::SEALED),
        ("signals", signals::SEALED),
        ("patients", patients::SEALED),
        ("hospitals", hospitals::SEALED),
        ("appointments", appointments::SEALED),
        ("consents", consents::SEALED),
        ("emergency", emergency::SEALED),
        ("ward", ward::SEALED),
        ("wearables", wearables::SEALED),
        ("hcgateway", hcgateway::SEALED),
        ("providers", providers::SEALED),
        ("facilities", facilities::SEALED),
        ("portability", crate::sealed::SEALED),
    ];
    all.into_iter().flat_map(|(owner, columns)| columns.iter().map(move |column| (owner, column)))
}

/// Begins to give a patient, or everybody, a new key. 409 while the last rotation goes on.
pub async fn rotate_keys(app: &App, patient: Option<PatientId>) -> Result<JobId> {
    let (operator, began) = (Caller::operator(), app.clock().now());
    if let Some(patient) = patient {
        app.edge::<Vault>().key(&app.db(), patient).await?;
    }
    let mut tx = app.db().begin().await?;
    if jobs::open_of(&mut tx, KIND, subject(patient)).await?.is_some() {
        return Err(Error::conflict("the last rotation goes on still"));
    }
    let id = put_down(app, &mut tx, &Plan { step: Step::Tell, patient, began }, None).await?;
    let entry = Entry::of(&operator, "data_key.rotate", id, began);
    access::record(&mut tx, Entry { patient, ..entry });
    tx.commit().await?;
    Ok(id)
}

/// The jobs that rotated a patient's key, or everybody's, the last one first.
pub async fn rotations(app: &App, patient: Option<PatientId>) -> Result<Vec<Rotation>> {
    let found = jobs::of_subject(&mut app.db(), KIND, subject(patient), &PageQuery::default()).await?;
    let step = |job: &Job| job.args["step"].as_str().unwrap_or_default().to_owned();
    Ok(found.into_iter().map(|job| Rotation { step: step(&job), job }).collect())
}

fn subject(patient: Option<PatientId>) -> Uuid {
    patient.map_or(Uuid::nil(), |patient| patient.0)
}

async fn put_down(app: &App, tx: &mut Tx, plan: &Plan, run_after: Option<DateTime<Utc>>) -> Result<JobId> {
    let args = serde_json::to_value(plan).map_err(Error::internal)?;
    let (subject, by) = (subject(plan.patient), Caller::operator().actor);
    jobs::enqueue(app, tx, NewJob { kind: KIND, subject, args, by, run_after }).await
}

/// Does one job: its step for each patient, one after another; then the next job is put down. One that was killed goes on
/// after the last patient it had finished, and to do a step twice changes nothing.
pub async fn carry_on(app: &App, run: &Run) -> Result<Value> {
    let plan: Plan = serde_json::from_value(run.job.args.clone()).map_err(Error::internal)?;
    let total = Vault::count_keys(&mut app.db()).await?.patients.max(1);
    let mut walk = Walk::begun(run.job.progress_note.as_deref());
    let mut whole = Pass::default();
    loop {
        let patients = plan.next(app, walk.last).await?;
        for patient in &patients {
            let pass = plan.prepare(app, *patient).await?;
            whole += pass.unwrap_or_default();
            walk.pass_by(*patient);
            let (mut tx, now) = (app.db().begin().await?, app.clock().now());
            plan.finish(app, &mut tx, *patient, pass).await?;
            run.report(&mut tx, 100 * walk.done / total, &walk.note(), now).await?;
            tx.commit().await?;
        }
        if patients.is_empty() {
            break;
        }
    }
    plan.follow_up(app, whole).await?;
    Ok(json!({"patients": walk.done, "renewed": whole.renewed, "damaged": whole.damaged}))
}

impl Plan {
    /// The patients that come after one.
    async fn next(&self, app: &App, last: PatientId) -> Result<Vec<PatientId>> {
        let mut db = app.db();
        match (self.patient, self.step) {
            (Some(patient), _) => Ok(if patient == last { Vec::new() } else { vec![patient] }),
            (None, Step::Tell) => Vault::keyed_before(&mut db, last, self.began, PATIENTS).await,
            (None, Step::Renew | Step::Retire) => Vault::with_several(&mut db, last, PATIENTS).await,
        }
    }

    /// Seals anew what is not under the newest version in use; none when there is no other, or the patient was erased.
    async fn prepare(&self, app: &App, patient: PatientId) -> Result<Option<Pass>> {
        let vault = app.edge::<Vault>();
        match self.step {
            Step::Tell => return Ok(None),
            Step::Renew => {
                let mut tx = app.db().begin().await?;
                vault.use_new(&mut tx, patient, app.clock().now()).await?;
                tx.commit().await?;
            }
            Step::Retire => {}
        }
        let key = vault.key_if_there(&app.db(), patient).await?;
        if !key.is_some_and(|key| key.has_older()) {
            return Ok(None);
        }
        let mut pass = Pass::default();
        for (_, column) in sealed_columns() {
            pass += column.renew(app, patient).await?;
        }
        Ok(Some(pass))
    }

    async fn finish(&self, app: &App, tx: &mut Tx, patient: PatientId, pass: Option<Pass>) -> Result<()> {
        let (vault, now) = (app.edge::<Vault>(), app.clock().now());
        match self.step {
            Step::Tell => vault.tell_of_new(tx, patient, self.began, now).await.map(drop),
            Step::Retire if pass.is_some_and(Pass::is_clean) => {
                let retired = vault.retire_old(tx, patient, now).await?;
                if retired > 0 {
                    let entry = Entry::of(&Caller::operator(), "data_key.retire", patient, now).about(patient);
                    access::record(tx, entry.because(format!("{retired} older versions, which nothing is under")));
                }
                Ok(())
            }
            Step::Renew | Step::Retire => Ok(()),
        }
    }

    /// Puts the next job down. When this process is killed just then, it is put down twice; the second finds nothing to do.
    async fn follow_up(&self, app: &App, whole: Pass) -> Result<()> {
        let (step, wait) = match self.step {
            Step::Tell => (Step::Renew, TOLD_FOR),
            Step::Renew => (Step::Retire, STAYS_FOR),
            Step::Retire if whole.renewed + whole.overtaken > 0 => (Step::Retire, LOOK_AGAIN),
            Step::Retire => return Ok(()),
        };
        let mut tx = app.db().begin().await?;
        put_down(app, &mut tx, &Self { step, ..self.clone() }, Some(app.clock().now() + wait)).await?;
        Ok(tx.commit().await?)
    }
}

/// How far a job is, in the order of the patients' ids.
struct Walk {
    done: i64,
    last: PatientId,
}

impl Walk {
    /// From where an earlier attempt came to, by its note.
    fn begun(note: Option<&str>) -> Self {
        let read = note.and_then(|note| note.split_once(" patients, up to "));
        let read = read.and_then(|(done, last)| Some((done.parse().ok()?, last.parse().ok()?)));
        let (done, last) = read.unwrap_or((0, PatientId(Uuid::nil())));
        Self { done, last }
    }

    fn pass_by(&mut self, patient: PatientId) {
        (self.done, self.last) = (self.done + 1, patient);
    }

    fn note(&self) -> String {
        format!("{} patients, up to {}", self.done, self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_goes_on_where_the_one_before_it_came_to() {
        let mut walk = Walk::begun(None);
        assert_eq!((walk.done, walk.last), (0, PatientId(Uuid::nil())));
        walk.pass_by(PatientId(Uuid::from_u128(7)));
        let again = Walk::begun(Some(&walk.note()));
        assert_eq!((again.done, again.last), (1, PatientId(Uuid::from_u128(7))));
    }
}
