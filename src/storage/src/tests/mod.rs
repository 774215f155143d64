//! Every test runs on both databases.

mod aggregates;
mod columns;
mod concurrency;
mod orphans;
mod schema;
mod steps;
mod transactions;

use chrono::{DateTime, Utc};
use uuid::Uuid;
use voucher_domain::actor::{OrganizationKind, Role};
use voucher_domain::period::Instant;
use voucher_domain::text::Language;

use crate::organization::Organization;
use crate::user::User;

fn instant(text: &str) -> Instant {
    Instant::from_utc(text.parse::<DateTime<Utc>>().unwrap())
}

fn organization(uscc: Option<&str>) -> Organization {
    Organization {
        id: Uuid::now_v7(),
        kind: OrganizationKind::Enterprise,
        name: "北京某某科技有限公司".to_owned(),
        uscc: uscc.map(str::to_owned),
        created_at: instant("2026-10-08T01:02:03.000004Z"),
        version: 1,
        legal_representative: None,
        banned_until: None,
    }
}

fn user(email: &str, role: Role, organization_id: Option<Uuid>) -> User {
    User {
        id: Uuid::now_v7(),
        organization_id,
        role,
        name: "张三".to_owned(),
        email: email.to_owned(),
        phone: None,
        password_hash: None,
        email_verified_at: None,
        failed_logins: 0,
        locked_until: None,
        is_active: true,
        language: Language::Chinese,
        created_at: instant("2026-10-08T01:02:03Z"),
        version: 1,
        phone_index: None,
    }
}
