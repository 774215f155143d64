//! Notices, their items and objections.

use uuid::Uuid;
use voucher_domain::money::Money;
use voucher_domain::period::{Deadline, Instant};

use crate::aggregate::{aggregate, entry};
use crate::schema::{notice_items, notices, objections};

entry! {
    /// A publication, open to objections (Art. 15.5).
    pub struct Notice in notices {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// What is published.
        pub kind: voucher_domain::notice::NoticeKind,
        /// When.
        pub published_at: Instant,
        /// Until when anyone may object.
        pub deadline: Deadline,
        /// The same as an instant.
        pub expires_at: Instant,
        /// The officer who published.
        pub published_by: Uuid,
    }
}

aggregate! {
    /// One thing published in a notice.
    pub struct NoticeItem in notice_items {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The notice.
        pub notice_id: Uuid,
        /// What it is.
        pub subject_id: Uuid,
        /// Its state.
        pub status: voucher_domain::notice::NoticeItemStatus,
        /// What the public reads about it.
        pub public_facts: serde_json::Value,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}

aggregate! {
    /// An objection of somebody who gives their name.
    pub struct Objection in objections {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// The notice.
        pub notice_id: Uuid,
        /// The item it is about.
        pub item_id: Uuid,
        /// Its state.
        pub status: voucher_domain::notice::ObjectionStatus,
        /// Who objects.
        pub name: String,
        /// How to reach them.
        pub contact: String,
        /// Why.
        pub grounds: String,
        /// The amount it was changed to, if upheld.
        pub amount_fen: Option<Money>,
        /// Why it was resolved so.
        pub reasons: Option<String>,
        /// The officer who resolved it.
        pub resolved_by: Option<Uuid>,
        /// When.
        pub resolved_at: Option<Instant>,
        /// When it was made.
        pub created_at: Instant,
        /// Counts the changes; 1 when new.
        pub version: i64,
    }
}
