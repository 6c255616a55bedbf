//! The live stream: each event once, in order, to everyone it may be shown to, from where they left off.
use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use access::{Caller, OpenStream, Place, Streams};
use axum::response::sse::Event as Sse;
use chrono::TimeDelta;
use events::{Event, Log};
use fanout::RecvError;
use futures::Stream;
use kernel::{App, PatientId, Result};
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::time::{Instant, interval_at};

use crate::notice::{Live, Notice, may_read, render_all, was_for, was_for_good};
use crate::raise::TOPIC;

/// Events read from the log at a time.
const PAGE: i64 = 200;
/// How often other processes' events are looked for.
const POLL: Duration = Duration::from_secs(1);
const HEARTBEAT: Duration = Duration::from_secs(30);
/// What is older is not told again: whoever was away so long reads the list.
const REPLAYED: TimeDelta = TimeDelta::hours(24);
/// How long an event is told again to whom it was for, whoever treats the patient by now: an ended emergency ends its
/// responders' relation, and one who was away for ten seconds must still learn that it is over.
const JUST_NOW: TimeDelta = TimeDelta::minutes(15);

/// Follows the log and tells everyone connected here. Runs as long as the process.
pub async fn dispatch(app: App) {
    let log = app.edge::<Log>().clone();
    let mut wake = log.follow();
    let mut seen = loop {
        match log.head(&mut app.db()).await {
            Ok(head) => break head,
            Err(error) => tracing::warn!(%error, "the event log cannot be read yet"),
        }
        tokio::time::sleep(POLL).await;
    };
    loop {
        match after(&app, seen).await {
            Ok(notices) if notices.is_empty() => {
                let _ = tokio::time::timeout(POLL, wake.changed()).await;
            }
            Ok(notices) => {
                for notice in notices {
                    seen = notice.seq;
                    app.edge::<Live>().hub.tell(&(), || notice);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the event log cannot be read");
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

async fn after(app: &App, seq: i64) -> Result<Vec<Arc<Notice>>> {
    render_all(app, &app.edge::<Log>().after(&mut app.db(), TOPIC, seq, PAGE).await?).await
}

/// The stream's state between two events.
struct Follower {
    app: App,
    caller: Caller,
    /// The newest event this follower was offered.
    seen: i64,
    live: Receiver<Arc<Notice>>,
    catching_up: bool,
    /// What this caller may be told and was not yet.
    waiting: VecDeque<Arc<Notice>>,
    heartbeat: tokio::time::Interval,
    /// Ends when the process is told to stop.
    open: OpenStream,
    _place: Place,
}

/// Events for this caller: those after `last_seen`, a day old at most, then live ones. 429 for an account that has too many
/// streams open.
pub async fn follow(
    app: App,
    caller: Caller,
    last_seen: Option<i64>,
) -> Result<impl Stream<Item = Result<Sse, Infallible>> + Send> {
    let place = app.edge::<Streams>().place(&caller)?;
    // Following starts before the head is read, so that nothing falls between.
    let live = app.edge::<Live>().hub.follow(());
    let seen = begin(&app, last_seen).await?;
    let follower = Follower {
        seen,
        catching_up: last_seen.is_some(),
        waiting: VecDeque::new(),
        heartbeat: interval_at(Instant::now() + HEARTBEAT, HEARTBEAT),
        open: app.edge::<Streams>().begin(None),
        _place: place,
        app,
        caller,
        live,
    };
    let rest = futures::stream::unfold(follower, |mut follower| async {
        let event = follower.next().await?;
        Some((Ok(event), follower))
    });
    // A first comment makes proxies and clients see at once that the stream is open.
    Ok(futures::StreamExt::chain(futures::stream::iter([Ok(Sse::default().comment("open"))]), rest))
}

/// The event after which the stream begins.
async fn begin(app: &App, last_seen: Option<i64>) -> Result<i64> {
    let (log, mut db) = (app.edge::<Log>(), app.db());
    let head = log.head(&mut db).await?;
    match last_seen {
        // A number that was never given out must not hide what comes up to it.
        Some(last) if last < head => {
            let old = log.last_until(&mut db, TOPIC, app.clock().now() - REPLAYED).await?;
            Ok(last.max(old.unwrap_or_default()))
        }
        _ => Ok(head),
    }
}

impl Follower {
    /// The next thing to send; `None` ends the stream.
    async fn next(&mut self) -> Option<Sse> {
        loop {
            if let Some(notice) = self.waiting.pop_front() {
                // An ended session is told nothing more, not even what was read for it before it ended; nor is anybody
                // by a consent that was taken back.
                if !self.caller.still_lives(&self.app).await {
                    return None;
                }
                // Who cannot be asked about now comes back with the id of what was sent last, and misses nothing.
                match notice.is_still_for(&self.app, &self.caller).await {
                    Ok(true) => return Some(notice.event()),
                    Ok(false) => {}
                    Err(error) => {
                        tracing::warn!(%error, "a stream of emergencies was ended: it is not known who may follow it");
                        return None;
                    }
                }
            } else if self.catching_up {
                self.catch_up().await?;
                // A long absence must not keep a worker from everybody else.
                tokio::task::yield_now().await;
            } else if let Some(heartbeat) = self.wait().await? {
                return Some(heartbeat);
            }
        }
    }

    /// Reads what was missed from the log, a page at a time.
    async fn catch_up(&mut self) -> Option<()> {
        let missed = self.app.edge::<Log>().after(&mut self.app.db(), TOPIC, self.seen, PAGE).await.ok()?;
        self.catching_up = missed.len() as i64 == PAGE;
        self.seen = missed.last().map_or(self.seen, |event| event.seq);
        let theirs = still_for(&self.app, &self.caller, missed).await.ok()?;
        let notices = render_all(&self.app, &theirs).await.ok()?;
        let now = self.app.clock().now();
        self.waiting.extend(notices.into_iter().filter(|notice| notice.is_for(&self.caller, now)));
        Some(())
    }

    /// Waits for a live event or the next heartbeat. `None` when the session has ended.
    async fn wait(&mut self) -> Option<Option<Sse>> {
        tokio::select! {
            told = self.live.recv() => match told {
                Ok(notice) => {
                    if notice.seq > self.seen {
                        self.seen = notice.seq;
                        let now = self.app.clock().now();
                        self.waiting.extend(notice.is_for(&self.caller, now).then_some(notice));
                    }
                    Some(None)
                }
                Err(RecvError::Lagged(_)) => {
                    self.catching_up = true;
                    Some(None)
                }
                Err(RecvError::Closed) => None,
            },
            () = self.open.closed() => None,
            _ = self.heartbeat.tick() => {
                if !self.caller.still_lives(&self.app).await {
                    return None;
                }
                let now = json!({"timestamp": self.app.clock().now()});
                Some(Some(Sse::default().event("ping").data(now.to_string())))
            }
        }
    }
}

/// Of missed events those to tell: they were for the caller when they happened, and happened just now or are about a
/// patient the caller still has to do with; the latter always where the patient gave the right and may take it back. Asked before anything is opened.
async fn still_for(app: &App, caller: &Caller, missed: Vec<Event>) -> Result<Vec<Event>> {
    let now = app.clock().now();
    let just_now = now - JUST_NOW;
    let (mut related, mut theirs) = (HashMap::new(), Vec::new());
    for event in missed.into_iter().filter(|event| was_for(event, caller, now)) {
        let patient = PatientId(event.subject);
        let asks_again = event.at <= just_now || !was_for_good(&event, caller, now);
        if asks_again && !related.contains_key(&patient) {
            related.insert(patient, access::of_patient(&mut app.db(), patient).await?);
        }
        let still = |relations: &Vec<_>| may_read(caller, (patient, event.at), relations, now);
        if !asks_again || related.get(&patient).is_some_and(still) {
            theirs.push(event);
        }
    }
    Ok(theirs)
}
