import Foundation
import KernelInterface

/// The kernels as their documentation states them: plain loops in Double, nothing shared with the
/// implementation.
enum ReferenceKernels {
  typealias Table = KernelTable<Double>

  private static func unary(_ f: @escaping @Sendable (Double) -> Double) -> Table.Unary {
    { n, x, y in for i in 0..<n { y[i] = f(x[i]) } }
  }

  private static func binary(_ f: @escaping @Sendable (Double, Double) -> Double) -> Table.Binary {
    { n, a, b, y in for i in 0..<n { y[i] = f(a[i], b[i]) } }
  }

  private static func rowVector(
    _ f: @escaping @Sendable (Double, Double) -> Double
  ) -> Table.Broadcast {
    { rows, columns, x, xStride, v, y, yStride in
      for r in 0..<rows {
        for c in 0..<columns { y[r * yStride + c] = f(x[r * xStride + c], v[c]) }
      }
    }
  }

  private static func columnVector(
    _ f: @escaping @Sendable (Double, Double) -> Double
  ) -> Table.Broadcast {
    { rows, columns, x, xStride, v, y, yStride in
      for r in 0..<rows {
        for c in 0..<columns { y[r * yStride + c] = f(x[r * xStride + c], v[r]) }
      }
    }
  }

  private static func perRow(_ f: @escaping @Sendable ([Double]) -> Double) -> Table.Reduction {
    { rows, columns, x, stride, y, accumulate in
      for r in 0..<rows {
        y[r] = (accumulate ? y[r] : 0) + f((0..<columns).map { x[r * stride + $0] })
      }
    }
  }

  private static func backward(
    _ f: @escaping @Sendable (Double, Double) -> Double
  ) -> Table.BackwardWithColumnSums {
    { rows, columns, y, yStride, dy, dyStride, dx, dxStride, sums, accumulate in
      for c in 0..<columns {
        var sum = accumulate ? sums[c] : 0
        for r in 0..<rows {
          dx[r * dxStride + c] = f(y[r * yStride + c], dy[r * dyStride + c])
          sum += dx[r * dxStride + c]
        }
        sums[c] = sum
      }
    }
  }

  private static func coupling(isInverse: Bool) -> Table.Coupling {
    { rows, c, bound, x, xStride, raw, y, yStride, logScale, scale, logDet in
      for r in 0..<rows {
        var sum = 0.0
        for j in 0..<c {
          let s = bound * Foundation.tanh(raw[2 * c * r + j] / bound)
          let t = raw[2 * c * r + c + j]
          let value = x[r * xStride + j]
          y[r * yStride + j] =
            isInverse ? (value - t) * Foundation.exp(-s) : value * Foundation.exp(s) + t
          logScale[r * c + j] = s
          scale[r * c + j] = Foundation.exp(isInverse ? -s : s)
          sum += isInverse ? -s : s
        }
        logDet[r] = sum
      }
    }
  }

  private static func couplingBackward(isInverse: Bool) -> Table.CouplingBackward {
    {
      rows, c, bound, saved, savedStride, logScale, scale, dy, dyStride, dLogDet, dx, dxStride, draw
      in
      for r in 0..<rows {
        for j in 0..<c {
          let gradient = dy[r * dyStride + j]
          let value = saved[r * savedStride + j]
          let e = scale[r * c + j]
          let ratio = logScale[r * c + j] / bound
          let ds =
            isInverse ? -gradient * value - dLogDet[r] : gradient * value * e + dLogDet[r]
          dx[r * dxStride + j] = gradient * e
          draw[2 * c * r + j] = ds * (1 - ratio * ratio)
          draw[2 * c * r + c + j] = isInverse ? -gradient * e : gradient
        }
      }
    }
  }

  static let relu: @Sendable (Double) -> Double = { max($0, 0) }
  static let sigmoid: @Sendable (Double) -> Double = { 1 / (1 + Foundation.exp(-$0)) }

