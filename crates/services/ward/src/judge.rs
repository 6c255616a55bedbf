//! From a stored reading to alerts: the rules decide, this writes what they decided.
use chrono::{DateTime, Utc};
use emergency::{Answer, NewEmergency, Severity};
use events::Log;
use kernel::{AlertId, EncounterId, Error, HospitalId, Result, Text as _};
use patients::EmergencyKind;
use rules::{Decision, Explanation, Picture, RuleId, RuleSet, State, Vital};
use serde_json::{Value, json};
use signals::{Latest, Metric, Reading};
use store::Tx;
use vault::PatientKey;

use crate::alerts::{self, Detail, Ending, NewAlert};
use crate::model::{AlertStatus, Raised, severity as severity_of};

/// NEWS2 is for patients of this age in years and above (Royal College of Physicians, 2017).
pub const NEWS2_FROM_AGE: u32 = 16;

/// The event log's topic.
pub const TOPIC: &str = "alerts";

/// What a reading is judged with.
pub struct Case<'a> {
    pub log: &'a Log,
    pub rules: &'a RuleSet,
    pub key: &'a PatientKey,
    pub relations: &'a [access::Relation],
    pub encounter: Option<EncounterId>,
    pub hospital: Option<HospitalId>,
    pub now: DateTime<Utc>,
}

