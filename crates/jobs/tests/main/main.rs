//! Jobs over a real database: done once, by one worker at a time, and not lost with a process.
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jobs::{Job, JobId, Jobs, LEASE, NewJob, Run, State, Worker};
use kernel::{App, Error};
use serde_json::{Value, json};
use store::{Statement, args};
use testkit::{TestApp, both};
use uuid::Uuid;

/// How often work about each subject was begun, how many are at it now, and how many were at once at most.
type Seen = HashMap<Uuid, (usize, usize, usize)>;
static SEEN: LazyLock<Mutex<Seen>> = LazyLock::new(Mutex::default);

fn seen(subject: Uuid) -> (usize, usize) {
    let seen = SEEN.lock().expect("a lock").get(&subject).copied().unwrap_or_default();
    (seen.0, seen.2)
}

fn enter(subject: Uuid) -> usize {
    let mut all = SEEN.lock().expect("a lock");
    let (begun, now, most) = all.entry(subject).or_default();
    (*begun, *now) = (*begun + 1, *now + 1);
    *most = (*most).max(*now);
    *begun
}

fn leave(subject: Uuid) {
    SEEN.lock().expect("a lock").entry(subject).or_default().1 -= 1;
}

async fn count(run: &Run) -> kernel::Result<Value> {
    enter(run.job.subject);
    tokio::time::sleep(Duration::from_millis(30)).await;
    leave(run.job.subject);
    Ok(json!({"seen": run.job.args["number"]}))
}

/// Reports until it is called off.
async fn linger(app: &App, run: &Run) -> kernel::Result<Value> {
    enter(run.job.subject);
    for percent in 0.. {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let mut tx = app.db().begin().await?;
        let reported = run.report(&mut tx, percent.min(50), "lingering", app.clock().now()).await;
        if reported.is_err() {
            leave(run.job.subject);
        }
        reported?;
        tx.commit().await?;
    }
    Ok(Value::Null)
}

fn register(t: &TestApp) {
    let jobs = t.app.edge::<Jobs>();
    jobs.register("count", Worker { run: |_, run| Box::pin(count(run)), attempts: 3 });
    jobs.register("linger", Worker { run: |app, run| Box::pin(linger(app, run)), attempts: 3 });
    jobs.register(
        "stumble",
        Worker {
            run: |_, run| {
                Box::pin(async move {
                    match enter(run.job.subject) {
                        1 => Err(Error::internal("the disk is full")),
                        2 => panic!("the second time is worse"),
                        _ => Ok(Value::Null),
                    }
                })
            },
            attempts: 3,
        },
    );
    jobs.register(
        "fail",
        Worker {
            run: |_, run| {
                Box::pin(async move {
                    enter(run.job.subject);
                    Err(Error::unavailable("the database is away"))
                })
            },
            attempts: 2,
        },
    );
    jobs.register(
        "refuse",
        Worker {
            run: |_, run| {
                Box::pin(async move {
                    enter(run.job.subject);
                    Err(Error::forbidden("the session has ended"))
                })
            },
            attempts: 3,
        },
    );
}

fn new(kind: &'static str, subject: Uuid) -> NewJob {
    NewJob { kind, subject, args: json!({"number": 7}), by: Uuid::nil(), run_after: None }
}

async fn put(t: &TestApp, new: NewJob) -> JobId {
    let mut tx = t.app.db().begin().await.expect("a transaction");
    let id = jobs::enqueue(&t.app, &mut tx, new).await.expect("put down");
    tx.commit().await.expect("a commit");
    id
}

async fn job(t: &TestApp, id: JobId) -> Job {
    jobs::job(&mut t.app.db(), id).await.expect("a look").expect("a job")
}

