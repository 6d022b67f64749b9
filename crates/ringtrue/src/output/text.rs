//! Text for people: widths, paragraphs, numbers in words, small pictures made of characters.

use model::Timestamp;
use reputation::words::Form;
use unicode_width::UnicodeWidthStr as _;

/// No line for people is wider, in columns of a terminal.
pub(crate) const WIDTH: usize = 100;

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text with spaces after it, up to `columns`.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text with spaces before it, up to `columns`.
pub(crate) fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text, cut with an ellipsis where it is wider than `columns`.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        kept.push(letter);
        if width(&kept) >= columns {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

/// The words of a text in lines of at most `columns`. A unit stays with its number; a word that is wider than a line gets one
/// of its own.
pub(crate) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in glued(text) {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(&word) <= columns => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// Words, with a unit taken as part of the number before it.
fn glued(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let unit = word.trim_end_matches([',', '.', ';', ':', ')']);
        match words.last_mut() {
            Some(before) if matches!(unit, "%" | "s" | "h" | "d") && before.ends_with(|c: char| c.is_ascii_digit()) => {
                before.push(' ');
                before.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// Appends a paragraph whose first line starts with `lead` and whose further lines are set in as far as the first.
pub(crate) fn paragraph(out: &mut String, indent: usize, lead: &Lead<'_>, text: &str) {
    let hang = indent + if lead.text.is_empty() { 0 } else { width(lead.text) + 1 };
    for (at, line) in wrapped(text, WIDTH.saturating_sub(hang)).iter().enumerate() {
        if at == 0 && !lead.text.is_empty() {
            out.push_str(&" ".repeat(indent));
            out.push_str(&lead.style.style(lead.text).to_string());
            out.push(' ');
        } else {
            out.push_str(&" ".repeat(hang));
        }
        out.push_str(line);
        out.push('\n');
    }
}

/// What a paragraph begins with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lead<'a> {
    /// The text; empty for none.
    pub(crate) text: &'a str,
    /// How it looks.
    pub(crate) style: owo_colors::Style,
}

impl<'a> Lead<'a> {
    /// A lead as plain as the text after it.
    pub(crate) fn plain(text: &'a str) -> Self {
        Self { text, style: owo_colors::Style::new() }
    }
}

/// A whole number with commas between thousands.
pub(crate) fn count(n: u64) -> String {
    written(Form::Count, n as f64)
}

/// A share as people write it: `4.2 %`, `62 %`.
pub(crate) fn percent(share: f64) -> String {
    written(Form::Percent, share)
}

fn written(form: Form, value: f64) -> String {
    let mut out = String::new();
    form.write(&mut out, value);
    out
}

/// A rating: never `100 %` nor `0 %`, which would claim to be certain.
pub(crate) fn rating(basis_points: u16) -> String {
    match basis_points {
        0..10 => "<0.1 %".to_owned(),
        9_995.. => "99.9 %".to_owned(),
        10..1_000 | 9_900..9_995 => {
            let tenths = (u32::from(basis_points) + 5) / 10;
            format!("{}.{} %", tenths / 10, tenths % 10)
        }
        _ => format!("{} %", (u32::from(basis_points) + 50) / 100),
    }
}

/// A number of things, with its noun.
pub(crate) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// `2026-11-25 06:30 UTC`.
pub(crate) fn moment(at: Timestamp) -> String {
    let (year, month, day, hour, minute, ..) = at.civil();
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// `2026-11-25`.
pub(crate) fn day(at: Timestamp) -> String {
    model::time::date(at.day())
}

/// One bar a value, from the lowest to the tallest; a value of 0 is a blank at the foot.
pub(crate) fn sparkline(values: &[u32]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().copied().max().unwrap_or(0);
    let bar = |value: u32| {
        if value == 0 {
            return '·';
        }
        let place = (u64::from(value) * 8).div_ceil(u64::from(most)).saturating_sub(1);
        usize::try_from(place).ok().and_then(|place| BARS.get(place)).copied().unwrap_or('█')
    };
    values.iter().map(|&value| bar(value)).collect()
}

/// A bar of `value` where `most` would take all `columns`; anything above 0 shows at least a sliver.
pub(crate) fn bar(value: u64, most: u64, columns: usize) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if value == 0 || most == 0 {
        return String::new();
    }
    let eighths = (u128::from(value) * columns as u128 * 8 / u128::from(most)).max(1) as usize;
    let part = PARTS.get(eighths % 8).copied().unwrap_or("");
    format!("{}{part}", "█".repeat(eighths / 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_stay_inside_the_page() {
        let mut out = String::new();
        let text = "62 % of 1,234 answered calls lasted at most 6 s: people hang up at once, which carriers read as a sign of \
                    calls that nobody asked for; see https://example.com/a/very/long/address/that/does/not/break/anywhere/at/all";
        paragraph(&mut out, 2, &Lead::plain("Short calls:"), text);
        assert!(out.lines().all(|line| width(line) <= WIDTH), "{out}");
        assert!(out.lines().skip(1).all(|line| line.starts_with(&" ".repeat(15))), "{out}");
    }

    #[test]
    fn a_unit_stays_with_its_number() {
        assert_eq!(wrapped("about 62 % short", 9), ["about", "62 %", "short"]);
        assert_eq!(wrapped("lasts 6 s. Done", 10), ["lasts 6 s.", "Done"]);
    }

    #[test]
    fn ratings_never_claim_to_be_certain() {
        for (basis_points, expect) in [
            (0, "<0.1 %"),
            (31, "0.3 %"),
            (999, "10.0 %"),
            (1_000, "10 %"),
            (9_849, "98 %"),
            (9_923, "99.2 %"),
            (10_000, "99.9 %"),
        ] {
            assert_eq!(rating(basis_points), expect);
        }
    }

    #[test]
    fn pictures_scale_with_their_values() {
        assert_eq!(sparkline(&[0, 1, 4, 8]), "·▁▄█");
        assert_eq!(sparkline(&[0, 0]), "··");
        assert_eq!(bar(1, 1000, 10), "▏");
        assert_eq!(bar(1000, 1000, 3), "███");
        assert_eq!(bar(0, 0, 3), "");
        assert_eq!(cut("62 % short · 14 % invalid", 12), "62 % short…");
    }
}
