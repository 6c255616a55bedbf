//! Reading a record's numbers: each becomes a point, or a reason why it does not.
use chrono::{DateTime, Utc};
use serde_json::Value;
use signals::{Metric, Point, Quality};

use super::quantity::{NUMBER, TEMPERATURE};
use super::table::{Member, Shape, shape};
use crate::quarantine::OF_ONE_BODY;
use crate::record::{Header, micros};

/// What a record says as numbers.
#[derive(Debug, Default)]
pub struct Reading {
    pub points: Vec<Point>,
    /// What was left out: the member, and why. Of very much the first.
    pub left_out: Vec<(String, String)>,
}

/// The numbers of a record of this kind; none of a kind that says none.
pub fn read(kind: &str, (header, version): (&Header, i64), record: &Value, now: DateTime<Utc>) -> Reading {
    let mut reading = Reading::default();
    let at = Place { from: header.from.timestamp_micros(), to: header.to.timestamp_micros() };
    let quality = if header.is_manual { Quality::MANUAL } else { Quality::NONE };
    let mut reader = Reader { version, quality, now, reading: &mut reading };
    match shape(kind) {
        None => {}
        Some(Shape::Values(members)) => members.iter().for_each(|member| reader.value("", member, record, at)),
        Some(Shape::Meal(members)) => {
            members.iter().filter(|member| is_said(member, record)).for_each(|m| reader.value("", m, record, at));
        }
        Some(Shape::Samples(member)) => reader.samples(member, record),
        Some(Shape::Sleep) => reader.sleep(record, at),
        Some(Shape::Skin) => reader.skin(record),
        Some(Shape::Lasting(metric)) => reader.point("endTime", metric, minutes(at.to - at.from), "min", at),
    }
    if is_upside_down(&reading.points) {
        reading.points.retain(|point| ![Metric::BpSystolic, Metric::BpDiastolic].contains(&point.metric));
        reading.left_out.push(("diastolic".to_owned(), "is above the systolic".to_owned()));
    }
    reading
}

/// Whether the pressure between two beats is said to be above that of the beat.
fn is_upside_down(points: &[Point]) -> bool {
    let of = |metric: Metric| points.iter().find(|point| point.metric == metric).and_then(|point| point.value);
    of(Metric::BpSystolic).zip(of(Metric::BpDiastolic)).is_some_and(|(systolic, diastolic)| systolic < diastolic)
}

/// A quantity that is missing comes as zeros.
fn is_said(member: &Member, record: &Value) -> bool {
    record.get(member.name).is_some_and(|value| member.quantity.read(value).is_none_or(|(number, _)| number != 0.0))
        && !record[member.name].is_null()
}

fn minutes(micros: i64) -> f64 {
    micros as f64 / 60e6
}

/// From when to when, in microseconds since 1970.
#[derive(Debug, Clone, Copy)]
struct Place {
    from: i64,
    to: i64,
}

struct Reader<'a> {
    version: i64,
    quality: Quality,
    now: DateTime<Utc>,
    reading: &'a mut Reading,
}

impl Reader<'_> {
    fn leave_out(&mut self, member: impl Into<String>, why: impl Into<String>) {
        if self.reading.left_out.len() >= OF_ONE_BODY {
            return;
        }
        self.reading.left_out.push((member.into(), why.into()));
    }

    fn point(&mut self, member: &str, metric: Metric, number: f64, unit: &str, at: Place) {
        if let Err(why) = wearables::plausible_for(metric, at.from, at.to, self.now) {
            return self.leave_out(member, why);
        }
        match signals::convert(metric, number, unit) {
            Ok(value) => {
                let (version, quality) = (self.version, self.quality);
                let point = Point { metric, from: at.from, to: at.to, value: Some(value), version, quality };
                self.reading.points.push(point);
            }
            Err(why) => self.leave_out(member, why.to_string()),
        }
    }

    fn value(&mut self, within: &str, member: &Member, object: &Value, at: Place) {
        let name = format!("{within}{}", member.name);
        match object.get(member.name).map(|value| member.quantity.read(value)) {
            Some(Some((number, unit))) => self.point(&name, member.metric, number, unit, at),
            Some(None) => self.leave_out(name, "is no number, nor a quantity in a known unit"),
            None => self.leave_out(name, "is missing"),
        }
    }

    fn samples(&mut self, member: &Member, record: &Value) {
        for (place, sample) in self.list("samples", record).iter().enumerate() {
            let within = format!("samples[{place}].");
            match sample.get("time").and_then(micros) {
                Some(at) => self.value(&within, member, sample, Place { from: at, to: at }),
                None => self.leave_out(format!("{within}time"), "is no time"),
            }
        }
    }

    fn list<'v>(&mut self, name: &str, record: &'v Value) -> &'v [Value] {
        if let Some(Value::Array(list)) = record.get(name) {
            return list;
        }
        self.leave_out(name, "is no list");
        &[]
    }

    /// The stages, and the minutes asleep: all of the night when nobody measured stages.
    fn sleep(&mut self, record: &Value, night: Place) {
        let stages: &[Value] = match record.get("stages") {
            None | Some(Value::Null) => &[],
            Some(_) => self.list("stages", record),
        };
        let mut asleep = 0;
        for (place, stage) in stages.iter().enumerate() {
            let within = format!("stages[{place}].");
            let time = |name: &str| stage.get(name).and_then(micros);
            let (Some(from), Some(to)) = (time("startTime"), time("endTime")) else {
                self.leave_out(format!("{within}startTime"), "or its endTime is no time");
                continue;
            };
            let Some(code) = stage.get("stage").and_then(Value::as_i64).filter(|code| (0..=6).contains(code)) else {
                self.leave_out(format!("{within}stage"), "is none of 0 to 6");
                continue;
            };
            self.point(&within, Metric::SleepStage, code as f64, "", Place { from, to });
            if ASLEEP.contains(&code) {
                asleep += (to - from).max(0);
            }
        }
        let slept = if stages.is_empty() { night.to - night.from } else { asleep.min(night.to - night.from) };
        self.point("endTime", Metric::SleepDuration, minutes(slept), "min", night);
    }

    /// Differences from the usual, and the temperature itself where the usual one is known.
    fn skin(&mut self, record: &Value) {
        let usual = record.get("baseline").and_then(|value| TEMPERATURE.read(value));
        let usual = usual.and_then(|(number, unit)| signals::convert(Metric::SkinTemperature, number, unit).ok());
        for (place, delta) in self.list("deltas", record).iter().enumerate() {
            let name = format!("deltas[{place}].delta");
            let Some(at) = delta.get("time").and_then(micros) else {
                self.leave_out(format!("deltas[{place}].time"), "is no time");
                continue;
            };
            let at = Place { from: at, to: at };
            let Some((number, unit)) = delta.get("delta").and_then(difference) else {
                self.leave_out(name, "is no number, nor a quantity in a known unit");
                continue;
            };
            self.point(&name, Metric::SkinTemperatureDelta, number, unit, at);
            let own = signals::convert(Metric::SkinTemperatureDelta, number, unit).ok();
            if let (Some(usual), Some(own)) = (usual, own) {
                self.point(&name, Metric::SkinTemperature, usual + own, "Cel", at);
            }
        }
    }
}

/// Sleeping, light, deep and REM.
const ASLEEP: [i64; 4] = [2, 4, 5, 6];

fn difference(value: &Value) -> Option<(f64, &'static str)> {
    match value {
        Value::Object(_) => TEMPERATURE.read(value),
        plain => NUMBER.read(plain),
    }
}
