//! What the kernel says about a lane's thread, read from outside so that the lane does nothing for it.
//!
//! Source: proc(5); `schedstat` gives the time spent ready but waiting for a core as its second number, in nanoseconds.

use std::fs;

use super::machine::field;

/// Position of `majflt` in `/proc/PID/stat` after the command name's closing parenthesis.
const MAJOR_FAULTS_FIELD: usize = 9;

/// A thread's counters at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThreadCounters {
    /// Time ready to run but waiting for a core, nanoseconds; `None` where the kernel does not say.
    pub run_delay_ns: Option<u64>,
    /// Involuntary context switches.
    pub involuntary_switches: u64,
    /// Page faults that went to disk.
    pub major_faults: u64,
}

/// Reads a thread of this process; what the kernel does not tell reads as zero.
pub fn read(thread_id: i32) -> ThreadCounters {
    let file = |name: &str| {
        fs::read_to_string(format!("/proc/self/task/{thread_id}/{name}")).unwrap_or_default()
    };
    let schedstat = file("schedstat");
    let mut times = schedstat.split_whitespace().map(str::parse::<u64>);
    let run_delay_ns = times.nth(1).and_then(Result::ok);
    let switches = field(&file("status"), "nonvoluntary_ctxt_switches");
    let stat = file("stat");
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let major_faults = after_name.split_whitespace().nth(MAJOR_FAULTS_FIELD);
    ThreadCounters {
        run_delay_ns,
        involuntary_switches: switches.and_then(|text| text.parse().ok()).unwrap_or(0),
        major_faults: major_faults.and_then(|text| text.parse().ok()).unwrap_or(0),
    }
}

impl ThreadCounters {
    /// Gives what was counted since an earlier reading.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let delays = before.run_delay_ns.zip(self.run_delay_ns);
        Self {
            run_delay_ns: delays.map(|(before, after)| after.saturating_sub(before)),
            involuntary_switches: self
                .involuntary_switches
                .saturating_sub(before.involuntary_switches),
            major_faults: self.major_faults.saturating_sub(before.major_faults),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_thread_has_counters_that_only_rise() {
        let thread_id = rustix::thread::gettid().as_raw_nonzero().get();
        let before = read(thread_id);
        assert!(before.run_delay_ns.is_some(), "{before:?}");
        std::thread::yield_now();
        let after = read(thread_id);
        let counted = after.since(&before);
        assert!(after.run_delay_ns >= before.run_delay_ns);
        assert!(counted.major_faults <= after.major_faults);
    }

    #[test]
    fn a_thread_that_is_gone_counts_nothing() {
        assert_eq!(read(i32::MAX).run_delay_ns, None);
    }
}
