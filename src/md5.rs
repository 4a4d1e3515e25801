//! MD5 of one message, and of many at once.
//!
//! KPL adds the MD5 of the message to every aggregated record. It protects against damage, not against attacks, and
//! it is most of the work of checking a record. One digest is a chain of 64 dependent steps per 64 bytes, so a single
//! message cannot be parallelised. But the records of a batch can run side by side, one in each lane of the SIMD
//! registers.
//!
//! - `rounds`: the 64 steps, for a word of one lane or of many.
//! - `block`: blocks and padding. `scalar`: one stream, in general registers.
//! - `lanes`: many streams, with the instructions of `sse2`, `avx2`, `avx512` or `neon`.
//! - `stream`, `queue`: which message is in which lane, and which one is next. `short`: batches of messages of
//!   one block each.
//! - `backend`: which of them this CPU supports.
//!
//! # Speed, and rejected alternatives
//!
//! Throughput as a multiple of OpenSSL 3.0.19 on one stream. Measured in November 2026 on an AMD EPYC of the Zen 4
//! family, 2 shared cores, alternating within one process; medians.
//!
//! | one message of | 64 B | 1 KiB | 64 KiB | 1 MiB |
//! | --- | --- | --- | --- | --- |
//! | [`digest`] | 1.1 | 1.05 | 1.05 | 1.05 |
//! | `md-5` 0.11 crate, which has no assembly for these CPUs | 0.84 | 0.84 | 0.84 | 0.84 |
//!
//! Compared with OpenSSL 3.5.8, which is in Node.js 22 to 26 and has the short chain too, both called from JavaScript
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
//! - The chain limits one stream: 18 operations in four steps (one with each of F, G, H and I), where OpenSSL 3.0
//!   has 19. That is 288 cycles for 64 bytes, and [`digest`] takes exactly 288: 811 MB/s at 3.65 GHz. This chain
//!   cannot be faster. Cheap padding helps with short messages.
//! - The `md-5` crate, with which the tests compare, is slower because it adds the constants within the chain, not
//!   before it.
//! - One stream in a SIMD register, where AVX-512 computes F or I in one instruction, had 0.9 times the throughput
//!   of `digest`: its rotation takes longer than that of a general register.
//! - Plain arrays that LLVM vectorises were the first implementation of many streams. They had 0.6 times the
//!   throughput of AVX2 intrinsics: blocks were transposed word by word, and words were spilled.
//! - 32 lanes in two AVX-512 registers were up to a fifth faster with everything in the cache, but lost more than
//!   that otherwise: so many streams are too many for the CPU's prefetcher.
//! - With up to eight streams, an AVX-512 register is not faster than an AVX2 register, so AVX2 is used.
//! - Streams were first made elsewhere and then moved to their lanes. The copy waited for the stores of its parts,
//!   which took a fifth of the time with 300 B, and more than half with 36 B.
//! - A single remaining message is finished as one stream. Two or more stay in lanes: even two are faster there.
//!
//! # Limits
//!
//! Lanes are fastest with messages of similar lengths. A huge message among small ones takes its own time, whatever
//! the others do, and a lane without a message is idle. Messages that all start at the same offset in a page compete
//! for the same cache lines, which makes AVX2 up to a sixth slower. AVX-512 was not measured on CPUs that lower their
//! clock for it, and NEON was not measured on a real CPU. Big-endian and 32-bit CPUs use one stream only.

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

/// Length of a digest in bytes.
pub const DIGEST_LEN: usize = 16;

/// The digest of one message.
#[inline]
pub fn digest(message: &[u8]) -> [u8; DIGEST_LEN] {
    scalar::digest(message)
}

/// A digest that is computed while its message is written.
///
/// The chain of a digest leaves more than half of the CPU idle. Other work fits in there if both alternate within a
/// few hundred instructions.
pub struct IncrementalMd5 {
    state: rounds::State<u32>,
    taken: usize,
}

impl IncrementalMd5 {
    /// Bytes that are digested at a time. With fewer, the state is stored and loaded more often.
    const STEP: usize = 4 * block::BLOCK_LEN;

    /// Before the first byte.
    pub const START: Self = IncrementalMd5 { state: rounds::INITIAL, taken: 0 };

    /// Digests new whole blocks if there are enough of them. `message` is the part of the message that is written so
    /// far, from its beginning.
    #[inline]
    pub fn catch_up(&mut self, message: &[u8]) {
        if message.len() >= self.taken + Self::STEP {
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

/// Computes the digests of many messages of any lengths, in their order.
///
/// If the slices have different lengths, the surplus of the longer one is ignored.
pub fn digest_all(messages: &[&[u8]], digests: &mut [[u8; DIGEST_LEN]]) {
    digest_all_with(Backend::chosen(), messages, digests);
}

/// [`digest_all`] with a given backend, or with [`Backend::Scalar`] if this CPU does not support it.
pub fn digest_all_with(backend: Backend, messages: &[&[u8]], digests: &mut [[u8; DIGEST_LEN]]) {
    let messages = messages.get(..digests.len()).unwrap_or(messages);
    if messages.len() <= backend.serial_threshold()
        || backend == Backend::Scalar
        || !backend.is_available()
    {
        scalar::digest_each(messages, digests);
        return;
    }

    if messages.iter().all(|message| message.len() <= block::MAX_IN_ONE_BLOCK) {
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
        if running <= backend.serial_threshold() {
            lanes.iter_mut().for_each(Stream::finish);
        } else {
            // SAFETY: the backend is available, or the function would have returned above.
            unsafe { backend.run(running, &mut *lanes) };
        }
        // Backwards, so that the last stream can replace one that has ended.
        for at in (0..running).rev() {
            if !lanes[at].ended() {
                continue;
            }
            if let Some(digest) = digests.get_mut(lanes[at].message()) {
                *digest = lanes[at].digest();
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
