/// A model's scores in all folds of a plan.
package struct EpidemicResult: Sendable {
  /// One a fold.
  package let folds: [EpidemicScore]

  /// Scores that were computed elsewhere, in the order of the folds.
  package init(folds: [EpidemicScore]) { self.folds = folds }

  /// Fits and scores a control in each fold. Not collective.
  package init(_ control: EpidemicControl, plan: EpidemicPlan, windows: EpidemicWindows) {
    folds = plan.folds.map { fold in
      EpidemicScore(
        of: control.fitted(to: fold.training, of: windows), on: fold.test, of: windows)
    }
  }

  /// Mean absolute error in persons over the folds that score the series.
  package func meanAbsoluteError(_ series: EpidemicSeries) -> FoldSummary? {
    FoldSummary(folds.map { $0.meanAbsoluteError(series) })
  }

  /// Relative L2 error over the folds.
  package var relativeL2Error: FoldSummary? { FoldSummary(folds.map(\.relativeL2Error)) }

  /// Mean absolute error less that of another model on the same fold: the spread over blocks is the
  /// epidemic's course, which the difference is free of. Negative where this model is better.
  package func pairedDifference(
    _ series: EpidemicSeries, to other: EpidemicResult
  ) -> FoldSummary? {
    precondition(folds.count == other.folds.count, "results of different plans")
    return FoldSummary(
      zip(folds, other.folds).map { own, theirs in
        guard let own = own.meanAbsoluteError(series),
          let theirs = theirs.meanAbsoluteError(series)
        else { return nil }
        return own - theirs
      })
  }
}
