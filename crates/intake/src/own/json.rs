//! Our own call records as JSON lines, bare or in a CloudEvents 1.0 envelope (also a batch of them).

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::frame::Framing;
use crate::options::Options;
use crate::output::{Dialect, Output};
use crate::reject::{Fault, RejectCode};

use super::fields::{COLUMNS, Field, Fields};

/// Our own NDJSON.
pub(crate) struct OwnJson {
    options: Options,
}

impl OwnJson {
    /// Makes the dialect.
    pub(crate) fn new(options: Options) -> Self {
        Self { options }
    }

    fn one(&self, text: &str, out: &mut Output) -> Result<(), Fault> {
        let object: Object<'_> = serde_json::from_str(text).map_err(|error| bad_json(&error))?;
        let mut fields = object.fields;
        if let Some(data) = object.data {
            let inner: Object<'_> = serde_json::from_str(data.get()).map_err(|error| bad_json(&error))?;
            let (id, source) = (fields.get(Field::Id).to_owned(), fields.get(Field::Source).to_owned());
            fields = inner.fields;
            if fields.get(Field::Id).is_empty() {
                fields.set(Field::Id, Cow::Owned(id));
            }
            if fields.get(Field::Source).is_empty() {
                fields.set(Field::Source, Cow::Owned(source));
            }
            return fields.read(inner.shows_cause, &self.options, out);
        }
        fields.read(object.shows_cause, &self.options, out)
    }
}

impl Dialect for OwnJson {
    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn read(&self, record: &[u8], out: &mut Output) -> Result<(), Fault> {
        let text = text(record)?;
        if !text.trim_start().starts_with('[') {
            return self.one(text, out);
        }
        let batch: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| bad_json(&error))?;
        for item in batch {
            if let Err(fault) = self.one(item.get(), out) {
                out.reject(fault);
            }
        }
        Ok(())
    }
}

/// The record as text.
///
/// # Errors
/// `BAD_ENCODING` when it is not UTF-8.
pub(crate) fn text(record: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(record).map_err(|error| {
        Fault::new(RejectCode::BadEncoding, "", format!("byte {} of the record is not UTF-8", error.valid_up_to() + 1))
    })
}

/// A fault that tells where the JSON breaks.
pub(crate) fn bad_json(error: &serde_json::Error) -> Fault {
    Fault::new(RejectCode::BadJson, "", format!("a JSON object was expected: {error}"))
}

/// One JSON object: the fields that we know, and the payload of an envelope.
struct Object<'a> {
    fields: Fields<'a>,
    data: Option<&'a RawValue>,
    shows_cause: bool,
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a call record")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut object = Object { fields: Fields::default(), data: None, shows_cause: false };
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    let known = COLUMNS.iter().find(|(name, _)| *name == key).map(|&(_, field)| field);
                    match known {
                        Some(field) => {
                            object.shows_cause |=
                                matches!(field, Field::Outcome | Field::SipCode | Field::Reason | Field::Q850);
                            object.fields.set(field, map.next_value::<Scalar<'de>>()?.0);
                        }
                        None if key == "data" => object.data = Some(map.next_value()?),
                        None => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// A JSON string, number, boolean or null, as text; null is empty.
pub(crate) struct Scalar<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Scalar<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a number")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Scalar(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Scalar(Cow::Owned(text.to_owned())))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Scalar(Cow::Owned(value.to_string())))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Scalar(Cow::Owned(value.to_string())))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(Scalar(Cow::Owned(value.to_string())))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Scalar(Cow::Borrowed(if value { "true" } else { "false" })))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Scalar(Cow::Borrowed("")))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
