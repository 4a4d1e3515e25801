//! Limits on the cost of untrusted bytes. The allocator counts the memory; growth of time stands for work.
//!
//! The index is memory of the caller. Its size depends on the bytes and is checked as a number.

#![allow(clippy::disallowed_macros, reason = "no addon that may be unloaded")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use kinesis_agg::base64;
use kinesis_agg::decode::{self, ASCII, Index};
use kinesis_agg::error::{Error, Reason};
use kinesis_agg::frame::{Framed, MAGIC};
use kinesis_agg::md5;
use kinesis_agg::wire::MAX_GROUP_DEPTH;

/// Counts allocations per thread, so that parallel tests do not disturb each other.
struct Counting;

thread_local! {
    static NOW: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: passes every call unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.get() + layout.size();
        NOW.set(now);
        PEAK.set(PEAK.get().max(now));
        // SAFETY: the contract of the caller is that of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.set(NOW.get().saturating_sub(layout.size()));
        // SAFETY: the contract of the caller is that of the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs `work`. Returns its result and the peak of the bytes that it had allocated.
fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.get();
    PEAK.set(before);
    let result = work();
    (result, PEAK.get() - before)
}

/// `native`, or fewer under Miri, which is about a thousand times slower.
const fn count(native: usize) -> usize {
    if cfg!(miri) { native / 2000 } else { native }
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push((value & 0x7f) as u8);
    bytes
}

fn field(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag][..], &varint(content.len() as u64), content].concat()
}

fn record(key: u64, hash_key: Option<u64>, data: &[u8]) -> Vec<u8> {
    let hash_key = hash_key.map_or(Vec::new(), |index| [vec![0x10], varint(index)].concat());
    field(0x1a, &[vec![0x08], varint(key), hash_key, field(0x1a, data)].concat())
}

const EMPTY_KEY: [u8; 2] = [0x0a, 0];

/// Reads a message into the smallest index and returns the number of records. `words` is resized even if it fails.
fn read(message: &[u8], words: &mut Vec<u32>) -> Result<usize, Error> {
    let counts = decode::count_fields(message)?;
    words.resize(counts.words(), 0);
    decode::fill(message, 0, &mut Index::new(words, &counts)?)?;
    Ok(counts.records)
}

fn reason_of(message: &[u8]) -> Option<Reason> {
    read(message, &mut Vec::new()).err().and_then(|error| error.detail()).map(|(reason, _)| reason)
}

/// Messages of about `n` bytes that are made to cost much, with their names.
fn amplifiers(n: usize) -> Vec<(&'static str, Vec<u8>)> {
    let half = n / 2;
    vec![
        (
            "one huge key, records of nothing",
            [field(0x0a, &vec![b'k'; half]), record(0, None, b"").repeat(half / 6)].concat(),
        ),
        ("empty table entries", EMPTY_KEY.repeat(half)),
        ("empty entries of the other table", [0x12, 0].repeat(half)),
        ("the shortest records", [&EMPTY_KEY[..], &record(0, None, b"").repeat(n / 6)].concat()),
        ("empty records, then the key", [&[0x1a, 0].repeat(half)[..], &EMPTY_KEY].concat()),
        ("records shorter than any", [0x1a, 2, 8, 0].repeat(n / 4)),
        ("records outside the table", record(7, None, b"").repeat(n / 6)),
        ("the last record outside", [record(0, None, b"").repeat(n / 6), record(1, None, b"")].concat()),
        ("groups without an end", vec![0x2b; n]),
        ("one group full of groups", [vec![0x2b], [0x33, 0x34].repeat(half), vec![0x2c]].concat()),
        (
            "many groups of maximum depth",
            [vec![0x2b; MAX_GROUP_DEPTH], vec![0x2c; MAX_GROUP_DEPTH]]
                .concat()
                .repeat(n / (2 * MAX_GROUP_DEPTH)),
        ),
        ("a group in each record", {
            let deep = [vec![0x2b; MAX_GROUP_DEPTH], vec![0x2c; MAX_GROUP_DEPTH], vec![8, 0, 0x1a, 0]];
            [EMPTY_KEY.to_vec(), field(0x1a, &deep.concat()).repeat(n / 207)].concat()
        }),
        ("one-byte varints", [0x20, 0x01].repeat(half)),
        ("continuation bytes", vec![0x80; n]),
        ("one record with its data many times", {
            let body = [vec![8, 0], [0x1a, 0].repeat(half)].concat();
            [EMPTY_KEY.to_vec(), field(0x1a, &body)].concat()
        }),
        ("one record full of tags", {
            let body = [vec![8, 0, 0x1a, 0], [0x22, 2, 0x0a, 0].repeat(n / 4)].concat();
            [EMPTY_KEY.to_vec(), field(0x1a, &body)].concat()
        }),
        ("keys that are not UTF-8", field(0x0a, &[0xff]).repeat(n / 3)),
    ]
}