impl Case<'_> {
    /// Judges one reading, writes the alerts that follow, and answers those it opened or made worse.
    pub async fn judge(
        &self,
        tx: &mut Tx,
        latest: &Latest,
        state: &mut State,
        reading: &Reading,
    ) -> Result<Vec<Raised>> {
        let decisions = self.decide(tx, &picture(latest), state, &reading_for_rules(reading)).await?;
        let mut raised = Vec::new();
        for decision in decisions {
            raised.extend(self.write(tx, decision, reading.at).await?);
        }
        Ok(raised)
    }

    /// What the rules say to a reading; `state` is what they remember of it.
    pub async fn decide(
        &self,
        tx: &mut Tx,
        picture: &Picture,
        state: &mut State,
        seen: &rules::Reading,
    ) -> Result<Vec<Decision>> {
        let (mut next, mut decisions) = rules::judge(self.rules, state, picture, seen);
        if decisions.iter().any(|d| d.rule() == RuleId::News2) && self.is_a_child(tx).await? {
            // NEWS2 is not for patients under sixteen. Asked only when it matters, so that a reading costs no look-up.
            let mut without = self.rules.clone();
            without.news2.on = false;
            (next, decisions) = rules::judge(&without, state, picture, seen);
        }
        *state = next;
        Ok(decisions)
    }

    async fn is_a_child(&self, tx: &mut Tx) -> Result<bool> {
        let card = patients::card(tx, self.key.patient()).await?;
        Ok(card.is_some_and(|card| card.age(self.now) < NEWS2_FROM_AGE))
    }

    async fn write(&self, tx: &mut Tx, decision: Decision, at: DateTime<Utc>) -> Result<Option<Raised>> {
        self.write_of(tx, decision, at, None).await
    }

    /// Writes what was decided over a reading of this source; none is the bedside.
    pub async fn write_of(
        &self,
        tx: &mut Tx,
        decision: Decision,
        at: DateTime<Utc>,
        source: Option<&Value>,
    ) -> Result<Option<Raised>> {
        match decision {
            Decision::Opened { rule, severity, message, explanation } => {
                self.open(tx, rule, severity_of(severity), detail(message, &explanation, source)?, at).await.map(Some)
            }
            Decision::Repeated { rule, repeats, .. } => {
                alerts::seen(tx, self.key.patient(), rule.code(), at, i64::from(repeats)).await.map(|()| None)
            }
            Decision::Worsened { rule, severity, repeats, message, explanation, .. } => {
                let worse = (severity_of(severity), i64::from(repeats));
                self.worsen(tx, rule, worse, detail(message, &explanation, source)?, at).await
            }
            Decision::Closed { rule, reason } => self.close(tx, rule, &reason.to_string()).await.map(|()| None),
        }
    }

    async fn open(
        &self,
        tx: &mut Tx,
        rule: RuleId,
        severity: Severity,
        detail: Detail,
        at: DateTime<Utc>,
    ) -> Result<Raised> {
        let explanation = detail.explanation.clone();
        let raised = self.open_quietly(tx, rule, severity, detail, at).await?;
        self.call_for_help(tx, raised.id, severity, &raised.message, explanation).await?;
        Ok(raised)
    }

    /// Opens an alert that calls nobody: by the time it is known of, it is over.
    pub async fn open_quietly(
        &self,
        tx: &mut Tx,
        rule: RuleId,
        severity: Severity,
        detail: Detail,
        at: DateTime<Utc>,
    ) -> Result<Raised> {
        let message = detail.message.clone();
        let new = NewAlert { key: self.key, encounter: self.encounter, rule: rule.code(), severity, detail, at };
        let id = alerts::add(tx, &new).await?;
        self.emit(tx, id, rule, "opened", severity);
        Ok(Raised { id, r#type: rule.code().to_owned(), severity, message })
    }

    async fn worsen(
        &self,
        tx: &mut Tx,
        rule: RuleId,
        (severity, repeats): (Severity, i64),
        detail: Detail,
        at: DateTime<Utc>,
    ) -> Result<Option<Raised>> {
        let Some(row) = alerts::open_one(tx, self.key.patient(), rule.code()).await? else { return Ok(None) };
        alerts::worsen(tx, &row, self.key, severity, repeats, &detail, at).await?;
        self.emit(tx, row.id, rule, "worsened", severity);
        self.call_for_help(tx, row.id, severity, &detail.message, detail.explanation).await?;
        Ok(Some(Raised { id: row.id, r#type: rule.code().to_owned(), severity, message: detail.message }))
    }

    async fn close(&self, tx: &mut Tx, rule: RuleId, why: &str) -> Result<()> {
        let Some(row) = alerts::open_one(tx, self.key.patient(), rule.code()).await? else { return Ok(()) };
        let ending = Ending { status: AlertStatus::Closed, by: None, notes: Some(why.to_owned()), at: self.now };
        alerts::end(tx, &row, self.key, &ending).await?;
        self.emit(tx, row.id, rule, "closed", row.severity);
        let answer = Answer { notes: Some(why.to_owned()), ..Answer::default() };
        emergency::end_of_alert(tx, self.log, self.key, row.id, answer, self.now).await
    }

    /// High and critical alerts are emergencies: they go to the stream.
    async fn call_for_help(
        &self,
        tx: &mut Tx,
        alert: AlertId,
        severity: Severity,
        message: &str,
        why: Value,
    ) -> Result<()> {
        if matches!(severity, Severity::Low | Severity::Medium) {
            return Ok(());
        }
        let new = NewEmergency {
            reference: None,
            hospital: self.hospital,
            alert: Some(alert),
            kind: EmergencyKind::AbnormalVitals,
            severity,
            description: message.to_owned(),
            triggered_by: if why.get(SOURCE).is_some() { "wearable" } else { "vitals" }.to_owned(),
            trigger_data: Some(why),
            location: None,
        };
        emergency::raise(tx, self.log, self.key, self.relations, new, self.now).await.map(drop)
    }

    fn emit(&self, tx: &mut Tx, id: AlertId, rule: RuleId, event: &str, severity: Severity) {
        let body = json!({
            "event": event, "alert_id": id, "type": rule.code(), "severity": severity.word(),
            "patient_id": self.key.patient(), "encounter_id": self.encounter,
        });
        self.log.emit(tx, TOPIC, self.key.patient().0, body, self.now);
    }
}

/// The member of an explanation that says what the reading came from, when that is not the bedside.
pub const SOURCE: &str = "source";

pub fn detail(message: String, explanation: &Explanation, source: Option<&Value>) -> Result<Detail> {
    let mut explanation = serde_json::to_value(explanation).map_err(Error::internal)?;
    if let (Some(members), Some(source)) = (explanation.as_object_mut(), source) {
        members.insert(SOURCE.to_owned(), source.clone());
    }
    Ok(Detail { message, explanation, resolution_notes: None })
}

/// The vital that a metric is; none of what wearables measure besides.
pub fn vital(metric: Metric) -> Option<Vital> {
    Some(match metric {
        Metric::HeartRate => Vital::HeartRate,
        Metric::RespRate => Vital::RespRate,
        Metric::Spo2 => Vital::Spo2,
        Metric::Temperature => Vital::Temperature,
        Metric::BpSystolic => Vital::BpSystolic,
        Metric::BpDiastolic => Vital::BpDiastolic,
        Metric::BpMean => Vital::BpMean,
        _ => return None,
    })
}

fn consciousness(word: &str) -> Option<rules::Consciousness> {
    serde_json::from_value(json!(word)).ok()
}

fn reading_for_rules(reading: &Reading) -> rules::Reading {
    let mut seen = rules::Reading::new(reading.at);
    for (metric, value) in &reading.measured.values {
        if let Some(vital) = vital(*metric) {
            seen.values.set(vital, *value);
        }
    }
    seen.on_oxygen = reading.measured.on_oxygen;
    seen.consciousness = reading.measured.consciousness.as_deref().and_then(consciousness);
    seen
}

/// The newest values as the rules see them.
pub fn picture(latest: &Latest) -> Picture {
    let mut picture = Picture::default();
    for (metric, sample) in latest.samples() {
        if let Some(vital) = vital(metric) {
            picture.fold(&rules::Reading::new(sample.at).with(vital, sample.value));
        }
    }
    if let Some((on, at)) = latest.on_oxygen() {
        picture.fold(&rules::Reading::new(at).with_oxygen(on));
    }
    if let Some((state, at)) = latest.consciousness().and_then(|(word, at)| Some((consciousness(word)?, at))) {
        picture.fold(&rules::Reading::new(at).with_consciousness(state));
    }
    picture
}
