//! The description of the API as a whole.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, Info, OpenApi, OpenApiBuilder, Ref, ResponseBuilder, SecurityRequirement,
};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::problem::{Fault, ProblemBody};

const DESCRIPTION: &str = "\
Judges telephone numbers as carriers' call-analytics engines do, and says why.

A request shows its key as `Authorization: Bearer KEY`; what a key may do is told by its scopes. Failures are told as \
`application/problem+json` (RFC 9457), each with a code that has a heading. Lists come in pages: `?limit=` and `?after=`.

What stands under an engine's name is an estimate from published behaviour and from the records that were sent in; the \
companies publish no thresholds.";

/// Title, version, security, and the types that every operation uses.
pub(crate) fn head() -> OpenApi {
    let key = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = ComponentsBuilder::new()
        .security_scheme("key", key)
        .schema(ProblemBody::name(), ProblemBody::schema())
        .schema(Fault::name(), Fault::schema())
        .build();
    let mut info = Info::new("Ringtrue", env!("CARGO_PKG_VERSION"));
    info.description = Some(DESCRIPTION.to_owned());
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([SecurityRequirement::new("key", Vec::<String>::new())]))
        .build()
}

/// Adds to each operation what any of them may answer when it fails.
pub(crate) fn add_problems(api: &mut OpenApi) {
    for item in api.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
            &mut item.head,
            &mut item.options,
            &mut item.trace,
        ];
        for operation in operations.into_iter().flatten() {
            add_problem(operation);
        }
    }
}

fn add_problem(operation: &mut Operation) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemBody::name()))).build();
    let problem =
        ResponseBuilder::new().description("What went wrong.").content("application/problem+json", content).build();
    operation.responses.responses.insert("default".to_owned(), problem.into());
}

/// The description as it is served.
pub(crate) fn text(api: &OpenApi) -> String {
    let mut text = serde_json::to_string_pretty(api).expect("a description is JSON");
    text.push('\n');
    text
}
