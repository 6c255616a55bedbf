//! Figures over all emergencies: counts alone, which tell of no patient.
use kernel::Result;
use store::Sql;

use crate::model::{EmergencyStatistics, Severity, Status};
use crate::queries;

pub async fn statistics(sql: &mut impl Sql) -> Result<EmergencyStatistics> {
    let figures = queries::figures(sql).await?;
    let of = |status| figures.iter().filter(|f| f.status == status).map(|f| f.count).sum();
    let times = queries::answer_times(sql).await?;
    Ok(EmergencyStatistics {
        total_alerts: figures.iter().map(|f| f.count).sum(),
        active_alerts: of(Status::Active),
        acknowledged_alerts: of(Status::Acknowledged),
        responding_alerts: of(Status::Responding),
        resolved_alerts: of(Status::Resolved),
        false_alarms: of(Status::FalseAlarm),
        critical_alerts: figures.iter().filter(|f| f.severity == Severity::Critical).map(|f| f.count).sum(),
        average_response_seconds: (!times.is_empty()).then(|| times.iter().sum::<f64>() / times.len() as f64),
    })
}
