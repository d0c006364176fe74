import Foundation

/// The filters of Legendre multiwavelets of order k (Alpert, 1993; Gupta et al., 2021).
///
/// φ_j(x) = √(2j+1) P_j(2x−1) on [0, 1]; ψ_j are the functions √2 φ_j(2x) of the left half, made
/// orthonormal to all φ and to one another. With h for the left (0) and right (1) half,
///
///     H^h_ij = 2^{−1/2} ∫ φ_i((x+h)/2) φ_j(x) dx,  G^h_ij = 2^{−1/2} ∫ ψ_i((x+h)/2) φ_j(x) dx.
package struct LegendreFilters: Sendable {
  /// k.
  package let order: Int
  /// [k][k].
  package let h0: [[Double]]
  package let h1: [[Double]]
  package let g0: [[Double]]
  package let g1: [[Double]]

  /// - Precondition: 1 ≤ order ≤ 8, what has been checked against exact arithmetic.
  package init(order: Int) {
    precondition(
      (1...8).contains(order), "Legendre filters have an order from 1 to 8, got \(order)")
    self.order = order
    let rule = GaussLegendre(count: order)
    // A piecewise polynomial is the vector of its values at the nodes of both halves, times the roots
    // of the weights: an isometry, since the rule is exact for products.
    func vector(_ f: (Double) -> Double) -> [Double] {
      (0..<2).flatMap { half in
        zip(rule.nodes, rule.weights).map { x, w in (w / 2).squareRoot() * f((x + Double(half)) / 2)
        }
      }
    }
    let scaling = (0..<order).map { j in vector { Self.phi(j, $0) } }
    var wavelets: [[Double]] = []
    for j in 0..<order {
      var candidate = vector { $0 < 0.5 ? 2.0.squareRoot() * Self.phi(j, 2 * $0) : 0 }
      // One pass loses orthogonality from k = 5 on, the second restores it.
      for _ in 0..<2 {
        for other in scaling + wavelets {
          let share = zip(candidate, other).map(*).reduce(0, +)
          for i in candidate.indices { candidate[i] -= share * other[i] }
        }
      }
      let length = candidate.map { $0 * $0 }.reduce(0, +).squareRoot()
      wavelets.append(candidate.map { $0 / length })
    }
    func filter(_ functions: [[Double]], half: Int) -> [[Double]] {
      functions.map { f in
        (0..<order).map { j in
          let sum = (0..<order).map { n in
            rule.weights[n].squareRoot() * f[half * order + n] * Self.phi(j, rule.nodes[n])
          }.reduce(0, +)
          return abs(sum) < 1e-8 ? 0 : sum
        }
      }
    }
    h0 = filter(scaling, half: 0)
    h1 = filter(scaling, half: 1)
    g0 = filter(wavelets, half: 0)
    g1 = filter(wavelets, half: 1)
  }

  /// φ_j(x) = √(2j+1) P_j(2x−1).
  static func phi(_ j: Int, _ x: Double) -> Double {
    Double(2 * j + 1).squareRoot() * GaussLegendre.polynomial(j, 2 * x - 1).value
  }
}

/// The Gauss-Legendre rule on [0, 1], exact for polynomials of degree 2 · count − 1.
struct GaussLegendre {
  let nodes: [Double]
  let weights: [Double]

  init(count: Int) {
    var nodes: [Double] = []
    var weights: [Double] = []
    for i in 0..<count {
      // Newton's method from Tricomi's estimate.
      var x = -cos(Double.pi * (Double(i) + 0.75) / (Double(count) + 0.5))
      for _ in 0..<20 {
        let (value, slope) = Self.polynomial(count, x)
        x -= value / slope
      }
      let slope = Self.polynomial(count, x).slope
      nodes.append((x + 1) / 2)
      weights.append(1 / ((1 - x * x) * slope * slope))
    }
    self.nodes = nodes
    self.weights = weights
  }

  /// P_n(x) and P_n′(x), |x| < 1.
  static func polynomial(_ n: Int, _ x: Double) -> (value: Double, slope: Double) {
    var (previous, value) = (0.0, 1.0)
    for j in stride(from: 1, through: n, by: 1) {
      let j = Double(j)
      (previous, value) = (value, ((2 * j - 1) * x * value - (j - 1) * previous) / j)
    }
    return (value, n == 0 ? 0 : Double(n) * (x * value - previous) / (x * x - 1))
  }
}
