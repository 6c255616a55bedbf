//! The ten documented rules and NEWS2 with their thresholds, severities and words.

use crate::news2::Scale;
use crate::rule::{Condition, Limit, Rule, RuleId, Seconds, Severity, Side};
use crate::ruleset::{News2Rule, RuleSet};
use crate::vital::Vital;

impl RuleSet {
    /// The documented rules, which fire at once, and NEWS2. The hysteresis margins are ours: small enough that a patient who
    /// has recovered is not kept on the board, wide enough that a value hovering at a limit makes one alert and not twenty.
    pub fn documented() -> Self {
        use Severity::{Critical, High, Medium};
        use Side::{Above, Below};
        use Vital::{BpDiastolic, BpSystolic, HeartRate, RespRate, Spo2, Temperature};
        let limit = |vital, side, limit, hysteresis| Limit { vital, side, limit, hysteresis };
        let rule = |severity, condition, message: &str| Rule {
            on: true,
            severity,
            condition,
            dwell: Seconds(0),
            message: message.to_owned(),
        };
        let one = |severity, one, message| rule(severity, Condition::Any(vec![one]), message);
        let rules = [
            (
                RuleId::Tachycardia,
                one(High, limit(HeartRate, Above, 130.0, 5.0), "High Heart Rate detected: {heart_rate} BPM"),
            ),
            (
                RuleId::Bradycardia,
                one(High, limit(HeartRate, Below, 50.0, 3.0), "Low Heart Rate detected: {heart_rate} BPM"),
            ),
            (RuleId::Hypoxia, one(High, limit(Spo2, Below, 90.0, 2.0), "Low Oxygen Saturation detected: {spo2}%")),
            (
                RuleId::Fever,
                one(Medium, limit(Temperature, Above, 38.5, 0.5), "High Temperature detected: {temperature} °C"),
            ),
            (
                RuleId::Hypertension,
                rule(
                    High,
                    Condition::Any(vec![limit(BpSystolic, Above, 180.0, 10.0), limit(BpDiastolic, Above, 110.0, 5.0)]),
                    "High Blood Pressure detected: {bp_systolic}/{bp_diastolic} mmHg",
                ),
            ),
            (
                RuleId::Hypotension,
                one(
                    High,
                    limit(BpSystolic, Below, 90.0, 5.0),
                    "Low Systolic Blood Pressure detected: {bp_systolic} mmHg",
                ),
            ),
            (
                RuleId::Tachypnea,
                one(
                    Medium,
                    limit(RespRate, Above, 24.0, 2.0),
                    "High Respiratory Rate detected: {resp_rate} breaths/min",
                ),
            ),
            (
                RuleId::Bradypnea,
                one(High, limit(RespRate, Below, 8.0, 2.0), "Low Respiratory Rate detected: {resp_rate} breaths/min"),
            ),
            (
                RuleId::SepsisRisk,
                rule(
                    Critical,
                    Condition::All(vec![
                        limit(Temperature, Above, 38.5, 0.5),
                        limit(HeartRate, Above, 100.0, 5.0),
                        limit(RespRate, Above, 20.0, 2.0),
                    ]),
                    "Sepsis Risk detected: Temperature {temperature} °C, Heart Rate {heart_rate} BPM, \
                     Respiratory Rate {resp_rate} breaths/min",
                ),
            ),
            (
                RuleId::RespiratoryDistress,
                rule(
                    Critical,
                    Condition::All(vec![limit(Spo2, Below, 92.0, 2.0), limit(RespRate, Above, 24.0, 2.0)]),
                    "Respiratory Distress detected: Oxygen Saturation {spo2}%, Respiratory Rate {resp_rate} breaths/min",
                ),
            ),
        ];
        RuleSet { rules: rules.into(), news2: News2Rule::documented(), normal_for: Seconds(300) }
    }
}

impl News2Rule {
    /// Urgent from 5 points, an emergency from 7 (Royal College of Physicians, 2017); normal again at 3.
    pub fn documented() -> Self {
        News2Rule {
            on: true,
            scale: Scale::One,
            urgent: 5,
            urgent_severity: Severity::High,
            emergency: 7,
            emergency_severity: Severity::Critical,
            hysteresis: 2,
            dwell: Seconds(0),
        }
    }
}
