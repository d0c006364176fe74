import Tensors

#if canImport(Glibc)
  import Glibc
#endif

extension VonMisesFisherMixture {
  /// One draw, a unit vector, [3].
  package func sample(using random: inout SampleRandom) -> [Double] {
    let k = Categorical.draw(weights, at: random.uniform())
    let point = SphericalKernel.sample(
      mean: means[k], concentration: concentrations[k], using: &random)
    return [point.x, point.y, point.z]
  }

  /// Draws, [count, 3]; the i-th depends on (seed, i) alone.
  package func samples(count: Int, seed: UInt64) -> [Double] {
    (0..<count).flatMap { row in
      var random = SampleRandom(seed: seed, purpose: .sampling, sample: UInt64(row))
      return sample(using: &random)
    }
  }
}

extension SphericalKernel {
  /// A draw from the density e^{−κ c}, c = 1 − x·μ: c by inversion of its distribution on [0, 2], which
  /// is exact on S² (Ulrich, 1984), and any direction around the mean.
  ///
  /// c is drawn rather than x·μ, so that narrow kernels keep their digits.
  static func sample(
    mean: SIMD3<Double>, concentration: Double, using random: inout SampleRandom
  ) -> SIMD3<Double> {
    let uniform = random.uniform()
    let (cosine, sine) = PortableMath.cosineAndSine(turns: random.uniform())
    let c =
      concentration > 1e-8
      ? min(2, -log1p(uniform * expm1(-2 * concentration)) / concentration) : 2 * uniform
    // Two unit vectors that are orthogonal to the mean: the coordinate axis farthest from it, twice
    // projected.
    let axis =
      abs(mean.x) <= min(abs(mean.y), abs(mean.z))
      ? SIMD3(1.0, 0, 0) : abs(mean.y) <= abs(mean.z) ? SIMD3(0, 1.0, 0) : SIMD3(0, 0, 1.0)
    let first = unit(cross(mean, axis))
    let second = cross(mean, first)
    let across = (c * (2 - c)).squareRoot()
    return unit((1 - c) * mean + across * (cosine * first + sine * second))
  }

  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }

  private static func unit(_ x: SIMD3<Double>) -> SIMD3<Double> {
    x / (x * x).sum().squareRoot()
  }
}
