//! MD5 with every backend of this CPU, compared with RFC 1321 and with the `md-5` crate.

use ::md5::{Digest, Md5};
use kinesis_agg::md5::{self, Backend, DIGEST_LEN};

/// The digest by the `md-5` crate.
fn expected(message: &[u8]) -> [u8; DIGEST_LEN] {
    Md5::digest(message).into()
}

/// Pseudo-random numbers, the same on every run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % limit
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

/// Checks a batch with every backend. A failure names backend, number and length.
fn check(messages: &[&[u8]]) {
    let wanted: Vec<_> = messages.iter().map(|message| expected(message)).collect();
    let mut digests = vec![[0; DIGEST_LEN]; messages.len()];
    md5::digest_all(messages, &mut digests);
    assert!(digests == wanted, "detected backend, {} messages", messages.len());
    for backend in Backend::available() {
        digests.fill([0; DIGEST_LEN]);
        md5::digest_all_with(backend, messages, &mut digests);
        for (number, message) in messages.iter().enumerate() {
            assert_eq!(
                digests[number],
                wanted[number],
                "{}: message {number} of {}, {} bytes",
                backend.name(),
                messages.len(),
                message.len()
            );
        }
    }
}

/// Miri is about a thousand times slower, so it runs fewer rounds.
const fn rounds(native: usize, miri: usize) -> usize {
    if cfg!(miri) { miri } else { native }
}