#[test]
fn the_index_has_at_most_four_times_the_bytes_and_nothing_else_is_allocated() {
    for (name, message) in amplifiers(count(2_000_000)) {
        let mut words = Vec::new();
        let (_, allocated) = peak(|| read(&message, &mut words));
        let index = words.capacity() * size_of::<u32>();
        assert!(index <= 4 * message.len(), "{name}: an index of {index} for {} bytes", message.len());
        assert_eq!(allocated, index, "{name}: more than the index");
        let (_, allocated) = peak(|| decode::visit(&message, drop));
        assert_eq!(allocated, 0, "{name}: validating");
    }
}

#[test]
fn amplifiers_are_read_or_refused_by_the_rules() {
    let n = count(2_000_000);
    let expected = |name: &str| match name {
        "empty records, then the key" | "groups without an end" | "continuation bytes" => false,
        name => !name.contains("outside") && !name.contains("shorter than any"),
    };
    for (name, message) in amplifiers(n) {
        assert_eq!(read(&message, &mut Vec::new()).is_ok(), expected(name), "{name}");
    }
    let many = count(1_000_000);
    let huge =
        [field(0x0a, &vec![b'k'; many / 2]), record(0, None, b"data!").repeat(many / 10)].concat();
    assert_eq!(read(&huge, &mut Vec::new()), Ok(many / 10));
    assert_eq!(read(&EMPTY_KEY.repeat(many), &mut Vec::new()), Ok(0));
    let records = [&EMPTY_KEY[..], &record(0, None, b"").repeat(many)].concat();
    assert_eq!(read(&records, &mut Vec::new()), Ok(many));
    assert_eq!(reason_of(&[0x1a, 0].repeat(many)), Some(Reason::MissingKeyIndex));
    let varints = [0x20, 1].repeat(count(5 << 20));
    assert_eq!(read(&varints, &mut Vec::new()), Ok(0));
}

/// CPU time of this thread in nanoseconds. Elapsed time would depend on the load of the machine.
#[cfg(target_os = "linux")]
fn cpu_time() -> i64 {
    #[repr(C)]
    struct Time {
        seconds: std::ffi::c_long,
        nanoseconds: std::ffi::c_long,
    }
    unsafe extern "C" {
        fn clock_gettime(clock: std::ffi::c_int, time: *mut Time) -> std::ffi::c_int;
    }
    const CLOCK_THREAD_CPUTIME_ID: std::ffi::c_int = 3;
    let mut time = Time { seconds: 0, nanoseconds: 0 };
    // SAFETY: the function writes one `timespec`, which is two longs on 64-bit Linux.
    assert_eq!(unsafe { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &raw mut time) }, 0);
    time.seconds * 1_000_000_000 + time.nanoseconds
}

/// The codec does not count its steps, so the test measures time. Quadratic work would take 256 times as long.
#[test]
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[cfg_attr(miri, ignore = "a clock")]
fn sixteen_times_the_bytes_do_not_take_eighty_times_as_long() {
    let time = |message: &[u8]| {
        let mut words = Vec::new();
        let run = || {
            let start = cpu_time();
            let _ = read(message, &mut words);
            cpu_time() - start
        };
        std::iter::repeat_with(run).take(5).min().unwrap()
    };
    let (small, large) = (amplifiers(20_000), amplifiers(320_000));
    for ((name, small), (_, large)) in small.iter().zip(&large) {
        let (small, large) = (time(small), time(large));
        assert!(large < small.max(10_000) * 80, "{name}: {small} ns, then {large} ns");
    }
}

#[test]
fn lengths_around_every_width_are_refused_in_every_position() {
    let widths = [1 << 31, 1 << 32, 1 << 63].map(|at: u64| [at - 1, at, at + 1]).concat();
    for length in widths.into_iter().chain([u64::MAX - 1, u64::MAX]) {
        let length = varint(length);
        for (place, message) in [
            ("a key", [&[0x0a][..], &length, b"abc"].concat()),
            ("a hash key", [&[0x12][..], &length, b"abc"].concat()),
            ("a record", [&[0x1a][..], &length, &[8, 0, 0x1a, 0]].concat()),
            ("an unknown field", [&[0x22][..], &length, b"abc"].concat()),
            ("data", [&EMPTY_KEY[..], &field(0x1a, &[&[8, 0, 0x1a][..], &length].concat())].concat()),
            (
                "a tag",
                [&EMPTY_KEY[..], &field(0x1a, &[&[8, 0, 0x1a, 0, 0x22][..], &length].concat())].concat(),
            ),
            ("in a group", [&[0x2b, 0x32][..], &length, &[0x2c]].concat()),
        ] {
            assert_eq!(reason_of(&message), Some(Reason::LengthPastEnd), "{place}, {length:?}");
        }
    }
}

