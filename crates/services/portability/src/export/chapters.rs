//! What an export consists of: one part for each thing that is kept, and the readings month by month.
use access::Caller;
use access::data::{
    Alerts, Appointments, Care, CareTeam, Consents, Contacts, Emergencies, Records, Registration, Vitals, Wearables,
};
use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use kernel::{PageQuery, PatientId, Result};
use serde_json::Value;
use signals::Cursor;

use super::behalf::Behalf;
use super::book::{Book, Part};

/// Entries asked for at a time.
const PAGE: u32 = 500;
/// Readings, and looks, asked for at a time.
const READINGS: i64 = 1000;
/// Points asked for at a time.
const POINTS: usize = 5000;

macro_rules! chapters {
    ($($name:ident $file:literal $says:literal),* $(,)?) => {
        /// What is kept about a patient, one part each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Chapter { $($name),* }

        /// In the order they are written, each with its file and what the patient is told of it.
        const CHAPTERS: &[(Chapter, &str, &str)] = &[$((Chapter::$name, $file, $says)),*];
    };
}
chapters!(
    Registration "patient.json" "who you are: names, birth date, address, with whom you are registered",
    ContactPoints "contact_points.ndjson" "every way to reach you",
    FamilyContacts "family_contacts.ndjson" "the people to call about you",
    Insurance "insurance.json" "who insures you",
    Facilities "facilities.ndjson" "the hospitals and clinics that you linked",
    HealthProfile "health_profile.json" "height, weight and how you live",
    Conditions "conditions.ndjson" "allergies, chronic and other conditions",
    Records "records.ndjson" "medical records, the newest first",
    Prescriptions "prescriptions.ndjson" "what was prescribed, the newest first",
    FamilyHistory "family_history.ndjson" "illnesses of your relatives",
    Admissions "admissions.ndjson" "your stays in hospitals: what for, and how they ended",
    Observations "observations.ndjson" "what doctors and nurses noted during them",
    Alerts "alerts.ndjson" "alerts raised by rules over your readings, each with its arithmetic",
    Emergencies "emergencies.ndjson" "emergencies, the last one first",
    Appointments "appointments.ndjson" "appointments by their time",
    Assignments "assignments.ndjson" "which doctors look after you, and did",
    Devices "wearable_devices.ndjson" "the bands, watches and apps that send what they measure",
    WearableRecords "wearable_records.ndjson" "what they sent, as they wrote it",
    Skipped "wearable_skipped.ndjson" "what a phone sent that nobody could read, and why",
    Pushes "wearable_pushes.ndjson" "what waits to be written into your phone",
    Providers "wearable_providers.ndjson" "the accounts of your bands and watches that you connected",
    Consents "consents.ndjson" "to whom you opened what, and who asked for it",
    Delegates "delegates.ndjson" "who acts for you, and did",
    BrokenGlass "broken_glass.ndjson" "who looked without asking, and the reason they gave",
    Audit "audit.ndjson" "who looked at your data or changed it, when, and on what permission, the last one first",
);

/// Writes everything kept about the patient, and about those found to be the same person.
pub async fn write_all(book: &mut Book<'_>, patient: PatientId) -> Result<()> {
    let records = records(book, patient).await?;
    book.expect(1 + records.len() * (CHAPTERS.len() + 2));
    readme(book, &records).await?;
    for record in &records {
        for (chapter, file, _) in CHAPTERS {
            let name = format!("{}{file}", folder(patient, *record));
            if !book.has(&name) {
                write(book, *chapter, *record, &name).await?;
            }
        }
        vitals(book, *record, &folder(patient, *record)).await?;
        wearables(book, *record, &folder(patient, *record)).await?;
    }
    Ok(())
}

/// The records of the patient's person that may be read, the patient's own first.
async fn records(book: &Book<'_>, patient: PatientId) -> Result<Vec<PatientId>> {
    let own = book.grant::<Registration>(patient).await?;
    let others: Vec<PatientId> = match book.behalf() {
        Behalf::Caller(caller) => others(book, &own, caller).await?,
        Behalf::Operator => access::group(&mut book.app.db(), patient).await?,
    };
    let others = others.into_iter().filter(|other| *other != patient);
    Ok(std::iter::once(patient).chain(others).collect())
}

async fn others(
    book: &Book<'_>,
    own: &access::Grant<access::Read, Registration>,
    caller: &Caller,
) -> Result<Vec<PatientId>> {
    Ok(own.others(book.app, caller).await?.iter().map(access::Grant::patient).collect())
}

/// Other records of the same person lie in folders named by their ids.
fn folder(patient: PatientId, record: PatientId) -> String {
    if record == patient { String::new() } else { format!("{record}/") }
}

