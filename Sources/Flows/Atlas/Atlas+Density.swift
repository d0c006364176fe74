import Foundation
import Tensors

/// Which charts a density sums over.
package enum ChartSelection: Sendable, Equatable {
  /// One chart that holds the point, drawn with the restricted prior p_k / Σ_{j: x ∈ U_j} p_j.
  case sampled
  /// The charts that hold the point: log Σ_{k: x ∈ U_k} p_k p(x | k), VQ-Flows eq. 16.
  case holding
  /// All charts: the normalised density, for test time.
  case all
}

extension Atlas {
  package func logProbability<Scalar>(of x: Value, on tape: Tape<Scalar>) -> Value {
    logProbability(of: x, over: testSelection, on: tape)
  }

  /// log p(x) over a selection of charts, [B, D] → [B, 1], in nats.
  ///
  /// The flow runs on B · M rows, M charts a point; empty places weigh −∞ and count for nothing. With one
  /// sampled chart the result is log p_k + log p(x | k) of that chart.
  ///
  /// - Parameter uniform: numbers in [0, 1), [B, 1], for ``ChartSelection/sampled``.
  package func logProbability<Scalar>(
    of x: Value, over selection: ChartSelection, uniform: Value? = nil, on tape: Tape<Scalar>
  ) -> Value {
    guard let joint = logJoint(of: x, over: selection, uniform: uniform, on: tape) else {
      return flow.logProbability(of: x, on: tape)
    }
    return tape.shape(of: joint).columns == 1 ? joint : tape.rowLogSumExp(joint)
  }

  /// log p_k + log p(x | k) for each place of a selection, [B, M]; nil for a plain flow.
  package func logJoint<Scalar>(
    of x: Value, over selection: ChartSelection, uniform: Value? = nil, on tape: Tape<Scalar>
  ) -> Value? {
    guard let chosen = charts(of: x, selection, uniform: uniform, on: tape) else { return nil }
    let conditional = tape.scoped("flow") {
      flow.logProbability(of: chosen.x, context: chosen.context, on: tape)
    }
    let shape = tape.shape(of: chosen.logWeights)
    return tape.add(tape.reshape(conditional, shape.rows, shape.columns), chosen.logWeights)
  }

  /// The charts of a batch of points, M places a point.
  package struct ChosenCharts {
    /// The points, each M times, [B · M, D].
    package let x: Value
    /// v_k, [B · M, d].
    package let context: Value
    /// log p_k, −∞ for empty places, [B, M].
    package let logWeights: Value
    /// k, −1 for empty places, [B, M].
    package let indices: Value
  }

  /// Chooses charts; nothing of it is differentiable. Nil for a plain flow.
  package func charts<Scalar>(
    of x: Value, _ selection: ChartSelection, uniform: Value? = nil, on tape: Tape<Scalar>
  ) -> ChosenCharts? {
    guard let quantizer else { return nil }
    let rows = tape.shape(of: x).rows
    let places = places(of: selection)
    let codes = codebook.value(on: tape)
    let weights = logWeights(on: tape)
    var inputs = [x, codes, weights]
    if selection != .all {
      inputs.append(tape.scoped("encoder") { quantizer.encoder(x, on: tape) })
    }
    if selection == .sampled {
      guard let uniform else { preconditionFailure("sampled charts need uniform numbers") }
      inputs.append(uniform)
    }
    let chooser = ChartChooser(atlas: self, selection: selection, rows: rows, places: places)
    let chosen = tape.scoped("charts") {
      tape.host(
        inputs: inputs,
        outputs: [
          Tensors.Shape(rows * places, dimension), Tensors.Shape(rows * places, codebook.dimension),
          Tensors.Shape(rows, places), Tensors.Shape(rows, places),
        ]
      ) { memory in
        // Concrete calls, so that the loops are compiled for the scalar type.
        switch memory {
        case let memory as HostArguments<Float>: chooser.choose(memory)
        case let memory as HostArguments<Double>: chooser.choose(memory)
        default: preconditionFailure("no charts for \(Scalar.self)")
        }
      }
    }
    tape.endSegment()
    return ChosenCharts(
      x: places == 1 ? x : chosen[0], context: chosen[1], logWeights: chosen[2],
      indices: chosen[3])
  }

