//! The protobuf message with all its fields, including tags, for `lib/common` of the npm package.
//!
//! Messages are exchanged with JavaScript as *parts*, which both bindings can pass: u32 words, little-endian, followed
//! by bytes without gaps, in the order in which the words give their lengths.
//!
//! ```text
//! number of words that follow, number of partition keys, of hash keys, of records
//! length of each partition key, length of each hash key
//! for each record: partition key index (low, high), 1 if it has a hash key, hash key index (low, high), data length,
//!                  number of tags; for each tag: length of key, 1 if it has a value, length of value
//! ```
//!
//! Speed does not matter here, so messages are encoded with [`crate::schema`].

use prost::Message;

use crate::calls;
use crate::decode::{self, Part};
use crate::error::Error;
use crate::schema::{AggregatedRecord, Record, Tag};

/// Encodes a message, without magic and digest, from parts.
///
/// # Errors
/// The parts are too short for their own lengths.
pub fn encode(parts: &[u8]) -> Result<Vec<u8>, Error> {
    let mut parts = Reader::new(parts)?;
    let (keys, hash_keys, records) = (parts.number()?, parts.number()?, parts.number()?);
    let message = AggregatedRecord {
        partition_key_table: parts.list(keys, Reader::bytes)?,
        explicit_hash_key_table: parts.list(hash_keys, Reader::bytes)?,
        records: parts.list(records, Reader::record)?,
    };
    Ok(message.encode_to_vec())
}

/// Decodes a message, without magic and digest, into parts.
///
/// # Errors
/// As [`decode::visit`].
pub fn decode(message: &[u8]) -> Result<Vec<u8>, Error> {
    // Collected separately, because a table may come after the records.
    let [mut keys, mut hash_keys, mut records, mut tags] = <[Writer; 4]>::default();
    decode::visit(message, |part| match part {
        Part::Key(key) => {
            keys.count += 1;
            keys.bytes(key);
        }
        Part::HashKey(key) => {
            hash_keys.count += 1;
            hash_keys.bytes(key);
        }
        Part::Tag { key, value } => {
            tags.count += 1;
            tags.bytes(key);
            tags.number(value.is_some().into());
            tags.bytes(value.unwrap_or_default());
        }
        Part::Record { key, hash_key, data } => {
            records.count += 1;
            records.index(key);
            records.number(hash_key.is_some().into());
            records.index(hash_key.unwrap_or_default());
            records.bytes(data);
            records.word(tags.count);
            records.append(&tags);
            tags = Writer::default();
        }
    })?;
    let mut parts = Writer::default();
    for table in [&keys, &hash_keys, &records] {
        parts.word(table.count);
    }
    for table in [&keys, &hash_keys, &records] {
        parts.append(table);
    }
    let words = parts.words.len() / 4;
    Ok([&calls::count(words)?.to_le_bytes()[..], &parts.words, &parts.bytes].concat())
}

struct Reader<'a> {
    words: std::slice::Iter<'a, [u8; 4]>,
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn new(parts: &'a [u8]) -> Result<Reader<'a>, Error> {
        let (count, rest) = parts.split_first_chunk().ok_or_else(too_short)?;
        let words = (u32::from_le_bytes(*count) as usize).checked_mul(4);
        let words = words.and_then(|words| rest.split_at_checked(words));
        let (words, bytes) = words.ok_or_else(too_short)?;
        Ok(Reader { words: words.as_chunks().0.iter(), bytes })
    }

    fn word(&mut self) -> Result<u32, Error> {
        self.words.next().map(|word| u32::from_le_bytes(*word)).ok_or_else(too_short)
    }

    fn number(&mut self) -> Result<usize, Error> {
        Ok(self.word()? as usize)
    }

    fn list<T>(
        &mut self,
        count: usize,
        read: fn(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        (0..count).map(|_| read(self)).collect()
    }

    fn index(&mut self) -> Result<u64, Error> {
        Ok(u64::from(self.word()?) | u64::from(self.word()?) << 32)
    }

    fn optional<T>(&mut self, read: fn(&mut Self) -> Result<T, Error>) -> Result<Option<T>, Error> {
        let present = self.word()? != 0;
        let value = read(self)?;
        Ok(present.then_some(value))
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Error> {
        let length = self.number()?;
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or_else(too_short)?;
        self.bytes = rest;
        Ok(taken.to_vec())
    }

    fn record(&mut self) -> Result<Record, Error> {
        Ok(Record {
            partition_key_index: self.index()?,
            explicit_hash_key_index: self.optional(Reader::index)?,
            data: self.bytes()?,
            tags: {
                let tags = self.number()?;
                self.list(tags, Reader::tag)?
            },
        })
    }

    fn tag(&mut self) -> Result<Tag, Error> {
        Ok(Tag { key: self.bytes()?, value: self.optional(Reader::bytes)? })
    }
}

/// Parts of one kind. All parts together have at most [`decode::MAX_RECORD`] bytes, so every number fits in 32 bits.
#[derive(Default)]
struct Writer {
    count: u32,
    /// Words in little-endian bytes.
    words: Vec<u8>,
    bytes: Vec<u8>,
}

#[allow(clippy::cast_possible_truncation, reason = "see above, and both halves of an index are written")]
impl Writer {
    fn word(&mut self, word: u32) {
        self.words.extend_from_slice(&word.to_le_bytes());
    }

    fn number(&mut self, number: usize) {
        self.word(number as u32);
    }

    fn index(&mut self, index: u64) {
        self.words.extend_from_slice(&index.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    fn append(&mut self, other: &Writer) {
        self.words.extend_from_slice(&other.words);
        self.bytes.extend_from_slice(&other.bytes);
    }
}

#[cold]
fn too_short() -> Error {
    Error::internal("parts of a message that are too short")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Vec<u8> {
        let tag = |key: &[u8], value: Option<&[u8]>| Tag {
            key: key.to_vec(),
            value: value.map(<[u8]>::to_vec),
        };
        let record = |key, hash_key, data: &[u8], tags| Record {
            partition_key_index: key,
            explicit_hash_key_index: hash_key,
            data: data.to_vec(),
            tags,
        };
        AggregatedRecord {
            partition_key_table: vec![b"first".to_vec(), vec![], b"third".to_vec()],
            explicit_hash_key_table: vec![b"0".to_vec()],
            records: vec![
                record(0, None, b"", vec![]),
                record(
                    2,
                    Some(0),
                    b"data",
                    vec![tag(b"a", None), tag(b"", Some(b"")), tag(b"b", Some(b"c"))],
                ),
                record(u64::MAX, Some(1 << 40), &[7; 300], vec![]),
            ],
        }
        .encode_to_vec()
    }

    #[test]
    fn a_decoded_message_encodes_to_the_same_bytes() {
        for message in [message(), vec![]] {
            assert_eq!(encode(&decode(&message).unwrap()).unwrap(), message);
        }
    }

    #[test]
    fn parts_that_are_cut_short_are_refused() {
        let parts = decode(&message()).unwrap();
        for length in 0..parts.len() {
            assert_eq!(encode(&parts[..length]).unwrap_err().code(), "ERR_INTERNAL", "{length}");
        }
    }

    #[test]
    fn a_required_field_that_is_missing_is_an_error() {
        assert_eq!(decode(&[3 << 3 | 2, 2, 1 << 3, 0]).unwrap_err().code(), "ERR_MALFORMED_RECORD");
    }
}
