//! Facts about the machine that a reader of a report needs to weigh its figures. No host name, no user name.

use std::fs;

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
    fn a_field_is_found_by_its_whole_name() {
        let text = "MemTotalX:  1 kB\nMemTotal:   2 kB\n";
        assert_eq!(field(text, "MemTotal").as_deref(), Some("2 kB"));
        assert_eq!(field(text, "Mem"), None);
    }
}
