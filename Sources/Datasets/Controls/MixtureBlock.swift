#if canImport(Glibc)
  import Glibc
#endif

/// A block of points with the work space to evaluate a mixture on it.
///
/// Points lie column by column ([D, capacity]), so that every inner loop runs over points with unit
/// stride: forward substitution L y = x − μ becomes D(D+1)/2 vector operations a component.
struct MixtureBlock {
  /// Points a block holds; work space of 32 components stays within the second-level cache.
  static let capacity = 256

  private let dimension: Int
  private let componentCount: Int
  /// Number of points loaded.
  private(set) var count = 0
  /// Points, [D, capacity].
  private(set) var points: [Double]
  /// After `evaluate`: responsibilities p(k | x), [K, capacity].
  private(set) var responsibilities: [Double]
  /// After `evaluate`: log p(x), [capacity].
  private(set) var logDensity: [Double]
  private var solved: [Double]

  init(dimension: Int, componentCount: Int) {
    self.dimension = dimension
    self.componentCount = componentCount
    points = [Double](repeating: 0, count: dimension * Self.capacity)
    solved = points
    responsibilities = [Double](repeating: 0, count: componentCount * Self.capacity)
    logDensity = [Double](repeating: 0, count: Self.capacity)
  }

  /// Takes `count` rows from `rows`, [rows, D].
  mutating func load(_ rows: [Double], from start: Int, count: Int) {
    self.count = count
    for place in 0..<count {
      for axis in 0..<dimension {
        points[axis * Self.capacity + place] = rows[(start + place) * dimension + axis]
      }
    }
  }

  /// Computes log p(x) and the responsibilities, by log-sum-exp over components.
  mutating func evaluate(_ mixture: GaussianMixture) {
    for component in 0..<componentCount { evaluate(mixture, component) }
    let (count, capacity, components) = (count, Self.capacity, componentCount)
    responsibilities.withUnsafeMutableBufferPointer { terms in
      logDensity.withUnsafeMutableBufferPointer { densities in
        for place in 0..<count {
          var largest = -Double.infinity
          for k in 0..<components { largest = max(largest, terms[k * capacity + place]) }
          guard largest.isFinite else {
            densities[place] = -.infinity
            for k in 0..<components { terms[k * capacity + place] = 0 }
            continue
          }
          var sum = 0.0
          for k in 0..<components {
            let exponent = terms[k * capacity + place] - largest
            // Terms below e⁻⁴⁰ are lost in a sum that is at least 1; most components are far away.
            let term = exponent > -40 ? exp(exponent) : 0
            terms[k * capacity + place] = term
            sum += term
          }
          densities[place] = largest + log(sum)
          let scale = 1 / sum
          for k in 0..<components { terms[k * capacity + place] *= scale }
        }
      }
    }
  }

  /// log w_k + log N(x; μ_k, Σ_k) of all points into row k of `responsibilities`.
  private mutating func evaluate(_ mixture: GaussianMixture, _ component: Int) {
    let (d, count, capacity) = (dimension, count, Self.capacity)
    let factorStart = component * d * d
    var constant = log(mixture.weights[component]) - 0.5 * Double(d) * log(2 * .pi)
    for axis in 0..<d {
      constant -= log(mixture.choleskyFactors[factorStart + axis * d + axis])
    }
    points.withUnsafeBufferPointer { x in
      solved.withUnsafeMutableBufferPointer { y in
        responsibilities.withUnsafeMutableBufferPointer { buffer in
          guard let terms = buffer.baseAddress.map({ $0 + component * capacity }) else { return }
          for place in 0..<count { terms[place] = constant }
          for row in 0..<d {
            let mean = mixture.means[component * d + row]
            let factorRow = factorStart + row * d
            for place in 0..<count { y[row * capacity + place] = x[row * capacity + place] - mean }
            for column in 0..<row {
              let factor = mixture.choleskyFactors[factorRow + column]
              for place in 0..<count {
                y[row * capacity + place] -= factor * y[column * capacity + place]
              }
            }
            let inverse = 1 / mixture.choleskyFactors[factorRow + row]
            for place in 0..<count {
              let value = y[row * capacity + place] * inverse
              y[row * capacity + place] = value
              terms[place] -= 0.5 * value * value
            }
          }
        }
      }
    }
  }
}
