//! The N-API face: the only file that knows Node.js.
//!
//! Memory belongs to JavaScript. A call gets views of it, writes numbers or bytes into them and answers
//! with a number; objects are made in JavaScript, since one made here costs more than the decoding of what
//! is in it. So there are few calls, each for a whole record or for many, and no state between them.
//!
//! What is found in a record is written as words: a header of [`HEADER_WORDS`] (status and four numbers),
//! then, if the status says so, the index of [`crate::decode`].
//!
//! The slices are borrowed from JavaScript for one call. No JavaScript runs during it, so nothing detaches
//! or resizes them; memory that other threads share is copied before it comes here; and the TypeScript
//! side never passes two views of one memory of which one is written to.

use napi::JsValue;
use napi::bindgen_prelude::{
    Array, Buffer, External, FromNapiValue, Result, Status, Uint8ArraySlice, Uint32ArraySlice, Unknown,
};
use napi_derive::napi;
use prost::Message;

use crate::decode::{self as decoder, Index, Survey};
use crate::error::{Error, Reason};
use crate::frame::{Framed, MAGIC};
use crate::shard::{self, ShardTable};
use crate::{base64, encode as encoder, md5, schema};

/// The version that this binary belongs to. Numbers of arguments and layouts change from one to the next.
#[napi]
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Words before the index of each record.
#[napi]
pub const HEADER_WORDS: u32 = 5;

/// Status: nobody aggregated this record.
#[napi]
pub const STATUS_PLAIN: u32 = 0;

/// Status: numbers of keys, hash keys and records follow; offsets are those of the record's own bytes.
#[napi]
pub const STATUS_RECORDS: u32 = 1;

/// Status: as [`STATUS_RECORDS`], and then how many records were encoded: offsets and lengths of so many, from
/// the first one on, are those of base64 text in the slab.
#[napi]
pub const STATUS_BASE64: u32 = 2;

/// Status: the MD5 does not match.
#[napi]
pub const STATUS_CHECKSUM: u32 = 3;

/// Status: the reason's number and the byte follow.
#[napi]
pub const STATUS_MALFORMED: u32 = 4;

/// Words of a table entry.
#[napi]
#[allow(clippy::cast_possible_truncation, reason = "it is 2")]
pub const KEY_WORDS: u32 = decoder::KEY_WORDS as u32;

/// Words of a user record.
#[napi]
#[allow(clippy::cast_possible_truncation, reason = "it is 4")]
pub const RECORD_WORDS: u32 = decoder::RECORD_WORDS as u32;

/// Words of a record whose shard is looked up.
#[napi]
#[allow(clippy::cast_possible_truncation, reason = "it is 3")]
pub const PLACE_WORDS: u32 = shard::PLACE_WORDS as u32;

const HEADER: usize = HEADER_WORDS as usize;

/// A record that was looked at but not read.
struct Surveyed<'a> {
    framed: Framed<'a>,
    found: std::result::Result<Survey, Error>,
}

