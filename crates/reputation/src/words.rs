//! The words of each reason, read from data: what a person reads instead of a code.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::assess::ReasonCode;
use crate::policy::{Overlay, Policy, PolicyError, Setting, merge};
use crate::verdict::{Clearing, Reason};

const SHIPPED_FILE: &str = "reasons.toml (shipped)";

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
    /// A noun, for one and for many, as the sample's size asks.
    Noun(String, String),
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
        let merged = merge(SHIPPED_FILE, Self::SHIPPED, overlays)?;
        let mut table: toml::Table = merged.text_of_tables.parse().map_err(|error: toml::de::Error| {
            PolicyError::Syntax { file: SHIPPED_FILE.to_owned(), detail: error.to_string().trim_end().to_owned() }
        })?;
        let reasons =
            ReasonCode::ALL.into_iter().map(|code| read(&mut table, code, policy)).collect::<Result<_, _>>()?;
        match table.into_iter().next() {
            Some((key, _)) => Err(PolicyError::UnknownKey { file: "reasons.toml".to_owned(), key }),
            None => Ok(Self { reasons }),
        }
    }

    /// Every effective text, with the file that it comes from.
    ///
    /// # Errors
    /// As [`Words::load`], for what can be told without reading the texts.
    pub fn settings(overlays: &[Overlay]) -> Result<BTreeMap<String, Setting>, PolicyError> {
        merge(SHIPPED_FILE, Self::SHIPPED, overlays).map(|merged| merged.settings)
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
                _ => noun(name),
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
                Piece::Noun(one, many) => out.push_str(if half_up(fill.sample) == 1 { one } else { many }),
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
            Piece::Noun(one, many) => format!("{{n:{one}|{many}}}"),
        };
        self.0.iter().map(name).collect()
    }
}

/// `n:report|reports`.
fn noun(name: &str) -> Option<Piece> {
    let (one, many) = name.strip_prefix("n:")?.split_once('|')?;
    Some(Piece::Noun(one.to_owned(), many.to_owned()))
}

fn policy_number(key: &str, name: &str, policy: &Policy) -> Result<String, PolicyError> {
    match name {
        "short_call_s" => Ok(policy.facts.short_call_s.to_string()),
        "half_life_d" => Ok(policy.facts.half_life_d.to_string()),
        "upheld_for_d" => Ok(policy.trusted.upheld_for_d.to_string()),
        _ => Err(PolicyError::Range {
            key: key.to_owned(),
            value: format!("{{{name}}}"),
            expected: "{value}, {n}, {n:one|many}, {window}, {target}, {short_call_s}, {half_life_d} or {upheld_for_d}",
        }),
    }
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
mod tests;
