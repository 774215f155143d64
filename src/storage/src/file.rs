//! Uploaded files and what they are attached to.

use uuid::Uuid;
use voucher_domain::period::Instant;

use crate::aggregate::{entry, record};
use crate::schema::{attachments, files};

entry! {
    /// An uploaded file; its bytes are kept under its digest.
    pub struct File in files {
        /// Version 7, so that ids sort by creation.
        pub id: Uuid,
        /// Who sent it.
        pub uploaded_by: Uuid,
        /// For which organization.
        pub organization_id: Option<Uuid>,
        /// The name the sender gave it.
        pub name: String,
        /// Its type, found in its content.
        pub content_type: String,
        /// Its size.
        pub bytes: i64,
        /// Its digest.
        pub sha256: String,
        /// When it came.
        pub created_at: Instant,
    }
}

record! {
    /// A file attached to a thing; whoever may see the thing may see the file.
    pub struct Attachment in attachments {
        /// The file.
        pub file_id: Uuid,
        /// What kind of thing.
        pub subject_kind: voucher_domain::event::SubjectKind,
        /// Which one.
        pub subject_id: Uuid,
    }
}