impl<'a> Surveyed<'a> {
    fn new(data: &'a [u8]) -> Option<Surveyed<'a>> {
        let framed = Framed::split(data)?;
        Some(Surveyed { framed, found: decoder::survey(framed.message) })
    }

    fn words(&self) -> usize {
        HEADER + self.found.map_or(0, |survey| survey.words())
    }

    /// Reads the message; `checked` is the outcome of the checksum, which outweighs all others.
    fn read(
        &self,
        checked: std::result::Result<(), Error>,
        words: &mut [u32],
    ) -> std::result::Result<Survey, Error> {
        checked?;
        let survey = self.found?;
        let mut index = Index::new(words, &survey)?;
        decoder::fill(self.framed.message, MAGIC.len(), &mut index)?;
        Ok(survey)
    }
}

/// Decodes the first `length` bytes of `data`. Returns the words that `index` must have; if it has fewer,
/// nothing was done.
#[napi(catch_unwind)]
pub fn decode(data: &[u8], length: f64, verify: bool, mut index: Uint32ArraySlice<'_>) -> Result<f64> {
    decode_one(data, length, verify, words_of(&mut index), None)
}

/// As `decode`; the data of small records goes into `slab` as base64.
#[napi(catch_unwind)]
pub fn decode_to_base64(
    data: &[u8],
    length: f64,
    verify: bool,
    mut index: Uint32ArraySlice<'_>,
    mut slab: Uint8ArraySlice<'_>,
) -> Result<f64> {
    decode_one(data, length, verify, words_of(&mut index), Some(bytes_of(&mut slab)))
}

fn decode_one(
    data: &[u8],
    length: f64,
    verify: bool,
    words: &mut [u32],
    slab: Option<&mut [u8]>,
) -> Result<f64> {
    // A saturating cast: what is negative, no number or too large ends in one of the checks below.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
    let data = data.get(..length as usize).ok_or_else(|| internal("a length outside its memory"))?;
    let surveyed = Surveyed::new(data);
    let needed = surveyed.as_ref().map_or(HEADER, Surveyed::words);
    if needed > words.len() {
        return Ok(needed as f64);
    }
    let Some(surveyed) = surveyed else {
        words[0] = STATUS_PLAIN;
        return Ok(needed as f64);
    };
    let checked = if verify { surveyed.framed.verify() } else { Ok(()) };
    let (header, rest) = words.split_at_mut(HEADER);
    let found = surveyed.read(checked, rest);
    write_header(header, &found)?;
    if let (Ok(survey), Some(slab)) = (found, slab)
        && base64::pays(survey.records, surveyed.framed.message.len())
    {
        let index = Index::new(rest, &survey).map_err(thrown)?;
        let encoded = base64::write(data, index.records, slab).map_err(thrown)?;
        header[0] = STATUS_BASE64;
        header[4] = u32::try_from(encoded).map_err(|_| internal("too many records"))?;
    }
    Ok(needed as f64)
}

/// Encodes what `decode_to_base64` had no room for: of `count` records, the first of which is at word `word`
/// of the index, as many as there is room for in `slab`. Returns how many that were.
#[napi(catch_unwind)]
pub fn encode_data(
    data: &[u8],
    mut index: Uint32ArraySlice<'_>,
    word: u32,
    count: u32,
    mut slab: Uint8ArraySlice<'_>,
) -> Result<u32> {
    let words = words_of(&mut index).get_mut(word as usize..).unwrap_or_default();
    let records = words.as_chunks_mut().0.get_mut(..count as usize);
    let records = records.ok_or_else(|| internal("records outside their index"))?;
    let encoded = base64::write(data, records, bytes_of(&mut slab)).map_err(thrown)?;
    u32::try_from(encoded).map_err(|_| internal("too many records"))
}

/// Decodes the records of `list` from number `from` on, as many as `index` has room for, and returns how
/// many that were. If it has not room for all of them and fewer than `most` words, or not for one, nothing is
/// done but that `index[0]` tells the words that it should have.
///
/// Their digests are calculated at once, which is several times faster than one by one.
#[napi(catch_unwind)]
pub fn decode_many(
    list: Array<'_>,
    from: u32,
    verify: bool,
    mut index: Uint32ArraySlice<'_>,
    most: u32,
) -> Result<u32> {
    let index = words_of(&mut index);
    let most = most as usize;
    let mut surveyed = Vec::new();
    let mut needed = 0;
    for i in from..list.len() {
        let data: &[u8] = list.get(i)?.ok_or_else(|| internal("a hole in a list"))?;
        let one = Surveyed::new(data);
        let words = one.as_ref().map_or(HEADER, Surveyed::words);
        if needed + words > most.max(index.len()) && !surveyed.is_empty() {
            break;
        }
        needed += words;
        surveyed.push(one);
    }
    if needed > index.len() {
        index[0] = u32::try_from(needed).map_err(|_| internal("an index over 16 GiB"))?;
        return Ok(0);
    }
    let messages: Vec<&[u8]> = match verify {
        true => surveyed.iter().flatten().map(|one| one.framed.message).collect(),
        false => Vec::new(),
    };
    let mut digests = vec![[0; md5::DIGEST_LEN]; messages.len()];
    md5::digest_all(&messages, &mut digests);
    let mut digests = digests.iter();
    let mut rest = index;
    for one in &surveyed {
        let (header, others) = rest.split_at_mut(HEADER);
        let mut words = 0;
        if let Some(one) = one {
            let checked = if verify {
                one.framed.check(digests.next().ok_or_else(|| internal("a digest is missing"))?)
            } else {
                Ok(())
            };
            let found = one.read(checked, others);
            write_header(header, &found)?;
            // Of a damaged record nothing follows: the next header stands there.
            words = found.map_or(0, |survey| survey.words());
        } else {
            header[0] = STATUS_PLAIN;
        }
        rest = &mut others[words..];
    }
    u32::try_from(surveyed.len()).map_err(|_| internal("too many records"))
}

fn write_header(header: &mut [u32], found: &std::result::Result<Survey, Error>) -> Result<()> {
    // A message of at most 2 GiB has fewer than 2^32 of everything.
    #[allow(clippy::cast_possible_truncation, reason = "see above")]
    let words = match found {
        Ok(survey) => {
            [STATUS_RECORDS, survey.keys as u32, survey.hash_keys as u32, survey.records as u32, 0]
        }
        Err(error) => match (error.code(), error.detail()) {
            ("ERR_INVALID_CHECKSUM", _) => [STATUS_CHECKSUM, 0, 0, 0, 0],
            (_, Some((reason, offset))) => {
                [STATUS_MALFORMED, reason as u32, (offset + MAGIC.len()) as u32, 0, 0]
            }
            _ => return Err(thrown(*error)),
        },
    };
    header.copy_from_slice(&words);
    Ok(())
}

/// The text for a reason and a byte.
#[napi(catch_unwind)]
pub fn malformed_text(reason: u32, offset: u32) -> Result<String> {
    let reason = Reason::from_number(reason).ok_or_else(|| internal("an unknown reason"))?;
    Ok(Error::malformed(reason, offset as usize).to_string())
}

/// Writes an aggregated record from the first `slab_length` bytes and `entry_count` numbers that
/// `src-js/collector.ts` collected; `record` has exactly its size. Without `seal` the digest is left out.
#[napi(catch_unwind)]
pub fn encode(
    slab: &[u8],
    slab_length: u32,
    entries: &[u32],
    entry_count: u32,
    mut record: Uint8ArraySlice<'_>,
    seal: bool,
) -> Result<()> {
    let slab = slab.get(..slab_length as usize).ok_or_else(|| internal("a slab too short"))?;
    let entries = entries.get(..entry_count as usize).ok_or_else(|| internal("entries too short"))?;
    let encode = if seal { encoder::encode } else { encoder::encode_unsealed };
    encode(slab, entries, bytes_of(&mut record)).map_err(thrown)
}

/// Puts the digests on several encoded records at once.
#[napi(catch_unwind)]
pub fn seal(records: Array<'_>) -> Result<()> {
    let mut list: Vec<&mut [u8]> = Vec::with_capacity(records.len() as usize);
    for i in 0..records.len() {
        list.push(records.get(i)?.ok_or_else(|| internal("a hole in a list"))?);
    }
    encoder::seal_all(&mut list);
    Ok(())
}

/// The hash key of a partition key, as 16 bytes with the highest first.
#[napi(catch_unwind, ts_args_type = "partitionKey: string, out: Uint8Array")]
pub fn hash_key(partition_key: Unknown<'_>, mut out: Uint8ArraySlice<'_>) -> Result<()> {
    let hash_key = with_utf8(&partition_key, shard::hash_key)?;
    let place =
        bytes_of(&mut out).first_chunk_mut().ok_or_else(|| internal("no room for a hash key"))?;
    *place = hash_key.to_be_bytes();
    Ok(())
}

/// A table of shards from the first hash keys of their ranges, 16 bytes each with the highest first.
#[napi(catch_unwind, ts_return_type = "object")]
pub fn shard_table(starts: &[u8]) -> Result<External<ShardTable>> {
    let starts = starts.as_chunks().0.iter().map(|start| u128::from_be_bytes(*start)).collect();
    let table = ShardTable::new(starts).ok_or_else(|| internal("shards that leave something out"))?;
    Ok(External::new(table))
}

/// The position in the table of the shard that a partition key belongs to.
#[napi(catch_unwind, ts_args_type = "table: object, partitionKey: string")]
pub fn shard_of_key(table: &External<ShardTable>, partition_key: Unknown<'_>) -> Result<u32> {
    with_utf8(&partition_key, |key| shard::position(table.find(shard::hash_key(key))))
}

/// Finds the shards of the first `count` records of `places`, which has three words for each: bytes of the
/// partition key, bytes of the data, and the position in the table, which is written. Their keys and data lie
/// in `records`, one behind the other.
#[napi(
    catch_unwind,
    ts_args_type = "table: object, records: Uint8Array, places: Uint32Array, count: number"
)]
pub fn shards_of_keys(
    table: &External<ShardTable>,
    records: &[u8],
    mut places: Uint32ArraySlice<'_>,
    count: u32,
) -> Result<()> {
    let places = words_of(&mut places).as_chunks_mut().0.get_mut(..count as usize);
    let places = places.ok_or_else(|| internal("more records than places"))?;
    table.find_all(records, places).map_err(thrown)
}

