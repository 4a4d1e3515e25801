//! Many streams side by side: one SIMD register holds the same state word of each.
//!
//! The message words have to be turned for that, from a block per lane to a register per word. Left to
//! LLVM this becomes a few hundred single loads and inserts, which cost more than the 64 steps; each
//! instruction set therefore turns blocks with its own unpack instructions.

use std::hint::black_box;

use super::block::{self, BLOCK_LEN, Block};
use super::rounds::{self, State, Word};

/// A [`Word`] of `N` lanes.
pub(super) trait Lanes<const N: usize>: Word {
    fn from_lanes(lanes: &[u32; N]) -> Self;
    fn to_lanes(self) -> [u32; N];
    /// Turns one block of each lane into sixteen words of all lanes.
    fn turn(blocks: &[Block; N], words: &mut [Self; 16]);
}

/// Blocks that are fetched ahead, see [`block::prefetch`].
const AHEAD: usize = 4;

/// Takes blocks of every lane into its state, as many as the lane with the fewest has.
#[inline(always)]
pub(super) fn compress<W: Lanes<N>, const N: usize>(state: &mut State<[u32; N]>, lanes: &[&[Block]; N]) {
    let count = lanes.iter().map(|lane| lane.len()).min().unwrap_or(0);
    let [a, b, c, d] = &*state;
    let mut s = [W::from_lanes(a), W::from_lanes(b), W::from_lanes(c), W::from_lanes(d)];
    let mut words = [W::splat(0); 16];
    for at in 0..count {
        // Copied first: lanes at one offset in their pages share a few places in the cache, and would push
        // each other's line out between the loads of its quarters.
        let mut blocks = [[0; BLOCK_LEN]; N];
        for (place, lane) in blocks.iter_mut().zip(lanes) {
            if let Some(block) = lane.get(at) {
                *place = *block;
            }
            block::prefetch(lane.as_ptr().wrapping_add(at + AHEAD).cast());
        }
        W::turn(&blocks, &mut words);
        rounds::compress(&mut s, &words);
    }
    let [a, b, c, d] = s;
    *state = [a.to_lanes(), b.to_lanes(), c.to_lanes(), d.to_lanes()];
}

/// Two registers in flight: while one waits for an instruction to finish, the other one's runs.
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
        // LLVM would load each word once for all four rounds and, short of registers, store it elsewhere.
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
            fn turn(blocks: &[Block; $whole], words: &mut [Self; 16]) {
                let (mut lows, mut highs) = ([W::splat(0); 16], [W::splat(0); 16]);
                if let Some((low, high)) = blocks.split_first_chunk()
                    && let Some(high) = high.first_chunk()
                {
                    W::turn(low, &mut lows);
                    W::turn(high, &mut highs);
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
