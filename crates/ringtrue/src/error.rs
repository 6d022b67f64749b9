//! What ends a run.

/// Why a run ends without a result. All lead to exit code 2, but for those that say that nothing could be taken, or that
/// something is damaged, which lead to 1.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScoreError {
    /// A file that cannot be read.
    #[error("{file} cannot be read")]
    Unreadable {
        /// The file.
        file: String,
        /// The system's word for it.
        #[source]
        source: std::io::Error,
    },
    /// A file that cannot be written.
    #[error("{file} cannot be written")]
    Unwritable {
        /// The file.
        file: String,
        /// The system's word for it.
        #[source]
        source: std::io::Error,
    },
    /// A file whose dialect is not known, or that lacks what its dialect needs.
    #[error("{file} cannot be opened as call records, reports or a side table")]
    Open {
        /// The file.
        file: String,
        /// What is wrong with it.
        #[source]
        source: intake::OpenError,
    },
    /// An argument with a value that cannot be used.
    #[error("{argument}: {detail}")]
    Argument {
        /// The argument.
        argument: &'static str,
        /// What was expected.
        detail: String,
    },
    /// A policy that does not hold.
    #[error("the policy is refused")]
    Policy(#[from] reputation::policy::PolicyError),
    /// A policy file that does not hold, of a kind with an error of its own.
    #[error("{file} is refused: {detail}")]
    PolicyFile {
        /// The file.
        file: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A scenario that does not hold.
    #[error("the scenario is refused")]
    Scenario(#[from] sim::ScenarioError),
    /// A world that cannot be made.
    #[error("no such traffic can be simulated")]
    World(#[from] sim::WorldError),
    /// A folder to write to that holds something.
    #[error("{folder} is not empty: name another folder, or write over its files with --force")]
    NotEmpty {
        /// The folder.
        folder: String,
    },
    /// Two rows of known truth that contradict each other.
    #[error("{file}:{line}: {tn} is told of otherwise in line {first_line}: keep one of the two rows")]
    TruthConflict {
        /// The file.
        file: String,
        /// The line of the later row.
        line: u64,
        /// The line of the earlier one.
        first_line: u64,
        /// The number.
        tn: String,
    },
    /// Known truth about none of the numbers that call.
    #[error("{file} names none of the numbers that call")]
    NoTruth {
        /// The file.
        file: String,
    },
    /// Known truth of one class only.
    #[error(
        "{file} says of all {numbers} numbers that call that they are {wanted}: a policy is measured by both, unwanted numbers and others"
    )]
    OneClass {
        /// The file.
        file: String,
        /// How many numbers.
        numbers: u64,
        /// What they all are.
        wanted: &'static str,
    },
    /// A labelled table, or a file beside it, that cannot be used.
    #[error("{file} cannot be used: {detail}")]
    Table {
        /// The file.
        file: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A specification of a fit that does not hold.
    #[error("{file} is refused as a specification")]
    Spec {
        /// The file.
        file: String,
        /// What is wrong with it.
        #[source]
        source: fit::spec::SpecError,
    },
    /// A learned score that does not hold.
    #[error("{file} is refused as a learned score")]
    Model {
        /// The file.
        file: String,
        /// What is wrong with it.
        #[source]
        source: fit::model::ModelError,
    },
    /// A table that nothing can be learned from.
    #[error("nothing can be learned from {file}")]
    Learn {
        /// The file.
        file: String,
        /// What is wrong with it.
        #[source]
        source: fit::learn::LearnError,
    },
    /// A data directory's registry that refuses, or fails.
    #[error("the registry of {folder} did not take it ({})", source.code())]
    Registry {
        /// The data directory.
        folder: String,
        /// What it says.
        #[source]
        source: store::registry::RegistryError,
    },
    /// A folder that is no data directory.
    #[error("{folder} is no data directory: `ringtrue key create` and `ringtrue serve` begin one")]
    NoData {
        /// The folder.
        folder: String,
    },
    /// A configuration of the server that does not hold.
    #[error("{file} is refused as a configuration: {detail}")]
    Config {
        /// The file.
        file: String,
        /// What is wrong with it.
        detail: String,
    },
    /// An address that cannot be listened on.
    #[error("{address} cannot be listened on")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// The system's word for it.
        #[source]
        source: std::io::Error,
    },
    /// Threads that cannot be started.
    #[error("the server cannot be started")]
    Runtime(#[source] std::io::Error),
    /// A certificate or key that cannot be used.
    #[error("TLS cannot be served")]
    Tls(#[source] web::TlsError),
    /// Webhooks that cannot be sent.
    #[error("webhooks cannot be sent: {0}")]
    Webhooks(String),
    /// An event log that cannot be opened.
    #[error("the event log in {folder} cannot be opened")]
    Log {
        /// The folder.
        folder: String,
        /// What is wrong with it.
        #[source]
        source: store::LogError,
    },
    /// A key of a data directory that cannot be read or made.
    #[error("the key of the data directory cannot be used")]
    DataKey(#[source] store::KeyFileError),
    /// A data directory whose key is gone.
    #[error("{file} is missing, with which the log in {folder} is sealed: without it nothing in there can be read")]
    NoDataKey {
        /// The key's file.
        file: String,
        /// The data directory.
        folder: String,
    },
    /// Snapshots that cannot be opened.
    #[error("the snapshots in {folder} cannot be opened")]
    Snapshots {
        /// The folder.
        folder: String,
        /// What is wrong with it.
        #[source]
        source: store::snapshot::SnapshotError,
    },
    /// A data directory that cannot be looked after.
    #[error(transparent)]
    Upkeep(service::upkeep::UpkeepError),
    /// A data directory of which something is damaged.
    #[error("{folder} is damaged, as told on standard output")]
    Unwell {
        /// The folder.
        folder: String,
    },
    /// A data directory on which a server works.
    #[error("a server works on {folder}: name it with --url and --key, or stop it")]
    Serving {
        /// The folder of its log.
        folder: String,
    },
    /// A server that cannot be reached.
    #[error("{url} does not answer")]
    Unreachable {
        /// Its address.
        url: String,
        /// Why.
        #[source]
        source: web::client::ClientError,
    },
    /// A server that refuses.
    #[error("{url} refuses: {detail}")]
    Refused {
        /// Its address.
        url: String,
        /// What it says.
        detail: String,
    },
    /// A server that took nothing for long.
    #[error("nothing was taken for {minutes} minutes ({why}): the same command goes on where this one ended")]
    GaveUp {
        /// How long.
        minutes: u64,
        /// What was told last.
        why: String,
    },
    /// An import that was told to stop.
    #[error("the import was stopped: it goes on where it ended")]
    Interrupted,
    /// Records that cannot be taken as a whole.
    #[error("the records cannot be taken")]
    NotTaken(#[source] service::IngestError),
    /// An import of which it cannot be noted how far it came.
    #[error("it cannot be noted how far the import came")]
    Imports(#[source] store::registry::RegistryError),
    /// No record of a file could be taken.
    #[error("no record could be taken")]
    NoneTaken,
    /// A number that was not forgotten.
    #[error("the number is not forgotten: the same command goes on where this one ended")]
    Forget(#[from] service::ForgetError),
    /// A service that cannot be opened.
    #[error("the service cannot be opened")]
    Service(#[from] service::OpenError),
    /// No call and no report could be taken.
    #[error("nothing could be scored: no call and no report could be taken")]
    Nothing,
}

impl ScoreError {
    /// The exit code that this leads to.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Nothing | Self::NoneTaken | Self::Unwell { .. } => 1,
            Self::Unreadable { .. }
            | Self::Unwritable { .. }
            | Self::Open { .. }
            | Self::Argument { .. }
            | Self::Policy(_)
            | Self::PolicyFile { .. }
            | Self::Table { .. }
            | Self::Spec { .. }
            | Self::Model { .. }
            | Self::Learn { .. }
            | Self::Scenario(_)
            | Self::World(_)
            | Self::Config { .. }
            | Self::Listen { .. }
            | Self::Runtime(_)
            | Self::Tls(_)
            | Self::Webhooks(_)
            | Self::Log { .. }
            | Self::DataKey(_)
            | Self::NoDataKey { .. }
            | Self::Snapshots { .. }
            | Self::Service(_)
            | Self::Upkeep(_)
            | Self::Serving { .. }
            | Self::Unreachable { .. }
            | Self::Refused { .. }
            | Self::GaveUp { .. }
            | Self::Interrupted
            | Self::NotTaken(_)
            | Self::Imports(_)
            | Self::Forget(_)
            | Self::TruthConflict { .. }
            | Self::NoTruth { .. }
            | Self::OneClass { .. }
            | Self::Registry { .. }
            | Self::NoData { .. }
            | Self::NotEmpty { .. } => 2,
        }
    }
}
