import Foundation
import Tensors

/// The linear part of an evolution equation ∂u/∂t = L u + …, or a linear map fitted to data, by its
/// action on Fourier modes.
package enum LinearSymbol: Sendable, Equatable {
  /// Korteweg–de Vries, L = −∂³: i k³.
  case kortewegDeVries
  /// Kuramoto–Sivashinsky, L = −∂² − ∂⁴: k² − k⁴.
  case kuramotoSivashinsky
  /// Burgers, L = ν ∂²: −ν k².
  case diffusion(viscosity: Double)
  /// What each mode is multiplied by over the whole time; modes that were not fitted become zero.
  case multiplier([Complex])

  /// A complex number.
  package struct Complex: Sendable, Equatable {
    package var real: Double
    package var imaginary: Double

    package init(_ real: Double, _ imaginary: Double) {
      self.real = real
      self.imaginary = imaginary
    }
  }

  /// e^{time · symbol} of the modes 0 … ⌊N/2⌋ of a period of `length`.
  ///
  /// - Parameter share: the share of the time, from 0 to 1.
  package func propagator(
    positions: Int, length: Double, time: Double, share: Double = 1
  ) -> [Complex] {
    (0...positions / 2).map { mode in
      let isReal = FourierMatrices.isReal(mode: mode, positions: positions)
      let k = 2 * Double.pi * Double(mode) / length
      switch self {
      case .kortewegDeVries:
        // The phase winds thousands of times: whole turns are taken off before it becomes an angle. The
        // highest mode of an even grid has no phase.
        if isReal { return Complex(1, 0) }
        let turns = (share * time * k * k * k / (2 * Double.pi)).truncatingRemainder(dividingBy: 1)
        let (cosine, sine) = PortableMath.cosineAndSine(turns: turns)
        return Complex(cosine, sine)
      case .kuramotoSivashinsky: return Complex(exp(share * time * (k * k - k * k * k * k)), 0)
      case .diffusion(let viscosity): return Complex(exp(-share * time * viscosity * k * k), 0)
      case .multiplier(let values):
        guard mode < values.count else { return Complex(0, 0) }
        let value = values[mode]
        if isReal {
          return Complex(
            share == 1 ? value.real : value.real < 0 ? 0 : pow(value.real, share), 0)
        }
        let size = pow(hypot(value.real, value.imaginary), share)
        let angle = atan2(value.imaginary, value.real) * share
        return Complex(size * cos(angle), size * sin(angle))
      }
    }
  }
}

/// A linear map of functions on a grid that commutes with translations, as a dense matrix.
package enum CirculantMatrix {
  /// [N, N] row-major, from the factors of the modes 0 … ⌊N/2⌋.
  ///
  /// - Complexity: O(N²), once a recording.
  package static func matrix(positions n: Int, factors: [LinearSymbol.Complex]) -> [Double] {
    precondition(factors.count == n / 2 + 1, "\(n) points have \(n / 2 + 1) modes")
    let circle = (0..<n).map { PortableMath.cosineAndSine(turns: Double($0) / Double(n)) }
    var column = [Double](repeating: 0, count: n)
    for (mode, factor) in factors.enumerated() {
      let isReal = FourierMatrices.isReal(mode: mode, positions: n)
      let weight = (isReal ? 1.0 : 2.0) / Double(n)
      let imaginary = isReal ? 0 : factor.imaginary
      for position in 0..<n {
        let (cosine, sine) = circle[mode * position % n]
        column[position] += weight * (factor.real * cosine - imaginary * sine)
      }
    }
    var matrix = [Double](repeating: 0, count: n * n)
    for row in 0..<n {
      for other in 0..<n { matrix[row * n + other] = column[(row - other + n) % n] }
    }
    return matrix
  }

  /// The factors of ∂/∂x: i k, nothing for the highest mode of an even grid.
  package static func derivative(positions n: Int, length: Double) -> [LinearSymbol.Complex] {
    (0...n / 2).map {
      LinearSymbol.Complex(0, 2 * $0 == n ? 0 : 2 * Double.pi * Double($0) / length)
    }
  }

  /// Two maps one after the other.
  package static func product(
    _ a: [LinearSymbol.Complex], _ b: [LinearSymbol.Complex]
  ) -> [LinearSymbol.Complex] {
    zip(a, b).map {
      LinearSymbol.Complex(
        $0.real * $1.real - $0.imaginary * $1.imaginary,
        $0.real * $1.imaginary + $0.imaginary * $1.real)
    }
  }
}
