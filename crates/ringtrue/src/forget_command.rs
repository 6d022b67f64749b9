//! `ringtrue forget`: a number is forgotten, by a running server or in the data directory of a stopped one.

use std::path::PathBuf;

use clap::Args;
use model::TelephoneNumber;
use serde_json::Value;
use web::client::{Ask, Method};

use crate::error::ScoreError;
use crate::import::{Remote, open_stopped};
use crate::output::text::counted;
use crate::said::print;
use crate::serve::config::Config;

/// Arguments of `ringtrue forget`.
#[derive(Args)]
pub(crate) struct ForgetArgs {
    /// The number, in E.164 such as +12155550112.
    #[arg(value_name = "TN", value_parser = number)]
    tn: TelephoneNumber,
    /// A server that runs, such as http://127.0.0.1:8080.
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    url: Option<String>,
    /// A key of that server with the scope `admin`, of the operator's own tenant. Without it the environment variable
    /// RINGTRUE_KEY holds the key.
    #[arg(long, value_name = "KEY", requires = "url")]
    key: Option<String>,
    /// The data directory of a server that does not run.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The server's configuration, for policy and data directory.
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    config: Option<PathBuf>,
}

/// Forgets a number.
pub(crate) fn forget(args: &ForgetArgs) -> Result<(), ScoreError> {
    let events = match &args.url {
        Some(url) => forget_remotely(args.tn, Remote::new(url, args.key.as_deref())?)?,
        None => forget_locally(args)?,
    };
    let events = counted(events, "event", "events");
    print(&format!("{} is forgotten: its facts, its labels and their history, and {events} that named it\n", args.tn))
}

fn forget_remotely(tn: TelephoneNumber, mut remote: Remote) -> Result<u64, ScoreError> {
    let path = format!("/v1/numbers/{tn}");
    let answer = remote.ask_once(&Ask { method: Method::DELETE, path: &path, headers: &[], body: Vec::new() })?;
    if answer.status != 200 {
        return Err(remote.refusal(&answer));
    }
    let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    Ok(told.get("events").and_then(Value::as_u64).unwrap_or(0))
}

fn forget_locally(args: &ForgetArgs) -> Result<u64, ScoreError> {
    let config = Config::load(args.config.as_deref())?;
    let folder = args.data.clone().or_else(|| config.data.clone()).ok_or_else(|| ScoreError::Argument {
        argument: "--data",
        detail: "name the data directory, here or in the configuration, or a server with --url".to_owned(),
    })?;
    crate::key_command::is_begun(&folder)?;
    let service = open_stopped(&config, &folder)?.service;
    let forgotten = service.forget(args.tn).map_err(ScoreError::Forget);
    service.stop();
    forgotten
}

fn number(text: &str) -> Result<TelephoneNumber, String> {
    model::tn::parse_tn(text.as_bytes(), None).map_err(|error| error.to_string())
}
