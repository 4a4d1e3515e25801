//! MD5 of one message, and of many at once.
//!
//! KPL seals every aggregated record with the MD5 of its bytes. It guards against damage, not against
//! people, and it is most of the work of checking a record. One digest is a chain of 64 dependent steps per
//! 64 bytes, so one message cannot go faster than one stream; but the records of a batch can run side by
//! side, one in each lane of the SIMD registers.
//!
//! - `rounds`: the 64 steps, for a word of one lane or of many.
//! - `block`: blocks and padding. `scalar`: one stream, in general registers.
//! - `lanes`: many streams; `sse2`, `avx2`, `avx512` and `neon` bring the instructions.
//! - `stream`, `queue`: which message is in which lane, and which one is next. `short`: batches of messages of
//!   one block each.
//! - `backend`: which of them this CPU has.
//!
//! # How fast, and what lost
//!
//! Throughput as a multiple of OpenSSL 3.0.19's on one stream. November 2026, AMD EPYC of the Zen 4 family,
//! 2 shared cores, in turns within one process, medians.
//!
//! | one message of | 64 B | 1 KiB | 64 KiB | 1 MiB |
//! | --- | --- | --- | --- | --- |
//! | [`digest`] | 1.1 | 1.05 | 1.05 | 1.05 |
//! | `md-5` 0.11 crate, which has no assembly for these CPUs | 0.84 | 0.84 | 0.84 | 0.84 |
//!
//! Against OpenSSL 3.5.8, which is in Node.js 22 to 26 and has the short chain too, both called from JavaScript
//! (`crypto.hash`): 1.5 at 500 B, 1.08 at 5 KB, 1.00 from 50 KB on.
//!
//! | [`digest_all`] | sse2 | avx2 | avx512 |
//! | --- | --- | --- | --- |
//! | 2 × 64 KiB | 1.6 | 1.6 | 1.6 |
//! | 8 × 64 KiB | 4.9 | 6.3 | 6.3 |
//! | 16 × 64 KiB | 4.9 | 8.9 | 10.4 |
//! | 16 × 1 MiB | 4.8 | 8.5 | 10.3 |
//! | 100 × 10 KiB | 4.7 | 8.2 | 9.4 |
//! | 100 × 1 KiB | 4.2 | 7.1 | 7.9 |
//! | 100 × 300 B | 3.5 | 5.5 | 6.1 |
//! | 8000 of 0 to 1 KiB | 3.1 | 4.4 | 4.7 |
//! | 64 × 36 B | 2.0 | 2.9 | 3.3 |
//!
//! - One stream is bound by the chain: 18 operations in four steps, one for each of F, G, H and I, where
//!   OpenSSL 3.0 has 19. That makes 288 cycles for 64 bytes, and 288 is what [`digest`] takes: 811 MB/s at
//!   3.65 GHz. More is not to be had from this chain. On short messages it helps that the padding is cheap.
//! - `md-5` is what the tests compare with. It lost because constants are added on the chain, not before.
//! - One stream in a SIMD register, where AVX-512 computes F or I in one instruction, ran at 0.9 times
//!   `digest`: its rotate takes longer than a general register's.
//! - Plain arrays that LLVM vectorises were the first try at many streams. They ran at 0.6 times the AVX2
//!   intrinsics: blocks turned word by word, words spilled.
//! - 32 lanes, two AVX-512 registers, gained up to a fifth where everything was in the cache, and lost more
//!   where it was not: that is more streams than the CPU's prefetcher follows.
//! - Up to eight streams, an AVX-512 register is no faster than an AVX2 one, so those use AVX2.
//! - A stream was made and then moved to its lane. The copy waited for the stores of its parts: with 300 B that took
//!   a fifth of the time, with 36 B more than half.
//! - A single straggler is finished as one stream. Two or more stay in lanes: even two are faster there.
//!
//! # Limits
//!
//! Lanes pay for messages that end together. One giant among small messages takes its own time, whatever
//! the others do, and a lane without a message idles. Messages that all start at the same offset in a page
//! compete for the same cache lines, which costs AVX2 up to a sixth. AVX-512 was not measured on CPUs that
//! lower their clock for it, nor NEON on a real CPU. Big-endian and 32-bit CPUs have one stream only.