  /// The charts that a density of new points sums over.
  ///
  /// All, so that it is normalised; but where each chart has a surface of its own, only those that hold
  /// the point: a chart far away has a density at its projection, and cannot generate the point.
  package var testSelection: ChartSelection {
    flow.injection?.hasOneSurface ?? true ? .all : .holding
  }

  /// M.
  package func places(of selection: ChartSelection) -> Int {
    switch selection {
    case .sampled: 1
    case .holding: rule.capacity(charts: chartCount)
    case .all: chartCount
    }
  }
}

/// Chooses charts for the rows of a shard, on plain memory.
struct ChartChooser {
  let selection: ChartSelection
  let rows: Int
  let places: Int
  let rule: ChartRule
  let charts: Int
  let latent: Int
  let dimension: Int

  init(atlas: Atlas, selection: ChartSelection, rows: Int, places: Int) {
    self.selection = selection
    self.rows = rows
    self.places = places
    rule = atlas.rule
    charts = atlas.chartCount
    latent = atlas.codebook.dimension
    dimension = atlas.dimension
  }

  /// inputs: x, codes, log-weights, encoded x, uniform; outputs: repeated x, contexts, log-weights, charts.
  func choose<Scalar: TensorScalar>(_ memory: HostArguments<Scalar>) {
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: charts) { distances in
      withUnsafeTemporaryAllocation(of: Int.self, capacity: charts) { order in
        choose(memory, distances: distances.baseAddress!, order: order.baseAddress!)
      }
    }
  }

  private func choose<Scalar: TensorScalar>(
    _ memory: HostArguments<Scalar>, distances: UnsafeMutablePointer<Scalar>,
    order: UnsafeMutablePointer<Int>
  ) {
    let (x, codes, logWeights) = (memory.inputs.0!, memory.inputs.1!, memory.inputs.2!)
    let (repeated, contexts) = (memory.outputs.0!, memory.outputs.1!)
    let (weights, indices) = (memory.outputs.2!, memory.outputs.3!)
    for row in 0..<rows {
      var held = charts
      if selection == .all {
        for k in 0..<charts { order[k] = k }
      } else {
        held = min(
          rule.charts(
            of: memory.inputs.3! + row * latent, codes: codes, count: charts, dimension: latent,
            isAllowed: { logWeights[$0] > -.infinity }, distances: distances, order: order),
          max(places, selection == .sampled ? charts : places))
        // Some chart has points, so each point lies on one; a row of empty places alone would have no
        // density and no gradient.
        precondition(held > 0, "no chart has points")
      }
      if selection == .sampled {
        let k = sample(order, held, logWeights, uniform: memory.inputs.4![row])
        order[0] = k
        held = 1
      }
      for place in 0..<places {
        let isEmpty = place >= held
        let k = order[isEmpty ? 0 : place]
        let target = row * places + place
        (repeated + target * dimension).update(from: x + row * dimension, count: dimension)
        (contexts + target * latent).update(from: codes + k * latent, count: latent)
        weights[target] = isEmpty ? -.infinity : logWeights[k]
        indices[target] = isEmpty ? -1 : Scalar(k)
      }
    }
  }

  /// One of the held charts by the restricted prior.
  private func sample<Scalar: TensorScalar>(
    _ order: UnsafePointer<Int>, _ held: Int, _ logWeights: UnsafePointer<Scalar>, uniform: Scalar
  ) -> Int {
    guard held > 1 else { return order[0] }
    var total = 0.0
    for i in 0..<held { total += weight(logWeights[order[i]]) }
    var remaining = Double(uniform) * total
    for i in 0..<held {
      remaining -= weight(logWeights[order[i]])
      if remaining < 0 { return order[i] }
    }
    return order[held - 1]
  }

  private func weight<Scalar: TensorScalar>(_ logWeight: Scalar) -> Double {
    Foundation.exp(Double(logWeight))
  }
}
