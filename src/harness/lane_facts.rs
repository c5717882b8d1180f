//! What the kernel says about a lane's thread, read from outside so that the lane does nothing for it.
//!
//! Source: proc(5); `schedstat` gives CPU time and the time spent ready but waiting for a core, both in nanoseconds.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use super::machine::field;

/// Position of `majflt` in `/proc/PID/stat` after the command name's closing parenthesis.
const MAJOR_FAULTS_FIELD: usize = 9;

/// More than any of the files holds.
const BUFFER_BYTES: usize = 4096;

/// A thread's counters at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ThreadCounters {
    /// CPU time, nanoseconds; `None` where the kernel does not say.
    pub cpu_ns: Option<u64>,
    /// Time ready to run but waiting for a core, nanoseconds; `None` where the kernel does not say.
    pub run_delay_ns: Option<u64>,
    /// Involuntary context switches.
    pub involuntary_switches: u64,
    /// Page faults that went to disk.
    pub major_faults: u64,
}

/// A thread's files under `/proc`, opened once: reading them again costs some microseconds.
#[derive(Debug)]
pub struct ThreadFiles {
    schedstat: Option<File>,
    status: Option<File>,
    stat: Option<File>,
}

impl ThreadFiles {
    /// Opens the files of a thread of this process, as far as there are any.
    pub fn open(thread_id: i32) -> Self {
        let file = |name: &str| File::open(format!("/proc/self/task/{thread_id}/{name}")).ok();
        Self {
            schedstat: file("schedstat"),
            status: file("status"),
            stat: file("stat"),
        }
    }

    /// Reads the counters; `None` once the thread has ended, or where the system has no such files.
    pub fn read(&self) -> Option<ThreadCounters> {
        let status = text(self.status.as_ref())?;
        let stat = text(self.stat.as_ref())?;
        // A kernel may be built without this one.
        let schedstat = text(self.schedstat.as_ref()).unwrap_or_default();
        Some(parse(&schedstat, &status, &stat))
    }
}

/// Finds the threads of this process whose name begins with a word.
pub fn threads_named(beginning: &str) -> Vec<i32> {
    let tasks = fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let is_named = |task: &fs::DirEntry| {
        let name = fs::read_to_string(task.path().join("comm"));
        name.is_ok_and(|name| name.starts_with(beginning))
    };
    tasks
        .filter(is_named)
        .filter_map(|task| task.file_name().to_str()?.parse().ok())
        .collect()
}

fn text(file: Option<&File>) -> Option<String> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let length = file?.read_at(&mut buffer, 0).ok()?;
    buffer.truncate(length);
    String::from_utf8(buffer).ok()
}

fn parse(schedstat: &str, status: &str, stat: &str) -> ThreadCounters {
    let mut times = schedstat.split_whitespace().map(|time| time.parse().ok());
    let switches = field(status, "nonvoluntary_ctxt_switches");
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let major_faults = after_name.split_whitespace().nth(MAJOR_FAULTS_FIELD);
    ThreadCounters {
        cpu_ns: times.next().flatten(),
        run_delay_ns: times.next().flatten(),
        involuntary_switches: switches.and_then(|text| text.parse().ok()).unwrap_or(0),
        major_faults: major_faults.and_then(|text| text.parse().ok()).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_stand_where_the_kernel_puts_them() {
        let status = "Name:\tx\nvoluntary_ctxt_switches:\t7\nnonvoluntary_ctxt_switches:\t5\n";
        let stat = "17 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 11 12";
        let expected = ThreadCounters {
            cpu_ns: Some(1_000),
            run_delay_ns: Some(200),
            involuntary_switches: 5,
            major_faults: 9,
        };
        assert_eq!(parse("1000 200 3\n", status, stat), expected);
        let unknown = parse("", "", "");
        assert_eq!(unknown, ThreadCounters::default());
        assert_eq!(unknown.cpu_ns, None);
    }

    #[test]
    fn this_thread_has_counters_that_only_rise() {
        let thread_id = rustix::thread::gettid().as_raw_nonzero().get();
        let files = ThreadFiles::open(thread_id);
        let before = files.read().unwrap();
        assert!(before.run_delay_ns.is_some(), "{before:?}");
        std::thread::yield_now();
        let after = files.read().unwrap();
        assert!(after.cpu_ns >= before.cpu_ns);
        assert!(after.run_delay_ns >= before.run_delay_ns);
    }

    #[test]
    fn a_thread_is_found_by_its_name() {
        let (name, is_there) = ("found-by-name", || threads_named("found-by-").len());
        let inside = std::thread::Builder::new()
            .name(name.into())
            .spawn(is_there);
        assert_eq!(inside.unwrap().join().unwrap(), 1);
        assert_eq!(threads_named("no-such-thread"), [] as [i32; 0]);
    }

    #[test]
    fn a_thread_that_is_not_there_counts_nothing() {
        assert_eq!(ThreadFiles::open(i32::MAX).read(), None);
    }
}
