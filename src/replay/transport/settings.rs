//! Reads the payload of an HTTP/2 peer's SETTINGS along: how many streams it allows, and whether it keeps the rules.
//!
//! hyper applies the settings and closes the connection over those that are wrong, but it does not say what was wrong.
//! Source: RFC 9113, section 6.5.

use std::fmt;

/// Bytes of one setting: identifier and value.
const ENTRY_BYTES: usize = 6;

/// The flag by which a frame acknowledges ours.
const ACK: u8 = 1;

/// Identifiers of settings (RFC 9113, section 6.5.2; RFC 8441, section 3).
const ENABLE_PUSH: u16 = 2;
const MAX_CONCURRENT_STREAMS: u16 = 3;
const INITIAL_WINDOW_SIZE: u16 = 4;
const MAX_FRAME_SIZE: u16 = 5;
const ENABLE_CONNECT_PROTOCOL: u16 = 8;

/// The bounds of values (RFC 9113, section 6.5.2).
const LONGEST_WINDOW: u32 = (1 << 31) - 1;
const FRAME_SIZES: std::ops::RangeInclusive<u32> = 1 << 14..=(1 << 24) - 1;

/// What is wrong with a SETTINGS frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsFault {
    /// Its length is not that of whole settings.
    Length(usize),
    /// It acknowledges ours and holds settings of its own.
    AckWithPayload(usize),
    /// It is on a stream.
    OnStream(u32),
    /// A setting has a value that it cannot have.
    Value {
        /// Its name.
        name: &'static str,
        /// What it was set to.
        value: u32,
        /// What it can be.
        expected: &'static str,
    },
}

impl fmt::Display for SettingsFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(bytes) => {
                write!(
                    formatter,
                    "a SETTINGS frame of {bytes} bytes, expected a multiple of 6"
                )
            }
            Self::AckWithPayload(bytes) => {
                write!(
                    formatter,
                    "an acknowledging SETTINGS frame of {bytes} bytes, expected 0"
                )
            }
            Self::OnStream(stream) => {
                write!(
                    formatter,
                    "a SETTINGS frame on stream {stream}, expected stream 0"
                )
            }
            Self::Value {
                name,
                value,
                expected,
            } => write!(formatter, "{name} is {value}, expected {expected}"),
        }
    }
}

/// The SETTINGS frame that is passing, read in pieces of any size.
#[derive(Debug, Default)]
pub(super) struct SettingsReader {
    entry: [u8; ENTRY_BYTES],
    entry_bytes: usize,
    is_ack: bool,
    streams: Option<u32>,
    fault: Option<SettingsFault>,
}

impl SettingsReader {
    /// Begins a frame with what its head says.
    pub(super) fn begin(&mut self, payload_bytes: usize, flags: u8, stream: u32) {
        let is_ack = flags & ACK != 0;
        let fault = if stream != 0 {
            Some(SettingsFault::OnStream(stream))
        } else if is_ack && payload_bytes > 0 {
            Some(SettingsFault::AckWithPayload(payload_bytes))
        } else if !payload_bytes.is_multiple_of(ENTRY_BYTES) {
            Some(SettingsFault::Length(payload_bytes))
        } else {
            None
        };
        *self = Self {
            is_ack,
            fault,
            ..Self::default()
        };
    }

