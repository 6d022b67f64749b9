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
            Reporter::Number(tn) => (intake::text_hash(&format!("tel:{tn}")), Some(tn)),
            Reporter::Account(id) => (intake::text_hash(&format!("acc-{id:x}")), None),
        };
        Report {
            key: Some(model::RecordKey(u128::from(self.id))),
            at: self.called_at,
            known_at: Some(self.at),
            tn: self.tn,
            category: self.category,
            reporter: Some(reporter),
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
