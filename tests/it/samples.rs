//! What is seen of the lanes from outside must fit what they say of themselves.

use tapdeck::stand_in::{StandIn, StandInConfig};
use tapdeck_reports::measurements::sample::Stretch;

use crate::common::{MS, Run, S};

#[test]
fn samples_adjoin_within_the_measure_phase_and_count_no_more_than_the_lanes_do() {
    let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let run = Run {
        rate: 1_000.0,
        lanes: 2,
        warm_up_ns: S / 2,
        measure_ns: 2 * S + S / 2,
        ..Run::at(&target.url(), 0.0)
    };
    let measured = run.play();
    let samples = &measured.samples;
    // However busy the machine, the first and the last look are two seconds apart.
    assert!(!samples.is_empty());
    assert!(samples.last().unwrap().to_ns <= run.measure_ns);
    for pair in samples.windows(2) {
        assert_eq!(pair[0].to_ns, pair[1].from_ns);
    }
    for (idx, lane) in measured.lanes.iter().enumerate() {
        let sampled = Stretch::over(samples, idx).unwrap();
        assert!(sampled.span_ns <= run.measure_ns);
        // A lane begins to count at its first round of housekeeping, some milliseconds of work later at most.
        let cpu_ns = sampled.counted.cpu_ns.unwrap();
        assert!(cpu_ns > 0);
        assert!(cpu_ns <= lane.cpu_ns + 100 * MS, "{cpu_ns} {lane:?}");
    }
}