    /// Reads a piece of the payload.
    pub(super) fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let taken = (ENTRY_BYTES - self.entry_bytes).min(bytes.len());
            self.entry[self.entry_bytes..self.entry_bytes + taken].copy_from_slice(&bytes[..taken]);
            self.entry_bytes += taken;
            bytes = &bytes[taken..];
            if self.entry_bytes == ENTRY_BYTES {
                self.entry_bytes = 0;
                let [i0, i1, v0, v1, v2, v3] = self.entry;
                let (name, value) = (u16::from_be_bytes([i0, i1]), [v0, v1, v2, v3]);
                self.set(name, u32::from_be_bytes(value));
            }
        }
    }

    fn set(&mut self, name: u16, value: u32) {
        let (is_right, name, expected) = match name {
            MAX_CONCURRENT_STREAMS => {
                // The last value counts.
                self.streams = Some(value);
                return;
            }
            ENABLE_PUSH => (value <= 1, "SETTINGS_ENABLE_PUSH", "0 or 1"),
            INITIAL_WINDOW_SIZE => (
                value <= LONGEST_WINDOW,
                "SETTINGS_INITIAL_WINDOW_SIZE",
                "at most 2147483647",
            ),
            MAX_FRAME_SIZE => (
                FRAME_SIZES.contains(&value),
                "SETTINGS_MAX_FRAME_SIZE",
                "16384 to 16777215",
            ),
            ENABLE_CONNECT_PROTOCOL => (value <= 1, "SETTINGS_ENABLE_CONNECT_PROTOCOL", "0 or 1"),
            _ => return,
        };
        if !is_right && self.fault.is_none() {
            self.fault = Some(SettingsFault::Value {
                name,
                value,
                expected,
            });
        }
    }

    /// Ends the frame: gives the peer's settings, `None` for an acknowledgment of ours.
    ///
    /// Errors: what is wrong with the frame.
    pub(super) fn end(&mut self) -> Result<Option<PeerSettings>, SettingsFault> {
        match self.fault {
            Some(fault) => Err(fault),
            None if self.is_ack => Ok(None),
            None => Ok(Some(PeerSettings {
                streams: self.streams,
            })),
        }
    }
}

/// What a peer has set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PeerSettings {
    /// Streams it allows at a time; `None` leaves that as it was.
    pub(super) streams: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: u16, value: u32) -> Vec<u8> {
        [&name.to_be_bytes()[..], &value.to_be_bytes()].concat()
    }

    fn read(payload: &[u8], flags: u8, stream: u32) -> Result<Option<PeerSettings>, String> {
        // However the payload is cut, the outcome is the same.
        let outcomes = [1, 5, 7, payload.len().max(1)].map(|step| {
            let mut reader = SettingsReader::default();
            reader.begin(payload.len(), flags, stream);
            payload.chunks(step).for_each(|piece| reader.read(piece));
            reader.end()
        });
        assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]));
        outcomes[0].map_err(|fault| fault.to_string())
    }

    #[test]
    fn the_last_limit_of_streams_counts_and_other_settings_pass() {
        let settings = |streams| Ok(Some(PeerSettings { streams }));
        assert_eq!(read(&[], 0, 0), settings(None));
        assert_eq!(read(&entry(3, 7), 0, 0), settings(Some(7)));
        let several = [entry(4, 65_535), entry(3, 9), entry(0xff, 1), entry(3, 0)].concat();
        assert_eq!(read(&several, 0, 0), settings(Some(0)));
        assert_eq!(read(&[], ACK, 0), Ok(None));
    }

    #[test]
    fn damaged_frames_are_told_by_what_is_wrong() {
        for (payload, flags, stream, expected) in [
            (vec![0; 5], 0, 0, "a SETTINGS frame of 5 bytes"),
            (
                vec![0; 6],
                ACK,
                0,
                "an acknowledging SETTINGS frame of 6 bytes",
            ),
            (Vec::new(), 0, 3, "a SETTINGS frame on stream 3"),
            (entry(2, 7), 0, 0, "SETTINGS_ENABLE_PUSH is 7"),
            (
                entry(4, 1 << 31),
                0,
                0,
                "SETTINGS_INITIAL_WINDOW_SIZE is 2147483648",
            ),
            (entry(5, 100), 0, 0, "SETTINGS_MAX_FRAME_SIZE is 100"),
            (
                entry(8, 2),
                0,
                0,
                "SETTINGS_ENABLE_CONNECT_PROTOCOL is 2, expected 0 or 1",
            ),
        ] {
            let fault = read(&payload, flags, stream).unwrap_err();
            assert!(fault.starts_with(expected), "{fault}");
        }
    }
}
