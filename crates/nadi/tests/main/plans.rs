//! Every list and search is answered from an index, and costs as much among many patients as among few.
use kernel::PatientId;
use serde_json::{Value, json};
use store::{Args, args, sql};
use testkit::{Client, TestApp, both};
use uuid::Uuid;

sql!(
    TEST_PATIENT_ADD = "INSERT INTO patients (id, reference, name, date_of_birth, gender, contact, email,
        address, blood_type, emergency_flag, is_active, created_by, created_at, updated_at, version, search_version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
);
sql!(
    TEST_RELATION_ADD = "INSERT INTO care_relations (id, patient_id, holder_id, kind, basis_id, started_at)
    VALUES ($1, $2, $3, $4, $5, $6)"
);
sql!(
    TEST_POINT_ADD = "INSERT INTO contact_points (id, owner_id, kind, label, value, key, created_by, created_at,
        updated_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);
sql!(
    TEST_DOCTOR_ADD = "INSERT INTO doctors (id, reference, name, gender, contact, email, license_number,
        specializations, qualification, experience, is_available, is_active, created_at, updated_at, version,
        is_indexed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
);
sql!(TEST_DOCTOR_NAME_ADD = "INSERT INTO doctor_names (doctor_id, part, sound) VALUES ($1, $2, $3)");
sql!(TEST_SPECIALTY_ADD = "INSERT INTO doctor_specializations (doctor_id, specialization_key) VALUES ($1, $2)");
sql!(
    TEST_HOSPITAL_ADD = "INSERT INTO hospitals (id, name, name_key, registration_number, hospital_type, contact, email,
        address, city_key, total_beds, occupied_beds, unavailable_beds, emergency_services, specializations,
        accreditations, is_active, created_at, updated_at, version, institution_type, region_key, is_indexed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)"
);
sql!(TEST_HOSPITAL_NAME_ADD = "INSERT INTO hospital_search (key, hospital_id) VALUES ($1, $2) ON CONFLICT DO NOTHING");
sql!(TEST_ANALYZE = "ANALYZE");

const FIRST: [&str; 10] =
    ["Asha", "Priya", "Ravi", "Mohammed", "Lakshmi", "John", "Krishna", "Fatima", "Arjun", "Meera"];
const LAST: [&str; 10] = ["Rao", "Sharma", "Khan", "Iyer", "Reddy", "Patil", "Singh", "Das", "Nair", "Joshi"];
const CITIES: [&str; 4] = ["Pune", "Delhi", "Chennai", "Kochi"];

fn name(number: usize) -> String {
    format!("{} {}", FIRST[number % 10], LAST[number / 10 % 10])
}

/// Patients whom one hospital registered, all of them.
async fn fill(t: &TestApp, hospital: Uuid, numbers: std::ops::Range<usize>) {
    let now = t.clock.now();
    let born = |number: usize| {
        chrono::NaiveDate::from_ymd_opt(1940, 1, 1).expect("a date")
            + chrono::TimeDelta::days((number * 37 % 27_000) as i64)
    };
    for chunk in numbers.collect::<Vec<_>>().chunks(2000) {
        let [mut patients, mut relations, mut points]: [Vec<Args>; 3] = Default::default();
        for &number in chunk {
            let id = PatientId::new();
            let name = name(number);
            let address = json!({"city": CITIES[number % 4]});
            patients.push(args![
                id,
                id.to_string(),
                name.as_str(),
                born(number),
                "female",
                format!("+91 {:010}", 9_000_000_000 + number as u64),
                Some(format!("p{number}@example.org")),
                address,
                "unknown",
                false,
                true,
                hospital,
                now,
                now,
                1i64,
                0i64,
            ]);
            let phone = format!("{:010}", 8_000_000_000 + number as u64);
            let mut point = args![kernel::ids::new(), id.0, "phone", "work", json!(phone), phone];
            point.extend(args![hospital, now, now, 1i64]);
            points.push(point);
            relations.push(args![kernel::ids::new(), id, hospital, "registering_hospital", id.0, now]);
        }
        let mut tx = t.app.db().begin().await.expect("a transaction");
        tx.run_each(&TEST_PATIENT_ADD, &patients).await.expect("patients");
        tx.run_each(&TEST_RELATION_ADD, &relations).await.expect("relations");
        tx.run_each(&TEST_POINT_ADD, &points).await.expect("contact points");
        tx.commit().await.expect("they are there");
    }
    patients::index_old(&t.app).await.expect("they are indexed");
}

