//! The body of a batch look-up, of which no more is kept than may be asked.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::LabelItem;
use crate::extract::json_seeded;
use crate::problem::{Code, Problem};

/// Reads a batch of at most `most` items.
///
/// A body of a few packed kilobytes may hold millions of items: those beyond the limit are only counted.
pub(super) fn read_batch(body: &[u8], most: usize) -> Result<Vec<LabelItem>, Problem> {
    let Items { items, beyond } = json_seeded(Batch { most }, body)?;
    if beyond > 0 {
        let found = items.len() + beyond;
        return Err(Problem::new(Code::TooLarge, format!("`items` may hold {most} numbers, not {found}")));
    }
    Ok(items)
}

/// Items up to the limit, and how many there were beyond.
#[derive(Default)]
struct Items {
    items: Vec<LabelItem>,
    beyond: usize,
}

/// Reads the object around the items.
struct Batch {
    most: usize,
}

/// Reads the items.
struct AtMost(usize);

impl<'de> DeserializeSeed<'de> for Batch {
    type Value = Items;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Items, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Batch {
    type Value = Items;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `items`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Items, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "items" if found.is_none() => found = Some(map.next_value_seed(AtMost(self.most))?),
                "items" => return Err(A::Error::duplicate_field("items")),
                other => return Err(A::Error::unknown_field(other, &["items"])),
            }
        }
        found.ok_or_else(|| A::Error::missing_field("items"))
    }
}

impl<'de> DeserializeSeed<'de> for AtMost {
    type Value = Items;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Items, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for AtMost {
    type Value = Items;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Items, A::Error> {
        let mut found = Items::default();
        while found.items.len() < self.0 {
            match list.next_element()? {
                Some(item) => found.items.push(item),
                None => return Ok(found),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            found.beyond += 1;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: Result<usize, Code>) {
        let got = read_batch(body.as_bytes(), 2).map(|items| items.len()).map_err(|problem| problem.code());
        assert_eq!(got, expect, "{body}");
    }

    #[test]
    fn items_are_read_up_to_the_limit() {
        let item = r#"{"tn":"+12155550112"}"#;
        check(r#"{"items":[]}"#, Ok(0));
        check(&format!(r#"{{"items":[{item},{item}]}}"#), Ok(2));
        check(&format!(r#"{{"items":[{item},{item},{item}]}}"#), Err(Code::TooLarge));
        check(&format!(r#"{{"items":[{item},{item},7,"anything"]}}"#), Err(Code::TooLarge));
    }

    #[test]
    fn what_is_no_batch_is_refused() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"items":7}"#,
            r#"{"items":[7]}"#,
            r#"{"items":[],"items":[]}"#,
            r#"{"items":[],"more":1}"#,
            r#"{"items":[{"tn":"+12155550112","colour":"red"}]}"#,
            r#"{"items":[]} {}"#,
        ] {
            check(body, Err(Code::BadBody));
        }
        let problem = read_batch(br#"{"items":[{"tn":"+12155550112"},{"tn":5}]}"#, 2).expect_err("no number");
        assert!(problem.json().contains(r#""field":"items[1].tn""#), "{}", problem.json());
    }
}
