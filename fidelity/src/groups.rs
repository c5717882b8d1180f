//! Rows by what they have in common: one list of row numbers, cut into groups.

/// Rows grouped by a code.
#[derive(Debug)]
pub(crate) struct Groups {
    /// Where each group starts in `rows`, and the end of the last.
    starts: Vec<usize>,
    rows: Vec<u32>,
}

impl Groups {
    /// Groups rows by the code each of them has; within a group they stand in order of time, then of the file.
    pub(crate) fn new(
        codes: &[u32],
        code_count: usize,
        rows: impl Iterator<Item = u32> + Clone,
        ts_ms: &[i64],
    ) -> Self {
        let mut starts = vec![0; code_count + 1];
        for row in rows.clone() {
            starts[codes[row as usize] as usize + 1] += 1;
        }
        for code in 0..code_count {
            starts[code + 1] += starts[code];
        }
        let mut ends = starts.clone();
        let mut grouped = vec![0; starts[code_count]];
        for row in rows {
            let end = &mut ends[codes[row as usize] as usize];
            grouped[*end] = row;
            *end += 1;
        }
        for bounds in starts.windows(2) {
            let group = &mut grouped[bounds[0]..bounds[1]];
            if !group.is_sorted_by_key(|row| ts_ms[*row as usize]) {
                group.sort_by_key(|row| ts_ms[*row as usize]);
            }
        }
        Self {
            starts,
            rows: grouped,
        }
    }

    /// Gives the rows with a code.
    pub(crate) fn of(&self, code: u32) -> &[u32] {
        let code = code as usize;
        &self.rows[self.starts[code]..self.starts[code + 1]]
    }

    /// Lists the groups that have a row.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let bounds = self
            .starts
            .windows(2)
            .filter(|bounds| bounds[0] < bounds[1]);
        bounds.map(|bounds| &self.rows[bounds[0]..bounds[1]])
    }

    /// Lists the sizes of the groups that have a row.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.iter().map(<[u32]>::len).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_hold_their_rows_in_order_of_time() {
        let (codes, ts_ms) = ([2, 0, 2, 2], [30, 10, 20, 30]);
        let groups = Groups::new(&codes, 4, 0..4, &ts_ms);
        assert_eq!(groups.of(0), [1]);
        assert!(groups.of(1).is_empty());
        assert_eq!(groups.of(2), [2, 0, 3]);
        assert_eq!(groups.sizes(), [1, 3]);
        let some = Groups::new(&codes, 4, [0, 3].into_iter(), &ts_ms);
        assert_eq!(some.iter().collect::<Vec<_>>(), [&[0, 3]]);
    }
}
