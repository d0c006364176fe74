import Tensors

/// A pseudo-random order of 0..<count that is evaluated place by place: nobody holds the whole of it.
///
/// A Feistel network permutes the numbers of 2h bits, the smallest such range that holds `count`; a
/// result outside 0..<count is permuted again until it falls inside ("cycle walking": Black & Rogaway,
/// *Ciphers with Arbitrary Finite Domains*, 2002). Both steps are bijections, hence so is the whole.
/// The range is at most four times `count`, so a place takes fewer than four walks on average.
///
/// Round: (L, R) ↦ (R, L ⊕ F(R, key)), with F the upper bits of a 64-bit mixing function (the finaliser
/// of Steele, Lea & Flood's SplitMix, 2014) and round keys drawn by `SampleRandom`. Eight rounds.
public struct KeyedPermutation: Sendable {
  /// Number of places.
  public let count: Int
  private let halfBits: UInt64
  private let halfMask: UInt64
  private let roundKeys: SIMD8<UInt64>

  /// The order of an epoch, or of a split, under a seed.
  /// - Precondition: `count` ≥ 0 and below 2⁶⁰.
  public init(count: Int, seed: UInt64, purpose: RandomPurpose, epoch: Int = 0) {
    precondition((0..<1 << 60).contains(count), "cannot permute \(count) places")
    self.count = count
    let bits = UInt64(UInt64.bitWidth - UInt64(max(count - 1, 1)).leadingZeroBitCount)
    halfBits = max(1, (bits + 1) / 2)
    halfMask = (1 << halfBits) - 1
    // The key of an epoch is one stream: a sample number no data set uses keeps it apart.
    var random = SampleRandom(
      seed: seed, purpose: purpose, step: UInt32(truncatingIfNeeded: epoch), sample: 1 << 48 - 1)
    var keys = SIMD8<UInt64>()
    for round in 0..<8 { keys[round] = random.nextUInt64() }
    roundKeys = keys
  }

  /// What stands at a place.
  /// - Precondition: `place` is in 0..<count.
  public subscript(place: Int) -> Int {
    precondition(place >= 0 && place < count, "place \(place) is not in 0..<\(count)")
    var value = UInt64(place)
    repeat {
      value = permutedOnce(value)
    } while value >= UInt64(count)
    return Int(value)
  }

  private func permutedOnce(_ value: UInt64) -> UInt64 {
    var left = value >> halfBits
    var right = value & halfMask
    for round in 0..<8 {
      var mixed = right ^ roundKeys[round]
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      mixed ^= mixed >> 31
      (left, right) = (right, left ^ (mixed >> (64 - halfBits)))
    }
    return left << halfBits | right
  }
}
