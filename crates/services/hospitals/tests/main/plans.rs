//! Every list of institutions is answered from an index, among many as among few.
use serde_json::json;
use store::{Args, Plan, Statement, args};
use testkit::{Client, TestApp, both};

static ADD: Statement = Statement::new(
    "TEST_HOSPITAL_ADD",
    "INSERT INTO hospitals (id, name, name_key, registration_number, hospital_type, contact, email, address, city_key,
        total_beds, occupied_beds, unavailable_beds, emergency_services, specializations, accreditations, is_active,
        created_at, updated_at, version, institution_type, region, region_key, verification_status)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",
);
static SPECIALIZE: Statement = Statement::new(
    "TEST_SPECIALIZATION_ADD",
    "INSERT INTO hospital_specializations (hospital_id, specialization_key) VALUES ($1, $2)",
);
static ANALYZE: Statement = Statement::new("TEST_ANALYZE_HOSPITALS", "ANALYZE");

const FIRST: [&str; 8] = ["Lakshmi", "Lake", "Krishna", "Saint Catherine", "Apollo", "Asha", "River", "Mohan"];
const TYPES: [&str; 8] =
    ["hospital", "clinic", "clinic", "laboratory", "pharmacy", "insurer", "hospice", "diagnostic_center"];
/// As many as India has states.
const REGIONS: usize = 28;

/// Institutions as they were before names were indexed; then they are indexed.
async fn fill(t: &TestApp, numbers: std::ops::Range<usize>) {
    let now = t.clock.now();
    let mut tx = t.app.db().begin().await.expect("a transaction");
    let mut specializations: Vec<Args> = Vec::new();
    let row = |number: usize| -> Args {
        let id = kernel::ids::new();
        specializations.push(args![id, format!("specialization {}", number % 40)]);
        let kind = TYPES[number % 8];
        let name = format!("{} {kind} {number}", FIRST[number / 8 % 8]);
        let (region, city) = (format!("region {}", number % REGIONS), format!("city {}", number % 50));
        let mut row = args![id, name.as_str(), name.to_lowercase(), id.to_string(), kind, "", id.to_string()];
        row.extend(args![json!({ "city": city }), city, 0i64, 0i64, 0i64, false, json!([]), json!([])]);
        row.extend(args![number % 10 != 9, now, now, 1i64, kind, region.as_str(), region.as_str(), "pending"]);
        row
    };
    let rows: Vec<Args> = numbers.map(row).collect();
    tx.run_each(&ADD, &rows).await.expect("institutions");
    tx.run_each(&SPECIALIZE, &specializations).await.expect("what they specialise in");
    tx.commit().await.expect("they are there");
    for task in (hospitals::SERVICE.work)(&t.app) {
        task.await;
    }
    if !t.app.db().is_sqlite() {
        let mut tx = t.app.db().begin().await.expect("a transaction");
        tx.run(&ANALYZE, vec![]).await.expect("the tables are analysed");
        tx.commit().await.expect("and known");
    }
}

const QUESTIONS: [&str; 20] = [
    "/api/v1/institutions",
    "/api/v1/institutions?search=l",
    "/api/v1/institutions?search=laksh",
    "/api/v1/institutions?search=zzz",
    "/api/v1/institutions?search=lake%20clinic",
    "/api/v1/institutions?search=77",
    "/api/v1/institutions?sounds_like=laxmi",
    "/api/v1/institutions?sounds_like=katherine&region=region%204",
    "/api/v1/institutions?institution_type=clinic",
    "/api/v1/institutions?institution_type=rehabilitation",
    "/api/v1/institutions?region=region%205",
    "/api/v1/institutions?region=nowhere",
    "/api/v1/institutions?city=city%207",
    "/api/v1/institutions?verification_status=pending",
    "/api/v1/institutions?verification_status=verified",
    "/api/v1/institutions?specialization=specialization%207",
    "/api/v1/institutions?status=inactive",
    "/api/hospitals",
    "/api/hospitals?city=city%208",
    "/api/hospitals?specialization=specialization%207",
];

/// Whether a step reads one of the tables whole. SQLite calls a table by the alias a statement gives it.
fn reads_all(step: &str) -> bool {
    let named = |mark: &str| step.split_once(mark).and_then(|(_, rest)| rest.split_whitespace().next());
    let scanned = named("Seq Scan on ").or_else(|| step.strip_prefix("SCAN ")?.split_whitespace().next());
    let tables = ["hospitals", "hospital_search", "hospital_specializations", "h", "s", "o"];
    scanned.is_some_and(|table| tables.contains(&table))
}

/// What it may cost to look over those whom one condition leaves, an eighth at most, until another fills a page. Reading
/// all would cost ten times as much.
const PAGE: i64 = 25_000;

/// How each question is answered.
async fn asked(t: &TestApp, client: &Client) -> Vec<Vec<Plan>> {
    let mut answered = Vec::new();
    for path in QUESTIONS {
        t.app.db().take_plans();
        client.get(path).await.expect(200);
        answered.push(t.app.db().take_plans());
    }
    answered
}

#[tokio::test(flavor = "multi_thread")]
async fn institutions_are_found_among_many_as_among_few() {
    both(|t| async move {
        let admin = t.admin().await;
        t.app.db().keep_plans();
        fill(&t, 0..2_000).await;
        let few = asked(&t, &admin).await;
        // PostgreSQL rightly reads a small table whole; of this many rows it reads those it needs.
        fill(&t, 2_000..20_000).await;
        let many = asked(&t, &admin).await;
        for ((path, few), many) in QUESTIONS.iter().zip(&few).zip(&many) {
            for plan in many {
                let whole = plan.steps.iter().any(|step| reads_all(step));
                assert!(!whole, "{path} reads a whole table:\n{}\n{}", plan.text, plan.steps.join("\n"));
            }
            let cost = |plans: &[Plan]| plans.iter().filter_map(|plan| plan.cost).sum::<i64>();
            let (few, many) = (cost(few), cost(many));
            assert!(many <= few * 3 / 2 + PAGE, "{path}: {few} steps among 2,000, {many} among 20,000");
        }
    })
    .await;
}
