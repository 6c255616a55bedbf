//! On whose behalf an export reads: permission is asked for when it is made, not only when it was asked for.
use access::{Caller, Data, Grant, Read, Role};
use kernel::{App, Error, PatientId, Result, SessionId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Who looks.
pub enum Behalf {
    Caller(Caller),
    /// The operator at the machine, by the command line alone: no job is ever made on this behalf.
    Operator,
}

/// A caller as a job keeps them.
#[derive(Serialize, Deserialize)]
struct Args {
    actor: Uuid,
    role: Role,
    reference: Option<Uuid>,
    session: Option<SessionId>,
}

impl Behalf {
    pub fn to_args(&self) -> Result<Value> {
        let Self::Caller(Caller { actor, role, reference, session }) = self else {
            return Err(Error::internal("jobs are made on behalf of callers"));
        };
        let args = Args { actor: *actor, role: *role, reference: *reference, session: *session };
        serde_json::to_value(args).map_err(Error::internal)
    }

    pub fn of_args(args: &Value) -> Result<Self> {
        let Args { actor, role, reference, session } = Args::deserialize(args).map_err(Error::internal)?;
        Ok(Self::Caller(Caller { actor, role, reference, session }))
    }

    /// A grant over this data of this patient, decided now and on the audit chain.
    pub async fn grant<D: Data>(&self, app: &App, patient: PatientId) -> Result<Grant<Read, D>> {
        self.require_live(app).await?;
        match self {
            Self::Caller(caller) => Grant::ask(app, caller, patient).await,
            Self::Operator => Grant::for_operator(app, patient).await,
        }
    }

    /// Refuses to go on for somebody whose session has ended.
    pub async fn require_live(&self, app: &App) -> Result<()> {
        match self {
            Self::Caller(caller) if !caller.still_lives(app).await => {
                Err(Error::forbidden("the session that asked for the export has ended"))
            }
            _ => Ok(()),
        }
    }
}
