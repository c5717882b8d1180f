//! A table in Markdown, and text that means nothing to it.

use crate::printable::on_one_line;

/// Rows of cells under a header.
pub(super) struct Table {
    lines: Vec<String>,
}

impl Table {
    /// Starts with the header of a table of figures: the first column to the left, the others to the right.
    pub(super) fn figures<'a>(columns: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(columns, "--:")
    }

    /// Starts with the header of a table of text, all of it to the left.
    pub(super) fn words<'a>(columns: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(columns, "---")
    }

    fn new<'a>(columns: impl IntoIterator<Item = &'a str>, others: &str) -> Self {
        let columns: Vec<&str> = columns.into_iter().collect();
        let rules = (0..columns.len()).map(|idx| if idx == 0 { "---" } else { others });
        Self {
            lines: vec![line(columns.iter().copied()), line(rules)],
        }
    }

    /// Adds a row of as many cells as the header has.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().map(|cell| text(&cell)).collect();
        self.lines.push(line(cells.iter().map(String::as_str)));
    }

    /// Gives the whole table.
    pub(super) fn text(&self) -> String {
        self.lines.concat()
    }
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<&str> = cells.collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Writes text so that it is shown as it is, on one line.
pub(crate) fn text(plain: &str) -> String {
    let mut escaped = String::with_capacity(plain.len());
    for letter in on_one_line(plain).chars() {
        match letter {
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '~' | '#' | '$' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_cell() {
        assert_eq!(text("a|b\n# <c> [d]"), "a\\|b \\# &lt;c&gt; \\[d\\]");
        assert_eq!(text("![x](y) \u{1b}[2J\u{202e}"), "!\\[x\\](y)  \\[2J ");
    }
}
