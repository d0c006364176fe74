import Tensors

/// How windows are resampled: which train and which test in each of the folds.
///
/// A function of the number of windows and the seed alone: every rank makes the same one.
package struct EpidemicPlan: Sendable, Equatable {
  /// The two plans.
  package enum Name: String, CaseIterable, Sendable {
    /// P: random folds over windows, blanks as zero. It **leaks**: a test window shares up to 20 of its
    /// 21 days with training windows, so that a copy of the nearest one scores well. Published results
    /// are of this kind; it serves to compare with them, for nothing else.
    case randomWindows = "P"
    /// H: contiguous blocks of windows, none that shares a day with the test block trains, and recovered
    /// is scored only where it is observed. The headline.
    case blocks = "H"

    /// What a table of results says of the plan.
    package var caption: String {
      switch self {
      case .randomWindows: "P: random folds over windows, blanks as zero (leaks)"
      case .blocks: "H: contiguous blocks with a gap, recovered where observed"
      }
    }
    /// Whether days of test windows are in training windows.
    package var leaks: Bool { self == .randomWindows }
    /// What stands where recovered is missing.
    package var blanks: RecoveredBlanks { self == .randomWindows ? .zero : .masked }
  }

  /// One fold: window numbers, ascending.
  package struct Fold: Sendable, Equatable {
    /// Windows to learn from.
    package let training: [Int]
    /// Windows to score.
    package let test: [Int]
  }

  /// The folds, each window being tested in one of them.
  package let folds: [Fold]

  /// A plan by name.
  /// - Parameters:
  ///   - windows: their number.
  ///   - folds: number of folds; the first ones have a window more where it does not divide `windows`.
  ///   - seed: key of the random order; without effect on the blocks.
  ///   - gap: windows on both sides of a test block that do not train; 20 is the least that keeps days
  ///     apart. Without effect on random folds.
  /// - Precondition: 2 ≤ `folds` ≤ `windows`, `gap` ≥ 0.
  package init(
    _ name: Name, windows: Int, folds: Int = 10, seed: UInt64, gap: Int = EpidemicWindows.days - 1
  ) {
    switch name {
    case .randomWindows:
      let order = KeyedPermutation(count: windows, seed: seed, purpose: .split)
      self.init(order: (0..<windows).map { order[$0] }, folds: folds, gap: 0)
    case .blocks:
      self.init(order: Array(0..<windows), folds: folds, gap: gap)
    }
  }

  /// Cuts an order of windows into runs, each the test of a fold. All other windows train that are more
  /// than `gap` away from every test window.
  /// - Precondition: `order` is a permutation, 2 ≤ `folds` ≤ its length, `gap` ≥ 0.
  package init(order: [Int], folds: Int, gap: Int) {
    precondition(
      folds >= 2 && folds <= order.count && gap >= 0,
      "cannot cut \(order.count) windows into \(folds) folds with gaps of \(gap)")
    precondition(order.sorted() == Array(order.indices), "the order is no permutation")
    let (size, longer) = order.count.quotientAndRemainder(dividingBy: folds)
    self.folds = (0..<folds).map { fold in
      let start = fold * size + min(fold, longer)
      let test = order[start..<start + size + (fold < longer ? 1 : 0)].sorted()
      var isFree = [Bool](repeating: true, count: order.count)
      for window in test {
        for near in max(0, window - gap)...min(order.count - 1, window + gap) {
          isFree[near] = false
        }
      }
      return Fold(training: order.indices.filter { isFree[$0] }, test: test)
    }
  }
}
