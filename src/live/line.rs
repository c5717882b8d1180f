//! One line about a running replay: on a terminal it stays and changes, elsewhere a new one is written every ten seconds.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::clock::NS_PER_S;
use crate::events::{Event, Phase, SecondSeen, Watcher};
use crate::mask;
use crate::units::{show_count, show_ns};

/// Pause between two lines where a line cannot change.
const PLAIN_EVERY_NS: u64 = 10 * NS_PER_S;

/// How often the line is redrawn on a terminal.
const REDRAW_EVERY: Duration = Duration::from_millis(200);

/// Shows a run's state on standard error.
#[derive(Debug)]
pub struct Line {
    /// What every line begins with.
    title: String,
    planned_rate: Option<f64>,
    shown: Shown,
    /// The latest complete second.
    second: SecondSeen,
    failed: u64,
}

#[derive(Debug)]
enum Shown {
    Changing(ProgressBar),
    Plain { next_ns: u64 },
}

impl Line {
    /// Begins to show a run with a mean planned rate in requests per second, if there is one.
    pub fn new(planned_rate: Option<f64>) -> Self {
        Self::among(&MultiProgress::new(), "", planned_rate)
    }

    /// Begins to show one of several runs that go on at a time, each on a line of its own; `title` is what it begins with.
    pub fn among(board: &MultiProgress, title: &str, planned_rate: Option<f64>) -> Self {
        let title = mask::printed(title);
        let shown = if io::stderr().is_terminal() {
            let bar = board.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(REDRAW_EVERY);
            Shown::Changing(bar)
        } else {
            Shown::Plain {
                next_ns: PLAIN_EVERY_NS,
            }
        };
        Self {
            title,
            planned_rate,
            shown,
            second: SecondSeen::default(),
            failed: 0,
        }
    }

    fn text(&self, phase: Phase, left_ns: u64) -> String {
        let left_s = left_ns.div_ceil(NS_PER_S);
        if phase == Phase::WarmUp {
            return format!("{}{}, {left_s} s left", self.title, phase.name());
        }
        let SecondSeen {
            achieved,
            in_flight,
            p99_ns,
            send_lag_p99_ns,
            ..
        } = self.second;
        let offered = match self.planned_rate {
            Some(rate) => format!("  offered {rate:.0}/s"),
            None => String::new(),
        };
        format!(
            "{}{}{offered}  achieved {}/s  in flight {}  p99 {}  failed {}  send lag p99 {}  {left_s} s left",
            self.title,
            phase.name(),
            show_count(achieved),
            show_count(in_flight),
            show_ns(p99_ns as f64),
            show_count(self.failed),
            show_ns(send_lag_p99_ns as f64),
        )
    }
}

impl Watcher for Line {
    fn see(&mut self, event: &Event) {
        match *event {
            Event::Second(second) => {
                self.failed += second.failed;
                self.second = second;
            }
            Event::Tick {
                phase,
                elapsed_ns,
                left_ns,
            } => {
                let text = self.text(phase, left_ns);
                match &mut self.shown {
                    Shown::Changing(bar) => bar.set_message(text),
                    Shown::Plain { next_ns } if elapsed_ns >= *next_ns => {
                        *next_ns += PLAIN_EVERY_NS;
                        // Where nobody can read it, nothing is lost.
                        let _unread =
                            writeln!(io::stderr(), "{:>4} s  {text}", elapsed_ns / NS_PER_S);
                    }
                    Shown::Plain { .. } => {}
                }
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Shown::Changing(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_was_promised() {
        let mut line = Line {
            title: String::new(),
            planned_rate: Some(10_000.0),
            shown: Shown::Plain { next_ns: u64::MAX },
            second: SecondSeen::default(),
            failed: 0,
        };
        for failed in [3, 4] {
            line.see(&Event::Second(SecondSeen {
                achieved: 9_990,
                failed,
                in_flight: 12,
                p99_ns: 2_500_000,
                send_lag_p99_ns: 31_000,
                ..SecondSeen::default()
            }));
        }
        assert_eq!(
            line.text(Phase::Measure, 1_500_000_000),
            "measure  offered 10000/s  achieved 9,990/s  in flight 12  p99 2.50 ms  failed 7  send lag p99 31.0 µs  2 s left"
        );
        assert_eq!(line.text(Phase::WarmUp, NS_PER_S), "warm-up, 1 s left");
        line.title = "rule-engine  ".into();
        let text = line.text(Phase::WarmUp, NS_PER_S);
        assert_eq!(text, "rule-engine  warm-up, 1 s left");
    }
}
