/// How a parameter starts. Every element depends on (seed, parameter index, element) alone.
package enum Initialisation: Sendable, Equatable {
  /// All elements zero.
  case zeros
  /// All elements equal.
  case constant(Double)
  /// Uniform in ±√(6 / ((1 + a²) · fanIn)) with a = 0 for ReLU (He et al., 2015).
  case kaimingUniform(fanIn: Int)
  /// Uniform in ±√(6 / (fanIn + fanOut)) (Glorot & Bengio, 2010).
  case xavierUniform(fanIn: Int, fanOut: Int)
  /// Uniform in ±1/√fanIn, the usual start of a bias.
  case fanInUniform(fanIn: Int)
  /// Uniform in [0, below).
  case uniform(below: Double)
  /// Normal with mean zero.
  case normal(deviation: Double)

  /// Value of one element.
  func value(element: Int, parameter: Int, seed: UInt64) -> Double {
    var random = SampleRandom(
      seed: seed, purpose: .initialisation, step: UInt32(parameter), sample: UInt64(element))
    switch self {
    case .zeros: return 0
    case .constant(let value): return value
    case .kaimingUniform(let fanIn):
      return (2 * random.uniform() - 1) * (6 / Double(fanIn)).squareRoot()
    case .xavierUniform(let fanIn, let fanOut):
      return (2 * random.uniform() - 1) * (6 / Double(fanIn + fanOut)).squareRoot()
    case .fanInUniform(let fanIn):
      return (2 * random.uniform() - 1) / Double(fanIn).squareRoot()
    case .uniform(let bound): return bound * random.uniform()
    case .normal(let deviation): return deviation * random.normal()
    }
  }
}