mod backend;
mod block;
mod queue;
mod rounds;
mod scalar;
mod short;
mod stream;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little")))]
mod lanes;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
#[cfg(target_arch = "x86_64")]
mod sse2;

pub use backend::Backend;
use backend::MAX_LANES;
use queue::Queue;
use short::Short;
use stream::Stream;

/// Bytes of a digest.
pub const DIGEST_LEN: usize = 16;

/// The digest of one message.
#[inline]
pub fn digest(message: &[u8]) -> [u8; DIGEST_LEN] {
    scalar::digest(message)
}

/// A digest that is taken while its message is written.
///
/// A digest is bound by its chain, which leaves more than half of the CPU idle: other work fits in there, if the
/// two alternate within a few hundred instructions.
pub struct Running {
    state: rounds::State<u32>,
    taken: usize,
}

impl Running {
    /// Bytes that are taken at a time. With fewer, the state goes through memory more often.
    const STEP: usize = 4 * block::BLOCK_LEN;

    /// Before the first byte.
    pub const START: Running = Running { state: rounds::INITIAL, taken: 0 };

    /// Goes on as far as it pays, given the message from its beginning to what is there of it by now.
    #[inline]
    pub fn follow(&mut self, message: &[u8]) {
        if message.len() >= self.taken + Running::STEP {
            self.take_blocks(message);
        }
    }

    /// The digest, given the whole message.
    pub fn finish(mut self, message: &[u8]) -> [u8; DIGEST_LEN] {
        self.take_blocks(message);
        let (_, tail) = block::split(message);
        scalar::compress(&mut self.state, tail.blocks());
        block::to_digest(self.state)
    }

    fn take_blocks(&mut self, message: &[u8]) {
        let (blocks, _) = message.get(self.taken..).unwrap_or_default().as_chunks();
        scalar::compress(&mut self.state, blocks);
        self.taken += blocks.len() * block::BLOCK_LEN;
    }
}

/// The digests of many messages of any lengths, in the order given.
///
/// There is one digest for each message; if the lengths of the slices differ, what the shorter one does not
/// have is left alone.
pub fn digest_all(messages: &[&[u8]], digests: &mut [[u8; DIGEST_LEN]]) {
    digest_all_with(Backend::chosen(), messages, digests);
}

/// [`digest_all`] by a backend of the caller's choice, or by [`Backend::Scalar`] where there is no such one.
pub fn digest_all_with(backend: Backend, messages: &[&[u8]], digests: &mut [[u8; DIGEST_LEN]]) {
    let messages = messages.get(..digests.len()).unwrap_or(messages);
    if messages.len() <= backend.alone() || backend == Backend::Scalar || !backend.is_available() {
        scalar::digest_each(messages, digests);
        return;
    }

    if messages.iter().all(|message| message.len() <= block::MOST_IN_ONE) {
        for (messages, digests) in
            messages.chunks(backend.lanes()).zip(digests.chunks_mut(backend.lanes()))
        {
            // SAFETY: the backend is available, or the function would have returned above.
            unsafe { backend.run(messages.len(), Short { messages, digests }) };
        }
        return;
    }

    let mut queue = Queue::new(messages);
    let mut streams = [Stream::ENDED; MAX_LANES];
    let mut running = 0;
    for (stream, (message, number)) in streams.iter_mut().zip(queue.by_ref().take(backend.lanes())) {
        stream.begin(message, number);
        running += 1;
    }
    while let Some(lanes) = streams.get_mut(..running)
        && running > 0
    {
        if running <= backend.alone() {
            lanes.iter_mut().for_each(Stream::finish);
        } else {
            // SAFETY: the backend is available, or the function would have returned above.
            unsafe { backend.run(running, &mut *lanes) };
        }
        // From the end, so that the last stream can take an ended one's place.
        for at in (0..running).rev() {
            if !lanes[at].ended() {
                continue;
            }
            if let Some(place) = digests.get_mut(lanes[at].message()) {
                *place = lanes[at].digest();
            }
            if let Some((message, number)) = queue.next() {
                lanes[at].begin(message, number);
            } else {
                running -= 1;
                lanes.swap(at, running);
            }
        }
    }
}
