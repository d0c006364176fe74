import Flows
import TestSupport
import Tensors

/// Derivatives of what training minimises against central differences, in Double.
struct InjectionGradientCheck {
  let row: InjectionCase
  private let step = 1e-6
  private let batch = 4

  /// log-density under a normal density of the chart less the squared distance from the surface, [B, 1].
  static func objective<Scalar>(
    _ injection: any Injection, _ x: Value, _ context: Value?, on tape: Tape<Scalar>
  ) -> Value {
    let d = injection.chartDimension
    let flow = Flow(
      base: StandardNormal(dimension: d), bijection: Chain(dimension: d, []), injection: injection)
    let inferred = flow.infer(x, context: context, on: tape)
    return tape.subtract(
      inferred.logProbability,
      tape.rowSquaredSums(tape.subtract(x, inferred.reconstruction)))
  }

  private final class Prepared {
    let tape: Tape<Double>
    let x: Value
    let objective: Value
    let buffer: ParameterBuffer<Double>
    let gradients: [Value]

    init(_ row: InjectionCase, batch: Int) {
      buffer = ParameterBuffer(count: row.buffer.count)
      buffer.copy(from: row.buffer)
      tape = Tape(shardCount: 1, parameters: buffer)
      x = tape.matrix(row.points(batch, columns: row.injection.dimension, seed: 9))
      let context = row.contexts(batch).map { [tape] rows in tape.matrix(rows) }
      objective = tape.keep(
        InjectionGradientCheck.objective(row.injection, x, context, on: tape))
      let parameters = row.parameters.map { [tape] in tape.value(of: $0) }
      gradients = tape.gradients(
        of: [(objective, seed: tape.constant(batch, 1, repeating: 1))],
        withRespectTo: [x] + parameters)
      for gradient in gradients { tape.keep(gradient) }
      tape.run()
    }

    /// The derivative of the sum over rows with respect to a number in memory.
    func central(_ number: UnsafeMutablePointer<Double>, _ step: Double) -> Double {
      let start = number.pointee
      defer { number.pointee = start }
      func total(_ value: Double) -> Double {
        number.pointee = value
        tape.replay()
        return tape.elements(of: objective).reduce(0, +)
      }
      return (total(start + step) - total(start - step)) / (2 * step)
    }
  }

  /// Largest error relative to 1 + the derivative.
  func inputDeviation() -> Double {
    let prepared = Prepared(row, batch: batch)
    let exact = prepared.tape.elements(of: prepared.gradients[0])
    let memory = prepared.tape.pointer(to: prepared.x, shard: 0)
    return worst(exact.indices.map { (exact[$0], prepared.central(memory + $0, step)) })
  }

  /// Largest error relative to 1 + the derivative, over at most twelve elements of each parameter.
  func parameterDeviation() -> Double {
    let prepared = Prepared(row, batch: batch)
    let exact = prepared.gradients.dropFirst().map { prepared.tape.elements(of: $0) }
    var pairs: [(Double, Double)] = []
    for (parameter, gradient) in zip(row.parameters, exact) {
      for element in stride(from: 0, to: parameter.count, by: max(1, parameter.count / 12)) {
        let memory = prepared.buffer.pointer + parameter.offset + element
        pairs.append((gradient[element], prepared.central(memory, step)))
      }
    }
    return worst(pairs)
  }

  private func worst(_ pairs: [(Double, Double)]) -> Double {
    let errors = pairs.map { abs($0 - $1) / (1 + abs($1)) }
    return errors.contains(where: \.isNaN) ? .infinity : errors.max() ?? 0
  }
}
