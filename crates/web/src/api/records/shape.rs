//! Records as the description of the API tells them. They are read elsewhere, by the formats of the intake.

use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::{Object, ObjectBuilder, Ref, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

/// What a field may hold. Each may be null or an empty text, which means that nothing is told.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// Anything: it is not read.
    Anything,
    /// Any text; a number or a truth value is read as its text.
    Text,
    /// A time: RFC 3339, or a number of seconds or milliseconds since 1970.
    Time,
    /// A telephone number in any usual form.
    Number,
    /// One of the words that stand between `|`.
    Word(&'static str),
    /// A whole number from 0 to this one.
    Whole(u32),
    /// Decimal seconds up to a week.
    Seconds,
}

/// One field: its name, what it may hold, what it means.
type Field = (&'static str, Form, &'static str);

const SECONDS_MAX: u32 = 604_800;

const CALL: [Field; 16] = [
    ("id", Form::Text, "Names the record within its source: a repeat is recognised by it."),
    ("start", Form::Time, "When the call was placed: RFC 3339, or seconds or milliseconds since 1970."),
    ("orig", Form::Number, "The number that called."),
    ("dest", Form::Number, "The number that was called."),
    (
        "direction",
        Form::Word("outbound|inbound|internal"),
        "`inbound` is a person who calls the number back; `outbound` when absent.",
    ),
    ("carrier", Form::Text, "The key of the terminating carrier, such as `att`."),
    (
        "outcome",
        Form::Word("answered|no_answer|busy|declined|cancelled|invalid|unreachable|blocked|unwanted|failed"),
        "How the call ended; when absent, as `sip_code`, `reason`, `q850` and `talk_s` tell.",
    ),
    ("sip_code", Form::Whole(699), "The final SIP status."),
    ("reason", Form::Text, "The SIP `Reason` header."),
    ("q850", Form::Whole(127), "The cause after ITU-T Q.850."),
    ("q850_location", Form::Text, "Where that cause was set, such as `U` or `LN` (RFC 8606)."),
    ("ring_s", Form::Seconds, "Seconds from placing to answer or end."),
    ("talk_s", Form::Seconds, "Seconds from answer to end."),
    ("hangup_by", Form::Word("orig|dest|network"), "Who ended the call."),
    ("attestation", Form::Word("A|B|C|none"), "How the call was attested; `none` is an unsigned call."),
    ("known_at", Form::Time, "When it became known; on arrival when absent."),
];

const REPORT: [Field; 8] = [
    ("id", Form::Text, "Names the report within its source: a repeat is recognised by it."),
    ("at", Form::Time, "When it was reported. Not told without a key."),
    ("tn", Form::Number, "The number that called."),
    (
        "category",
        Form::Word("unwanted|fraud|not_spam|wrong_number|spoofed_me"),
        "What is said of it; `unwanted` when absent.",
    ),
    (
        "reporter",
        Form::Text,
        "An opaque id of who reports, or `tel:` and a number, of which only a keyed hash is kept. Not told without a key.",
    ),
    ("carrier", Form::Text, "The key of the reporter's carrier."),
    ("called_at", Form::Time, "When the call came."),
    ("comment", Form::Text, "In words; never scored."),
];

const ENVELOPE: [Field; 4] = [
    ("specversion", Form::Anything, "The version of the envelope, `1.0`."),
    ("id", Form::Text, "Names the event within its source."),
    ("source", Form::Text, "Where it comes from."),
    ("type", Form::Anything, "What it tells, in the sender's words."),
];

/// A call, as our own records tell it.
pub(crate) struct CallRecord;

/// What a person says of a number that called.
pub(crate) struct ReportRecord;

/// A CloudEvents envelope around a call.
pub(crate) struct CallEvent;

/// A CloudEvents envelope around a report.
pub(crate) struct ReportEvent;

impl PartialSchema for CallRecord {
    fn schema() -> RefOr<Schema> {
        let what = "A call, as our own records tell it. What is absent is unknown. Other fields are ignored.";
        described(what, &CALL, &["start", "orig", "dest"]).build().into()
    }
}

impl PartialSchema for ReportRecord {
    fn schema() -> RefOr<Schema> {
        let what = "What a person says of a number that called. Other fields are ignored.";
        described(what, &REPORT, &["tn"]).build().into()
    }
}

impl PartialSchema for CallEvent {
    fn schema() -> RefOr<Schema> {
        envelope::<CallRecord>()
    }
}

impl PartialSchema for ReportEvent {
    fn schema() -> RefOr<Schema> {
        envelope::<ReportRecord>()
    }
}

impl ToSchema for CallRecord {}
impl ToSchema for ReportRecord {}

impl ToSchema for CallEvent {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((CallRecord::name().into_owned(), CallRecord::schema()));
    }
}

impl ToSchema for ReportEvent {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((ReportRecord::name().into_owned(), ReportRecord::schema()));
    }
}

fn envelope<T: ToSchema>() -> RefOr<Schema> {
    let what = "A CloudEvents 1.0 envelope. Its `id` and `source` serve where the record has none.";
    let object = described(what, &ENVELOPE, &["data"]).property("data", Ref::from_schema_name(T::name()));
    object.build().into()
}

fn described(what: &str, fields: &[Field], required: &[&str]) -> ObjectBuilder {
    let mut object = ObjectBuilder::new().schema_type(Type::Object).description(Some(what));
    for (name, form, meaning) in fields {
        object = object.property(*name, field(*form, meaning));
    }
    required.iter().fold(object, |object, name| object.required(*name))
}

fn field(form: Form, meaning: &str) -> Object {
    let object = ObjectBuilder::new().description(Some(meaning));
    let object = match form {
        Form::Anything => object.schema_type(SchemaType::AnyValue),
        Form::Text => object.schema_type(types(&[Type::String, Type::Number, Type::Boolean])),
        Form::Time => object
            .schema_type(types(&[Type::String, Type::Number]))
            .format(Some(SchemaFormat::Custom("record-time".to_owned())))
            .examples(["2026-11-23T10:29:00Z"]),
        Form::Number => object
            .schema_type(types(&[Type::String, Type::Number]))
            .format(Some(SchemaFormat::Custom("telephone-number".to_owned())))
            .examples(["+12155550112"]),
        Form::Word(words) => object.schema_type(types(&[Type::String])).pattern(Some(format!("^({words})?$"))),
        Form::Whole(most) => {
            object.schema_type(types(&[Type::Integer, Type::String])).minimum(Some(0)).maximum(Some(most))
        }
        Form::Seconds => {
            object.schema_type(types(&[Type::Number, Type::String])).minimum(Some(0)).maximum(Some(SECONDS_MAX))
        }
    };
    object.build()
}

fn types(told: &[Type]) -> SchemaType {
    told.iter().cloned().chain([Type::Null]).collect()
}
