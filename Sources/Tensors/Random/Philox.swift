/// Philox 4×32 with ten rounds, a counter-based generator: a bijection of 128-bit counters chosen by a
/// 64-bit key, whose output passes the usual batteries of tests (Salmon et al., 2011, "Parallel random
/// numbers: as easy as 1, 2, 3").
///
/// A draw is a function of (key, counter) only, so any rank can make any draw without talking to others.
@usableFromInline package struct Philox4x32: Sendable {
  /// The two words of the key; the first one is the low half of a 64-bit seed.
  @usableFromInline package var key: (UInt32, UInt32)

  @inlinable package init(key: (UInt32, UInt32)) { self.key = key }

  @inlinable package init(seed: UInt64) {
    key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
  }

  /// The four words that belong to `counter`.
  @inlinable @inline(__always)
  package func block(
    _ counter: (UInt32, UInt32, UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var (c0, c1, c2, c3) = counter
    var (k0, k1) = key
    for round in 0..<10 {
      // The Weyl sequence of the key: golden ratio and √3 − 1, as 32-bit fractions.
      if round > 0 {
        k0 &+= 0x9E37_79B9
        k1 &+= 0xBB67_AE85
      }
      let a = UInt64(c0) &* 0xD251_1F53
      let b = UInt64(c2) &* 0xCD9E_8D57
      (c0, c1, c2, c3) = (
        UInt32(truncatingIfNeeded: b >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: a)
      )
    }
    return (c0, c1, c2, c3)
  }
}
