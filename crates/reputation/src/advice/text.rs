//! Texts with places to fill.

use crate::policy::PolicyError;

/// Fills the places `{name}` of a text; a place without a value stays as it is.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => out.push_str(value),
            None => {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Checks that a text names only places that are filled.
pub(crate) fn check(key: &str, text: &str, places: &[&str], expected: &'static str) -> Result<(), PolicyError> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        if !places.contains(&name) {
            return Err(PolicyError::Range { key: key.to_owned(), value: format!("{{{name}}}"), expected });
        }
        rest = tail;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_checked() {
        assert_eq!(fill("{n} of {value}, {n}", &[("n", "3"), ("value", "7")]), "3 of 7, 3");
        assert_eq!(fill("plain {odd", &[]), "plain {odd}");
        assert!(check("k", "{n} of {value}", &["n", "value"], "n or value").is_ok());
        assert!(check("k", "{n} of {valeu}", &["n", "value"], "n or value").is_err());
    }
}