async fn readme(book: &mut Book<'_>, records: &[PatientId]) -> Result<()> {
    const NAME: &str = "README.txt";
    if book.has(NAME) {
        return Ok(());
    }
    let mut text = format!(
        "Everything kept about you, read from {} on.\n\nFiles that end in .ndjson have one JSON object a line. Times are in UTC.\n\n",
        book.begun.format("%Y-%m-%d %H:%M:%S")
    );
    for (_, file, says) in CHAPTERS {
        text.push_str(&format!("{file}: {says}\n"));
    }
    text.push_str("vitals/YEAR-MONTH.ndjson: your readings of that month in the order of their time\n");
    text.push_str("wearables/YEAR-MONTH.ndjson: what your bands, watches and apps measured in that month\n");
    if let [_, others @ ..] = records
        && !others.is_empty()
    {
        text.push_str("\nRecords that were found to be yours too are in folders of their own, alike:\n");
        others.iter().for_each(|other| text.push_str(&format!("{other}/\n")));
    }
    let mut part = book.part(NAME);
    part.write(text.as_bytes()).await?;
    part.end().await
}

/// Writes the pages of a list, one entry a line.
macro_rules! lines {
    ($part:ident, |$page:ident| $list:expr) => {{
        let mut $page = PageQuery { limit: Some(PAGE), ..PageQuery::default() };
        loop {
            let listed = $list.await?;
            for entry in &listed.entries {
                $part.line(entry).await?;
            }
            match listed.next() {
                Some(next) => $page.cursor = Some(next.to_owned()),
                None => break,
            }
        }
    }};
}

async fn write(book: &mut Book<'_>, chapter: Chapter, of: PatientId, name: &str) -> Result<()> {
    use patients::portable as chart;
    let app = book.app;
    macro_rules! part {
        ($data:ty, |$grant:ident, $page:ident| $list:expr) => {{
            let $grant = book.grant::<$data>(of).await?;
            let mut part = book.part(name);
            lines!(part, |$page| $list);
            part.end().await
        }};
    }
    match chapter {
        Chapter::Registration => {
            let grant = book.grant::<Registration>(of).await?;
            document(book.part(name), &chart::registration(app, &grant).await?).await
        }
        Chapter::Insurance => {
            let grant = book.grant::<Registration>(of).await?;
            document(book.part(name), &chart::insurance(app, &grant).await?).await
        }
        Chapter::Facilities => {
            let (team, care) = (book.grant::<CareTeam>(of).await?, book.grant::<Care>(of).await?);
            let mut part = book.part(name);
            for facility in facilities::facilities(app, &team, &care).await? {
                part.line(&facility).await?;
            }
            part.end().await
        }
        Chapter::HealthProfile => {
            let grant = book.grant::<Records>(of).await?;
            document(book.part(name), &chart::health_profile(app, &grant).await?).await
        }
        Chapter::ContactPoints => {
            let grant = book.grant::<Contacts>(of).await?;
            let mut part = book.part(name);
            for point in chart::contact_points(app, &grant).await? {
                part.line(&point).await?;
            }
            part.end().await
        }
        Chapter::FamilyContacts => part!(Contacts, |grant, page| chart::family_contacts(app, &grant, &page)),
        Chapter::Conditions => part!(Records, |grant, page| chart::conditions(app, &grant, &page)),
        Chapter::Records => part!(Records, |grant, page| chart::records(app, &grant, &page)),
        Chapter::Prescriptions => part!(Records, |grant, page| chart::prescriptions(app, &grant, &page)),
        Chapter::FamilyHistory => part!(Records, |grant, page| chart::family_history(app, &grant, &page)),
        Chapter::Admissions => part!(Care, |grant, page| hospitals::portable::admissions(app, &grant, &page)),
        Chapter::Observations => part!(Care, |grant, page| ward::portable::observations(app, &grant, &page)),
        Chapter::Alerts => part!(Alerts, |grant, page| ward::portable::alerts(app, &grant, &page)),
        Chapter::Emergencies => {
            part!(Emergencies, |grant, page| emergency::portable::emergencies(app, &grant, &page))
        }
        Chapter::Appointments => {
            part!(Appointments, |grant, page| appointments::portable::appointments(app, &grant, &page))
        }
        Chapter::Assignments => part!(CareTeam, |grant, page| doctors::portable::assignments(app, &grant, &page)),
        Chapter::Devices => part!(Wearables, |grant, page| wearables::portable::devices(app, &grant, &page)),
        Chapter::WearableRecords => part!(Wearables, |grant, page| wearables::portable::records(app, &grant, &page)),
        Chapter::Skipped => part!(Wearables, |grant, page| hcgateway::portable::skipped(app, &grant, &page)),
        Chapter::Pushes => part!(Wearables, |grant, page| hcgateway::portable::waiting(app, &grant, &page)),
        Chapter::Providers => part!(Wearables, |grant, page| providers::connections(app, &grant, &page)),
        Chapter::Consents => part!(Consents, |grant, page| consents::portable::consents(app, &grant, &page)),
        Chapter::Delegates => part!(Consents, |grant, page| consents::portable::delegates(app, &grant, &page)),
        Chapter::BrokenGlass => part!(Consents, |grant, page| consents::portable::broken_glass(app, &grant, &page)),
        Chapter::Audit => audit(book, of, name).await,
    }
}

