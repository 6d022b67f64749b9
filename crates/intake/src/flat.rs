//! One level of named texts: a JSON object's members, or the fields of a form.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Named texts, in the order of the record. Numbers and booleans are texts too; null is empty; what is nested is left out.
#[derive(Default)]
pub(crate) struct Flat<'a> {
    members: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Flat<'a> {
    /// The text of that name, trimmed; empty when there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.members.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text.trim())
    }

    /// Whether there is a member of that name, empty or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(known, _)| known == name)
    }

    /// Adds a member.
    pub(crate) fn push(&mut self, name: Cow<'a, str>, text: Cow<'a, str>) {
        self.members.push((name, text));
    }

    /// All texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(_, text)| text.as_ref())
    }

    /// Rewrites every text.
    pub(crate) fn rewrite(&mut self, change: impl Fn(&str) -> String) {
        for (_, text) in &mut self.members {
            *text = Cow::Owned(change(text));
        }
    }

    /// Reads `a=1&b=2` (the media type `application/x-www-form-urlencoded`).
    pub(crate) fn from_form(text: &str) -> Flat<'static> {
        let mut flat = Flat::default();
        for pair in text.trim().split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            flat.push(Cow::Owned(percent_decode(name, true)), Cow::Owned(percent_decode(value, true)));
        }
        flat
    }
}

/// Undoes percent-encoding (RFC 3986 §2.1), and with `plus` the `+` that forms write for a blank. What is no encoding, or
/// encodes no text, stays as it is.
pub(crate) fn percent_decode(text: &str, plus: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.first().and_then(hex), after.get(1).and_then(hex)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'+', _, _) if plus => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(byte: &u8) -> Option<u8> {
    char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

impl<'de: 'a, 'a> Deserialize<'de> for Flat<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Flat<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Flat<'de>, A::Error> {
                let mut flat = Flat::default();
                while let Some(Text(Some(name))) = map.next_key()? {
                    if let Text(Some(text)) = map.next_value()? {
                        flat.push(name, text);
                    }
                }
                Ok(flat)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// A scalar as text; `None` for an array or object.
struct Text<'a>(Option<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Owned(value.to_string()))))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Borrowed(if value { "true" } else { "false" }))))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Text(Some(Cow::Borrowed(""))))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_become_texts() {
        let flat: Flat<'_> =
            serde_json::from_str(r#"{"a":" x ","n":1795471851.5,"b":true,"z":null,"o":{"a":1},"l":[1]}"#)
                .expect("JSON");
        assert_eq!((flat.get("a"), flat.get("n"), flat.get("b"), flat.get("z")), ("x", "1795471851.5", "true", ""));
        assert!(flat.has("z") && !flat.has("o") && !flat.has("l"));
    }

    #[test]
    fn forms_are_decoded() {
        let flat = Flat::from_form("To=%2B12155550113&Timestamp=Fri%2C+20+Nov+2026&odd=%zz&flag");
        assert_eq!((flat.get("To"), flat.get("Timestamp")), ("+12155550113", "Fri, 20 Nov 2026"));
        assert_eq!((flat.get("odd"), flat.has("flag")), ("%zz", true));
        assert_eq!(percent_decode("a+b%20c", false), "a+b c");
    }
}