  static let table = Table(
    build: "reference",
    exp: unary { Foundation.exp($0) },
    log: unary { Foundation.log($0) },
    tanh: unary { Foundation.tanh($0) },
    sigmoid: unary(sigmoid),
    softplus: unary { Foundation.log1p(Foundation.exp($0)) },
    relu: unary(relu),
    squareRoot: unary { $0.squareRoot() },
    reciprocal: unary { 1 / $0 },
    sin: unary { Foundation.sin($0) },
    cos: unary { Foundation.cos($0) },
    isPositive: unary { $0 > 0 ? 1 : 0 },
    add: binary { $0 + $1 },
    subtract: binary { $0 - $1 },
    multiply: binary { $0 * $1 },
    divide: binary { $0 / $1 },
    scale: { n, x, constant, y in for i in 0..<n { y[i] = constant * x[i] } },
    addConstant: { n, x, constant, y in for i in 0..<n { y[i] = constant + x[i] } },
    addScaled: { n, x, constant, y in for i in 0..<n { y[i] += constant * x[i] } },
    addFour: { n, a, b, c, d, y in for i in 0..<n { y[i] = a[i] + b[i] + c[i] + d[i] } },
    reluBackward: binary { $0 > 0 ? $1 : 0 },
    tanhBackward: binary { $1 * (1 - $0 * $0) },
    sigmoidBackward: binary { $1 * $0 * (1 - $0) },
    addRowVector: rowVector { $0 + $1 },
    multiplyRowVector: rowVector { $0 * $1 },
    addColumnVector: columnVector { $0 + $1 },
    multiplyColumnVector: columnVector { $0 * $1 },
    columnSums: { rows, columns, x, stride, y, accumulate in
      for c in 0..<columns {
        y[c] = (0..<rows).reduce(accumulate ? y[c] : 0) { $0 + x[$1 * stride + c] }
      }
    },
    rowSums: perRow { $0.reduce(0, +) },
    rowSquaredSums: perRow { $0.reduce(0) { $0 + $1 * $1 } },
    rowLogSumExp: perRow { Foundation.log($0.reduce(0) { $0 + Foundation.exp($1) }) },
    biasIdentity: rowVector { $0 + $1 },
    biasRelu: rowVector { relu($0 + $1) },
    biasTanh: rowVector { Foundation.tanh($0 + $1) },
    biasSigmoid: rowVector { sigmoid($0 + $1) },
    smallProduct: { m, n, k, a, b, ldb, ending, c, ldc in
      for i in 0..<m {
        for j in 0..<n {
          let sum = (0..<k).reduce(0.0) {
            $0 + a.start[i * a.rowStride + $1 * a.termStride] * b[$1 * ldb + j]
          }
          let start = ending.bias.map { $0[j] } ?? (ending.accumulates ? c[i * ldc + j] : 0)
          c[i * ldc + j] = ending.isRectified ? max(start + sum, 0) : start + sum
        }
      }
    },
    narrowLinear: { rows, inputs, columns, x, w, bias, isRectified, y in
      for r in 0..<rows {
        for c in 0..<columns {
          let sum = (0..<inputs).reduce(bias.map { $0[c] } ?? 0) {
            $0 + x[r * inputs + $1] * w[$1 * columns + c]
          }
          y[r * columns + c] = isRectified ? max(sum, 0) : sum
        }
      }
    },
    rowDots: { rows, inputs, outputs, x, w, bias, y in
      for r in 0..<rows {
        for j in 0..<outputs {
          y[r * outputs + j] = (0..<inputs).reduce(bias.map { $0[j] } ?? 0) {
            $0 + x[r * inputs + $1] * w[j * inputs + $1]
          }
        }
      }
    },
    narrowGradient: { rows, narrow, columns, x, e, isTransposed, y, accumulate in
      for j in 0..<narrow {
        for c in 0..<columns {
          let place = isTransposed ? c * narrow + j : j * columns + c
          y[place] = (0..<rows).reduce(accumulate ? y[place] : 0) {
            $0 + x[$1 * narrow + j] * e[$1 * columns + c]
          }
        }
      }
    },
    blockProduct: { groups, m, n, k, transposeA, transposeB, a, b, c in
      for g in 0..<groups {
        for i in 0..<m {
          for j in 0..<n {
            c[(g * m + i) * n + j] = (0..<k).reduce(0.0) { sum, l in
              let left = a[g * m * k + (transposeA ? l * m + i : i * k + l)]
              return sum + left * b[g * k * n + (transposeB ? j * k + l : l * n + j)]
            }
          }
        }
      }
    },
    reluBackwardWithColumnSums: backward { $0 > 0 ? $1 : 0 },
    tanhBackwardWithColumnSums: backward { $1 * (1 - $0 * $0) },
    sigmoidBackwardWithColumnSums: backward { $1 * $0 * (1 - $0) },
    copyMatrix: { rows, columns, x, xStride, y, yStride, accumulate in
      for r in 0..<rows {
        for c in 0..<columns {
          y[r * yStride + c] = (accumulate ? y[r * yStride + c] : 0) + x[r * xStride + c]
        }
      }
    },
    transpose: { rows, columns, x, y in
      for r in 0..<rows { for c in 0..<columns { y[c * rows + r] = x[r * columns + c] } }
    },
    squaredNorm: { n, x in (0..<n).reduce(0) { $0 + x[$1] * x[$1] } },
    couplingApply: coupling(isInverse: false),
    couplingInvert: coupling(isInverse: true),
    couplingApplyBackward: couplingBackward(isInverse: false),
    couplingInvertBackward: couplingBackward(isInverse: true),
    splineApply: ReferenceSpline.kernel(isInverse: false),
    splineInvert: ReferenceSpline.kernel(isInverse: true),
    splineApplyBackward: ReferenceSpline.backward(isInverse: false),
    splineInvertBackward: ReferenceSpline.backward(isInverse: true),
    adam: { n, step, arrays in
      for i in 0..<n {
        let g = arrays.gradient[i] * step.gradientScale
        arrays.firstMoment[i] = step.beta1 * arrays.firstMoment[i] + (1 - step.beta1) * g
        arrays.secondMoment[i] = step.beta2 * arrays.secondMoment[i] + (1 - step.beta2) * g * g
        let m = arrays.firstMoment[i] * step.correction1
        let v = arrays.secondMoment[i] * step.correction2
        arrays.parameters[i] -=
          step.decay * arrays.parameters[i]
          + step.learningRate * m / (v.squareRoot() + step.epsilon)
      }
    },
    movingAverage: { n, x, rate, y in for i in 0..<n { y[i] += rate * (x[i] - y[i]) } })
}
