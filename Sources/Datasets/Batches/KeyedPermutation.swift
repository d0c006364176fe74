import Tensors

/// A pseudo-random order of 0..<count that is evaluated place by place: nobody holds the whole of it.
///
/// A Feistel network permutes the numbers of b bits, the smallest such range that holds `count`; a
/// result outside 0..<count is permuted again until it falls inside ("cycle walking": Black & Rogaway,
/// *Ciphers with Arbitrary Finite Domains*, 2002). Both steps are bijections, hence so is the whole.
/// The range is less than twice `count`, so a place takes fewer than two walks on average.
///
/// Two rounds: L ↦ L ⊕ F(R, key), then R ↦ R ⊕ F(L, key), with F the upper bits of a 64-bit mixing
/// function (the finaliser of Steele, Lea & Flood's SplitMix, 2014) and round keys drawn by
/// `SampleRandom`; R has ⌊b/2⌋ bits and L the rest. Eight rounds.
public struct KeyedPermutation: Sendable {
  /// Number of places.
  public let count: Int
  private let leftBits: UInt64
  private let rightBits: UInt64
  private let roundKeys: SIMD8<UInt64>

  /// The order of an epoch, or of a split, under a seed.
  /// - Precondition: `count` ≥ 0 and below 2⁶⁰.
  public init(count: Int, seed: UInt64, purpose: RandomPurpose, epoch: Int = 0) {
    precondition((0..<1 << 60).contains(count), "cannot permute \(count) places")
    self.count = count
    let bits = UInt64(UInt64.bitWidth - UInt64(max(count - 1, 1)).leadingZeroBitCount)
    rightBits = max(1, bits / 2)
    leftBits = max(1, bits - bits / 2)
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

  /// What stands at `first`, `first + 1`, …: `count` places at once, for less than one at a time costs,
  /// because the steps of one place wait for each other and those of four do not.
  /// - Precondition: the places are in 0..<count.
  func fill(_ destination: UnsafeMutablePointer<Int>, first: Int, count places: Int) {
    precondition(
      first >= 0 && places >= 0 && first + places <= count,
      "places \(first)..<\(first + places) are not in 0..<\(count)")
    let end = UInt64(count)
    var place = 0
    while place + 4 <= places {
      let start = UInt64(first + place)
      var (a, b, c, d) = (
        permutedOnce(start), permutedOnce(start + 1), permutedOnce(start + 2),
        permutedOnce(start + 3)
      )
      while max(max(a, b), max(c, d)) >= end {
        let (a2, b2, c2, d2) = (permutedOnce(a), permutedOnce(b), permutedOnce(c), permutedOnce(d))
        a = a < end ? a : a2
        b = b < end ? b : b2
        c = c < end ? c : c2
        d = d < end ? d : d2
      }
      destination[place] = Int(a)
      destination[place + 1] = Int(b)
      destination[place + 2] = Int(c)
      destination[place + 3] = Int(d)
      place += 4
    }
    while place < places {
      destination[place] = self[first + place]
      place += 1
    }
  }

  @inline(__always)
  private func permutedOnce(_ value: UInt64) -> UInt64 {
    var left = value >> rightBits
    var right = value & ((1 << rightBits) - 1)
    let (leftShift, rightShift) = (64 - leftBits, 64 - rightBits)
    left ^= Self.mixed(right ^ roundKeys[0]) >> leftShift
    right ^= Self.mixed(left ^ roundKeys[1]) >> rightShift
    left ^= Self.mixed(right ^ roundKeys[2]) >> leftShift
    right ^= Self.mixed(left ^ roundKeys[3]) >> rightShift
    left ^= Self.mixed(right ^ roundKeys[4]) >> leftShift
    right ^= Self.mixed(left ^ roundKeys[5]) >> rightShift
    left ^= Self.mixed(right ^ roundKeys[6]) >> leftShift
    right ^= Self.mixed(left ^ roundKeys[7]) >> rightShift
    return left << rightBits | right
  }

  @inline(__always)
  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
