//! What a lane did while it stood still, as far as the samples around that tell.

use crate::format;
use crate::measurements::sample::{LaneSample, Sample, Stretch};
use crate::summary::ms;
use crate::verdict::validity::Evidence;
use crate::verdict::validity::evidence::NS_PER_S;

/// What a lane did in a stall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verdict::validity) enum Doing {
    /// It waited for a core, so much longer than at other times; nanoseconds.
    WaitedForCore(u64),
    /// It waited for a core for so long, as at other times: nobody can tell whether it did in the stall; nanoseconds.
    WaitedAsUsual(u64),
    /// The hypervisor had its core for so long; nanoseconds.
    Stolen(u64),
    /// It read so many pages from the disk.
    ReadPages(u64),
    /// It was busy with other requests.
    Busy,
    /// It neither ran nor waited for a core.
    Stopped,
    /// The kernel does not say.
    Unknown,
}

impl Doing {
    /// Finds out what a lane did in a stall that ended in a second.
    pub(in crate::verdict::validity) fn meanwhile(
        evidence: &Evidence<'_>,
        lane_idx: usize,
        second: u64,
        stall_ns: u64,
    ) -> Self {
        let ends_ns = (second + 1) * NS_PER_S;
        let begins_ns = (second * NS_PER_S).saturating_sub(stall_ns);
        let overlaps = |sample: &&Sample| sample.from_ns < ends_ns && sample.to_ns > begins_ns;
        let samples: Vec<&Sample> = evidence.run.samples.iter().filter(overlaps).collect();
        let lane = |of: fn(&LaneSample) -> Option<u64>| {
            let parts = samples.iter().map(|sample| of(sample.lanes.get(lane_idx)?));
            parts.sum::<Option<u64>>()
        };
        let span_ns: u64 = samples.iter().map(|sample| sample.span_ns()).sum();
        let stolen_ns: u64 = samples.iter().filter_map(|sample| sample.stolen_ns).sum();
        let faults = lane(|lane| Some(lane.major_faults)).unwrap_or(0);
        let is_most = |ns: u64| ns >= stall_ns / 2;
        let waited_ns = lane(|lane| lane.run_delay_ns);
        let busy_ns = lane(|lane| Some(lane.cpu_ns?.saturating_sub(lane.polled_ns)));
        // A sample is much longer than a short stall: what the lane waits in any second is no part of the stall.
        let others = evidence.run.samples.iter().filter(|it| !overlaps(it));
        let usual_ns = usual_ns(Stretch::over(others, lane_idx), span_ns);
        let longer_ns = waited_ns.map(|waited_ns| waited_ns.saturating_sub(usual_ns));
        match (longer_ns, busy_ns) {
            (Some(longer_ns), _) if is_most(longer_ns) => Self::WaitedForCore(longer_ns),
            _ if is_most(stolen_ns) => Self::Stolen(stolen_ns),
            _ if faults > 0 => Self::ReadPages(faults),
            (_, Some(busy_ns)) if busy_ns + stall_ns / 2 >= span_ns && span_ns > 0 => Self::Busy,
            (Some(_), Some(_)) if span_ns > 0 => match waited_ns {
                // So much waiting could have filled the stall.
                Some(waited_ns) if waited_ns >= stall_ns => Self::WaitedAsUsual(waited_ns),
                _ => Self::Stopped,
            },
            _ => Self::Unknown,
        }
    }

    /// Says what it did in a sentence.
    pub(super) fn text(self) -> String {
        let time = |ns| format::duration(ms(ns));
        match self {
            Self::WaitedForCore(ns) => format!(
                "Around then it waited for a core for {} longer than at other times, which other work on this machine had.",
                time(ns)
            ),
            Self::WaitedAsUsual(ns) => format!(
                "Around then it waited for a core for {}, hardly longer than at other times: whether that was in the stall, or the \
                 process was stopped, cannot be told.",
                time(ns)
            ),
            Self::Stolen(ns) => format!(
                "Around then the hypervisor gave its core to other guests for {}.",
                time(ns)
            ),
            Self::ReadPages(pages) => format!(
                "Around then it read pages from the disk {}.",
                format::counted(pages, "time")
            ),
            Self::Busy => {
                "Its core was full: it was busy with other requests all the time.".to_owned()
            }
            Self::Stopped => {
                "It neither ran nor waited for a core: the process was stopped, its container was frozen or out of its quota, or its \
                 virtual machine was paused."
                    .to_owned()
            }
            Self::Unknown => "What it did meanwhile, the kernel does not say.".to_owned(),
        }
    }
}

/// Gives how long a lane waits for a core in such a time at the pace of other times, nanoseconds.
fn usual_ns(others: Option<Stretch>, span_ns: u64) -> u64 {
    let usual = others.and_then(|others| Some((others.counted.run_delay_ns?, others.span_ns)));
    let usual = usual.filter(|(_, of_ns)| *of_ns > 0);
    usual.map_or(0, |(waited_ns, of_ns)| {
        let waited_ns = u128::from(waited_ns) * u128::from(span_ns) / u128::from(of_ns);
        u64::try_from(waited_ns).unwrap_or(u64::MAX)
    })
}