async fn document(mut part: Part<'_, '_>, document: &Value) -> Result<()> {
    part.write(format!("{document:#}\n").as_bytes()).await?;
    part.end().await
}

/// Who looked and who changed something. What monitors sent is among the readings.
async fn audit(book: &mut Book<'_>, of: PatientId, name: &str) -> Result<()> {
    // Whoever may read the registration may know who did.
    book.grant::<Registration>(of).await?;
    let mut db = book.app.db();
    access::index_audit(&db).await?;
    let (begun, mut before, mut part) = (book.begun, i64::MAX, book.part(name));
    loop {
        let entries = access::entries_about(&mut db, of, before, READINGS).await?;
        let Some(last) = entries.last() else { break };
        before = last.seq;
        for entry in entries.iter().filter(|entry| entry.at <= begun) {
            part.line(entry).await?;
        }
    }
    part.end().await
}

/// The readings, a part for each month that has any. A month that was written before stays as it is.
async fn vitals(book: &mut Book<'_>, of: PatientId, folder: &str) -> Result<()> {
    let (app, mut after) = (book.app, Cursor::before(DateTime::UNIX_EPOCH));
    // A monitor's clock may be a little ahead.
    let end = book.begun + TimeDelta::minutes(10);
    loop {
        let grant = book.grant::<Vitals>(of).await?;
        let first = ward::portable::readings(app, &grant, after, end, 1).await?;
        let Some((first, _)) = first.first() else { return Ok(()) };
        let (before, name) =
            (next_month(first.at).min(end), format!("{folder}vitals/{}.ndjson", first.at.format("%Y-%m")));
        if !book.has(&name) {
            let mut part = book.part(&name);
            loop {
                let readings = ward::portable::readings(app, &grant, after, before, READINGS).await?;
                for (at, reading) in &readings {
                    part.line(reading).await?;
                    after = *at;
                }
                if (readings.len() as i64) < READINGS {
                    break;
                }
            }
            part.end().await?;
        }
        after = Cursor::before(before);
    }
}

/// What wearables measured, a part for each month that has any.
async fn wearables(book: &mut Book<'_>, of: PatientId, folder: &str) -> Result<()> {
    let (app, mut from) = (book.app, DateTime::UNIX_EPOCH);
    // The sum of today may end tonight.
    let end = book.begun + TimeDelta::days(1);
    loop {
        let grant = book.grant::<Wearables>(of).await?;
        let first = wearables::portable::points(app, &grant, (from, end), None, 1).await?;
        let Some(at) = first.first().and_then(|(place, _)| DateTime::from_timestamp_micros(place.from)) else {
            return Ok(());
        };
        let (before, name) = (next_month(at).min(end), format!("{folder}wearables/{}.ndjson", at.format("%Y-%m")));
        if !book.has(&name) {
            let (mut part, mut after) = (book.part(&name), None);
            loop {
                let points = wearables::portable::points(app, &grant, (at, before), after, POINTS).await?;
                for (place, point) in &points {
                    part.line(point).await?;
                    after = Some(*place);
                }
                if points.is_empty() {
                    break;
                }
            }
            part.end().await?;
        }
        from = before;
    }
}

fn next_month(at: DateTime<Utc>) -> DateTime<Utc> {
    let (year, month) = if at.month() == 12 { (at.year() + 1, 1) } else { (at.year(), at.month() + 1) };
    let first = NaiveDate::from_ymd_opt(year, month, 1).unwrap_or(NaiveDate::MAX);
    first.and_time(chrono::NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other_over_the_year() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        assert_eq!(next_month(at("2026-11-20T10:00:00Z")), at("2026-12-01T00:00:00Z"));
        assert_eq!(next_month(at("2026-12-31T23:59:59Z")), at("2027-01-01T00:00:00Z"));
    }
}
