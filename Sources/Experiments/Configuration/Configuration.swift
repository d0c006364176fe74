/// Everything that decides a run. The defaults train an atlas of the interlocked circles.
package struct Configuration: ConfigurationSection {
  package var seed = 1
  package var shards = 8
  package var data = DataConfiguration()
  package var model = ModelConfiguration()
  package var objective = Objective.mixture
  package var training = TrainingConfiguration()
  package var checkpoints = CheckpointConfiguration()
  package var logging = LoggingConfiguration()
  package var distributed = DistributedConfiguration()
  package var evaluation = EvaluationConfiguration()

  package init() {}

  package mutating func describe(to visitor: inout some ConfigurationVisitor) {
    visitor.key(
      "seed", &seed, .atLeast(0),
      "Start of every random number: data, splits, weights, shuffling, samples.")
    visitor.key(
      "shards", &shards, .powerOfTwo(upTo: 1024),
      """
      Parts into which each batch is cut, whatever the number of ranks; at most so many ranks can \
      work. Another number gives another, equally good, run.
      """)
    visitor.section("data", &data, "The points to learn from.")
    visitor.section(
      "model", &model, "The atlas: charts, and one flow that knows which chart it is on.")
    visitor.key(
      "objective", &objective,
      """
      What the flow maximises. mixture: the exact log-density over the charts that hold a point; \
      sampled: one of these charts, drawn by its weight.
      """)
    visitor.section("training", &training, "Stages and optimizers.")
    visitor.section(
      "checkpoints", &checkpoints, "When to save, and what to keep. May change on resume.")
    visitor.section("logging", &logging, "What is written while training. May change on resume.")
    visitor.section(
      "distributed", &distributed, "How ranks watch over each other. May change on resume.")
    visitor.section(
      "evaluation", &evaluation, "What is measured after training. May change on resume.")
  }

  package func check(_ demands: inout ConfigurationDemands) {
    demands.require(
      training.globalBatchSize.isMultiple(of: shards), at: "training.globalBatchSize",
      expected: "a multiple of shards (\(shards))", got: "\(training.globalBatchSize)")
    demands.require(
      model.fit == .amortized || data.source != .generator
        || model.charts <= data.generator.train, at: "model.charts",
      expected: "at most data.generator.train (\(data.generator.train)), a point a chart",
      got: "\(model.charts)")
    demands.require(
      model.fit == .amortized
        || (model.embedding.kind != .conformal && model.embedding.base == .normal),
      at: "model.embedding",
      expected: "kind none or sphere, and base normal, because model.fit is independent",
      got: "kind \(model.embedding.kind.rawValue), base \(model.embedding.base.rawValue)")
    demands.require(
      !model.kernels || (model.fit == .independent && model.embedding.kind == .sphere),
      at: "model.kernels",
      expected: "false, or model.fit independent and model.embedding.kind sphere", got: "true")
    demands.require(
      !model.kernels
        || 0.0..<20.0 ~= training.noise.floorDegrees && training.noise.floorDegrees > 0,
      at: "training.noise.floorDegrees",
      expected: "above 0 and below 20, because model.kernels is true",
      got: "\(training.noise.floorDegrees)")
    demands.require(
      model.embedding.kind != .sphere || !data.standardise || data.geographic,
      at: "data.standardise",
      expected: "false, because model.embedding.kind is sphere and a standardised sphere is none",
      got: "true")
    if data.source == .generator {
      demands.require(
        training.globalBatchSize <= data.generator.train, at: "training.globalBatchSize",
        expected: "at most data.generator.train (\(data.generator.train))",
        got: "\(training.globalBatchSize)")
    }
  }
}

/// What the flow maximises.
package enum Objective: String, ConfigurationChoice {
  /// One chart per point, drawn from the chart weights restricted to the charts that hold the point
  /// (VQ-Flows, UAI 2022).
  case sampled
  /// log Σ p_k p(x | k) over the charts that hold the point.
  case mixture
}
