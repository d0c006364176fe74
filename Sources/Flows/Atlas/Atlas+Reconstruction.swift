import Tensors

extension Atlas {
  /// |x − x̂|² of each row, the mean over the charts that hold it, weighted by the restricted prior
  /// p_k / Σ_{j: x ∈ U_j} p_j, [B, D] → [B, 1]; nil for an atlas without an embedding.
  ///
  /// Each chart that holds a point must reach it: one that does not would still give it a density.
  /// - Parameter uniform: numbers in [0, 1), [B, 1], for ``ChartSelection/sampled``.
  package func reconstructionError<Scalar>(
    of x: Value, over selection: ChartSelection, uniform: Value? = nil, on tape: Tape<Scalar>
  ) -> Value? {
    guard let injection = flow.injection else { return nil }
    guard let chosen = charts(of: x, selection, uniform: uniform, on: tape) else {
      return tape.scoped("embedding") { error(of: x, injection, context: nil, on: tape) }
    }
    return tape.scoped("embedding") {
      weighted(error(of: chosen.x, injection, context: chosen.context, on: tape), chosen, on: tape)
    }
  }

  /// The log-density of each row, as ``logProbability(of:over:uniform:on:)``, and its reconstruction error,
  /// both [B, 1], by one choice of charts and one pass; the second nil for an atlas without an embedding.
  package func fit<Scalar>(
    of x: Value, over selection: ChartSelection, uniform: Value? = nil, on tape: Tape<Scalar>
  ) -> (logProbability: Value, reconstructionError: Value?) {
    guard flow.injection != nil else {
      return (logProbability(of: x, over: selection, uniform: uniform, on: tape), nil)
    }
    let chosen = charts(of: x, selection, uniform: uniform, on: tape)
    let points = chosen?.x ?? x
    let inferred = tape.scoped("flow") { flow.infer(points, context: chosen?.context, on: tape) }
    let errors = tape.rowSquaredSums(tape.subtract(points, inferred.reconstruction))
    guard let chosen else { return (inferred.logProbability, errors) }
    let shape = tape.shape(of: chosen.logWeights)
    let joint = tape.add(
      tape.reshape(inferred.logProbability, shape.rows, shape.columns), chosen.logWeights)
    return (
      shape.columns == 1 ? joint : tape.rowLogSumExp(joint), weighted(errors, chosen, on: tape)
    )
  }

  private func error<Scalar>(
    of x: Value, _ injection: any Injection, context: Value?, on tape: Tape<Scalar>
  ) -> Value {
    let reconstruction = injection.reconstruct(x, context: context, on: tape)
    return tape.rowSquaredSums(tape.subtract(x, reconstruction))
  }

  /// The mean over the places of a point, [B · M, 1] → [B, 1]; empty places weigh nothing.
  private func weighted<Scalar>(
    _ errors: Value, _ chosen: ChosenCharts, on tape: Tape<Scalar>
  ) -> Value {
    let shape = tape.shape(of: chosen.logWeights)
    guard shape.columns > 1 else { return errors }
    let total = tape.rowLogSumExp(chosen.logWeights)
    let weights = tape.exp(tape.add(chosen.logWeights, columnVector: tape.negate(total)))
    return tape.rowSums(tape.multiply(tape.reshape(errors, shape.rows, shape.columns), weights))
  }
}
