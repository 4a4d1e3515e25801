//! Eight lanes in an AVX2 register.

use std::arch::x86_64::{
    __m256i, _mm_cvtsi32_si128, _mm_loadu_si128, _mm256_add_epi32, _mm256_and_si256,
    _mm256_andnot_si256, _mm256_castsi128_si256, _mm256_inserti128_si256, _mm256_loadu_si256,
    _mm256_or_si256, _mm256_set1_epi32, _mm256_sll_epi32, _mm256_srl_epi32, _mm256_storeu_si256,
    _mm256_unpackhi_epi32, _mm256_unpackhi_epi64, _mm256_unpacklo_epi32, _mm256_unpacklo_epi64,
    _mm256_xor_si256,
};

use super::block::Block;
use super::lanes::{self, Lanes, Pair};
use super::rounds::{State, Word};

/// Digests blocks of sixteen lanes into their states.
#[target_feature(enable = "avx2")]
pub(super) fn compress16(state: &mut State<[u32; 16]>, lanes: &[&[Block]; 16]) {
    lanes::compress::<Pair<X8>, 16>(state, lanes);
}

/// Digests blocks of eight lanes into their states.
#[target_feature(enable = "avx2")]
pub(super) fn compress8(state: &mut State<[u32; 8]>, lanes: &[&[Block]; 8]) {
    lanes::compress::<X8, 8>(state, lanes);
}

/// Eight lanes. Only the two functions above create values of this type, so wherever one exists, the CPU has AVX2.
#[derive(Clone, Copy)]
struct X8(__m256i);

impl Word for X8 {
    #[inline(always)]
    fn splat(value: u32) -> Self {
        // SAFETY: called only by the functions above, which have AVX2.
        X8(unsafe { _mm256_set1_epi32(value.cast_signed()) })
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: there is an X8, so there is AVX2.
        X8(unsafe { _mm256_add_epi32(self.0, other.0) })
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: there is an X8, so there is AVX2.
        X8(unsafe { _mm256_and_si256(self.0, other.0) })
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        // SAFETY: there is an X8, so there is AVX2.
        X8(unsafe { _mm256_or_si256(self.0, other.0) })
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: there is an X8, so there is AVX2.
        X8(unsafe { _mm256_xor_si256(self.0, other.0) })
    }
    #[inline(always)]
    fn and_not(self, mask: Self) -> Self {
        // SAFETY: there is an X8, so there is AVX2.
        X8(unsafe { _mm256_andnot_si256(mask.0, self.0) })
    }
    #[inline(always)]
    fn not(self) -> Self {
        // SAFETY: there is an X8, so there is AVX2.
        X8(unsafe { _mm256_xor_si256(self.0, _mm256_set1_epi32(-1)) })
    }
    #[inline(always)]
    fn rotate<const L: i32, const R: i32>(self) -> Self {
        // SAFETY: there is an X8, so there is AVX2.
        unsafe {
            let left = _mm256_sll_epi32(self.0, _mm_cvtsi32_si128(L));
            X8(_mm256_or_si256(left, _mm256_srl_epi32(self.0, _mm_cvtsi32_si128(R))))
        }
    }
}

impl Lanes<8> for X8 {
    #[inline(always)]
    fn from_lanes(lanes: &[u32; 8]) -> Self {
        // SAFETY: an array of eight u32 has 32 readable bytes; the load needs no alignment. Called only by the
        // functions above, which have AVX2.
        X8(unsafe { _mm256_loadu_si256(lanes.as_ptr().cast()) })
    }

    #[inline(always)]
    fn to_lanes(self) -> [u32; 8] {
        let mut lanes = [0; 8];
        // SAFETY: an array of eight u32 has 32 writable bytes; the store needs no alignment. There is an X8, so there
        // is AVX2.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), self.0) };
        lanes
    }

    /// Four words of lane `i` and of lane `i + 4` share a register from the load on. So the transposition never crosses
    /// the halves of a register, which would need a third more shuffles.
    #[inline(always)]
    fn transpose(blocks: &[Block; 8], words: &mut [Self; 16]) {
        for (quarter, words) in words.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let row = |lane: usize| {
                let low = &blocks[lane].as_chunks::<16>().0[quarter];
                let high = &blocks[lane + 4].as_chunks::<16>().0[quarter];
                // SAFETY: both arrays have 16 readable bytes; the loads need no alignment. Called only by the
                // functions above, which have AVX2.
                unsafe {
                    let low = _mm256_castsi128_si256(_mm_loadu_si128(low.as_ptr().cast()));
                    _mm256_inserti128_si256::<1>(low, _mm_loadu_si128(high.as_ptr().cast()))
                }
            };
            let (r0, r1, r2, r3) = (row(0), row(1), row(2), row(3));
            // SAFETY: called only by the functions above, which have AVX2.
            unsafe {
                let (low01, high01) = (_mm256_unpacklo_epi32(r0, r1), _mm256_unpackhi_epi32(r0, r1));
                let (low23, high23) = (_mm256_unpacklo_epi32(r2, r3), _mm256_unpackhi_epi32(r2, r3));
                words[0] = X8(_mm256_unpacklo_epi64(low01, low23));
                words[1] = X8(_mm256_unpackhi_epi64(low01, low23));
                words[2] = X8(_mm256_unpacklo_epi64(high01, high23));
                words[3] = X8(_mm256_unpackhi_epi64(high01, high23));
            }
        }
    }
}
