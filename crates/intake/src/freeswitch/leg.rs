//! One leg's channel variables and caller profiles, read as a call.

use std::borrow::Cow;

use model::{CallOutcome, Direction, HangupBy, Observable, Party};

use crate::disposition::{Disposition, Signals, platform};
use crate::flat::Flat;
use crate::leg::{self, Leg};
use crate::options::Options;
use crate::output::Output;
use crate::reject::Fault;

/// A decoded document.
pub(super) struct Document<'a> {
    pub(super) variables: Flat<'a>,
    /// The caller profiles, newest first.
    pub(super) profiles: Vec<Flat<'a>>,
}

impl Document<'_> {
    /// The unique id of the leg that called this one; empty on an A leg.
    pub(super) fn a_leg(&self) -> &str {
        match self.variables.get("originating_leg_uuid") {
            "" => self.variables.get("originator"),
            uuid => uuid,
        }
    }

    /// Reads the call.
    pub(super) fn read(&self, options: &Options, out: &mut Output) -> Result<(), Fault> {
        let get = |name: &str| self.variables.get(name);
        let time = |fine: &str, coarse: &'static str| match get(fine) {
            "" | "0" => leg::time_if_any(get(coarse), coarse, options),
            text => leg::time_if_any(text, coarse, options),
        };
        let at = time("start_uepoch", "start_epoch")?.ok_or_else(|| Fault::missing("start_epoch"))?;
        let answered_at = time("answer_uepoch", "answer_epoch")?;
        let ended_at = time("end_uepoch", "end_epoch")?;
        let disposition = self.disposition(answered_at.is_some());
        let answered = disposition.outcome.class == CallOutcome::Answered;
        let talk_ms = leg::span_ms(answered_at, ended_at).or(leg::seconds(get("billsec"), "billsec")?);
        // A B leg stands for its call when its A leg was not logged: the A leg's id makes the two one record.
        let id = match self.a_leg() {
            "" => get("uuid"),
            a_leg => a_leg,
        };
        let outbound = get("direction") == "outbound";
        let record = Leg {
            id,
            at,
            ended_at,
            orig: self.orig(options)?,
            dest: self.dest(options)?,
            direction: (outbound && self.a_leg().is_empty()).then_some(Direction::Outbound),
            ring_ms: leg::span_ms(Some(at), if answered { answered_at } else { ended_at }),
            talk_ms,
            hangup_by: hangup_by(get("sip_hangup_disposition"), outbound),
            attestation: None,
            disposition,
        };
        record.take(options, out);
        Ok(())
    }

    /// The number that the called side was shown: the effective one that a dialplan set, else the caller's.
    fn orig(&self, options: &Options) -> Result<Party, Fault> {
        let first = self.profiles.last();
        let profile = |name: &str| first.map_or("", |profile| profile.get(name));
        let get = |name: &str| self.variables.get(name);
        let fields = [
            (get("effective_caller_id_number"), "effective_caller_id_number"),
            (profile("caller_id_number"), "caller_id_number"),
            (get("caller_id_number"), "caller_id_number"),
            (get("outbound_caller_id_number"), "outbound_caller_id_number"),
            (get("sip_from_user"), "sip_from_user"),
            (profile("ani"), "ani"),
        ];
        leg::first_party(&fields, "caller_id_number", options)
    }

    /// The number dialled: that of the first profile, because a transfer rewrites the later ones.
    fn dest(&self, options: &Options) -> Result<Party, Fault> {
        let first = self.profiles.last();
        let profile = |name: &str| first.map_or("", |profile| profile.get(name));
        let get = |name: &str| self.variables.get(name);
        let fields = [
            (profile("destination_number"), "destination_number"),
            (get("destination_number"), "destination_number"),
            (get("sip_req_user"), "sip_req_user"),
            (get("sip_to_user"), "sip_to_user"),
            (get("callee_id_number"), "callee_id_number"),
        ];
        leg::first_dest(&fields, "destination_number", options)
    }

    /// Codes that are none are passed over: other endpoints than SIP have their own, and a `hangup_cause_q850` above 127 is
    /// FreeSWITCH's own.
    fn disposition(&self, answered: bool) -> Disposition {
        let get = |name: &str| self.variables.get(name);
        let sip = |name: &'static str| leg::sip_code(get(name).trim_start_matches("sip:"), name).ok().flatten();
        // The far end's answer first: on an A leg `sip_term_status` is only what was passed on to the caller.
        let mut sip_code = None;
        if !answered {
            let far = [
                "sip_invite_failure_status",
                "last_bridge_proto_specific_hangup_cause",
                "sip_term_status",
                "proto_specific_hangup_cause",
            ];
            for name in far {
                sip_code = sip_code.or(sip(name));
            }
        }
        let reason = self.reason();
        let signals = Signals {
            sip_code,
            sip_phrase: leg::some(get("sip_invite_failure_phrase")),
            reason: leg::some(&reason),
            q850: leg::q850(get("hangup_cause_q850"), "hangup_cause_q850").ok().flatten().filter(|&cause| cause > 0),
            answered: Some(answered),
            rang: self.rang(),
            ..Signals::default()
        };
        leg::dispose(signals, platform::freeswitch(get("hangup_cause")), Observable::ALL)
    }

    /// The Reason header: as it came, or put together from the text of a 603+ that the switch recognised.
    fn reason(&self) -> Cow<'_, str> {
        let (reason, plus) = (self.variables.get("sip_reason"), self.variables.get("sip_603plus_reason"));
        if plus.is_empty() || reason.contains("v=analytics1") {
            return Cow::Borrowed(reason);
        }
        if plus.contains("cause=") { Cow::Borrowed(plus) } else { format!("SIP;cause=603;text=\"{plus}\"").into() }
    }

    /// Whether an 18x was seen.
    fn rang(&self) -> Option<bool> {
        let progress = ["progress_epoch", "progress_media_epoch"];
        let known = progress.iter().any(|name| self.variables.has(name));
        known.then(|| progress.iter().any(|name| !matches!(self.variables.get(name), "" | "0")))
    }
}

/// Who hung up: on a leg that came in, what is received comes from the caller; on a leg that went out, from the called.
fn hangup_by(disposition: &str, outbound: bool) -> Option<HangupBy> {
    match (disposition, outbound) {
        ("recv_bye", false) | ("send_bye", true) => Some(HangupBy::Orig),
        ("recv_bye", true) | ("send_bye", false) => Some(HangupBy::Dest),
        _ => None,
    }
}
