//! The functions that JavaScript calls, for both bindings: N-API and WebAssembly. A binding only passes memory.
//!
//! The content of a record is written as u32 words: a header of [`HEADER_WORDS`] (a status and four numbers),
//! followed, depending on the status, by the index of [`crate::decode`].

use std::ops::Range;

use crate::decode::{self, FieldCounts, Index};
use crate::error::{Error, Reason};
use crate::frame::{Framed, MAGIC};
use crate::{base64, md5};

/// Length in words of the header before the index of each record.
pub const HEADER_WORDS: usize = 5;

/// Status: not an aggregated record.
pub const STATUS_PLAIN: u32 = 0;

/// Status: the numbers of keys, hash keys and records follow. Offsets count from the start of the record.
pub const STATUS_RECORDS: u32 = 1;

/// Status: as [`STATUS_RECORDS`], followed by the number of records that were encoded as base64. The offsets and
/// lengths of these first records are those of the base64 text in the slab.
pub const STATUS_BASE64: u32 = 2;

/// Status: the MD5 does not match.
pub const STATUS_CHECKSUM: u32 = 3;

/// Status: the number of the reason and the offset in bytes follow.
pub const STATUS_MALFORMED: u32 = 4;

/// An aggregated record whose fields are counted, and most of the time already read.
struct Inspected<'a> {
    framed: Framed<'a>,
    counts: Result<FieldCounts, Error>,
    /// Where in all words header and index begin, if the index is written.
    written: Option<usize>,
}

