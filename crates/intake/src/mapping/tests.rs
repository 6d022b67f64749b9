use std::fmt::Write;

use jiff::tz::TimeZone;
use model::{Observable, Party};

use super::*;
use crate::format::{Format, OpenError, detect, open};
use crate::options::Options;
use crate::output::{Output, SkipKind, read_block};

mod keys;
mod presets;

fn presets() -> Vec<std::sync::Arc<Mapping>> {
    PRESETS.iter().map(|(_, text)| std::sync::Arc::new(Mapping::parse(text).expect("a preset"))).collect()
}

fn options(mappings: &[std::sync::Arc<Mapping>]) -> Options {
    Options {
        tz: Some(TimeZone::get("America/New_York").expect("a zone")),
        carriers: ["att", "verizon"].map(Into::into).into(),
        mappings: mappings.into(),
        ..Options::default()
    }
}

/// Reads a file by the mapping that its beginning shows, or that is named.
fn read(named: Option<&str>, bytes: &[u8], options: &Options) -> String {
    let format = match named {
        Some(name) => Format::named(name, options).expect("a mapping"),
        None => detect(bytes, options).expect("a known format"),
    };
    let opened = open(&format, bytes, options).expect("an export");
    let mut out = Output::default();
    read_block(opened.dialect.as_ref(), &bytes[opened.skip..], &mut out);
    format!("{format}\n{}", show(&out, opened.skip_lines))
}

fn show(out: &Output, skip_lines: u64) -> String {
    let mut text = String::new();
    for call in &out.calls {
        let party = |party: Party| match party {
            Party::Number(tn) => tn.to_string(),
            Party::Extension(extension) => format!("ext {extension}"),
            Party::Anonymous => "withheld".to_owned(),
        };
        write!(text, "{} {} > {}", call.at, party(call.orig), party(call.dest)).expect("text");
        if let Some(direction) = call.direction {
            write!(text, " {direction:?}").expect("text");
        }
        write!(text, " {} {}", call.outcome.class, call.outcome.strength.as_str()).expect("text");
        let Observable { invalid, answer, blocked } = call.observable;
        let sees = [(answer, 'a'), (invalid, 'i'), (blocked, 'b')];
        let sees: String = sees.iter().filter(|(seen, _)| *seen).map(|&(_, mark)| mark).collect();
        write!(text, " sees {}", if sees.is_empty() { "-" } else { &sees }).expect("text");
        for (name, ms) in [("ring", call.ring_ms), ("talk", call.talk_ms)] {
            if let Some(ms) = ms {
                write!(text, " {name} {ms}").expect("text");
            }
        }
        if let Some(end) = call.hangup_by {
            write!(text, " by {end:?}").expect("text");
        }
        if let Some(carrier) = call.carrier {
            write!(text, " carrier {}", carrier.0).expect("text");
        }
        text.push_str(if call.key.is_some() { " key\n" } else { "\n" });
    }
    for reject in &out.rejects {
        let fault = &reject.fault;
        writeln!(text, "line {}: {} {}: {}", reject.line + skip_lines, fault.code, fault.field, fault.detail)
            .expect("text");
    }
    for (kind, count) in SkipKind::ALL.iter().zip(out.skipped).filter(|(_, count)| *count > 0) {
        writeln!(text, "skipped {count}: {}", kind.words()).expect("text");
    }
    text
}
