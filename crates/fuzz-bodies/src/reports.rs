//! Files of reports, in every format.

use intake::report::{
    OpenedReports, ReportDialect, ReportFormat, ReportOutput, detect_report, open_reports, read_report_block,
};

use crate::Choice;
use crate::calls::halves;

/// Reads a file of reports.
///
/// Invariants: a file cut in two at a record's end yields the same as the whole; no record is lost (batches aside, each is
/// told once: as a report, a reject or a count); no report is known before the call that it is about; shields are counted
/// as what they are.
pub fn reports(bytes: &[u8]) {
    let (choice, file) = Choice::split(bytes);
    let Some(format) = choice.of(&ReportFormat::ALL).copied().or_else(|| detect_report(file).ok()) else {
        return;
    };
    let Ok(OpenedReports { dialect, skip, .. }) = open_reports(format, file, &choice.options()) else {
        return;
    };
    assert!(skip <= file.len(), "the header is longer than the file");
    let records = file.get(skip..).unwrap_or_default();
    let mut whole = read(dialect.as_ref(), &[records]);
    let mut halved = read(dialect.as_ref(), &halves(dialect.framing(), records));
    assert_told_once(dialect.as_ref(), records, &whole);
    for report in &whole.reports {
        assert!(report.known() >= report.at, "{report:?} is known before it happened");
    }
    // Lines count from the beginning of a block.
    for reject in whole.rejects.iter_mut().chain(&mut halved.rejects) {
        reject.line = 0;
    }
    assert_eq!(whole, halved, "other reports when cut in two");
}

fn read(dialect: &dyn ReportDialect, blocks: &[&[u8]]) -> ReportOutput {
    let mut out = ReportOutput::default();
    for block in blocks {
        read_report_block(dialect, block, &mut out);
    }
    out
}

fn assert_told_once(dialect: &dyn ReportDialect, block: &[u8], out: &ReportOutput) {
    // A batch is one record that tells many reports, or none.
    if block.contains(&b'[') {
        return;
    }
    let all = dialect.framing().records(block).filter(|(_, record)| !record.trim_ascii().is_empty()).count() as u64;
    // Where an array stands with one object a line, its brackets and commas may have lines of their own.
    let bare =
        |record: &[u8]| record.iter().all(|byte| byte.is_ascii_whitespace() || matches!(byte, b'[' | b']' | b','));
    let certain = dialect.framing().records(block).filter(|(_, record)| !bare(record)).count() as u64;
    let counted = out.fragments + out.sentinels + out.blanks + out.withheld + out.malformed + out.not_calls;
    let told = (out.reports.len() + out.rejects.len()) as u64 + counted;
    assert!((certain..=all).contains(&told), "of {certain} to {all} records {told} are told");
}