impl<'a> Inspected<'a> {
    /// Writes the index behind a header at `at` if one pass can do that. Returns `None` for a plain record.
    fn new(data: &'a [u8], words: &mut [u32], at: usize) -> Option<Inspected<'a>> {
        let framed = Framed::split(data)?;
        let index = words.get_mut(at + HEADER_WORDS..).unwrap_or_default();
        Some(match decode::fill_ordered(framed.message, MAGIC.len(), index) {
            Some(counts) => Inspected { framed, counts: Ok(counts), written: Some(at) },
            None => Inspected { framed, counts: decode::count_fields(framed.message), written: None },
        })
    }

    /// Required words for header and index.
    fn words(&self) -> usize {
        HEADER_WORDS + self.counts.map_or(0, |counts| counts.words())
    }

    /// Reads the message, unless its index is written at `at`. `words` are those behind the header. `checked` is the result
    /// of the checksum, which takes precedence over all other errors.
    fn read(
        &self,
        checked: Result<(), Error>,
        words: &mut [u32],
        at: usize,
    ) -> Result<FieldCounts, Error> {
        checked?;
        let counts = self.counts?;
        if self.written != Some(at) {
            let mut index = Index::new(words, &counts)?;
            decode::fill(self.framed.message, MAGIC.len(), &mut index)?;
        }
        Ok(counts)
    }
}

/// Decodes one record into header and index. Returns the required length of `words`; if it is shorter, nothing in it is to
/// be read.
///
/// # Errors
/// A mistake of the caller or of this code. An invalid record is a status, not an error.
pub fn decode_one(data: &[u8], verify: bool, words: &mut [u32]) -> Result<usize, Error> {
    let inspected = Inspected::new(data, words, 0);
    let needed = inspected.as_ref().map_or(HEADER_WORDS, Inspected::words);
    if needed > words.len() {
        return Ok(needed);
    }
    let Some(inspected) = inspected else {
        words[0] = STATUS_PLAIN;
        return Ok(needed);
    };
    let checked = if verify { inspected.framed.verify() } else { Ok(()) };
    let (header, rest) = words.split_at_mut(HEADER_WORDS);
    write_header(header, &inspected.read(checked, rest, 0))?;
    Ok(needed)
}

/// As [`decode_one`], and writes the data of small records to `slab` as base64, with [`STATUS_BASE64`] in the header.
///
/// # Errors
/// As [`decode_one`].
pub fn decode_to_base64(
    data: &[u8],
    verify: bool,
    words: &mut [u32],
    slab: &mut [u8],
) -> Result<usize, Error> {
    let needed = decode_one(data, verify, words)?;
    if needed <= words.len()
        && let ([status, keys, hash_keys, records, encoded], rest) = words.split_at_mut(HEADER_WORDS)
        && *status == STATUS_RECORDS
        && base64::slab_is_faster(*records as usize, data.len())
    {
        let counts = FieldCounts {
            keys: *keys as usize,
            hash_keys: *hash_keys as usize,
            records: *records as usize,
        };
        *encoded = count(base64::write(data, Index::new(rest, &counts)?.records, slab)?)?;
        *status = STATUS_BASE64;
    }
    Ok(needed)
}

/// Decodes records into `index`, one after the other, as many as fit. Returns their number, and the required number of
/// words. The first number is 0 if `index` is too short for one record, or is too short for all records and shorter
/// than `max_words`. Then `index[0]` is the length in words that `index` should have.
///
/// The digests of all records are computed at once, which is several times faster than one by one.
///
/// # Errors
/// An error of `records`, or a mistake of the caller or of this code.
pub fn decode_many<'a, E: From<Error>>(
    records: impl Iterator<Item = Result<&'a [u8], E>>,
    verify: bool,
    index: &mut [u32],
    max_words: usize,
) -> Result<(usize, usize), E> {
    let mut inspected = Vec::new();
    let mut needed = 0;
    for data in records {
        let one = Inspected::new(data?, index, needed);
        let words = one.as_ref().map_or(HEADER_WORDS, Inspected::words);
        if needed + words > max_words.max(index.len()) && !inspected.is_empty() {
            break;
        }
        needed += words;
        inspected.push(one);
    }
    if needed > index.len() {
        *index.first_mut().ok_or_else(|| Error::internal("an index without words"))? = count(needed)?;
        return Ok((0, 1));
    }
    let messages: Vec<&[u8]> = match verify {
        true => inspected.iter().flatten().map(|one| one.framed.message).collect(),
        false => Vec::new(),
    };
    let mut digests = vec![[0; md5::DIGEST_LEN]; messages.len()];
    md5::digest_all(&messages, &mut digests);
    let mut digests = digests.iter();
    let mut rest = index;
    let mut at = 0;
    for one in &inspected {
        let (header, others) = rest.split_at_mut(HEADER_WORDS);
        let mut words = 0;
        if let Some(one) = one {
            let checked = if verify {
                one.framed.check(digests.next().ok_or_else(|| Error::internal("a digest is missing"))?)
            } else {
                Ok(())
            };
            let read = one.read(checked, others, at);
            write_header(header, &read)?;
            // A damaged record has no index: the next header follows at once.
            words = read.map_or(0, |counts| counts.words());
        } else {
            header[0] = STATUS_PLAIN;
        }
        rest = &mut others[words..];
        at += HEADER_WORDS + words;
    }
    Ok((inspected.len(), needed))
}

fn write_header(header: &mut [u32], read: &Result<FieldCounts, Error>) -> Result<(), Error> {
    // A message of at most 2 GiB has fewer than 2^32 fields.
    #[allow(clippy::cast_possible_truncation, reason = "see above")]
    let words = match read {
        Ok(counts) => {
            [STATUS_RECORDS, counts.keys as u32, counts.hash_keys as u32, counts.records as u32, 0]
        }
        Err(error) => match (error.code(), error.detail()) {
            ("ERR_INVALID_CHECKSUM", _) => [STATUS_CHECKSUM, 0, 0, 0, 0],
            (_, Some((reason, offset))) => {
                [STATUS_MALFORMED, reason as u32, (offset + MAGIC.len()) as u32, 0, 0]
            }
            _ => return Err(*error),
        },
    };
    header.copy_from_slice(&words);
    Ok(())
}

