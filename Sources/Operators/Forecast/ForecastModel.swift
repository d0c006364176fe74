import Tensors

/// A forecast of the epidemic: 14 days of 50 × 3 shares → 7 days.
package protocol ForecastModel: Sendable {
  /// Complex weights, each of which is two numbers of the layout.
  var complexWeightCount: Int { get }
  /// The Padé blocks; none without Padé blocks.
  var padeBlocks: [PlacedPadeBlock] { get }

  /// - Parameters:
  ///   - history: scaled shares, [B, 14·150], day-major, then state, then series (C, R, D), 0 where
  ///     missing.
  ///   - observed: 1 where recovered is observed, [B, 14·50].
  /// - Returns: [B, 7·150] in the same order and scale.
  func forecast<Scalar>(_ history: Value, observed: Value, on tape: Tape<Scalar>) -> Value

  /// What a training compares with the target, [B, 7·150]: the forecast, unless the model learns each day
  /// from the true days before it.
  func taughtForecast<Scalar>(
    _ history: Value, observed: Value, target: Value, on tape: Tape<Scalar>
  ) -> Value
}

extension ForecastModel {
  package var complexWeightCount: Int { 0 }

  package func taughtForecast<Scalar>(
    _ history: Value, observed: Value, target: Value, on tape: Tape<Scalar>
  ) -> Value {
    forecast(history, observed: observed, on: tape)
  }
  package var padeBlocks: [PlacedPadeBlock] { [] }
}