/// RFC 1321, appendix A.5.
const SUITE: [(&str, &str); 7] = [
    ("", "d41d8cd98f00b204e9800998ecf8427e"),
    ("a", "0cc175b9c0f1b6a831c399e269772661"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    (
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "d174ab98d277d9f5a5611c2c9f419d9f",
    ),
    (
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
        "57edf4a22be3c955ac49da2e2107b67a",
    ),
];

#[test]
fn rfc_1321_suite() {
    let messages = SUITE.map(|(message, _)| message.as_bytes());
    let hex =
        |digest: &[u8; DIGEST_LEN]| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for (message, wanted) in SUITE {
        assert_eq!(hex(&md5::digest(message.as_bytes())), wanted);
    }
    for backend in Backend::available() {
        let mut digests = [[0; DIGEST_LEN]; SUITE.len()];
        md5::digest_all_with(backend, &messages, &mut digests);
        for ((_, wanted), digest) in SUITE.iter().zip(&digests) {
            assert_eq!(hex(digest), *wanted, "{}", backend.name());
        }
    }
}

#[test]
fn every_short_length() {
    let bytes = Random(1).bytes(300);
    let messages: Vec<&[u8]> = (0..=rounds(300, 130)).map(|length| &bytes[..length]).collect();
    for message in &messages {
        assert_eq!(md5::digest(message), expected(message), "{} bytes", message.len());
    }
    check(&messages);
    // Two messages use the fewest lanes.
    for message in messages.iter().step_by(rounds(1, 31)) {
        check(&[message, message]);
    }
}

#[test]
fn long_lengths_at_odd_addresses() {
    let bytes = Random(2).bytes(65_600);
    for length in [4095, 4096, 4097, 4098, 4099, 4100, 65_535, 65_536, 65_537] {
        if cfg!(miri) && length > 4096 {
            continue;
        }
        for start in [0, 1, 3, 63].into_iter().take(rounds(4, 1)) {
            let message = &bytes[start..start + length];
            assert_eq!(md5::digest(message), expected(message), "{length} bytes from {start}");
        }
        check(&[&bytes[1..=length], &bytes[3..3 + length], &bytes[..7]]);
    }
}

#[test]
fn every_count_of_equal_messages() {
    let mut random = Random(3);
    let bytes = random.bytes(4096);
    for count in (0..=70).step_by(rounds(1, 23)) {
        let length = random.below(rounds(1000, 200));
        let messages: Vec<_> = (0..count)
            .map(|_| random.below(4096 - length))
            .map(|start| &bytes[start..start + length])
            .collect();
        check(&messages);
    }
}

#[test]
fn batches_of_one_block_each() {
    let mut random = Random(9);
    let bytes = random.bytes(55);
    for count in (0..=70).step_by(rounds(1, 23)) {
        let messages: Vec<_> = (0..count).map(|_| &bytes[random.below(56)..]).collect();
        check(&messages);
        // One message of two blocks makes the whole batch take the other path.
        let longest = random.bytes(56);
        check(&[&messages[..], &[&longest]].concat());
    }
}

#[test]
fn random_batches() {
    let mut random = Random(4);
    let bytes = random.bytes(20_000);
    for round in 0..rounds(300, 3) {
        let count = 1 + random.below(70);
        let longest = [70, 300, 2000, 20_000][round % 4].min(rounds(20_000, 300));
        let messages: Vec<&[u8]> = (0..count)
            .map(|_| match random.below(4) {
                0 => &[][..],
                1 => &bytes[..random.below(130)],
                _ => &bytes[..random.below(longest)],
            })
            .collect();
        check(&messages);
    }
}

#[test]
fn giants_among_small_ones() {
    let mut random = Random(5);
    let bytes = random.bytes(rounds(1 << 20, 3000));
    for giants in [1, 2, 5, 9, 17, 40].into_iter().take(rounds(6, 2)) {
        let mut messages: Vec<&[u8]> =
            (0..rounds(200, 40)).map(|_| &bytes[..random.below(100)]).collect();
        for _ in 0..giants {
            let at = random.below(messages.len());
            messages.insert(at, &bytes[random.below(1000)..]);
        }
        check(&messages);
    }
}

#[test]
fn thousands_of_messages() {
    let mut random = Random(6);
    let bytes = random.bytes(700);
    let messages: Vec<&[u8]> = (0..rounds(5000, 150)).map(|_| &bytes[random.below(700)..]).collect();
    check(&messages[..rounds(5000, 40)]);
    check(&vec![&[][..]; rounds(1000, 40)]);
}

#[test]
fn digests_are_in_the_order_of_the_messages() {
    let bytes = Random(7).bytes(100);
    let messages: Vec<&[u8]> = (0..100).rev().map(|length| &bytes[..length]).collect();
    check(&messages[..rounds(100, 40)]);
}

#[test]
fn an_incremental_digest_is_the_same() {
    let mut random = Random(9);
    for length in (0..400).chain([1000, 4095, 4096, 70_000]) {
        let message = random.bytes(length);
        let mut incremental = md5::IncrementalMd5::START;
        let mut written = 0;
        while written < length {
            // Often nothing, or less than a block, or more than is digested at a time.
            written = length.min(written + random.below(600) * random.below(2));
            incremental.catch_up(&message[..written]);
        }
        assert_eq!(incremental.finish(&message), expected(&message), "{length}");
        assert_eq!(
            md5::IncrementalMd5::START.finish(&message),
            expected(&message),
            "{length}, all at once"
        );
    }
}

#[test]
fn backends_have_names() {
    let available: Vec<_> = Backend::available().collect();
    assert_eq!(available.first(), Some(&Backend::Scalar));
    assert_eq!(available.last(), Some(&Backend::detect()));
    for name in ["scalar", "sse2", "avx2", "avx512", "neon"] {
        assert_eq!(Backend::from_name(name).map(Backend::name), Some(name));
    }
    assert_eq!(Backend::from_name("mmx"), None);
}

#[test]
fn a_backend_of_another_cpu_falls_back() {
    let foreign = if cfg!(target_arch = "x86_64") { Backend::Neon } else { Backend::Avx2 };
    let mut digests = [[0; DIGEST_LEN]; 3];
    md5::digest_all_with(foreign, &[b"a", b"b", b"c"], &mut digests);
    assert_eq!(digests, [expected(b"a"), expected(b"b"), expected(b"c")]);
}
