import Flows
import Foundation
import TestSupport
import Tensors

/// What every bijection promises, checked on one row of the table; failures come back as sentences.
struct BijectionContract<Scalar: TensorScalar> {
  let row: BijectionCase
  /// Allowed error relative to the size of the numbers, for maps as curved as those of the table.
  private let tolerance = 3e3 * Double(Scalar.ulpOfOne)
  private var failures: [String] = []

  /// Everything that the row breaks, in this precision.
  static func failures(of row: BijectionCase) -> [String] {
    var contract = BijectionContract(row: row)
    contract.checkRoundTrips()
    contract.checkExtremes()
    contract.checkRowsAlone()
    contract.checkContext()
    contract.checkSamples()
    contract.checkLastSweep()
    if Scalar.self == Double.self {
      contract.checkJacobian()
      contract.checkDerivatives()
    }
    return contract.failures
  }

  private init(row: BijectionCase) { self.row = row }

  private mutating func expect(_ error: Double, below limit: Double, _ what: String) {
    // NaN is a failure.
    guard !(error < limit) else { return }
    failures.append("\(row.name), \(Scalar.self): \(what): \(error), allowed \(limit)")
  }

  private func apply(
    _ direction: BijectionCase.Direction, _ rows: [[Double]], _ contexts: [[Double]]?
  ) -> (values: [[Double]], logDeterminants: [Double]) {
    row.apply(direction, rows, contexts, in: Scalar.self)
  }

  /// Both orders of the two directions give back the point, and volume terms that cancel.
  private mutating func checkRoundTrips() {
    let contexts = row.contexts(24)
    for scale in [1.0, 30, 1e3] {
      let points = row.points(24, scale: scale).map { $0.map { Double(Scalar($0)) } }
      for (there, back, name) in [
        (BijectionCase.Direction.forward, .inverse, "inverse of forward"),
        (.inverse, .forward, "forward of inverse"),
      ] as [(BijectionCase.Direction, BijectionCase.Direction, String)] {
        let first = apply(there, points, contexts)
        let second = apply(back, first.values, contexts)
        let size = (points + first.values).flatMap { $0 }.map(abs).max()!
        let error = difference(points.flatMap { $0 }, second.values.flatMap { $0 })
        expect(error / (1 + size), below: tolerance, "\(name) at scale \(scale)")
        // In the tails a rounding of the point moves the volume term by its slope times the size.
        let sums = zip(first.logDeterminants, second.logDeterminants).map { abs($0 + $1) }
        expect(
          largest(sums) / (1 + size), below: tolerance, "sum of volume terms at scale \(scale)")
      }
    }
  }

  /// Inputs far outside the data give numbers, and one row is a batch.
  private mutating func checkExtremes() {
    let points = row.points(4, scale: 1e12)
    for direction in [BijectionCase.Direction.forward, .inverse] {
      let result = apply(direction, points, row.contexts(4))
      let numbers = result.values.flatMap { $0 } + result.logDeterminants
      expect(numbers.allSatisfy(\.isFinite) ? 0 : 1, below: 1, "finite at 1e12")
    }
    let density = row.logProbability(points, row.contexts(4), in: Scalar.self)
    expect(density.contains(where: \.isNaN) ? 1 : 0, below: 1, "log-density at 1e12 is a number")
  }

  /// A row alone gives what it gives in a batch.
  private mutating func checkRowsAlone() {
    let points = row.points(7)
    let contexts = row.contexts(7)
    for direction in [BijectionCase.Direction.forward, .inverse] {
      let batch = apply(direction, points, contexts)
      for i in points.indices {
        let alone = apply(direction, [points[i]], contexts.map { [$0[i]] })
        expect(
          difference(
            alone.values[0] + alone.logDeterminants,
            batch.values[i] + [batch.logDeterminants[i]]), below: tolerance, "row \(i) alone")
      }
    }
  }