/// The position in the table of the shard that an explicit hash key belongs to; -1 if it is none.
#[napi(catch_unwind, ts_args_type = "table: object, hashKey: string")]
pub fn shard_of_hash_key(table: &External<ShardTable>, hash_key: Unknown<'_>) -> Result<i32> {
    with_utf8(&hash_key, |text| match shard::parse_hash_key(text) {
        Some(hash_key) => shard::position(table.find(hash_key)).cast_signed(),
        None => -1,
    })
}

/// Calls `read` with the UTF-8 bytes of a string. Keys are short, and a `String` for each would cost as much
/// as their digest.
fn with_utf8<T>(value: &Unknown<'_>, read: impl FnOnce(&[u8]) -> T) -> Result<T> {
    // Kinesis' longest partition key is 256 characters of at most 4 bytes; one more byte is for a NUL.
    let mut buffer = [std::mem::MaybeUninit::<u8>::uninit(); 1025];
    let mut length = 0;
    let raw = value.value();
    // SAFETY: `raw` holds a live value of a live environment, `buffer` has the length that is told, and
    // N-API writes at most that many bytes and initialises the `length` that it reports.
    let status = unsafe {
        napi::sys::napi_get_value_string_utf8(
            raw.env,
            raw.value,
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            &raw mut length,
        )
    };
    if status != napi::sys::Status::napi_ok {
        return Err(internal("a key that is no string"));
    }
    // A longer string is cut to what fits, less an incomplete character.
    if length > buffer.len() - 5 {
        let text: String = String::from_unknown(*value)?;
        return Ok(read(text.as_bytes()));
    }
    // SAFETY: N-API initialised the first `length` bytes, and `length` is below the buffer's.
    Ok(read(unsafe { std::slice::from_raw_parts(buffer.as_ptr().cast(), length) }))
}

