//! A server that is killed after a letter has arrived, and before it could write that down.

use std::path::Path;

use serde_json::json;
use voucher_domain::period::Instant;

use crate::both;
use crate::client::Client;
use crate::server::Server;
use crate::smtp_server::{SmtpServer, message_id};

/// Longer than a letter is in hand, and than the lease of a job.
const LATER_SECONDS: i64 = 600;

fn start(url: &str, directory: &Path, smtp: &SmtpServer) -> Server {
    let smtp_url = format!("smtp://localhost:{}", smtp.port);
    let settings = [("VOUCHER__MAIL__SMTP_URL", smtp_url.as_str()), ("VOUCHER__JOBS__INTERVAL_SECONDS", "1")];
    Server::start_with(url, directory, &["--simulated-clock"], &settings)
}

/// Asks the server until it has taken so many letters.
fn wait_for(smtp: &mut SmtpServer, count: usize) -> Vec<String> {
    loop {
        let received = smtp.received();
        if received.len() >= count {
            return received;
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_letter_whose_sending_was_not_written_down_is_sent_again_as_the_same() {
    for store in both() {
        let directory = tempfile::tempdir().unwrap();
        let mut smtp = SmtpServer::start();
        smtp.tell("hold");
        let server = start(store.url(), directory.path(), &smtp);
        let form = json!({
            "organization": { "kind": "team", "name": "某某创业团队" }, "name": "李明", "email": "li@team.test",
            "phone": "13800138000", "password": "a long enough password 1"
        });
        let registered = Client::connect(server.port).unwrap().send("POST", "/auth/register", &form).unwrap();
        assert_eq!(registered.status, 201, "{registered:?}");
        wait_for(&mut smtp, 1);
        server.kill();

        smtp.tell("accept");
        let server = start(store.url(), directory.path(), &smtp);
        let mut client = Client::connect(server.port).unwrap();
        let clock = client.send("GET", "/dev/clock", &json!({})).unwrap();
        let now: Instant = clock.body["now"].as_str().unwrap().parse().unwrap();
        let later = now.plus_seconds(LATER_SECONDS).unwrap();
        assert_eq!(client.send("PUT", "/dev/clock", &json!({ "now": later })).unwrap().status, 200);
        let received = wait_for(&mut smtp, 2);
        assert_eq!(message_id(&received[0]), message_id(&received[1]));
        assert!(received[0].contains("To: li@team.test"), "{received:?}");
    }
}
