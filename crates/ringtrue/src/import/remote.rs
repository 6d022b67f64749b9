//! Batches for a server, over HTTP.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use web::client::{Answered, Ask, Client, ClientError, Method};

use super::batches::{Batch, Kind};
use super::sink::{Came, Reject, Reply, Sink, Tally};
use crate::error::ScoreError;
use crate::said::say;

/// Where a key may stand that is not to be seen in a list of processes.
const KEY_VARIABLE: &str = "RINGTRUE_KEY";

/// A server.
pub(crate) struct Remote {
    client: Client,
    url: String,
    /// It has answered once: when it does not any more, it may come back.
    is_met: bool,
}

/// How far an import came, as the server tells.
#[derive(Deserialize)]
struct ImportAnswer {
    file_name: String,
    position_bytes: u64,
    records: u64,
    finished: bool,
}

/// What became of records, as the server tells.
#[derive(Deserialize)]
struct ReceiptAnswer {
    accepted: u64,
    duplicate: u64,
    late: u64,
    unchecked: u64,
    skipped: u64,
    rejected: Vec<RejectAnswer>,
    rejected_more: u64,
}

/// A record that was not taken, as the server tells.
#[derive(Deserialize)]
struct RejectAnswer {
    #[serde(default)]
    line: u64,
    code: String,
    #[serde(default)]
    field: String,
    detail: String,
}

/// A refusal, as the server tells.
#[derive(Deserialize, Default)]
struct ProblemAnswer {
    code: String,
    detail: String,
    errors: Vec<RejectAnswer>,
}

impl Remote {
    /// The server at `url`, with a key: the one that is given, else the one in the environment. That the key can be read on its
    /// way is said.
    pub(crate) fn new(url: &str, key: Option<&str>) -> Result<Self, ScoreError> {
        let key = key.map(str::to_owned).or_else(|| std::env::var(KEY_VARIABLE).ok()).ok_or_else(|| {
            let detail = format!("name a key of the server, here or in the environment variable {KEY_VARIABLE}");
            ScoreError::Argument { argument: "--key", detail }
        })?;
        let failed = |source| ScoreError::Unreachable { url: url.to_owned(), source };
        let client = Client::new(url, key.trim()).map_err(failed)?;
        if client.is_exposed() {
            say(&format!("{url} is not encrypted: the key, and what is sent, can be read on its way"));
        }
        Ok(Self { client, url: url.to_owned(), is_met: false })
    }

    /// Asks; `None` when a server that was there does not answer now.
    fn ask(&mut self, ask: &Ask<'_>) -> Result<Result<Answered, ClientError>, ScoreError> {
        match self.client.ask(ask) {
            Ok(answer) => {
                self.is_met = true;
                Ok(Ok(answer))
            }
            Err(error) if self.is_met && error.may_pass() => Ok(Err(error)),
            Err(source) => Err(ScoreError::Unreachable { url: self.url.clone(), source }),
        }
    }

    /// Asks for something without which there is no going on, and gives the answer to it.
    pub(crate) fn ask_once(&mut self, ask: &Ask<'_>) -> Result<Answered, ScoreError> {
        let answer =
            self.client.ask(ask).map_err(|source| ScoreError::Unreachable { url: self.url.clone(), source })?;
        self.is_met = true;
        Ok(answer)
    }

    /// The error that a refusal is.
    pub(crate) fn refusal(&self, answer: &Answered) -> ScoreError {
        let problem: ProblemAnswer = serde_json::from_slice(&answer.body).unwrap_or_default();
        let detail = match problem.detail.is_empty() {
            true => format!("status {}", answer.status),
            false => format!("{} ({})", problem.detail, problem.code),
        };
        ScoreError::Refused { url: self.url.clone(), detail }
    }

    fn unread(&self, error: &serde_json::Error) -> ScoreError {
        ScoreError::Refused { url: self.url.clone(), detail: format!("the answer is not one of Ringtrue's: {error}") }
    }

    fn later<T>(&self, answer: &Answered) -> Reply<T> {
        let after = answer.retry_after_s.map(|seconds| Duration::from_secs(seconds.into()));
        Reply::Later { after, why: self.refusal(answer).to_string() }
    }

