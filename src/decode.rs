//! The way in: the protobuf message of an aggregated record becomes an index of numbers.
//!
//! Two walks over the message, neither of which allocates. [`survey`] goes from field to field at the top
//! and counts; so the caller knows how much memory the index takes before a byte of it is written, and a
//! hostile message cannot make it grow while it is read. [`fill`] then reads the records themselves.
//! (One walk into memory that grows was the alternative: it saves 2 ns a record and needs a bound
//! for every message that lies about itself.)
//!
//! Strictness is that of protobufjs and of KCL's Java classes, not of prost: a missing required field, an
//! index outside its table or a known field with another wire type is an error; unknown fields are not.

use crate::error::{Error, Reason};
use crate::wire::{LENGTH_DELIMITED, Reader, VARINT};

/// The longest data of one Kinesis record that is decoded, in bytes: an index word holds an offset in it,
/// and a key's length word has one bit to spare.
pub const MAX_RECORD: usize = i32::MAX as usize;

/// Words of a table entry: offset, and length with [`ASCII`].
pub const KEY_WORDS: usize = 2;

/// Words of a user record: partition key index, explicit hash key index + 1 (0: none), offset, length.
pub const RECORD_WORDS: usize = 4;

/// Bytes of the shortest record with both required fields.
const LEAST_RECORD: usize = 4;

/// Bit of a table entry's length word: the key is pure ASCII, so that it needs no UTF-8 decoder.
pub const ASCII: u32 = 1 << 31;

const KEY_TABLE: u32 = 1;
const HASH_KEY_TABLE: u32 = 2;
const RECORDS: u32 = 3;

const KEY_INDEX: u32 = 1;
const HASH_KEY_INDEX: u32 = 2;
const DATA: u32 = 3;
const TAGS: u32 = 4;

const TAG_KEY: u32 = 1;
const TAG_VALUE: u32 = 2;

/// How many of each a message holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Entries of the partition key table.
    pub keys: usize,
    /// Entries of the explicit hash key table.
    pub hash_keys: usize,
    /// User records.
    pub records: usize,
}

impl Survey {
    /// Words that the index of such a message takes.
    ///
    /// An empty table entry is 2 bytes and takes 2 words, the shortest record 6 bytes and takes 4: at most
    /// four times the message's bytes.
    pub fn words(&self) -> usize {
        (self.keys + self.hash_keys) * KEY_WORDS + self.records * RECORD_WORDS
    }
}

/// Counts a message's fields and checks that each lies inside it, and that no record is too short to be one.
///
/// # Errors
/// [`Reason`] of the first such fault, with its byte in `message`.
pub fn survey(message: &[u8]) -> Result<Survey, Error> {
    if message.len() > MAX_RECORD {
        return Err(Error::malformed(Reason::TooLong, MAX_RECORD));
    }
    let mut found = Survey::default();
    let mut reader = Reader::new(message, 0);
    while !reader.is_at_end() {
        match top_level(&mut reader)? {
            Some((KEY_TABLE, _)) => found.keys += 1,
            Some((HASH_KEY_TABLE, _)) => found.hash_keys += 1,
            Some((_, field)) => {
                // So that nobody gets four words for the two bytes of an empty record: it is refused here.
                if field.length < LEAST_RECORD {
                    read_record(field.reader(message))?;
                }
                found.records += 1;
            }
            None => {}
        }
    }
    Ok(found)
}

/// An index, cut into its parts.
pub struct Index<'i> {
    keys: &'i mut [[u32; KEY_WORDS]],
    hash_keys: &'i mut [[u32; KEY_WORDS]],
    /// The user records; see [`RECORD_WORDS`].
    pub records: &'i mut [[u32; RECORD_WORDS]],
}

