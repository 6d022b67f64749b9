//! What the system says of a process (Linux).

use std::fs;

/// Clock ticks a second in `/proc`; the same on every Linux that matters here.
const TICKS_A_SECOND: f64 = 100.0;
const KIB: u64 = 1024;

/// A running process.
#[derive(Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// Bytes resident; 0 when it cannot be told.
    pub(crate) fn resident_bytes(self) -> u64 {
        self.status("VmRSS:")
    }

    fn status(self, key: &str) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * KIB
    }

    /// Seconds of processor time so far, of all threads; 0 when it cannot be told.
    pub(crate) fn cpu_s(self) -> f64 {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.0)).unwrap_or_default();
        // The name of the program, in parentheses, may hold blanks.
        let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
        ticks.sum::<f64>() / TICKS_A_SECOND
    }

    /// Seconds of processor time of each thread, by its name.
    pub(crate) fn threads_cpu_s(self) -> Vec<(String, f64)> {
        let Ok(tasks) = fs::read_dir(format!("/proc/{}/task", self.0)) else { return Vec::new() };
        let read = |task: fs::DirEntry| {
            let text = fs::read_to_string(task.path().join("stat")).ok()?;
            let (name, fields) = text.rsplit_once(')')?;
            let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
            Some((name.split_once('(')?.1.to_owned(), ticks.sum::<f64>() / TICKS_A_SECOND))
        };
        let mut sums: Vec<(String, f64)> = Vec::new();
        for (name, cpu_s) in tasks.filter_map(|task| read(task.ok()?)) {
            match sums.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sum)) => *sum += cpu_s,
                None => sums.push((name, cpu_s)),
            }
        }
        sums.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        sums
    }
}
