//! Many streams side by side: a SIMD register holds the same state word of each stream.
//!
//! For that the message words are transposed, from a block per lane to a register per word. LLVM would make several
//! hundred single loads and inserts of it, which cost more than the 64 steps. So each instruction set transposes
//! with its own unpack instructions.

use std::hint::black_box;

use super::block::{self, BLOCK_LEN, Block};
use super::rounds::{self, State, Word};

/// A [`Word`] of `N` lanes.
pub(super) trait Lanes<const N: usize>: Word {
    fn from_lanes(lanes: &[u32; N]) -> Self;
    fn to_lanes(self) -> [u32; N];
    /// Transposes one block of each lane into sixteen words of all lanes.
    fn transpose(blocks: &[Block; N], words: &mut [Self; 16]);
}

/// Number of blocks between the current one and the prefetched one, see [`block::prefetch`].
const AHEAD: usize = 4;

/// Digests blocks of every lane into its state: as many as the lane with the fewest blocks has.
#[inline(always)]
pub(super) fn compress<W: Lanes<N>, const N: usize>(state: &mut State<[u32; N]>, lanes: &[&[Block]; N]) {
    let count = lanes.iter().map(|lane| lane.len()).min().unwrap_or(0);
    let [a, b, c, d] = &*state;
    let mut s = [W::from_lanes(a), W::from_lanes(b), W::from_lanes(c), W::from_lanes(d)];
    let mut words = [W::splat(0); 16];
    for at in 0..count {
        // Copied first: lanes at the same offset in their pages share a few cache lines, and would evict each
        // other's line between the loads of its quarters.
        let mut blocks = [[0; BLOCK_LEN]; N];
        for (copy, lane) in blocks.iter_mut().zip(lanes) {
            if let Some(block) = lane.get(at) {
                *copy = *block;
            }
            block::prefetch(lane.as_ptr().wrapping_add(at + AHEAD).cast());
        }
        W::transpose(&blocks, &mut words);
        rounds::compress(&mut s, &words);
    }
    let [a, b, c, d] = s;
    *state = [a.to_lanes(), b.to_lanes(), c.to_lanes(), d.to_lanes()];
}

/// Two registers at a time: while an instruction for one is in progress, one for the other can run.
#[derive(Clone, Copy)]
pub(super) struct Pair<W>(W, W);

impl<W: Word> Word for Pair<W> {
    #[inline(always)]
    fn splat(value: u32) -> Self {
        Pair(W::splat(value), W::splat(value))
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Pair(self.0.add(other.0), self.1.add(other.1))
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Pair(self.0.and(other.0), self.1.and(other.1))
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Pair(self.0.or(other.0), self.1.or(other.1))
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Pair(self.0.xor(other.0), self.1.xor(other.1))
    }
    #[inline(always)]
    fn and_not(self, mask: Self) -> Self {
        Pair(self.0.and_not(mask.0), self.1.and_not(mask.1))
    }
    #[inline(always)]
    fn not(self) -> Self {
        Pair(self.0.not(), self.1.not())
    }
    #[inline(always)]
    fn rotate<const L: i32, const R: i32>(self) -> Self {
        Pair(self.0.rotate::<L, R>(), self.1.rotate::<L, R>())
    }
    #[inline(always)]
    fn reload(words: &[Self; 16]) -> &[Self; 16] {
        // Otherwise LLVM loads each word once for all four rounds and, for lack of registers, spills it.
        black_box(words)
    }
    #[inline(always)]
    fn add_f(sum: Self, b: Self, c: Self, d: Self) -> Self {
        Pair(W::add_f(sum.0, b.0, c.0, d.0), W::add_f(sum.1, b.1, c.1, d.1))
    }
    #[inline(always)]
    fn add_g(sum: Self, b: Self, c: Self, d: Self) -> Self {
        Pair(W::add_g(sum.0, b.0, c.0, d.0), W::add_g(sum.1, b.1, c.1, d.1))
    }
    #[inline(always)]
    fn add_h(sum: Self, b: Self, c: Self, d: Self) -> Self {
        Pair(W::add_h(sum.0, b.0, c.0, d.0), W::add_h(sum.1, b.1, c.1, d.1))
    }
    #[inline(always)]
    fn add_i(sum: Self, b: Self, c: Self, d: Self) -> Self {
        Pair(W::add_i(sum.0, b.0, c.0, d.0), W::add_i(sum.1, b.1, c.1, d.1))
    }
}

macro_rules! pair {
    ($half:literal, $whole:literal) => {
        impl<W: Lanes<$half>> Lanes<$whole> for Pair<W> {
            #[inline(always)]
            fn from_lanes(lanes: &[u32; $whole]) -> Self {
                let (mut low, mut high) = ([0; $half], [0; $half]);
                low.copy_from_slice(&lanes[..$half]);
                high.copy_from_slice(&lanes[$half..]);
                Pair(W::from_lanes(&low), W::from_lanes(&high))
            }
            #[inline(always)]
            fn to_lanes(self) -> [u32; $whole] {
                let mut lanes = [0; $whole];
                lanes[..$half].copy_from_slice(&self.0.to_lanes());
                lanes[$half..].copy_from_slice(&self.1.to_lanes());
                lanes
            }
            #[inline(always)]
            fn transpose(blocks: &[Block; $whole], words: &mut [Self; 16]) {
                let (mut lows, mut highs) = ([W::splat(0); 16], [W::splat(0); 16]);
                if let Some((low, high)) = blocks.split_first_chunk()
                    && let Some(high) = high.first_chunk()
                {
                    W::transpose(low, &mut lows);
                    W::transpose(high, &mut highs);
                }
                for ((word, low), high) in words.iter_mut().zip(lows).zip(highs) {
                    *word = Pair(low, high);
                }
            }
        }
    };
}

pair!(4, 8);
pair!(8, 16);