/// The error message for the number of a reason and an offset in bytes.
///
/// # Errors
/// The number is unknown.
pub fn malformed_text(reason: u32, offset: u32) -> Result<String, Error> {
    let reason = Reason::from_number(reason).ok_or_else(|| Error::internal("an unknown reason"))?;
    Ok(Error::malformed(reason, offset as usize).text())
}

/// An error message that begins with the code. JavaScript splits them again.
#[cold]
pub fn error_text(error: &Error) -> String {
    [error.code(), ": ", &error.text()].concat()
}

/// A number as 32 bits. JavaScript arrays have fewer than 2^32 elements.
///
/// # Errors
/// The number is larger.
pub fn count(number: usize) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| Error::internal("a number over 32 bits"))
}

/// Whether any two of the memory ranges have a byte in common.
pub fn any_overlap(mut ranges: Vec<Range<*const u8>>) -> bool {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.windows(2).any(|pair| pair[1].start < pair[0].end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_overlap_if_they_share_a_byte() {
        let bytes = [0; 100];
        for (expected, parts) in [
            (false, &[][..]),
            (false, &[(0, 100)]),
            (false, &[(0, 10), (10, 20), (20, 30)]),
            (false, &[(20, 30), (0, 10), (10, 20)]),
            (false, &[(0, 10), (5, 5), (10, 20)]),
            (true, &[(0, 10), (0, 10)]),
            (true, &[(20, 30), (0, 10), (9, 20)]),
            (true, &[(0, 100), (10, 20), (30, 40)]),
            (true, &[(10, 20), (30, 40), (35, 36)]),
        ] {
            let ranges = parts.iter().map(|part| bytes[part.0..part.1].as_ptr_range()).collect();
            assert_eq!(any_overlap(ranges), expected, "{parts:?}");
        }
    }
    #[test]
    fn many_records_have_the_index_that_each_has_alone() {
        let key = [0x0a, 1, b'k'];
        let record = [0x1a, 5, 8, 0, 0x1a, 1, b'x'];
        let sealed = |message: &[u8]| [&MAGIC[..], message, &md5::digest(message)].concat();
        let ordered = sealed(&[&key[..], &record, &record].concat());
        let reversed = sealed(&[&record[..], &key].concat());
        let outside = sealed(&[&key[..], &[0x1a, 5, 8, 1, 0x1a, 1, b'x']].concat());
        let cut = sealed(&[&key[..], &record[..6]].concat());
        let mut damaged = ordered.clone();
        *damaged.last_mut().unwrap() ^= 1;
        let plain = b"plain".to_vec();
        let all = [&ordered, &damaged, &ordered, &outside, &reversed, &plain, &cut, &damaged, &ordered];

        let mut expected = Vec::new();
        for data in all {
            let mut words = [0; 64];
            let needed = decode_one(data, true, &mut words).unwrap();
            let failed = [STATUS_CHECKSUM, STATUS_MALFORMED].contains(&words[0]);
            expected.extend(&words[..if failed { HEADER_WORDS } else { needed }]);
        }
        let mut index = [0; 512];
        let records = all.iter().map(|data| Ok::<_, Error>(&data[..]));
        assert_eq!(decode_many(records, true, &mut index, 512).unwrap().0, all.len());
        // Headers have words without meaning.
        assert_eq!(statuses_and_indexes(&index, all.len()), statuses_and_indexes(&expected, all.len()));
    }

    /// Status and, of a record that was read, the words that have a meaning.
    fn statuses_and_indexes(mut words: &[u32], count: usize) -> Vec<Vec<u32>> {
        let mut found = Vec::new();
        for _ in 0..count {
            let (header, rest) = words.split_at(HEADER_WORDS);
            let length = match header {
                [STATUS_RECORDS, keys, hash_keys, records, _] => {
                    (keys + hash_keys) as usize * decode::KEY_WORDS
                        + *records as usize * decode::RECORD_WORDS
                }
                _ => 0,
            };
            found.push([&header[..1], &rest[..length]].concat());
            words = &rest[length..];
        }
        found
    }
}
