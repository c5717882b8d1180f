//! Progress on standard error: a bar on a terminal; elsewhere plain lines now and then, where they are wanted.

use std::fmt;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use self::lines::Lines;
use super::layout::show_rate;
use super::output::note;
use crate::clock::MonotonicClock;

mod lines;

/// How often a bar that nobody moves redraws its clock.
const REDRAW_EVERY: Duration = Duration::from_millis(200);

/// Whether progress is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Where standard error is a terminal.
    OnTerminal,
    /// There as a bar, elsewhere as a line every ten seconds.
    Everywhere,
    /// Nowhere.
    Hidden,
}

/// One bar: what is being done, how far it has come, how fast, and how long it will take.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    /// What is said where no bar shows.
    lines: Option<Lines<MonotonicClock>>,
}

impl Bar {
    /// Makes a bar that shows once it is started.
    pub fn new(visibility: Visibility) -> Self {
        let target = match visibility {
            Visibility::OnTerminal | Visibility::Everywhere => ProgressDrawTarget::stderr(),
            Visibility::Hidden => ProgressDrawTarget::hidden(),
        };
        // Nothing until there is something to say: the first calls of a start draw already.
        let unstarted = ProgressStyle::with_template("{msg}");
        let bar = ProgressBar::with_draw_target(Some(0), target);
        if let Ok(style) = unstarted {
            bar.set_style(style);
        }
        let in_lines = visibility == Visibility::Everywhere && bar.is_hidden();
        Self {
            bar,
            lines: in_lines.then(|| Lines::new(MonotonicClock)),
        }
    }

    /// Starts over with a new task of `total` units, such as `records`; 0 if nobody knows how many.
    pub fn start(&self, task: &str, total: u64, unit: &str) {
        if let Some(lines) = &self.lines {
            lines.start(task, total, unit);
        }
        let template = if total == 0 {
            "{msg:<10} {spinner}".to_owned()
        } else {
            format!(
                "{{msg:<10}} [{{bar:24}}] {{human_pos}}/{{human_len}} {unit}  {{rate}}  {{eta}} left"
            )
        };
        // Each call may draw: figures first, so that none of the last task shows under the new one's name.
        self.bar.reset();
        self.bar.set_length(total);
        self.bar.set_message(task.to_owned());
        if let Ok(style) = ProgressStyle::with_template(&template) {
            self.bar
                .set_style(style.progress_chars("=> ").with_key("rate", write_rate));
        }
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(REDRAW_EVERY);
        }
    }

    /// Moves forward.
    pub fn advance(&self, by: u64) {
        self.bar.inc(by);
        if let Some(line) = self.lines.as_ref().and_then(|lines| lines.advance(by)) {
            note(format_args!("{line}"));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn write_rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    // Drawing goes on without a figure that cannot be written.
    let _written = write!(out, "{}", show_rate(state.per_sec()));
}
