//! A server that is told to stop says so to whoever is connected.
use access::Streams;
use testkit::both;
use tokio::time::{Duration, timeout};

use crate::socket::Ws;
use crate::{people, whom};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_connected_is_told_to_come_back() {
    both(|t| async move {
        let p = people(&t).await;
        let mut ws = Ws::following(&t, &p.w.nurse, &whom(&p)).await;
        let path = format!("/patients/{}/vitals/stream", p.patient());
        let stream = p.w.nurse.request(reqwest::Method::GET, &path).send().await.expect("an answer");
        let emergencies = p.w.nurse.request(reqwest::Method::GET, "/api/emergency/stream").send().await.expect("one");
        let streams = t.app.edge::<Streams>();
        streams.stop();
        ws.rest_of_it().await;
        assert_eq!(ws.closed, Some((1001, "the server stops: connect again".to_owned())));
        for stream in [stream, emergencies] {
            timeout(Duration::from_secs(10), stream.text()).await.expect("the stream ends").expect("in good order");
        }
        timeout(Duration::from_secs(10), streams.all_ended()).await.expect("nothing is open any more");
    })
    .await;
}
