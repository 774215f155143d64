//! Letters over TLS, and servers that want to know who sends.

use super::{Post, failure};
use crate::harness::World;
use crate::on_both_stores;
use crate::smtp_server::SmtpServer;

on_both_stores!(
    letters_go_over_tls_to_a_server_whose_certificate_is_trusted,
    letters_wait_rather_than_go_in_the_clear,
    letters_go_to_a_server_that_knows_the_sender,
    a_wrong_password_parks_nothing,
);

/// A certificate that a server made for itself.
struct Certificate {
    directory: tempfile::TempDir,
}

impl Certificate {
    fn make() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(directory.path().join("certificate.pem"), made.cert.pem()).unwrap();
        std::fs::write(directory.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        Self { directory }
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).to_str().unwrap().to_owned()
    }

    fn server(&self, more: &[&str]) -> SmtpServer {
        let (certificate, key) = (self.path("certificate.pem"), self.path("key.pem"));
        SmtpServer::start_with(&[&["--certificate", &certificate, "--key", &key], more].concat())
    }
}

async fn letters_go_over_tls_to_a_server_whose_certificate_is_trusted(world: World) {
    let certificate = Certificate::make();
    let mut post = Post::office_with(world, certificate.server(&["--tls", "starttls"])).await;
    let url = format!("smtp://localhost:{}?tls=required", post.server.port);
    post.world.send_letters_with(|mail| {
        mail.smtp_url = url;
        mail.smtp_certificate_file = certificate.path("certificate.pem").into();
    });
    post.letter().await;
    post.letter().await;
    post.world.run_jobs();
    assert_eq!((post.server.received().len(), post.outbox("sent").await.len()), (2, 2));

    let mut wrapped = certificate.server(&["--tls", "wrapped"]);
    let url = format!("smtps://localhost:{}", wrapped.port);
    post.world.send_letters_with(|mail| {
        mail.smtp_url = url;
        mail.smtp_certificate_file = certificate.path("certificate.pem").into();
    });
    post.letter().await;
    post.world.run_jobs();
    assert_eq!((wrapped.received().len(), post.outbox("sent").await.len()), (1, 3));
}

async fn letters_wait_rather_than_go_in_the_clear(world: World) {
    let certificate = Certificate::make();
    let mut post = Post::office_with(world, certificate.server(&["--tls", "starttls"])).await;
    let url = format!("smtp://localhost:{}?tls=required", post.server.port);
    // A certificate that nobody has vouched for.
    post.world.send_letters_with(|mail| mail.smtp_url = url);
    post.letter().await;
    post.world.run_jobs();
    let waiting = post.outbox("waiting").await;
    assert!(failure(&waiting[0]).to_lowercase().contains("certificate"), "{waiting:?}");
    // A server that knows no TLS at all.
    let mut clear = SmtpServer::start();
    let url = format!("smtp://localhost:{}?tls=required", clear.port);
    post.world.send_letters_with(|mail| mail.smtp_url = url);
    post.world.at("2026-03-02T10:00:30+08:00");
    post.world.run_jobs();
    assert_eq!((post.server.received().len(), clear.received().len()), (0, 0));
    assert_eq!(post.outbox("waiting").await[0]["attempts"], 2);
}

async fn letters_go_to_a_server_that_knows_the_sender(world: World) {
    let certificate = Certificate::make();
    let server = certificate.server(&["--tls", "starttls", "--password", "opensesame"]);
    let mut post = Post::office_with(world, server).await;
    let url = format!("smtp://voucher:opensesame@localhost:{}?tls=required", post.server.port);
    post.world.send_letters_with(|mail| {
        mail.smtp_url = url;
        mail.smtp_certificate_file = certificate.path("certificate.pem").into();
    });
    post.letter().await;
    post.world.run_jobs();
    assert_eq!((post.server.received().len(), post.outbox("sent").await.len()), (1, 1));
}

async fn a_wrong_password_parks_nothing(world: World) {
    let mut post = Post::office_with(world, SmtpServer::start_with(&["--password", "opensesame"])).await;
    for user in ["voucher:wrong@", ""] {
        let url = format!("smtp://{user}localhost:{}", post.server.port);
        post.world.send_letters_with(|mail| mail.smtp_url = url);
        post.letter().await;
        post.world.run_jobs();
        post.world.at(&format!("2026-03-02T{}:00:00+08:00", if user.is_empty() { "12" } else { "11" }));
    }
    let waiting = post.outbox("waiting").await;
    assert_eq!((waiting.len(), post.server.received().len()), (2, 0));
    let failures: Vec<&str> = waiting.iter().filter_map(|letter| letter["last_error"].as_str()).collect();
    assert!(failures.iter().any(|text| text.contains("535") || text.contains("530")), "{failures:?}");
    assert!(failures.iter().all(|text| !text.contains("wrong")), "{failures:?}");
    let url = format!("smtp://voucher:opensesame@localhost:{}", post.server.port);
    post.world.send_letters_with(|mail| mail.smtp_url = url);
    post.world.run_jobs();
    assert_eq!(post.server.received().len(), 2);
}
