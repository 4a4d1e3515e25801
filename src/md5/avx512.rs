//! Sixteen lanes in an AVX-512 register. AVX-512 can rotate, and computes any function of three bits in one
//! instruction: F, G, H and I take one each. [`super`] says why there are not 32 lanes.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_and_si512, _mm512_andnot_si512, _mm512_loadu_si512,
    _mm512_or_si512, _mm512_rol_epi32, _mm512_set1_epi32, _mm512_shuffle_i32x4, _mm512_storeu_si512,
    _mm512_ternarylogic_epi32, _mm512_unpackhi_epi32, _mm512_unpackhi_epi64, _mm512_unpacklo_epi32,
    _mm512_unpacklo_epi64, _mm512_xor_si512,
};

use super::block::Block;
use super::lanes::{self, Lanes};
use super::rounds::{State, Word};

/// Digests blocks of sixteen lanes into their states.
#[target_feature(enable = "avx512f")]
pub(super) fn compress16(state: &mut State<[u32; 16]>, lanes: &[&[Block]; 16]) {
    lanes::compress::<X16, 16>(state, lanes);
}

/// Sixteen lanes. Only the function above creates values of this type, so wherever one exists, the CPU has AVX-512.
#[derive(Clone, Copy)]
struct X16(__m512i);

impl Word for X16 {
    #[inline(always)]
    fn splat(value: u32) -> Self {
        // SAFETY: called only by the function above, which has AVX-512.
        X16(unsafe { _mm512_set1_epi32(value.cast_signed()) })
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: there is an X16, so there is AVX-512.
        X16(unsafe { _mm512_add_epi32(self.0, other.0) })
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: there is an X16, so there is AVX-512.
        X16(unsafe { _mm512_and_si512(self.0, other.0) })
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        // SAFETY: there is an X16, so there is AVX-512.
        X16(unsafe { _mm512_or_si512(self.0, other.0) })
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: there is an X16, so there is AVX-512.
        X16(unsafe { _mm512_xor_si512(self.0, other.0) })
    }
    #[inline(always)]
    fn and_not(self, mask: Self) -> Self {
        // SAFETY: there is an X16, so there is AVX-512.
        X16(unsafe { _mm512_andnot_si512(mask.0, self.0) })
    }
    #[inline(always)]
    fn not(self) -> Self {
        // SAFETY: there is an X16, so there is AVX-512.
        X16(unsafe { _mm512_xor_si512(self.0, _mm512_set1_epi32(-1)) })
    }
    #[inline(always)]
    fn rotate<const L: i32, const R: i32>(self) -> Self {
        // SAFETY: there is an X16, so there is AVX-512.
        X16(unsafe { _mm512_rol_epi32::<L>(self.0) })
    }

    // The immediate is the function's truth table: bit `4b + 2c + d` is its value.
    #[inline(always)]
    fn add_f(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: there is an X16, so there is AVX-512.
        sum.add(X16(unsafe { _mm512_ternarylogic_epi32::<0xca>(b.0, c.0, d.0) }))
    }
    #[inline(always)]
    fn add_g(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: there is an X16, so there is AVX-512.
        sum.add(X16(unsafe { _mm512_ternarylogic_epi32::<0xe4>(b.0, c.0, d.0) }))
    }
    #[inline(always)]
    fn add_h(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: there is an X16, so there is AVX-512.
        sum.add(X16(unsafe { _mm512_ternarylogic_epi32::<0x96>(b.0, c.0, d.0) }))
    }
    #[inline(always)]
    fn add_i(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: there is an X16, so there is AVX-512.
        sum.add(X16(unsafe { _mm512_ternarylogic_epi32::<0x39>(b.0, c.0, d.0) }))
    }
}

impl Lanes<16> for X16 {
    #[inline(always)]
    fn from_lanes(lanes: &[u32; 16]) -> Self {
        // SAFETY: an array of sixteen u32 has 64 readable bytes; the load needs no alignment. Called only by the
        // function above, which has AVX-512.
        X16(unsafe { _mm512_loadu_si512(lanes.as_ptr().cast()) })
    }

    #[inline(always)]
    fn to_lanes(self) -> [u32; 16] {
        let mut lanes = [0; 16];
        // SAFETY: an array of sixteen u32 has 64 writable bytes; the store needs no alignment. There is an X16, so
        // there is AVX-512.
        unsafe { _mm512_storeu_si512(lanes.as_mut_ptr().cast(), self.0) };
        lanes
    }

    /// The block of a lane fills a register. First the words within quarters are transposed, then the quarters.
    #[inline(always)]
    fn transpose(blocks: &[Block; 16], words: &mut [Self; 16]) {
        // SAFETY: each block has 64 readable bytes; the loads need no alignment. Called only by the function above,
        // which has AVX-512.
        unsafe {
            let mut r = [_mm512_set1_epi32(0); 16];
            for (row, block) in r.iter_mut().zip(blocks) {
                *row = _mm512_loadu_si512(block.as_ptr().cast());
            }
            // In q[4g + w], quarter p holds word 4p + w of the lanes 4g to 4g + 3.
            let mut q = r;
            for g in 0..4 {
                let [r0, r1, r2, r3] = [r[4 * g], r[4 * g + 1], r[4 * g + 2], r[4 * g + 3]];
                let (low01, high01) = (_mm512_unpacklo_epi32(r0, r1), _mm512_unpackhi_epi32(r0, r1));
                let (low23, high23) = (_mm512_unpacklo_epi32(r2, r3), _mm512_unpackhi_epi32(r2, r3));
                q[4 * g] = _mm512_unpacklo_epi64(low01, low23);
                q[4 * g + 1] = _mm512_unpackhi_epi64(low01, low23);
                q[4 * g + 2] = _mm512_unpacklo_epi64(high01, high23);
                q[4 * g + 3] = _mm512_unpackhi_epi64(high01, high23);
            }
            for w in 0..4 {
                let even0 = _mm512_shuffle_i32x4::<0x88>(q[w], q[4 + w]);
                let odd0 = _mm512_shuffle_i32x4::<0xdd>(q[w], q[4 + w]);
                let even1 = _mm512_shuffle_i32x4::<0x88>(q[8 + w], q[12 + w]);
                let odd1 = _mm512_shuffle_i32x4::<0xdd>(q[8 + w], q[12 + w]);
                words[w] = X16(_mm512_shuffle_i32x4::<0x88>(even0, even1));
                words[4 + w] = X16(_mm512_shuffle_i32x4::<0x88>(odd0, odd1));
                words[8 + w] = X16(_mm512_shuffle_i32x4::<0xdd>(even0, even1));
                words[12 + w] = X16(_mm512_shuffle_i32x4::<0xdd>(odd0, odd1));
            }
        }
    }
}
