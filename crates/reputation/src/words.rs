//! The words of each reason, read from data: what a person reads instead of a code.

use serde::Deserialize;

use crate::assess::ReasonCode;
use crate::policy::{Overlay, Policy, PolicyError};
use crate::verdict::{Clearing, Reason};

/// The words of every reason.
#[derive(Clone, Debug)]
pub struct Words {
    /// By the place of the code in [`ReasonCode::ALL`].
    reasons: Vec<ReasonWords>,
}

/// The words of one reason.
#[derive(Clone, Debug)]
struct ReasonWords {
    title: String,
    form: Form,
    short: Template,
    against: Template,
    favour: Template,
    clears: Template,
}

/// How a reason's value is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A share: `4.2 %` below 10 %, `62 %` from there.
    Percent,
    /// `7.5 s` below 10 seconds, `35 s` from there.
    Seconds,
    /// A count, with one decimal where it is no whole number.
    Count,
    /// The reason is a plain statement and its value is 1.
    Plain,
}

/// Text with places to fill, taken apart once.
#[derive(Clone, Debug)]
struct Template(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Value,
    Sample,
    Window,
    Target,
}

/// What fills a template.
struct Fill {
    value: f64,
    sample: f64,
    window: &'static str,
    target: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWords {
    title: String,
    form: Form,
    short: String,
    against: String,
    favour: String,
    clears: String,
}

impl Words {
    /// The words that ship with Ringtrue, as text.
    pub const SHIPPED: &str = include_str!("../../../policy/reasons.toml");

    /// Reads the shipped words with `overlays` laid over them, the last one winning; numbers of the policy are filled in.
    ///
    /// # Errors
    /// Names the file, the key and what was expected: an unknown code or key, a missing one, an unknown place to fill.
    pub fn load(overlays: &[Overlay], policy: &Policy) -> Result<Self, PolicyError> {
        let shipped = Overlay { file: "reasons.toml (shipped)".to_owned(), text: Self::SHIPPED.to_owned() };
        let mut table = toml::Table::new();
        for overlay in std::iter::once(&shipped).chain(overlays) {
            lay(&mut table, overlay)?;
        }
        let reasons = ReasonCode::ALL.into_iter().map(|code| read(&mut table, code, policy));
        Ok(Self { reasons: reasons.collect::<Result<_, _>>()? })
    }

    /// The heading of a reason, such as "Short calls".
    #[must_use]
    pub fn title(&self, code: ReasonCode) -> &str {
        self.of(code).map_or(code.as_str(), |words| &words.title)
    }

    /// How a reason's value is written.
    #[must_use]
    pub fn form(&self, code: ReasonCode) -> Form {
        self.of(code).map_or(Form::Plain, |words| words.form)
    }

    /// One sentence that says what was measured and which way it speaks.
    #[must_use]
    pub fn reason_text(&self, reason: &Reason) -> String {
        let mut text = String::new();
        self.write_reason(&mut text, reason);
        text
    }

    /// Appends the sentence of [`Words::reason_text`].
    pub fn write_reason(&self, out: &mut String, reason: &Reason) {
        if let Some(words) = self.of(reason.code) {
            let template = if reason.decibans < 0.0 { &words.favour } else { &words.against };
            template.write(out, words.form, &Fill::of(reason));
        }
    }

    /// A few words for a narrow column, such as "62 % short".
    #[must_use]
    pub fn short_text(&self, reason: &Reason) -> String {
        let mut text = String::new();
        if let Some(words) = self.of(reason.code) {
            words.short.write(&mut text, words.form, &Fill::of(reason));
        }
        text
    }

    /// What the caller would have to change, with the value now and the value to reach.
    #[must_use]
    pub fn clearing_text(&self, clearing: &Clearing) -> String {
        let mut text = String::new();
        self.write_clearing(&mut text, clearing);
        text
    }

    /// Appends the text of [`Words::clearing_text`].
    pub fn write_clearing(&self, out: &mut String, clearing: &Clearing) {
        if let Some(words) = self.of(clearing.code) {
            let fill = Fill { value: clearing.value, sample: 0.0, window: "", target: clearing.target };
            words.clears.write(out, words.form, &fill);
        }
    }

    /// The texts of a reason as they stand in the data: against the caller, in its favour, and what clears it. An empty one
    /// means that the reason never speaks that way.
    #[must_use]
    pub fn patterns(&self, code: ReasonCode) -> [String; 3] {
        self.of(code).map_or_else(Default::default, |words| {
            [&words.against, &words.favour, &words.clears].map(Template::pattern)
        })
    }