  /// Another context gives another map.
  private mutating func checkContext() {
    guard row.contextDimension > 0 else { return }
    let points = row.points(5)
    for direction in [BijectionCase.Direction.forward, .inverse] {
      let one = apply(direction, points, row.contexts(5))
      let other = apply(direction, points, row.contexts(5, seed: 6))
      for i in points.indices {
        let change = difference(one.values[i], other.values[i])
        expect(change > 1e-3 ? 0 : 1, below: 1, "the context changes row \(i)")
      }
    }
  }

  /// The density of x = f(z) is that of z less the volume term of f.
  private mutating func checkSamples() {
    let base = StandardNormal(dimension: row.dimension)
    let points = (0..<16 as Range<UInt64>).map { sample in
      var random = SampleRandom(seed: 1, purpose: .sampling, sample: sample)
      return base.sample(using: &random).map { Double(Scalar($0)) }
    }
    let contexts = row.contexts(16)
    let data = apply(.forward, points, contexts)
    let density = row.logProbability(data.values, contexts, in: Scalar.self)
    let expected = zip(points, data.logDeterminants).map { z, volume -> Double in
      let squares: Double = z.reduce(0) { $0 + $1 * $1 }
      return -0.5 * (squares + Double(z.count) * log(2 * .pi)) - volume
    }
    let size = largest(expected.map(abs)) + largest(data.values.flatMap { $0 }.map(abs))
    expect(difference(density, expected) / (1 + size), below: tolerance, "density of samples")
  }

  /// The volume term is log |det| of the Jacobian by central differences.
  private mutating func checkJacobian() {
    let points = row.points(5)
    let contexts = row.contexts(5)
    let step = 1e-6
    for direction in [BijectionCase.Direction.forward, .inverse] {
      let exact = apply(direction, points, contexts).logDeterminants
      for (i, point) in points.enumerated() {
        var moved: [[Double]] = []
        for column in point.indices {
          for sign in [1.0, -1] {
            moved.append(point)
            moved[moved.count - 1][column] += sign * step
          }
        }
        let context = contexts.map { all in moved.map { _ in all[i] } }
        let values = apply(direction, moved, context).values
        let jacobian = point.indices.map { column in
          zip(values[2 * column], values[2 * column + 1]).map { ($0 - $1) / (2 * step) }
        }
        let error = abs(exact[i] - NumericalLinearAlgebra.logAbsDeterminant(jacobian))
        expect(error, below: 1e-6, "volume term of \(direction) against the Jacobian")
      }
    }
  }

  /// Gradients of the log-density with respect to inputs and parameters.
  private mutating func checkDerivatives() {
    let check = FlowGradientCheck(row: row)
    expect(check.inputDeviation(), below: 1e-6, "gradient with respect to inputs")
    expect(check.parameterDeviation(), below: 1e-6, "gradient with respect to parameters")
  }

  /// The gradients that training sums up are those of the sweep that can be differentiated again.
  private mutating func checkLastSweep() {
    guard !row.parameters.isEmpty else { return }
    let buffer: ParameterBuffer<Scalar> = row.buffer.converted(to: Scalar.self)
    let contexts = row.contexts(6)
    for inverted in [false, true] {
      let deviation = ShardedRun.lastSweepDeviation(
        parameters: row.parameters, buffer: buffer, shardCount: 2
      ) { tape in
        let x = tape.input(6, row.dimension)
        let context = contexts.map { tape.matrix($0) }
        let map = inverted ? Inverse(row.bijection) : row.bijection
        let flow = Flow(base: StandardNormal(dimension: row.dimension), bijection: map)
        return Recording(
          loss: tape.sum(flow.logProbability(of: x, context: context, on: tape)), inputs: [x])
      }
      expect(deviation, below: tolerance, "last sweep against expanded sweep")
    }
  }

  private func largest(_ values: [Double]) -> Double {
    values.contains(where: \.isNaN) ? .nan : values.max() ?? 0
  }

  private func difference(_ a: [Double], _ b: [Double]) -> Double {
    largest(zip(a, b).map { abs($0 - $1) })
  }
}
