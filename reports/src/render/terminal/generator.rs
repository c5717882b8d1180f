//! How the lanes fared, in a table.

use super::table::Table;
use crate::format;
use crate::summary::generator::LaneSummary;

/// Lanes up to which each has a row of its own.
const ROWS: usize = 4;

/// Puts the lanes into a table; of many, the largest of each figure.
pub(super) fn lanes(lanes: &[LaneSummary]) -> Table {
    let mut table = Table::new([
        "",
        "sent",
        "busy",
        "core wait",
        "longest stall",
        "switched out",
        "disk faults",
    ]);
    if lanes.len() <= ROWS {
        for lane in lanes {
            table.row(row(
                format!("lane {}", lane.lane),
                std::slice::from_ref(lane),
            ));
        }
    } else {
        table.row(row(format!("at most, of {} lanes", lanes.len()), lanes));
    }
    table
}

/// Gives the largest figures of some lanes.
fn row(name: String, lanes: &[LaneSummary]) -> [String; 7] {
    let share = |of: fn(&LaneSummary) -> Option<f64>| {
        let largest = lanes.iter().filter_map(of).reduce(f64::max);
        format::or_na(largest, format::share)
    };
    let count = |of: fn(&LaneSummary) -> Option<u64>| {
        format::or_na(lanes.iter().filter_map(of).max(), format::count)
    };
    [
        name,
        count(|lane| Some(lane.sent)),
        share(|lane| (!lane.spins).then_some(lane.cpu_share)),
        share(|lane| lane.run_delay_share),
        longest_stall(lanes),
        count(|lane| lane.involuntary_switches),
        count(|lane| lane.major_faults),
    ]
}

fn longest_stall(lanes: &[LaneSummary]) -> String {
    let longest = lanes
        .iter()
        .map(|lane| lane.longest_stall_ms)
        .reduce(f64::max);
    format::or_na(longest, format::duration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::healthy;
    use crate::summary::Summary;

    #[test]
    fn of_many_lanes_the_worst_is_shown() {
        let mut run = healthy();
        run.lanes = vec![run.lanes[0]; 5];
        run.lanes[3].cpu_share = 0.9;
        run.lanes[1].longest_stall_ns = 7_000_000;
        for sample in &mut run.samples {
            sample.lanes = vec![sample.lanes[0]; 5];
            sample.lanes[2].major_faults = 7;
        }
        let summary = Summary::from_measurements(&run);
        let lines = lanes(&summary.generator.lanes).lines(90);
        assert_eq!(
            lines,
            [
                "                      sent    busy  core wait  longest stall  switched out  disk faults",
                "at most, of 5 lanes  1,000  90.0 %     0.50 %        7.00 ms            10           70",
            ]
        );
    }
}
