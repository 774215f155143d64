//! Uploads: what is taken, what they are attached to, and who may read them.

mod content;
mod reading;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::period::Instant;
use voucher_domain::refusal::{Faults, Refusal, RefusalCode};
use voucher_storage::file::{Attachment, File};

use super::ports::{Download, Upload};
use super::{Call, Change, Failure, Outcome, Program};

pub use reading::{Reading, may_read};

/// A file that was uploaded.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FileView {
    /// Its id.
    pub id: Uuid,
    /// The SHA-256 of its content, in lower-case hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: i64,
    /// Its media type, found in its content.
    pub content_type: String,
    /// The name the sender gave it, without path and control characters.
    pub name: String,
    /// When it came.
    pub created_at: Instant,
}

impl From<File> for FileView {
    fn from(row: File) -> Self {
        Self {
            id: row.id,
            sha256: row.sha256,
            bytes: row.bytes,
            content_type: row.content_type,
            name: row.name,
            created_at: row.created_at,
        }
    }
}

/// A download has no parameters.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct FetchQuery {}

/// An upload whose content is what is taken, and whose bytes are kept.
#[derive(Debug, Clone)]
pub struct KeptUpload {
    name: String,
    content_type: String,
    bytes: i64,
    sha256: String,
}

/// Looks into an upload and keeps its bytes, before the transaction: a large file would hold up every
/// other writer. Kept bytes that no row comes to name are in nobody's way; they are found again
/// when the same content comes again.
///
/// # Errors
/// `payload_too_large`; `validation_failed` for an empty file; `unsupported_media_type` for content
/// that is not taken, whatever the name says.
pub fn prepare_upload(program: &Program, upload: Upload) -> Outcome<KeptUpload> {
    let settings = &program.settings.files;
    if upload.bytes.len() > settings.max_bytes {
        let limit_bytes = settings.max_bytes;
        return Err(Refusal::new(
            RefusalCode::PayloadTooLarge,
            format!("文件超过 {limit_bytes} 字节的上限。"),
            format!("The file is larger than the limit of {limit_bytes} bytes."),
        )
        .into());
    }
    if upload.bytes.is_empty() {
        return Err(Refusal::field("file", "not_empty", "文件是空的。", "is empty.").into());
    }
    let content_type = content::require_taken(&upload.bytes, &settings.types)?;
    let bytes = i64::try_from(upload.bytes.len()).map_err(|_| Failure::internal("a file has no size"))?;
    let sha256 = program.files.keep(&upload.bytes).map_err(|error| Failure::internal(error.to_string()))?;
    Ok(KeptUpload { name: content::plain_name(&upload.name), content_type: content_type.to_owned(), bytes, sha256 })
}

/// Enters an upload whose bytes are kept. Each upload is a file of its own, even with the same bytes.
///
/// # Errors
/// When the store fails.
pub fn store(call: &mut Call<'_>, kept: KeptUpload) -> Outcome<FileView> {
    let actor = call.actor()?;
    let row = File {
        id: call.new_id(),
        uploaded_by: actor.user_id,
        organization_id: actor.organization_id,
        name: kept.name,
        content_type: kept.content_type,
        bytes: kept.bytes,
        sha256: kept.sha256,
        created_at: call.now,
    };
    let row = File::insert(call.tx, &row)?;
    let organization_id = row.organization_id;
    let after = FileView::from(row);
    call.record(Change {
        action: EventAction::FileStored,
        kind: SubjectKind::File,
        id: after.id,
        organization_id,
        cycle_id: None,
        before: None,
        after: Some(&after),
    })?;
    Ok(after)
}

/// A file's content, for those who may read it; an outsider's reading is recorded (Art. 9.3).
///
/// # Errors
/// `not_found`.
pub fn fetch(call: &mut Call<'_>, id: Uuid, _query: FetchQuery) -> Outcome<Download> {
    let row = File::find(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    match may_read(call, &row)? {
        Some(Reading::Own) => {}
        Some(Reading::Attached { organization_id }) => call.record_reading(SubjectKind::File, id, organization_id)?,
        None => return Err(Refusal::not_found().into()),
    }
    let bytes = call.program.files.read(&row.sha256).map_err(|error| Failure::internal(error.to_string()))?;
    Ok(Download { content_type: row.content_type, name: row.name, bytes })
}

/// Attaches the caller's files to a thing, named `file_ids` in the request: the thing has these files
/// from now on, and no others.
///
/// # Errors
/// `validation_failed` that names each file that is not there or is somebody else's.
pub fn attach(call: &mut Call<'_>, file_ids: &[Uuid], kind: SubjectKind, subject_id: Uuid) -> Outcome<()> {
    attach_named(call, file_ids, kind, subject_id, |index| format!("file_ids[{index}]"))
}

/// As [`attach`], where the request names the files otherwise (`evidence[0].file_id`).
///
/// # Errors
/// `validation_failed` that names each file that is not there or is somebody else's.
pub fn attach_named(
    call: &mut Call<'_>,
    file_ids: &[Uuid],
    kind: SubjectKind,
    subject_id: Uuid,
    field: impl Fn(usize) -> String,
) -> Outcome<()> {
    let actor = call.actor()?;
    let files = File::find_all(call.tx, file_ids)?;
    let mut faults = Faults::default();
    for (index, id) in file_ids.iter().enumerate() {
        let is_own = files.iter().any(|file| file.id == *id && reading::is_own(&actor, file));
        let (zh, en) = ("没有这个文件,或不是本单位上传的。", "is not a file that your organization has uploaded.");
        faults.require(is_own, &field(index), "exists", zh, en);
    }
    faults.done()?;
    Attachment::remove_of_subject(call.tx, kind, subject_id)?;
    // Each file once, however often the request names it.
    let attachments: Vec<Attachment> =
        files.iter().map(|file| Attachment { file_id: file.id, subject_kind: kind, subject_id }).collect();
    Ok(Attachment::insert_all(call.tx, &attachments)?)
}

/// The files that are attached to a thing, oldest first. Whether the caller may see the thing is
/// for the thing's own use case to say.
///
/// # Errors
/// When the store fails.
pub fn attached(call: &mut Call<'_>, kind: SubjectKind, subject_id: Uuid) -> Outcome<Vec<FileView>> {
    let files = File::attached_to(call.tx, kind, subject_id)?;
    Ok(files.into_iter().map(FileView::from).collect())
}
