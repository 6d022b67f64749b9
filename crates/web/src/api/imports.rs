//! How far imports of files came.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};
use service::registry::{ImportKey, ImportProgress, Name};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::body::receive;
use crate::extract::{Segment, json, whole};
use crate::problem::{Code, Problem};

/// How far an import came, as the one who imports tells.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewImportView {
    /// What people call the file; the last 256 bytes are kept.
    file_name: String,
    /// Bytes of the file, unpacked, whose records were acknowledged.
    #[schema(maximum = 9_223_372_036_854_775_807_u64)]
    #[serde(deserialize_with = "whole")]
    position_bytes: u64,
    /// Records up to there.
    #[schema(maximum = 9_223_372_036_854_775_807_u64)]
    #[serde(deserialize_with = "whole")]
    records: u64,
    /// Whether the file's end was reached.
    finished: bool,
}

/// How far an import came.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ImportView {
    /// What people call the file.
    file_name: String,
    /// Bytes of the file, unpacked, whose records were acknowledged.
    position_bytes: u64,
    /// Records up to there.
    records: u64,
    /// Whether the file's end was reached.
    finished: bool,
    /// When this was noted.
    updated_at: String,
}

impl From<ImportProgress> for ImportView {
    fn from(progress: ImportProgress) -> Self {
        let ImportProgress { key: _, file_name, position_bytes, records, finished, updated_at } = progress;
        Self { file_name, position_bytes, records, finished, updated_at: updated_at.to_string() }
    }
}

/// How far the import of a file came, for who goes on with it.
///
/// A file is known by the SHA-256 of its bytes, and to the source of the key alone.
#[utoipa::path(
    get, path = "/v1/imports/{file}", tag = "Records",
    params(("file" = String, Path, pattern = "^[0-9a-f]{64}$", description = "The SHA-256 of the file's bytes, in hexadecimal digits.")),
    responses((status = 200, description = "How far it came.", body = ImportView)),
)]
pub(crate) async fn get_import(
    State(app): State<Arc<App>>,
    caller: Caller,
    Segment(file): Segment,
) -> Result<Json<ImportView>, Problem> {
    let key = import_key(&caller, &file)?;
    match app.registry(move |registry| registry.import(&key)).await? {
        Some(progress) => Ok(Json(progress.into())),
        None => Err(Problem::new(Code::NotFound, "this file was never imported as this source")),
    }
}

/// Notes how far the import of a file came, in place of what was noted before.
#[utoipa::path(
    put, path = "/v1/imports/{file}", tag = "Records", request_body = NewImportView,
    params(("file" = String, Path, pattern = "^[0-9a-f]{64}$", description = "The SHA-256 of the file's bytes, in hexadecimal digits.")),
    responses((status = 200, description = "What is noted now.", body = ImportView)),
)]
pub(crate) async fn put_import(
    State(app): State<Arc<App>>,
    caller: Caller,
    Segment(file): Segment,
    request: Request,
) -> Result<Json<ImportView>, Problem> {
    let key = import_key(&caller, &file)?;
    let body = receive(request, &app.limits, &app.budget).await?;
    let NewImportView { file_name, position_bytes, records, finished } = json(body.bytes())?;
    let (updated_at, most) = (app.now(), i64::MAX.unsigned_abs());
    if position_bytes.max(records) > most {
        return Err(Problem::new(Code::BadBody, format!("position_bytes, records: at most {most} is expected")));
    }
    let progress = ImportProgress { key, file_name, position_bytes, records, finished, updated_at };
    let noted = progress.clone();
    app.registry(move |registry| registry.note_import(&noted)).await?;
    Ok(Json(progress.into()))
}

fn import_key(caller: &Caller, file: &str) -> Result<ImportKey, Problem> {
    let source = caller.ingest_source()?;
    let hash = digest(file).ok_or_else(|| {
        Problem::new(Code::BadParameter, "file: a SHA-256 in 64 hexadecimal digits, in lower case, is expected")
    })?;
    Ok(ImportKey { tenant: caller.tenant(), source: Name::clone(source), file: hash })
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 64 || !text.as_bytes().iter().all(is_digit) {
        return None;
    }
    let mut digest = [0; 32];
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}