impl<'i> Index<'i> {
    /// Cuts exactly `survey.words()` words.
    pub fn new(words: &'i mut [u32], survey: &Survey) -> Result<Index<'i>, Error> {
        let too_small = || Error::handover("the index is too small");
        let (keys, rest) = words.split_at_mut_checked(survey.keys * KEY_WORDS).ok_or_else(too_small)?;
        let (hash_keys, rest) =
            rest.split_at_mut_checked(survey.hash_keys * KEY_WORDS).ok_or_else(too_small)?;
        let records = rest.get_mut(..survey.records * RECORD_WORDS).ok_or_else(too_small)?;
        Ok(Index {
            keys: keys.as_chunks_mut().0,
            hash_keys: hash_keys.as_chunks_mut().0,
            records: records.as_chunks_mut().0,
        })
    }
}

/// Reads the message that [`survey`] has counted into `index`; every offset is one in `message` plus `base`.
///
/// Whatever happens, no entry of a filled index points outside the message or its table.
///
/// # Errors
/// [`Reason`] of a fault, with its byte in `message`; [`Reason::Changed`] if the message is not the one
/// that was counted.
pub fn fill(message: &[u8], base: usize, index: &mut Index<'_>) -> Result<(), Error> {
    let mut keys = index.keys.iter_mut();
    let mut hash_keys = index.hash_keys.iter_mut();
    let mut records = index.records.iter_mut();
    let mut bounds = Bounds::default();
    let mut reader = Reader::new(message, 0);
    while !reader.is_at_end() {
        let at = reader.at();
        let changed = || Error::malformed(Reason::Changed, at);
        match top_level(&mut reader)? {
            Some((RECORDS, field)) => {
                let reader = field.reader(message);
                let record = match read_usual_record(&reader) {
                    Some(record) => record,
                    None => read_record(reader)?,
                };
                bounds.include(&record);
                *records.next().ok_or_else(changed)? = record.words(base)?;
            }
            Some((number, field)) => {
                let table = if number == KEY_TABLE { &mut keys } else { &mut hash_keys };
                *table.next().ok_or_else(changed)? = field.key_words(message, base)?;
            }
            None => {}
        }
    }
    if keys.len() + hash_keys.len() + records.len() > 0 {
        return Err(Error::malformed(Reason::Changed, message.len()));
    }
    // Tables may stand behind the records that point into them.
    bounds.check(index.keys.len(), index.hash_keys.len()).map_err(|reason| {
        Error::malformed(reason, first_outside(message, reason, index).unwrap_or(message.len()))
    })
}

/// Checks a message as far as prost does not: required fields and wire types, at every level.
///
/// Indexes are not looked up; that is for the reader of the records.
///
/// # Errors
/// As [`fill`].
pub fn validate(message: &[u8]) -> Result<(), Error> {
    survey(message)?;
    let mut reader = Reader::new(message, 0);
    while !reader.is_at_end() {
        if let Some((RECORDS, field)) = top_level(&mut reader)? {
            read_record(field.reader(message))?;
        }
    }
    Ok(())
}

/// Where a length-delimited field's bytes are.
#[derive(Clone, Copy)]
struct Field {
    start: usize,
    length: usize,
}

impl Field {
    fn reader<'a>(&self, message: &'a [u8]) -> Reader<'a> {
        Reader::new(message.get(..self.start + self.length).unwrap_or_default(), self.start)
    }

    fn key_words(&self, message: &[u8], base: usize) -> Result<[u32; KEY_WORDS], Error> {
        let key = message.get(self.start..self.start + self.length).unwrap_or_default();
        let ascii = if key.is_ascii() { ASCII } else { 0 };
        Ok([word(self.start + base)?, word(self.length)? | ascii])
    }
}

/// The next field of an AggregatedRecord; `None` if it was an unknown one.
#[inline(always)]
fn top_level(reader: &mut Reader<'_>) -> Result<Option<(u32, Field)>, Error> {
    let at = reader.at();
    let (number, wire_type) = reader.tag()?;
    match (number, wire_type) {
        (KEY_TABLE | HASH_KEY_TABLE | RECORDS, LENGTH_DELIMITED) => {
            let (start, length) = reader.delimited()?;
            Ok(Some((number, Field { start, length })))
        }
        (KEY_TABLE | HASH_KEY_TABLE | RECORDS, _) => Err(Error::malformed(Reason::WrongWireType, at)),
        _ => reader.skip(number, wire_type, at).map(|()| None),
    }
}

struct Record {
    key: u64,
    hash_key: Option<u64>,
    data: Field,
}

impl Record {
    /// [`Bounds`] refuses an index over 32 bits, so its words never get to a reader.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "see above")]
    fn words(&self, base: usize) -> Result<[u32; RECORD_WORDS], Error> {
        let hash_key = self.hash_key.map_or(0, |index| index.wrapping_add(1) as u32);
        Ok([self.key as u32, hash_key, word(self.data.start + base)?, word(self.data.length)?])
    }
}

