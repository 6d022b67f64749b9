//! The Reason header (RFC 3326, RFC 8606), as tolerantly as records carry it.

use std::borrow::Cow;

/// The longest header that is read, in bytes; what follows is passed over.
const MAX_HEADER_BYTES: usize = 4096;
/// The most reasons of one header that are read.
const MAX_REASONS: usize = 8;
/// The most parameters of one reason that are read.
const MAX_PARAMS: usize = 16;
/// The longest redress address, in bytes.
const MAX_REDRESS_BYTES: usize = 512;
/// How the text of a block by analytics begins (ATIS-1000099 §4.1.1).
const ANALYTICS: &str = "v=analytics1";

/// Whose causes a reason speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// SIP status codes.
    Sip,
    /// Q.850 causes.
    Q850,
    /// A protocol that tells nothing of a call's end here.
    Other,
}

/// One reason of a Reason header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason<'a> {
    /// Whose cause it is.
    pub protocol: Protocol,
    /// The cause; `None` when missing or no number up to 65535.
    pub cause: Option<u16>,
    /// The text, without quotes and escapes; `None` when missing.
    pub text: Option<Cow<'a, str>>,
    /// The location (RFC 8606); `None` when missing.
    pub location: Option<Cow<'a, str>>,
}

/// Reads a Reason header's value, with or without the header's name. Whatever is not understood is passed over; at most eight
/// reasons are told.
#[must_use]
pub fn parse(header: &str) -> Vec<Reason<'_>> {
    let mut end = header.len().min(MAX_HEADER_BYTES);
    while !header.is_char_boundary(end) {
        end -= 1;
    }
    let header = header.get(..end).unwrap_or_default().trim_start();
    let value = match header.get(..7) {
        Some(name) if name.eq_ignore_ascii_case("reason:") => header.get(7..).unwrap_or_default(),
        _ => header,
    };
    Pieces::new(value, b',').filter_map(reason).take(MAX_REASONS).collect()
}

impl Reason<'_> {
    /// Tells whether this is the text of a block by analytics.
    #[must_use]
    pub fn is_analytics_block(&self) -> bool {
        let rest = self.text.as_deref().and_then(|text| text.trim_start().strip_prefix(ANALYTICS));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(';'))
    }

    /// Where a block may be contested: the value of `url=`, else `tel=`, else `email=` of the text. `None` when there is none
    /// that is safe to show.
    #[must_use]
    pub fn redress(&self) -> Option<&str> {
        let text = self.text.as_deref()?;
        ["url", "tel", "email"].into_iter().find_map(|wanted| {
            text.split(';').find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                let value = value.trim();
                (name.trim().eq_ignore_ascii_case(wanted) && is_address(wanted, value)).then_some(value)
            })
        })
    }
}

/// An address that people may be shown: printable ASCII without quotes and brackets; a URL is a web address.
fn is_address(kind: &str, value: &str) -> bool {
    let plain = value.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'`'));
    let web =
        || ["https://", "http://"].iter().any(|s| value.get(..s.len()).is_some_and(|h| h.eq_ignore_ascii_case(s)));
    !value.is_empty() && value.len() <= MAX_REDRESS_BYTES && plain && (kind != "url" || web())
}

fn reason(piece: &str) -> Option<Reason<'_>> {
    let mut params = Pieces::new(piece, b';').take(MAX_PARAMS);
    let protocol = match params.next()?.trim() {
        "" => return None,
        name if name.eq_ignore_ascii_case("SIP") => Protocol::Sip,
        name if name.eq_ignore_ascii_case("Q.850") || name.eq_ignore_ascii_case("Q850") => Protocol::Q850,
        _ => Protocol::Other,
    };
    let mut reason = Reason { protocol, cause: None, text: None, location: None };
    let mut bare_analytics = false;
    for param in params {
        let Some((name, raw)) = param.split_once('=') else {
            continue;
        };
        let (name, raw) = (name.trim(), raw.trim());
        let value = unquoted(raw);
        if name.eq_ignore_ascii_case("cause") {
            reason.cause = value.trim().parse().ok();
        } else if name.eq_ignore_ascii_case("location") {
            reason.location = Some(value);
        } else if name.eq_ignore_ascii_case("text") {
            bare_analytics = value == ANALYTICS;
            reason.text = Some(value);
        } else if bare_analytics && let Some(text) = &mut reason.text {
            // A text that lost its quotes on the way falls apart at its own semicolons.
            text.to_mut().push_str(&format!(";{name}={value}"));
        }
    }
    Some(reason)
}

/// Takes the quotes and escapes off a quoted string (RFC 3261 §25.1); anything else only loses stray quotes at its ends.
fn unquoted(raw: &str) -> Cow<'_, str> {
    let Some(inner) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(raw.trim_matches('"'));
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner.trim_matches('"'));
    }
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => text.extend(chars.next()),
            other => text.push(other),
        }
    }
    Cow::Owned(text)
}

/// Cuts a text at a separator, but not inside quotes. A quote that is never closed counts as an ordinary character.
struct Pieces<'a> {
    rest: Option<&'a str>,
    separator: u8,
    quotes: bool,
}

impl<'a> Pieces<'a> {
    const fn new(text: &'a str, separator: u8) -> Self {
        Self { rest: Some(text), separator, quotes: true }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        let bytes = rest.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte == self.separator {
                self.rest = rest.get(at + 1..);
                return rest.get(..at);
            }
            if byte == b'"' && self.quotes {
                match closing_quote(bytes, at + 1) {
                    Some(close) => at = close,
                    None => self.quotes = false,
                }
            }
            at += 1;
        }
        self.rest = None;
        Some(rest)
    }
}

