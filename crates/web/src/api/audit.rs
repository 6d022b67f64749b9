//! The audit: who changed what, when.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::TenantId;
use service::registry::{AuditFilter, AuditLine, Scope};
use utoipa::{IntoParams, ToSchema};

use super::list::{ListView, PageLimit, PageParams, Row, limit_schema, list};
use crate::app::App;
use crate::auth::Caller;
use crate::extract::Params;
use crate::problem::Problem;

/// Which lines are asked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditParams {
    /// Only lines about this id, name or number.
    subject: Option<String>,
    /// The most items, 1 to 1000, where more count as 1000; 100 when absent.
    #[param(schema_with = limit_schema, required = false)]
    limit: Option<PageLimit>,
    /// What the page before gave as `next`; absent for the first page.
    #[param(pattern = "^[0-9]{1,18}$")]
    after: Option<String>,
}

/// One line of the audit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AuditView {
    /// Its place; later lines have later places.
    place: u64,
    /// When it was done.
    at: String,
    /// Who did it: a key's id, `command` or `service`.
    by: String,
    /// What was done, such as `key.created`.
    action: String,
    /// To what: an id, a name or a number.
    subject: String,
    /// How it was before; null for what was not there.
    before: Option<Value>,
    /// How it was after; null for what is no longer there.
    after: Option<Value>,
}

impl Row for AuditView {
    const COLUMNS: &'static [&'static str] = &["place", "at", "by", "action", "subject", "before", "after"];
}

impl From<AuditLine> for AuditView {
    fn from(line: AuditLine) -> Self {
        Self {
            place: line.place,
            at: line.at.to_string(),
            by: line.by.to_string(),
            action: line.action.to_string(),
            subject: line.subject,
            before: line.before,
            after: line.after,
        }
    }
}

/// Who changed what, the newest first.
///
/// A key of the operator's own tenant reads the lines of all tenants, another one those of its own.
#[utoipa::path(
    get, path = "/v1/audit", tag = "Administration", params(AuditParams),
    responses((status = 200, description = "A page of lines; CSV with `Accept: text/csv`.", body = ListView<AuditView>)),
)]
pub(crate) async fn get_audit(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Params(params): Params<AuditParams>,
) -> Result<Response, Problem> {
    caller.need(Scope::Admin)?;
    let page = PageParams { limit: params.limit, after: params.after }.page()?;
    // The operator reads all lines; everybody else those of the own tenant.
    let tenant = (caller.tenant() != TenantId::OPERATOR).then(|| caller.tenant());
    let filter = AuditFilter { tenant, subject: params.subject };
    let listing = app.registry(move |registry| registry.audit_lines(&filter, &page)).await?;
    Ok(list(&headers, listing, AuditView::from))
}
