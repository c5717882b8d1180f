//! Progress bars on standard error: shown on a terminal, silent everywhere else.

use std::fmt;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::layout::show_rate;

/// How often a bar that nobody moves redraws its clock.
const REDRAW_EVERY: Duration = Duration::from_millis(200);

/// Whether progress is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Where standard error is a terminal.
    OnTerminal,
    /// Nowhere.
    Hidden,
}

/// One bar: what is being done, how far it has come, how fast, and how long it will take.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// Makes a bar that shows once it is started.
    pub fn new(visibility: Visibility) -> Self {
        let target = match visibility {
            Visibility::OnTerminal => ProgressDrawTarget::stderr(),
            Visibility::Hidden => ProgressDrawTarget::hidden(),
        };
        Self(ProgressBar::with_draw_target(Some(0), target))
    }

    /// Starts over with a new task of `total` units, such as `records`; 0 if nobody knows how many.
    pub fn start(&self, task: &str, total: u64, unit: &str) {
        let template = if total == 0 {
            "{msg:<10} {spinner}".to_owned()
        } else {
            format!(
                "{{msg:<10}} [{{bar:24}}] {{human_pos}}/{{human_len}} {unit}  {{rate}}  {{eta}} left"
            )
        };
        // Each call may draw: figures first, so that none of the last task shows under the new one's name.
        self.0.reset();
        self.0.set_length(total);
        self.0.set_message(task.to_owned());
        if let Ok(style) = ProgressStyle::with_template(&template) {
            self.0
                .set_style(style.progress_chars("=> ").with_key("rate", write_rate));
        }
        if !self.0.is_hidden() {
            self.0.enable_steady_tick(REDRAW_EVERY);
        }
    }

    /// Moves forward.
    pub fn advance(&self, by: u64) {
        self.0.inc(by);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn write_rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    // Drawing goes on without a figure that cannot be written.
    let _written = write!(out, "{}", show_rate(state.per_sec()));
}