async fn until(t: &TestApp, id: JobId, so: impl Fn(&Job) -> bool) -> Job {
    for _ in 0..1000 {
        let found = job(t, id).await;
        if so(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("that did not happen: {:?}", job(t, id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_runs_once_its_transaction_is_durable_and_never_otherwise() {
    both(|t| async move {
        register(&t);
        let (kept, dropped) = (kernel::ids::new(), kernel::ids::new());
        let mut tx = t.app.db().begin().await.expect("a transaction");
        jobs::enqueue(&t.app, &mut tx, new("count", dropped)).await.expect("put down");
        drop(tx);
        let done = put(&t, new("count", kept)).await;
        let done = until(&t, done, |job| job.state == State::Done).await;
        assert_eq!((done.result, done.progress, done.attempts), (Some(json!({"seen": 7})), 100, 1));
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!((seen(kept), seen(dropped)), ((1, 1), (0, 0)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_wait_for_an_answer_that_does_not_come_hold_up_no_other() {
    both(|t| async move {
        register(&t);
        let forever = Worker { run: |_, _| Box::pin(std::future::pending()), attempts: 3 };
        t.app.edge::<Jobs>().register_asking("ask", forever);
        for _ in 0..20 {
            put(&t, new("ask", kernel::ids::new())).await;
        }
        let id = put(&t, new("count", kernel::ids::new())).await;
        until(&t, id, |job| job.state == State::Done).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_never_do_one_job_at_once() {
    both(|t| async move {
        register(&t);
        for _ in 0..3 {
            (jobs::SERVICE.work)(&t.app).into_iter().for_each(|task| drop(tokio::spawn(task)));
        }
        let subjects: Vec<Uuid> = (0..30).map(|_| kernel::ids::new()).collect();
        let mut put_down = Vec::new();
        for subject in &subjects {
            put_down.push(put(&t, new("count", *subject)).await);
        }
        for id in put_down {
            until(&t, id, |job| job.state == State::Done).await;
        }
        assert!(subjects.iter().all(|subject| seen(*subject) == (1, 1)));
    })
    .await;
}

static SEIZE: Statement = Statement::new(
    "SEIZE",
    "UPDATE jobs SET state = 'running', attempts = $4, lease_owner = $2, leased_until = $3 WHERE id = $1",
);

/// As a worker leaves a job whose process is killed.
async fn seize(t: &TestApp, id: JobId, attempts: i64, until: DateTime<Utc>) {
    let mut tx = t.app.db().begin().await.expect("a transaction");
    tx.run(&SEIZE, args![id, kernel::ids::secret(), until, attempts]).await.expect("seized");
    tx.commit().await.expect("a commit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_worker_was_killed_is_taken_over_when_its_lease_is_over() {
    both(|t| async move {
        register(&t);
        let (subject, now) = (kernel::ids::new(), t.clock.now());
        let id = put(&t, NewJob { run_after: Some(now + TimeDelta::days(1)), ..new("count", subject) }).await;
        seize(&t, id, 1, now + LEASE).await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!((job(&t, id).await.state, seen(subject).0), (State::Running, 0));
        t.clock.advance(LEASE + TimeDelta::seconds(1));
        let done = until(&t, id, |job| job.state == State::Done).await;
        assert_eq!((done.attempts, seen(subject)), (2, (1, 1)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_takes_its_process_down_each_time_is_given_up() {
    both(|t| async move {
        register(&t);
        let (subject, now) = (kernel::ids::new(), t.clock.now());
        let id = put(&t, NewJob { run_after: Some(now + TimeDelta::days(1)), ..new("fail", subject) }).await;
        // Begun twice, which is as often as this kind may be, and not heard of since.
        seize(&t, id, 2, now - TimeDelta::seconds(1)).await;
        let failed = until(&t, id, |job| job.state == State::Failed).await;
        assert_eq!((failed.error.as_deref(), seen(subject).0), (Some("it was interrupted too often"), 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_tried_again_later_even_after_a_panic() {
    both(|t| async move {
        register(&t);
        let subject = kernel::ids::new();
        let id = put(&t, new("stumble", subject)).await;
        for attempt in 1..3 {
            let waiting = until(&t, id, |job| job.state == State::Queued && job.attempts == attempt).await;
            assert!(waiting.error.is_some_and(|why| !why.contains("disk")), "what is ours is for the log");
            t.clock.advance(TimeDelta::minutes(1));
        }
        let done = until(&t, id, |job| job.state == State::Done).await;
        assert_eq!((done.attempts, done.error), (3, None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_too_often_is_failed_and_visible_and_a_refusal_is_final() {
    both(|t| async move {
        register(&t);
        let (subject, refused) = (kernel::ids::new(), kernel::ids::new());
        let id = put(&t, new("fail", subject)).await;
        until(&t, id, |job| job.state == State::Queued && job.attempts == 1).await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(job(&t, id).await.attempts, 1, "it is not tried again at once");
        t.clock.advance(TimeDelta::minutes(1));
        let failed = until(&t, id, |job| job.state == State::Failed).await;
        assert_eq!((failed.attempts, failed.error.as_deref()), (2, Some("the database is away")));
        let id = put(&t, new("refuse", refused)).await;
        let failed = until(&t, id, |job| job.state == State::Failed).await;
        assert_eq!((failed.attempts, failed.error.as_deref()), (1, Some("the session has ended")));
        let since = t.clock.now() - TimeDelta::hours(1);
        assert_eq!(jobs::failed(&mut t.app.db(), since).await.expect("a count"), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_called_off_stops_and_keeps_nothing() {
    both(|t| async move {
        register(&t);
        let subject = kernel::ids::new();
        let id = put(&t, new("linger", subject)).await;
        until(&t, id, |job| job.progress > 3).await;
        assert_eq!(job(&t, id).await.progress_note.as_deref(), Some("lingering"));
        let mut tx = t.app.db().begin().await.expect("a transaction");
        assert!(jobs::cancel(&mut tx, id, t.clock.now()).await.expect("cancelled"));
        tx.commit().await.expect("a commit");
        let cancelled = job(&t, id).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(job(&t, id).await, cancelled, "nothing is written after that");
        assert_eq!((cancelled.state, SEEN.lock().expect("a lock")[&subject].1), (State::Cancelled, 0));
        let mut tx = t.app.db().begin().await.expect("a transaction");
        assert!(!jobs::cancel(&mut tx, id, t.clock.now()).await.expect("a look"), "it has ended already");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stops_puts_its_jobs_back() {
    both(|t| async move {
        register(&t);
        let subject = kernel::ids::new();
        let id = put(&t, new("linger", subject)).await;
        until(&t, id, |job| job.progress > 3).await;
        jobs::stop(&t.app).await;
        let back = job(&t, id).await;
        assert_eq!((back.state, back.attempts), (State::Queued, 0));
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(job(&t, id).await, back, "nobody begins anything any more");
    })
    .await;
}
