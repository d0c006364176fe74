/// Moves the points of training batches, anew in each step.
package protocol RowNoise: Sendable {
  /// Moves points in place. Not collective.
  ///
  /// What is added depends on the seed, the step and the row alone, never on the place in the batch or
  /// on the rank.
  /// - Parameters:
  ///   - points: [rows.count, D].
  ///   - rows: number of each point among the training rows.
  ///   - step: step of the whole run.
  func move(_ points: UnsafeMutablePointer<Float>, rows: [Int], step: Int)
}
