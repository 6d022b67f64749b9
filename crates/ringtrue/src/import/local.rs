//! Batches for a service in this process.

use std::sync::Arc;
use std::time::Duration;

use model::CarrierId;
use service::{Body, IngestError, Origin, Pending, Receipt, Service};
use store::registry::{ImportKey, ImportProgress, Registry, RegistryError, Source};

use super::batches::{Batch, Kind};
use super::sink::{Came, Reject, Reply, Sink, Tally};
use crate::error::ScoreError;

/// A service in this process, as a source of one tenant meets it.
pub(crate) struct Local {
    service: Service,
    registry: Arc<dyn Registry>,
    source: Source,
    origin: Arc<Origin>,
    carrier: Option<CarrierId>,
    /// Records became known when their calls ended; else, when they arrive.
    history: bool,
}

impl Local {
    /// Sends as this source. With `history` records became known when their calls ended, else when they arrive.
    pub(crate) fn new(service: Service, registry: Arc<dyn Registry>, source: Source, history: bool) -> Self {
        let origin = Origin { tenant: source.tenant, source: source.name.as_str().into(), role: source.role };
        let key = source.carrier.as_ref();
        let carrier = key.and_then(|key| service.config().reading.carrier(key.as_str()));
        Self { service, registry, source, origin: Arc::new(origin), carrier, history }
    }

    fn key(&self, file: &[u8; 32]) -> ImportKey {
        ImportKey { tenant: self.source.tenant, source: self.source.name.clone(), file: *file }
    }

    fn ingest(&self, kind: Kind, body: Body<'_>) -> Result<Receipt, IngestError> {
        let admitted = self.service.admit(body.bytes.len())?;
        let taken = match kind {
            Kind::Calls => self.service.ingest_calls(admitted, &self.origin, body),
            Kind::Reports => self.service.ingest_reports(admitted, &self.origin, body),
        };
        taken.and_then(Pending::wait)
    }
}

impl Sink for Local {
    fn came(&mut self, file: &[u8; 32]) -> Result<Reply<Option<Came>>, ScoreError> {
        let progress = self.registry.import(&self.key(file)).map_err(unnoted)?;
        Ok(Reply::Done(progress.map(|progress| {
            let ImportProgress { key: _, file_name, position_bytes, records, finished, updated_at: _ } = progress;
            Came { file_name, position_bytes, records, finished }
        })))
    }

    fn note(&mut self, file: &[u8; 32], came: &Came) -> Result<(), ScoreError> {
        let Came { file_name, position_bytes, records, finished } = came.clone();
        let (key, updated_at) = (self.key(file), self.service.now());
        let progress = ImportProgress { key, file_name, position_bytes, records, finished, updated_at };
        self.registry.note_import(&progress).map_err(unnoted)
    }

    fn send(&mut self, kind: Kind, format: &str, batch: &Batch) -> Result<Reply<Tally>, ScoreError> {
        let body = Body {
            format: Some(format),
            idempotency_key: Some(&batch.key),
            history: self.history,
            carrier: self.carrier,
            ..Body::new(&batch.body)
        };
        match self.ingest(kind, body) {
            Ok(receipt) => Ok(Reply::Done(tally(receipt))),
            Err(error) => match error.retry_after_s() {
                Some(seconds) => {
                    let after = Some(Duration::from_secs(seconds.into()));
                    Ok(Reply::Later { after, why: error.to_string() })
                }
                None => Err(ScoreError::NotTaken(error)),
            },
        }
    }
}

fn unnoted(error: RegistryError) -> ScoreError {
    ScoreError::Imports(error)
}

fn tally(receipt: Receipt) -> Tally {
    let Receipt { accepted, duplicate, late, unchecked, skipped, rejected, rejected_more } = receipt;
    let count = rejected.len() as u64 + rejected_more;
    let rejects = rejected.into_iter().map(|rejected| Reject {
        line: rejected.line,
        code: rejected.code.to_owned(),
        field: rejected.field.into_owned(),
        detail: rejected.detail,
    });
    Tally { accepted, duplicate, late, unchecked, skipped, rejected: count, rejects: rejects.collect() }
}