fn closing_quote(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Told<'a> = (Protocol, Option<u16>, Option<&'a str>, Option<&'a str>);

    fn check(header: &str, expected: &[Told<'_>]) {
        let parsed = parse(header);
        let found: Vec<_> =
            parsed.iter().map(|r| (r.protocol, r.cause, r.text.as_deref(), r.location.as_deref())).collect();
        assert_eq!(found, expected, "{header}");
    }

    #[test]
    fn reasons_are_read() {
        use Protocol::{Other, Q850, Sip};
        check(
            "SIP;cause=200;text=\"Call completed elsewhere\"",
            &[(Sip, Some(200), Some("Call completed elsewhere"), None)],
        );
        check("Q.850;cause=16;text=\"Terminated\"", &[(Q850, Some(16), Some("Terminated"), None)]);
        check("Q.850;cause=1;location=LN", &[(Q850, Some(1), None, Some("LN"))]);
        check("Reason: q.850 ; CAUSE = \"17\" ;Location=\"U\"", &[(Q850, Some(17), None, Some("U"))]);
        check(
            "SIP;cause=580;text=\"a, b; c\", Q.850;cause=31",
            &[(Sip, Some(580), Some("a, b; c"), None), (Q850, Some(31), None, None)],
        );
        check("preemption;cause=1;text=\"UA preemption\"", &[(Other, Some(1), Some("UA preemption"), None)]);
        check("SIP;cause=486;text=\"say \\\"no\\\" \\\\\"", &[(Sip, Some(486), Some("say \"no\" \\"), None)]);
    }

    #[test]
    fn broken_headers_are_read_as_far_as_they_go() {
        use Protocol::{Q850, Sip};
        check("", &[]);
        check(",;,", &[]);
        check("SIP", &[(Sip, None, None, None)]);
        check("SIP;cause=70000", &[(Sip, None, None, None)]);
        check("SIP;cause=;text", &[(Sip, None, None, None)]);
        check(
            "SIP;text=\"never closed, Q.850;cause=1",
            &[(Sip, None, Some("never closed"), None), (Q850, Some(1), None, None)],
        );
        check("SIP;text=\"ends in \\", &[(Sip, None, Some("ends in \\"), None)]);
        assert_eq!(parse(&"SIP;cause=1,".repeat(1000)).len(), MAX_REASONS);
        assert_eq!(parse(&format!("SIP;text={}", "é".repeat(4000))).len(), 1);
    }

    fn redress(header: &str) -> Option<String> {
        let reasons = parse(header);
        let block = reasons.iter().find(|r| r.is_analytics_block());
        block.and_then(|r| r.redress()).map(str::to_owned)
    }

    #[test]
    fn blocks_tell_where_to_contest_them() {
        let url = Some("https://redress.example.net/c/8f2a".to_owned());
        let text = "v=analytics1;url=https://redress.example.net/c/8f2a";
        assert_eq!(redress(&format!("SIP;cause=603;text=\"{text}\";location=RLN")), url);
        assert_eq!(redress(&format!("Q.850;cause=21;text=\"{text}\";location=LN")), url);
        assert_eq!(redress(&format!("SIP;cause=603;text={text};location=RLN")), url, "quotes lost");
        assert_eq!(redress(&format!("SIP;cause=603;text=\"\"{text}\"\";location=RLN")), url, "quotes doubled");
        assert_eq!(redress("SIP;cause=603;text=\"v=analytics1;tel=+12155550100\""), Some("+12155550100".to_owned()));
        assert_eq!(
            redress("SIP;cause=603;text=\"v=analytics1;email=a@example.net\""),
            Some("a@example.net".to_owned())
        );
        assert_eq!(
            redress("SIP;cause=603;text=\"v=analytics1;tel=+12155550100;URL=https://r.example.net/1\""),
            Some("https://r.example.net/1".to_owned()),
            "a web address comes first"
        );
        assert_eq!(redress("SIP;cause=603;text=\"v=analytics1;url=javascript:alert(1)\""), None);
        assert_eq!(redress("SIP;cause=603;text=\"v=analytics1;url=https://a/<b>\""), None);
        assert_eq!(redress("SIP;cause=603;text=\"v=analytics10;url=https://a.example.net/\""), None, "another version");
    }

    proptest! {
        #[test]
        fn no_header_breaks_the_reader(header in "\\PC*", noise in "[SIPQ.850;,=\"\\\\a-z0-9é ]{0,200}") {
            for text in [header, noise] {
                let reasons = parse(&text);
                prop_assert!(reasons.len() <= MAX_REASONS);
                for reason in &reasons {
                    prop_assert!(reason.redress().is_none_or(|r| r.len() <= MAX_REDRESS_BYTES));
                }
            }
        }

        #[test]
        fn quoted_text_comes_back(text in "[ -~]{0,80}", cause in 0u16..700) {
            let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
            let header = format!("SIP;cause={cause};text=\"{quoted}\"");
            let reasons = parse(&header);
            let first = reasons.first().expect("one reason");
            prop_assert_eq!(first.cause, Some(cause));
            let expected = if text.contains(['\\', '"']) { text.as_str() } else { text.trim_matches('"') };
            prop_assert_eq!(first.text.as_deref(), Some(expected));
        }
    }
}
