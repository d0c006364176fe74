import Datasets

/// The noise of the training rows as one chart's rows have it.
///
/// A chart's fit counts its steps from zero in each round; the round and the attempt go into the key, so
/// that no round repeats the noise of another. A row that several charts hold is moved alike in equal
/// steps.
struct ChartNoise: RowNoise {
  let base: any RowNoise
  /// Row numbers in the training part, as in ``ChartRows``.
  let indices: [Int32]
  let round: Int
  let attempt: Int

  /// Steps of a fit that have keys of their own.
  private static let stepBits = 20

  func move(_ points: UnsafeMutablePointer<Float>, rows: [Int], step: Int) {
    let key = (2 * round + attempt) << Self.stepBits + step
    base.move(points, rows: rows.map { Int(indices[$0]) }, step: key)
  }
}