    fn of(&self, code: ReasonCode) -> Option<&ReasonWords> {
        self.reasons.get(code as usize)
    }
}

impl Fill {
    const fn of(reason: &Reason) -> Self {
        Self { value: reason.value, sample: reason.sample_size, window: reason.window, target: reason.value }
    }
}

impl Form {
    /// Appends a value in this form.
    pub fn write(self, out: &mut String, value: f64) {
        match self {
            Self::Percent => write_rounded(out, value * 100.0, " %"),
            Self::Seconds => write_rounded(out, value, " s"),
            Self::Count => write_count(out, value),
            Self::Plain => {}
        }
    }
}

/// One decimal below 10, none from there and none for zero.
fn write_rounded(out: &mut String, value: f64, unit: &str) {
    let tenths = half_up(value * 10.0);
    if tenths == 0 {
        out.push('0');
    } else if tenths < 100 {
        write_tenths(out, tenths);
    } else {
        write_whole(out, half_up(value));
    }
    out.push_str(unit);
}

fn write_count(out: &mut String, value: f64) {
    let tenths = half_up(value * 10.0);
    if tenths.is_multiple_of(10) { write_whole(out, tenths / 10) } else { write_tenths(out, tenths) }
}

fn write_tenths(out: &mut String, tenths: u64) {
    write_whole(out, tenths / 10);
    out.push('.');
    out.push(digit(tenths % 10));
}

/// Nothing here is negative; what is not a number counts as 0.
fn half_up(value: f64) -> u64 {
    (value + 0.5) as u64
}

/// A whole number with commas between thousands. Every scored number is written, so this allocates nothing.
fn write_whole(out: &mut String, whole: u64) {
    let mut unit = 1;
    let mut places: u32 = 1;
    while whole / unit >= 10 {
        unit *= 10;
        places += 1;
    }
    let mut rest = whole;
    while places > 0 {
        out.push(digit(rest / unit));
        rest %= unit;
        unit = (unit / 10).max(1);
        places -= 1;
        if places > 0 && places.is_multiple_of(3) {
            out.push(',');
        }
    }
}

fn digit(n: u64) -> char {
    char::from(b'0' + (n % 10) as u8)
}

impl Template {
    /// Takes a text apart at its places to fill; the policy's own numbers are filled in here.
    fn parse(key: &str, text: &str, policy: &Policy) -> Result<Self, PolicyError> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            plain.push_str(before);
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            let piece = match name {
                "value" => Some(Piece::Value),
                "n" => Some(Piece::Sample),
                "window" => Some(Piece::Window),
                "target" => Some(Piece::Target),
                _ => None,
            };
            if let Some(piece) = piece {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(piece);
            } else {
                plain.push_str(&policy_number(key, name, policy)?);
            }
            rest = tail;
        }
        plain.push_str(rest);
        pieces.push(Piece::Text(plain));
        Ok(Self(pieces))
    }

    fn write(&self, out: &mut String, form: Form, fill: &Fill) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Value => form.write(out, fill.value),
                Piece::Sample => write_whole(out, half_up(fill.sample)),
                Piece::Window => out.push_str(fill.window),
                Piece::Target => form.write(out, fill.target),
            }
        }
    }

    fn pattern(&self) -> String {
        let name = |piece: &'_ Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value => "{value}".to_owned(),
            Piece::Sample => "{n}".to_owned(),
            Piece::Window => "{window}".to_owned(),
            Piece::Target => "{target}".to_owned(),
        };
        self.0.iter().map(name).collect()
    }
}

fn policy_number(key: &str, name: &str, policy: &Policy) -> Result<String, PolicyError> {
    match name {
        "short_call_s" => Ok(policy.facts.short_call_s.to_string()),
        "half_life_d" => Ok(policy.facts.half_life_d.to_string()),
        "upheld_for_d" => Ok(policy.trusted.upheld_for_d.to_string()),
        _ => Err(PolicyError::Range {
            key: key.to_owned(),
            value: format!("{{{name}}}"),
            expected: "{value}, {n}, {window}, {target}, {short_call_s}, {half_life_d} or {upheld_for_d}",
        }),
    }
}

/// Lays one file over what is there: code by code, key by key.
fn lay(base: &mut toml::Table, over: &Overlay) -> Result<(), PolicyError> {
    let table: toml::Table = over.text.parse().map_err(|error: toml::de::Error| PolicyError::Syntax {
        file: over.file.clone(),
        detail: error.to_string().trim_end().to_owned(),
    })?;
    for (code, value) in table {
        let known = ReasonCode::ALL.into_iter().any(|known| known.as_str() == code);
        let toml::Value::Table(keys) = value else {
            return Err(PolicyError::UnknownKey { file: over.file.clone(), key: code });
        };
        if !known {
            return Err(PolicyError::UnknownKey { file: over.file.clone(), key: code });
        }
        let entry = base.entry(code).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        if let toml::Value::Table(entry) = entry {
            entry.extend(keys);
        }
    }
    Ok(())
}

