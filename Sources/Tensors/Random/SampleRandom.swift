/// What random numbers are drawn for. Streams of different purposes never overlap.
///
/// The raw values are part of what makes a run repeatable: never renumber them.
public enum RandomPurpose: UInt16, Sendable, CaseIterable {
  /// First values of parameters.
  case initialisation = 1
  /// Generated data sets.
  case data = 2
  /// Noise added to data or targets.
  case noise = 3
  /// The order of samples in an epoch.
  case shuffle = 4
  /// Random choice of charts.
  case chart = 5
  /// First codebook vectors and the replacement of dead ones.
  case codebook = 6
  /// Samples drawn from a model.
  case sampling = 7
  /// Masks of dropout.
  case dropout = 8
  /// Restarts of an optimisation or of dead units.
  case restart = 9
  /// Probe vectors of stochastic trace and log-determinant estimators.
  case probe = 10
  /// Division of a data set into training, validation and test rows or folds.
  case split = 11
  /// Random permutations inside a model.
  case permutation = 12
  /// Random inputs of tests and benchmarks.
  case test = 13
}

/// The random numbers of one sample: a stream keyed by (seed, purpose, step, sample), never by rank.
///
/// Whoever computes a sample draws the same numbers for it, so results do not depend on the number of
/// ranks. There is no state outside the value. Two values with the same key give the same stream; two
/// with any difference in the key give streams that never share a counter.
///
/// Layout of the Philox 4×32-10 key and counter:
///
/// | word | holds |
/// |---|---|
/// | key 0, 1 | seed, low and high half |
/// | counter 0 | number of the block in the stream (four 32-bit draws a block) |
/// | counter 1 | step or epoch |
/// | counter 2 | sample, bits 0–31 |
/// | counter 3 | sample, bits 32–47, and the purpose in bits 16–31 |
///
/// ```swift
/// var random = SampleRandom(seed: 7, purpose: .noise, step: 12, sample: row)
/// let epsilon = random.normal()
/// ```
///
/// All arithmetic is plain IEEE multiplication and addition: the same numbers on each processor.
public struct SampleRandom: Sendable {
  @usableFromInline let generator: Philox4x32
  @usableFromInline let step: UInt32
  @usableFromInline let sampleLow: UInt32
  @usableFromInline let sampleHighAndPurpose: UInt32
  /// The number of the next block.
  @usableFromInline var nextBlock: UInt32 = 0
  /// The words of the current block that were not handed out yet, next one first.
  @usableFromInline var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
  @usableFromInline var wordsLeft = 0
  /// The second number of the last Box–Muller pair.
  @usableFromInline var spareNormal: Double?

  /// Opens the stream of one sample at its beginning.
  ///
  /// - Parameters:
  ///   - seed: The seed of the run.
  ///   - purpose: What the numbers are for.
  ///   - step: Optimizer step or epoch; 0 where neither applies.
  ///   - sample: Number of the sample, row, shard or parameter tensor, below 2⁴⁸.
  @inlinable
  public init(seed: UInt64, purpose: RandomPurpose, step: UInt32 = 0, sample: UInt64) {
    precondition(sample < 1 << 48, "a sample number must be below 2^48, got \(sample)")
    generator = Philox4x32(seed: seed)
    self.step = step
    sampleLow = UInt32(truncatingIfNeeded: sample)
    sampleHighAndPurpose = UInt32(truncatingIfNeeded: sample >> 32) | UInt32(purpose.rawValue) << 16
  }

  /// The next 32 random bits.
  @inlinable
  public mutating func nextUInt32() -> UInt32 {
    if wordsLeft == 0 {
      words = generator.block((nextBlock, step, sampleLow, sampleHighAndPurpose))
      nextBlock += 1
      wordsLeft = 4
    }
    let word = words.0
    words = (words.1, words.2, words.3, 0)
    wordsLeft -= 1
    return word
  }

  /// The next 64 random bits: the first word drawn is the low half.
  @inlinable
  public mutating func nextUInt64() -> UInt64 {
    let low = UInt64(nextUInt32())
    return low | UInt64(nextUInt32()) << 32
  }

  /// A number uniform on [0, 1), a multiple of 2⁻⁵³.
  @inlinable
  public mutating func uniform() -> Double {
    Double(nextUInt64() >> 11) * 0x1p-53
  }

  /// A number uniform on [`lower`, `upper`); rounding may give `upper` itself where the range is so
  /// small that few numbers lie in it.
  @inlinable
  public mutating func uniform(from lower: Double, to upper: Double) -> Double {
    lower + (upper - lower) * uniform()
  }

  /// A standard normal number, by the transformation of Box & Muller (1958): from two uniform numbers
  /// r = √(−2 log(1 − u₁)), first r·cos 2πu₂, at the next call r·sin 2πu₂.
  ///
  /// |value| is at most √(2 · 53 log 2) = 8.57.
  @inlinable
  public mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let u1 = uniform()
    let u2 = uniform()
    // 1 − u₁ is exact and in (0, 1].
    let radius = (-2 * PortableMath.log(1 - u1)).squareRoot()
    let (cosine, sine) = PortableMath.cosineAndSine(turns: u2)
    spareNormal = radius * sine
    return radius * cosine
  }

  /// An integer uniform on 0..<`bound`, without bias: draws from the incomplete last interval of
  /// multiples of `bound` are thrown away (Lemire, 2019, with 64-bit draws).
  ///
  /// - Precondition: `bound` > 0.
  @inlinable
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "a bound must be positive, got \(bound)")
    let range = UInt64(bound)
    var product = nextUInt64().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold {
        product = nextUInt64().multipliedFullWidth(by: range)
      }
    }
    return Int(product.high)
  }

  /// A uniformly random order of 0..<`count` (Fisher–Yates, from the last place down).
  public mutating func permutation(count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, integer(below: last + 1))
    }
    return order
  }
}
