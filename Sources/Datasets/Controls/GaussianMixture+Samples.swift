import Tensors

extension GaussianMixture {
  /// One draw, [D]: k ~ w, z ~ N(0, I), x = μ_k + L_k z.
  package func sample(using random: inout SampleRandom) -> [Double] {
    let k = Categorical.draw(weights, at: random.uniform())
    let z = (0..<dimension).map { _ in random.normal() }
    return (0..<dimension).map { i in
      let factors = (k * dimension + i) * dimension
      return (0...i).reduce(means[k * dimension + i]) { $0 + choleskyFactors[factors + $1] * z[$1] }
    }
  }

  /// Draws, [count, D]; the i-th depends on (seed, i) alone.
  package func samples(count: Int, seed: UInt64) -> [Double] {
    (0..<count).flatMap { row in
      var random = SampleRandom(seed: seed, purpose: .sampling, sample: UInt64(row))
      return sample(using: &random)
    }
  }
}

/// A choice among weighted possibilities.
enum Categorical {
  /// The first one at which the weights before it and its own exceed `uniform` of [0, 1); never one
  /// without weight.
  ///
  /// - Parameter weights: at least one above zero; they add up to 1.
  static func draw(_ weights: [Double], at uniform: Double) -> Int {
    var remaining = uniform
    for (k, weight) in weights.enumerated() where weight > 0 {
      remaining -= weight
      if remaining < 0 { return k }
    }
    // Rounding of the sum.
    return weights.lastIndex { $0 > 0 } ?? 0
  }
}