/// The names of the MD5 implementations that this CPU has, the best one last.
#[napi(catch_unwind)]
pub fn md5_backends() -> Vec<&'static str> {
    md5::Backend::available().map(md5::Backend::name).collect()
}

/// Makes batches use one MD5 implementation, or the best one again. For tests; digests are the same.
#[napi(catch_unwind)]
pub fn force_md5(name: Option<String>) {
    md5::Backend::force(name.and_then(|name| md5::Backend::from_name(&name)));
}

/// The protobuf message as `lib/common` shows it.
#[napi(object)]
pub struct WireMessage {
    #[napi(js_name = "partition_key_table")]
    pub partition_key_table: Vec<String>,
    #[napi(js_name = "explicit_hash_key_table")]
    pub explicit_hash_key_table: Vec<String>,
    pub records: Vec<WireRecord>,
}

/// A user record of [`WireMessage`].
#[napi(object)]
pub struct WireRecord {
    #[napi(js_name = "partition_key_index")]
    pub partition_key_index: f64,
    #[napi(js_name = "explicit_hash_key_index")]
    pub explicit_hash_key_index: Option<f64>,
    pub data: Buffer,
    pub tags: Vec<WireTag>,
}

/// A tag of [`WireRecord`].
#[napi(object)]
pub struct WireTag {
    pub key: String,
    pub value: Option<String>,
}

