//! Decoding: turns the protobuf message of an aggregated record into an index of numbers.
//!
//! The message is read in two passes, neither of which allocates. [`count_fields`] counts the top-level fields.
//! So the caller knows the size of the index before anything is written, and a hostile message cannot make the
//! index grow while it is read. [`fill`] then reads the records themselves. (The alternative was one pass into
//! memory that grows. It saves 2 ns a record, but needs a limit for messages that are made to waste memory.)
//!
//! The decoder is as strict as protobufjs and KCL's Java classes, and stricter than prost: a missing required
//! field, an index outside its table or a known field with the wrong wire type is an error. Unknown fields are
//! ignored.

use crate::error::{Error, Reason};
use crate::wire::{LENGTH_DELIMITED, Reader, VARINT};

/// Maximum length in bytes of the data of a Kinesis record that can be decoded. An index word holds an offset in
/// it, and the length word of a key needs one bit for [`ASCII`].
pub const MAX_RECORD: usize = i32::MAX as usize;

/// Words of a table entry: offset, and length with [`ASCII`].
pub const KEY_WORDS: usize = 2;

/// Words of a user record: partition key index, explicit hash key index + 1 (0 = none), offset and length of the
/// data.
pub const RECORD_WORDS: usize = 4;

/// Length in bytes of the shortest record that has both required fields.
const MIN_RECORD_LEN: usize = 4;

/// Bit in the length word of a table entry: the key is pure ASCII, so it needs no UTF-8 decoder.
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

/// The number of fields of each kind in a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldCounts {
    /// Entries of the partition key table.
    pub keys: usize,
    /// Entries of the explicit hash key table.
    pub hash_keys: usize,
    /// User records.
    pub records: usize,
}

impl FieldCounts {
    /// Length of the index of such a message, in u32 words.
    ///
    /// An empty table entry has 2 bytes and takes 2 words, the shortest record has 6 bytes and takes 4 words. So
    /// the index has at most four times as many bytes as the message.
    pub fn words(&self) -> usize {
        (self.keys + self.hash_keys) * KEY_WORDS + self.records * RECORD_WORDS
    }
}

/// Counts the fields of a message. Checks that each field lies inside the message, and that no record is too short
/// to be valid.
///
/// # Errors
/// The [`Reason`] of the first such fault, with its offset in `message`.
pub fn count_fields(message: &[u8]) -> Result<FieldCounts, Error> {
    if message.len() > MAX_RECORD {
        return Err(Error::malformed(Reason::TooLong, MAX_RECORD));
    }
    let mut found = FieldCounts::default();
    let mut reader = Reader::new(message, 0);
    while !reader.is_at_end() {
        match top_level(&mut reader)? {
            Some((KEY_TABLE, _)) => found.keys += 1,
            Some((HASH_KEY_TABLE, _)) => found.hash_keys += 1,
            Some((_, field)) => {
                // An empty record of two bytes would take four words of the index, so it is refused here.
                if field.length < MIN_RECORD_LEN {
                    read_record(field.reader(message))?;
                }
                found.records += 1;
            }
            None => {}
        }
    }
    Ok(found)
}

/// An index, split into its parts.
pub struct Index<'i> {
    keys: &'i mut [[u32; KEY_WORDS]],
    hash_keys: &'i mut [[u32; KEY_WORDS]],
    /// The user records; see [`RECORD_WORDS`].
    pub records: &'i mut [[u32; RECORD_WORDS]],
}

