//! The frame of the protobuf message: the magic before it, and its MD5 after it.

use crate::error::Error;
use crate::md5::{self, DIGEST_LEN};

/// The first four bytes of every aggregated record.
pub const MAGIC: [u8; 4] = [0xf3, 0x89, 0x9a, 0xc2];

/// Bytes that the frame adds to a message.
pub const OVERHEAD: usize = MAGIC.len() + DIGEST_LEN;

/// An aggregated record that is split into its parts but not verified.
#[derive(Clone, Copy)]
pub struct Framed<'a> {
    /// The protobuf bytes; at least one.
    pub message: &'a [u8],
    digest: &'a [u8; DIGEST_LEN],
}

impl<'a> Framed<'a> {
    /// Splits the data of a record into its parts. Returns `None` for a plain record.
    ///
    /// The rule is KCL's: the magic, a digest, and at least one byte between them.
    #[inline]
    pub fn split(data: &'a [u8]) -> Option<Framed<'a>> {
        let (message, digest) = data.strip_prefix(&MAGIC)?.split_last_chunk()?;
        (!message.is_empty()).then_some(Framed { message, digest })
    }

    /// Checks that `digest` is the digest in the record.
    ///
    /// # Errors
    /// `ERR_INVALID_CHECKSUM` if it is not.
    pub fn check(&self, digest: &[u8; DIGEST_LEN]) -> Result<(), Error> {
        if self.digest == digest { Ok(()) } else { Err(Error::checksum()) }
    }

    /// Checks that the MD5 of the message is the digest in the record.
    ///
    /// # Errors
    /// `ERR_INVALID_CHECKSUM` if it is not.
    pub fn verify(&self) -> Result<(), Error> {
        self.check(&md5::digest(self.message))
    }
}

/// Writes the magic of a new record and returns the part that holds the message.
///
/// # Errors
/// `record` has no room for a message.
pub fn open(record: &mut [u8]) -> Result<&mut [u8], Error> {
    let length = record.len();
    if length <= OVERHEAD {
        return Err(Error::internal("no room for an aggregated record"));
    }
    record[..MAGIC.len()].copy_from_slice(&MAGIC);
    Ok(&mut record[MAGIC.len()..length - DIGEST_LEN])
}

/// The message of a record that has no digest yet.
pub fn message_of(record: &[u8]) -> &[u8] {
    let end = record.len().saturating_sub(DIGEST_LEN);
    record.get(MAGIC.len()..end).unwrap_or_default()
}

/// Writes the digest to the end of a record whose message is complete.
pub fn close(record: &mut [u8], digest: &[u8; DIGEST_LEN]) {
    if let Some(end) = record.last_chunk_mut() {
        *end = *digest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_seventeen_bytes_follow_the_magic() {
        for (length, aggregated) in [(0, false), (3, false), (4, false), (20, false), (21, true)] {
            let mut data = [0; 21];
            data[..4].copy_from_slice(&MAGIC);
            assert_eq!(Framed::split(&data[..length]).is_some(), aggregated, "{length}");
        }
        assert!(Framed::split(&[0; 64]).is_none());
    }

    #[test]
    fn a_closed_record_is_valid() {
        let mut record = [0; OVERHEAD + 3];
        open(&mut record).unwrap().copy_from_slice(b"abc");
        let digest = md5::digest(message_of(&record));
        close(&mut record, &digest);
        assert_eq!(Framed::split(&record).unwrap().verify(), Ok(()));
        record[5] ^= 1;
        let error = Framed::split(&record).unwrap().verify().unwrap_err();
        assert_eq!(error.code(), "ERR_INVALID_CHECKSUM");
    }

    #[test]
    fn a_record_without_a_message_cannot_be_opened() {
        assert!(open(&mut [0; OVERHEAD]).is_err());
    }
}