/// Encodes a message with neither magic nor digest.
#[napi(catch_unwind)]
pub fn encode_message(message: WireMessage) -> Result<Buffer> {
    let records = message.records.into_iter().map(|record| {
        Ok(schema::Record {
            partition_key_index: number_to_index(record.partition_key_index)?,
            explicit_hash_key_index: record.explicit_hash_key_index.map(number_to_index).transpose()?,
            data: record.data.to_vec(),
            tags: record
                .tags
                .into_iter()
                .map(|tag| schema::Tag {
                    key: tag.key.into_bytes(),
                    value: tag.value.map(String::into_bytes),
                })
                .collect(),
        })
    });
    let message = schema::AggregatedRecord {
        partition_key_table: message.partition_key_table.into_iter().map(String::into_bytes).collect(),
        explicit_hash_key_table: message
            .explicit_hash_key_table
            .into_iter()
            .map(String::into_bytes)
            .collect(),
        records: records.collect::<Result<_>>()?,
    };
    Ok(message.encode_to_vec().into())
}

/// Decodes a message that has neither magic nor digest.
#[napi(catch_unwind)]
pub fn decode_message(bytes: &[u8]) -> Result<WireMessage> {
    // prost gives a missing required field its default; here it is an error.
    decoder::validate(bytes).map_err(thrown)?;
    let message = schema::AggregatedRecord::decode(bytes).map_err(|error| {
        napi::Error::new(Status::GenericFailure, format!("ERR_MALFORMED_RECORD: {error}"))
    })?;
    Ok(WireMessage {
        partition_key_table: message.partition_key_table.into_iter().map(text).collect(),
        explicit_hash_key_table: message.explicit_hash_key_table.into_iter().map(text).collect(),
        records: message
            .records
            .into_iter()
            .map(|record| WireRecord {
                partition_key_index: record.partition_key_index as f64,
                explicit_hash_key_index: record.explicit_hash_key_index.map(|index| index as f64),
                data: record.data.into(),
                tags: record
                    .tags
                    .into_iter()
                    .map(|tag| WireTag { key: text(tag.key), value: tag.value.map(text) })
                    .collect(),
            })
            .collect(),
    })
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Numbers of JavaScript are exact to 2^53.
fn number_to_index(number: f64) -> Result<u64> {
    const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;
    if number.fract() == 0.0 && (0.0..=MAX_SAFE_INTEGER).contains(&number) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
        return Ok(number as u64);
    }
    Err(napi::Error::new(
        Status::InvalidArg,
        format!("ERR_INVALID_ARG_TYPE: {number} is no table index"),
    ))
}

/// The memory of a Uint32Array, to be written to.
fn words_of<'a>(array: &'a mut Uint32ArraySlice<'_>) -> &'a mut [u32] {
    // SAFETY: no JavaScript and no other thread touches the memory during the call, and no other argument
    // views it; see the top of this file.
    unsafe { array.as_mut() }
}

/// The memory of a Uint8Array, to be written to.
fn bytes_of<'a>(array: &'a mut Uint8ArraySlice<'_>) -> &'a mut [u8] {
    // SAFETY: as in `words_of`.
    unsafe { array.as_mut() }
}

/// An error with its code in front, which `src-js/errors.ts` takes apart.
#[cold]
fn thrown(error: Error) -> napi::Error {
    napi::Error::new(Status::GenericFailure, format!("{}: {error}", error.code()))
}

#[cold]
fn internal(what: &'static str) -> napi::Error {
    thrown(Error::handover(what))
}
