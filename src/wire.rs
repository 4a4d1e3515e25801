//! The protobuf wire format: varints, tags, lengths. All bounds checks of the decoder are in this file.

use crate::error::{Error, Reason};

/// Maximum depth of nested unknown groups. The official protobuf implementations have the same limit.
pub const MAX_GROUP_DEPTH: usize = 100;

/// Wire type of a varint.
pub const VARINT: u32 = 0;
/// Wire type of eight bytes.
pub const FIXED64: u32 = 1;
/// Wire type of a length and that many bytes.
pub const LENGTH_DELIMITED: u32 = 2;
/// Wire type of the start of a group.
pub const GROUP_START: u32 = 3;
/// Wire type of the end of a group.
pub const GROUP_END: u32 = 4;
/// Wire type of four bytes.
pub const FIXED32: u32 = 5;

/// A position in bytes, which moves forward with each read.
///
/// `bytes` begins where the whole message begins and ends where the enclosing field (the message, or one record
/// in it) ends. So all offsets count from the start of the message.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Starts at offset `at` of `bytes`.
    pub fn new(bytes: &'a [u8], at: usize) -> Reader<'a> {
        Reader { bytes, at }
    }

    /// The offset of the next byte.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The offset after the last byte.
    pub fn end(&self) -> usize {
        self.bytes.len()
    }

    /// Whether no bytes are left.
    pub fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The bytes that are not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    // `inline(always)`: a call costs more than reading most varints, and it returns its result in memory.
    /// Reads a varint of at most ten bytes. Bits above the 64th are dropped, as in other protobuf readers.
    #[inline(always)]
    pub fn varint(&mut self) -> Result<u64, Error> {
        match self.bytes.get(self.at) {
            Some(&byte) if byte < 0x80 => {
                self.at += 1;
                Ok(u64::from(byte))
            }
            Some(&low) => match self.bytes.get(self.at + 1) {
                // Two bytes: lengths from 128 to 16,383.
                Some(&high) if high < 0x80 => {
                    self.at += 2;
                    Ok(u64::from(low & 0x7f) | u64::from(high) << 7)
                }
                _ => self.long_varint(),
            },
            None => self.long_varint(),
        }
    }

    #[cold]
    #[inline(never)]
    fn long_varint(&mut self) -> Result<u64, Error> {
        let start = self.at;
        let mut value = 0;
        for (i, &byte) in self.rest().iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte < 0x80 {
                self.at += i + 1;
                return Ok(value);
            }
        }
        let reason = if self.rest().len() < 10 { Reason::VarintCut } else { Reason::VarintTooLong };
        Err(Error::malformed(reason, start))
    }

    /// Reads the number and the wire type of a field.
    #[inline(always)]
    pub fn tag(&mut self) -> Result<(u32, u32), Error> {
        let start = self.at;
        let tag = self.varint()?;
        match u32::try_from(tag) {
            Ok(tag) if tag >= 8 => Ok((tag >> 3, tag & 7)),
            _ => Err(Error::malformed(Reason::BadTag, start)),
        }
    }

    /// Reads the length of a length-delimited field. Returns the offset at which the field ends.
    #[inline(always)]
    pub fn length(&mut self) -> Result<usize, Error> {
        let start = self.at;
        let length = self.varint()?;
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        match end {
            Some(end) if end <= self.bytes.len() => Ok(end),
            _ => Err(Error::malformed(Reason::LengthPastEnd, start)),
        }
    }

    /// Skips a length-delimited field. Returns the offset and the length of its bytes.
    #[inline(always)]
    pub fn delimited(&mut self) -> Result<(usize, usize), Error> {
        let end = self.length()?;
        let start = std::mem::replace(&mut self.at, end);
        Ok((start, end - start))
    }

    /// Returns a reader for the next length-delimited field only. This reader continues after the field.
    #[inline(always)]
    pub fn nested(&mut self) -> Result<Reader<'a>, Error> {
        let end = self.length()?;
        let at = std::mem::replace(&mut self.at, end);
        Ok(Reader { bytes: self.bytes.get(..end).unwrap_or_default(), at })
    }

    /// Skips the value of an unknown field. `tag_at` is the offset of its tag, for the error.
    pub fn skip(&mut self, number: u32, wire_type: u32, tag_at: usize) -> Result<(), Error> {
        if wire_type == GROUP_START {
            return self.skip_group(number, tag_at);
        }
        self.skip_value(wire_type, tag_at)
    }

    fn skip_value(&mut self, wire_type: u32, tag_at: usize) -> Result<(), Error> {
        match wire_type {
            VARINT => self.varint().map(drop),
            FIXED64 => self.advance(8),
            LENGTH_DELIMITED => self.delimited().map(drop),
            FIXED32 => self.advance(4),
            GROUP_END => Err(Error::malformed(Reason::GroupNotBegun, tag_at)),
            _ => Err(Error::malformed(Reason::BadWireType, tag_at)),
        }
    }

    fn advance(&mut self, bytes: usize) -> Result<(), Error> {
        if self.rest().len() < bytes {
            return Err(Error::malformed(Reason::LengthPastEnd, self.at));
        }
        self.at += bytes;
        Ok(())
    }

    /// A loop with its own stack, not a recursion: the depth is untrusted input.
    fn skip_group(&mut self, number: u32, tag_at: usize) -> Result<(), Error> {
        let mut open = [0; MAX_GROUP_DEPTH];
        open[0] = number;
        let mut depth = 1;
        while depth > 0 {
            if self.is_at_end() {
                return Err(Error::malformed(Reason::GroupNotEnded, tag_at));
            }
            let at = self.at;
            let (number, wire_type) = self.tag()?;
            match wire_type {
                GROUP_START if depth == MAX_GROUP_DEPTH => {
                    return Err(Error::malformed(Reason::GroupTooDeep, at));
                }
                GROUP_START => {
                    open[depth] = number;
                    depth += 1;
                }
                GROUP_END if open[depth - 1] == number => depth -= 1,
                _ => self.skip_value(wire_type, at)?,
            }
        }
        Ok(())
    }
}

