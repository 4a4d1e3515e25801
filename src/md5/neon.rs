//! Four lanes in a NEON register. Every 64-bit Arm CPU has NEON.

use std::arch::aarch64::{
    uint32x4_t, vaddq_u32, vandq_u32, vbicq_u32, vbslq_u32, vdupq_n_u32, veorq_u32, vld1q_u8, vld1q_u32,
    vmvnq_u32, vorrq_u32, vreinterpretq_u32_u8, vshlq_n_u32, vsriq_n_u32, vst1q_u32, vzip1q_u32,
    vzip2q_u32,
};

use super::block::Block;
use super::lanes::{self, Lanes, Pair};
use super::rounds::{State, Word};

/// Digests blocks of eight lanes into their states.
pub(super) fn compress8(state: &mut State<[u32; 8]>, lanes: &[&[Block]; 8]) {
    lanes::compress::<Pair<X4>, 8>(state, lanes);
}

/// Digests blocks of four lanes into their states.
pub(super) fn compress4(state: &mut State<[u32; 4]>, lanes: &[&[Block]; 4]) {
    lanes::compress::<X4, 4>(state, lanes);
}

/// Four lanes.
#[derive(Clone, Copy)]
struct X4(uint32x4_t);

impl Word for X4 {
    #[inline(always)]
    fn splat(value: u32) -> Self {
        // SAFETY: every 64-bit Arm CPU has NEON.
        X4(unsafe { vdupq_n_u32(value) })
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: every 64-bit Arm CPU has NEON.
        X4(unsafe { vaddq_u32(self.0, other.0) })
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: every 64-bit Arm CPU has NEON.
        X4(unsafe { vandq_u32(self.0, other.0) })
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        // SAFETY: every 64-bit Arm CPU has NEON.
        X4(unsafe { vorrq_u32(self.0, other.0) })
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: every 64-bit Arm CPU has NEON.
        X4(unsafe { veorq_u32(self.0, other.0) })
    }
    #[inline(always)]
    fn and_not(self, mask: Self) -> Self {
        // SAFETY: every 64-bit Arm CPU has NEON.
        X4(unsafe { vbicq_u32(self.0, mask.0) })
    }
    #[inline(always)]
    fn not(self) -> Self {
        // SAFETY: every 64-bit Arm CPU has NEON.
        X4(unsafe { vmvnq_u32(self.0) })
    }
    #[inline(always)]
    fn rotate<const L: i32, const R: i32>(self) -> Self {
        // SAFETY: every 64-bit Arm CPU has NEON.
        X4(unsafe { vsriq_n_u32::<R>(vshlq_n_u32::<L>(self.0), self.0) })
    }

    // NEON selects bit by bit in one instruction.
    #[inline(always)]
    fn add_f(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: every 64-bit Arm CPU has NEON.
        sum.add(X4(unsafe { vbslq_u32(b.0, c.0, d.0) }))
    }
    #[inline(always)]
    fn add_g(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: every 64-bit Arm CPU has NEON.
        sum.add(X4(unsafe { vbslq_u32(d.0, b.0, c.0) }))
    }
}

impl Lanes<4> for X4 {
    #[inline(always)]
    fn from_lanes(lanes: &[u32; 4]) -> Self {
        // SAFETY: an array of four u32 has four readable words.
        X4(unsafe { vld1q_u32(lanes.as_ptr()) })
    }

    #[inline(always)]
    fn to_lanes(self) -> [u32; 4] {
        let mut lanes = [0; 4];
        // SAFETY: an array of four u32 has four writable words.
        unsafe { vst1q_u32(lanes.as_mut_ptr(), self.0) };
        lanes
    }

    #[inline(always)]
    fn transpose(blocks: &[Block; 4], words: &mut [Self; 16]) {
        for (quarter, words) in words.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let row = |lane: usize| {
                let bytes = &blocks[lane].as_chunks::<16>().0[quarter];
                // SAFETY: an array of 16 bytes has 16 readable bytes.
                unsafe { vreinterpretq_u32_u8(vld1q_u8(bytes.as_ptr())) }
            };
            let (r0, r1, r2, r3) = (row(0), row(1), row(2), row(3));
            // SAFETY: every 64-bit Arm CPU has NEON.
            unsafe {
                let (low02, high02) = (vzip1q_u32(r0, r2), vzip2q_u32(r0, r2));
                let (low13, high13) = (vzip1q_u32(r1, r3), vzip2q_u32(r1, r3));
                words[0] = X4(vzip1q_u32(low02, low13));
                words[1] = X4(vzip2q_u32(low02, low13));
                words[2] = X4(vzip1q_u32(high02, high13));
                words[3] = X4(vzip2q_u32(high02, high13));
            }
        }
    }
}
