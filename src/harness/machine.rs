//! Facts about the machine that a reader of a report needs to weigh its figures. No host name, no user name.

use std::fs;

use crate::clock::NS_PER_S;
use crate::units::show_bytes;

/// Gives the facts as name and value; what the system does not tell is left out.
pub fn facts() -> Vec<(String, String)> {
    let kernel =
        read("/proc/sys/kernel/osrelease").map(|release| format!("Linux {}", release.trim()));
    let cpu = read("/proc/cpuinfo").and_then(|text| field(&text, "model name"));
    let cores = std::thread::available_parallelism()
        .ok()
        .map(|cores| cores.to_string());
    let memory = read("/proc/meminfo").and_then(|text| field(&text, "MemTotal"));
    let memory = memory.and_then(|text| {
        let kibibytes: u64 = text.split_whitespace().next()?.parse().ok()?;
        Some(show_bytes(kibibytes * 1024))
    });
    [
        (
            "kernel",
            kernel.or_else(|| Some(std::env::consts::OS.to_owned())),
        ),
        ("architecture", Some(std::env::consts::ARCH.to_owned())),
        ("cpu", cpu),
        ("cores", cores),
        ("memory", memory),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

/// Gives the time the hypervisor has taken from the cores this process may use, nanoseconds, mean over them; `None`
/// where the kernel does not say.
///
/// Source: proc(5), the eighth figure of a core's line in `/proc/stat`, in clock ticks.
pub(super) fn stolen_ns() -> Option<u64> {
    let cores = rustix::thread::sched_getaffinity(None).ok()?;
    let text = read("/proc/stat")?;
    let ticks_per_s = rustix::param::clock_ticks_per_second();
    let (ticks, count) = stolen_ticks(&text, |core| cores.is_set(core))?;
    Some(ticks * NS_PER_S / ticks_per_s / count)
}

/// Gives the number of cores that this process may run on; `None` where the kernel does not say.
pub fn allowed_cores() -> Option<usize> {
    let cores = rustix::thread::sched_getaffinity(None).ok()?;
    Some(cores.count() as usize)
}

/// Gives the number of cores that the machine has; `None` where the kernel does not say.
pub fn online_cores() -> Option<usize> {
    count_cores(&read("/proc/stat")?)
}

/// Counts the cores in `/proc/stat`.
fn count_cores(stat: &str) -> Option<usize> {
    let is_core = |line: &&str| {
        let name = line.strip_prefix("cpu").unwrap_or_default();
        name.starts_with(|first: char| first.is_ascii_digit())
    };
    Some(stat.lines().filter(is_core).count()).filter(|&cores| cores > 0)
}

/// Sums the stolen ticks of some cores, and counts them; `None` if there are none.
fn stolen_ticks(stat: &str, is_ours: impl Fn(usize) -> bool) -> Option<(u64, u64)> {
    const STOLEN: usize = 7;
    let per_core = stat.lines().filter_map(|line| {
        let (name, figures) = line.split_once(' ')?;
        let core = name.strip_prefix("cpu")?.parse().ok()?;
        let stolen: u64 = figures.split_whitespace().nth(STOLEN)?.parse().ok()?;
        is_ours(core).then_some((stolen, 1))
    });
    per_core.reduce(|sum, next| (sum.0 + next.0, sum.1 + next.1))
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Finds `name: value` in the text of a file under `/proc`.
pub(super) fn field(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_says_something_about_itself() {
        let facts = facts();
        assert!(facts.iter().any(|(name, _)| name == "cores"));
        assert!(facts.iter().all(|(_, value)| !value.is_empty()));
    }

    #[test]
    fn stolen_time_is_that_of_our_cores() {
        let stat = "cpu  1 2 3 4 5 6 7 80 9 9\ncpu0 1 2 3 4 5 6 7 30 9 9\ncpu1 1 2 3 4 5 6 7 50 9 9\nintr 5 cpu2\n";
        assert_eq!(stolen_ticks(stat, |_| true), Some((80, 2)));
        assert_eq!(stolen_ticks(stat, |core| core == 1), Some((50, 1)));
        assert_eq!(stolen_ticks(stat, |core| core == 7), None);
        assert_eq!(stolen_ticks("cpu0 1 2\n", |_| true), None);
    }

    #[test]
    fn cores_are_those_with_a_number() {
        let stat = "cpu  1 2\ncpu0 1 2\ncpu11 1 2\nintr 5 cpu2\ncpufreq 3\n";
        assert_eq!(count_cores(stat), Some(2));
        assert_eq!(count_cores("intr 5\n"), None);
        assert!(allowed_cores() <= online_cores());
    }

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = "MemTotalX:  1 kB\nMemTotal:   2 kB\n";
        assert_eq!(field(text, "MemTotal").as_deref(), Some("2 kB"));
        assert_eq!(field(text, "Mem"), None);
    }
}
