//! The policy in force, the one that is watched beside it, and where they differ.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use model::TelephoneNumber;
use serde::{Deserialize, Serialize};
use service::fold::{Difference, Scope as View};
use service::registry::{Listing, Scope};
use service::slots::VIEWS_MAX;
use utoipa::{IntoParams, ToSchema};

use super::list::{ListView, PageLimit, Row, limit_schema, list};
use crate::app::App;
use crate::auth::Caller;
use crate::extract::Params;
use crate::mapping::apart;
use crate::number::read_tn;
use crate::problem::{Code, Problem};

/// The policies that judge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PolicyView {
    /// The version of the policy whose labels are shown.
    version: String,
    /// The version of the policy that is only watched; null when there is none.
    shadow: Option<String>,
}

/// Which differences are asked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DifferenceParams {
    /// `own`: what the tenant's own records say; `shared`: what carriers' traffic and reports say, which takes `read:facts`. `own`
    /// when absent.
    #[param(pattern = "^(own|shared)$")]
    view: Option<String>,
    /// The most items, 1 to 1000, where more count as 1000; 100 when absent. A number's engines are not told apart, so there may be a few more.
    #[param(schema_with = limit_schema, required = false)]
    limit: Option<PageLimit>,
    /// What the page before gave as `next`; absent for the first page.
    #[param(format = "telephone-number")]
    after: Option<String>,
}

/// A number that the watched policy labels otherwise.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DifferenceView {
    /// The number.
    tn: String,
    /// The key of the analytics engine; `any` where no call names a carrier.
    engine: String,
    /// The label that is shown.
    label: &'static str,
    /// The label that the watched policy would show.
    shadow: &'static str,
}

impl Row for DifferenceView {
    const COLUMNS: &'static [&'static str] = &["tn", "engine", "label", "shadow"];
}

impl From<Difference> for DifferenceView {
    fn from(difference: Difference) -> Self {
        Self {
            tn: difference.tn.to_string(),
            engine: difference.engine.into(),
            label: difference.live.as_str(),
            shadow: difference.shadow.as_str(),
        }
    }
}

/// The versions of the policy in force, and of the one that is watched beside it.
#[utoipa::path(
    get, path = "/v1/policy", tag = "Policy",
    responses((status = 200, description = "The versions.", body = PolicyView)),
)]
pub(crate) async fn get_policy(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<PolicyView>, Problem> {
    caller.need(Scope::Read)?;
    Ok(Json(versions(&app)))
}

/// Reads the policy files again, and judges by them from the next full hour on; the certificate is read again as well.
///
/// What does not hold is refused, and the last good one stays. SIGHUP does the same. Takes an `admin` key of the operator's own
/// tenant.
#[utoipa::path(
    post, path = "/v1/policy/reload", tag = "Policy",
    responses((status = 200, description = "The versions that hold now.", body = PolicyView)),
)]
pub(crate) async fn post_reload(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<PolicyView>, Problem> {
    caller.need_operator()?;
    let change = caller.change(&app);
    app.reload(change).await.map_err(|refused| Problem::new(Code::PolicyRefused, refused))?;
    Ok(Json(versions(&app)))
}

/// Numbers that the watched policy labels otherwise, in rising order.
#[utoipa::path(
    get, path = "/v1/policy/differences", tag = "Policy", params(DifferenceParams),
    responses((status = 200, description = "A page of numbers; CSV with `Accept: text/csv`.", body = ListView<DifferenceView>)),
)]
pub(crate) async fn get_differences(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Params(params): Params<DifferenceParams>,
) -> Result<Response, Problem> {
    let view = view(&caller, params.view.as_deref())?;
    let after = params.after.as_deref().map(|text| read_tn(text, None)).transpose()?;
    let limit = usize::from(params.limit.unwrap_or_default().limit().get());
    let service = app.service.clone();
    let found = apart(move || service.differences(view, after, limit + usize::from(VIEWS_MAX))).await?;
    let listing = whole_numbers(found, limit);
    Ok(list(&headers, listing, DifferenceView::from))
}

fn versions(app: &App) -> PolicyView {
    let (version, shadow) = app.service.policy_versions();
    PolicyView { version: version.to_string(), shadow: shadow.map(|version| version.to_string()) }
}

fn view(caller: &Caller, wanted: Option<&str>) -> Result<View, Problem> {
    match wanted {
        None | Some("own") => caller.need(Scope::Read).map(|()| View::Tenant(caller.tenant())),
        Some("shared") => caller.need(Scope::ReadFacts).map(|()| View::Shared),
        Some(_) => Err(Problem::new(Code::BadParameter, "view: own or shared is expected")),
    }
}

/// A page of about `limit` items that splits no number: the next one begins behind a number.
fn whole_numbers(mut found: Vec<Difference>, limit: usize) -> Listing<Difference, TelephoneNumber> {
    let Some(last) = found.get(limit).map(|difference| difference.tn) else {
        return Listing { items: found, next: None };
    };
    let keep = found.iter().position(|difference| difference.tn >= last).filter(|keep| *keep > 0);
    let keep = keep.unwrap_or_else(|| found.iter().take_while(|difference| difference.tn <= last).count());
    let more = keep < found.len();
    found.truncate(keep);
    let next = if more { found.last().map(|difference| difference.tn) } else { None };
    Listing { items: found, next }
}

#[cfg(test)]
mod tests {
    use model::Label;

    use super::*;

    fn difference(last: u64) -> Difference {
        let tn = TelephoneNumber::from_digits(12_155_550_100 + last).expect("a number");
        Difference { tn, engine: "any".into(), live: Label::Spam, shadow: Label::None }
    }

    fn check(lasts: &[u64], limit: usize, expect: (usize, Option<u64>)) {
        let listing = whole_numbers(lasts.iter().map(|last| difference(*last)).collect(), limit);
        let next = listing.next.map(|tn| tn.digits() - 12_155_550_100);
        assert_eq!((listing.items.len(), next), expect, "{lasts:?}");
    }

    #[test]
    fn pages_split_no_number() {
        check(&[], 2, (0, None));
        check(&[1, 2], 2, (2, None));
        check(&[1, 2, 3], 2, (2, Some(2)));
        check(&[1, 2, 2, 3], 2, (1, Some(1)));
        check(&[1, 1, 1, 2], 2, (3, Some(1)));
        check(&[1, 1, 1], 2, (3, None));
    }
}