impl<'i> Index<'i> {
    /// Splits the first `counts.words()` words.
    ///
    /// # Errors
    /// `words` is shorter than that.
    pub fn new(words: &'i mut [u32], counts: &FieldCounts) -> Result<Index<'i>, Error> {
        let too_small = || Error::internal("the index is too small");
        let (keys, rest) = words.split_at_mut_checked(counts.keys * KEY_WORDS).ok_or_else(too_small)?;
        let (hash_keys, rest) =
            rest.split_at_mut_checked(counts.hash_keys * KEY_WORDS).ok_or_else(too_small)?;
        let records = rest.get_mut(..counts.records * RECORD_WORDS).ok_or_else(too_small)?;
        Ok(Index {
            keys: keys.as_chunks_mut().0,
            hash_keys: hash_keys.as_chunks_mut().0,
            records: records.as_chunks_mut().0,
        })
    }
}

/// Reads a message into `index`, after [`count_fields`] counted its fields. Every written offset is an offset in
/// `message` plus `base`.
///
/// If it succeeds, no entry of the index points outside the message or its table, whatever the message holds.
///
/// # Errors
/// The [`Reason`] of a fault, with its offset in `message`; [`Reason::Changed`] if the message is not the one
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
                let record = match read_short_record(&reader) {
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
    // Indexes are checked at the end, because a table may come after the records that point into it.
    bounds.check(index.keys.len(), index.hash_keys.len()).map_err(|reason| {
        Error::malformed(reason, first_outside(message, reason, index).unwrap_or(message.len()))
    })
}

/// As [`count_fields`] and [`fill`] in one pass, for a message in the order in which producers write: keys, hash keys,
/// records. Writes the index to the start of `words`.
///
/// Returns `None`, with `words` in any state, for any other message, a damaged one, and if `words` is too short.
pub fn fill_ordered(message: &[u8], base: usize, mut words: &mut [u32]) -> Option<FieldCounts> {
    if message.len() > MAX_RECORD {
        return None;
    }
    let mut counts = FieldCounts::default();
    let mut bounds = Bounds::default();
    let mut reader = Reader::new(message, 0);
    let mut last = KEY_TABLE;
    while !reader.is_at_end() {
        // Their numbers are in that order too.
        let (number, field) = top_level(&mut reader).ok()??;
        if number < last {
            return None;
        }
        last = number;
        if number == RECORDS {
            let reader = field.reader(message);
            let record = match read_short_record(&reader) {
                Some(record) => record,
                None => read_record(reader).ok()?,
            };
            bounds.include(&record);
            *next_place(&mut words)? = record.words(base).ok()?;
            counts.records += 1;
        } else {
            *next_place(&mut words)? = field.key_words(message, base).ok()?;
            if number == KEY_TABLE { counts.keys += 1 } else { counts.hash_keys += 1 }
        }
    }
    bounds.check(counts.keys, counts.hash_keys).ok()?;
    Some(counts)
}

/// Takes the first words of `rest`.
#[inline(always)]
fn next_place<'w, const WORDS: usize>(rest: &mut &'w mut [u32]) -> Option<&'w mut [u32; WORDS]> {
    let (place, others) = std::mem::take(rest).split_first_chunk_mut()?;
    *rest = others;
    Some(place)
}

/// A field of a message, for [`visit`].
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// An entry of the partition key table.
    Key(&'a [u8]),
    /// An entry of the explicit hash key table.
    HashKey(&'a [u8]),
    /// A tag of the user record that follows.
    Tag {
        /// Key of the tag.
        key: &'a [u8],
        /// Value of the tag.
        value: Option<&'a [u8]>,
    },
    /// A user record. Its indexes are not checked and may be outside their tables.
    Record {
        /// Partition key index.
        key: u64,
        /// Explicit hash key index.
        hash_key: Option<u64>,
        /// Data of the record.
        data: &'a [u8],
    },
}

/// Calls `see` for each field of a message, in their order.
///
/// # Errors
/// As [`fill`], except for indexes outside their tables. `see` was called for the fields before the fault.
pub fn visit<'a>(message: &'a [u8], mut see: impl FnMut(Part<'a>)) -> Result<(), Error> {
    count_fields(message)?;
    let bytes = |field: Field| field.bytes(message);
    let mut reader = Reader::new(message, 0);
    while !reader.is_at_end() {
        match top_level(&mut reader)? {
            Some((RECORDS, field)) => {
                let Record { key, hash_key, data } =
                    read_tagged_record(field.reader(message), |Tag { key, value }| {
                        see(Part::Tag { key: bytes(key), value: value.map(bytes) });
                    })?;
                see(Part::Record { key, hash_key, data: bytes(data) });
            }
            Some((KEY_TABLE, field)) => see(Part::Key(bytes(field))),
            Some((_, field)) => see(Part::HashKey(bytes(field))),
            None => {}
        }
    }
    Ok(())
}

/// Position of the bytes of a length-delimited field.
#[derive(Clone, Copy)]
struct Field {
    start: usize,
    length: usize,
}

impl Field {
    #[inline(always)]
    fn read(reader: &mut Reader<'_>) -> Result<Field, Error> {
        let (start, length) = reader.delimited()?;
        Ok(Field { start, length })
    }

    fn reader<'a>(&self, message: &'a [u8]) -> Reader<'a> {
        Reader::new(message.get(..self.start + self.length).unwrap_or_default(), self.start)
    }

    fn bytes<'a>(&self, message: &'a [u8]) -> &'a [u8] {
        message.get(self.start..self.start + self.length).unwrap_or_default()
    }

    fn key_words(&self, message: &[u8], base: usize) -> Result<[u32; KEY_WORDS], Error> {
        let ascii = if self.bytes(message).is_ascii() { ASCII } else { 0 };
        Ok([word(self.start + base)?, word(self.length)? | ascii])
    }
}

