//! Numbers and text as JSON writes them, appended to a buffer.

/// The digits of every number below 100.
const PAIRS: [[u8; 2]; 100] = pairs();

const fn pairs() -> [[u8; 2]; 100] {
    let mut pairs = [[b'0'; 2]; 100];
    let mut n = 0;
    while n < 100 {
        pairs[n] = [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8];
        n += 1;
    }
    pairs
}

/// The digits of a number below 100.
#[inline]
fn pair(n: u64) -> [u8; 2] {
    PAIRS.get(n as usize).copied().unwrap_or([b'0'; 2])
}

/// Appends a whole number.
#[inline]
pub fn push_u64(out: &mut Vec<u8>, n: u64) {
    if n < 10 {
        out.push(b'0' + n as u8);
    } else if n < 100 {
        out.extend_from_slice(&pair(n));
    } else {
        push_digits(out, n);
    }
}

fn push_digits(out: &mut Vec<u8>, n: u64) {
    let mut text = [b'0'; 20];
    let (mut rest, mut from) = (n, text.len());
    while rest >= 10 {
        from -= 2;
        if let Some(place) = text.get_mut(from..from + 2) {
            place.copy_from_slice(&pair(rest % 100));
        }
        rest /= 100;
    }
    if rest > 0 {
        from -= 1;
        if let Some(place) = text.get_mut(from) {
            *place = b'0' + rest as u8;
        }
    }
    out.extend_from_slice(text.get(from..).unwrap_or_default());
}

/// Appends a number with exactly two decimals; `null` when it is not finite.
pub fn push_hundredths(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        out.extend_from_slice(b"null");
        return;
    }
    let hundredths = half_away(value * 100.0);
    if hundredths < 0 {
        out.push(b'-');
    }
    let hundredths = hundredths.unsigned_abs();
    push_u64(out, hundredths / 100);
    let [tens, ones] = pair(hundredths % 100);
    out.extend_from_slice(&[b'.', tens, ones]);
}

/// Appends a number that is not negative, with as many of four decimals as it needs; `null` when it is not finite.
pub fn push_measure(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        out.extend_from_slice(b"null");
        return;
    }
    let scaled = half_away(value.max(0.0) * 10_000.0).unsigned_abs();
    push_u64(out, scaled / 10_000);
    let fraction = scaled % 10_000;
    if fraction > 0 {
        let ([a, b], [c, d]) = (pair(fraction / 100), pair(fraction % 100));
        let text = [b'.', a, b, c, d];
        let zeros = text.iter().rev().take_while(|&&digit| digit == b'0').count();
        out.extend_from_slice(text.get(..text.len() - zeros).unwrap_or_default());
    }
}

/// Rounds half away from zero. Spelled out because the library's rounding is a call on processors of the baseline.
fn half_away(value: f64) -> i64 {
    (value + 0.5_f64.copysign(value)) as i64
}

/// Appends a text in quotes, with what JSON reserves escaped (RFC 8259 §7).
pub fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    push_escaped(out, text);
    out.push(b'"');
}

fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let needs_escape = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    let mut rest = text.as_bytes();
    // Without an early exit the compiler looks at many bytes at once; nearly every text is plain.
    if !rest.iter().fold(false, |found, byte| found | needs_escape(byte)) {
        out.extend_from_slice(rest);
        return;
    }
    while let Some(at) = rest.iter().position(needs_escape) {
        let (plain, tail) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((&byte, tail)) = tail.split_first() else { break };
        push_escape(out, byte);
        rest = tail;
    }
    out.extend_from_slice(rest);
}

fn push_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\n' => out.extend_from_slice(b"\\n"),
        _ => {
            out.extend_from_slice(b"\\u00");
            let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
            out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn whole_numbers() {
        for n in [0, 7, 10, 99, 100, 12_345, u64::MAX] {
            assert_eq!(written(|out| push_u64(out, n)), n.to_string());
        }
    }

    #[test]
    fn fractions_are_rounded_once() {
        for (value, expect) in
            [(0.0, "0.00"), (-0.001, "0.00"), (-16.904, "-16.90"), (5.675_1, "5.68"), (f64::NAN, "null")]
        {
            assert_eq!(written(|out| push_hundredths(out, value)), expect);
        }
        for (value, expect) in
            [(0.0, "0"), (0.6, "0.6"), (0.0104, "0.0104"), (412.30004, "412.3"), (7.0, "7"), (0.99996, "1")]
        {
            assert_eq!(written(|out| push_measure(out, value)), expect);
        }
    }

    #[test]
    fn text_comes_back_from_a_parser() {
        for text in ["", "plain", "62 % \"short\" \\ \n\t\u{1}\u{1f} — né", "\"", "\\"] {
            let json = written(|out| push_text(out, text));
            assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
        }
    }
}
