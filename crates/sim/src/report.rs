//! What simulated people report.

use model::{CarrierId, Report, ReportCategory, TelephoneNumber, Timestamp};

/// Who reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reporter {
    /// A person who gives a telephone number: calls to it prove the report.
    Number(TelephoneNumber),
    /// An account, by an opaque id.
    Account(u64),
}

/// One report about one calling number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SimReport {
    /// Tells the reports of a world apart.
    pub id: u64,
    /// When it is made, and so known.
    pub at: Timestamp,
    /// When the call was that it is about.
    pub called_at: Timestamp,
    /// The reported number.
    pub tn: TelephoneNumber,
    /// What the person says.
    pub category: ReportCategory,
    /// Who says it.
    pub reporter: Reporter,
    /// The reporter's carrier; `None` when unknown.
    pub carrier: Option<CarrierId>,
    /// When the reporter's account was made.
    pub reporter_since: Timestamp,
    /// The network that the report came from.
    pub network: u32,
    /// The family of the reporter's device.
    pub device: u8,
    /// The reporter's area code.
    pub area_code: u16,
}

impl SimReport {
    /// The id of the reporter's account in records; `None` for a reporter who gave a number.
    #[must_use]
    pub fn account_name(&self) -> Option<String> {
        match self.reporter {
            Reporter::Number(_) => None,
            Reporter::Account(id) => Some(format!("acc-{id:x}")),
        }
    }

    /// The name of the network in records.
    #[must_use]
    pub fn network_name(&self) -> String {
        format!("net-{:x}", self.network)
    }

    /// The name of the device family in records.
    #[must_use]
    pub fn device_name(&self) -> String {
        format!("dev-{}", self.device)
    }

    /// The report as it is read from a file that the operator's own application wrote.
    #[must_use]
    pub fn report(&self) -> Report {
        let (reporter, reporter_tn) = match self.reporter {
            Reporter::Number(tn) => (format!("tel:{tn}"), Some(tn)),
            Reporter::Account(_) => (self.account_name().unwrap_or_default(), None),
        };
        Report {
            key: Some(intake::record_key("local", format!("{:016x}", self.id).as_bytes())),
            at: self.called_at,
            known_at: Some(self.at),
            tn: self.tn,
            category: self.category,
            reporter: Some(intake::text_hash(&reporter)),
            reporter_tn,
            reporter_since: Some(self.reporter_since),
            network: Some(intake::text_hash(&self.network_name())),
            device: Some(intake::text_hash(&self.device_name())),
            area_code: Some(self.area_code),
            carrier: self.carrier,
            proven: false,
            regulator: false,
        }
    }
}
