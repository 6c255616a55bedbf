//! Marking an entry of a chart as sensitive, and taking the mark away.
use access::data::{Records, Sensitive};
use access::{Caller, Grant, Mark, Role, Write};
use kernel::{App, Error, PatientId, Result};
use store::Tx;

use crate::model::{Entry, SensitiveIn};
use crate::queries::{conditions, prescriptions, records, sensitive};
use crate::{lookup, tell};

/// By which right an entry is marked.
pub enum Permit {
    /// The patient's own, over every entry.
    Own(Grant<Write, Sensitive>),
    /// Of those who chart, over what they see.
    Charting(Grant<Write, Records>),
}

impl Permit {
    pub async fn ask(app: &App, caller: &Caller, patient: PatientId) -> Result<Self> {
        match caller.role {
            Role::Patient => Grant::ask(app, caller, patient).await.map(Self::Own),
            _ => Grant::ask(app, caller, patient).await.map(Self::Charting),
        }
    }

    fn patient(&self) -> PatientId {
        match self {
            Self::Own(grant) => grant.patient(),
            Self::Charting(grant) => grant.patient(),
        }
    }

    fn shows(&self, mark: Mark) -> bool {
        match self {
            Self::Own(_) => true,
            Self::Charting(grant) => grant.shows(mark),
        }
    }
}

/// Says whether an entry is sensitive. 404 for one that the caller does not see. A mark on a record is put on the
/// prescriptions that rest on it too: they would tell what it is about.
pub async fn mark(app: &App, tx: &mut Tx, caller: &Caller, permit: &Permit, said: &SensitiveIn) -> Result<()> {
    let (patient, now) = (permit.patient(), app.clock().now());
    lookup::active(tx, patient).await?;
    let mark = mark_of(tx, patient, said).await?.filter(|mark| permit.shows(*mark));
    let mark = mark.ok_or_else(|| Error::not_found(kernel::Text::word(&said.kind)))?;
    if mark.is_sensitive == said.is_sensitive {
        return Ok(());
    }
    sensitive::set(tx, (said.kind, said.id), said.is_sensitive, now).await?;
    let deed = if said.is_sensitive { "patient.mark_sensitive" } else { "patient.unmark_sensitive" };
    tell::audit(tx, caller, deed, patient, format!("{} {}", said.kind, said.id), now);
    tell::event(app, tx, "chart.marked", patient, said.id, now);
    Ok(())
}

async fn mark_of(tx: &mut Tx, patient: PatientId, said: &SensitiveIn) -> Result<Option<Mark>> {
    let name = said.id.to_string();
    Ok(match said.kind {
        Entry::Condition => conditions::lock(tx, patient, said.id).await?.map(|found| found.mark()),
        Entry::Record => records::find(tx, patient, &name).await?.map(|found| found.mark()),
        Entry::Prescription => prescriptions::find(tx, patient, &name).await?.map(|found| found.mark()),
    })
}
