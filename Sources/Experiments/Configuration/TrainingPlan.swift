/// The stages that are optimized, in order.
package enum TrainingStage: String, Sendable, CaseIterable {
  case autoencoder, embedding, flow
}

/// How many optimizer steps each stage takes: a fixed number before the first step, so that schedules
/// and progress know their end.
package struct TrainingPlan: Sendable, Equatable {
  /// The stages in order: auto-encoder and flow, and the embedding between them if it has a stage.
  package let stages: [TrainingStage]
  /// The steps of each stage.
  package let steps: [Int]

  /// - Parameters:
  ///   - configuration: Lengths in epochs or steps, and the total when it is given.
  ///   - stepsPerEpoch: Optimizer steps in one pass over the training points, at least 1.
  package init(_ configuration: Configuration, stepsPerEpoch: Int) {
    precondition(stepsPerEpoch >= 1, "expected at least one step per epoch, got \(stepsPerEpoch)")
    let training = configuration.training
    stages = TrainingStage.allCases.filter {
      $0 != .embedding || configuration.model.embedding.hasStage
    }
    var lengths = stages.map {
      let stage = training[$0]
      return stage.steps ?? stage.epochs * stepsPerEpoch
    }
    // One chart needs neither encoder nor codes.
    if configuration.model.charts == 1 { lengths[0] = 0 }
    if let total = training.totalSteps { lengths = Self.scaled(lengths, to: total) }
    steps = lengths
  }

  /// Optimizer steps of all stages together.
  package var totalSteps: Int { steps.reduce(0, +) }

  /// The steps of `stage`, numbered from 0 over the whole run.
  package func range(of stage: TrainingStage) -> Range<Int> {
    guard let index = stages.firstIndex(of: stage) else {
      preconditionFailure("the plan has no stage \(stage.rawValue)")
    }
    let start = steps[..<index].reduce(0, +)
    return start..<(start + steps[index])
  }

  /// Keeps the proportions: each stage gets its share rounded down, then what is left goes to the
  /// largest remainders. A stage that had steps keeps one if there are enough. If no stage had any,
  /// the last one takes all.
  private static func scaled(_ lengths: [Int], to total: Int) -> [Int] {
    let sum = lengths.reduce(0, +)
    guard sum > 0 else { return lengths.indices.map { $0 == lengths.count - 1 ? total : 0 } }
    let products = lengths.map { $0.multipliedFullWidth(by: total) }
    let shares = products.map { sum.dividingFullWidth($0) }
    var scaled = shares.map(\.quotient)
    let order = shares.indices.sorted {
      let (a, b) = (shares[$0].remainder, shares[$1].remainder)
      return a == b ? $0 < $1 : a > b
    }
    for index in order.prefix(total - scaled.reduce(0, +)) { scaled[index] += 1 }
    for index in scaled.indices where lengths[index] > 0 && scaled[index] == 0 {
      guard let largest = scaled.indices.max(by: { scaled[$0] < scaled[$1] }), scaled[largest] > 1
      else { continue }
      scaled[largest] -= 1
      scaled[index] = 1
    }
    return scaled
  }
}

extension TrainingConfiguration {
  subscript(stage: TrainingStage) -> StageConfiguration {
    switch stage {
    case .autoencoder: autoencoder
    case .embedding: embedding
    case .flow: flow
    }
  }
}
