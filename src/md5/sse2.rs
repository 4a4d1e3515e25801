//! Four lanes in an SSE2 register. Every x86-64 CPU has SSE2.

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_and_si128, _mm_andnot_si128, _mm_cvtsi32_si128, _mm_loadu_si128,
    _mm_or_si128, _mm_set1_epi32, _mm_sll_epi32, _mm_srl_epi32, _mm_storeu_si128, _mm_unpackhi_epi32,
    _mm_unpackhi_epi64, _mm_unpacklo_epi32, _mm_unpacklo_epi64, _mm_xor_si128,
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
struct X4(__m128i);

impl Word for X4 {
    #[inline(always)]
    fn splat(value: u32) -> Self {
        // SAFETY: every x86-64 CPU has SSE2.
        X4(unsafe { _mm_set1_epi32(value.cast_signed()) })
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: every x86-64 CPU has SSE2.
        X4(unsafe { _mm_add_epi32(self.0, other.0) })
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: every x86-64 CPU has SSE2.
        X4(unsafe { _mm_and_si128(self.0, other.0) })
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        // SAFETY: every x86-64 CPU has SSE2.
        X4(unsafe { _mm_or_si128(self.0, other.0) })
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: every x86-64 CPU has SSE2.
        X4(unsafe { _mm_xor_si128(self.0, other.0) })
    }
    #[inline(always)]
    fn and_not(self, mask: Self) -> Self {
        // SAFETY: every x86-64 CPU has SSE2.
        X4(unsafe { _mm_andnot_si128(mask.0, self.0) })
    }
    #[inline(always)]
    fn not(self) -> Self {
        // SAFETY: every x86-64 CPU has SSE2.
        X4(unsafe { _mm_xor_si128(self.0, _mm_set1_epi32(-1)) })
    }
    #[inline(always)]
    fn rotate<const L: i32, const R: i32>(self) -> Self {
        // SAFETY: every x86-64 CPU has SSE2.
        unsafe {
            let left = _mm_sll_epi32(self.0, _mm_cvtsi32_si128(L));
            X4(_mm_or_si128(left, _mm_srl_epi32(self.0, _mm_cvtsi32_si128(R))))
        }
    }
}

impl Lanes<4> for X4 {
    #[inline(always)]
    fn from_lanes(lanes: &[u32; 4]) -> Self {
        // SAFETY: an array of four u32 has 16 readable bytes; the load needs no alignment.
        X4(unsafe { _mm_loadu_si128(lanes.as_ptr().cast()) })
    }

    #[inline(always)]
    fn to_lanes(self) -> [u32; 4] {
        let mut lanes = [0; 4];
        // SAFETY: an array of four u32 has 16 writable bytes; the store needs no alignment.
        unsafe { _mm_storeu_si128(lanes.as_mut_ptr().cast(), self.0) };
        lanes
    }

    #[inline(always)]
    fn transpose(blocks: &[Block; 4], words: &mut [Self; 16]) {
        for (quarter, words) in words.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let row = |lane: usize| {
                let bytes = &blocks[lane].as_chunks::<16>().0[quarter];
                // SAFETY: an array of 16 bytes has 16 readable bytes; the load needs no alignment.
                unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
            };
            let (r0, r1, r2, r3) = (row(0), row(1), row(2), row(3));
            // SAFETY: every x86-64 CPU has SSE2.
            unsafe {
                let (low01, high01) = (_mm_unpacklo_epi32(r0, r1), _mm_unpackhi_epi32(r0, r1));
                let (low23, high23) = (_mm_unpacklo_epi32(r2, r3), _mm_unpackhi_epi32(r2, r3));
                words[0] = X4(_mm_unpacklo_epi64(low01, low23));
                words[1] = X4(_mm_unpackhi_epi64(low01, low23));
                words[2] = X4(_mm_unpacklo_epi64(high01, high23));
                words[3] = X4(_mm_unpackhi_epi64(high01, high23));
            }
        }
    }
}
