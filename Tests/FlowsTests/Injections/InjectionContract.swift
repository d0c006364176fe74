import Flows
import Foundation
import TestSupport
import Tensors

/// What every injection promises, checked on one row of the table; failures come back as sentences.
struct InjectionContract<Scalar: TensorScalar> {
  let row: InjectionCase
  private let tolerance = 3e3 * Double(Scalar.ulpOfOne)
  private var failures: [String] = []

  static func failures(of row: InjectionCase) -> [String] {
    var contract = InjectionContract(row: row)
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

  private init(row: InjectionCase) { self.row = row }

  private mutating func expect(_ error: Double, below limit: Double, _ what: String) {
    // NaN is a failure.
    guard !(error < limit) else { return }
    failures.append("\(row.name), \(Scalar.self): \(what): \(error), allowed \(limit)")
  }

  /// project undoes embed; a reconstruction is a point of the surface, so it is its own.
  private mutating func checkRoundTrips() {
    let contexts = row.contexts(24)
    for scale in [0.1, 1, 10] {
      let u = row.charts(24, scale: scale)
      let surface = row.embed(u, contexts, in: Scalar.self)
      let back = row.project(surface.values, contexts, in: Scalar.self)
      let size = (u + surface.values).flatMap { $0 }.map(abs).max()!
      // A rounding of x grows by 1/λ on the way back.
      let growth = 1 + exp(-surface.logVolumes.min()! / Double(row.injection.chartDimension))
      expect(
        difference(u, back.values) / (size * growth + 1), below: tolerance,
        "project of embed at scale \(scale)")
      expect(
        difference(surface.values, back.reconstructions) / (size * growth + 1), below: tolerance,
        "reconstruction of the surface at scale \(scale)")
    }
    let x = row.points(24, columns: row.injection.dimension, seed: 9)
    let once = row.project(x, contexts, in: Scalar.self).reconstructions
    let twice = row.project(once, contexts, in: Scalar.self).reconstructions
    let size = once.flatMap { $0 }.map(abs).max()!
    expect(difference(once, twice) / (1 + size), below: 30 * tolerance, "a reconstruction stays")
  }

  /// Inputs far outside the data give numbers.
  private mutating func checkExtremes() {
    let contexts = row.contexts(4)
    let surface = row.embed(row.charts(4, scale: 1e6), contexts, in: Scalar.self)
    let far = row.points(4, columns: row.injection.dimension, scale: 1e6)
    let back = row.project(far, contexts, in: Scalar.self)
    let numbers =
      surface.values.flatMap { $0 } + surface.logVolumes + (back.values.flatMap { $0 })
      + back.reconstructions.flatMap { $0 }
    expect(numbers.allSatisfy(\.isFinite) ? 0 : 1, below: 1, "finite at 1e6")
  }

  private mutating func checkRowsAlone() {
    let (u, contexts) = (row.charts(5), row.contexts(5))
    let batch = row.embed(u, contexts, in: Scalar.self)
    for i in u.indices {
      let alone = row.embed([u[i]], contexts.map { [$0[i]] }, in: Scalar.self)
      expect(
        difference(
          [alone.values[0] + alone.logVolumes], [batch.values[i] + [batch.logVolumes[i]]]),
        below: tolerance, "row \(i) alone")
    }
  }

  /// Another context gives another surface, or another place on the same.
  private mutating func checkContext() {
    guard row.contextDimension > 0 else { return }
    let u = row.charts(5)
    let one = row.embed(u, row.contexts(5), in: Scalar.self).values
    let other = row.embed(u, row.contexts(5, seed: 6), in: Scalar.self).values
    for i in u.indices {
      let change = difference([one[i]], [other[i]])
      expect(change > 1e-3 ? 0 : 1, below: 1, "the context changes row \(i)")
    }
  }

  /// The density of x = embed(u) is that of u less the volume element.
  private mutating func checkSamples() {
    let (u, contexts) = (row.charts(16), row.contexts(16))
    let surface = row.embed(u, contexts, in: Scalar.self)
    let d = row.injection.chartDimension
    let tape = Tape<Scalar>(shardCount: 1, parameters: row.buffer.converted(to: Scalar.self))
    let flow = Flow(
      base: StandardNormal(dimension: d), bijection: Chain(dimension: d, []),
      injection: row.injection)
    let density = tape.keep(
      flow.logProbability(
        of: tape.matrix(surface.values), context: contexts.map { tape.matrix($0) }, on: tape))
    tape.run()
    let expected = zip(u, surface.logVolumes).map { u, volume -> Double in
      let squares: Double = u.reduce(0) { $0 + $1 * $1 }
      return -0.5 * (squares + Double(d) * log(2 * .pi)) - volume
    }
    let values = tape.elements(of: density).map { Double($0) }
    let size = (expected + surface.values.flatMap { $0 }).map(abs).max()!
    expect(difference([values], [expected]) / (1 + size), below: tolerance, "density of samples")
  }

  /// The volume element is ½ log det JᵀJ by central differences; JᵀJ = λ² I where it is conformal.
  private mutating func checkJacobian() {
    let (u, contexts) = (row.charts(5), row.contexts(5))
    let logVolumes = row.embed(u, contexts, in: Double.self).logVolumes
    let step = 1e-5
    for (i, point) in u.enumerated() {
      let jacobian = point.indices.map { column -> [Double] in
        let moved = [step, -step].map { shift in
          point.indices.map { point[$0] + ($0 == column ? shift : 0) }
        }
        let context = contexts.map { all in moved.map { _ in all[i] } }
        let values = row.embed(moved, context, in: Double.self).values
        return zip(values[0], values[1]).map { ($0 - $1) / (2 * step) }
      }
      let gram = jacobian.map { a in jacobian.map { b in zip(a, b).map(*).reduce(0, +) } }
      let expected = 0.5 * NumericalLinearAlgebra.logAbsDeterminant(gram)
      expect(abs(logVolumes[i] - expected), below: 1e-6, "volume element against the Jacobian")
      guard row.isConformal else { continue }
      let squared = exp(2 * logVolumes[i] / Double(point.count))
      for a in point.indices {
        for b in point.indices {
          let error = abs(gram[a][b] - (a == b ? squared : 0)) / squared
          expect(error, below: 1e-6, "JᵀJ = λ² I at (\(a), \(b))")
        }
      }
    }
  }

  /// Gradients of density and reconstruction error with respect to data and parameters.
  private mutating func checkDerivatives() {
    let check = InjectionGradientCheck(row: row)
    expect(check.inputDeviation(), below: 1e-6, "gradient with respect to inputs")
    expect(check.parameterDeviation(), below: 1e-6, "gradient with respect to parameters")
  }

  /// The gradients that training sums up are those of the sweep that can be differentiated again.
  private mutating func checkLastSweep() {
    guard !row.parameters.isEmpty else { return }
    let buffer: ParameterBuffer<Scalar> = row.buffer.converted(to: Scalar.self)
    let contexts = row.contexts(6)
    let deviation = ShardedRun.lastSweepDeviation(
      parameters: row.parameters, buffer: buffer, shardCount: 2
    ) { tape in
      let x = tape.input(6, row.injection.dimension)
      let context = contexts.map { tape.matrix($0) }
      let loss = InjectionGradientCheck.objective(row.injection, x, context, on: tape)
      return Recording(loss: tape.sum(loss), inputs: [x])
    }
    expect(deviation, below: tolerance, "last sweep against expanded sweep")
  }

  private func difference(_ a: [[Double]], _ b: [[Double]]) -> Double {
    let errors = zip(a.flatMap { $0 }, b.flatMap { $0 }).map { abs($0 - $1) }
    return errors.contains(where: \.isNaN) ? .nan : errors.max() ?? 0
  }
}