    fn answered(&self, answer: &Answered) -> Result<Reply<Tally>, ScoreError> {
        match answer.status {
            200 => {
                let receipt = serde_json::from_slice(&answer.body).map_err(|error| self.unread(&error))?;
                Ok(Reply::Done(of_receipt(receipt)))
            }
            422 => {
                let problem: ProblemAnswer = serde_json::from_slice(&answer.body).unwrap_or_default();
                if problem.code != "NOTHING_TAKEN" {
                    return Err(self.refusal(answer));
                }
                Ok(Reply::Done(of_rejects(problem)))
            }
            // In work already under this key (after a broken connection), too busy, starting, stopping, or failed for once.
            408 | 409 | 429 | 500 | 502..=504 => Ok(self.later(answer)),
            _ => Err(self.refusal(answer)),
        }
    }
}

impl Sink for Remote {
    fn came(&mut self, file: &[u8; 32]) -> Result<Reply<Option<Came>>, ScoreError> {
        let answer =
            self.ask_once(&Ask { method: Method::GET, path: &path_of(file), headers: &[], body: Vec::new() })?;
        match answer.status {
            404 => Ok(Reply::Done(None)),
            408 | 429 | 500 | 502..=504 => Ok(self.later(&answer)),
            200 => {
                let told: ImportAnswer = serde_json::from_slice(&answer.body).map_err(|error| self.unread(&error))?;
                let ImportAnswer { file_name, position_bytes, records, finished } = told;
                Ok(Reply::Done(Some(Came { file_name, position_bytes, records, finished })))
            }
            _ => Err(self.refusal(&answer)),
        }
    }

    fn note(&mut self, file: &[u8; 32], came: &Came) -> Result<(), ScoreError> {
        let Came { file_name, position_bytes, records, finished } = came;
        let told = json!({
            "file_name": file_name, "position_bytes": position_bytes, "records": records, "finished": finished,
        });
        let body = told.to_string().into_bytes();
        let headers = [("content-type", "application/json")];
        // That a batch was acknowledged and is not noted costs no more than sending it again.
        match self.ask(&Ask { method: Method::PUT, path: &path_of(file), headers: &headers, body })? {
            Ok(answer) if matches!(answer.status, 400..=499) && answer.status != 429 => Err(self.refusal(&answer)),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn send(&mut self, kind: Kind, format: &str, batch: &Batch) -> Result<Reply<Tally>, ScoreError> {
        let content_type = format!("application/octet-stream; format=\"{format}\"");
        let headers = [("content-type", content_type.as_str()), ("idempotency-key", &batch.key)];
        let path = format!("/v1/{}?history=true", kind.as_str());
        let ask = Ask { method: Method::POST, path: &path, headers: &headers, body: batch.body.clone() };
        match self.ask(&ask)? {
            Ok(answer) => self.answered(&answer),
            Err(error) => Ok(Reply::Later { after: None, why: format!("{}: {error}", self.url) }),
        }
    }
}

fn path_of(file: &[u8; 32]) -> String {
    let digits: String = file.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("/v1/imports/{digits}")
}

fn of_receipt(receipt: ReceiptAnswer) -> Tally {
    let ReceiptAnswer { accepted, duplicate, late, unchecked, skipped, rejected, rejected_more } = receipt;
    let count = rejected.len() as u64 + rejected_more;
    let rejects = rejected.into_iter().map(reject).collect();
    Tally { accepted, duplicate, late, unchecked, skipped, rejected: count, rejects }
}

/// What is told of a batch of which every record was rejected. Its detail begins with how many there were; those beyond the ones
/// that are told are counted by it.
fn of_rejects(problem: ProblemAnswer) -> Tally {
    let count = problem.detail.split(' ').find_map(|word| word.parse().ok()).unwrap_or(0);
    let rejects: Vec<Reject> = problem.errors.into_iter().map(reject).collect();
    Tally { rejected: count.max(rejects.len() as u64), rejects, ..Tally::default() }
}

fn reject(answer: RejectAnswer) -> Reject {
    let RejectAnswer { line, code, field, detail } = answer;
    Reject { line, code, field, detail }
}
