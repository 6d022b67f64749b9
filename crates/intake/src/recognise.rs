//! Telling the dialects of switches and platforms apart by a file's beginning.

use crate::asterisk::is_asterisk;
use crate::format::{Format, Head};
use crate::frame::Framing;
use crate::freeswitch::is_freeswitch;
use crate::own::split;
use crate::twilio::is_twilio_header;

/// How many records at a file's beginning are looked at: the first may be broken.
const TRIED: usize = 3;

/// Names the dialect; `None` when it is none of these.
pub(crate) fn recognise(head: &Head<'_>) -> Option<Format> {
    let start = head.bytes.trim_ascii_start();
    match start.first()? {
        b'{' | b'[' => Framing::Json.records(start).take(TRIED).find_map(|(_, record)| json(record)),
        _ => form(start).or_else(|| header(&head.columns())).or_else(|| {
            let rows = Framing::Csv.records(head.bytes).take(TRIED);
            rows.into_iter().find_map(|(_, record)| columns(record))
        }),
    }
}

/// Each dialect's JSON by members that no other has. Their names are looked for as they are written, because a beginning
/// may end in the middle of a record.
fn json(record: &[u8]) -> Option<Format> {
    let has = |name: &str| {
        let quoted = format!("\"{name}\"");
        memchr::memmem::find(record, quoted.as_bytes()).is_some()
    };
    let all = |names: &[&str]| names.iter().all(|name| has(name));
    const MEMBERS: [(&[&str], Format); 8] = [
        (&["CallSid", "CallStatus"], Format::TwilioCallback),
        (&["sid", "subresource_uris"], Format::Twilio),
        (&["sid", "from", "to", "status", "direction"], Format::Twilio),
        (&["event_type", "payload"], Format::Telnyx),
        (&["variables", "callflow"], Format::FreeswitchJson),
        (&["callid", "sip_code"], Format::Kamailio),
        (&["callid", "start_time", "duration"], Format::Kamailio),
        (&["billsec", "disposition", "src"], Format::AsteriskJson),
    ];
    if all(&["core-uuid", "channel_data"]) {
        return Some(Format::FreeswitchJson);
    }
    MEMBERS.into_iter().find(|(names, _)| all(names)).map(|(_, format)| format)
}

/// Bodies of posts, one a line.
fn form(start: &[u8]) -> Option<Format> {
    let line = start.split(|&b| b == b'\n').next()?;
    let has = |name: &str| memchr::memmem::find(line, name.as_bytes()).is_some();
    if line.starts_with(b"cdr=") && (has("variables") || has("channel_data")) {
        return Some(Format::FreeswitchJson);
    }
    (has("CallSid=") && has("CallStatus=") && has("&")).then_some(Format::TwilioCallback)
}

fn header(columns: &[String]) -> Option<Format> {
    let has = |name: &str| columns.iter().any(|column| column == name);
    if has("cdrRecordType") && has("globalCallID_callId") {
        return Some(Format::Cucm);
    }
    is_twilio_header(columns).then_some(Format::TwilioCsv)
}

/// Records without a header.
fn columns(record: &[u8]) -> Option<Format> {
    let text = String::from_utf8_lossy(record);
    let row = split(text.as_bytes()).ok()?;
    if is_asterisk(&row) {
        return Some(Format::Asterisk);
    }
    is_freeswitch(&row).then_some(Format::Freeswitch)
}