fn read(table: &mut toml::Table, code: ReasonCode, policy: &Policy) -> Result<ReasonWords, PolicyError> {
    let key = format!("reasons.toml: {}", code.as_str());
    let missing = || PolicyError::Value { key: key.clone(), detail: "this reason has no words".to_owned() };
    let entry = table.remove(code.as_str()).ok_or_else(missing)?;
    let raw: RawWords = serde_path_to_error::deserialize(entry).map_err(|error| PolicyError::Value {
        key: format!("{key}.{}", error.path()),
        detail: error.inner().message().to_owned(),
    })?;
    let template = |name: &str, text: &str| Template::parse(&format!("{key}.{name}"), text, policy);
    Ok(ReasonWords {
        form: raw.form,
        short: template("short", &raw.short)?,
        against: template("against", &raw.against)?,
        favour: template("favour", &raw.favour)?,
        clears: template("clears", &raw.clears)?,
        title: raw.title,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words::load(&[], &policy()).expect("the shipped words")
    }

    fn policy() -> Policy {
        Policy::load(&[]).expect("the shipped policy")
    }

    fn reason(code: ReasonCode, value: f64, sample_size: f64, decibans: f64) -> Reason {
        Reason { code, value, sample_size, window: "35d", decibans }
    }

    #[test]
    fn a_reason_reads_as_a_sentence() {
        let words = words();
        let text = |code, value, n, decibans| words.reason_text(&reason(code, value, n, decibans));
        assert_eq!(
            text(ReasonCode::ShortCalls, 0.6199, 1234.4, 12.0),
            "62 % of 1,234 answered calls lasted at most 6 seconds: people hang up at once"
        );
        assert_eq!(
            text(ReasonCode::InvalidDestinations, 0.0104, 64.0, -2.0),
            "1.0 % of 64 destinations are not in service: the list is clean"
        );
        assert_eq!(
            text(ReasonCode::Reports, 3.37, 5.0, 6.0),
            "people report this number: 5 reports, together worth 3.4"
        );
        assert!(text(ReasonCode::TalkTime, 8.04, 40.0, 1.0).contains("last 8.0 s on average"));
        assert_eq!(words.short_text(&reason(ReasonCode::TalkTime, 35.2, 40.0, 1.0)), "talk 35 s");
        assert_eq!(words.title(ReasonCode::FirstCalls), "First calls");
    }

    #[test]
    fn every_reason_has_words_for_its_own_direction() {
        let words = words();
        for code in ReasonCode::ALL {
            let [against, favour, _] = words.patterns(code);
            assert!(!against.is_empty() || !favour.is_empty(), "{code:?}");
            assert!(!words.short_text(&reason(code, 1.0, 1.0, 1.0)).is_empty(), "{code:?}");
        }
    }

    #[test]
    fn values_round_without_a_jump() {
        let write = |form: Form, value| {
            let mut out = String::new();
            form.write(&mut out, value);
            out
        };
        for (value, expect) in
            [(0.0, "0 %"), (0.0004, "0 %"), (0.001, "0.1 %"), (0.0994, "9.9 %"), (0.0997, "10 %"), (1.0, "100 %")]
        {
            assert_eq!(write(Form::Percent, value), expect);
        }
        assert_eq!(write(Form::Count, 3.0), "3");
        assert_eq!(write(Form::Count, 12_345.25), "12,345.3");
        assert_eq!(write(Form::Seconds, 1500.0), "1,500 s");
    }

    #[test]
    fn what_clears_names_both_values() {
        let clearing = Clearing { code: ReasonCode::ShortCalls, value: 0.62, target: 0.24, alone: false };
        assert!(words().clearing_text(&clearing).starts_with("bring short calls from 62 % to 24 % of answered calls"));
    }

    #[test]
    fn an_overlay_changes_one_text_and_nothing_unknown() {
        let load = |text: &str| {
            Words::load(&[Overlay { file: "mine.toml".to_owned(), text: text.to_owned() }], &policy())
                .map_err(|error| error.to_string())
        };
        let mine = load("[SHORT_CALLS]\nshort = \"{value} kurz\"").expect("a known key");
        assert_eq!(mine.short_text(&reason(ReasonCode::ShortCalls, 0.5, 9.0, 1.0)), "50 % kurz");
        for (text, expect) in [
            ("[SHORT]\nshort = \"x\"", "SHORT"),
            ("[SHORT_CALLS]\nshorter = \"x\"", "shorter"),
            ("[SHORT_CALLS]\nshort = \"{worth}\"", "{worth}"),
            ("[SHORT_CALLS]\nform = \"roman\"", "roman"),
            ("SHORT_CALLS = 3", "SHORT_CALLS"),
            ("[SHORT_CALLS", "mine.toml"),
        ] {
            let error = load(text).expect_err(text);
            assert!(error.contains(expect), "{text}: {error}");
        }
    }

    #[test]
    fn a_code_without_words_is_refused() {
        let mut table: toml::Table = Words::SHIPPED.parse().expect("TOML");
        table.remove("BLOCK");
        let error = read(&mut table, ReasonCode::Block, &policy()).expect_err("no words").to_string();
        assert!(error.contains("BLOCK"), "{error}");
    }
}
