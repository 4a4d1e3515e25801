//! The 64 steps of RFC 1321, written once for one lane and for many.
//!
//! MD5 is a chain: every step needs the result of the step before. So only the operations between the `b` of one step
//! and that of the next count for one stream. Two things keep the chain short.
//!
//! - G selects from `b` and `c` by the bits of `d`. The two halves have no bit in common, so they can be *added*, and
//!   the half that does not need the newest value is added to `a + word + constant` early: four operations on the
//!   chain, where the `or` of the textbook needs five. F, H and I gain nothing from this.
//! - `a + word + constant` is known three steps ahead. If LLVM knows the constant, it moves it to the end of the sum,
//!   into the chain. So the constants come from a table behind [`black_box`]. That costs a load, outside the chain.
//!   An empty `asm!` has the same effect and, as measured, the same speed, but would be `unsafe`.

use std::hint::black_box;

/// The four words of the MD5 state, `a b c d`, each for one lane or for many.
pub(super) type State<W> = [W; 4];

/// The operations on a word: a `u32`, or a SIMD register with one `u32` per lane. Additions wrap.
///
/// The methods are safe because a SIMD word is created only where the CPU is known to have its instructions. Each
/// implementation says where that is.
pub(super) trait Word: Copy {
    fn splat(value: u32) -> Self;
    fn add(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    /// `self & !mask`.
    fn and_not(self, mask: Self) -> Self;
    fn not(self) -> Self;
    /// Rotates left by `L`; `R` is `32 - L`, for instruction sets whose shifts take immediates.
    fn rotate<const L: i32, const R: i32>(self) -> Self;

    /// The message words for the next sixteen steps. An implementation may hide from the compiler that they are the
    /// same as before.
    #[inline(always)]
    fn reload(words: &[Self; 16]) -> &[Self; 16] {
        words
    }

    /// The first sum of a block. An implementation may hide its parts from the compiler.
    #[inline(always)]
    fn settle(sum: Self) -> Self {
        sum
    }

    /// `sum + F(b, c, d)`. F has the bits of `c` where `b` is one, and those of `d` elsewhere.
    #[inline(always)]
    fn add_f(sum: Self, b: Self, c: Self, d: Self) -> Self {
        sum.add(c.xor(d).and(b).xor(d))
    }

    /// `sum + G(b, c, d)`. G has the bits of `b` where `d` is one, and those of `c` elsewhere.
    #[inline(always)]
    fn add_g(sum: Self, b: Self, c: Self, d: Self) -> Self {
        sum.add(c.and_not(d)).add(b.and(d))
    }

    /// `sum + H(b, c, d)`. H is the parity.
    #[inline(always)]
    fn add_h(sum: Self, b: Self, c: Self, d: Self) -> Self {
        sum.add(c.xor(d).xor(b))
    }

    /// `sum + I(b, c, d)`. I is `c ^ (b | !d)`.
    #[inline(always)]
    fn add_i(sum: Self, b: Self, c: Self, d: Self) -> Self {
        sum.add(d.not().or(b).xor(c))
    }
}

impl Word for u32 {
    #[inline(always)]
    fn splat(value: u32) -> Self {
        value
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self & other
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        self | other
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self ^ other
    }
    #[inline(always)]
    fn and_not(self, mask: Self) -> Self {
        self & !mask
    }
    #[inline(always)]
    fn not(self) -> Self {
        !self
    }
    #[inline(always)]
    fn rotate<const L: i32, const R: i32>(self) -> Self {
        self.rotate_left(L.unsigned_abs())
    }
    /// Otherwise LLVM adds its parts to F one by one: two more operations on the chain.
    #[inline(always)]
    fn settle(sum: Self) -> Self {
        black_box(sum)
    }
    /// Each word is used once in sixteen steps. Keeping words in registers would push the state out of them.
    #[inline(always)]
    fn reload(words: &[Self; 16]) -> &[Self; 16] {
        black_box(words)
    }
}

/// Four steps. `$at` is the number of the first one, `$x` are the message words in the order of use.
macro_rules! four {
    ($s:ident, $m:ident, $k:expr, $f:ident, [$($l:literal $r:literal),*], $at:literal: $x0:literal $x1:literal $x2:literal $x3:literal) => {
        four!(@ $s, $m, $k, $f, [$($l $r),*], $at, [$x0 $x1 $x2 $x3]);
    };
    (@ $s:ident, $m:ident, $k:expr, $f:ident,
     [$l0:literal $r0:literal, $l1:literal $r1:literal, $l2:literal $r2:literal, $l3:literal $r3:literal],
     $at:literal, [$x0:literal $x1:literal $x2:literal $x3:literal]) => {
        let [a, b, c, d] = $s;
        let sum = a.add(W::splat($k[$at])).add($m[$x0]);
        let sum = if $at == 0 { W::settle(sum) } else { sum };
        let a = W::$f(sum, b, c, d).rotate::<$l0, $r0>().add(b);
        let d = W::$f(d.add(W::splat($k[$at + 1])).add($m[$x1]), a, b, c).rotate::<$l1, $r1>().add(a);
        let c = W::$f(c.add(W::splat($k[$at + 2])).add($m[$x2]), d, a, b).rotate::<$l2, $r2>().add(d);
        let b = W::$f(b.add(W::splat($k[$at + 3])).add($m[$x3]), c, d, a).rotate::<$l3, $r3>().add(c);
        $s = [a, b, c, d];
    };
}

/// Digests one block of each lane into the state.
#[inline(always)]
pub(super) fn compress<W: Word>(state: &mut State<W>, words: &[W; 16]) {
    // For every block again; otherwise LLVM would load all constants before the first block and spill them.
    let k = black_box(&CONSTANTS);
    let mut s = *state;
    let m = W::reload(words);
    four!(s, m, k, add_f, [7 25, 12 20, 17 15, 22 10], 0: 0 1 2 3);
    four!(s, m, k, add_f, [7 25, 12 20, 17 15, 22 10], 4: 4 5 6 7);
    four!(s, m, k, add_f, [7 25, 12 20, 17 15, 22 10], 8: 8 9 10 11);
    four!(s, m, k, add_f, [7 25, 12 20, 17 15, 22 10], 12: 12 13 14 15);
    let m = W::reload(words);
    four!(s, m, k, add_g, [5 27, 9 23, 14 18, 20 12], 16: 1 6 11 0);
    four!(s, m, k, add_g, [5 27, 9 23, 14 18, 20 12], 20: 5 10 15 4);
    four!(s, m, k, add_g, [5 27, 9 23, 14 18, 20 12], 24: 9 14 3 8);
    four!(s, m, k, add_g, [5 27, 9 23, 14 18, 20 12], 28: 13 2 7 12);
    let m = W::reload(words);
    four!(s, m, k, add_h, [4 28, 11 21, 16 16, 23 9], 32: 5 8 11 14);
    four!(s, m, k, add_h, [4 28, 11 21, 16 16, 23 9], 36: 1 4 7 10);
    four!(s, m, k, add_h, [4 28, 11 21, 16 16, 23 9], 40: 13 0 3 6);
    four!(s, m, k, add_h, [4 28, 11 21, 16 16, 23 9], 44: 9 12 15 2);
    let m = W::reload(words);
    four!(s, m, k, add_i, [6 26, 10 22, 15 17, 21 11], 48: 0 7 14 5);
    four!(s, m, k, add_i, [6 26, 10 22, 15 17, 21 11], 52: 12 3 10 1);
    four!(s, m, k, add_i, [6 26, 10 22, 15 17, 21 11], 56: 8 15 6 13);
    four!(s, m, k, add_i, [6 26, 10 22, 15 17, 21 11], 60: 4 11 2 9);
    for (sum, word) in state.iter_mut().zip(s) {
        *sum = sum.add(word);
    }
}

/// The initial state.
pub(super) const INITIAL: State<u32> = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// `floor(2^32 * |sin(i + 1)|)`, the constants of the 64 steps.
static CONSTANTS: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];
