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
}

extension ForecastModel {
  package var complexWeightCount: Int { 0 }
  package var padeBlocks: [PlacedPadeBlock] { [] }
}
