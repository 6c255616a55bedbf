//! How a fetching ended: when the next one is, what is shown of it, and whether more was told of meanwhile.
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Result};
use store::Tx;
use uuid::Uuid;

use super::Tally;
use crate::connections::{self, Connection};
use crate::schedule::EVERY;
use crate::trouble::Trouble;
use crate::{connect, ending, notices};

/// The first wait after a failure. It doubles each time, and is spread by up to a half, so that what failed together does
/// not come back together.
const PATIENCE: TimeDelta = TimeDelta::minutes(1);
const MOST_PATIENCE: TimeDelta = TimeDelta::hours(6);
/// How far those who are fetched regularly are spread.
const SPREAD: TimeDelta = TimeDelta::seconds(60);
/// What is asked for again each time: a band sends late what it measured out of reach.
const OVERLAP: TimeDelta = TimeDelta::hours(2);

/// Writes down how it ended and gives the lease back. An error of ours is returned, so that the job is tried again.
pub async fn settle(
    app: &App,
    begun: &Connection,
    job: Uuid,
    fetched: Result<(), Trouble>,
    tally: &Tally,
) -> Result<()> {
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let found = connections::lock(&mut tx, begun.id).await?;
    let Some(mut next) = found.filter(|found| found.ended_at.is_none() && found.leased_by == Some(job)) else {
        return Ok(());
    };
    (next.leased_by, next.leased_until) = (None, None);
    let mut failed = None;
    match fetched {
        Ok(()) => succeeded(&mut next, begun, tally, now),
        Err(Trouble::Ended { why }) => {
            ending::lost(app, &mut tx, &next, why, now).await?;
            return Ok(tx.commit().await?);
        }
        Err(Trouble::NotAllowed { why }) => {
            if is_nobodys(&mut tx, &next, now).await? {
                ending::lost(app, &mut tx, &next, "whoever connected it may not any more", now).await?;
                return Ok(tx.commit().await?);
            }
            notices::drop_all(&mut tx, next.id).await?;
            // What is measured while it may not be kept is not kept afterwards either.
            (next.synced_to, next.kept_from) = (now, Some(now));
            (next.is_due, next.next_sync_at) = (false, now + EVERY);
            next.trouble = Some(why.to_owned());
        }
        Err(Trouble::Later { why, wait }) => put_off(&mut next, why, wait, now),
        Err(Trouble::Refused { why }) => put_off(&mut next, why, None, now),
        Err(Trouble::Unknown) => put_off(&mut next, "the provider does not take its own tokens", None, now),
        Err(Trouble::Ours(error)) if error.status().is_server_error() => failed = Some(error),
        Err(Trouble::Ours(_)) => put_off(&mut next, "it could not be kept", None, now),
    }
    connections::set(&mut tx, &next).await?;
    if next.failures == 0 && failed.is_none() && more_was_told(&mut tx, &next).await? {
        connect::wake_again(app, &mut tx, &next).await?;
    }
    tx.commit().await?;
    failed.map_or(Ok(()), Err)
}

fn succeeded(next: &mut Connection, begun: &Connection, tally: &Tally, now: DateTime<Utc>) {
    next.failures = 0;
    next.trouble = tally.not_given.map(str::to_owned);
    if begun.is_due {
        let spread = SPREAD * (kernel::ids::secret().as_u128() % 1000) as i32 / 1000;
        (next.is_due, next.last_sync_at, next.next_sync_at) = (false, Some(now), now + EVERY + spread);
        next.synced_to = now - OVERLAP;
    }
}

fn put_off(next: &mut Connection, why: &str, asked: Option<TimeDelta>, now: DateTime<Utc>) {
    next.failures += 1;
    next.trouble = Some(why.to_owned());
    next.next_sync_at = now + wait(next.failures).max(asked.unwrap_or_default());
}

fn wait(failures: i64) -> TimeDelta {
    let doubled = PATIENCE * (1 << (failures.clamp(1, 12) - 1));
    let wait = doubled.min(MOST_PATIENCE);
    wait + wait / 2 * (kernel::ids::secret().as_u128() % 1000) as i32 / 1000
}

async fn more_was_told(tx: &mut Tx, of: &Connection) -> Result<bool> {
    Ok(of.is_due || !notices::of(tx, of.id).await?.is_empty())
}

/// Whether it may not be kept although the patient agrees: then whoever connected it may write no more, or the patient left.
async fn is_nobodys(tx: &mut Tx, of: &Connection, now: DateTime<Utc>) -> Result<bool> {
    match connect::require_consent(tx, of.patient_id, now).await {
        Ok(()) => Ok(true),
        Err(error) if error.status() == StatusCode::FORBIDDEN => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_longer_than_the_one_before_up_to_a_bound() {
        for failures in 1..9 {
            assert!(wait(failures) >= PATIENCE * (1 << (failures - 1)) && wait(failures) < wait(failures + 1) * 2);
        }
        assert!(wait(50) >= MOST_PATIENCE && wait(50) <= MOST_PATIENCE * 3 / 2);
    }
}