/// What it costs at most to count which of two entries is rarer. Reading 20,000 patients costs two million.
const COUNTING: i64 = 10_000;

/// What front desks ask all day, in both surfaces.
const QUESTIONS: [&str; 17] = [
    "/api/patients",
    "/api/patients?limit=500",
    "/api/v1/patients?search=asha",
    "/api/v1/patients?search=pri%20sha",
    "/api/v1/patients?search=a",
    "/api/v1/patients?sounds_like=Laxmi",
    "/api/v1/patients?sounds_like=Preeya%20Sarma&city=kochi",
    "/api/v1/patients?phone=9000000007",
    "/api/v1/patients?email=p7@example.org",
    "/api/v1/patients?date_of_birth=1940-02-07",
    "/api/v1/patients?city=Chennai&search=ravi",
    "/api/v1/patients?validation_status=pending",
    "/api/v1/patients?validation_status=full_access",
    "/api/v1/patients?emergency_only=true",
    "/api/v1/patients?created_after=2020-01-01T00:00:00Z",
    "/api/v1/patients?search=zzz",
    "/api/v1/patients?search=asha&city=atlantis",
];

/// The same of the directories.
const DIRECTORY: [&str; 18] = [
    "/api/doctors",
    "/api/doctors?search=asha",
    "/api/doctors?specialization=cardiology",
    "/api/hospitals",
    "/api/hospitals?search=pri%20sha",
    "/api/hospitals?city=pune&has_beds=true",
    "/api/v1/institutions?region=west",
    "/api/v1/doctors",
    "/api/v1/doctors?search=asha",
    "/api/v1/doctors?sounds_like=Preeya%20Sarma",
    "/api/v1/doctors?specialty=cardiology",
    "/api/v1/doctors?professional_status=suspended",
    "/api/v1/doctors?license_status=verified",
    "/api/v1/institutions",
    "/api/v1/institutions?search=asha",
    "/api/v1/institutions?sounds_like=Preeya%20Sarma",
    "/api/v1/institutions?institution_type=clinic&region=west",
    "/api/v1/institutions?city=pune",
];

const BIG: [&str; 10] = [
    "patients",
    "patient_search",
    "care_relations",
    "contact_points",
    "doctors",
    "doctor_names",
    "doctor_specializations",
    "hospitals",
    "hospital_search",
    "appointments",
];
const ALIASES: [&str; 4] = ["s", "o", "one", "other"];