/// Length of `value` as a varint, 1 to 10 bytes.
#[inline]
pub fn varint_len(value: u64) -> usize {
    // A varint byte holds 7 bits; zero takes one byte too.
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Writes bytes one after the other into memory whose size was calculated before.
///
/// It never writes outside the memory. If something does not fit, [`finish`](Writer::finish) fails.
pub struct Writer<'a> {
    out: &'a mut [u8],
    at: usize,
}

impl<'a> Writer<'a> {
    /// Starts at the first byte of `out`.
    pub fn new(out: &'a mut [u8]) -> Writer<'a> {
        Writer { out, at: 0 }
    }

    /// Writes a varint in its shortest form.
    #[inline]
    pub fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.byte((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.byte((value & 0x7f) as u8);
    }

    /// Writes one byte.
    #[inline]
    pub fn byte(&mut self, byte: u8) {
        if let Some(target) = self.out.get_mut(self.at) {
            *target = byte;
        }
        self.at += 1;
    }

    /// Writes bytes unchanged.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        let end = self.at + bytes.len();
        if let Some(target) = self.out.get_mut(self.at..end) {
            target.copy_from_slice(bytes);
        }
        self.at = end;
    }

    /// The bytes written so far.
    #[inline]
    pub fn written(&self) -> &[u8] {
        self.out.get(..self.at).unwrap_or_default()
    }

    /// Checks that `out` is exactly full.
    ///
    /// # Errors
    /// Fewer or more bytes were written.
    pub fn finish(self) -> Result<(), Error> {
        if self.at == self.out.len() {
            Ok(())
        } else {
            Err(Error::internal("the encoded size is not the calculated one"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2^7k - 1, 2^7k, 0, 1 and the highest number.
    fn boundaries() -> impl Iterator<Item = u64> {
        (1..10).flat_map(|k| [(1 << (7 * k)) - 1, 1 << (7 * k)]).chain([0, 1, u64::MAX])
    }

    #[test]
    fn varints_read_back_at_every_boundary() {
        for value in boundaries() {
            let mut bytes = vec![0; varint_len(value)];
            let mut writer = Writer::new(&mut bytes);
            writer.varint(value);
            writer.finish().unwrap();
            let mut reader = Reader::new(&bytes, 0);
            assert_eq!(reader.varint(), Ok(value));
            assert!(reader.is_at_end());
            for cut in 0..bytes.len() {
                let error = Reader::new(&bytes[..cut], 0).varint().unwrap_err();
                assert_eq!(error.detail(), Some((Reason::VarintCut, 0)), "{value} cut at {cut}");
            }
        }
    }

    #[test]
    fn a_varint_has_at_most_ten_bytes() {
        let mut bytes = [0x80; 11];
        bytes[9] = 0;
        assert_eq!(Reader::new(&bytes[..10], 0).varint(), Ok(0));
        bytes[9] = 0x80;
        bytes[10] = 0;
        let error = Reader::new(&bytes, 0).varint().unwrap_err();
        assert_eq!(error.detail(), Some((Reason::VarintTooLong, 0)));
    }

    #[test]
    fn groups_may_be_nested_up_to_the_limit() {
        for (depth, good) in [(MAX_GROUP_DEPTH, true), (MAX_GROUP_DEPTH + 1, false)] {
            let mut bytes = vec![0x2b; depth];
            bytes.extend(vec![0x2c; depth]);
            let mut reader = Reader::new(&bytes, 0);
            let (number, wire_type) = reader.tag().unwrap();
            assert_eq!(reader.skip(number, wire_type, 0).is_ok(), good);
        }
    }

    #[test]
    fn a_writer_never_writes_outside() {
        let mut bytes = [7; 2];
        let mut writer = Writer::new(&mut bytes);
        writer.varint(300);
        writer.bytes(b"abc");
        assert_eq!(writer.finish().unwrap_err().code(), "ERR_INTERNAL");
        assert_eq!(bytes, [0xac, 2]);
    }
}
