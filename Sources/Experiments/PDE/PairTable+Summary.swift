import Datasets

extension PairTable {
  /// Where an error is measured: points of the grid of the test, and pairs of the training.
  package struct Place: Sendable {
    package let points: Int
    package let samples: Int

    package init(points: Int, samples: Int) { (self.points, self.samples) = (points, samples) }
  }

  /// Over the seeds that are there; nil for none. A control that sees no training pairs stands for every
  /// number of them.
  package func summary(
    _ set: PDESet, _ model: PairModel, _ place: Place, of results: [PairCell: PairResult]
  ) -> SeedSummary? {
    let cells = cells.filter { $0.set == set && $0.model == model }
    let isSeedless = model == .persistence || model == .propagator
    let values = cells.filter { isSeedless || $0.samples == place.samples }.compactMap {
      results[$0]?.score(at: place.points)
    }
    return values.isEmpty ? nil : SeedSummary(of: values)
  }
}
