//! Who runs on which core while a machine is calibrated: the target on cores of its own, where there are two or more.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// A division of the cores this process may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cores {
    /// For the lanes and those who watch them.
    pub(super) ours: Vec<usize>,
    /// For the target.
    pub(super) target: Vec<usize>,
}

impl Cores {
    /// Gives the cores this thread may use, ascending; empty where the system does not say.
    pub(super) fn available() -> Vec<usize> {
        let set = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
        (0..CpuSet::MAX_CPU)
            .filter(|&core| set.is_set(core))
            .collect()
    }

    /// Divides cores: the target gets the last ones, up to two per lane, and never one that a lane needs.
    pub(super) fn divide(available: &[usize], lanes: u32) -> Self {
        let lanes = lanes as usize;
        let for_target = available.len().saturating_sub(lanes).min(2 * lanes);
        let (ours, target) = available.split_at(available.len() - for_target);
        let shared = target.is_empty();
        Self {
            ours: ours.to_vec(),
            target: if shared { ours } else { target }.to_vec(),
        }
    }

    /// Says what generator and target share.
    pub(super) fn shared(&self) -> String {
        let kernel = "They share the kernel, its loopback interface, memory and the outer caches; there is no network between them.";
        if self.ours == self.target {
            format!(
                "The target ran on the lanes' own cores, so what it used was missing to them. {kernel}"
            )
        } else {
            let (ours, target) = (listed(&self.ours), listed(&self.target));
            format!("Lanes ran on {ours}, the target on {target}. {kernel}")
        }
    }
}

fn listed(cores: &[usize]) -> String {
    match cores {
        [core] => format!("core {core}"),
        [first, .., last] if last - first + 1 == cores.len() => format!("cores {first} to {last}"),
        _ => {
            let numbers: Vec<String> = cores.iter().map(usize::to_string).collect();
            format!("cores {}", numbers.join(", "))
        }
    }
}

/// Keeps this thread, and those it starts, on some cores for as long as it lives.
#[derive(Debug)]
pub(super) struct Pinned {
    before: Option<CpuSet>,
}

impl Pinned {
    /// Moves this thread to some cores; where the system forbids it, the thread stays where it is.
    pub(super) fn to(cores: &[usize]) -> Self {
        let mut set = CpuSet::new();
        for &core in cores {
            set.set(core);
        }
        let before = sched_getaffinity(None).ok();
        let moved = !cores.is_empty() && sched_setaffinity(None, &set).is_ok();
        Self {
            before: before.filter(|_| moved),
        }
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // A core may have gone offline meanwhile; then the kernel has chosen for us.
            let _stays = sched_setaffinity(None, before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_keep_a_core_each_and_the_target_gets_what_is_left() {
        for (count, lanes, ours, target) in [
            (1, 1, "core 0", "core 0"),
            (2, 1, "core 0", "core 1"),
            (2, 2, "cores 0 to 1", "cores 0 to 1"),
            (4, 1, "cores 0 to 1", "cores 2 to 3"),
            (4, 2, "cores 0 to 1", "cores 2 to 3"),
            (8, 1, "cores 0 to 5", "cores 6 to 7"),
        ] {
            let available: Vec<usize> = (0..count).collect();
            let cores = Cores::divide(&available, lanes);
            let found = (listed(&cores.ours), listed(&cores.target));
            assert_eq!(
                found,
                (ours.to_owned(), target.to_owned()),
                "{count} {lanes}"
            );
            assert_eq!(cores.shared().contains("own cores"), ours == target);
        }
        assert_eq!(listed(&[1, 3, 4]), "cores 1, 3, 4");
    }

    #[test]
    fn a_thread_is_pinned_for_a_while_and_its_children_with_it() {
        let before = Cores::available();
        let first = before[0];
        {
            let _pinned = Pinned::to(&[first]);
            assert_eq!(Cores::available(), [first]);
            let child = std::thread::spawn(Cores::available).join().unwrap();
            assert_eq!(child, [first]);
        }
        assert_eq!(Cores::available(), before);
    }
}
