import Foundation
import KernelInterface

/// A rational-quadratic spline as its definition says: knots one by one, the inverse by bisection,
/// gradients by central differences.
struct ReferenceSpline {
  typealias Table = KernelTable<Double>

  private let x: [Double]
  private let y: [Double]
  private let slopes: [Double]

  init(_ raw: [Double], _ shape: SplineShape<Double>) {
    let k = shape.bins
    func knots(_ raw: ArraySlice<Double>) -> [Double] {
      let weights = raw.map { Foundation.exp($0) }
      let sum = weights.reduce(0, +)
      let least = SplineShape<Double>.minimumShare
      var knots = [-shape.bound]
      for weight in weights {
        let share = least + (1 - Double(k) * least) * weight / sum
        knots.append(knots[knots.count - 1] + 2 * shape.bound * share)
      }
      knots[k] = shape.bound
      return knots
    }
    x = knots(raw[0..<k])
    y = knots(raw[k..<2 * k])
    let inner = raw[2 * k..<3 * k - 1].map {
      SplineShape<Double>.minimumSlope
        + Foundation.log1p(Foundation.exp($0 + SplineShape<Double>.slopeShift))
    }
    slopes = [1] + inner + [1]
  }

  /// f(v) and log f′(v).
  func apply(_ v: Double) -> (value: Double, logSlope: Double) {
    guard v > x[0], v < x[x.count - 1] else { return (v, 0) }
    let k = x.lastIndex { $0 <= v }!
    let (width, height) = (x[k + 1] - x[k], y[k + 1] - y[k])
    let s = height / width
    let xi = (v - x[k]) / width
    let denominator = s + (slopes[k + 1] + slopes[k] - 2 * s) * xi * (1 - xi)
    let value = y[k] + height * (s * xi * xi + slopes[k] * xi * (1 - xi)) / denominator
    let g =
      slopes[k + 1] * xi * xi + 2 * s * xi * (1 - xi) + slopes[k] * (1 - xi) * (1 - xi)
    return (value, Foundation.log(s * s * g / (denominator * denominator)))
  }

  func invert(_ v: Double) -> (value: Double, logSlope: Double) {
    guard v > y[0], v < y[y.count - 1] else { return (v, 0) }
    var (low, high) = (y[0], y[y.count - 1])
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if apply(middle).value < v { low = middle } else { high = middle }
    }
    return (low, -apply(low).logSlope)
  }

  static func kernel(isInverse: Bool) -> Table.Spline {
    { rows, c, shape, x, xStride, raw, y, yStride, logDet in
      for r in 0..<rows {
        var sum = 0.0
        for j in 0..<c {
          let spline = ReferenceSpline(numbers(raw, r * c + j, shape), shape)
          let v = x[r * xStride + j]
          let result = isInverse ? spline.invert(v) : spline.apply(v)
          y[r * yStride + j] = result.value
          sum += result.logSlope
        }
        logDet[r] = sum
      }
    }
  }

  static func backward(isInverse: Bool) -> Table.SplineBackward {
    {
      rows, c, shape, saved, savedStride, raw, dy, dyStride, dLogDet, dx, dxStride, draw in
      for r in 0..<rows {
        for j in 0..<c {
          let start = numbers(raw, r * c + j, shape)
          let arrived = dy[r * dyStride + j]
          let v =
            isInverse
            ? ReferenceSpline(start, shape).apply(saved[r * savedStride + j]).value
            : saved[r * savedStride + j]
          func loss(_ v: Double, _ raw: [Double]) -> Double {
            let spline = ReferenceSpline(raw, shape)
            let result = isInverse ? spline.invert(v) : spline.apply(v)
            return arrived * result.value + dLogDet[r] * result.logSlope
          }
          dx[r * dxStride + j] = difference { loss(v + $0, start) }
          for p in start.indices {
            draw[(r * c + j) * shape.rawCount + p] = difference { step in
              var moved = start
              moved[p] += step
              return loss(v, moved)
            }
          }
        }
      }
    }
  }

  /// f′(0) by central differences of fourth order.
  private static func difference(_ f: (Double) -> Double) -> Double {
    let step = 1e-4
    return (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step)
  }

  private static func numbers(
    _ raw: UnsafePointer<Double>, _ element: Int, _ shape: SplineShape<Double>
  ) -> [Double] {
    (0..<shape.rawCount).map { raw[element * shape.rawCount + $0] }
  }
}
