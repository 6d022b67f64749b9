//! Telephone numbers in paths and queries.

use model::{Region, TelephoneNumber};

use crate::problem::{Code, Problem};

/// Reads a number as people write it: E.164 with or without `+`, separators, `tel:` and `sip:`, the national form of `region`.
///
/// A query turns `+` into a space, so a space before the first digit is read as the plus sign that was meant.
///
/// # Errors
/// A problem that says what is wrong with it.
pub fn read_tn(text: &str, region: Option<Region>) -> Result<TelephoneNumber, Problem> {
    let plus;
    let text = match text.strip_prefix(' ') {
        Some(rest) if rest.starts_with(|first: char| first.is_ascii_digit()) => {
            plus = format!("+{rest}");
            plus.as_str()
        }
        Some(_) | None => text,
    };
    model::tn::parse_tn(text.as_bytes(), region).map_err(|error| Problem::new(Code::BadNumber, error.to_string()))
}

/// Reads the code of a region; `None` stays `None`.
///
/// # Errors
/// A problem when there is no such region.
pub fn read_region(code: Option<&str>) -> Result<Option<Region>, Problem> {
    let Some(code) = code else { return Ok(None) };
    match Region::from_code(code) {
        Some(region) => Ok(Some(region)),
        None => Err(Problem::new(Code::BadParameter, format!("region: `{code}` is no region such as US or GB"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, region: Option<&str>, expect: Result<&str, Code>) {
        let got = read_region(region).and_then(|region| read_tn(text, region));
        assert_eq!(got.map(|tn| tn.to_string()).map_err(|problem| problem.code()), expect.map(str::to_owned), "{text}");
    }

    #[test]
    fn every_usual_form_is_read() {
        for text in
            ["+12155550112", " 12155550112", "12155550112", "2155550112", "+1 (215) 555-0112", "tel:+1-215-555-0112"]
        {
            check(text, None, Ok("+12155550112"));
        }
        check("sip:+12155550112@example.org;user=phone", None, Ok("+12155550112"));
        check("(215) 555-0112", Some("US"), Ok("+12155550112"));
        check("020 7946 0958", Some("GB"), Ok("+442079460958"));
        check(" 442079460958", None, Ok("+442079460958"));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "anonymous", "abc", "112", "+999999999999999999", "020 7946 0958"] {
            check(text, None, Err(Code::BadNumber));
        }
        check("2155550112", Some("Atlantis"), Err(Code::BadParameter));
    }
}
