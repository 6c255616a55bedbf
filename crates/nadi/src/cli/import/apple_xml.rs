//! Samples of an `export.xml`, one after another, as the phone's own app sends them.
use std::io::BufRead;

use anyhow::{Context as _, Result, bail};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value, json};

/// The samples of a file, read as they are asked for.
pub struct Samples<R: BufRead> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    /// A sample whose end has not come yet: its metadata stand inside.
    open: Option<Map<String, Value>>,
    ended: bool,
    /// Whether it is an export at all, and whether its end was seen.
    is_export: bool,
    is_whole: bool,
}

/// No element of an export is longer; what is, is no export.
const LONGEST: usize = 1024 * 1024;

impl<R: BufRead> Samples<R> {
    pub fn of(text: R) -> Self {
        let mut reader = Reader::from_reader(text);
        // The document type of these files holds quotes that no reader of XML is fond of, and nothing we need.
        reader.config_mut().check_end_names = false;
        Self { reader, buffer: Vec::new(), open: None, ended: false, is_export: false, is_whole: false }
    }

    fn step(&mut self) -> Result<Option<Value>> {
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer).context("the file is not XML")?;
            match event {
                Event::Start(element) => match element.name().as_ref() {
                    "HealthData" => self.is_export = true,
                    "Record" | "Workout" => self.open = Some(sample(&element)?),
                    "MetadataEntry" => add_metadata(self.open.as_mut(), &element)?,
                    _ => {}
                },
                Event::Empty(element) => match element.name().as_ref() {
                    "Record" | "Workout" => return Ok(Some(Value::Object(sample(&element)?))),
                    "MetadataEntry" => add_metadata(self.open.as_mut(), &element)?,
                    _ => {}
                },
                Event::End(element) if matches!(element.name().as_ref(), "Record" | "Workout") => {
                    if let Some(sample) = self.open.take() {
                        return Ok(Some(Value::Object(sample)));
                    }
                }
                Event::End(element) if element.name().as_ref() == "HealthData" => self.is_whole = true,
                Event::Eof if self.is_export && !self.is_whole => bail!("the file ends early"),
                Event::Eof if !self.is_export => bail!("the file is not an export of Apple Health"),
                Event::Eof => return Ok(None),
                _ => {}
            }
            if self.buffer.len() > LONGEST {
                bail!("the file is not an export of Apple Health: an element is longer than {LONGEST} bytes");
            }
        }
    }
}

impl<R: BufRead> Iterator for Samples<R> {
    type Item = Result<Value>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step().transpose();
        self.ended = !matches!(step, Some(Ok(_)));
        step
    }
}

fn attributes(element: &BytesStart<'_>) -> Result<Map<String, Value>> {
    let mut found = Map::new();
    for attribute in element.attributes() {
        let attribute = attribute.context("an element cannot be read")?;
        let text = attribute.value.as_ref();
        let plain = quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), |plain| plain.into_owned());
        found.insert(attribute.key.as_ref().to_owned(), Value::String(plain));
    }
    Ok(found)
}

/// A record, or a workout in the members of one.
fn sample(element: &BytesStart<'_>) -> Result<Map<String, Value>> {
    let mut said = attributes(element)?;
    let mut take = |name: &str| said.remove(name).unwrap_or_default();
    let (start, end, source) = (take("startDate"), take("endDate"), take("sourceName"));
    let is_workout = element.name().as_ref() == "Workout";
    let (kind, value, unit) = match is_workout {
        true => (json!("HKWorkoutTypeIdentifier"), take("duration"), take("durationUnit")),
        false => (take("type"), take("value"), take("unit")),
    };
    let unit = if unit.is_null() { json!("") } else { unit };
    let mut sample = Map::new();
    for (name, value) in [
        ("type", kind),
        ("value", value),
        ("unit", unit),
        ("startDate", start),
        ("endDate", end),
        ("sourceApp", source),
    ] {
        sample.insert(name.to_owned(), value);
    }
    if is_workout {
        sample.insert("metadata".to_owned(), Value::Object(said));
    }
    Ok(sample)
}

/// Metadata of the sample that is open: by whom it was entered, how it was measured.
fn add_metadata(open: Option<&mut Map<String, Value>>, element: &BytesStart<'_>) -> Result<()> {
    let Some(sample) = open else { return Ok(()) };
    let mut said = attributes(element)?;
    if let (Some(Value::String(key)), Some(value)) = (said.remove("key"), said.remove("value")) {
        let metadata = sample.entry("metadata").or_insert_with(|| json!({}));
        if let Some(members) = metadata.as_object_mut() {
            members.insert(key, value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!ELEMENT HealthData (ExportDate,Me,(Record|Workout)*)>
<!ATTLIST HealthData locale CDATA #REQUIRED>
]>
<HealthData locale="en_IN">
 <ExportDate value="2026-11-20 10:00:00 +0530"/>
 <Record type="HKQuantityTypeIdentifierHeartRate" sourceName="Lata&#8217;s Watch" unit="count/min" startDate="2026-11-20 09:00:00 +0530" endDate="2026-11-20 09:00:00 +0530" value="72"/>
 <Record type="HKQuantityTypeIdentifierBodyMass" sourceName="Health" unit="kg" startDate="2026-11-20 09:00:00 +0530" endDate="2026-11-20 09:00:00 +0530" value="61.5">
  <MetadataEntry key="HKWasUserEntered" value="1"/>
 </Record>
 <Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="30.5" durationUnit="min" sourceName="Watch" startDate="2026-11-20 08:00:00 +0530" endDate="2026-11-20 08:30:30 +0530">
  <WorkoutEvent type="HKWorkoutEventTypePause" date="2026-11-20 08:10:00 +0530"/>
 </Workout>
</HealthData>"#;

    #[test]
    fn records_and_workouts_come_one_by_one() {
        let samples: Vec<Value> = Samples::of(EXPORT.as_bytes()).map(|sample| sample.expect("a sample")).collect();
        assert_eq!(samples.len(), 3);
        assert_eq!((&samples[0]["value"], &samples[0]["sourceApp"]), (&json!("72"), &json!("Lata’s Watch")));
        assert_eq!(samples[1]["metadata"]["HKWasUserEntered"], "1");
        assert_eq!(samples[2]["type"], "HKWorkoutTypeIdentifier");
        assert_eq!(samples[2]["metadata"]["workoutActivityType"], "HKWorkoutActivityTypeRunning");
    }

    #[test]
    fn what_is_no_export_is_refused() {
        let first = |text: &str| Samples::of(text.as_bytes()).next().map(|first| first.is_err());
        assert_eq!(first("<html></html>"), Some(true));
        assert_eq!(first("not xml at all"), Some(true));
        let cut = &EXPORT[..EXPORT.len() - "</HealthData>".len()];
        let samples: Vec<bool> = Samples::of(cut.as_bytes()).map(|sample| sample.is_ok()).collect();
        assert_eq!(samples, [true, true, true, false], "the end is missing");
    }
}
