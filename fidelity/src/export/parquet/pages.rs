//! The pages of a column, none larger than the file allows: the library believes every length it reads, whatever the file has.

use std::fs::File;
use std::os::unix::fs::FileExt;

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use super::page_header;

/// Most bytes of a page's header. The longest thing in it is a pair of values.
const MOST_HEADER_BYTES: u64 = 1 << 16;

/// The file, for a reader of pages.
pub(super) struct Bounded {
    file: File,
    bytes: u64,
}

impl Bounded {
    pub(super) fn new(file: File, bytes: u64) -> Self {
        Self { file, bytes }
    }

    fn rest(&self, from: u64) -> u64 {
        self.bytes.saturating_sub(from)
    }
}

impl Length for Bounded {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for Bounded {
    type T = std::io::Cursor<Vec<u8>>;

    /// Gives the header of the page that begins at `start`, and whatever follows it.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        let length = self.rest(start).min(MOST_HEADER_BYTES);
        let mut header = vec![0; usize::try_from(length)?];
        self.file.read_exact_at(&mut header, start)?;
        page_header::check(&header).map_err(|detail| {
            ParquetError::General(format!("the page header at byte {start} {detail}"))
        })?;
        Ok(std::io::Cursor::new(header))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let rest = self.rest(start);
        if length as u64 > rest {
            return Err(ParquetError::General(format!(
                "the page at byte {start} has {length} bytes, but the file has {rest} from there"
            )));
        }
        let mut page = vec![0; length];
        self.file.read_exact_at(&mut page, start)?;
        Ok(page.into())
    }
}

/// Pages that hold no more than their group has rows, and no more than fits into them.
pub(super) struct Checked<R> {
    pub(super) pages: R,
    /// Rows of the group.
    pub(super) rows: usize,
}

impl<R: PageReader> Checked<R> {
    fn check(&self, page: &Page) -> Result<()> {
        let most = match page {
            // Each value takes a byte at least; in a page of data, one may stand for many.
            Page::DictionaryPage { buf, .. } => buf.len(),
            Page::DataPage { .. } | Page::DataPageV2 { .. } => self.rows,
        };
        let found = page.num_values() as usize;
        if found > most {
            return Err(ParquetError::General(format!(
                "a page has {found} values where {most} are possible"
            )));
        }
        match page.encoding() {
            // These hold further counts, which the library believes as well.
            encoding @ (Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY) => {
                Err(ParquetError::NYI(format!(
                    "found a page encoded as {encoding}, expected PLAIN or a dictionary"
                )))
            }
            _ => Ok(()),
        }
    }
}

impl<R: PageReader> PageReader for Checked<R> {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        if let Some(page) = &page {
            self.check(page)?;
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

impl<R: PageReader> Iterator for Checked<R> {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}
