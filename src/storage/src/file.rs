//! Uploaded files and what they are attached to.

use diesel::{QueryDsl, RunQueryDsl};
use uuid::Uuid;
use voucher_domain::event::SubjectKind;
use voucher_domain::period::Instant;

use crate::aggregate::{entry, record};
use crate::backend::Connection;
use crate::backend::query::Compare;
use crate::error::StorageError;
use crate::page::Page;
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
        pub subject_kind: SubjectKind,
        /// Which one.
        pub subject_id: Uuid,
    }
}

impl File {
    /// The files that somebody sent, newest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_uploader(
        tx: &mut Connection,
        user_id: Uuid,
        before: Option<Uuid>,
        limit: u16,
    ) -> Result<Page<Self>, StorageError> {
        Self::page(tx, Self::all().filter(files::uploaded_by.is(user_id)), before, limit)
    }

    /// The files that are attached to a thing, oldest first.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn attached_to(
        tx: &mut Connection,
        subject_kind: SubjectKind,
        subject_id: Uuid,
    ) -> Result<Vec<Self>, StorageError> {
        let attached = attachments::table
            .filter(attachments::subject_id.is(subject_id))
            .filter(attachments::subject_kind.is(subject_kind));
        let ids: Vec<Uuid> = attached.select(attachments::file_id).load(tx)?;
        Self::find_all(tx, &ids)
    }
}

impl Attachment {
    /// What a file is attached to.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn of_file(tx: &mut Connection, file_id: Uuid) -> Result<Vec<Self>, StorageError> {
        Ok(attachments::table.filter(attachments::file_id.is(file_id)).order(attachments::subject_id).load(tx)?)
    }

    /// Lets go of the files of a thing, to be attached anew.
    ///
    /// # Errors
    /// Failures of the store alone.
    pub fn remove_of_subject(
        tx: &mut Connection,
        subject_kind: SubjectKind,
        subject_id: Uuid,
    ) -> Result<(), StorageError> {
        let attached = attachments::table
            .filter(attachments::subject_id.is(subject_id))
            .filter(attachments::subject_kind.is(subject_kind));
        diesel::delete(attached).execute(tx)?;
        Ok(())
    }
}
