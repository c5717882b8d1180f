//! What the kernel counted about the lanes between two looks from outside, and sums of it.

/// About a second of the measure phase, as the kernel counted it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// Its beginning, nanoseconds since the start of the measure phase.
    pub from_ns: u64,
    /// Its end, likewise.
    pub to_ns: u64,
    /// One entry per lane.
    pub lanes: Vec<LaneSample>,
    /// Time the hypervisor took, nanoseconds, mean over the cores we may use; `None` where the kernel does not say.
    pub stolen_ns: Option<u64>,
    /// How far the wall clock moved against the monotonic one, nanoseconds; negative for a step back.
    pub clock_step_ns: i64,
    /// How long the machine was suspended, nanoseconds; the monotonic clock stands still meanwhile.
    pub suspended_ns: u64,
}

/// A lane's thread in that time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LaneSample {
    /// CPU time, nanoseconds; `None` where the kernel does not say.
    pub cpu_ns: Option<u64>,
    /// The part of it spent polling for an instant with nothing else to do, nanoseconds.
    pub polled_ns: u64,
    /// Time ready to run but waiting for a core, nanoseconds; `None` where the kernel does not say.
    pub run_delay_ns: Option<u64>,
    /// Involuntary context switches.
    pub involuntary_switches: u64,
    /// Page faults that went to disk.
    pub major_faults: u64,
}

/// A lane's thread over several samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Time sampled, nanoseconds.
    pub span_ns: u64,
    /// What was counted in it.
    pub counted: LaneSample,
}

impl Sample {
    /// Gives its length, nanoseconds.
    pub fn span_ns(&self) -> u64 {
        self.to_ns.saturating_sub(self.from_ns)
    }

    /// Gives one lane's part of it.
    pub fn stretch(&self, lane_idx: usize) -> Option<Stretch> {
        Some(Stretch {
            span_ns: self.span_ns(),
            counted: *self.lanes.get(lane_idx)?,
        })
    }
}

impl Stretch {
    /// Adds up one lane's part of some samples; `None` if there are none.
    pub fn over<'a>(
        samples: impl IntoIterator<Item = &'a Sample>,
        lane_idx: usize,
    ) -> Option<Self> {
        let stretches = samples
            .into_iter()
            .filter_map(|sample| sample.stretch(lane_idx));
        stretches.reduce(|sum, next| Self {
            span_ns: sum.span_ns + next.span_ns,
            counted: sum.counted.plus(&next.counted),
        })
    }

    /// Gives the share of the time that it worked: CPU time less idle polling.
    pub fn busy_share(&self) -> Option<f64> {
        let busy_ns = self.counted.cpu_ns?.saturating_sub(self.counted.polled_ns);
        share(busy_ns, self.span_ns)
    }

    /// Gives the share of the time that it was ready to run without a core.
    pub fn run_delay_share(&self) -> Option<f64> {
        share(self.counted.run_delay_ns?, self.span_ns)
    }
}

impl LaneSample {
    fn plus(&self, other: &Self) -> Self {
        let sum = |one: Option<u64>, two: Option<u64>| one.zip(two).map(|(one, two)| one + two);
        Self {
            cpu_ns: sum(self.cpu_ns, other.cpu_ns),
            polled_ns: self.polled_ns + other.polled_ns,
            run_delay_ns: sum(self.run_delay_ns, other.run_delay_ns),
            involuntary_switches: self.involuntary_switches + other.involuntary_switches,
            major_faults: self.major_faults + other.major_faults,
        }
    }
}

/// Gives the share of some samples' time that the hypervisor took; `None` if there are none, or the kernel does not say.
pub fn stolen_share<'a>(samples: impl IntoIterator<Item = &'a Sample>) -> Option<f64> {
    let (mut stolen_ns, mut span_ns) = (0, 0);
    for sample in samples {
        stolen_ns += sample.stolen_ns?;
        span_ns += sample.span_ns();
    }
    share(stolen_ns, span_ns)
}

fn share(part_ns: u64, whole_ns: u64) -> Option<f64> {
    (whole_ns > 0).then(|| part_ns as f64 / whole_ns as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(from_ns: u64, cpu_ns: u64) -> Sample {
        Sample {
            from_ns,
            to_ns: from_ns + 1_000,
            lanes: vec![LaneSample {
                cpu_ns: Some(cpu_ns),
                polled_ns: 100,
                run_delay_ns: Some(50),
                involuntary_switches: 2,
                major_faults: 1,
            }],
            stolen_ns: Some(20),
            ..Sample::default()
        }
    }

    #[test]
    fn a_stretch_is_the_sum_of_its_samples() {
        let samples = [sample(0, 600), sample(1_000, 900)];
        let stretch = Stretch::over(&samples, 0).unwrap();
        assert_eq!(stretch.span_ns, 2_000);
        assert_eq!(stretch.counted.involuntary_switches, 4);
        assert_eq!(stretch.busy_share(), Some(0.65));
        assert_eq!(stretch.run_delay_share(), Some(0.05));
        assert_eq!(stolen_share(&samples), Some(0.02));
    }

    #[test]
    fn what_one_sample_does_not_know_the_sum_does_not_know() {
        let mut samples = [sample(0, 600), sample(1_000, 900)];
        samples[1].lanes[0].run_delay_ns = None;
        samples[0].stolen_ns = None;
        let stretch = Stretch::over(&samples, 0).unwrap();
        assert_eq!(stretch.run_delay_share(), None);
        assert_eq!(stolen_share(&samples), None);
        assert_eq!(Stretch::over(&samples, 1), None);
        assert_eq!(Stretch::over([], 0), None);
        assert_eq!(stolen_share([]), None);
    }
}