/// A record as most producers write most of them: key index, data, and nothing else. `None` for any other,
/// damaged ones too. Half of the time of the walk, and of its instructions, was in the general way.
#[inline(always)]
fn read_usual_record(reader: &Reader<'_>) -> Option<Record> {
    const KEY_INDEX_TAG: u8 = 0x08;
    const DATA_TAG: u8 = 0x1a;
    const _: () = assert!(KEY_INDEX_TAG as u32 == KEY_INDEX << 3 | VARINT);
    const _: () = assert!(DATA_TAG as u32 == DATA << 3 | LENGTH_DELIMITED);
    let (key, rest) = match reader.rest() {
        [KEY_INDEX_TAG, key @ ..=0x7f, DATA_TAG, rest @ ..] => (u64::from(*key), rest),
        [KEY_INDEX_TAG, low @ 0x80..=0xff, high @ ..=0x7f, DATA_TAG, rest @ ..] => {
            (short(*low, *high), rest)
        }
        _ => return None,
    };
    let (length, data) = match rest {
        [length @ ..=0x7f, data @ ..] => (u64::from(*length), data),
        [low @ 0x80..=0xff, high @ ..=0x7f, data @ ..] => (short(*low, *high), data),
        _ => return None,
    };
    // The data fills what is left, so that it ends where the record does.
    (data.len() as u64 == length).then(|| Record {
        key,
        hash_key: None,
        data: Field { start: reader.end() - data.len(), length: data.len() },
    })
}

/// A varint of two bytes.
#[inline(always)]
fn short(low: u8, high: u8) -> u64 {
    u64::from(low & 0x7f) | u64::from(high) << 7
}

fn read_record(mut reader: Reader<'_>) -> Result<Record, Error> {
    let start = reader.at();
    let (mut key, mut hash_key, mut data) = (None, None, None);
    while !reader.is_at_end() {
        let at = reader.at();
        // The last of a repeated scalar field wins.
        match reader.tag()? {
            (KEY_INDEX, VARINT) => key = Some(reader.varint()?),
            (HASH_KEY_INDEX, VARINT) => hash_key = Some(reader.varint()?),
            (DATA, LENGTH_DELIMITED) => {
                let (start, length) = reader.delimited()?;
                data = Some(Field { start, length });
            }
            (TAGS, LENGTH_DELIMITED) => check_tag(reader.nested()?)?,
            (KEY_INDEX | HASH_KEY_INDEX | DATA | TAGS, _) => {
                return Err(Error::malformed(Reason::WrongWireType, at));
            }
            (number, wire_type) => reader.skip(number, wire_type, at)?,
        }
    }
    match (key, data) {
        (Some(key), Some(data)) => Ok(Record { key, hash_key, data }),
        (None, _) => Err(Error::malformed(Reason::MissingKeyIndex, start)),
        (_, None) => Err(Error::malformed(Reason::MissingData, start)),
    }
}

/// Nobody reads tags, but KCL parses them, and so refuses a record in which one is broken.
fn check_tag(mut reader: Reader<'_>) -> Result<(), Error> {
    let start = reader.at();
    let mut has_key = false;
    while !reader.is_at_end() {
        let at = reader.at();
        match reader.tag()? {
            (TAG_KEY, LENGTH_DELIMITED) => {
                reader.delimited()?;
                has_key = true;
            }
            (TAG_VALUE, LENGTH_DELIMITED) => drop(reader.delimited()?),
            (TAG_KEY | TAG_VALUE, _) => return Err(Error::malformed(Reason::WrongWireType, at)),
            (number, wire_type) => reader.skip(number, wire_type, at)?,
        }
    }
    if has_key { Ok(()) } else { Err(Error::malformed(Reason::MissingTagKey, start)) }
}

/// One more than the highest index of each kind that any record names.
#[derive(Default)]
struct Bounds {
    keys: u64,
    hash_keys: u64,
}

impl Bounds {
    #[inline]
    fn include(&mut self, record: &Record) {
        self.keys = self.keys.max(record.key.saturating_add(1));
        let hash_keys = record.hash_key.map_or(0, |index| index.saturating_add(1));
        self.hash_keys = self.hash_keys.max(hash_keys);
    }

    fn check(&self, keys: usize, hash_keys: usize) -> Result<(), Reason> {
        if self.keys > keys as u64 {
            Err(Reason::KeyIndexOutside)
        } else if self.hash_keys > hash_keys as u64 {
            Err(Reason::HashKeyIndexOutside)
        } else {
            Ok(())
        }
    }
}

/// The offset of the first record that is outside a table, for the message of the error.
#[cold]
fn first_outside(message: &[u8], reason: Reason, index: &Index<'_>) -> Option<usize> {
    let mut reader = Reader::new(message, 0);
    while !reader.is_at_end() {
        if let Some((RECORDS, field)) = top_level(&mut reader).ok()? {
            let mut bounds = Bounds::default();
            bounds.include(&read_record(field.reader(message)).ok()?);
            if bounds.check(index.keys.len(), index.hash_keys.len()) == Err(reason) {
                return Some(field.start);
            }
        }
    }
    None
}

#[inline(always)]
fn word(number: usize) -> Result<u32, Error> {
    match u32::try_from(number) {
        Ok(word) if word < ASCII => Ok(word),
        _ => Err(Error::malformed(Reason::TooLong, number)),
    }
}
