/// Mean and spread of a number over folds.
package struct FoldSummary: Sendable, Equatable, CustomStringConvertible {
  /// Mean over the folds that have the number.
  package let mean: Double
  /// Standard deviation of these folds, by their number (not less one).
  package let deviation: Double
  /// Number of folds that have it.
  package let count: Int

  /// nil where no fold has the number.
  package init?(_ values: [Double?]) {
    let values = values.compactMap { $0 }
    guard !values.isEmpty else { return nil }
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    deviation =
      (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }

  /// `mean ± deviation`, in full.
  package var description: String { "\(mean) ± \(deviation)" }
}