/// Truncated to 32 bits, 2^32 would be 0, which is in the table.
#[test]
fn indexes_around_every_width_are_refused() {
    for at in [1 << 31, 1 << 32, 1 << 33, 1 << 63] {
        for index in [at - 1, at, at + 1, u64::MAX - 1, u64::MAX] {
            let key = [&EMPTY_KEY[..], &record(index, None, b"")].concat();
            assert_eq!(reason_of(&key), Some(Reason::KeyIndexOutside), "{index}");
            let hash_key = [&EMPTY_KEY[..], &[0x12, 0], &record(0, Some(index), b"")].concat();
            assert_eq!(reason_of(&hash_key), Some(Reason::HashKeyIndexOutside), "{index}");
        }
    }
    // Bits above the 64th are dropped, as in KCL: this index is 0.
    let wide = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7e];
    let message = [&EMPTY_KEY[..], &field(0x1a, &[&[8][..], &wide, &[0x1a, 0]].concat())].concat();
    assert_eq!(read(&message, &mut Vec::new()), Ok(1));
}

#[test]
fn field_numbers_over_29_bits_are_refused() {
    for tag in [(1 << 32) | 0x0a, (1 << 35) | 0x1a, u64::MAX] {
        assert_eq!(reason_of(&[varint(tag), vec![0]].concat()), Some(Reason::BadTag), "{tag:#x}");
    }
}

#[test]
fn base64_of_any_records_needs_only_a_small_slab() {
    // Data of one byte has the most padding.
    for data in [&b""[..], b"1", b"22", b"333", b"4444"] {
        let message = [&EMPTY_KEY[..], &record(0, None, data).repeat(count(200_000))].concat();
        let data = [&MAGIC[..], &message, &[0; 16]].concat();
        let counts = decode::count_fields(&message).unwrap();
        let mut words = vec![0; counts.words()];
        let mut index = Index::new(&mut words, &counts).unwrap();
        decode::fill(&message, MAGIC.len(), &mut index).unwrap();
        let mut slab = [0; 32 * 1024];
        let mut rest = &mut *index.records;
        while !rest.is_empty() {
            let (written, allocated) = peak(|| base64::write(&data, rest, &mut slab));
            assert_eq!(allocated, 0);
            let (encoded, others) = rest.split_at_mut(written.unwrap());
            let [_, _, offset, length] = *encoded.last().unwrap();
            assert!((offset + length) as usize <= slab.len());
            rest = others;
        }
    }
}

#[test]
fn an_index_never_points_outside_the_message() {
    for (name, message) in amplifiers(count(200_000)) {
        let mut words = Vec::new();
        if read(&message, &mut words).is_err() {
            continue;
        }
        let counts = decode::count_fields(&message).unwrap();
        let tables = (counts.keys + counts.hash_keys) * decode::KEY_WORDS;
        let inside = |offset: u32, length: u32| {
            assert!(offset as usize + (length & !ASCII) as usize <= message.len(), "{name}");
        };
        for entry in words[..tables].as_chunks::<2>().0 {
            inside(entry[0], entry[1]);
        }
        for &[key, hash_key, offset, length] in words[tables..].as_chunks::<4>().0 {
            assert!((key as usize) < counts.keys && hash_key as usize <= counts.hash_keys, "{name}");
            inside(offset, length);
        }
    }
}

#[test]
fn digests_of_many_messages_allocate_nothing() {
    let message = vec![0x61; count(400_000)];
    let messages: Vec<&[u8]> =
        (0..count(200_000)).map(|i| &message[..if i == 7 { message.len() } else { i % 20 }]).collect();
    let mut digests = vec![[0; md5::DIGEST_LEN]; messages.len()];
    let ((), allocated) = peak(|| md5::digest_all(&messages, &mut digests));
    assert_eq!(allocated, 0);
    assert_eq!(digests[7 % digests.len()], md5::digest(messages[7 % messages.len()]));
}

#[test]
fn a_record_of_more_than_two_gib_is_refused_before_it_is_read() {
    // Untouched pages cost nothing. A reader of the zeros would report a broken tag.
    if cfg!(miri) || size_of::<usize>() < 8 {
        return;
    }
    let message = vec![0; decode::MAX_RECORD + 1];
    let error = decode::count_fields(&message).unwrap_err();
    assert_eq!(error.detail(), Some((Reason::TooLong, decode::MAX_RECORD)));
    let error = decode::count_fields(&message[..decode::MAX_RECORD]).unwrap_err();
    assert_eq!(error.detail(), Some((Reason::BadTag, 0)));
    assert_eq!(Framed::split(&message).map(|framed| framed.message.len()), None);
}
