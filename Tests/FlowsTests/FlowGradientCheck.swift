import Flows
import TestSupport
import Tensors

/// Derivatives of a flow's log-density against central differences, in Double.
struct FlowGradientCheck {
  let row: BijectionCase
  private let step = 1e-6
  private let batch = 4

  private final class Prepared {
    let tape: Tape<Double>
    let x: Value
    let density: Value
    let buffer: ParameterBuffer<Double>
    let inputGradient: Value
    let parameterGradients: [Value]

    init(_ row: BijectionCase, batch: Int) {
      buffer = ParameterBuffer(count: row.buffer.count)
      buffer.copy(from: row.buffer)
      tape = Tape(shardCount: 1, parameters: buffer)
      x = tape.matrix(row.points(batch))
      let context = row.contexts(batch).map { [tape] rows in tape.matrix(rows) }
      let flow = Flow(base: StandardNormal(dimension: row.dimension), bijection: row.bijection)
      density = tape.keep(flow.logProbability(of: x, context: context, on: tape))
      let seed = tape.constant(batch, 1, repeating: 1)
      let parameters = row.parameters.map { [tape] in tape.value(of: $0) }
      let gradients = tape.gradients(
        of: [(density, seed: seed)], withRespectTo: [x] + parameters)
      for gradient in gradients { tape.keep(gradient) }
      inputGradient = gradients[0]
      parameterGradients = Array(gradients.dropFirst())
      tape.run()
    }

    /// Σ over rows of the log-density, on what the memory holds now.
    func total() -> Double {
      tape.replay()
      return tape.elements(of: density).reduce(0, +)
    }

    /// The derivative of the total with respect to a number in memory.
    func central(_ number: UnsafeMutablePointer<Double>, _ step: Double) -> Double {
      let start = number.pointee
      defer { number.pointee = start }
      number.pointee = start + step
      let up = total()
      number.pointee = start - step
      return (up - total()) / (2 * step)
    }
  }

  /// Largest error relative to 1 + the derivative.
  func inputDeviation() -> Double {
    let prepared = Prepared(row, batch: batch)
    let exact = prepared.tape.elements(of: prepared.inputGradient)
    let memory = prepared.tape.pointer(to: prepared.x, shard: 0)
    return worst(exact.indices.map { (exact[$0], prepared.central(memory + $0, step)) })
  }

  /// Largest error relative to 1 + the derivative, over at most twelve elements of each parameter.
  func parameterDeviation() -> Double {
    let prepared = Prepared(row, batch: batch)
    let exact = prepared.parameterGradients.map { prepared.tape.elements(of: $0) }
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
