//! Columns and wrapped text of a fixed width, measured in characters.

/// What stands between columns.
const GAP: &str = "  ";

/// A table whose first column is text and whose others are figures.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<'a>(header: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            rows: vec![header.into_iter().map(str::to_owned).collect()],
        }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Aligns the rows; the first column gives way when the table would be wider than `width`.
    pub(crate) fn lines(&self, width: usize) -> Vec<String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..columns).map(widest).collect();
        if let Some((first, rest)) = widths.split_first_mut() {
            let figures: usize = rest.iter().map(|width| width + GAP.len()).sum();
            *first = (*first).min(width.saturating_sub(figures));
        }
        self.rows.iter().map(|row| line(row, &widths)).collect()
    }
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).enumerate();
    let aligned = cells.map(|(idx, (cell, &width))| {
        if idx == 0 {
            format!("{:<width$}", shortened(cell, width))
        } else {
            format!("{cell:>width$}")
        }
    });
    aligned.collect::<Vec<_>>().join(GAP)
}

/// Cuts a text that is too long and says so with an ellipsis.
fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(width.saturating_sub(1)).collect();
    kept.push('…');
    kept
}

/// Breaks a text into lines between words, and within words that are longer than a line.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut letters: Vec<char> = word.chars().collect();
        while !letters.is_empty() {
            let piece: String = letters.drain(..letters.len().min(width)).collect();
            let needed = piece.chars().count();
            match lines.last_mut() {
                Some(line) if line.is_empty() => line.push_str(&piece),
                Some(line) if line.chars().count() + 1 + needed <= width => {
                    line.push(' ');
                    line.push_str(&piece);
                }
                _ => lines.push(piece),
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_aligned_right_and_names_left() {
        let mut table = Table::new(["", "n"]);
        table.row(["a".to_owned(), "1,000".to_owned()]);
        table.row(["long".to_owned(), "9".to_owned()]);
        assert_eq!(
            table.lines(80),
            ["          n", "a     1,000", "long      9"]
        );
        assert_eq!(table.lines(9), ["        n", "a   1,000", "l…      9"]);
    }

    #[test]
    fn text_wraps_between_words_and_only_then_within_them() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("abcdefgh i", 3), ["abc", "def", "gh", "i"]);
        assert_eq!(wrapped("", 3), [""]);
    }
}
