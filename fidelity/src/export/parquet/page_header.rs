//! Walks through a page's header without believing it: every length in it must fit into what is there.
//!
//! Source: the compact protocol of Apache Thrift, which Parquet's metadata are written in.

/// Deepest nesting of structures; Parquet's headers have three.
const MOST_DEPTH: usize = 8;

type Walk<T> = Result<T, &'static str>;

/// Checks that a header begins here and ends within `bytes`.
pub(super) fn check(bytes: &[u8]) -> Walk<()> {
    Walker { rest: bytes }.structure(0)
}

struct Walker<'b> {
    rest: &'b [u8],
}

impl Walker<'_> {
    fn byte(&mut self) -> Walk<u8> {
        let (first, rest) = self.rest.split_first().ok_or("has no end")?;
        self.rest = rest;
        Ok(*first)
    }

    fn skip(&mut self, length: u64) -> Walk<()> {
        let length = usize::try_from(length).ok();
        let rest = length.and_then(|length| self.rest.get(length..));
        self.rest = rest.ok_or("has a field longer than itself")?;
        Ok(())
    }

    /// Seven bits at a time, the lowest first.
    fn number(&mut self) -> Walk<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err("has a number of more than 64 bits")
    }

    fn structure(&mut self, depth: usize) -> Walk<()> {
        if depth > MOST_DEPTH {
            return Err("is nested too deep");
        }
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            // The number of the field follows where it is not told as a distance from the last one.
            if head >> 4 == 0 {
                self.number()?;
            }
            match head & 0x0f {
                // Truth values stand in the head.
                1 | 2 => {}
                kind => self.value(kind, depth)?,
            }
        }
    }

    fn value(&mut self, kind: u8, depth: usize) -> Walk<()> {
        match kind {
            1..=3 => self.skip(1),
            4..=6 => self.number().map(drop),
            7 => self.skip(8),
            8 => {
                let length = self.number()?;
                self.skip(length)
            }
            9 | 10 => self.list(depth),
            12 => self.structure(depth + 1),
            _ => Err("has a field of no known type"),
        }
    }

    fn list(&mut self, depth: usize) -> Walk<()> {
        if depth > MOST_DEPTH {
            return Err("is nested too deep");
        }
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.number()?,
            count => u64::from(count),
        };
        // Every element takes a byte or ends the walk, so a count that is made up does not make it long.
        for _ in 0..count {
            self.value(head & 0x0f, depth + 1)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_that_do_not_fit_are_noticed() {
        for (bytes, expected) in [
            (&[0x15, 0x00, 0x00][..], Ok(())),
            (&[0x05, 0x02, 0x00, 0x00], Ok(())),
            (&[0x11, 0x12, 0x00], Ok(())),
            (&[0x18, 0x02, 7, 7, 0x00], Ok(())),
            (&[0x1c, 0x15, 0x02, 0x00, 0x00], Ok(())),
            (&[0x19, 0x25, 1, 1, 0x00], Ok(())),
            (&[0x15, 0x00], Err("has no end")),
            (&[], Err("has no end")),
            (
                &[0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x00],
                Err("has a field longer than itself"),
            ),
            (&[0x19, 0xf5, 0xff, 0xff, 0x7f, 1], Err("has no end")),
            (&[0x1c; 20], Err("is nested too deep")),
            (&[0x1f, 0x00], Err("has a field of no known type")),
            (&[0xff; 20], Err("has a field of no known type")),
        ] {
            assert_eq!(check(bytes), expected, "{bytes:x?}");
        }
    }

    proptest! {
        // Law: whatever the bytes are, the walk ends without a panic.
        #[test]
        fn any_bytes_are_walked_through(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let outcome = check(&bytes);
            prop_assert!(outcome.is_ok() || !outcome.unwrap_err().is_empty());
        }
    }
}