/// Whether a step reads a whole table that is big. SQLite calls a table by the alias a statement gives it.
fn reads_all(step: &str) -> bool {
    let named = |mark: &str| step.split_once(mark).and_then(|(_, rest)| rest.split_whitespace().next());
    let scanned = named("Seq Scan on ").or_else(|| step.strip_prefix("SCAN ")?.split_whitespace().next());
    scanned.is_some_and(|table| BIG.contains(&table) || ALIASES.contains(&table))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Among {
    Few,
    Many,
}

/// Asks and answers what that cost, in steps of SQLite's machine.
async fn ask(t: &TestApp, client: &Client, path: &str, among: Among) -> i64 {
    t.app.db().take_plans();
    client.get(path).await.expect(200);
    let plans = t.app.db().take_plans();
    assert!(!plans.is_empty(), "{path} asked nothing");
    // Of few rows PostgreSQL is right to read all.
    let held = plans.iter().filter(|_| t.app.db().is_sqlite() || among == Among::Many);
    for plan in held {
        let whole: Vec<&String> = plan.steps.iter().filter(|step| reads_all(step)).collect();
        assert!(whole.is_empty(), "{path} reads a whole table:\n{}\n{}", plan.text, plan.steps.join("\n"));
    }
    plans.iter().filter_map(|plan| plan.cost).sum()
}

/// The first ten: as many fit among the fewer patients too.
fn page(path: &str) -> String {
    format!("{path}{}limit=10", if path.contains('?') { '&' } else { '?' })
}

async fn asked(t: &TestApp, people: &[(&str, Client)], among: Among) -> Vec<(String, i64)> {
    let mut costs = Vec::new();
    for (who, client) in people {
        for path in QUESTIONS {
            let path = if path.contains("limit") { path.to_owned() } else { page(path) };
            costs.push((format!("{who} {path}"), ask(t, client, &path, among).await));
        }
    }
    costs
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_costs_as_much_among_many_as_among_few() {
    both(|t| async move {
        let (large, small) = (t.hospital("Large Hospital", 4).await, t.hospital("Small Hospital", 4).await);
        let id = |hospital: &Value| hospital["id"].as_str().expect("an id").parse::<Uuid>().expect("an id");
        let people = [
            ("an administrator", t.admin().await),
            ("the large front desk", t.account("hospital", Some(&large["id"])).await),
            ("the small front desk", t.account("hospital", Some(&small["id"])).await),
        ];
        fill(&t, id(&small), 0..5).await;
        fill(&t, id(&large), 5..2_000).await;
        t.app.db().keep_plans();
        analyse(&t).await;
        let few = asked(&t, &people, Among::Few).await;
        fill(&t, id(&large), 2_000..20_000).await;
        analyse(&t).await;
        let many = asked(&t, &people, Among::Many).await;
        for ((what, few), (_, many)) in few.iter().zip(&many) {
            assert!(*many <= few * 3 / 2 + COUNTING, "{what}: {few} steps among 2,000 patients, {many} among 20,000");
        }
        let one = people[1].1.get("/api/v1/patients?phone=9000000007").await.expect(200);
        let path = format!("/api/v1/patients/{}", one[0]["id"].as_str().expect("an id"));
        for rest in ["", "/duplicates", "/merges", "/contact-points"] {
            ask(&t, &people[1].1, &format!("{path}{rest}"), Among::Many).await;
        }
    })
    .await;
}

/// PostgreSQL plans by what it knows of the tables; a server learns it by itself after a while.
async fn analyse(t: &TestApp) {
    if !t.app.db().is_sqlite() {
        let mut tx = t.app.db().begin().await.expect("a transaction");
        tx.run(&TEST_ANALYZE, vec![]).await.expect("the tables are analysed");
        tx.commit().await.expect("and known");
    }
}

/// Doctors and institutions, as many of each.
async fn fill_directory(t: &TestApp, numbers: std::ops::Range<usize>) {
    let now = t.clock.now();
    for chunk in numbers.collect::<Vec<_>>().chunks(1000) {
        let [mut doctors, mut parts, mut specialties, mut hospitals, mut keys]: [Vec<Args>; 5] = Default::default();
        for &number in chunk {
            let (doctor, hospital, name) = (kernel::ids::new(), kernel::ids::new(), name(number));
            let (key, email) = (name.to_lowercase(), format!("d{number}@example.org"));
            let specialty = if number % 50 == 0 { "cardiology" } else { "dermatology" };
            let mut row = args![doctor, doctor.to_string(), name.as_str(), "female", "98220 12345"];
            row.extend(args![
                email.as_str(),
                format!("D-{number}"),
                json!([specialty]),
                json!([]),
                (number % 40) as i64
            ]);
            row.extend(args![true, true, now, now, 1i64, true]);
            doctors.push(row);
            specialties.push(args![doctor, specialty]);
            let mut row = args![hospital, name.as_str(), key.as_str(), format!("H-{number}"), "general", "98220 12345"];
            row.extend(args![
                email.as_str(),
                json!({"city": "Pune"}),
                CITIES[number % 4].to_lowercase(),
                9i64,
                0i64,
                0i64
            ]);
            row.extend(args![false, json!([]), json!([]), true, now, now, 1i64]);
            row.extend(args![
                if number % 9 == 0 { "clinic" } else { "hospital" },
                if number % 7 == 0 { "west" } else { "east" },
                true
            ]);
            hospitals.push(row);
            for word in kernel::words(&name) {
                parts.push(args![doctor, word.as_bytes().to_vec(), kernel::sound(&word)]);
                keys.push(args![format!("s{}", kernel::sound(&word)).into_bytes(), hospital]);
                let letters = 1..=word.chars().count();
                keys.extend(letters.map(|length| args![format!("n{}", &word[..length]).into_bytes(), hospital]));
            }
        }
        let mut tx = t.app.db().begin().await.expect("a transaction");
        tx.run_each(&TEST_DOCTOR_ADD, &doctors).await.expect("doctors");
        tx.run_each(&TEST_DOCTOR_NAME_ADD, &parts).await.expect("their names");
        tx.run_each(&TEST_SPECIALTY_ADD, &specialties).await.expect("their specialties");
        tx.run_each(&TEST_HOSPITAL_ADD, &hospitals).await.expect("hospitals");
        tx.run_each(&TEST_HOSPITAL_NAME_ADD, &keys).await.expect("their names");
        tx.commit().await.expect("they are there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directories_are_asked_by_their_indexes() {
    both(|t| async move {
        let admin = t.admin().await;
        fill_directory(&t, 0..10_000).await;
        t.app.db().keep_plans();
        analyse(&t).await;
        for path in DIRECTORY {
            ask(&t, &admin, &page(path), Among::Many).await;
        }
    })
    .await;
}

sql!(
    TEST_APPOINTMENT_ADD = "INSERT INTO appointments (id, patient_id, doctor_id, scheduled_at, ends_at,
        duration_minutes, status, expected, sealed, created_by, created_at, updated_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
);

/// A year of other people's appointments, of which every hundredth is this doctor's.
async fn fill_agenda(t: &TestApp, doctor: Uuid, numbers: std::ops::Range<i64>) {
    let (now, half_an_hour) = (t.clock.now(), chrono::TimeDelta::minutes(30));
    let row = |number: i64| -> Args {
        let who = if number % 100 == 0 { doctor } else { kernel::ids::new() };
        let at = now + chrono::TimeDelta::minutes(26 * number);
        let mut row = args![kernel::ids::new(), kernel::ids::new(), who, at, at + half_an_hour, 30i64, "booked", false];
        row.extend(args![vec![0u8; 64], doctor, now, now, 1i64]);
        row
    };
    let rows: Vec<Args> = numbers.map(row).collect();
    let mut tx = t.app.db().begin().await.expect("a transaction");
    tx.run_each(&TEST_APPOINTMENT_ADD, &rows).await.expect("appointments");
    tx.commit().await.expect("they are there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_appointments_cost_the_day_and_not_the_year() {
    both(|t| async move {
        let (record, doctor) = t.doctor("Dr. Iyer").await;
        let id: Uuid = record["id"].as_str().expect("an id").parse().expect("an id");
        let desk = t.account("hospital", Some(&t.hospital("City Hospital", 4).await["id"])).await;
        // Of few rows PostgreSQL is right to read all, so that there are many of whatever an appointment names.
        fill_directory(&t, 0..2_000).await;
        fill(&t, kernel::ids::new(), 0..2_000).await;
        fill_agenda(&t, id, 0..20_000).await;
        t.app.db().keep_plans();
        analyse(&t).await;
        let time = |hours| (t.clock.now() + chrono::TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let day = format!("from={}&to={}", time(100), time(124));
        let patient = t.patient(&desk, "Lata Joshi").await["id"].as_str().expect("an id").to_owned();
        for (client, path) in [
            (&doctor, format!("/api/appointments?doctor_id=me&{day}")),
            (&doctor, format!("/api/appointments/busy?doctor_id=me&{day}")),
            (&desk, format!("/api/appointments?doctor_id={id}&{day}")),
            (&desk, format!("/api/appointments?patient_id={patient}&{day}")),
        ] {
            let cost = ask(&t, client, &path, Among::Many).await;
            assert!(cost < COUNTING, "{path}: {cost} steps");
        }
    })
    .await;
}
