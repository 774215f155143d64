//! Letters on their way, with a real SMTP server at the other end that behaves as it is told.

mod parked;
mod safety;
mod trouble;

use serde_json::Value;

use crate::harness::{Account, World};
use crate::smtp_server::SmtpServer;

/// A world with an applicant, a cycle to claim from, and a server that takes its letters.
struct Post {
    world: World,
    server: SmtpServer,
    applicant: Account,
    cycle: String,
}

impl Post {
    async fn office(world: World) -> Self {
        Self::office_with(world, SmtpServer::start()).await
    }

    async fn office_with(world: World, server: SmtpServer) -> Self {
        let (applicant, cycle) = (world.enterprise().await, world.open_cycle(10_000_000_000).await);
        // The administrator's own letters are out of the way.
        world.admin().await;
        world.run_jobs();
        let url = format!("smtp://localhost:{}", server.port);
        world.send_letters_with(|mail| mail.smtp_url = url);
        Self { world, server, applicant, cycle }
    }

    /// Writes a letter: one voucher more.
    async fn letter(&self) -> Value {
        let claimed = self.world.claim(&self.applicant, &self.cycle, 100_000).await;
        self.world.tell_claims();
        claimed
    }

    /// The letters of the outbox that are in this state, newest first.
    async fn outbox(&self, state: &str) -> Vec<Value> {
        let admin = self.world.admin().await;
        let page = self.world.get(&format!("/outbox?state={state}&limit=200")).by(&admin).send().await.expect(200);
        page["items"].as_array().unwrap().iter().filter(|letter| letter["kind"] == "voucher_claimed").cloned().collect()
    }
}

/// What a letter of the outbox says of its last failure.
fn failure(letter: &Value) -> &str {
    letter["last_error"].as_str().unwrap_or_else(|| panic!("it did not fail: {letter}"))
}
