//! What the sender of records is told.

use serde::Serialize;
use service::Receipt;
use utoipa::ToSchema;

/// What became of the records of a body. Everything that counts as accepted is on disk.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptView {
    /// Records that were taken.
    accepted: u64,
    /// Records that had been taken before, and were not taken again.
    duplicate: u64,
    /// Of those accepted, calls that became known so late that no fact holds them.
    late: u64,
    /// Of those accepted, records of which it cannot be told whether they had been taken before.
    unchecked: u64,
    /// Well-formed records that are no call to be judged, such as internal ones.
    skipped: u64,
    /// Records that could not be taken, the first of them.
    rejected: Vec<RejectedView>,
    /// Rejected records beyond those that are listed.
    rejected_more: u64,
}

/// One record that could not be taken.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RejectedView {
    /// The line on which the record begins, from 1; 0 where the format does not tell it.
    line: u64,
    /// Why: a code with a heading in the reference of errors.
    code: &'static str,
    /// The field at fault; empty when the record as a whole is.
    field: String,
    /// What was expected, and what stood there instead.
    detail: String,
}

impl From<Receipt> for ReceiptView {
    fn from(receipt: Receipt) -> Self {
        let rejected = receipt.rejected.into_iter().map(|rejected| RejectedView {
            line: rejected.line,
            code: rejected.code,
            field: rejected.field.into_owned(),
            detail: rejected.detail,
        });
        Self {
            accepted: receipt.accepted,
            duplicate: receipt.duplicate,
            late: receipt.late,
            unchecked: receipt.unchecked,
            skipped: receipt.skipped,
            rejected: rejected.collect(),
            rejected_more: receipt.rejected_more,
        }
    }
}