/// Reads the next field of an AggregatedRecord. Returns `None` for an unknown field.
// WebAssembly has to be small.
#[cfg_attr(not(feature = "wasm"), inline(always))]
fn top_level(reader: &mut Reader<'_>) -> Result<Option<(u32, Field)>, Error> {
    let at = reader.at();
    let (number, wire_type) = reader.tag()?;
    match (number, wire_type) {
        (KEY_TABLE | HASH_KEY_TABLE | RECORDS, LENGTH_DELIMITED) => {
            Ok(Some((number, Field::read(reader)?)))
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
    /// An index above 32 bits is truncated here, but then [`Bounds`] refuses the whole message.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "see above")]
    fn words(&self, base: usize) -> Result<[u32; RECORD_WORDS], Error> {
        let hash_key = self.hash_key.map_or(0, |index| index.wrapping_add(1) as u32);
        Ok([self.key as u32, hash_key, word(self.data.start + base)?, word(self.data.length)?])
    }
}

/// Reads a record in the form that producers write most: key index, data, and nothing else, with numbers of at most
/// two bytes. Returns `None` for any other record, including a damaged one. The general function took half of the
/// time and of the instructions of a pass.
#[inline(always)]
fn read_short_record(reader: &Reader<'_>) -> Option<Record> {
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
    // The data must end where the record ends.
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

fn read_record(reader: Reader<'_>) -> Result<Record, Error> {
    // Tags are not used, but KCL parses them and refuses a record with a broken tag.
    read_tagged_record(reader, |_| ())
}

fn read_tagged_record(mut reader: Reader<'_>, mut see: impl FnMut(Tag)) -> Result<Record, Error> {
    let start = reader.at();
    let (mut key, mut hash_key, mut data) = (None, None, None);
    while !reader.is_at_end() {
        let at = reader.at();
        // If a scalar field occurs more than once, the last one counts.
        match reader.tag()? {
            (KEY_INDEX, VARINT) => key = Some(reader.varint()?),
            (HASH_KEY_INDEX, VARINT) => hash_key = Some(reader.varint()?),
            (DATA, LENGTH_DELIMITED) => data = Some(Field::read(&mut reader)?),
            (TAGS, LENGTH_DELIMITED) => see(read_tag(reader.nested()?)?),
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

struct Tag {
    key: Field,
    value: Option<Field>,
}

fn read_tag(mut reader: Reader<'_>) -> Result<Tag, Error> {
    let start = reader.at();
    let (mut key, mut value) = (None, None);
    while !reader.is_at_end() {
        let at = reader.at();
        match reader.tag()? {
            (TAG_KEY, LENGTH_DELIMITED) => key = Some(Field::read(&mut reader)?),
            (TAG_VALUE, LENGTH_DELIMITED) => value = Some(Field::read(&mut reader)?),
            (TAG_KEY | TAG_VALUE, _) => return Err(Error::malformed(Reason::WrongWireType, at)),
            (number, wire_type) => reader.skip(number, wire_type, at)?,
        }
    }
    match key {
        Some(key) => Ok(Tag { key, value }),
        None => Err(Error::malformed(Reason::MissingTagKey, start)),
    }
}

/// For each table, one more than the highest index that a record contains.
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

/// The offset of the first record whose index is outside its table, for the error message.
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
